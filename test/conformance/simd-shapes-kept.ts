import { type Shape, values } from './simd-shapes.ts'

/** Loop shapes in which something changes between the place where a value is made and the places where it is needed. */

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(n, seed))

function testsOwnCondition(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let is = x[i]! > 0
    let r = 0
    if (is) {
      is = y[i]! > 0
      r = 1
      out[i] = x[i]! + 7
    } else r = 2
    out[i] = out[i]! + r + (is ? 10 : 20)
  }
}
function rowOfOneLocal(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let t = x[i]! + 1
    out[2 * i] = t
    if (y[i]! > 0) t = 50
    out[2 * i + 1] = t
  }
}
function lastBefore(x: Float64Array, limit: number): number {
  let last = 100
  for (let i = 3; i < x.length; i++) {
    if (x[i]! > limit) break
    last = i * 2
  }
  return last
}
function movingView(a: Float64Array, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < 3; k++) {
      const row = a.subarray(k, k + x.length)
      row[i] = x[i]! * 10 + k
    }
  }
}
function movingElement(a: Float64Array, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let sum = 0
    for (let k = 0; k < 3; k++) {
      const row = a.subarray(k, k + 3)
      if (x[i]! > 0) sum += row[0]!
    }
    x[i] = sum
  }
}
function placeBeforeTheLoop(by: Int32Array, out: Int32Array, m: number): void {
  for (let i = 0; i < out.length; i++) {
    let shift = 0
    for (let k = 0; k < m; k++) shift = (shift ^ Math.imul(k + 7, by[k & 1]!)) | 0
    const place = (i + shift) | 0
    let mixed = 0
    for (let k = 0; k < 3; k++) {
      mixed = mixed ^ Math.imul(place, k + 3)
      shift = (shift + k + 1) | 0
    }
    out[i] = mixed + shift
  }
}
function productsThatCancel(a: Int32Array, b: Int32Array, d: Uint16Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (Math.imul(a[i]!, b[i]!) + d[i]! - Math.imul(b[i]!, a[i]!)) | 0
}

function stillTrue(x: Float64Array, bits: number): number {
  let ok = bits & 2
  for (let i = 0; i < x.length; i++) ok = +(ok !== 0 && !(x[i]! === 77))
  return ok
}
function aroundTheWord(x: Float64Array): void {
  for (let i = 8; i < x.length; i++) {
    const before = (2147483647 - (-2147483647 - i)) | 0
    x[i] = x[before]! + 1
  }
}
function aroundTheWordFrom(x: Float64Array, k: number): void {
  for (let i = 0; i < x.length - 10; i++) {
    const at = ((k | 0) + i) | 0
    x[(at - 2147483647) | 0] = x[(at + 2147483647) | 0]! + 1
  }
}

export const KEPT: readonly Shape[] = [
  {
    name: 'a condition that its own arm sets',
    fn: testsOwnCondition,
    args: n => [f64(n), f64(n, 2), new Float64Array(n)],
    strict: true,
  },
  {
    name: 'a row of what one local holds',
    fn: rowOfOneLocal,
    args: n => [f64(n), f64(n, 2), new Float64Array(2 * n)],
    strict: true,
  },
  { name: 'left in the first group', fn: lastBefore, args: n => [f64(n).fill(9, 3, 4), 8], strict: true },
  { name: 'left in a later group', fn: lastBefore, args: n => [f64(n).fill(1).fill(9, 30, 31), 8], strict: true },
  {
    name: 'stores to a view that moves',
    fn: movingView,
    args: n => [new Float64Array(n + 3), f64(n)],
    strict: 'an array that is stored to changes in the loop',
  },
  {
    name: 'one element of a view that moves',
    fn: movingElement,
    args: n => [f64(9, 2), f64(n)],
    strict: 'only where a condition holds',
  },
  {
    name: 'a place from before an inner loop',
    fn: placeBeforeTheLoop,
    args: n => [Int32Array.of(1, 4), new Int32Array(n), 5],
    strict: true,
  },
  { name: 'a bit that holds as true', fn: stillTrue, args: n => [f64(n), 2], strict: true },
  { name: 'a bit that does not hold', fn: stillTrue, args: n => [f64(n).fill(77, 9, 10), 2], strict: true },
  {
    name: 'two back, by an index that wraps',
    fn: aroundTheWord,
    args: n => [f64(n)],
    strict: 'the round 2 before',
  },
  {
    name: 'two ahead, by indices that wrap',
    fn: aroundTheWordFrom,
    args: n => [f64(n), 8 - 2147483647],
    strict: 'the round 2 before',
  },
  {
    name: 'products that cancel',
    fn: productsThatCancel,
    args: n => [
      Int32Array.from({ length: n }, (_, i) => Math.imul(i + 1, 100000007)),
      Int32Array.from({ length: n }, (_, i) => Math.imul(i + 3, 123456789)),
      Uint16Array.from({ length: n }, (_, i) => i * 37),
      new Uint8Array(n),
    ],
    strict: true,
  },
]
