/**
 * Reductions to one double. Every element is taken as a double, so that f32, i32 and u32 lose nothing on the way.
 *
 * Association: pieces of BLOCK elements are added in sixteen lanes, lane by lane, and the pieces pairwise, by halving
 * (N. Higham, "The accuracy of floating point summation", SIAM J. Sci. Comput. 14, 1993: error O(log n) instead of
 * O(n)). It depends on the length alone: neither on alignment nor on who computes which half.
 */

import { maxAbs_f64 } from './extreme'

const SUM: i32 = 0
const DOT: i32 = 1
const SQUARE: i32 = 2
const SQUARED_DEVIATION: i32 = 3
const MAGNITUDE: i32 = 4
const SQUARED_DIFFERENCE: i32 = 5
const DIFFERENCE: i32 = 6
const SCALED_SQUARE: i32 = 7

/** Elements that are added in lanes; the unit of pairwise addition. */
const BLOCK: i32 = 512

/** Two elements as doubles. */
// @ts-ignore: decorator
@inline function two<T>(p: usize): v128 {
  if (isFloat<T>()) {
    if (sizeof<T>() == 8) return v128.load(p)
    return f64x2.promote_low_f32x4(v128.load64_zero(p))
  }
  if (isSigned<T>()) return f64x2.convert_low_i32x4_s(v128.load64_zero(p))
  return f64x2.convert_low_i32x4_u(v128.load64_zero(p))
}

// @ts-ignore: decorator
@inline function readsSecond(op: i32): bool {
  return op == DOT || op == SQUARED_DIFFERENCE || op == DIFFERENCE
}

// @ts-ignore: decorator
@inline function term<T>(op: i32, x: usize, y: usize, c: v128): v128 {
  const a = two<T>(x)
  if (op == SUM) return a
  if (op == SQUARE) return f64x2.mul(a, a)
  if (op == MAGNITUDE) return f64x2.abs(a)
  if (op == SQUARED_DEVIATION) {
    const d = f64x2.sub(a, c)
    return f64x2.mul(d, d)
  }
  if (op == SCALED_SQUARE) {
    const s = f64x2.mul(a, c)
    return f64x2.mul(s, s)
  }
  const b = two<T>(y)
  if (op == DOT) return f64x2.mul(a, b)
  const d = f64x2.sub(a, b)
  if (op == DIFFERENCE) return f64x2.abs(d)
  return f64x2.mul(d, d)
}

// @ts-ignore: decorator
@inline function scalarTerm<T>(op: i32, x: usize, y: usize, c: f64): f64 {
  const a = <f64>load<T>(x)
  if (op == SUM) return a
  if (op == SQUARE) return a * a
  if (op == MAGNITUDE) return abs(a)
  if (op == SQUARED_DEVIATION) return (a - c) * (a - c)
  if (op == SCALED_SQUARE) return (a * c) * (a * c)
  const b = <f64>load<T>(y)
  if (op == DOT) return a * b
  if (op == DIFFERENCE) return abs(a - b)
  return (a - b) * (a - b)
}

// @ts-ignore: decorator
@inline function block<T>(op: i32, x: usize, y: usize, n: i32, c: f64): f64 {
  const cc = f64x2.splat(c)
  const w = sizeof<T>() * 2
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0
  const end = x + (<usize>(n & ~15)) * sizeof<T>()
  const last = x + (<usize>n) * sizeof<T>()
  while (x < end) {
    s0 = f64x2.add(s0, term<T>(op, x, y, cc))
    s1 = f64x2.add(s1, term<T>(op, x + w, y + w, cc))
    s2 = f64x2.add(s2, term<T>(op, x + 2 * w, y + 2 * w, cc))
    s3 = f64x2.add(s3, term<T>(op, x + 3 * w, y + 3 * w, cc))
    s4 = f64x2.add(s4, term<T>(op, x + 4 * w, y + 4 * w, cc))
    s5 = f64x2.add(s5, term<T>(op, x + 5 * w, y + 5 * w, cc))
    s6 = f64x2.add(s6, term<T>(op, x + 6 * w, y + 6 * w, cc))
    s7 = f64x2.add(s7, term<T>(op, x + 7 * w, y + 7 * w, cc))
    x += 8 * w
    if (readsSecond(op)) y += 8 * w
  }
  const s = f64x2.add(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)), f64x2.add(f64x2.add(s4, s5), f64x2.add(s6, s7)))
  let total = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)
  while (x < last) {
    total += scalarTerm<T>(op, x, y, c)
    x += sizeof<T>()
    if (readsSecond(op)) y += sizeof<T>()
  }
  return total
}

/** Where the elements are halved: a whole number of blocks, the left half the larger one. */
// @ts-ignore: decorator
@inline function middle(n: i32): i32 {
  const blocks = (n + BLOCK - 1) / BLOCK
  return ((blocks + 1) >> 1) * BLOCK
}

function sums<T>(x: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(SUM, x, 0, n, 0)
  const m = middle(n)
  return sums<T>(x, m) + sums<T>(x + <usize>m * sizeof<T>(), n - m)
}
function dots<T>(x: usize, y: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(DOT, x, y, n, 0)
  const m = middle(n)
  const offset = <usize>m * sizeof<T>()
  return dots<T>(x, y, m) + dots<T>(x + offset, y + offset, n - m)
}
function squares<T>(x: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(SQUARE, x, 0, n, 0)
  const m = middle(n)
  return squares<T>(x, m) + squares<T>(x + <usize>m * sizeof<T>(), n - m)
}
function deviations<T>(x: usize, n: i32, mean: f64): f64 {
  if (n <= BLOCK) return block<T>(SQUARED_DEVIATION, x, 0, n, mean)
  const m = middle(n)
  return deviations<T>(x, m, mean) + deviations<T>(x + <usize>m * sizeof<T>(), n - m, mean)
}
function magnitudes<T>(x: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(MAGNITUDE, x, 0, n, 0)
  const m = middle(n)
  return magnitudes<T>(x, m) + magnitudes<T>(x + <usize>m * sizeof<T>(), n - m)
}
function squaredDifferences<T>(x: usize, y: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(SQUARED_DIFFERENCE, x, y, n, 0)
  const m = middle(n)
  const offset = <usize>m * sizeof<T>()
  return squaredDifferences<T>(x, y, m) + squaredDifferences<T>(x + offset, y + offset, n - m)
}
function differences<T>(x: usize, y: usize, n: i32): f64 {
  if (n <= BLOCK) return block<T>(DIFFERENCE, x, y, n, 0)
  const m = middle(n)
  const offset = <usize>m * sizeof<T>()
  return differences<T>(x, y, m) + differences<T>(x + offset, y + offset, n - m)
}
function scaledSquares<T>(x: usize, n: i32, scale: f64): f64 {
  if (n <= BLOCK) return block<T>(SCALED_SQUARE, x, 0, n, scale)
  const m = middle(n)
  return scaledSquares<T>(x, m, scale) + scaledSquares<T>(x + <usize>m * sizeof<T>(), n - m, scale)
}

export function sum_f64(x: usize, n: i32): f64 { return sums<f64>(x, n) }
export function sum_f32(x: usize, n: i32): f64 { return sums<f32>(x, n) }
export function sum_i32(x: usize, n: i32): f64 { return sums<i32>(x, n) }
export function sum_u32(x: usize, n: i32): f64 { return sums<u32>(x, n) }
export function dot_f64(x: usize, y: usize, n: i32): f64 { return dots<f64>(x, y, n) }
export function dot_f32(x: usize, y: usize, n: i32): f64 { return dots<f32>(x, y, n) }
export function dot_i32(x: usize, y: usize, n: i32): f64 { return dots<i32>(x, y, n) }
export function magnitude_f64(x: usize, n: i32): f64 { return magnitudes<f64>(x, n) }
export function magnitude_f32(x: usize, n: i32): f64 { return magnitudes<f32>(x, n) }
export function euclidean_f64(x: usize, y: usize, n: i32): f64 { return squaredDifferences<f64>(x, y, n) }
export function euclidean_f32(x: usize, y: usize, n: i32): f64 { return squaredDifferences<f32>(x, y, n) }
export function euclidean_i32(x: usize, y: usize, n: i32): f64 { return squaredDifferences<i32>(x, y, n) }
export function manhattan_f64(x: usize, y: usize, n: i32): f64 { return differences<f64>(x, y, n) }
export function manhattan_f32(x: usize, y: usize, n: i32): f64 { return differences<f32>(x, y, n) }
export function manhattan_i32(x: usize, y: usize, n: i32): f64 { return differences<i32>(x, y, n) }

/** 1 - x·y / (|x| |y|), which rounding must not take below 0 or above 2. */
// @ts-ignore: decorator
@inline function cosine<T>(x: usize, y: usize, n: i32): f64 {
  return min(2.0, max(0.0, 1 - dots<T>(x, y, n) / (sqrt(squares<T>(x, n)) * sqrt(squares<T>(y, n)))))
}
export function cosine_f64(x: usize, y: usize, n: i32): f64 { return cosine<f64>(x, y, n) }
export function cosine_f32(x: usize, y: usize, n: i32): f64 { return cosine<f32>(x, y, n) }

/** Mean squared deviation in two passes, divided by n - freedom. */
// @ts-ignore: decorator
@inline function variance<T>(x: usize, n: i32, freedom: f64): f64 {
  if (<f64>n <= freedom) return NaN
  return deviations<T>(x, n, sums<T>(x, n) / <f64>n) / (<f64>n - freedom)
}
export function variance_f64(x: usize, n: i32, freedom: f64): f64 { return variance<f64>(x, n, freedom) }
export function variance_f32(x: usize, n: i32, freedom: f64): f64 { return variance<f32>(x, n, freedom) }
export function variance_i32(x: usize, n: i32, freedom: f64): f64 { return variance<i32>(x, n, freedom) }

/** Between these, squares and their sum neither overflow nor lose more than the last bits. */
const TINY: f64 = 1.1830521861667747e-271 // 2^-900
const HUGE: f64 = 1.0715086071862673e301 // 2^1000
const UP: f64 = 4.149515568880993e180 // 2^600
const DOWN: f64 = 2.409919865102884e-181 // 2^-600

/** √Σx², scaled by a power of two where the squares would overflow or underflow. The squares of floats never do. */
export function norm_f64(x: usize, n: i32): f64 {
  const sum = squares<f64>(x, n)
  if (n == 0 || (sum > TINY && sum < HUGE)) return sqrt(sum)
  const greatest = maxAbs_f64(x, n)
  if (!(greatest > 0 && greatest < Infinity)) return greatest
  const scale = greatest < 1 ? UP : DOWN
  return sqrt(scaledSquares<f64>(x, n, scale)) / scale
}
export function norm_f32(x: usize, n: i32): f64 { return sqrt(squares<f32>(x, n)) }
