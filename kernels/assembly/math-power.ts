/**
 * pow, cbrt and hypot of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * pow: y · log2 |x| in two parts, then 2^that. The logarithm is the odd series about 1 or 3/2, whichever is nearer, with
 * the leading terms split so that their products are exact (the plan of fdlibm's e_pow.c, Sun Microsystems 1993, without
 * its branches). Special cases are JavaScript's: pow(±1, ±Infinity) is NaN, pow(NaN, 0) is 1.
 * cbrt: a third of the exponent by integer division, a polynomial, one Newton step from a truncated root (FreeBSD's
 * s_cbrt.c, after W. Kahan and K. C. Ng). hypot: sum of squares and root with their rounding errors.
 */
import {
  add, bits, div, fastSumError, mad, magnitude, mul, narrow, onlyFor, poly2, poly4, poly5, poly6, select, SHIFTER, signBit, splat,
  squareError, sub, upper, widenHigh, widenLow,
} from './math/lanes'

const MANTISSA: i64 = 0x000f_ffff_ffff_ffff
const ONE: i64 = 0x3ff0_0000_0000_0000
const TWO_52_BITS: i64 = 0x4330_0000_0000_0000
const TWO_52: f64 = 4503599627370496.0
const SQRT_3_4_BITS: i64 = 0x3feb_b67a_e858_4caa
const SQRT_3_2: f64 = 1.224744871391589
const TWO_54: f64 = 18014398509481984.0
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308

/** Zero, denormal, negative, infinite or NaN. */
// @ts-ignore: decorator
@inline function notNormal(x: v128): v128 { return i64x2.gt_s(i64x2.add(x, bits(0x7ff0_0000_0000_0000)), bits(-0x0020_0000_0000_0001)) }
/** The upper 21 bits of the significand: products of two or three such values, and sums of few, are exact. */
// @ts-ignore: decorator
@inline function head(x: v128): v128 { return v128.and(x, bits(0xffff_ffff_0000_0000)) }

// ── pow ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Encoding shifted so that the binary exponent steps at √3/2. */
// @ts-ignore: decorator
@inline function centred(x: v128): v128 { return i64x2.add(x, bits(ONE - SQRT_3_4_BITS)) }
// @ts-ignore: decorator
@inline function exponentOf(c: v128): v128 { return sub(v128.or(i64x2.shr_u(c, 52), bits(TWO_52_BITS)), splat(TWO_52 + 1023)) }
// @ts-ignore: decorator
@inline function significandOf(c: v128): v128 { return i64x2.add(v128.and(c, bits(MANTISSA)), bits(SQRT_3_4_BITS)) }

/** 2^(high + low - k), |high + low - k| ≤ ½. */
// @ts-ignore: decorator
@inline function exp2Of(high: v128, low: v128, k: v128): v128 {
  const rest = sub(high, k)
  const t = head(add(low, rest))
  const u = mul(t, splat(0.6931467056274414))
  const v = mad(sub(low, sub(t, rest)), splat(0.6931471805599453), mul(t, splat(4.7493250390316726e-7)))
  const r = add(u, v)
  const lost = fastSumError(u, v, r)
  const r2 = mul(r, r)
  const r4 = mul(r2, r2)
  const p = mad(r4,
    mad(r4, poly2(r, 2.763023612753045e-7, 2.500032562173597e-8), poly4(r, r2, 0.0013888888943603315, 0.00019841269507695178, 2.4801493130200447e-5, 2.7557585453276825e-6)),
    poly4(r, r2, 0.5000000000000011, 0.16666666666666413, 0.041666666666530246, 0.008333333333493918))
  const sum = add(splat(1), r)
  return add(sum, add(fastSumError(splat(1), r, sum), mad(r2, p, lost)))
}
/** All ones where y is an even integer or no integer (the sign of x is not kept), for finite y. */
// @ts-ignore: decorator
@inline function isInteger(y: v128): v128 { return f64x2.eq(y, f64x2.nearest(y)) }
/** The sign of x where y is odd; NaN where x is negative and y not whole. */
// @ts-ignore: decorator
@inline function withSignOf(x: v128, y: v128, value: v128): v128 {
  const negative = i64x2.lt_s(x, splat(0))
  const half = mul(y, splat(0.5))
  const odd = f64x2.ne(half, f64x2.nearest(half))
  const signed = v128.xor(value, v128.and(v128.and(negative, odd), bits(i64.MIN_VALUE)))
  return v128.or(signed, v128.andnot(negative, isInteger(y)))
}

/** |z| > 1020 or NaN: overflow, underflow, denormal results, infinite or NaN y. */
// @ts-ignore: decorator
@inline function outOfExponents(z: v128): v128 { return i64x2.gt_s(magnitude(z), bits(0x408f_e000_0000_0000)) }

/**
 * (m · 2^k)^y for m in [√3/2, √3), with the sign and the NaN of x^y; a is |x|. One body for the fast path and, with
 * `complete`, for the slow one, where the result may be infinite or denormal and special cases are put right.
 */
// @ts-ignore: decorator
@inline function power(x: v128, y: v128, a: v128, m: v128, k: v128, complete: bool): v128 {
  // s = (m - c) / (m + c) about the nearer centre c, in two parts.
  const far = f64x2.gt(m, splat(SQRT_3_2))
  const centre = select(far, splat(1.5), splat(1))
  const u = sub(m, centre)
  const sum = add(m, centre)
  const inverse = div(splat(1), sum)
  const s = mul(u, inverse)
  const sHigh = head(s)
  const sumHigh = head(sum)
  const sumLow = sub(m, sub(sumHigh, centre))
  const sLow = mul(inverse, sub(sub(u, mul(sHigh, sumHigh)), mul(sHigh, sumLow)))
  // log(m/c) = 2/3 s (3 + s² + rest): the bracket in two parts, then the product in two parts.
  const z = mul(s, s)
  const z2 = mul(z, z)
  const series = mul(z2, poly6(z, z2, mul(z2, z2), 0.5999999999999946, 0.42857142857848185, 0.33333332984443304, 0.2727281191883579, 0.23066113225398935, 0.20696269059820657))
  const rest = mad(sLow, add(sHigh, s), series)
  const square = mul(sHigh, sHigh)
  const bracketHigh = head(add(add(splat(3), square), rest))
  const bracketLow = sub(rest, sub(sub(bracketHigh, splat(3)), square))
  const p = mul(sHigh, bracketHigh)
  const q = mad(sLow, bracketHigh, mul(bracketLow, s))
  const productHigh = head(add(p, q))
  const productLow = sub(q, sub(productHigh, p))
  // log2 = 2/(3 ln 2) times that, plus log2 c, plus k.
  const zHigh = mul(splat(0.9617962837219238), productHigh)
  const zLow = add(mad(splat(4.102040517767816e-7), productHigh, mul(productLow, splat(0.9617966939259756))), v128.and(far, splat(1.3270968157207873e-7)))
  const centreLog = v128.and(far, splat(0.5849623680114746))
  const logHigh = head(add(add(add(zHigh, zLow), centreLog), k))
  const logLow = sub(zLow, sub(sub(sub(logHigh, k), centreLog), zHigh))
  // y times that: an exact product of heads, and the rest.
  const yHigh = head(y)
  const high = mul(yHigh, logHigh)
  const low = mad(sub(y, yHigh), logHigh, mul(y, logLow))
  const exponent = add(high, low)
  const shifted = add(exponent, splat(SHIFTER))
  const value = exp2Of(high, low, sub(shifted, splat(SHIFTER)))
  const special = v128.or(notNormal(a), outOfExponents(exponent))
  if (!complete) {
    const fast = withSignOf(x, y, i64x2.add(value, i64x2.shl(shifted, 52)))
    return v128.any_true(special) ? slow_f64x2_pow(x, y) : fast
  }
  onlyFor(special)
  const n = i64x2.sub(shifted, bits(0x4338_0000_0000_0000))
  const half = i64x2.shr_s(n, 1)
  const scaled = mul(mul(value, i64x2.add(bits(ONE), i64x2.shl(half, 52))), i64x2.add(bits(ONE), i64x2.shl(i64x2.sub(n, half), 52)))
  const bounded = select(f64x2.gt(exponent, splat(1025)), splat(Infinity), v128.andnot(scaled, f64x2.lt(exponent, splat(-1080))))
  return withSignOf(x, y, bounded)
}

/** x to the power of y, lane by lane. */
export function f64x2_pow(x: v128, y: v128): v128 {
  const a = magnitude(x)
  const c = centred(a)
  return power(x, y, a, significandOf(c), exponentOf(c), false)
}
export function slow_f64x2_pow(x: v128, y: v128): v128 {
  const a = magnitude(x)
  const denormal = f64x2.lt(a, splat(SMALLEST_NORMAL))
  const c = centred(select(denormal, mul(a, splat(TWO_54)), a))
  const k = sub(exponentOf(c), v128.and(denormal, splat(54)))
  // Lanes that the fast path can do come out with the same bits: scaling by powers of two is exact there.
  const value = power(x, y, a, significandOf(c), k, true)
  const first = powOrSpecial(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0), f64x2.extract_lane(value, 0))
  return f64x2.replace_lane(f64x2.splat(first), 1, powOrSpecial(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1), f64x2.extract_lane(value, 1)))
}
/** ECMAScript's Number::exponentiate where an argument is zero, infinite or NaN; `value` elsewhere. */
function powOrSpecial(x: f64, y: f64, value: f64): f64 {
  if (y == 0) return 1
  if (isNaN(x) || isNaN(y)) return NaN
  const a = abs(x)
  if (abs(y) == Infinity) return a == 1 ? NaN : a > 1 == y > 0 ? Infinity : 0
  if (a != 0 && a != Infinity) return value
  const half = y * 0.5
  const odd = half != nearest(half) && y == nearest(y)
  const result: f64 = (a == 0) == y > 0 ? 0 : Infinity
  return odd ? copysign<f64>(result, x) : result
}

// ── cbrt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Cube root of positive normal doubles to 23 bits: the exponent and leading bits over 3, then r^(-1/3) of the ratio. */
// @ts-ignore: decorator
@inline function rootEstimate(a: v128): v128 {
  const word = sub(v128.or(i64x2.shr_u(a, 32), bits(TWO_52_BITS)), splat(TWO_52))
  // 715094163 = (1023 - 1023/3 - 0.0331) · 2^20, the bias of FreeBSD's s_cbrt.c.
  const t = i64x2.shl(mad(word, splat(1.0 / 3.0), splat(TWO_52 + 715094163)), 32)
  const r = mul(mul(t, t), div(t, a))
  const r2 = mul(r, r)
  return mul(t, poly5(r, r2, mul(r2, r2), 1.8725826689494798, -1.8716415138493072, 1.6016546368135915, -0.7453852170196422, 0.14278941413429777))
}
// @ts-ignore: decorator
@inline function rootOfNormal(a: v128): v128 {
  const t = upper(rootEstimate(a))
  const q = div(a, mul(t, t))
  return mad(t, div(sub(q, t), add(add(t, t), q)), t)
}
/** Cube root of each lane. */
export function f64x2_cbrt(x: v128): v128 {
  const a = magnitude(x)
  const fast = v128.xor(rootOfNormal(a), signBit(x))
  if (v128.any_true(notNormal(a))) return slow_f64x2_cbrt(x, fast)
  return fast
}
export function slow_f64x2_cbrt(x: v128, fast: v128): v128 {
  const a = magnitude(x)
  onlyFor(notNormal(a))
  const denormal = f64x2.lt(a, splat(SMALLEST_NORMAL))
  const root = mul(rootOfNormal(mul(a, splat(TWO_54))), splat(3.814697265625e-6))
  const finite = select(denormal, v128.xor(root, signBit(x)), fast)
  const nothing = v128.or(f64x2.eq(a, splat(0)), v128.not(f64x2.lt(a, splat(Infinity))))
  return select(nothing, x, finite)
}

// ── hypot ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** √(a² + b²) for a ≥ b ≥ 0 whose squares neither overflow nor vanish. */
// @ts-ignore: decorator
@inline function lengthOf(a: v128, b: v128): v128 {
  const p = mul(a, a)
  const q = mul(b, b)
  const sum = add(p, q)
  const lost = add(fastSumError(p, q, sum), add(squareError(a, p), squareError(b, q)))
  const root = f64x2.sqrt(sum)
  const square = mul(root, root)
  const rest = add(sub(sub(sum, square), squareError(root, square)), lost)
  return add(root, div(rest, add(root, root)))
}
/** Greater than 2^500, smaller than 2^-450, or NaN. */
// @ts-ignore: decorator
@inline function outOfScale(a: v128): v128 {
  return v128.not(v128.and(f64x2.ge(a, splat(3.4395525670743494e-136)), f64x2.le(a, splat(3.273390607896142e150))))
}
/** √(x² + y²) of each lane, without overflow or underflow on the way; Infinity where either is infinite. */
export function f64x2_hypot(x: v128, y: v128): v128 {
  const ax = magnitude(x)
  const ay = magnitude(y)
  const a = f64x2.max(ax, ay)
  const fast = lengthOf(a, f64x2.min(ax, ay))
  if (v128.any_true(outOfScale(a))) return slow_f64x2_hypot(ax, ay, fast)
  return fast
}
export function slow_f64x2_hypot(ax: v128, ay: v128, fast: v128): v128 {
  const a = f64x2.max(ax, ay)
  const special = outOfScale(a)
  onlyFor(special)
  const large = f64x2.gt(a, splat(1))
  const down = select(large, splat(2.409919865102884e-181), splat(4.149515568880993e180))
  const up = select(large, splat(4.149515568880993e180), splat(2.409919865102884e-181))
  const scaled = mul(lengthOf(mul(a, down), mul(f64x2.min(ax, ay), down)), up)
  const value = select(f64x2.eq(a, splat(0)), a, select(special, scaled, fast))
  const infinite = v128.or(f64x2.eq(ax, splat(Infinity)), f64x2.eq(ay, splat(Infinity)))
  return select(infinite, splat(Infinity), value)
}

/** x to the power of y: the bits of a lane of f64x2_pow. */
export function f64_pow(x: f64, y: f64): f64 { return f64x2.extract_lane(f64x2_pow(splat(x), splat(y)), 0) }
/** Cube root of one double: the bits of a lane of f64x2_cbrt. */
export function f64_cbrt(x: f64): f64 { return f64x2.extract_lane(f64x2_cbrt(splat(x)), 0) }
/** √(x² + y²): the bits of a lane of f64x2_hypot. */
export function f64_hypot(x: f64, y: f64): f64 { return f64x2.extract_lane(f64x2_hypot(splat(x), splat(y)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

const SQRT_1_2_BITS: i64 = 0x3fe6_a09e_667f_3bcd

/** |x|^y of positive floats, widened. The logarithm to base 2 is good to 2^-46. */
// @ts-ignore: decorator
@inline function shortPow(x: v128, y: v128): v128 {
  const c = i64x2.add(magnitude(x), bits(ONE - SQRT_1_2_BITS))
  const f = sub(i64x2.add(v128.and(c, bits(MANTISSA)), bits(SQRT_1_2_BITS)), splat(1))
  const s = div(f, add(f, splat(2)))
  const z = mul(s, s)
  const z2 = mul(z, z)
  const series = mad(mul(s, z), poly6(z, z2, mul(z2, z2), 0.6666666666658723, 0.4000000005227014, 0.28571417129931204, 0.22223371695686214, 0.18123641619935735, 0.1681983829622678), add(s, s))
  const log2 = mad(series, splat(1.4426950408889634), exponentOf(c))
  // Beyond ±300 the result is no float.
  const e = f64x2.max(f64x2.min(mul(y, log2), splat(300)), splat(-300))
  const shifted = add(e, splat(SHIFTER))
  const r = mul(sub(e, sub(shifted, splat(SHIFTER))), splat(0.6931471805599453))
  const r2 = mul(r, r)
  const p = poly6(r, r2, mul(r2, r2), 0.5000000067657309, 0.16666665869145672, 0.041666295065254634, 0.008333497084603791, 0.001394465007014215, 0.00019790308973101768)
  const value = i64x2.add(mad(r2, p, add(splat(1), r)), i64x2.shl(shifted, 52))
  return withSignOf(x, y, value)
}
/** x zero, infinite or NaN; y infinite or NaN. */
// @ts-ignore: decorator
@inline function special32(x: v128, y: v128): v128 {
  const noBase = i32x4.ge_u(i32x4.sub(f32x4.abs(x), i32x4.splat(1)), i32x4.splat(0x7f7f_ffff))
  return v128.or(noBase, i32x4.ge_u(f32x4.abs(y), i32x4.splat(0x7f80_0000)))
}
/** x to the power of y, float by float. */
export function f32x4_pow(x: v128, y: v128): v128 {
  const fast = narrow(shortPow(widenLow(x), widenLow(y)), shortPow(widenHigh(x), widenHigh(y)))
  if (v128.any_true(special32(x, y))) return slow_f32x4_pow(x, y, fast)
  return fast
}
export function slow_f32x4_pow(x: v128, y: v128, fast: v128): v128 {
  const special = special32(x, y)
  onlyFor(special)
  return select(special, narrow(f64x2_pow(widenLow(x), widenLow(y)), f64x2_pow(widenHigh(x), widenHigh(y))), fast)
}

// @ts-ignore: decorator
@inline function shortCbrt(x: v128): v128 {
  const a = magnitude(x)
  const t = rootEstimate(a)
  const q = div(a, mul(t, t))
  return v128.xor(mul(splat(1.0 / 3.0), add(add(t, t), q)), signBit(x))
}
/** Cube root of each float. */
export function f32x4_cbrt(x: v128): v128 {
  const itself = i32x4.ge_u(i32x4.sub(f32x4.abs(x), i32x4.splat(1)), i32x4.splat(0x7f7f_ffff))
  return select(itself, x, narrow(shortCbrt(widenLow(x)), shortCbrt(widenHigh(x))))
}

// @ts-ignore: decorator
@inline function shortHypot(x: v128, y: v128): v128 { return f64x2.sqrt(mad(x, x, mul(y, y))) }
/** √(x² + y²) of each float; Infinity where either is infinite. */
export function f32x4_hypot(x: v128, y: v128): v128 {
  const infinity = f32x4.splat(Infinity)
  const infinite = v128.or(f32x4.eq(f32x4.abs(x), infinity), f32x4.eq(f32x4.abs(y), infinity))
  return select(infinite, infinity, narrow(shortHypot(widenLow(x), widenLow(y)), shortHypot(widenHigh(x), widenHigh(y))))
}
/** x to the power of y: the bits of a lane of f32x4_pow. */
export function f32_pow(x: f32, y: f32): f32 { return f32x4.extract_lane(f32x4_pow(f32x4.splat(x), f32x4.splat(y)), 0) }
/** Cube root of one float: the bits of a lane of f32x4_cbrt. */
export function f32_cbrt(x: f32): f32 { return f32x4.extract_lane(f32x4_cbrt(f32x4.splat(x)), 0) }
/** √(x² + y²): the bits of a lane of f32x4_hypot. */
export function f32_hypot(x: f32, y: f32): f32 { return f32x4.extract_lane(f32x4_hypot(f32x4.splat(x), f32x4.splat(y)), 0) }
