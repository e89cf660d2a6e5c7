import { type Shape, values } from './simd-shapes.ts'

/** Loop shapes at the edges of what lanes hold: each catches a planted defect (test/mutants/vector-mutants.ts). */

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(n, seed))
const u8 = (n: number, seed: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 73 + seed * 50) & 255)
const i8 = (n: number, seed: number): Int8Array => Int8Array.from({ length: n }, (_, i) => i * 37 + seed)
const halves = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => (i - (n >> 1)) * 0.5)
const limits = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => (i % 5 === 3 ? 2 ** 31 : i))

function reloaded(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    const before = x[i]!
    if (y[i]! > 0) x[i] = 5
    out[i] = x[i]! + before
  }
}
function wrapped(x: Float64Array, out: Int32Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! | 0
}
function rounded(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.round(x[i]!)
}
function largest(x: Float64Array): number {
  let m = -1e9
  for (let i = 0; i < x.length; i++) m = Math.max(m, x[i]!)
  return m
}
function conditionalTest(x: Float64Array, out: Float64Array): number {
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 0) out[i] = x[i]!
    if (out[i]! > 500) return i
  }
  return -1
}
function wideSums(x: Uint8Array, y: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < x.length; i++) out[i] = (x[i]! * 255 + y[i]! * 255) >> 9
}
function squares(x: Int8Array, out: Uint8Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * x[i]! - 16129
}
function differences(x: Uint8Array, y: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < x.length; i++) {
    const d = x[i]! - y[i]!
    out[i] = d > 0 ? d << 2 : d >> 1
  }
}
function threshold(x: Uint8Array, limit: number, out: Uint8Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! > limit ? 255 : x[i]! < 20 ? 0 : x[i]!
}
function indices(x: Int32Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i << 2]! * 0.5 + ((i << 3) - i)
}
function stepThree(x: Float64Array, out: Float64Array, n: number): void {
  for (let i = 0; i < n; i += 3) out[i] = x[i]! + i
}
function everySecond(x: Int32Array): number {
  let s = 0
  for (let i = 1; i < x.length; i += 2) s = (s + x[i]! + i * 3) | 0
  return s
}
function either(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 1 && y[i]! > 1) {
      if (x[i]! > 50) out[i] = 1
      else out[i] = 2
    } else if (!(y[i]! < 0)) out[i] = 3
  }
}

function runsFromTheEnd(x: Uint32Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let w = 0
    while (w < 7 && !x[x.length - i]) w++
    out[i] = w
  }
}
function windowInside(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let sum = 0
    for (let j = -1; j <= 1; j++) {
      const k = i + j
      if (k >= 0 && k < x.length) sum += x[k]!
    }
    out[i] = sum
  }
}
function windowBeyond(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let j = 0; j < 3; j++) sum += x[i + j]!
    out[i] = sum
  }
}

function neighboursByOneLocal(x: Float64Array, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < x.length - 8; i++) {
      let k = i + 3
      const other = x[k]! * round
      k = i + 5
      x[k] = x[k]! + other
    }
  }
}

function falling(u: number, n: number, p: Float64Array): void {
  for (let i = 0; i < p.length; i++) p[i] = u ** (n - 2 * i)
}
function wholeSines(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = ((Math.sin(x[i]!) * 100) | 0) / 100
}
function roundedSines(x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.fround(Math.atan(x[i]! / 3)) * 0.5
}

interface Weight {
  readonly by: number
  readonly plus: number
}

function recordsOverElements(x: Float64Array, weights: readonly Weight[]): void {
  for (const { by, plus } of weights) {
    for (let i = 0; i < x.length; i++) x[i] = x[i]! * by + plus
  }
}
function rowsOverElements(x: Float64Array, rows: readonly Float64Array[]): void {
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!
    for (let i = 0; i < x.length; i++) x[i] = x[i]! * 2 + row[i]!
  }
}
function elementsOfRows(rows: readonly Float64Array[], x: Float64Array): void {
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!
    for (let i = 0; i < x.length; i++) row[i] = row[i]! * 2 + x[i]!
  }
}

export const EDGES: readonly Shape[] = [
  { name: 'loaded again after a store', fn: reloaded, args: n => [f64(n), f64(n, 2), f64(n, 3)], strict: true },
  { name: 'ToInt32 at its limits', fn: wrapped, args: n => [limits(n), new Int32Array(n)], strict: true },
  { name: 'halves', fn: rounded, args: n => [halves(n), new Float64Array(n)], strict: true },
  { name: 'all negative', fn: largest, args: n => [f64(n).map((_, i) => -1 - ((i * 7) % 13))], strict: true },
  {
    name: 'test of what was stored under a condition',
    fn: conditionalTest,
    args: n => [f64(n, n), new Float64Array(n)],
    strict: 'needs what the round did before',
  },
  { name: 'sums of 17 bits', fn: wideSums, args: n => [u8(n, 1), u8(n, 3), new Uint8Array(n)], strict: true },
  { name: 'squares', fn: squares, args: n => [i8(n, 1), new Uint8Array(n)], strict: true },
  { name: 'differences of bytes', fn: differences, args: n => [u8(n, 1), u8(n, 3), new Int16Array(n)], strict: true },
  { name: 'threshold of bytes', fn: threshold, args: n => [u8(n, 2), 130, new Uint8Array(n)], strict: true },
  {
    name: 'indices as numbers',
    fn: indices,
    args: n => [Int32Array.from(f64(4 * n)), new Float64Array(n)],
    strict: true,
  },
  { name: 'every second', fn: everySecond, args: n => [Int32Array.from(f64(2 * n))], strict: true },
  { name: 'every third', fn: stepThree, args: n => [f64(n), f64(n, 2), n], strict: 'vectorised' },
  {
    name: 'elements beyond the end, tested in rounds of their own',
    fn: runsFromTheEnd,
    args: n => [Uint32Array.from({ length: n }, (_, i) => i % 3), new Float64Array(n)],
    strict: true,
  },
  {
    name: 'a window that ends with the array',
    fn: windowInside,
    args: n => [f64(n), new Float64Array(n)],
    strict: 'only where a condition holds',
  },
  {
    name: 'a window that goes beyond the end',
    fn: windowBeyond,
    args: n => [f64(n), new Float64Array(n)],
    strict: 'vectorised',
  },
  {
    name: 'powers by a counter',
    fn: falling,
    args: n => [1.01, n, new Float64Array(n)],
    strict: 'not vectorised',
    fast: true,
    bound: 1e-14,
  },
  {
    name: 'sines made whole',
    fn: wholeSines,
    args: n => [Float64Array.from({ length: n }, (_, i) => i + 0.1), new Float64Array(n)],
    strict: 'not vectorised',
    fast: true,
  },
  {
    name: 'tangents in single precision',
    fn: roundedSines,
    args: n => [f64(n), new Float64Array(n)],
    strict: 'not vectorised',
    fast: true,
  },
  {
    name: 'two elements by one local',
    fn: neighboursByOneLocal,
    args: n => [f64(n), 9],
    strict: 'not vectorised',
  },
  {
    name: 'records one after the other over the same elements',
    fn: recordsOverElements,
    args: n => [f64(n), Array.from({ length: 9 }, (_, i) => ({ by: 1 + i, plus: -i }))],
    strict: 'vectorised',
  },
  {
    name: 'rows one after the other over the same elements',
    fn: rowsOverElements,
    args: n => [f64(n), Array.from({ length: 9 }, (_, i) => f64(n, i + 2))],
    strict: 'vectorised',
  },
  {
    name: 'rows with elements of their own',
    fn: elementsOfRows,
    args: n => [Array.from({ length: 9 }, (_, i) => f64(n, i + 2)), f64(n)],
    strict: 'vectorised',
  },
  { name: 'either', fn: either, args: n => [f64(n), f64(n, 2), f64(n, 3)], strict: true },
]
