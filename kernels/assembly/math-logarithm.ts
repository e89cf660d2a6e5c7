/**
 * Natural logarithm of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * x = 2^k · (1 + f) with 1 + f in [√½, √2); log(1 + f) by the odd series in s = f / (2 + f), arranged as in fdlibm's
 * e_log.c (Sun Microsystems, 1993) so that f itself enters exactly; minimax coefficients. The split of x is integer
 * arithmetic on the encoding (as in musl's log2.c). Lanes that are zero, negative, denormal, infinite or NaN take
 * the slow path: log(±0) is -Infinity, log of a negative number NaN.
 */
import { add, bits, div, mad, mul, narrow, onlyFor, poly3, poly4, select, splat, sub, widenHigh, widenLow } from './math/lanes'

const LN2_HIGH: f64 = 0.6931471804855391
const LN2_LOW: f64 = 7.440617110012397e-11
const LN2: f64 = 0.6931471805599453
const SQRT_HALF_BITS: i64 = 0x3fe6_a09e_667f_3bcd
const ONE_BITS: i64 = 0x3ff0_0000_0000_0000
const MANTISSA: i64 = 0x000f_ffff_ffff_ffff
/** 2^52 in encoding, into whose low bits an unsigned integer fits; and its value with the bias of the exponent. */
const TWO_52_BITS: i64 = 0x4330_0000_0000_0000
const TWO_52_BIASED: f64 = 4503599627370496.0 + 1023.0

/** Encoding shifted so that the binary exponent steps at √½ instead of 1. */
// @ts-ignore: decorator
@inline function centred(x: v128): v128 { return i64x2.add(x, bits(ONE_BITS - SQRT_HALF_BITS)) }
// @ts-ignore: decorator
@inline function exponentOf(c: v128): v128 { return sub(v128.or(i64x2.shr_u(c, 52), bits(TWO_52_BITS)), splat(TWO_52_BIASED)) }
// @ts-ignore: decorator
@inline function significandOf(c: v128): v128 { return i64x2.add(v128.and(c, bits(MANTISSA)), bits(SQRT_HALF_BITS)) }

/** log(x · 2^scale) for positive normal x. */
// @ts-ignore: decorator
@inline function logOfNormal(c: v128, k: v128): v128 {
  const f = sub(significandOf(c), splat(1))
  const s = div(f, add(f, splat(2)))
  const z = mul(s, s)
  const z2 = mul(z, z)
  const series = mul(z, mad(mul(z2, z2), poly3(z, z2, 0.181835643794615, 0.15314048676650796, 0.14795972536851829),
    poly4(z, z2, 0.6666666666666734, 0.39999999999414715, 0.2857142874238699, 0.22222198572640517)))
  const halfSquare = mul(mul(splat(0.5), f), f)
  const tail = mad(s, add(halfSquare, series), mul(k, splat(LN2_LOW)))
  return sub(mul(k, splat(LN2_HIGH)), sub(sub(halfSquare, tail), f))
}

/** Zero, denormal, negative, infinite or NaN: unsigned x - 2^-1022 ≥ Infinity - 2^-1022, as a signed comparison. */
// @ts-ignore: decorator
@inline function notNormal(x: v128): v128 { return i64x2.gt_s(i64x2.add(x, bits(0x7ff0_0000_0000_0000)), bits(-0x0020_0000_0000_0001)) }

/** Natural logarithm of each lane. */
export function f64x2_log(x: v128): v128 {
  const c = centred(x)
  const fast = logOfNormal(c, exponentOf(c))
  if (v128.any_true(notNormal(x))) return slow_f64x2_log(x)
  return fast
}

/** Any argument: denormals are scaled up by 2^54. */
export function slow_f64x2_log(x: v128): v128 {
  onlyFor(notNormal(x))
  const denormal = f64x2.lt(x, splat(2.2250738585072014e-308))
  const c = centred(select(denormal, mul(x, splat(18014398509481984.0)), x))
  const value = logOfNormal(c, sub(exponentOf(c), v128.and(denormal, splat(54))))
  const finite = select(f64x2.lt(x, splat(Infinity)), value, x)
  const positive = select(f64x2.eq(x, splat(0)), splat(-Infinity), finite)
  return select(f64x2.ge(x, splat(0)), positive, splat(NaN))
}

/** Natural logarithm of one double: the bits of a lane of f64x2_log. */
export function f64_log(x: f64): f64 { return f64x2.extract_lane(f64x2_log(splat(x)), 0) }

/** Natural logarithm of positive normal floats, widened (also of denormal ones, which are normal doubles). */
// @ts-ignore: decorator
@inline function shortLog(x: v128): v128 {
  const c = centred(x)
  const f = sub(significandOf(c), splat(1))
  const s = div(f, add(f, splat(2)))
  const z = mul(s, s)
  const series = mul(mul(s, z), poly3(z, mul(z, z), 0.666667763492209, 0.39977545368510553, 0.29871639226559377))
  return mad(exponentOf(c), splat(LN2), add(add(s, s), series))
}

/** Zero, negative, infinite or NaN, of floats. */
// @ts-ignore: decorator
@inline function notPositive32(x: v128): v128 { return i32x4.ge_u(i32x4.sub(x, i32x4.splat(1)), i32x4.splat(0x7f7f_ffff)) }

/** Natural logarithm of each float. */
export function f32x4_log(x: v128): v128 {
  const fast = narrow(shortLog(widenLow(x)), shortLog(widenHigh(x)))
  if (v128.any_true(notPositive32(x))) return slow_f32x4_log(x, fast)
  return fast
}
export function slow_f32x4_log(x: v128, fast: v128): v128 {
  onlyFor(notPositive32(x))
  const finite = select(f32x4.lt(x, f32x4.splat(Infinity)), fast, x)
  const positive = select(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity), finite)
  return select(f32x4.ge(x, f32x4.splat(0)), positive, f32x4.splat(NaN))
}
/** Natural logarithm of one float: the bits of a lane of f32x4_log. */
export function f32_log(x: f32): f32 { return f32x4.extract_lane(f32x4_log(f32x4.splat(x)), 0) }
