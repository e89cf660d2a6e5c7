/**
 * exp of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * exp x = 2^k · exp r with k = x / ln 2 rounded and |r| ≤ ln 2 / 2; ln 2 in two parts, the first with 33 bits so that
 * its product with k is exact (Cody and Waite 1980; as fdlibm's e_exp.c), the rounding of r carried along; then a
 * minimax polynomial in Estrin's scheme. k stays in the low bits of a shifted double and goes into the exponent by an
 * integer addition. Lanes beyond ±708 and NaN take the slow path, where 2^k is two factors: overflow, gradual
 * underflow.
 */
import { add, bits, mad, mul, narrow, onlyFor, poly2, poly4, poly5, SHIFTER, splat, sub, widenHigh, widenLow } from './math/lanes'

const LOG2_E: f64 = 1.4426950408889634
const LN2_HIGH: f64 = 0.6931471804855391
const LN2_LOW: f64 = 7.440617110012397e-11
const LN2: f64 = 0.6931471805599453
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
  const p = mad(
    mul(r4, r4), poly2(r, 2.763023612753045e-7, 2.500032562173597e-8),
    mad(r4, poly4(r, r2, 0.0013888888943603315, 0.00019841269507695178, 2.4801493130200447e-5, 2.7557585453276825e-6),
      poly4(r, r2, 0.5000000000000011, 0.16666666666666413, 0.041666666666530246, 0.008333333333493918)))
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

/** Any argument: the same bits as the fast path where that is valid, since multiplying by powers of two is exact there. */
export function slow_f64x2_exp(x: v128): v128 {
  onlyFor(beyond(x))
  const bounded = f64x2.min(f64x2.max(x, splat(-760)), splat(720))
  const shifted = shiftedExponent(bounded)
  const y = expOfRest(bounded, sub(shifted, splat(SHIFTER)))
  // 2^k in two factors: k >> 1 and the rest, from the integer in the low bits.
  const k = i64x2.sub(shifted, bits(0x4338_0000_0000_0000))
  const half = i64x2.shr_s(k, 1)
  const one = bits(0x3ff0_0000_0000_0000)
  const first = i64x2.add(one, i64x2.shl(half, 52))
  const second = i64x2.add(one, i64x2.shl(i64x2.sub(k, half), 52))
  return mul(mul(y, first), second)
}

/** e to the power of one double: the bits of a lane of f64x2_exp. */
export function f64_exp(x: f64): f64 { return f64x2.extract_lane(f64x2_exp(splat(x)), 0) }

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
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(-200)), f32x4.splat(200))
  return narrow(shortExp(widenLow(bounded)), shortExp(widenHigh(bounded)))
}
/** e to the power of one float: the bits of a lane of f32x4_exp. */
export function f32_exp(x: f32): f32 { return f32x4.extract_lane(f32x4_exp(f32x4.splat(x)), 0) }
