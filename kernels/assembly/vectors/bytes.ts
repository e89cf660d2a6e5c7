/**
 * Reductions of bytes, exact: elements are widened to 16 bits, multiplied and added in pairs to 32 bits (pmaddwd), and
 * 32-bit lanes are emptied into a double before they can overflow.
 */

const SUM: i32 = 0
const DOT: i32 = 1
const SQUARED_DIFFERENCE: i32 = 2
const DIFFERENCE: i32 = 3

/** Bytes between two emptyings: a lane grows by at most 4 · 255² for 16 bytes. */
const CHUNK: i32 = 65536

// @ts-ignore: decorator
@inline function low<T>(x: v128): v128 {
  return isSigned<T>() ? i16x8.extend_low_i8x16_s(x) : i16x8.extend_low_i8x16_u(x)
}
// @ts-ignore: decorator
@inline function high<T>(x: v128): v128 {
  return isSigned<T>() ? i16x8.extend_high_i8x16_s(x) : i16x8.extend_high_i8x16_u(x)
}

// @ts-ignore: decorator
@inline function pairs(op: i32, a: v128, b: v128): v128 {
  if (op == SUM) return i32x4.dot_i16x8_s(a, i16x8.splat(1))
  if (op == DOT) return i32x4.dot_i16x8_s(a, b)
  const d = i16x8.sub(a, b)
  if (op == DIFFERENCE) return i32x4.dot_i16x8_s(i16x8.abs(d), i16x8.splat(1))
  return i32x4.dot_i16x8_s(d, d)
}

// @ts-ignore: decorator
@inline function one<T>(op: i32, x: usize, y: usize): i32 {
  const a = <i32>load<T>(x)
  if (op == SUM) return a
  const b = <i32>load<T>(y)
  if (op == DOT) return a * b
  if (op == DIFFERENCE) return abs(a - b)
  return (a - b) * (a - b)
}

// @ts-ignore: decorator
@inline function reduce<T>(op: i32, x: usize, y: usize, n: i32): f64 {
  let total: f64 = 0
  const last = x + <usize>n
  while (x < last) {
    const size = min(<i32>(last - x), CHUNK)
    const end = x + <usize>(size & ~15)
    const rest = x + <usize>size
    let s0 = i32x4.splat(0), s1 = s0
    while (x < end) {
      const a = v128.load(x)
      const b = op == SUM ? a : v128.load(y)
      s0 = i32x4.add(s0, pairs(op, low<T>(a), low<T>(b)))
      s1 = i32x4.add(s1, pairs(op, high<T>(a), high<T>(b)))
      x += 16
      y += 16
    }
    // Each lane is below 2^30, so that two of them may be added, but not all eight.
    const s = i32x4.add(s0, s1)
    total += <f64>i32x4.extract_lane(s, 0) + <f64>i32x4.extract_lane(s, 1)
    total += <f64>i32x4.extract_lane(s, 2) + <f64>i32x4.extract_lane(s, 3)
    while (x < rest) {
      total += <f64>one<T>(op, x, y)
      x++
      y++
    }
  }
  return total
}

export function sum_i8(x: usize, n: i32): f64 { return reduce<i8>(SUM, x, 0, n) }
export function sum_u8(x: usize, n: i32): f64 { return reduce<u8>(SUM, x, 0, n) }
export function dot_i8(x: usize, y: usize, n: i32): f64 { return reduce<i8>(DOT, x, y, n) }
export function dot_u8(x: usize, y: usize, n: i32): f64 { return reduce<u8>(DOT, x, y, n) }
export function euclidean_i8(x: usize, y: usize, n: i32): f64 { return reduce<i8>(SQUARED_DIFFERENCE, x, y, n) }
export function euclidean_u8(x: usize, y: usize, n: i32): f64 { return reduce<u8>(SQUARED_DIFFERENCE, x, y, n) }
export function manhattan_i8(x: usize, y: usize, n: i32): f64 { return reduce<i8>(DIFFERENCE, x, y, n) }
export function manhattan_u8(x: usize, y: usize, n: i32): f64 { return reduce<u8>(DIFFERENCE, x, y, n) }
