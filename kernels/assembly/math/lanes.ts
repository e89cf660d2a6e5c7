/**
 * The vocabulary in which the vector functions are written: f64x2 arithmetic under short names, bit tricks on the
 * IEEE encoding, polynomials in Estrin's scheme (Estrin 1960; more parallel than Horner's at the same error), and the
 * error terms of sums and products (Dekker 1971; Knuth, TAOCP 2, 4.2.2). Everything here is inlined and free of
 * branches, data segments and fused operations: the same bits on every host.
 */

// @ts-ignore: decorator
@inline export function splat(x: f64): v128 { return f64x2.splat(x) }
// @ts-ignore: decorator
@inline export function bits(x: i64): v128 { return i64x2.splat(x) }
// @ts-ignore: decorator
@inline export function add(a: v128, b: v128): v128 { return f64x2.add(a, b) }
// @ts-ignore: decorator
@inline export function sub(a: v128, b: v128): v128 { return f64x2.sub(a, b) }
// @ts-ignore: decorator
@inline export function mul(a: v128, b: v128): v128 { return f64x2.mul(a, b) }
// @ts-ignore: decorator
@inline export function div(a: v128, b: v128): v128 { return f64x2.div(a, b) }
/** a · b + c, rounded twice. */
// @ts-ignore: decorator
@inline export function mad(a: v128, b: v128, c: v128): v128 { return f64x2.add(f64x2.mul(a, b), c) }
/** The lanes of `a` where `mask` is all ones, of `b` where it is zero. */
// @ts-ignore: decorator
@inline export function select(mask: v128, a: v128, b: v128): v128 { return v128.bitselect(a, b, mask) }
// @ts-ignore: decorator
@inline export function magnitude(x: v128): v128 { return f64x2.abs(x) }
// @ts-ignore: decorator
@inline export function signBit(x: v128): v128 { return v128.and(x, bits(i64.MIN_VALUE)) }
/** A pair in one vector: the only way to return two doubles without memory. */
// @ts-ignore: decorator
@inline export function pair(low: f64, high: f64): v128 { return f64x2.replace_lane(f64x2.splat(low), 1, high) }

/**
 * First statement of every slow path: traps unless some lane needs it. The possible trap is a side effect, which keeps
 * Binaryen from evaluating the call unconditionally in front of a branch or a select.
 */
// @ts-ignore: decorator
@inline export function onlyFor(special: v128): void {
  if (!v128.any_true(special)) unreachable()
}

/** 1.5 · 2^52: adding it rounds to an integer and leaves that integer, in two's complement, in the low bits. */
export const SHIFTER: f64 = 6755399441055744.0

// Polynomials: coefficients from the constant term up; z2 = z², z4 = z⁴, z8 = z⁸.
// @ts-ignore: decorator
@inline export function poly2(z: v128, c0: f64, c1: f64): v128 { return mad(z, splat(c1), splat(c0)) }
// @ts-ignore: decorator
@inline export function poly3(z: v128, z2: v128, c0: f64, c1: f64, c2: f64): v128 {
  return mad(z2, splat(c2), poly2(z, c0, c1))
}
// @ts-ignore: decorator
@inline export function poly4(z: v128, z2: v128, c0: f64, c1: f64, c2: f64, c3: f64): v128 {
  return mad(z2, poly2(z, c2, c3), poly2(z, c0, c1))
}
// @ts-ignore: decorator
@inline export function poly5(z: v128, z2: v128, z4: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64): v128 {
  return mad(z4, splat(c4), poly4(z, z2, c0, c1, c2, c3))
}
// @ts-ignore: decorator
@inline export function poly6(z: v128, z2: v128, z4: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64): v128 {
  return mad(z4, poly2(z, c4, c5), poly4(z, z2, c0, c1, c2, c3))
}
// @ts-ignore: decorator
@inline export function poly7(z: v128, z2: v128, z4: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64): v128 {
  return mad(z4, poly3(z, z2, c4, c5, c6), poly4(z, z2, c0, c1, c2, c3))
}
// @ts-ignore: decorator
@inline export function poly8(z: v128, z2: v128, z4: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64, c7: f64): v128 {
  return mad(z4, poly4(z, z2, c4, c5, c6, c7), poly4(z, z2, c0, c1, c2, c3))
}

/** The rounding error of s = a + b, exact when |a| ≥ |b| or a = 0 (Dekker's Fast2Sum). */
// @ts-ignore: decorator
@inline export function fastSumError(a: v128, b: v128, s: v128): v128 { return f64x2.sub(b, f64x2.sub(s, a)) }
/** The rounding error of s = a + b, exact always (Knuth's TwoSum). */
// @ts-ignore: decorator
@inline export function sumError(a: v128, b: v128, s: v128): v128 {
  const t = sub(s, a)
  return add(sub(a, sub(s, t)), sub(b, t))
}
/** The upper 26 bits of the significand: products of two such values are exact. */
// @ts-ignore: decorator
@inline export function upper(a: v128): v128 { return v128.and(a, bits(0xffff_ffff_f800_0000)) }
/** The rounding error of p = a · b, exact unless parts of it fall below the smallest denormal (Dekker's product). */
// @ts-ignore: decorator
@inline export function productError(a: v128, b: v128, p: v128): v128 {
  const ah = upper(a)
  const al = sub(a, ah)
  const bh = upper(b)
  const bl = sub(b, bh)
  return add(add(add(sub(mul(ah, bh), p), mul(ah, bl)), mul(al, bh)), mul(al, bl))
}
/** The rounding error of p = a · a. */
// @ts-ignore: decorator
@inline export function squareError(a: v128, p: v128): v128 {
  const h = upper(a)
  const l = sub(a, h)
  return add(add(sub(mul(h, h), p), mul(add(h, h), l)), mul(l, l))
}

/**
 * (n + nLow) / (d + dLow) less the truncated quotient q (26 bits), given 1/d: the remainder n - q d is exact, so that
 * q plus this is the quotient to some 75 bits.
 */
// @ts-ignore: decorator
@inline export function quotientRest(n: v128, nLow: v128, d: v128, dLow: v128, q: v128, inverse: v128): v128 {
  const dh = upper(d)
  const remainder = sub(sub(n, mul(q, dh)), mul(q, sub(d, dh)))
  return mul(add(remainder, sub(nLow, mul(q, dLow))), inverse)
}

/** Lanes 0 and 1 of an f32x4 as doubles. */
// @ts-ignore: decorator
@inline export function widenLow(x: v128): v128 { return f64x2.promote_low_f32x4(x) }
/** Lanes 2 and 3 of an f32x4 as doubles. */
// @ts-ignore: decorator
@inline export function widenHigh(x: v128): v128 { return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)) }
/** Two pairs of doubles rounded into one f32x4. */
// @ts-ignore: decorator
@inline export function narrow(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

// @ts-ignore: decorator
@inline export function poly9(z: v128, z2: v128, z4: v128, z8: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64, c7: f64, c8: f64): v128 {
  return mad(z8, splat(c8), poly8(z, z2, z4, c0, c1, c2, c3, c4, c5, c6, c7))
}
// @ts-ignore: decorator
@inline export function poly10(z: v128, z2: v128, z4: v128, z8: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64, c7: f64, c8: f64, c9: f64): v128 {
  return mad(z8, poly2(z, c8, c9), poly8(z, z2, z4, c0, c1, c2, c3, c4, c5, c6, c7))
}
// @ts-ignore: decorator
@inline export function poly13(z: v128, z2: v128, z4: v128, z8: v128, c0: f64, c1: f64, c2: f64, c3: f64, c4: f64, c5: f64, c6: f64, c7: f64, c8: f64, c9: f64, c10: f64, c11: f64, c12: f64): v128 {
  return mad(z8, poly5(z, z2, z4, c8, c9, c10, c11, c12), poly8(z, z2, z4, c0, c1, c2, c3, c4, c5, c6, c7))
}
