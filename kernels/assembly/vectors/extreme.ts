/** Least and greatest elements, where they are, and how many elements differ. */

// @ts-ignore: decorator
@inline function better<T>(greatest: bool, a: v128, b: v128): v128 {
  if (isFloat<T>()) return greatest ? v128.pmax<T>(a, b) : v128.pmin<T>(a, b)
  return greatest ? v128.max<T>(a, b) : v128.min<T>(a, b)
}
/**
 * The extreme of n ≥ 1 elements, NaN where there is one, -0 below 0 as in Math.min. In lanes -0 and 0 are equal (one
 * instruction instead of seven), so a zero is looked at again.
 */
// @ts-ignore: decorator
@inline function extreme<T>(greatest: bool, x: usize, n: i32): T {
  const begin = x
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~63)
  let best = load<T>(x)
  let b0 = v128.splat<T>(best), b1 = b0, b2 = b0, b3 = b0
  let wrong = i32x4.splat(0)
  while (x < end) {
    const v0 = v128.load(x), v1 = v128.load(x, 16), v2 = v128.load(x, 32), v3 = v128.load(x, 48)
    b0 = better<T>(greatest, b0, v0)
    b1 = better<T>(greatest, b1, v1)
    b2 = better<T>(greatest, b2, v2)
    b3 = better<T>(greatest, b3, v3)
    if (isFloat<T>()) {
      // The lanes of a comparison of two vectors are NaN in either: two tests for four vectors.
      wrong = v128.or(wrong, v128.or(unordered<T>(v0, v1), unordered<T>(v2, v3)))
    }
    x += 64
  }
  if (isFloat<T>()) {
    if (v128.any_true(wrong)) return <T>NaN
  }
  b0 = better<T>(greatest, better<T>(greatest, b0, b1), better<T>(greatest, b2, b3))
  best = horizontal<T>(greatest, b0, best)
  while (x < last) {
    const v = load<T>(x)
    if (isFloat<T>() && v != v) return v
    if (greatest ? v > best : v < best) best = v
    x += sizeof<T>()
  }
  if (isFloat<T>() && best == <T>0) return zero<T>(greatest, begin, n)
  return best
}

/** All ones where a or b is NaN. */
// @ts-ignore: decorator
@inline function unordered<T>(a: v128, b: v128): v128 {
  return v128.or(v128.ne<T>(a, a), v128.ne<T>(b, b))
}

// @ts-ignore: decorator
@inline function horizontal<T>(greatest: bool, lanes: v128, best: T): T {
  best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 0))
  best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 1))
  if (sizeof<T>() <= 4) {
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 2))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 3))
  }
  if (sizeof<T>() <= 2) {
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 4))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 5))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 6))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 7))
  }
  if (sizeof<T>() == 1) {
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 8))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 9))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 10))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 11))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 12))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 13))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 14))
    best = pick<T>(greatest, best, v128.extract_lane<T>(lanes, 15))
  }
  return best
}
// @ts-ignore: decorator
@inline function pick<T>(greatest: bool, a: T, b: T): T {
  return greatest ? (b > a ? b : a) : (b < a ? b : a)
}

/** The extreme is a zero: of which sign? */
function zero<T>(greatest: bool, x: usize, n: i32): T {
  for (let i = 0; i < n; i++) {
    const v = load<T>(x + <usize>i * sizeof<T>())
    if (v == <T>0 && (<T>1 / v > <T>0) == greatest) return v
  }
  return greatest ? <T>-0.0 : <T>0
}

/** Index of the first element that equals `value` (NaN: the first NaN), else -1. */
// @ts-ignore: decorator
@inline function find<T>(x: usize, n: i32, value: T): i32 {
  const begin = x
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~31)
  const nan = isFloat<T>() && value != value
  const vv = v128.splat<T>(value)
  while (x < end) {
    const a = v128.load(x), b = v128.load(x, 16)
    const found = nan
      ? v128.or(v128.ne<T>(a, a), v128.ne<T>(b, b))
      : v128.or(v128.eq<T>(a, vv), v128.eq<T>(b, vv))
    if (v128.any_true(found)) break
    x += 32
  }
  while (x < last) {
    const v = load<T>(x)
    if (nan ? v != v : v == value) return <i32>((x - begin) / sizeof<T>())
    x += sizeof<T>()
  }
  return -1
}

function least<T>(x: usize, n: i32): T { return extreme<T>(false, x, n) }
function greatest<T>(x: usize, n: i32): T { return extreme<T>(true, x, n) }
function index<T>(x: usize, n: i32, value: T): i32 { return find<T>(x, n, value) }

export function min_f64(x: usize, n: i32): f64 { return least<f64>(x, n) }
export function min_f32(x: usize, n: i32): f32 { return least<f32>(x, n) }
export function min_i32(x: usize, n: i32): i32 { return least<i32>(x, n) }
export function min_u32(x: usize, n: i32): u32 { return least<u32>(x, n) }
export function min_i16(x: usize, n: i32): i32 { return least<i16>(x, n) }
export function min_u16(x: usize, n: i32): i32 { return least<u16>(x, n) }
export function min_i8(x: usize, n: i32): i32 { return least<i8>(x, n) }
export function min_u8(x: usize, n: i32): i32 { return least<u8>(x, n) }
export function max_f64(x: usize, n: i32): f64 { return greatest<f64>(x, n) }
export function max_f32(x: usize, n: i32): f32 { return greatest<f32>(x, n) }
export function max_i32(x: usize, n: i32): i32 { return greatest<i32>(x, n) }
export function max_u32(x: usize, n: i32): u32 { return greatest<u32>(x, n) }
export function max_i16(x: usize, n: i32): i32 { return greatest<i16>(x, n) }
export function max_u16(x: usize, n: i32): i32 { return greatest<u16>(x, n) }
export function max_i8(x: usize, n: i32): i32 { return greatest<i8>(x, n) }
export function max_u8(x: usize, n: i32): i32 { return greatest<u8>(x, n) }
export function argmin_f64(x: usize, n: i32): i32 { return index<f64>(x, n, least<f64>(x, n)) }
export function argmin_f32(x: usize, n: i32): i32 { return index<f32>(x, n, least<f32>(x, n)) }
export function argmin_i32(x: usize, n: i32): i32 { return index<i32>(x, n, least<i32>(x, n)) }
export function argmin_u32(x: usize, n: i32): i32 { return index<u32>(x, n, least<u32>(x, n)) }
export function argmin_i16(x: usize, n: i32): i32 { return index<i16>(x, n, least<i16>(x, n)) }
export function argmin_u16(x: usize, n: i32): i32 { return index<u16>(x, n, least<u16>(x, n)) }
export function argmin_i8(x: usize, n: i32): i32 { return index<i8>(x, n, least<i8>(x, n)) }
export function argmin_u8(x: usize, n: i32): i32 { return index<u8>(x, n, least<u8>(x, n)) }
export function argmax_f64(x: usize, n: i32): i32 { return index<f64>(x, n, greatest<f64>(x, n)) }
export function argmax_f32(x: usize, n: i32): i32 { return index<f32>(x, n, greatest<f32>(x, n)) }
export function argmax_i32(x: usize, n: i32): i32 { return index<i32>(x, n, greatest<i32>(x, n)) }
export function argmax_u32(x: usize, n: i32): i32 { return index<u32>(x, n, greatest<u32>(x, n)) }
export function argmax_i16(x: usize, n: i32): i32 { return index<i16>(x, n, greatest<i16>(x, n)) }
export function argmax_u16(x: usize, n: i32): i32 { return index<u16>(x, n, greatest<u16>(x, n)) }
export function argmax_i8(x: usize, n: i32): i32 { return index<i8>(x, n, greatest<i8>(x, n)) }
export function argmax_u8(x: usize, n: i32): i32 { return index<u8>(x, n, greatest<u8>(x, n)) }

/** Greatest magnitude, NaN where there is one. */
export function maxAbs_f64(x: usize, n: i32): f64 {
  return max(abs(least<f64>(x, n)), abs(greatest<f64>(x, n)))
}
export function maxAbs_f32(x: usize, n: i32): f64 {
  return <f64>max(abs(least<f32>(x, n)), abs(greatest<f32>(x, n)))
}

/** One bit for each lane. */
// @ts-ignore: decorator
@inline function mask<T>(lanes: v128): i32 {
  if (sizeof<T>() == 8) return i64x2.bitmask(lanes)
  if (sizeof<T>() == 4) return i32x4.bitmask(lanes)
  if (sizeof<T>() == 2) return i16x8.bitmask(lanes)
  return i8x16.bitmask(lanes)
}

/** Number of positions at which elements differ: NaN differs from everything, -0 not from 0. */
// @ts-ignore: decorator
@inline function hamming<T>(x: usize, y: usize, n: i32): i32 {
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~15)
  let count = 0
  while (x < end) {
    count += popcnt(mask<T>(v128.ne<T>(v128.load(x), v128.load(y))))
    x += 16
    y += 16
  }
  while (x < last) {
    count += i32(load<T>(x) != load<T>(y))
    x += sizeof<T>()
    y += sizeof<T>()
  }
  return count
}
export function hamming_f64(x: usize, y: usize, n: i32): i32 { return hamming<f64>(x, y, n) }
export function hamming_f32(x: usize, y: usize, n: i32): i32 { return hamming<f32>(x, y, n) }
export function hamming_i32(x: usize, y: usize, n: i32): i32 { return hamming<i32>(x, y, n) }
export function hamming_i16(x: usize, y: usize, n: i32): i32 { return hamming<i16>(x, y, n) }
export function hamming_i8(x: usize, y: usize, n: i32): i32 { return hamming<i8>(x, y, n) }

/** Number of bits that differ in n bytes. */
export function hammingBits(x: usize, y: usize, n: i32): f64 {
  const last = x + <usize>n
  const end = x + <usize>(n & ~15)
  let total = i64x2.splat(0)
  while (x < end) {
    const bits = i8x16.popcnt(v128.xor(v128.load(x), v128.load(y)))
    const words = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bits))
    total = i64x2.add(total, i64x2.add(i64x2.extend_low_i32x4_u(words), i64x2.extend_high_i32x4_u(words)))
    x += 16
    y += 16
  }
  let count = <f64>(i64x2.extract_lane(total, 0) + i64x2.extract_lane(total, 1))
  while (x < last) {
    count += <f64>popcnt(<i32>(load<u8>(x) ^ load<u8>(y)))
    x++
    y++
  }
  return count
}
