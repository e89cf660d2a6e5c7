import { type Shape, values } from './simd-shapes.ts'

/** Loops with a second index beside the counter: each catches a planted defect of the pass `induction`. */

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(n, seed))
const i32 = (n: number, seed = 1): Int32Array => Int32Array.from(values(n, seed))

function along(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) out[at++] = x[i]! * 2
  return at
}
function from(x: Float64Array, at: number, out: Float64Array): number {
  for (let i = 0; i < x.length; i++) out[at++] = x[i]! + at
  return at
}
function pairs(x: Float64Array, out: Float64Array): number {
  let j = 0
  for (let i = 0; i < x.length; i += 2) {
    out[j] = x[i]! + x[i + 1]!
    j++
  }
  return j
}
function everyOther(x: Float64Array, out: Float64Array): number {
  let j = 1
  for (let i = 0; i < x.length; i++) {
    out[i] = x[j]!
    j += 2
  }
  return j
}
function twice(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    out[at++] = x[i]!
    out[at++] = -x[i]!
  }
  return at
}
function backwards(x: Float64Array, out: Float64Array): number {
  let at = x.length
  for (let i = 0; i < x.length; i++) out[--at] = x[i]! + 0.5
  return at
}
function modulo32(x: Int32Array, out: Int32Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    out[at] = x[i]! ^ at
    at = (at + 1) | 0
  }
  return at
}
function grid(x: Float64Array, y: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) for (let j = 0; j < y.length; j++) out[at++] = x[i]! * y[j]!
  return at
}
function rows(x: Float64Array, width: number, out: Float64Array): number {
  let row = 0
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < width; j++) out[row + j] = x[j]! * (i + 1)
    row += width
  }
  return row
}
function separated(x: Float64Array, width: number, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < 4; i++) {
    out[at++] = i
    for (let j = 1; j < width; j += 3) out[at++] = x[j]!
    out[at++] = at
  }
  return at
}
function triangle(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) for (let j = 0; j < i; j++) out[at++] = x[j]! - x[i]!
  return at
}
function untilNegative(x: Float64Array, out: Float64Array): number {
  let at = 2
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < -900) break
    out[at++] = x[i]!
  }
  return at
}
function untilLater(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    out[at++] = x[i]!
    if (x[i]! < -900) break
  }
  return at
}
function leftNest(x: Float64Array, width: number, out: Float64Array): number {
  let at = 0
  outer: for (let i = 0; i < 6; i++) {
    for (let j = 0; j < width; j++) {
      out[at++] = x[j]!
      if (at === 40) break outer
    }
  }
  return at
}
function skips(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 0) continue
    out[at++] = x[i]!
  }
  return at
}
function wrapping(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    out[at] = x[i]!
    at = (at + 300_000_000) | 0
  }
  return at
}
function carriedOver(x: Float64Array, rounds: number, out: Float64Array): number {
  let at = 0
  for (let i = 1; i < rounds; i *= 2) for (let j = 0; j < x.length; j++) out[at++] = x[j]! * i
  return at
}
function carriedBeyond(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 1; i < 99; i *= 2) {
    for (let j = 0; j < x.length; j++) {
      out[at] = x[j]! * i
      at += 40_000_000
    }
  }
  return at
}
function skipsDeep(x: Float64Array, out: Float64Array): number {
  let at = 0
  let s = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > 0) {
      if (x[i]! < 5) continue
      s += i
    }
    out[at++] = x[i]! + s
  }
  return at
}
function rowsBack(x: Float64Array, width: number, out: Float64Array): number {
  let row = width * 4
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < width; j++) out[row + j] = x[j]! * (i + 1)
    row -= width
  }
  return row
}
function fraction(x: Float64Array, out: Float64Array): number {
  let at = 0.5
  for (let i = 0; i < x.length; i++) {
    out[at] = x[i]!
    at += 0.5
  }
  return at
}
function minusZero(x: Float64Array, out: Float64Array): number {
  let at = -0
  let s = 0
  for (let i = 0; i < x.length; i++) {
    s += 1 / at
    out[at++] = x[i]!
  }
  return s + 1 / at
}

/** A tail by the sign of x, and the rest of it: as in a distribution function. */
function tails(x: Float64Array, out: Float64Array): number {
  let at = 0
  for (let i = 0; i < x.length; i++) {
    const t = 1 / (1 + 0.25 * Math.abs(x[i]!))
    const tail = Math.exp(-0.5 * t) * t
    let result = 1 - tail
    if (x[i]! < 0) result = tail
    out[at++] = result
  }
  return at
}

const out = (n: number): Float64Array => new Float64Array(n).fill(7)
const one = (n: number): readonly unknown[] => [f64(n), out(n)]
const nested = (n: number): readonly unknown[] => [f64(n), n, out(n * 6)]

export const RUNNING: readonly Shape[] = [
  { name: 'an index that goes along', fn: along, args: n => [f64(n), out(Math.max(0, n - (n % 3)))], strict: true },
  { name: 'an index that begins anywhere', fn: from, args: n => [f64(n), (n % 7) - 2, out(n)], strict: true },
  { name: 'one out of two', fn: pairs, args: n => [f64(n), out(n)], strict: true },
  { name: 'two ahead', fn: everyOther, args: n => [f64(2 * n), out(2 * n)], strict: true },
  { name: 'two at once', fn: twice, args: n => [f64(n), out(2 * n - (n % 5 === 4 ? 1 : 0))], strict: true },
  { name: 'an index that goes back', fn: backwards, args: one, strict: true },
  { name: 'an index modulo 2^32', fn: modulo32, args: n => [i32(n), new Int32Array(n)], strict: true },
  { name: 'an index through a nest', fn: grid, args: n => [f64(5), f64(n), out(5 * n - (n & 1))], strict: true },
  { name: 'rows by a running offset', fn: rows, args: n => [f64(n), n, out(n * 5)], strict: true },
  { name: 'rows with ends', fn: separated, args: nested, strict: true },
  { name: 'rows backwards', fn: rowsBack, args: n => [f64(n), n, out(n * 5)], strict: true },
  { name: 'a triangle', fn: triangle, args: n => [f64(n), out(n * n)], strict: true },
  { name: 'an index in a loop that is left', fn: untilNegative, args: n => [f64(n), out(n)], strict: true },
  { name: 'left after the index went on', fn: untilLater, args: one, strict: true },
  { name: 'a nest that is left', fn: leftNest, args: nested, strict: 'is not vectorised' },
  { name: 'an index that not every round moves', fn: skips, args: one, strict: 'is not vectorised' },
  { name: 'an index that wraps', fn: wrapping, args: one, strict: 'is not vectorised' },
  {
    name: 'an index kept by a loop that is not counted',
    fn: carriedOver,
    args: n => [f64(n), 9, out(4 * n)],
    strict: true,
  },
  { name: 'an index beyond 2^31', fn: carriedBeyond, args: one, strict: 'is not vectorised' },
  { name: 'an index that few rounds move', fn: skipsDeep, args: one, strict: 'is not vectorised' },
  {
    name: 'a function of Math, in pairs at the end',
    fn: tails,
    args: one,
    strict: 'keeps the bits of the host',
    fast: true,
    bound: 1e-14,
  },
  { name: 'an index with a fraction', fn: fraction, args: one, strict: 'is not vectorised' },
  { name: 'an index that begins as -0', fn: minusZero, args: one, strict: 'is not vectorised' },
]
