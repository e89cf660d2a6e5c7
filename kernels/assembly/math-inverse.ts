/**
 * asin, acos, atan and atan2 of two doubles or four floats, in radians. Errors: docs/kernels/math.md.
 *
 * asin and acos: a polynomial in x² for |x| ≤ ½; beyond, asin x = π/2 - 2 asin √((1-|x|)/2) with the root in two parts,
 * arranged as in fdlibm's e_asin.c and e_acos.c (Sun Microsystems, 1993); outside [-1, 1] NaN.
 * atan and atan2: the smaller over the larger argument, reduced to [-1/3, 1/2] by arctan(b/a) = π/4 + arctan((b-a)/(b+a)),
 * the quotient in two parts, and multiples of π/4 added in two parts. Coefficients are minimax on these intervals.
 */
import {
  add, bits, div, fastSumError, mad, magnitude, mul, narrow, onlyFor, poly6, poly13, quotientRest, select, signBit, splat, sub, upper,
  widenHigh, widenLow,
} from './math/lanes'

const HALF_PI: f64 = 1.5707963267948966
const HALF_PI_LOW: f64 = 6.123233995736766e-17
const PI: f64 = 3.141592653589793
/** π/4 in 50 bits, so that its multiples by 2, 3 and 4 are exact, and the rest. */
const QUARTER_PI: f64 = 0.7853981633974483
const QUARTER_PI_LOW: f64 = 3.061616997868383e-17
const TINY: f64 = 1e-300

// ── asin, acos ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** asin(√z) / √z - 1 for 0 ≤ z ≤ ¼. */
// @ts-ignore: decorator
@inline function asinRest(z: v128): v128 {
  const z2 = mul(z, z)
  const z4 = mul(z2, z2)
  return mul(z, poly13(z, z2, z4, mul(z4, z4),
    0.16666666666666763, 0.07499999999970276, 0.044642857175109386, 0.030381942684108588, 0.02237221564771491, 0.017351600298854263,
    0.013980959169554674, 0.011397793209897093, 0.010786439770277306, 0.0036833546516473687, 0.021762792316518204, -0.02107636112789147,
    0.03267634693076181))
}
/** (1 - a) / 2 for a > ½: exact. */
// @ts-ignore: decorator
@inline function halfComplement(a: v128): v128 { return mul(splat(0.5), sub(splat(1), a)) }
/** √z less its upper half. */
// @ts-ignore: decorator
@inline function rootRest(z: v128, root: v128, head: v128): v128 {
  return div(sub(z, mul(head, head)), f64x2.max(add(root, head), splat(TINY)))
}

/** Arc sine of each lane. */
export function f64x2_asin(x: v128): v128 {
  const a = magnitude(x)
  const big = f64x2.gt(a, splat(0.5))
  const z = select(big, halfComplement(a), mul(a, a))
  const rest = asinRest(z)
  const root = f64x2.sqrt(z)
  const head = upper(root)
  const correction = sub(splat(HALF_PI_LOW), mul(splat(2), rootRest(z, root, head)))
  const p = sub(mul(add(root, root), rest), correction)
  const q = sub(splat(QUARTER_PI), add(head, head))
  const value = select(big, sub(splat(QUARTER_PI), sub(p, q)), mad(a, rest, a))
  return v128.xor(value, signBit(x))
}

/** Arc cosine of each lane. */
export function f64x2_acos(x: v128): v128 {
  const a = magnitude(x)
  const big = f64x2.gt(a, splat(0.5))
  const z = select(big, halfComplement(a), mul(a, a))
  const rest = asinRest(z)
  const root = f64x2.sqrt(z)
  const head = upper(root)
  const negative = f64x2.lt(x, splat(0))
  const low = mad(root, rest, rootRest(z, root, head))
  const half = add(head, sub(low, v128.and(negative, splat(HALF_PI_LOW))))
  const twice = add(half, half)
  const far = select(negative, sub(splat(PI), twice), twice)
  const near = sub(splat(HALF_PI), sub(x, sub(splat(HALF_PI_LOW), mul(x, rest))))
  return select(big, far, near)
}

// ── atan, atan2 ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** arctan(t) / t - 1 for |t| ≤ ½; z = t². */
// @ts-ignore: decorator
@inline function atanRest(z: v128): v128 {
  const z2 = mul(z, z)
  const z4 = mul(z2, z2)
  return mul(z, poly13(z, z2, z4, mul(z4, z4),
    -0.33333333333333315, 0.19999999999993442, -0.1428571428497759, 0.11111111069355857, -0.09090907691861583, 0.0769227747304006,
    -0.06666223664344727, 0.058778090689541575, -0.052300288110212985, 0.04589528801561041, -0.037121200535719434, 0.023659189937652217,
    -0.008368700593598))
}
/** Which multiple of π/4 is added: 0 to 4; the arctangent counts backwards where `swapped` differs from `negative`. */
// @ts-ignore: decorator
@inline function octant(big: v128, swapped: v128, negative: v128): v128 {
  const first = v128.and(big, splat(1))
  const second = select(swapped, sub(splat(2), first), first)
  return select(negative, sub(splat(4), second), second)
}
// @ts-ignore: decorator
@inline function backwards(swapped: v128, negative: v128): v128 { return v128.and(v128.xor(swapped, negative), bits(i64.MIN_VALUE)) }
/** arctan(b/a) for a ≥ b ≥ 0, reflected in the diagonal where `swapped` and in the vertical axis where `negative`. */
// @ts-ignore: decorator
@inline function angle(b: v128, a: v128, swapped: v128, negative: v128): v128 {
  const big = f64x2.gt(b, mul(splat(0.5), a))
  const sum = add(a, b)
  const n = select(big, sub(b, a), b)
  const d = select(big, sum, a)
  const dLow = v128.and(big, fastSumError(a, b, sum))
  const inverse = div(splat(1), d)
  const t = mul(n, inverse)
  const head = upper(t)
  const tail = quotientRest(n, splat(0), d, dLow, head, inverse)
  const flip = backwards(swapped, negative)
  const count = octant(big, swapped, negative)
  const base = mul(count, splat(QUARTER_PI))
  const turned = v128.xor(head, flip)
  const s = add(base, turned)
  const low = v128.xor(mad(t, atanRest(mul(t, t)), tail), flip)
  return add(s, add(fastSumError(base, turned, s), mad(count, splat(QUARTER_PI_LOW), low)))
}

/** Arc tangent of each lane. */
export function f64x2_atan(x: v128): v128 {
  // Beyond 2^64 the result is π/2 rounded, and infinity would divide to NaN.
  const a = f64x2.min(magnitude(x), splat(18446744073709551616.0))
  const swapped = f64x2.gt(a, splat(1))
  return v128.xor(angle(f64x2.min(a, splat(1)), f64x2.max(a, splat(1)), swapped, splat(0)), signBit(x))
}

/** Larger than 2^480, smaller than 2^-480 (also a smaller nonzero b), or NaN: the quotient's error would not be exact. */
// @ts-ignore: decorator
@inline function outOfScale(a: v128, b: v128): v128 {
  const small = splat(3.2033329522929615e-145)
  const fine = v128.and(f64x2.ge(a, small), f64x2.le(a, splat(3.1217485503159922e144)))
  return v128.not(v128.and(fine, v128.or(f64x2.ge(b, small), f64x2.eq(b, splat(0)))))
}

/** Angle of the points (x, y): each lane of y over that of x, with the quadrant. Zeros and infinities as in JavaScript. */
export function f64x2_atan2(y: v128, x: v128): v128 {
  const ay = magnitude(y)
  const ax = magnitude(x)
  const a = f64x2.max(ax, ay)
  const b = f64x2.min(ax, ay)
  const fast = v128.xor(angle(b, a, f64x2.gt(ay, ax), i64x2.lt_s(x, splat(0))), signBit(y))
  if (v128.any_true(outOfScale(a, b))) return slow_f64x2_atan2(y, x, fast)
  return fast
}

/** Scales by a power of two, or takes the mere quotient where the angle to the nearer axis is below 2^-60. */
export function slow_f64x2_atan2(y: v128, x: v128, fast: v128): v128 {
  const ay = magnitude(y)
  const ax = magnitude(x)
  const a = f64x2.max(ax, ay)
  const b = f64x2.min(ax, ay)
  const special = outOfScale(a, b)
  onlyFor(special)
  const swapped = f64x2.gt(ay, ax)
  const negative = i64x2.lt_s(x, splat(0))
  // (∞, ∞) stands for (1, 1), (∞, b) for (1, 0), (0, 0) for (1, 0).
  const infinite = f64x2.eq(a, splat(Infinity))
  const replaced = v128.or(infinite, f64x2.eq(a, splat(0)))
  const bothInfinite = f64x2.eq(b, splat(Infinity))
  const a1 = select(replaced, splat(1), a)
  const b1 = select(replaced, v128.and(bothInfinite, splat(1)), b)
  const factor = select(f64x2.gt(a1, splat(1)), splat(2.409919865102884e-181), splat(4.149515568880993e180))
  const scaled = angle(mul(b1, factor), mul(a1, factor), swapped, negative)
  const quotient = div(b1, a1)
  const count = octant(splat(0), swapped, negative)
  const thin = add(mad(count, splat(QUARTER_PI), v128.xor(quotient, backwards(swapped, negative))), mul(count, splat(QUARTER_PI_LOW)))
  const value = select(f64x2.lt(quotient, splat(8.673617379884035e-19)), thin, scaled)
  const number = select(v128.and(f64x2.eq(x, x), f64x2.eq(y, y)), value, splat(NaN))
  return select(special, v128.xor(number, signBit(y)), fast)
}

/** Arc sine of one double: the bits of a lane of f64x2_asin. */
export function f64_asin(x: f64): f64 { return f64x2.extract_lane(f64x2_asin(splat(x)), 0) }
/** Arc cosine of one double: the bits of a lane of f64x2_acos. */
export function f64_acos(x: f64): f64 { return f64x2.extract_lane(f64x2_acos(splat(x)), 0) }
/** Arc tangent of one double: the bits of a lane of f64x2_atan. */
export function f64_atan(x: f64): f64 { return f64x2.extract_lane(f64x2_atan(splat(x)), 0) }
/** Angle of one point: the bits of a lane of f64x2_atan2. */
export function f64_atan2(y: f64, x: f64): f64 { return f64x2.extract_lane(f64x2_atan2(splat(y), splat(x)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

// @ts-ignore: decorator
@inline function shortAsin(x: v128, cosine: bool): v128 {
  const a = magnitude(x)
  const big = f64x2.gt(a, splat(0.5))
  const z = select(big, halfComplement(a), mul(a, a))
  const z2 = mul(z, z)
  const root = select(big, f64x2.sqrt(z), a)
  const rest = mul(z, poly6(z, z2, mul(z2, z2), 0.16666659874046627, 0.07500510805263982, 0.04451574027487946, 0.03181745808346217, 0.014403132016271029, 0.03756453861862646))
  const t = mad(root, rest, root)
  const value = v128.xor(select(big, sub(splat(HALF_PI), add(t, t)), t), signBit(x))
  if (!cosine) return value
  // acos x = 2t near 1: the difference π/2 - asin x would cancel.
  const near = select(f64x2.lt(x, splat(0)), sub(splat(PI), add(t, t)), add(t, t))
  return select(big, near, sub(splat(HALF_PI), value))
}
// @ts-ignore: decorator
@inline function shortAngle(b: v128, a: v128, swapped: v128, negative: v128): v128 {
  const big = f64x2.gt(b, mul(splat(0.5), a))
  const t = div(select(big, sub(b, a), b), select(big, add(a, b), a))
  const z = mul(t, t)
  const z2 = mul(z, z)
  const rest = mul(z, poly6(z, z2, mul(z2, z2), -0.33333327088500453, 0.19999499152794029, -0.14272250376316217, 0.10942364625024266, -0.07989110112565811, 0.03879179327869315))
  const arc = v128.xor(mad(t, rest, t), backwards(swapped, negative))
  return mad(octant(big, swapped, negative), splat(QUARTER_PI), arc)
}
// @ts-ignore: decorator
@inline function shortAtan(x: v128): v128 {
  const a = f64x2.min(magnitude(x), splat(18446744073709551616.0))
  return v128.xor(shortAngle(f64x2.min(a, splat(1)), f64x2.max(a, splat(1)), f64x2.gt(a, splat(1)), splat(0)), signBit(x))
}
/** Infinities become 2^400 and (0, 0) becomes (2^-400, 0): the same angles, as far as floats can tell. */
// @ts-ignore: decorator
@inline function shortAtan2(y: v128, x: v128): v128 {
  const ay = f64x2.min(magnitude(y), splat(2.5822498780869086e120))
  const ax = f64x2.min(magnitude(x), splat(2.5822498780869086e120))
  const a = f64x2.max(f64x2.max(ax, ay), splat(3.8725919148493183e-121))
  const angle = shortAngle(f64x2.min(ax, ay), a, f64x2.gt(ay, ax), i64x2.lt_s(x, splat(0)))
  return v128.xor(angle, signBit(y))
}

/** Arc sine of each float. */
export function f32x4_asin(x: v128): v128 { return narrow(shortAsin(widenLow(x), false), shortAsin(widenHigh(x), false)) }
/** Arc cosine of each float. */
export function f32x4_acos(x: v128): v128 { return narrow(shortAsin(widenLow(x), true), shortAsin(widenHigh(x), true)) }
/** Arc tangent of each float. */
export function f32x4_atan(x: v128): v128 { return narrow(shortAtan(widenLow(x)), shortAtan(widenHigh(x))) }
/** Angle of the points (x, y) of floats. */
export function f32x4_atan2(y: v128, x: v128): v128 {
  return narrow(shortAtan2(widenLow(y), widenLow(x)), shortAtan2(widenHigh(y), widenHigh(x)))
}
/** Arc sine of one float: the bits of a lane of f32x4_asin. */
export function f32_asin(x: f32): f32 { return f32x4.extract_lane(f32x4_asin(f32x4.splat(x)), 0) }
/** Arc cosine of one float: the bits of a lane of f32x4_acos. */
export function f32_acos(x: f32): f32 { return f32x4.extract_lane(f32x4_acos(f32x4.splat(x)), 0) }
/** Arc tangent of one float: the bits of a lane of f32x4_atan. */
export function f32_atan(x: f32): f32 { return f32x4.extract_lane(f32x4_atan(f32x4.splat(x)), 0) }
/** Angle of one point of floats: the bits of a lane of f32x4_atan2. */
export function f32_atan2(y: f32, x: f32): f32 { return f32x4.extract_lane(f32x4_atan2(f32x4.splat(y), f32x4.splat(x)), 0) }
