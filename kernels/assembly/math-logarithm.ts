/**
 * log, log1p, log2 and log10 of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * x = 2^k · (1 + f) with 1 + f in [√½, √2); log(1 + f) by the odd series in s = f / (2 + f), arranged as in fdlibm's
 * e_log.c (Sun Microsystems, 1993) so that f itself enters exactly; minimax coefficients. The split of x is integer
 * arithmetic on the encoding (as in musl's log2.c). Lanes that are zero, negative, denormal, infinite or NaN take
 * the slow path: log(±0) is -Infinity, log of a negative number NaN.
 *
 * log2 and log10 multiply log(1 + f) by 1/ln 2 or 1/ln 10 in two parts of each and add k or k log10 2 exactly (as in
 * FreeBSD's e_log2.c and e_log10.c). log1p takes the logarithm of 1 + x rounded and corrects it by the rounding error
 * over 1 + x.
 */
import {
  add, bits, div, fastSumError, mad, mul, narrow, onlyFor, poly3, poly4, poly7, select, signBit, splat, sub, sumError, widenHigh, widenLow,
} from './math/lanes'

const LN2_HIGH: f64 = 0.6931471804855391
const LN2_LOW: f64 = 7.440617110012397e-11
const LN2: f64 = 0.6931471805599453
const LOG2_E: f64 = 1.4426950408889634
const LOG10_E: f64 = 0.4342944819032518
const LOG10_2: f64 = 0.3010299956639812
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

/** log(1 + f) - f + f²/2, given s = f / (2 + f) and f²/2 rounded. */
// @ts-ignore: decorator
@inline function logRest(s: v128, halfSquare: v128): v128 {
  const z = mul(s, s)
  const z2 = mul(z, z)
  const series = mul(z, poly7(z, z2, mul(z2, z2), 0.6666666666666734, 0.39999999999414715, 0.2857142874238699, 0.22222198572640517, 0.181835643794615, 0.15314048676650796, 0.14795972536851829))
  return mul(s, add(halfSquare, series))
}
/** log((1 + f) · 2^k) + extra. */
// @ts-ignore: decorator
@inline function logOf(f: v128, k: v128, extra: v128): v128 {
  const halfSquare = mul(mul(splat(0.5), f), f)
  const tail = add(logRest(div(f, add(f, splat(2))), halfSquare), extra)
  return sub(mul(k, splat(LN2_HIGH)), sub(sub(halfSquare, tail), f))
}
// @ts-ignore: decorator
@inline function fractionOf(c: v128): v128 { return sub(significandOf(c), splat(1)) }
/** The lower part of k · ln 2. */
// @ts-ignore: decorator
@inline function lowOf(k: v128): v128 { return mul(k, splat(LN2_LOW)) }
// @ts-ignore: decorator
@inline function isDenormal(x: v128): v128 { return f64x2.lt(x, splat(2.2250738585072014e-308)) }
/** Encoding of x, denormals scaled up by 2^54. */
// @ts-ignore: decorator
@inline function centredAny(x: v128): v128 { return centred(select(isDenormal(x), mul(x, splat(18014398509481984.0)), x)) }
// @ts-ignore: decorator
@inline function exponentOfAny(c: v128, x: v128): v128 { return sub(exponentOf(c), v128.and(isDenormal(x), splat(54))) }
/** `value` for positive finite x, and the logarithm of everything else: -Infinity, Infinity, NaN. */
// @ts-ignore: decorator
@inline function completed(x: v128, value: v128): v128 {
  const finite = select(f64x2.lt(x, splat(Infinity)), value, x)
  const positive = select(f64x2.eq(x, splat(0)), splat(-Infinity), finite)
  return select(f64x2.ge(x, splat(0)), positive, splat(NaN))
}

/** Zero, denormal, negative, infinite or NaN: unsigned x - 2^-1022 ≥ Infinity - 2^-1022, as a signed comparison. */
// @ts-ignore: decorator
@inline function notNormal(x: v128): v128 { return i64x2.gt_s(i64x2.add(x, bits(0x7ff0_0000_0000_0000)), bits(-0x0020_0000_0000_0001)) }

/** Natural logarithm of each lane. */
export function f64x2_log(x: v128): v128 {
  const c = centred(x)
  const k = exponentOf(c)
  const fast = logOf(fractionOf(c), k, lowOf(k))
  if (v128.any_true(notNormal(x))) return slow_f64x2_log(x)
  return fast
}
export function slow_f64x2_log(x: v128): v128 {
  onlyFor(notNormal(x))
  const c = centredAny(x)
  const k = exponentOfAny(c, x)
  return completed(x, logOf(fractionOf(c), k, lowOf(k)))
}

/** The factor times log(1 + f), plus k times a unit: head and tail of both sums are rounded once, at the end. */
// @ts-ignore: decorator
@inline function scaledLog(f: v128, k: v128, unitHigh: f64, unitLow: f64, factorHigh: f64, factorLow: f64): v128 {
  const halfSquare = mul(mul(splat(0.5), f), f)
  const difference = sub(f, halfSquare)
  const high = v128.and(difference, bits(0xffff_ffff_0000_0000))
  const low = add(sub(sub(f, high), halfSquare), logRest(div(f, add(f, splat(2))), halfSquare))
  const product = mul(high, splat(factorHigh))
  const productRest = mad(add(low, high), splat(factorLow), mul(low, splat(factorHigh)))
  const whole = unitHigh == 1 ? k : mul(k, splat(unitHigh))
  const sum = add(whole, product)
  const rest = add(productRest, fastSumError(whole, product, sum))
  return add(unitLow == 0 ? rest : mad(k, splat(unitLow), rest), sum)
}
// @ts-ignore: decorator
@inline function log2Of(f: v128, k: v128): v128 { return scaledLog(f, k, 1, 0, 1.4426950407214463, 1.6751713164886512e-10) }
// @ts-ignore: decorator
@inline function log10Of(f: v128, k: v128): v128 {
  return scaledLog(f, k, 0.30102999566361177, 3.694239077158931e-13, 0.4342944818781689, 2.5082946711645275e-11)
}

/** Logarithm of each lane to base 2. */
export function f64x2_log2(x: v128): v128 {
  const c = centred(x)
  const fast = log2Of(fractionOf(c), exponentOf(c))
  if (v128.any_true(notNormal(x))) return slow_f64x2_log2(x)
  return fast
}
export function slow_f64x2_log2(x: v128): v128 {
  onlyFor(notNormal(x))
  const c = centredAny(x)
  return completed(x, log2Of(fractionOf(c), exponentOfAny(c, x)))
}
/** Logarithm of each lane to base 10. */
export function f64x2_log10(x: v128): v128 {
  const c = centred(x)
  const fast = log10Of(fractionOf(c), exponentOf(c))
  if (v128.any_true(notNormal(x))) return slow_f64x2_log10(x)
  return fast
}
export function slow_f64x2_log10(x: v128): v128 {
  onlyFor(notNormal(x))
  const c = centredAny(x)
  return completed(x, log10Of(fractionOf(c), exponentOfAny(c, x)))
}

/** log(1 + x) of each lane, also for small x. */
export function f64x2_log1p(x: v128): v128 {
  const u = add(splat(1), x)
  const c = centred(u)
  const k = exponentOf(c)
  const f = fractionOf(c)
  // The rounding of 1 + x in units of the significand: times 2^-k, over 1 + f (to second order, which is enough).
  const down = i64x2.sub(bits(0x7fe0_0000_0000_0000), v128.and(c, bits(0x7ff0_0000_0000_0000)))
  // (Above 2^1023.5 that power wraps around to -Infinity, where nothing is lost anyway.)
  const lost = mul(sumError(splat(1), x, u), f64x2.max(down, splat(0)))
  const correction = mul(lost, sub(splat(1), mul(f, sub(splat(1), f))))
  // Results have the sign of x, -0 included, which sums of zeros would lose.
  const fast = v128.or(logOf(f, k, add(lowOf(k), correction)), signBit(x))
  if (v128.any_true(notNormal(u))) return slow_f64x2_log1p(x, fast)
  return fast
}
export function slow_f64x2_log1p(x: v128, fast: v128): v128 {
  const u = add(splat(1), x)
  const special = notNormal(u)
  onlyFor(special)
  return select(special, completed(u, u), fast)
}

/** Natural logarithm of one double: the bits of a lane of f64x2_log. */
export function f64_log(x: f64): f64 { return f64x2.extract_lane(f64x2_log(splat(x)), 0) }

/** Logarithm to base 2 of one double: the bits of a lane of f64x2_log2. */
export function f64_log2(x: f64): f64 { return f64x2.extract_lane(f64x2_log2(splat(x)), 0) }
/** Logarithm to base 10 of one double: the bits of a lane of f64x2_log10. */
export function f64_log10(x: f64): f64 { return f64x2.extract_lane(f64x2_log10(splat(x)), 0) }
/** log(1 + x) of one double: the bits of a lane of f64x2_log1p. */
export function f64_log1p(x: f64): f64 { return f64x2.extract_lane(f64x2_log1p(splat(x)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

/** log(1 + f). */
// @ts-ignore: decorator
@inline function shortLogOf(f: v128): v128 {
  const s = div(f, add(f, splat(2)))
  const z = mul(s, s)
  return mad(mul(s, z), poly3(z, mul(z, z), 0.666667763492209, 0.39977545368510553, 0.29871639226559377), add(s, s))
}
/** Logarithm of positive floats, widened (denormal floats are normal doubles), to the base of which `unit` is log 2. */
// @ts-ignore: decorator
@inline function shortLog(x: v128, unit: f64, factor: f64): v128 {
  const c = centred(x)
  const log = shortLogOf(fractionOf(c))
  return mad(exponentOf(c), splat(unit), factor == 1 ? log : mul(log, splat(factor)))
}
/** log(1 + x) of floats x > -1, widened: 1 + x is exact, or x so small that f = x is right. */
// @ts-ignore: decorator
@inline function shortLog1p(x: v128): v128 {
  const u = add(splat(1), x)
  const c = centred(u)
  const k = exponentOf(c)
  const f = select(f64x2.eq(k, splat(0)), x, fractionOf(c))
  return mad(k, splat(LN2), shortLogOf(f))
}
/** Zero, negative, infinite or NaN, of floats. */
// @ts-ignore: decorator
@inline function notPositive32(x: v128): v128 { return i32x4.ge_u(i32x4.sub(x, i32x4.splat(1)), i32x4.splat(0x7f7f_ffff)) }
// @ts-ignore: decorator
@inline function completed32(x: v128, value: v128): v128 {
  const finite = select(f32x4.lt(x, f32x4.splat(Infinity)), value, x)
  const positive = select(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity), finite)
  return select(f32x4.ge(x, f32x4.splat(0)), positive, f32x4.splat(NaN))
}
/** The special values of every logarithm of floats. */
export function slow_f32x4_log(x: v128, fast: v128): v128 {
  onlyFor(notPositive32(x))
  return completed32(x, fast)
}

/** Natural logarithm of each float. */
export function f32x4_log(x: v128): v128 {
  const fast = narrow(shortLog(widenLow(x), LN2, 1), shortLog(widenHigh(x), LN2, 1))
  if (v128.any_true(notPositive32(x))) return slow_f32x4_log(x, fast)
  return fast
}
/** Logarithm of each float to base 2. */
export function f32x4_log2(x: v128): v128 {
  const fast = narrow(shortLog(widenLow(x), 1, LOG2_E), shortLog(widenHigh(x), 1, LOG2_E))
  if (v128.any_true(notPositive32(x))) return slow_f32x4_log(x, fast)
  return fast
}
/** Logarithm of each float to base 10. */
export function f32x4_log10(x: v128): v128 {
  const fast = narrow(shortLog(widenLow(x), LOG10_2, LOG10_E), shortLog(widenHigh(x), LOG10_2, LOG10_E))
  if (v128.any_true(notPositive32(x))) return slow_f32x4_log(x, fast)
  return fast
}
/** log(1 + x) of each float, also for small x. */
export function f32x4_log1p(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(i32.MIN_VALUE))
  const fast = v128.or(narrow(shortLog1p(widenLow(x)), shortLog1p(widenHigh(x))), sign)
  if (v128.any_true(outOfLog1p32(x))) return slow_f32x4_log1p(x, fast)
  return fast
}
// @ts-ignore: decorator
@inline function outOfLog1p32(x: v128): v128 {
  return v128.not(v128.and(f32x4.gt(x, f32x4.splat(-1)), f32x4.lt(x, f32x4.splat(Infinity))))
}
export function slow_f32x4_log1p(x: v128, fast: v128): v128 {
  const special = outOfLog1p32(x)
  onlyFor(special)
  const u = f32x4.add(x, f32x4.splat(1))
  return select(special, completed32(u, u), fast)
}
/** Natural logarithm of one float: the bits of a lane of f32x4_log. */
export function f32_log(x: f32): f32 { return f32x4.extract_lane(f32x4_log(f32x4.splat(x)), 0) }
/** Logarithm of one float to base 2: the bits of a lane of f32x4_log2. */
export function f32_log2(x: f32): f32 { return f32x4.extract_lane(f32x4_log2(f32x4.splat(x)), 0) }
/** Logarithm of one float to base 10: the bits of a lane of f32x4_log10. */
export function f32_log10(x: f32): f32 { return f32x4.extract_lane(f32x4_log10(f32x4.splat(x)), 0) }
/** log(1 + x) of one float: the bits of a lane of f32x4_log1p. */
export function f32_log1p(x: f32): f32 { return f32x4.extract_lane(f32x4_log1p(f32x4.splat(x)), 0) }
