/** Loop shapes for the vectoriser: each runs at every length from 0 to 70. */
export interface Shape {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  /** arguments for n elements */
  readonly args: (n: number) => readonly unknown[]
  /** whether a loop of it vectorises in strict mode, or a part of the reason why not */
  readonly strict: true | string
  /** the same with math: 'fast' (default: as strict) */
  readonly fast?: true | string
  /** relative error of a fast result against JavaScript's */
  readonly bound?: number
}

/** Numbers with everything that goes wrong among them: the same for the same seed. */
export function values(n: number, seed: number): number[] {
  const special = [0, -0, Number.NaN, Infinity, -Infinity, 0.5, -0.5, 1.5, 2.5, 255, 256, -1, 2 ** 31, 5e-324, 1e300]
  let state = Math.imul(seed + 1, 2654435761) >>> 0
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const kind = state >>> 29
    return kind === 0 ? special[(state >>> 8) % special.length]! : (state / 2 ** 32 - 0.5) * 10 ** (kind - 2)
  })
}
/** Values without NaN, infinities and extremes: for sums. */
export const tame = (n: number, seed: number): number[] =>
  values(n, seed).map(x => (Math.abs(x) < 1e5 && Math.abs(x) > 1e-9 ? x : 1))

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(n, seed))
const f32 = (n: number, seed = 1): Float32Array => Float32Array.from(values(n, seed))
type Ints = Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array
function ints<T extends Ints>(make: new (n: number) => T, n: number, seed = 1): T {
  const made = new make(n)
  values(n, seed).forEach((x, i) => {
    made[i] = Number.isFinite(x) ? x * 100003 : i * 77
  })
  return made
}

function saxpy(a: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}
function saxpy32(a: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}
function fround32(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.fround(Math.fround(x[i]! * y[i]!) + x[i]!)
}
function rounding(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!
    out[i] =
      Math.floor(v) + Math.ceil(v * 0.5) * Math.trunc(v) - Math.round(v) + Math.sqrt(Math.abs(v)) * Math.sign(v + 1)
  }
}
function rounded(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.round(x[i]!)
}
function extremes(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.min(x[i]!, y[i]!) - Math.max(-x[i]!, y[i]!) / x[i]!
}
function threshold(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 0) out[i] = x[i]! * 2
    else if (x[i]! < -100) out[i] = -1
  }
}
function chosen(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let v = x[i]!
    if (v > y[i]! && v < 1e6) v -= y[i]!
    else if (!(v > 3) || y[i]! === 0) v = -v
    out[i] = v > 0 ? v : y[i]! + 1
  }
}
function flags(x: Float64Array, y: Float64Array, out: Uint8Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! > y[i]! ? 1 : 0
}
function logic(x: Int32Array, y: Int32Array, out: Int32Array): void {
  for (let i = 0; i < x.length; i++) out[i] = ((x[i]! ^ y[i]!) & 0xff00ff) | ((x[i]! >> 3) + (y[i]! << 5))
}
function wrap(x: Int32Array, y: Int32Array, out: Int32Array): void {
  for (let i = 0; i < x.length; i++) out[i] = (Math.imul(x[i]!, 31) + y[i]! - (x[i]! >>> 7)) | 0
}
function unsigned(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! > y[i]! ? x[i]! - y[i]! : (x[i]! >>> 1) ^ y[i]!
}
function unsignedFloat(x: Uint32Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * 0.5 + 1
}
function bytes(x: Uint8Array, y: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < x.length; i++) out[i] = (x[i]! * 77 + y[i]! * 150) >> 8
}
function signedBytes(x: Int8Array, y: Int16Array, out: Int16Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * y[i]! + i
}
function clamped(x: Float64Array, out: Uint8ClampedArray): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]!
}
function clampedBytes(x: Uint8ClampedArray, k: number, out: Uint8ClampedArray): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * k - 20
}
function stored(x: Float64Array, a: Int8Array, b: Uint16Array, c: Int32Array, d: Uint32Array): void {
  for (let i = 0; i < x.length; i++) {
    a[i] = x[i]!
    b[i] = x[i]! + 1
    c[i] = x[i]! * 3
    d[i] = x[i]! - 7
  }
}
function blend(x: Uint8Array, y: Uint8Array, out: Uint8Array, alpha: number): void {
  for (let i = 0; i < x.length; i++) out[i] = (x[i]! * alpha + y[i]! * (256 - alpha)) >> 8
}
function gray(rgba: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++)
    out[i] = (rgba[4 * i]! * 77 + rgba[4 * i + 1]! * 150 + rgba[4 * i + 2]! * 29) >> 8
}
function grayShort(rgba: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (rgba[4 * i + 1]! + rgba[4 * i + 3]!) >> 1
}
function norms(xy: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = xy[2 * i]! * xy[2 * i]! - xy[2 * i + 1]!
}
function triples(xyz: Float32Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = xyz[3 * i]! + 2 * xyz[3 * i + 1]! - xyz[3 * i + 2]!
}
function shorts(x: Int16Array, out: Int32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[2 * i]! - x[2 * i + 1]!
}
function reversed(x: Float64Array, out: Float64Array): void {
  const n = x.length
  for (let i = 0; i < n; i++) out[i] = x[n - 1 - i]! * 2
}
function backwards(x: Int16Array, out: Int16Array): void {
  for (let i = x.length - 1; i >= 0; i--) out[i] = x[i]! + i
}
function every2(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i += 2) out[i >> 1] = x[i]!
}
function stencil(x: Float64Array, out: Float64Array): void {
  for (let i = 1; i < x.length - 1; i++) out[i] = (x[i - 1]! + x[i]! + x[i + 1]!) / 3
}
function beyond(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i + 3]! + x[i - 2]!
}
function ahead(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i + 3]! * 2
}
function shiftDown(x: Float64Array): void {
  for (let i = 0; i < x.length - 1; i++) x[i] = x[i + 1]! * 2
}
function shiftUp(x: Float64Array): void {
  for (let i = 1; i < x.length; i++) x[i] = x[i - 1]! * 0.5
}
function far(x: Float64Array): void {
  for (let i = 16; i < x.length; i++) x[i] = x[i - 16]! * 0.5 + x[i]!
}
function writeThenRead(x: Float64Array, out: Float64Array): void {
  for (let i = 1; i < x.length; i++) {
    x[i] = out[i]! + 1
    out[i] = x[i - 1]! * 2
  }
}
function readLater(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length - 1; i++) {
    x[i] = i
    out[i] = x[i + 1]!
  }
}
function twoWrites(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length - 1; i++) {
    out[i + 1] = x[i]!
    out[i] = -x[i]!
  }
}
function twoWritesBack(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length - 1; i++) {
    out[i] = -x[i]!
    out[i + 1] = x[i]!
  }
}
function counterValues(out: Float64Array, ints: Int32Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = i * 0.25
    ints[i] = i * 3 - 1
  }
}
function lastValue(x: Float64Array): number {
  let last = -1
  let at = -1
  for (let i = 0; i < x.length; i++) {
    last = x[i]! + 1
    at = i * 2
  }
  return last * 1000 + at
}
function intSum(x: Int32Array): number {
  let s = 7
  for (let i = 0; i < x.length; i++) s = (s + x[i]!) | 0
  return s
}
function intBits(x: Int32Array): number {
  let a = -1
  let b = 0
  let c = 5
  for (let i = 0; i < x.length; i++) {
    a &= x[i]! | 0x0ff0ff0f
    b |= x[i]!
    c ^= x[i]!
  }
  return a + 3 * b + 7 * c
}
function byteSum(x: Uint8Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]!
  return s
}
function count(x: Float64Array): number {
  let n = 0
  for (let i = 0; i < x.length; i++) if (x[i]! > 0.25) n++
  return n
}
function largest(x: Float64Array): number {
  let m = -Infinity
  for (let i = 0; i < x.length; i++) m = Math.max(m, x[i]!)
  return m
}
function least(x: Float32Array): number {
  let m = Infinity
  for (let i = 0; i < x.length; i++) m = Math.min(m, x[i]!)
  return m
}
function sum(x: Float64Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]!
  return s
}
function dot(x: Float64Array, y: Float64Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]! * y[i]!
  return s
}
function dot32(x: Float32Array, y: Float32Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]! * y[i]!
  return s
}
function several(x: Float64Array): number {
  let s = 1
  let q = 0
  let n = 0
  for (let i = 0; i < x.length; i++) {
    s += x[i]!
    if (x[i]! > 0) {
      q += x[i]! * x[i]!
      n++
    } else q -= 1
  }
  return s + q * n
}
function escapeTime(x: Float64Array, out: Uint8Array, limit: number): void {
  for (let i = 0; i < x.length; i++) {
    let v = x[i]!
    let n = 0
    while (n < limit && v * v < 4) {
      v = v * v + x[i]!
      n++
    }
    out[i] = n
  }
}
function halving(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let v = Math.min(Math.abs(x[i]!), 1e6)
    let steps = 0
    while (v > 1) {
      v *= 0.5
      steps += v > 2 ? 1 : 0.25
    }
    out[i] = steps + v
  }
}
function horner(x: Float64Array, c: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let v = 0
    for (let k = c.length - 1; k >= 0; k--) v = v * x[i]! + c[k]!
    out[i] = v
  }
}
function continues(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < 0) continue
    out[i] = x[i]!
  }
}
function rows(x: Float64Array, y: Float64Array, n: number): void {
  for (let j = 0; j < 3; j++) for (let i = 0; i < n; i++) y[j * n + i] = x[i]! + y[j * n + i]! * j
}
function prefix(x: Float64Array, out: Float64Array): void {
  let s = 0
  for (let i = 0; i < x.length; i++) {
    s += x[i]!
    out[i] = s
  }
}
function histogram(x: Uint8Array, counts: Float64Array): void {
  for (let i = 0; i < x.length; i++) counts[x[i]!]!++
}
function remainder(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! % 3
}
function smooth(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!) + 1
}

function pixels(a: Uint8Array, b: Uint8Array, out: Uint8ClampedArray): void {
  for (let i = 0; i < a.length; i += 4) {
    const alpha = a[i + 3]! / 255
    out[i] = a[i]! * alpha + b[i]! * (1 - alpha)
    out[i + 1] = a[i + 1]! * alpha + b[i + 1]! * (1 - alpha)
    out[i + 2] = a[i + 2]! * alpha + b[i + 2]! * (1 - alpha)
    out[i + 3] = 255
  }
}
function rotate(xy: Float64Array, c: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const x = xy[2 * i]!
    const y = xy[2 * i + 1]!
    xy[2 * i] = x * c - y
    xy[2 * i + 1] = x + y * c
  }
}
function interleave(x: Float32Array, y: Int32Array, xyz: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    xyz[3 * i + 2] = x[i]!
    xyz[3 * i] = y[i]!
    xyz[3 * i + 1] = x[i]! - y[i]!
  }
}
function partOfRows(x: Float64Array, xy: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) xy[2 * i + 1] = x[i]!
}
function rowReadBetween(xy: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    xy[2 * i] = i
    xy[2 * i + 1] = xy[2 * i]! + 1
  }
}
const out = (n: number): Float64Array => f64(n, 9)
export const SHAPES: readonly Shape[] = [
  { name: 'saxpy', fn: saxpy, args: n => [1.5, f64(n), f64(n, 2)], strict: true },
  { name: 'saxpy f32', fn: saxpy32, args: n => [1.5, f32(n), f32(n, 2)], strict: true },
  { name: 'short second array', fn: saxpy, args: n => [1.5, f64(n), f64(n >> 1, 2)], strict: true },
  { name: 'fround', fn: fround32, args: n => [f32(n), f32(n, 2)], strict: true },
  { name: 'rounding', fn: rounding, args: n => [f64(n), out(n)], strict: 'no vector form' },
  { name: 'round', fn: rounded, args: n => [f64(n), out(n)], strict: true },
  { name: 'extremes', fn: extremes, args: n => [f64(n), f64(n, 2), out(n)], strict: true },
  { name: 'masked stores', fn: threshold, args: n => [f64(n), out(n)], strict: true },
  { name: 'choices', fn: chosen, args: n => [f64(n), f64(n, 2), out(n)], strict: true },
  { name: 'flags', fn: flags, args: n => [f64(n), f64(n, 2), new Uint8Array(n)], strict: true },
  {
    name: 'logic',
    fn: logic,
    args: n => [ints(Int32Array, n), ints(Int32Array, n, 2), new Int32Array(n)],
    strict: true,
  },
  { name: 'wrap', fn: wrap, args: n => [ints(Int32Array, n), ints(Int32Array, n, 2), new Int32Array(n)], strict: true },
  {
    name: 'unsigned',
    fn: unsigned,
    args: n => [ints(Uint32Array, n), ints(Uint32Array, n, 2), new Uint32Array(n)],
    strict: true,
  },
  { name: 'unsigned to f64', fn: unsignedFloat, args: n => [ints(Uint32Array, n), out(n)], strict: true },
  {
    name: 'bytes',
    fn: bytes,
    args: n => [ints(Uint8Array, n), ints(Uint8Array, n, 2), new Uint8Array(n)],
    strict: true,
  },
  {
    name: 'signed bytes',
    fn: signedBytes,
    args: n => [ints(Int8Array, n), ints(Int16Array, n, 2), new Int16Array(n)],
    strict: true,
  },
  { name: 'clamped', fn: clamped, args: n => [f64(n), new Uint8ClampedArray(n)], strict: true },
  {
    name: 'clamped bytes',
    fn: clampedBytes,
    args: n => [ints(Uint8ClampedArray, n), 1.3, new Uint8ClampedArray(n)],
    strict: true,
  },
  {
    name: 'stores of all kinds',
    fn: stored,
    args: n => [f64(n), new Int8Array(n), new Uint16Array(n), new Int32Array(n), new Uint32Array(n)],
    strict: true,
  },
  {
    name: 'blend',
    fn: blend,
    args: n => [ints(Uint8Array, n), ints(Uint8Array, n, 2), new Uint8Array(n), 77.5],
    strict: true,
  },
  { name: 'gray', fn: gray, args: n => [ints(Uint8Array, 4 * n), new Uint8Array(n)], strict: true },
  {
    name: 'gray, short',
    fn: gray,
    args: n => [ints(Uint8Array, Math.max(0, 4 * n - 2)), new Uint8Array(n)],
    strict: true,
  },
  {
    name: 'gray, last byte missing',
    fn: gray,
    args: n => [ints(Uint8Array, Math.max(0, 4 * n - 1)), new Uint8Array(n)],
    strict: true,
  },
  { name: 'ahead', fn: ahead, args: n => [f64(n), out(n)], strict: true },
  { name: 'channels 1 and 3', fn: grayShort, args: n => [ints(Uint8Array, 4 * n), new Uint8Array(n)], strict: true },
  { name: 'stride 2', fn: norms, args: n => [f64(2 * n), out(n)], strict: true },
  { name: 'stride 3', fn: triples, args: n => [f32(3 * n), out(n)], strict: true },
  { name: 'stride 2 of i16', fn: shorts, args: n => [ints(Int16Array, 2 * n), new Int32Array(n)], strict: true },
  {
    name: 'RGBA rows',
    fn: pixels,
    args: n => [ints(Uint8Array, 4 * n), ints(Uint8Array, 4 * n, 2), new Uint8ClampedArray(4 * n)],
    strict: true,
  },
  { name: 'rows in place', fn: rotate, args: n => [f64(2 * n), 0.3, n], strict: true },
  {
    name: 'rows of three',
    fn: interleave,
    args: n => [f32(n), ints(Int32Array, n), new Float32Array(3 * n), n],
    strict: true,
  },
  { name: 'parts of rows', fn: partOfRows, args: n => [f64(n), f64(2 * n, 2), n], strict: 'are not stored' },
  { name: 'rows read between', fn: rowReadBetween, args: n => [f64(2 * n), n], strict: 'while it is written' },
  { name: 'reversed', fn: reversed, args: n => [f64(n), out(n)], strict: true },
  {
    name: 'backwards',
    fn: backwards,
    args: n => [ints(Int16Array, n), new Int16Array(n)],
    strict: true,
  },
  { name: 'step 2', fn: every2, args: n => [f64(n), out(n)], strict: 'linear function' },
  { name: 'stencil', fn: stencil, args: n => [f64(n), out(n)], strict: true },
  { name: 'out of bounds', fn: beyond, args: n => [f64(n), out(n)], strict: true },
  { name: 'reads ahead', fn: shiftDown, args: n => [f64(n)], strict: true },
  { name: 'reads behind', fn: shiftUp, args: n => [f64(n)], strict: 'round 1 before' },
  { name: 'reads far behind', fn: far, args: n => [f64(n)], strict: true },
  { name: 'writes, then reads behind', fn: writeThenRead, args: n => [f64(n), out(n)], strict: true },
  { name: 'writes, then reads ahead', fn: readLater, args: n => [f64(n), out(n)], strict: 'needs what the round' },
  { name: 'two writes', fn: twoWrites, args: n => [f64(n), out(n)], strict: true },
  { name: 'two writes, backwards', fn: twoWritesBack, args: n => [f64(n), out(n)], strict: 'needs what the round' },
  { name: 'counter', fn: counterValues, args: n => [out(n), new Int32Array(n)], strict: true },
  { name: 'last value', fn: lastValue, args: n => [f64(n)], strict: true },
  { name: 'sum of i32', fn: intSum, args: n => [ints(Int32Array, n)], strict: true },
  { name: 'bits', fn: intBits, args: n => [ints(Int32Array, n)], strict: true },
  { name: 'sum of bytes', fn: byteSum, args: n => [ints(Uint8Array, n)], strict: true },
  { name: 'count', fn: count, args: n => [f64(n)], strict: true },
  { name: 'max', fn: largest, args: n => [f64(n)], strict: true },
  { name: 'min', fn: least, args: n => [f32(n)], strict: true },
  {
    name: 'sum',
    fn: sum,
    args: n => [Float64Array.from(tame(n, 3))],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-12,
  },
  {
    name: 'dot',
    fn: dot,
    args: n => [Float64Array.from(tame(n, 3)), Float64Array.from(tame(n, 4))],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-12,
  },
  {
    name: 'dot of f32',
    fn: dot32,
    args: n => [Float32Array.from(tame(n, 3)), Float32Array.from(tame(n, 4))],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-6,
  },
  {
    name: 'several sums',
    fn: several,
    args: n => [Float64Array.from(tame(n, 3))],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-12,
  },
  {
    name: 'escape time',
    fn: escapeTime,
    args: n => [Float64Array.from(tame(n, 5)), new Uint8Array(n), 40],
    strict: true,
  },
  { name: 'halving', fn: halving, args: n => [f64(n), out(n)], strict: true },
  { name: 'Horner', fn: horner, args: n => [f64(n), f64(7, 3), out(n)], strict: true },
  { name: 'continue', fn: continues, args: n => [f64(n), out(n)], strict: true },
  { name: 'rows', fn: rows, args: n => [f64(n), f64(3 * n, 2), n], strict: true },
  { name: 'prefix sum', fn: prefix, args: n => [f64(n), out(n)], strict: 'carries a value' },
  {
    name: 'histogram',
    fn: histogram,
    args: n => [ints(Uint8Array, n), new Float64Array(256)],
    strict: 'distance is not known',
  },
  { name: 'remainder', fn: remainder, args: n => [f64(n), out(n)], strict: true },
  {
    name: 'Math',
    fn: smooth,
    args: n => [Float64Array.from(tame(n, 3)), out(n)],
    strict: 'bits of the host',
    fast: true,
    bound: 1e-14,
  },
]
