/**
 * exp, expm1, sinh, cosh and tanh of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * exp x = 2^k · exp r with k = x / ln 2 rounded and |r| ≤ ln 2 / 2; ln 2 in two parts, the first with 33 bits so that
 * its product with k is exact (Cody and Waite 1980; as fdlibm's e_exp.c), the rounding of r carried along; then a
 * minimax polynomial in Estrin's scheme. k stays in the low bits of a shifted double and goes into the exponent by an
 * integer addition. Lanes beyond ±708 and NaN take the slow path, where 2^k is two factors: overflow, gradual
 * underflow.
 *
 * expm1 adds 2^k (exp r - 1) and 2^k - 1 with their rounding errors. sinh and cosh come from the even and the odd half of
 * the series: with p = (2^k + 2^-k)/2 and d = (2^k - 2^-k)/2, sinh x = d cosh r + p sinh r and cosh x = p cosh r + d sinh r,
 * free of cancellation. tanh x = m / (m + 2) with m = expm1(2x) in two parts.
 */
import {
  add, bits, div, fastSumError, mad, magnitude, mul, narrow, onlyFor, poly2, poly3, poly4, poly5, poly10, quotientRest, select, SHIFTER,
  signBit, splat, sub, sumError, upper, widenHigh, widenLow,
} from './math/lanes'

const LOG2_E: f64 = 1.4426950408889634
const LN2_HIGH: f64 = 0.6931471804855391
const LN2_LOW: f64 = 7.440617110012397e-11
const LN2: f64 = 0.6931471805599453
const ONE: i64 = 0x3ff0_0000_0000_0000
/** The encoding of 708: greater magnitudes, infinities and NaN compare greater as integers. */
const LIMIT: i64 = 0x4086_2000_0000_0000

// @ts-ignore: decorator
@inline function shiftedExponent(x: v128): v128 { return mad(x, splat(LOG2_E), splat(SHIFTER)) }
/** exp(x - k ln 2). */
// @ts-ignore: decorator
@inline function expOfRest(x: v128, k: v128): v128 {
  const high = sub(x, mul(k, splat(LN2_HIGH)))
  const low = mul(k, splat(LN2_LOW))
  const r = sub(high, low)
  const lost = sub(sub(high, r), low)
  const r2 = mul(r, r)
  const r4 = mul(r2, r2)
  const p = mad(r4,
    mad(r4, poly2(r, 2.763023612753045e-7, 2.500032562173597e-8), poly4(r, r2, 0.0013888888943603315, 0.00019841269507695178, 2.4801493130200447e-5, 2.7557585453276825e-6)),
    poly4(r, r2, 0.5000000000000011, 0.16666666666666413, 0.041666666666530246, 0.008333333333493918))
  return add(splat(1), add(r, mad(r2, p, lost)))
}

// @ts-ignore: decorator
@inline function beyond(x: v128): v128 { return i64x2.gt_s(f64x2.abs(x), bits(LIMIT)) }

/** e to the power of each lane. */
export function f64x2_exp(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const y = expOfRest(x, sub(shifted, splat(SHIFTER)))
  const fast = i64x2.add(y, i64x2.shl(shifted, 52))
  if (v128.any_true(beyond(x))) return slow_f64x2_exp(x)
  return fast
}

/** y · 2^k in two factors, so that neither 2^k overflows nor y is rounded before it becomes denormal. */
// @ts-ignore: decorator
@inline function scaleTwice(y: v128, k: v128): v128 {
  const half = i64x2.shr_s(k, 1)
  const first = i64x2.add(bits(ONE), i64x2.shl(half, 52))
  const second = i64x2.add(bits(ONE), i64x2.shl(i64x2.sub(k, half), 52))
  return mul(mul(y, first), second)
}
/** The integer in the low bits of a shifted double. */
// @ts-ignore: decorator
@inline function integerOf(shifted: v128): v128 { return i64x2.sub(shifted, bits(0x4338_0000_0000_0000)) }

/** Any argument: the same bits as the fast path where that is valid, since multiplying by powers of two is exact there. */
export function slow_f64x2_exp(x: v128): v128 {
  onlyFor(beyond(x))
  const bounded = f64x2.min(f64x2.max(x, splat(-760)), splat(720))
  const shifted = shiftedExponent(bounded)
  return scaleTwice(expOfRest(bounded, sub(shifted, splat(SHIFTER))), integerOf(shifted))
}

/** e to the power of one double: the bits of a lane of f64x2_exp. */
export function f64_exp(x: f64): f64 { return f64x2.extract_lane(f64x2_exp(splat(x)), 0) }

// ── expm1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-ignore: decorator
@inline function powerOfTwo(shifted: v128): v128 { return i64x2.add(bits(ONE), i64x2.shl(shifted, 52)) }
/** exp(r) - 1 - r, without r³'s share of the rounding of r. */
// @ts-ignore: decorator
@inline function expm1Rest(r: v128): v128 {
  const r2 = mul(r, r)
  const r4 = mul(r2, r2)
  const p = poly10(r, r2, r4, mul(r4, r4), 0.16666666666666677, 0.04166666666666669, 0.008333333333321702, 0.0013888888888870141,
    0.00019841269885970738, 2.480158735610811e-5, 2.7557244351364714e-6, 2.75572455842862e-7, 2.5108990770316297e-8, 2.092375804139917e-9)
  return mad(mul(r, r2), p, mul(splat(0.5), r2))
}
/** 2^k - 1 + 2^k r, the greater part of expm1. */
// @ts-ignore: decorator
@inline function expm1Head(power: v128, scaled: v128): v128 { return add(sub(power, splat(1)), scaled) }
/** What that left out, and 2^k (exp(r + lost) - 1 - r). */
// @ts-ignore: decorator
@inline function expm1Tail(power: v128, scaled: v128, head: v128, rest: v128): v128 {
  const less = sub(power, splat(1))
  const lost = sub(sub(power, less), splat(1))
  return add(fastSumError(less, scaled, head), mad(power, rest, lost))
}
// @ts-ignore: decorator
@inline function reducedHigh(x: v128, k: v128): v128 { return sub(x, mul(k, splat(LN2_HIGH))) }

/** exp(x) - 1 of each lane, also for small x. */
export function f64x2_expm1(x: v128): v128 {
  const bounded = f64x2.max(x, splat(-64))
  const shifted = shiftedExponent(bounded)
  const k = sub(shifted, splat(SHIFTER))
  const high = reducedHigh(bounded, k)
  const low = mul(k, splat(LN2_LOW))
  const r = sub(high, low)
  const rest = add(expm1Rest(r), sub(sub(high, r), low))
  const power = powerOfTwo(shifted)
  const scaled = mul(power, r)
  const head = expm1Head(power, scaled)
  // -0 stays -0, which adding zeros would not keep; negative results are negative anyway.
  const fast = v128.or(add(head, expm1Tail(power, scaled, head, rest)), signBit(x))
  if (v128.any_true(f64x2.gt(x, splat(708)))) return slow_f64x2_expm1(x, fast)
  return fast
}
export function slow_f64x2_expm1(x: v128, fast: v128): v128 {
  const large = f64x2.gt(x, splat(708))
  onlyFor(large)
  return select(large, f64x2_exp(x), fast)
}

// ── sinh, cosh, tanh ────────────────────────────────────────────────────────────────────────────────────────────────

/** sinh(r) - r. */
// @ts-ignore: decorator
@inline function sinhRest(r: v128, z: v128, z2: v128): v128 {
  return mul(mul(r, z), poly5(z, z2, mul(z2, z2), 0.16666666666666677, 0.00833333333332162, 0.00019841269886147373, 2.755724419345496e-6, 2.5109040745055113e-8))
}
/** cosh(r) - 1. */
// @ts-ignore: decorator
@inline function coshRest(z: v128, z2: v128): v128 {
  return mad(z2, poly4(z, z2, 0.04166666666660286, 0.001388888892723787, 2.4801508135287846e-5, 2.7625400672847097e-7), mul(splat(0.5), z))
}
/** 2^(k-1) */
// @ts-ignore: decorator
@inline function halfUp(shifted: v128): v128 { return i64x2.add(bits(ONE - 0x0010_0000_0000_0000), i64x2.shl(shifted, 52)) }
/** 2^(-k-1) */
// @ts-ignore: decorator
@inline function halfDown(shifted: v128): v128 { return i64x2.sub(bits(ONE - 0x0010_0000_0000_0000), i64x2.shl(shifted, 52)) }

/** Hyperbolic sine of each lane. */
export function f64x2_sinh(x: v128): v128 {
  const a = magnitude(x)
  const shifted = shiftedExponent(a)
  const k = sub(shifted, splat(SHIFTER))
  const high = reducedHigh(a, k)
  const low = mul(k, splat(LN2_LOW))
  const r = sub(high, low)
  const lost = sub(sub(high, r), low)
  const z = mul(r, r)
  const z2 = mul(z, z)
  const up = halfUp(shifted)
  const down = halfDown(shifted)
  const d = sub(up, down)
  const upward = mul(up, r)
  const downward = mul(down, r)
  // d + up·r + down·r with both rounding errors: the products are exact.
  const s1 = add(d, upward)
  const s2 = add(s1, downward)
  const errors = add(fastSumError(d, upward, s1), fastSumError(s1, downward, s2))
  const small = add(mul(d, coshRest(z, z2)), mul(add(up, down), add(sinhRest(r, z, z2), lost)))
  const dLow = sub(sub(up, d), down)
  const fast = v128.xor(add(s2, add(errors, add(dLow, small))), signBit(x))
  if (v128.any_true(f64x2.gt(a, splat(708)))) return slow_f64x2_sinh(x, fast)
  return fast
}
/** Hyperbolic cosine of each lane. */
export function f64x2_cosh(x: v128): v128 {
  const a = magnitude(x)
  const shifted = shiftedExponent(a)
  const k = sub(shifted, splat(SHIFTER))
  const high = reducedHigh(a, k)
  const low = mul(k, splat(LN2_LOW))
  const r = sub(high, low)
  const lost = sub(sub(high, r), low)
  const z = mul(r, r)
  const z2 = mul(z, z)
  const up = halfUp(shifted)
  const down = halfDown(shifted)
  const d = sub(up, down)
  const p = add(up, down)
  const small = add(mul(p, coshRest(z, z2)), mul(d, add(sinhRest(r, z, z2), lost)))
  const product = mul(d, r)
  const head = add(p, product)
  const fast = add(head, add(fastSumError(p, product, head), add(fastSumError(up, down, p), small)))
  if (v128.any_true(f64x2.gt(a, splat(708)))) return slow_f64x2_cosh(a, fast)
  return fast
}
/** exp(a) / 2 for a > 708, where the other half of sinh and cosh is nothing. */
// @ts-ignore: decorator
@inline function halfExp(a: v128): v128 {
  const bounded = f64x2.min(a, splat(720))
  const shifted = shiftedExponent(bounded)
  return scaleTwice(expOfRest(bounded, sub(shifted, splat(SHIFTER))), i64x2.sub(integerOf(shifted), bits(1)))
}
export function slow_f64x2_sinh(x: v128, fast: v128): v128 {
  const a = magnitude(x)
  const large = f64x2.gt(a, splat(708))
  onlyFor(large)
  return select(large, v128.xor(halfExp(a), signBit(x)), fast)
}
export function slow_f64x2_cosh(a: v128, fast: v128): v128 {
  const large = f64x2.gt(a, splat(708))
  onlyFor(large)
  return select(large, halfExp(a), fast)
}

/** Hyperbolic tangent of each lane. */
export function f64x2_tanh(x: v128): v128 {
  const a = magnitude(x)
  // 1 to double precision from 22 on.
  const twice = f64x2.min(add(a, a), splat(44))
  const shifted = shiftedExponent(twice)
  const k = sub(shifted, splat(SHIFTER))
  const high = reducedHigh(twice, k)
  const low = mul(k, splat(LN2_LOW))
  const r = sub(high, low)
  const rest = add(expm1Rest(r), sub(sub(high, r), low))
  const power = powerOfTwo(shifted)
  const scaled = mul(power, r)
  const head = expm1Head(power, scaled)
  const tail = expm1Tail(power, scaled, head, rest)
  const m = add(head, tail)
  const mLow = fastSumError(head, tail, m)
  const d = add(m, splat(2))
  const dLow = add(sumError(m, splat(2), d), mLow)
  const inverse = div(splat(1), d)
  const q = upper(mul(m, inverse))
  return v128.xor(add(q, quotientRest(m, mLow, d, dLow, q, inverse)), signBit(x))
}

/** exp(x) - 1 of one double: the bits of a lane of f64x2_expm1. */
export function f64_expm1(x: f64): f64 { return f64x2.extract_lane(f64x2_expm1(splat(x)), 0) }
/** Hyperbolic sine of one double: the bits of a lane of f64x2_sinh. */
export function f64_sinh(x: f64): f64 { return f64x2.extract_lane(f64x2_sinh(splat(x)), 0) }
/** Hyperbolic cosine of one double: the bits of a lane of f64x2_cosh. */
export function f64_cosh(x: f64): f64 { return f64x2.extract_lane(f64x2_cosh(splat(x)), 0) }
/** Hyperbolic tangent of one double: the bits of a lane of f64x2_tanh. */
export function f64_tanh(x: f64): f64 { return f64x2.extract_lane(f64x2_tanh(splat(x)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

/** exp of floats within ±200, widened: rounded to a float, that covers overflow and underflow. */
// @ts-ignore: decorator
@inline function shortExp(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const r = sub(x, mul(sub(shifted, splat(SHIFTER)), splat(LN2)))
  const r2 = mul(r, r)
  const p = poly5(r, r2, mul(r2, r2), 0.49999993470742277, 0.1666652068297168, 0.04166838295280326, 0.008368710859838552, 0.0013814852764055974)
  const y = mad(r2, p, add(splat(1), r))
  return i64x2.add(y, i64x2.shl(shifted, 52))
}

/** e to the power of each float. */
export function f32x4_exp(x: v128): v128 {
  const b = bounded32(x, 200)
  return narrow(shortExp(widenLow(b)), shortExp(widenHigh(b)))
}
/** e to the power of one float: the bits of a lane of f32x4_exp. */
export function f32_exp(x: f32): f32 { return f32x4.extract_lane(f32x4_exp(f32x4.splat(x)), 0) }

// @ts-ignore: decorator
@inline function shortRest(x: v128, shifted: v128): v128 { return sub(x, mul(sub(shifted, splat(SHIFTER)), splat(LN2))) }
/** Within ±200: rounded to a float, the result overflows and underflows by itself. */
// @ts-ignore: decorator
@inline function bounded32(x: v128, limit: f32): v128 { return f32x4.min(f32x4.max(x, f32x4.splat(-limit)), f32x4.splat(limit)) }
// @ts-ignore: decorator
@inline function signBits32(x: v128): v128 { return v128.and(x, i32x4.splat(i32.MIN_VALUE)) }

// @ts-ignore: decorator
@inline function shortExpm1(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const r = shortRest(x, shifted)
  const r2 = mul(r, r)
  const p = poly5(r, r2, mul(r2, r2), 0.1666666677501979, 0.04166648200725303, 0.008333281499960425, 0.0013933313738324364, 0.00019910050030701312)
  const y = mad(mad(r, p, splat(0.5)), r2, r)
  const power = powerOfTwo(shifted)
  return mad(power, y, sub(power, splat(1)))
}
// @ts-ignore: decorator
@inline function shortSinhRest(r: v128, z: v128): v128 {
  return mad(mul(r, z), poly3(z, mul(z, z), 0.1666666675449428, 0.00833328897123795, 0.00019904950281271553), r)
}
// @ts-ignore: decorator
@inline function shortCosh0(z: v128): v128 {
  return mad(mul(z, z), poly2(z, 0.041666459547843225, 0.0013935398591605884), mad(z, splat(0.5), splat(1)))
}
// @ts-ignore: decorator
@inline function shortSinh(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const r = shortRest(x, shifted)
  const z = mul(r, r)
  const up = halfUp(shifted)
  const down = halfDown(shifted)
  return mad(sub(up, down), shortCosh0(z), mul(add(up, down), shortSinhRest(r, z)))
}
// @ts-ignore: decorator
@inline function shortCosh(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const r = shortRest(x, shifted)
  const z = mul(r, r)
  const up = halfUp(shifted)
  const down = halfDown(shifted)
  return mad(add(up, down), shortCosh0(z), mul(sub(up, down), shortSinhRest(r, z)))
}
// @ts-ignore: decorator
@inline function shortTanh(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const r = shortRest(x, shifted)
  const z = mul(r, r)
  const up = halfUp(shifted)
  const down = halfDown(shifted)
  const s = shortSinhRest(r, z)
  const c = shortCosh0(z)
  const p = add(up, down)
  const d = sub(up, down)
  return div(mad(d, c, mul(p, s)), mad(p, c, mul(d, s)))
}

/** exp(x) - 1 of each float, also for small x. */
export function f32x4_expm1(x: v128): v128 {
  const b = bounded32(x, 200)
  return v128.or(narrow(shortExpm1(widenLow(b)), shortExpm1(widenHigh(b))), signBits32(x))
}
/** Hyperbolic sine of each float. */
export function f32x4_sinh(x: v128): v128 {
  const b = bounded32(x, 200)
  return v128.or(narrow(shortSinh(widenLow(b)), shortSinh(widenHigh(b))), signBits32(x))
}
/** Hyperbolic cosine of each float. */
export function f32x4_cosh(x: v128): v128 {
  const b = bounded32(x, 200)
  return narrow(shortCosh(widenLow(b)), shortCosh(widenHigh(b)))
}
/** Hyperbolic tangent of each float. */
export function f32x4_tanh(x: v128): v128 {
  const b = bounded32(x, 20)
  return v128.or(narrow(shortTanh(widenLow(b)), shortTanh(widenHigh(b))), signBits32(x))
}
/** exp(x) - 1 of one float: the bits of a lane of f32x4_expm1. */
export function f32_expm1(x: f32): f32 { return f32x4.extract_lane(f32x4_expm1(f32x4.splat(x)), 0) }
/** Hyperbolic sine of one float: the bits of a lane of f32x4_sinh. */
export function f32_sinh(x: f32): f32 { return f32x4.extract_lane(f32x4_sinh(f32x4.splat(x)), 0) }
/** Hyperbolic cosine of one float: the bits of a lane of f32x4_cosh. */
export function f32_cosh(x: f32): f32 { return f32x4.extract_lane(f32x4_cosh(f32x4.splat(x)), 0) }
/** Hyperbolic tangent of one float: the bits of a lane of f32x4_tanh. */
export function f32_tanh(x: f32): f32 { return f32x4.extract_lane(f32x4_tanh(f32x4.splat(x)), 0) }
