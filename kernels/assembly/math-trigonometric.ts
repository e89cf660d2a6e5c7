/**
 * sin, cos and tan of two doubles or four floats, in radians, over the whole range. Errors: docs/kernels/math.md.
 *
 * Reduction to |r| ≤ π/4 by Cody and Waite's three-part π/2 (W. Cody, W. Waite, Software Manual for the Elementary
 * Functions, 1980), the third part's rounding carried along, for |x| ≤ 25735; by Payne and Hanek beyond (slow path).
 * The arrangement of the polynomials follows fdlibm's k_sin.c and k_cos.c (Sun Microsystems, 1993); the coefficients
 * are minimax on ±π/4. sin, cos and tan of ±Infinity and NaN are NaN.
 */
import {
  add, bits, div, fastSumError, mad, magnitude, mul, narrow, onlyFor, poly3, poly4, poly6, productError, quotientRest, select, SHIFTER, signBit,
  splat, squareError, sub, upper, widenHigh, widenLow,
} from './math/lanes'
import { nearestQuadrant, quarterTurns, remainder } from './math/quadrant'

const TWO_OVER_PI: f64 = 0.6366197723675814
/** π/2 in 39 + 39 + 53 bits: the products with quotients below 2^14 are exact for the first two. */
const HALF_PI_1: f64 = 1.5707963267923333
const HALF_PI_2: f64 = 2.5633441515905732e-12
const HALF_PI_3: f64 = 3.9455541665632055e-24
const LIMIT: f64 = 25735.0
/** π/2 as one double and its error. */
const HALF_PI: f64 = 1.5707963267948966
const HALF_PI_LOW: f64 = 6.123233995736766e-17
/** For floats: π/2 in 33 + 53 bits, quotients below 2^20. */
const HALF_PI_33: f64 = 1.5707963267341256
const HALF_PI_33_LOW: f64 = 6.077100506506192e-11
const LIMIT_F32: f32 = 1647099.0

/** (r - sin r) / r³ at z = r². */
// @ts-ignore: decorator
@inline function sinePoly(z: v128, z2: v128, z4: v128): v128 {
  return poly6(z, z2, z4, 0.16666666666666632, -0.0083333333333224, 0.00019841269829794835, -2.7557313687133542e-6, 2.5050757327494737e-8, -1.5896747984009814e-10)
}
/** (cos r - 1 + z/2) / z² at z = r². */
// @ts-ignore: decorator
@inline function cosinePoly(z: v128, z2: v128, z4: v128): v128 {
  return poly6(z, z2, z4, 0.0416666666666666, -0.0013888888888874105, 2.4801587289469662e-5, -2.755731434853565e-7, 2.087572273448275e-9, -1.1359618800852783e-11)
}
// @ts-ignore: decorator
@inline function isEven(quadrant: v128): v128 { return i64x2.eq(v128.and(quadrant, bits(1)), bits(0)) }
/**
 * sin(r - tail + quadrant · π/2) for |r| ≤ π/4 and a tail below an ulp of r or of 2^-60; -0 where r is (hence r minus the
 * rest, not plus).
 */
// @ts-ignore: decorator
@inline function turnedSine(r: v128, tail: v128, quadrant: v128): v128 {
  const z = mul(r, r)
  const z2 = mul(z, z)
  const z4 = mul(z2, z2)
  const halfSquare = mul(splat(0.5), z)
  // 1 - z/2 is near enough cos r to scale the tail by.
  const s = sub(r, mad(mul(r, z), sinePoly(z, z2, z4), mul(tail, sub(splat(1), halfSquare))))
  const c = sub(splat(1), sub(halfSquare, mad(z2, cosinePoly(z, z2, z4), mul(r, tail))))
  return v128.xor(select(isEven(quadrant), s, c), i64x2.shl(v128.and(quadrant, bits(2)), 62))
}
/**
 * tan(r - tail + quadrant · π/2): sine over cosine or its negative inverse, both with their errors and, unlike above,
 * with those of z and of 1 - z/2: the quotient leaves no room for them.
 */
// @ts-ignore: decorator
@inline function turnedTangent(r: v128, tail: v128, quadrant: v128): v128 {
  const z = mul(r, r)
  const z2 = mul(z, z)
  const z4 = mul(z2, z2)
  const halfSquare = mul(splat(0.5), z)
  const head = sub(splat(1), halfSquare)
  const sRest = mad(mul(r, z), sinePoly(z, z2, z4), mul(tail, head))
  const s = sub(r, sRest)
  const sLow = sub(sub(r, s), sRest)
  const headLow = sub(sub(sub(splat(1), head), halfSquare), mul(splat(0.5), squareError(r, z)))
  const cRest = add(headLow, mad(z2, cosinePoly(z, z2, z4), mul(r, tail)))
  const c = add(head, cRest)
  const cLow = fastSumError(head, cRest, c)
  const even = isEven(quadrant)
  const n = select(even, s, c)
  const d = select(even, c, s)
  const inverse = div(splat(1), d)
  const q = upper(mul(n, inverse))
  const rest = quotientRest(n, select(even, sLow, cLow), d, select(even, cLow, sLow), q, inverse)
  return v128.xor(add(q, rest), i64x2.shl(v128.andnot(bits(1), even), 63))
}

/** The quotient x · 2/π rounded, in the shifted form whose low bits are the integer. */
// @ts-ignore: decorator
@inline function shiftedQuadrant(x: v128): v128 { return mad(x, splat(TWO_OVER_PI), splat(SHIFTER)) }
/** x - q · π/2 to the second part, exactly: head + error. */
// @ts-ignore: decorator
@inline function reduceHead(x: v128, q: v128): v128 { return sub(sub(x, mul(q, splat(HALF_PI_1))), mul(q, splat(HALF_PI_2))) }
/** What reduceHead left out: the rounding of its second subtraction, and the third part. */
// @ts-ignore: decorator
@inline function reduceTail(x: v128, q: v128, head: v128): v128 {
  const first = sub(x, mul(q, splat(HALF_PI_1)))
  return sub(mul(q, splat(HALF_PI_3)), sub(sub(first, head), mul(q, splat(HALF_PI_2))))
}

// ── doubles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Sine of each lane. */
export function f64x2_sin(x: v128): v128 {
  const shifted = shiftedQuadrant(x)
  const q = sub(shifted, splat(SHIFTER))
  const head = reduceHead(x, q)
  const fast = turnedSine(head, reduceTail(x, q, head), shifted)
  if (v128.any_true(f64x2.gt(magnitude(x), splat(LIMIT)))) return slow_f64x2_sin(x, fast)
  return fast
}

/** Cosine of each lane. */
export function f64x2_cos(x: v128): v128 {
  const shifted = shiftedQuadrant(x)
  const q = sub(shifted, splat(SHIFTER))
  const head = reduceHead(x, q)
  const fast = turnedSine(head, reduceTail(x, q, head), i64x2.add(shifted, bits(1)))
  if (v128.any_true(f64x2.gt(magnitude(x), splat(LIMIT)))) return slow_f64x2_cos(x, fast)
  return fast
}

/** Tangent of each lane. */
export function f64x2_tan(x: v128): v128 {
  const a = magnitude(x)
  const shifted = shiftedQuadrant(a)
  const q = sub(shifted, splat(SHIFTER))
  const head = reduceHead(a, q)
  const tail = reduceTail(a, q, head)
  const fast = v128.xor(turnedTangent(head, tail, shifted), signBit(x))
  if (v128.any_true(f64x2.gt(a, splat(LIMIT)))) return slow_f64x2_tan(x, fast)
  return fast
}

/** Angle of huge |x| past its nearest quadrant, in quarter turns; lanes by Payne and Hanek: high parts. */
// @ts-ignore: decorator
@inline function angleHigh(r0: v128, r1: v128): v128 { return i64x2.shuffle(r0, r1, 0, 2) }
// @ts-ignore: decorator
@inline function angleLow(r0: v128, r1: v128): v128 { return i64x2.shuffle(r0, r1, 1, 3) }
/** (high · π/2 rounded) - (high + low) · π/2. */
// @ts-ignore: decorator
@inline function radiansTail(high: v128, low: v128, product: v128): v128 {
  return sub(mul(high, splat(-HALF_PI_LOW)), mad(low, splat(HALF_PI), productError(high, splat(HALF_PI), product)))
}
// @ts-ignore: decorator
@inline function quadrants(t0: v128, t1: v128): v128 {
  return i64x2.replace_lane(i64x2.splat(nearestQuadrant(t0)), 1, nearestQuadrant(t1))
}
/** `slow` where |x| is beyond the fast reduction (NaN where it is infinite), else `fast`. */
// @ts-ignore: decorator
@inline function choose(x: v128, slow: v128, fast: v128): v128 {
  return select(f64x2.gt(magnitude(x), splat(LIMIT)), add(slow, sub(x, x)), fast)
}

export function slow_f64x2_sin(x: v128, fast: v128): v128 {
  onlyFor(f64x2.gt(magnitude(x), splat(LIMIT)))
  const t0 = quarterTurns(f64x2.extract_lane(x, 0))
  const t1 = quarterTurns(f64x2.extract_lane(x, 1))
  const r0 = remainder(t0)
  const r1 = remainder(t1)
  const r = mul(angleHigh(r0, r1), splat(HALF_PI))
  const value = turnedSine(r, radiansTail(angleHigh(r0, r1), angleLow(r0, r1), r), quadrants(t0, t1))
  return choose(x, v128.xor(value, signBit(x)), fast)
}

export function slow_f64x2_cos(x: v128, fast: v128): v128 {
  onlyFor(f64x2.gt(magnitude(x), splat(LIMIT)))
  const t0 = quarterTurns(f64x2.extract_lane(x, 0))
  const t1 = quarterTurns(f64x2.extract_lane(x, 1))
  const r0 = remainder(t0)
  const r1 = remainder(t1)
  const r = mul(angleHigh(r0, r1), splat(HALF_PI))
  const tail = radiansTail(angleHigh(r0, r1), angleLow(r0, r1), r)
  return choose(x, turnedSine(r, tail, i64x2.add(quadrants(t0, t1), bits(1))), fast)
}

export function slow_f64x2_tan(x: v128, fast: v128): v128 {
  onlyFor(f64x2.gt(magnitude(x), splat(LIMIT)))
  const t0 = quarterTurns(f64x2.extract_lane(x, 0))
  const t1 = quarterTurns(f64x2.extract_lane(x, 1))
  const r0 = remainder(t0)
  const r1 = remainder(t1)
  const r = mul(angleHigh(r0, r1), splat(HALF_PI))
  const value = turnedTangent(r, radiansTail(angleHigh(r0, r1), angleLow(r0, r1), r), quadrants(t0, t1))
  return choose(x, v128.xor(value, signBit(x)), fast)
}

/** Sine of one double: the bits of a lane of f64x2_sin. */
export function f64_sin(x: f64): f64 { return f64x2.extract_lane(f64x2_sin(splat(x)), 0) }
/** Cosine of one double: the bits of a lane of f64x2_cos. */
export function f64_cos(x: f64): f64 { return f64x2.extract_lane(f64x2_cos(splat(x)), 0) }
/** Tangent of one double: the bits of a lane of f64x2_tan. */
export function f64_tan(x: f64): f64 { return f64x2.extract_lane(f64x2_tan(splat(x)), 0) }

// ── floats: in double precision, with shorter polynomials, rounded once at the end ──────────────────────────────────

// @ts-ignore: decorator
@inline function shortReduce(a: v128, q: v128): v128 { return sub(sub(a, mul(q, splat(HALF_PI_33))), mul(q, splat(HALF_PI_33_LOW))) }
// @ts-ignore: decorator
@inline function shortSine(r: v128, z: v128, z2: v128): v128 {
  return mad(mul(r, z), poly3(z, z2, -0.1666665493113954, 0.008332177261184267, -0.0001951716756770057), r)
}
// @ts-ignore: decorator
@inline function shortCosine(z: v128, z2: v128): v128 {
  return mad(z2, poly3(z, z2, 0.04166664683686192, -0.0013887366022460141, 2.4438274658751325e-5), sub(splat(1), mul(splat(0.5), z)))
}
/** sin(a + turn · π/2) for floats a ≥ 0 widened to doubles. */
// @ts-ignore: decorator
@inline function shortTurnedSine(a: v128, turn: i64): v128 {
  const shifted = shiftedQuadrant(a)
  const r = shortReduce(a, sub(shifted, splat(SHIFTER)))
  const quadrant = turn ? i64x2.add(shifted, bits(turn)) : shifted
  const z = mul(r, r)
  const z2 = mul(z, z)
  const even = isEven(quadrant)
  const value = select(even, shortSine(r, z, z2), shortCosine(z, z2))
  return v128.xor(value, i64x2.shl(v128.and(quadrant, bits(2)), 62))
}
// @ts-ignore: decorator
@inline function shortTangent(a: v128): v128 {
  const shifted = shiftedQuadrant(a)
  const r = shortReduce(a, sub(shifted, splat(SHIFTER)))
  const z = mul(r, r)
  const z2 = mul(z, z)
  const s = mad(mul(r, z), poly4(z, z2, -0.16666666641584435, 0.008333329380584174, -0.00019839333053453726, 2.718294012675817e-6), r)
  const c = mad(z2, poly4(z, z2, 0.041666666622740905, -0.0013888883745797886, 2.4799517969476163e-5, -2.721006687755216e-7), sub(splat(1), mul(splat(0.5), z)))
  const even = isEven(shifted)
  return v128.xor(div(select(even, s, c), select(even, c, s)), i64x2.shl(v128.andnot(bits(1), even), 63))
}
// @ts-ignore: decorator
@inline function signBits32(x: v128): v128 { return v128.and(x, i32x4.splat(i32.MIN_VALUE)) }
// @ts-ignore: decorator
@inline function beyond(a: v128): v128 { return f32x4.gt(a, f32x4.splat(LIMIT_F32)) }
// @ts-ignore: decorator
@inline function choose32(x: v128, low: v128, high: v128, fast: v128): v128 {
  return select(beyond(f32x4.abs(x)), narrow(low, high), fast)
}

/** Sine of each float. */
export function f32x4_sin(x: v128): v128 {
  const a = f32x4.abs(x)
  const fast = v128.xor(narrow(shortTurnedSine(widenLow(a), 0), shortTurnedSine(widenHigh(a), 0)), signBits32(x))
  if (v128.any_true(beyond(a))) return slow_f32x4_sin(x, fast)
  return fast
}
/** Cosine of each float. */
export function f32x4_cos(x: v128): v128 {
  const a = f32x4.abs(x)
  const fast = narrow(shortTurnedSine(widenLow(a), 1), shortTurnedSine(widenHigh(a), 1))
  if (v128.any_true(beyond(a))) return slow_f32x4_cos(x, fast)
  return fast
}
/** Tangent of each float. */
export function f32x4_tan(x: v128): v128 {
  const a = f32x4.abs(x)
  const fast = v128.xor(narrow(shortTangent(widenLow(a)), shortTangent(widenHigh(a))), signBits32(x))
  if (v128.any_true(beyond(a))) return slow_f32x4_tan(x, fast)
  return fast
}
export function slow_f32x4_sin(x: v128, fast: v128): v128 {
  onlyFor(beyond(f32x4.abs(x)))
  return choose32(x, f64x2_sin(widenLow(x)), f64x2_sin(widenHigh(x)), fast)
}
export function slow_f32x4_cos(x: v128, fast: v128): v128 {
  onlyFor(beyond(f32x4.abs(x)))
  return choose32(x, f64x2_cos(widenLow(x)), f64x2_cos(widenHigh(x)), fast)
}
export function slow_f32x4_tan(x: v128, fast: v128): v128 {
  onlyFor(beyond(f32x4.abs(x)))
  return choose32(x, f64x2_tan(widenLow(x)), f64x2_tan(widenHigh(x)), fast)
}

/** Sine of one float: the bits of a lane of f32x4_sin. */
export function f32_sin(x: f32): f32 { return f32x4.extract_lane(f32x4_sin(f32x4.splat(x)), 0) }
/** Cosine of one float: the bits of a lane of f32x4_cos. */
export function f32_cos(x: f32): f32 { return f32x4.extract_lane(f32x4_cos(f32x4.splat(x)), 0) }
/** Tangent of one float: the bits of a lane of f32x4_tan. */
export function f32_tan(x: f32): f32 { return f32x4.extract_lane(f32x4_tan(f32x4.splat(x)), 0) }
