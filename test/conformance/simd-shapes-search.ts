import { type Shape, tame, values } from './simd-shapes.ts'

/** Loop shapes that search: left early, flags, greatest and least values found by comparison; sums of f32. */

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(n, seed))
const i32 = (n: number, seed = 1): Int32Array => Int32Array.from(values(n, seed), x => x | 0)
const u8 = (n: number, seed = 1): Uint8Array => Uint8Array.from(values(n, seed), x => (x * 997) & 255)
/** Zeros of both signs among small numbers: whichever zero comes first must win. */
const zeros = (n: number, seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => [-0, -1, 0, Number.NaN, -2, -0, -3, 0][(i * 5 + seed) % 8] as number)

function greatest(x: Float64Array): number {
  let m = -Infinity
  for (let i = 0; i < x.length; i++) if (x[i]! > m) m = x[i]!
  return m
}
function firstIsStart(x: Float64Array): number {
  let m = x.length > 0 ? x[0]! : 5
  for (let i = 1; i < x.length; i++) if (m > x[i]!) m = x[i]!
  return m
}
function lastOfEqual(x: Float64Array): number {
  let m = -5
  for (let i = 0; i < x.length; i++) if (x[i]! >= m) m = x[i]!
  return m
}
function chosenLeast(x: Float64Array, y: Float64Array): number {
  let m = 1e9
  for (let i = 0; i < x.length; i++) m = x[i]! * y[i]! < m ? x[i]! * y[i]! : m
  return m
}
function range(x: Int32Array): number {
  let lo = 1000
  let hi = -1000
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < lo) lo = x[i]!
    if (x[i]! > hi) hi = x[i]!
  }
  return hi * 7 - lo
}
function greatestPositive(x: Float64Array, y: Float64Array): number {
  let m = -1
  for (let i = 0; i < x.length; i++) if (y[i]! > 0) if (x[i]! > m) m = x[i]!
  return m
}
function greatestSingle(x: Float32Array): number {
  let m = -Infinity
  for (let i = 0; i < x.length; i++) if (x[i]! > m) m = x[i]!
  return m
}
function reduceMax(x: Float64Array): number {
  return x.reduce((a, b) => Math.max(a, b), -3)
}
function anyNegative(x: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) if (x[i]! < -400) return true
  return false
}
function find(x: Int32Array, wanted: number): number {
  for (let i = 0; i < x.length; i++) if (x[i] === wanted) return i
  return -1
}
function findFrom(x: Uint8Array, from: number, wanted: number): number {
  let i = from
  for (; i < x.length; i++) if (x[i] === wanted) break
  return i
}
function equal(x: Float64Array, y: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false
  return true
}
function some(x: Float64Array): boolean {
  return x.some(v => v > 9000)
}
function every(x: Float64Array): boolean {
  return x.every(v => !(v > 4000))
}
function copyUntil(x: Float64Array, out: Float64Array): number {
  let n = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 700) break
    out[i] = x[i]! * 2
    n++
  }
  return n
}
function countUntil(x: Int32Array, out: Int32Array): number {
  let n = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 3) n = (n + i) | 0
    out[i] = n
    if (x[i] === 77777) return n
  }
  return -n
}
function sumUntil(x: Int32Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) {
    s = (s + x[i]!) | 0
    if (x[i]! > 5000) return s
    if (x[i]! < -5000) return -s
  }
  return s + 0.5
}
function storedTest(x: Float64Array, out: Float64Array): number {
  for (let i = 0; i < x.length; i++) {
    out[i] = x[i]! + 1
    if (out[i]! > 500) return i
  }
  return -1
}
function found(x: Float64Array): boolean {
  let any = false
  for (let i = 0; i < x.length; i++) if (x[i]! > 3000) any = true
  return any
}
function allAbove(x: Float64Array): boolean {
  let all = true
  for (let i = 0; i < x.length; i++) all = all && x[i]! > -3000
  return all
}
function kinds(x: Float64Array): number {
  let a = 1
  let b = 2
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 1e3) a = 5
    else if (x[i]! < -1e3) b = 7
    if (x[i] === 0.5) a = 5
  }
  return a * 10 + b
}
function two(x: Float64Array): number {
  let a = 1
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 1e3) a = 5
    if (x[i]! < -1e3) a = 6
  }
  return a
}
function lastTaken(x: Float64Array): number {
  let last = -1
  for (let i = 0; i < x.length; i++) if (x[i]! > 0) last = x[i]!
  return last
}
function streams(seeds: Int32Array, n: number): number {
  let hits = 0
  for (let k = 0; k < 4; k++) {
    let s = seeds[k]! | 1
    for (let i = 0; i < n; i++) {
      s ^= s << 13
      s ^= s >>> 17
      s ^= s << 5
      if ((s >>> 0) / 4294967296 < 0.7) hits++
    }
  }
  return hits
}
function sum32(x: Float32Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]!
  return s
}
function cosine(x: Float32Array, y: Float32Array, out: Float32Array): number {
  let both = 0
  let own = 0
  let other = 0
  for (let i = 0; i < x.length; i++) {
    const a = x[i]!
    const b = y[i]!
    both += a * b
    own += a * a
    if (b > 0) other += b * b
  }
  out[0] = own
  return both / Math.sqrt(own * other + 1)
}

function product(a: Float64Array, b: Float64Array, c: Float64Array, n: number, m: number): void {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < n; j++) {
      let s = 0
      for (let k = 0; k < m; k++) s += a[i * m + k]! * b[k * n + j]!
      c[i * n + j] = s
    }
  }
}
function columns(a: Float64Array, out: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    let s = 0
    let at = 0
    for (let i = 0; i < 5; i++) {
      at = i * n + j
      s += a[at]! * j
    }
    out[j] = s + at
  }
}
function windows(x: Float64Array, out: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let s = 0
    for (let k = 0; k < 4; k++) s += x[i + k]!
    out[i] = s / 4
  }
}
function scattered(x: Float64Array, out: Float64Array, n: number, m: number): void {
  for (let j = 0; j < n; j++) for (let k = 0; k < 3; k++) out[k * m + j] = x[j]! + k
}
function forces(x: Float64Array, y: Float64Array, fx: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let s = 0
    for (let j = 0; j < n; j++) {
      const dx = x[j]! - x[i]!
      const dy = y[j]! - y[i]!
      const d = dx * dx + dy * dy + 0.01
      s += dx / (d * Math.sqrt(d))
    }
    fx[i] = s
  }
}
function nearest(x: Float64Array, centres: Float64Array, labels: Int32Array): void {
  for (let i = 0; i < x.length; i++) {
    let best = 0
    let least = Infinity
    for (let c = 0; c < centres.length; c++) {
      const d = (x[i]! - centres[c]!) * (x[i]! - centres[c]!)
      if (d < least) {
        least = d
        best = c
      }
    }
    labels[i] = best
  }
}

function rowOperation(a: Float64Array, n: number, to: number, from: number, factor: number): void {
  for (let j = 0; j < n; j++) a[to + j] = a[to + j]! - factor * a[from + j]!
}
function shiftBy(a: Float64Array, n: number, by: number): void {
  for (let j = 8; j < n; j++) a[j] = a[j + by]! * 0.5 + 1
}
function shiftBackBy(a: Int32Array, n: number, by: number): void {
  for (let j = n - 9; j >= 8; j--) a[j + by] = (a[j]! * 3) | 0
}
function writeTwo(a: Float64Array, x: Float64Array, n: number, by: number): void {
  for (let j = 8; j < n - 8; j++) {
    a[j] = x[j]!
    a[j + by] = -x[j]!
  }
}

function addRows(a: Float64Array, b: Float64Array, c: Float64Array, n: number, m: number): void {
  for (let k = 0; k < m; k++) {
    const factor = a[k]!
    for (let j = 0; j < n; j++) c[j] = c[j]! + factor * b[k * n + j]!
  }
}
function addTwice(a: Float32Array, c: Float32Array, n: number, m: number): void {
  for (let k = 1; k < m; k++) {
    for (let j = 0; j < n; j++) {
      const old = c[j]!
      c[j] = old * 0.5 + a[j]! * k + c[j]!
    }
  }
}
function addShifted(c: Float64Array, n: number, m: number): void {
  for (let k = 0; k < m; k++) for (let j = 0; j < n; j++) c[j] = c[j]! + c[j + 1]! * k
}
function addFromStored(c: Int32Array, n: number, m: number): void {
  for (let k = 0; k < m; k++) {
    const factor = c[k]!
    for (let j = 0; j < n; j++) c[j] = (c[j]! + Math.imul(factor, 3)) | 0
  }
}

const tame32 = (n: number, seed: number): Float32Array => Float32Array.from(tame(n, seed))

export const SEARCHES: readonly Shape[] = [
  ...[0, 3, 4, 6, 9].flatMap((m): Shape[] => [
    { name: `${m} rows`, fn: addRows, args: n => [f64(m, 3), f64(n * m), f64(n, 2), n, m], strict: true },
    { name: `${m} times`, fn: addTwice, args: n => [tame32(n, 4), tame32(n, 5), n, m], strict: true },
    { name: `${m} times the next`, fn: addShifted, args: n => [f64(n + 1), n, m], strict: true },
    { name: `${m} factors of its own`, fn: addFromStored, args: n => [i32(n + 9), n, m], strict: true },
  ]),
  ...[-9, -8, -7, -1, 0, 1, 2, 7, 8].flatMap((by): Shape[] => [
    { name: `rows ${by} apart`, fn: rowOperation, args: n => [f64(n + 20), n, 9 + by, 9, 0.5], strict: true },
    { name: `shift by ${by}`, fn: shiftBy, args: n => [f64(n + 20), n, by], strict: true },
    { name: `backwards by ${by}`, fn: shiftBackBy, args: n => [i32(n + 20), n, by], strict: true },
    { name: `two writes ${by} apart`, fn: writeTwo, args: n => [f64(n), f64(n, 2), n, by], strict: true },
  ]),
  { name: 'product', fn: product, args: n => [f64(15), f64(5 * n, 2), new Float64Array(3 * n), n, 5], strict: true },
  { name: 'columns', fn: columns, args: n => [f64(5 * n), new Float64Array(n), n], strict: 'no linear' },
  { name: 'windows', fn: windows, args: n => [f64(n + 3), new Float64Array(n), n], strict: true },
  { name: 'scattered', fn: scattered, args: n => [f64(n), new Float64Array(3 * n), n, n >> 1], strict: 'inner loop' },
  { name: 'forces', fn: forces, args: n => [f64(n), f64(n, 2), new Float64Array(n), n], strict: true },
  { name: 'nearest', fn: nearest, args: n => [f64(n), f64(5, 3), new Int32Array(n)], strict: true },
  { name: 'greatest', fn: greatest, args: n => [f64(n)], strict: true },
  { name: 'greatest of zeros', fn: greatest, args: n => [zeros(n, n)], strict: true },
  { name: 'first is the start', fn: firstIsStart, args: n => [f64(n, n)], strict: true },
  { name: 'least of zeros', fn: firstIsStart, args: n => [zeros(n, n).map(x => -x)], strict: true },
  { name: 'last of equals', fn: lastOfEqual, args: n => [zeros(n, n)], strict: true },
  { name: 'chosen least', fn: chosenLeast, args: n => [f64(n), f64(n, 2)], strict: true },
  { name: 'range of integers', fn: range, args: n => [i32(n)], strict: true },
  { name: 'greatest under a condition', fn: greatestPositive, args: n => [zeros(n, n), f64(n, 2)], strict: true },
  { name: 'greatest of f32', fn: greatestSingle, args: n => [Float32Array.from(zeros(n, n))], strict: true },
  { name: 'reduce with Math.max', fn: reduceMax, args: n => [f64(n)], strict: true },
  { name: 'any', fn: anyNegative, args: n => [f64(n, n)], strict: true },
  { name: 'find', fn: find, args: n => [i32(n, n), 2], strict: true },
  { name: 'find from', fn: findFrom, args: n => [u8(n, n), n % 7, 9], strict: true },
  {
    name: 'equal',
    fn: equal,
    args: n => [f64(n), f64(n, 1 + (n & 1)).map(x => (Number.isNaN(x) ? 1 : x))],
    strict: true,
  },
  { name: 'equal to the end', fn: equal, args: n => [f64(n).map((_, i) => i), f64(n).map((_, i) => i)], strict: true },
  { name: 'some', fn: some, args: n => [f64(n, n)], strict: true },
  { name: 'every', fn: every, args: n => [f64(n, n)], strict: true },
  { name: 'copy until', fn: copyUntil, args: n => [f64(n, n), f64(n, 9)], strict: true },
  { name: 'count until', fn: countUntil, args: n => [i32(n, n), i32(n, 9)], strict: 'carries a value' },
  { name: 'sum until', fn: sumUntil, args: n => [i32(n, n)], strict: true },
  { name: 'test of what was stored', fn: storedTest, args: n => [f64(n, n), f64(n, 9)], strict: true },
  { name: 'found', fn: found, args: n => [f64(n, n)], strict: true },
  { name: 'all above', fn: allAbove, args: n => [f64(n, n)], strict: true },
  { name: 'flags', fn: kinds, args: n => [f64(n, n)], strict: true },
  { name: 'two values of a flag', fn: two, args: n => [f64(n, n)], strict: 'vectorised' },
  { name: 'last taken', fn: lastTaken, args: n => [f64(n, n)], strict: 'vectorised' },
  { name: 'streams', fn: streams, args: n => [Int32Array.from(values(4, 3), x => x | 0), n], strict: true },
  {
    name: 'sum of f32',
    fn: sum32,
    args: n => [tame32(n, 3)],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-6,
  },
  {
    name: 'cosine of f32',
    fn: cosine,
    args: n => [tame32(n, 3), tame32(n, 4), new Float32Array(1)],
    strict: "use math: 'fast'",
    fast: true,
    bound: 1e-5,
  },
]
