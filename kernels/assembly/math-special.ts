/**
 * erf of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * Up to 0.92, x plus x times a polynomial in x². Beyond, 1 - exp(-x²) G(x), where the scaled complement G(x) = exp(x²) erfc(x)
 * is a polynomial in (x - 2) / (x + 2) (the variable of M. Shepherd and J. Laframboise, "Chebyshev approximation of
 * (1 + 2x) exp(x²) erfc(x)", Math. Comp. 36, 1981). Both sides are computed for every lane; coefficients are minimax.
 */
import {
  add, div, fastSumError, mad, magnitude, mul, narrow, poly2, poly4, poly5, poly6, poly7, poly8, select, SHIFTER, signBit, splat,
  squareError, sub, sumError, upper, widenHigh, widenLow,
} from './math/lanes'

/** 2/√π - 1 */
const TWO_OVER_SQRT_PI_LESS_1: f64 = 0.1283791670955126
/** exp(4) erfc(2) as the polynomial has it, and what rounding to a double took from that (and, about x = 1, from the next coefficient). */
const VALUE_AT_2: f64 = 0.2553956763105059
const VALUE_AT_2_LOW: f64 = -3.2e-17
/** The coefficient of x², in 26 bits and the rest. */
const SECOND_HIGH: f64 = -0.37612638622522354
const SECOND_LOW: f64 = -2.8066126089854038e-09

/**
 * erf(a) / a - 1 for a ≤ 1; z = a², of which zLow was lost. The two leading terms cancel in part: their product is split
 * so that it is exact, and the rounding of their sum is carried along.
 */
// @ts-ignore: decorator
@inline function nearRest(z: v128, zLow: v128): v128 {
  const z2 = mul(z, z)
  const z4 = mul(z2, z2)
  const q = poly8(z, z2, z4, 0.1128379167094708, -0.026866170643499818, 0.0052239776089341855, -0.0008548326051820353, 0.00012055296957226379,
    -1.4924772884461061e-5, 1.644783457337216e-6, -1.6211408384231998e-7)
  const rest = mul(z2, mad(mul(z4, z4), poly2(z, 1.373193532518034e-8, -7.816813185235951e-10), q))
  const high = upper(z)
  const product = mul(high, splat(SECOND_HIGH))
  const sum = add(splat(TWO_OVER_SQRT_PI_LESS_1), product)
  const lost = sumError(splat(TWO_OVER_SQRT_PI_LESS_1), product, sum)
  const low = mad(add(sub(z, high), zLow), splat(SECOND_HIGH), mul(z, splat(SECOND_LOW)))
  return add(sum, add(rest, add(low, lost)))
}
/** exp(a²) erfc(a) less its value at 2, for 0.89 ≤ a ≤ 6. */
// @ts-ignore: decorator
@inline function scaledComplement(a: v128): v128 {
  const t = div(sub(a, splat(2)), add(a, splat(2)))
  const t2 = mul(t, t)
  const t4 = mul(t2, t2)
  const q = mad(mul(t4, t4), poly4(t, t2, 0.00017428509546818004, 2.807893545654832e-5, -2.54070135971209e-5, -1.1657360258236363e-5),
    poly8(t, t2, t4, -0.427185847413956, 0.24165819424232474, -0.0789785810181959, 0.00373289241096067, 0.006997462038120964,
      -0.00084714208241617, -0.0009819841632583322, 4.349468368562398e-5))
  return mul(t, q)
}
/** erfc(a) = exp(-z - zLow) (value at 2 + rest): both factors enter as a head and a tail. */
// @ts-ignore: decorator
@inline function complementOf(z: v128, zLow: v128, rest: v128): v128 {
  const shifted = mad(z, splat(-1.4426950408889634), splat(SHIFTER))
  const k = sub(shifted, splat(SHIFTER))
  const r = sub(f64x2.neg(mad(k, splat(0.6931471804855391), z)), mad(k, splat(7.440617110012397e-11), zLow))
  const r2 = mul(r, r)
  const r4 = mul(r2, r2)
  const p = mad(r4,
    mad(r4, poly2(r, 2.763023612753045e-7, 2.500032562173597e-8), poly4(r, r2, 0.0013888888943603315, 0.00019841269507695178, 2.4801493130200447e-5, 2.7557585453276825e-6)),
    poly4(r, r2, 0.5000000000000011, 0.16666666666666413, 0.041666666666530246, 0.008333333333493918))
  const power = add(splat(1), r)
  const powerLow = mad(r2, p, fastSumError(splat(1), r, power))
  const scaled = add(splat(VALUE_AT_2), rest)
  const scaledLow = add(fastSumError(splat(VALUE_AT_2), rest, scaled), splat(VALUE_AT_2_LOW))
  return i64x2.add(mad(power, scaled, mad(powerLow, scaled, mul(power, scaledLow))), i64x2.shl(shifted, 52))
}

/** Error function of each lane. */
export function f64x2_erf(x: v128): v128 {
  // 1 to double precision from 5.93 on.
  const a = f64x2.min(magnitude(x), splat(6))
  const z = mul(a, a)
  const zLow = squareError(a, z)
  const near = mad(a, nearRest(z, zLow), a)
  const value = select(f64x2.lt(a, splat(0.921875)), near, sub(splat(1), complementOf(z, zLow, scaledComplement(a))))
  return v128.xor(value, signBit(x))
}
/** Error function of one double: the bits of a lane of f64x2_erf. */
export function f64_erf(x: f64): f64 { return f64x2.extract_lane(f64x2_erf(splat(x)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

/** exp(x) for -20 ≤ x ≤ 0 to 2^-28. */
// @ts-ignore: decorator
@inline function shortExp(x: v128): v128 {
  const shifted = mad(x, splat(1.4426950408889634), splat(SHIFTER))
  const r = sub(x, mul(sub(shifted, splat(SHIFTER)), splat(0.6931471805599453)))
  const r2 = mul(r, r)
  const p = poly5(r, r2, mul(r2, r2), 0.49999993470742277, 0.1666652068297168, 0.04166838295280326, 0.008368710859838552, 0.0013814852764055974)
  return i64x2.add(mad(r2, p, add(splat(1), r)), i64x2.shl(shifted, 52))
}
// @ts-ignore: decorator
@inline function shortErf(x: v128): v128 {
  const a = f64x2.min(magnitude(x), splat(4.2))
  const z = mul(a, a)
  const z2 = mul(z, z)
  const near = mad(a, poly7(z, z2, mul(z2, z2), 0.12837916572745897, -0.3761262582714522, 0.11283585161908352, -0.026853812092126863, 0.005188327486304929, -0.0008010188526863859, 7.853835482799798e-5), a)
  const t = div(sub(a, splat(2)), add(a, splat(2)))
  const t2 = mul(t, t)
  const g = poly6(t, t2, mul(t2, t2), 0.25539568062821577, -0.4271858495305263, 0.24165625522310788, -0.0789977508160662, 0.0036901237060458694, 0.007164156885936302)
  const far = sub(splat(1), mul(shortExp(f64x2.neg(z)), g))
  return v128.xor(select(f64x2.lt(a, splat(1)), near, far), signBit(x))
}
/** Error function of each float. */
export function f32x4_erf(x: v128): v128 { return narrow(shortErf(widenLow(x)), shortErf(widenHigh(x))) }
/** Error function of one float: the bits of a lane of f32x4_erf. */
export function f32_erf(x: f32): f32 { return f32x4.extract_lane(f32x4_erf(f32x4.splat(x)), 0) }
