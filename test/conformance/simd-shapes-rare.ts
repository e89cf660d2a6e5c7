import { type Shape, tame, values } from './simd-shapes.ts'

/** Loops whose state changes rarely: least elements and where they are. Long enough for several blocks of rounds. */

const f64 = (n: number, seed = 1): Float64Array => Float64Array.from(values(5 * n, seed))
/** Rises slowly, so that records go on. */
const mild = (n: number): Float64Array => Float64Array.from(tame(5 * n, 6), (x, i) => x + i * 900)
const f32 = (n: number): Float32Array => Float32Array.from(values(5 * n, 3))
const i32 = (n: number): Int32Array => Int32Array.from(values(5 * n, 4), x => (Number.isFinite(x) ? x * 1000 : 5))
const u8 = (n: number): Uint8Array => Uint8Array.from({ length: 5 * n }, (_, i) => 255 - ((i * 73 + (i >> 6)) & 127))
const steps = (n: number): Int32Array => Int32Array.from({ length: 5 * n }, (_, i) => (i > 200 ? i >> 5 : i >> 7))
/** Falls and stands still: the worst of all, with ties. */
const falling = (n: number): Float64Array =>
  Float64Array.from({ length: 5 * n }, (_, i) => -(i >> 1) * (i & 3 ? 1 : 0.5))
const zeros = (n: number): Float64Array =>
  Float64Array.from({ length: 5 * n }, (_, i) => (i % 3 === 1 ? -0 : i % 7 ? 0 : 1))
/** One low element at each place in turn. */
const dip = (n: number): Float64Array => Float64Array.from({ length: 300 }, (_, i) => (i === n * 4 + 3 ? -1 : 7))

function argmin(x: Float64Array): number[] {
  let best = Infinity
  let at = -1
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < best) {
      best = x[i]!
      at = i
    }
  }
  return [best, at]
}
function fromFirst(x: Float64Array): number[] {
  let best = x[0]!
  let at = 0
  for (let i = 1; i < x.length; i++) {
    const v = x[i]!
    if (v > best) {
      best = v
      at = i
    }
  }
  return [best, at]
}
function last(x: Float64Array): number[] {
  let best = 0
  let at = -1
  for (let i = 0; i < x.length; i++) {
    if (x[i]! <= best) {
      best = x[i]!
      at = i
    }
  }
  return [best, at]
}
function byIndex(x: Float64Array): number {
  let at = 0
  for (let i = 1; i < x.length; i++) if (x[i]! < x[at]!) at = i
  return at
}
function single(x: Float32Array): number[] {
  let best = 1e9
  let at = -1
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < best) {
      best = x[i]!
      at = i
    }
  }
  return [best, at]
}
function whole(x: Int32Array): number[] {
  let best = x[0]! | 0
  let at = 0
  for (let i = 0; i < x.length; i += 2) {
    if (x[i]! > best) {
      best = x[i]!
      at = i
    }
  }
  return [best, at]
}
function bytes(x: Uint8Array): number[] {
  let best = 256
  let at = -1
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < best) {
      best = x[i]!
      at = i
    }
  }
  return [best, at]
}
function nearest(x: Float64Array, y: Float64Array, px: number, py: number): number[] {
  let best = Infinity
  let at = -1
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - px
    const dy = y[i]! - py
    const d = dx * dx + dy * dy
    if (d < best) {
      best = d
      at = i
    }
  }
  return [best, at]
}
function both(x: Float64Array): number[] {
  let [low, high, a, b] = [x[0]!, x[0]!, 0, 0]
  for (let i = 1; i < x.length; i++) {
    const v = x[i]!
    if (v < low) {
      low = v
      a = i
    } else if (v > high) {
      high = v
      b = i
    }
  }
  return [low, high, a, b]
}
function topTwo(x: Float64Array): number[] {
  let first = -Infinity
  let second = -Infinity
  let changes = 0
  for (let i = 0; i < x.length; i++) {
    const v = Math.abs(x[i]!)
    if (v > first) {
      second = first
      first = v
      changes++
    } else if (v > second) second = v
  }
  return [first, second, changes]
}
function runs(x: Int32Array): number[] {
  let before = -1
  let count = 0
  let start = 0
  let longest = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i]! !== before) {
      if (i - start > longest) longest = i - start
      before = x[i]!
      start = i
      count++
    }
  }
  return [count, longest, before]
}
function records(x: Float64Array, from: number): number[] {
  let best = 0
  let count = 0
  let gap = 0
  let at = -1
  for (let i = from; i < x.length; i++) {
    if (x[i]! > best && i - at > 3) {
      best = x[i]!
      count++
      if (i - at > gap) gap = i - at
      at = i
    }
  }
  return [best, count, gap, at]
}

export const RARE: readonly Shape[] = [
  { name: 'a least element and its place', fn: argmin, args: n => [f64(n)], strict: true },
  { name: 'the place of a least element that falls', fn: argmin, args: n => [falling(n)], strict: true },
  { name: 'the place of a least zero', fn: argmin, args: n => [zeros(n)], strict: true },
  { name: 'the place of the only one', fn: argmin, args: n => [dip(n)], strict: true },
  { name: 'a greatest element and its place', fn: fromFirst, args: n => [f64(n + 1, 9)], strict: true },
  { name: 'the last of the least', fn: last, args: n => [zeros(n)], strict: true },
  { name: 'the place of a least element alone', fn: byIndex, args: n => [f64(n)], strict: true },
  { name: 'a least f32 and its place', fn: single, args: n => [f32(n)], strict: true },
  { name: 'a greatest i32 and its place', fn: whole, args: n => [i32(n)], strict: true },
  { name: 'a least byte and its place', fn: bytes, args: n => [u8(n)], strict: true },
  { name: 'the nearest point', fn: nearest, args: n => [f64(n), f64(n, 2), 1.5, -2], strict: true },
  { name: 'both ends and their places', fn: both, args: n => [f64(n + 1)], strict: true },
  { name: 'the two greatest', fn: topTwo, args: n => [mild(n)], strict: true },
  { name: 'runs of one value', fn: runs, args: n => [steps(n)], strict: true },
  { name: 'records far apart', fn: records, args: n => [mild(n), (n % 9) - 2], strict: true },
]
