/**
 * The gamma function and the logarithm of its magnitude, of two doubles or four floats. Errors: docs/kernels/math.md.
 *
 * In double-double arithmetic (Dekker 1971), number by number: speed is not the point here. Γ(2 + t), |t| ≤ ½, is a polynomial
 * (interpolation at Chebyshev nodes, 106 bits; test/kernels/fixtures/gamma.py makes it); other arguments come there by Γ(x + 1) =
 * x Γ(x). The logarithm of large arguments is Stirling's series, that of large negative ones Euler's reflection.
 */
import { f64x2_sin } from './math-trigonometric'
import { narrow, pair, widenHigh, widenLow } from './math/lanes'

// @ts-ignore: decorator
@inline function highOf(x: v128): f64 { return f64x2.extract_lane(x, 0) }
// @ts-ignore: decorator
@inline function lowOf(x: v128): f64 { return f64x2.extract_lane(x, 1) }
// @ts-ignore: decorator
@inline function upperHalf(x: f64): f64 { return reinterpret<f64>(reinterpret<u64>(x) & 0xffff_ffff_f800_0000) }

/** A sum of two parts with its rounding error, |a| ≥ |b|. */
// @ts-ignore: decorator
@inline function fastSum(a: f64, b: f64): v128 {
  const s = a + b
  return pair(s, b - (s - a))
}
/** a + b exactly. */
function sumOf(a: f64, b: f64): v128 {
  const s = a + b
  const t = s - a
  return pair(s, (a - (s - t)) + (b - t))
}
function productOf(a: f64, b: f64): v128 {
  const p = a * b
  const ah = upperHalf(a), bh = upperHalf(b)
  const al = a - ah, bl = b - bh
  return pair(p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)
}
function sum(a: v128, b: v128): v128 {
  const s = sumOf(highOf(a), highOf(b))
  const t = sumOf(lowOf(a), lowOf(b))
  const u = fastSum(highOf(s), lowOf(s) + highOf(t))
  return fastSum(highOf(u), lowOf(u) + lowOf(t))
}
function product(a: v128, b: v128): v128 {
  const p = productOf(highOf(a), highOf(b))
  return fastSum(highOf(p), lowOf(p) + (highOf(a) * lowOf(b) + lowOf(a) * highOf(b)))
}
function quotient(a: v128, b: v128): v128 {
  const q = highOf(a) / highOf(b)
  const rest = sum(a, f64x2.neg(product(b, pair(q, 0))))
  const r = highOf(rest) / highOf(b)
  const last = sum(rest, f64x2.neg(product(b, pair(r, 0))))
  return sum(fastSum(q, r), pair(highOf(last) / highOf(b), 0))
}

/** c + t r */
function horner(r: v128, t: v128, high: f64, low: f64): v128 { return sum(pair(high, low), product(t, r)) }

/** Γ(2 + t), |t| ≤ ½ */
function gammaAbout2(t: v128): v128 {
  let r = pair(-6.683207759697305e-12, 3.123645164648191e-28)
  r = horner(r, t, 1.3366414552891006e-11, -6.069363491367956e-29)
  r = horner(r, t, -1.0860207777005464e-11, -4.582055474210748e-28)
  r = horner(r, t, 2.172040915103209e-11, 1.0981026862720205e-27)
  r = horner(r, t, -6.080147550036317e-11, -4.591000227404645e-28)
  r = horner(r, t, 1.2160289086473771e-10, -1.3654784827165888e-27)
  r = horner(r, t, -2.3161114958163344e-10, 4.0993760228791985e-27)
  r = horner(r, t, 4.632217596398371e-10, -2.866066095391094e-27)
  r = horner(r, t, -9.317276067053057e-10, -2.0001548961732732e-26)
  r = horner(r, t, 1.8634503573146998e-09, 4.4358388450569096e-26)
  r = horner(r, t, -3.725144266837206e-09, 3.8514323895359656e-26)
  r = horner(r, t, 7.450244835154357e-09, 1.7896987904963518e-25)
  r = horner(r, t, -1.4900787254056844e-08, 8.25833376700144e-25)
  r = horner(r, t, 2.9801181321339102e-08, 1.4172010919233385e-24)
  r = horner(r, t, -5.960110300939693e-08, -2.6378186204926907e-24)
  r = horner(r, t, 1.1919866917598135e-07, 4.326458053925e-24)
  r = horner(r, t, -2.383867389534044e-07, -7.027660544235713e-25)
  r = horner(r, t, 4.7674169520667517e-07, 1.36708890031695e-23)
  r = horner(r, t, -9.533877802390324e-07, -2.997665235043009e-23)
  r = horner(r, t, 1.9064916575267564e-06, 2.7317455932331244e-24)
  r = horner(r, t, -3.8121104000978958e-06, 2.1065042548960643e-22)
  r = horner(r, t, 7.621779696170556e-06, -1.6065730685424997e-23)
  r = horner(r, t, -1.5234935894944163e-05, 5.998140375017794e-22)
  r = horner(r, t, 3.0453557037787497e-05, -6.043793284828511e-23)
  r = horner(r, t, -6.079289131104111e-05, -2.0326121644727077e-21)
  r = horner(r, t, 0.00012167380653198871, -2.9122372611465855e-21)
  r = horner(r, t, -0.00024094143582384595, -1.0637691383906934e-20)
  r = horner(r, t, 0.0004903884508225733, -3.242551958050113e-20)
  r = horner(r, t, -0.0009195738388259458, -1.9797678218101908e-20)
  r = horner(r, t, 0.002103933340697388, 6.690689219002007e-20)
  r = horner(r, t, -0.0028526458211553408, -3.6104719417143056e-20)
  r = horner(r, t, 0.011154045718130992, -7.080895496040221e-19)
  r = horner(r, t, -0.00026698206874501475, -1.5403592774146816e-20)
  r = horner(r, t, 0.0742490107535139, 3.9747298197183595e-18)
  r = horner(r, t, 0.08157691924708627, 5.271149295795242e-19)
  r = horner(r, t, 0.4118403304264397, 1.210339395842682e-18)
  r = horner(r, t, 0.42278433509846713, 4.942915152430645e-18)
  return horner(r, t, 1, 0)
}

/** Steps of the recurrence after which products are scaled, so that they stay in range. */
const MANY: i32 = 100
const SCALE: f64 = 2.409919865102884e-181
const UNSCALE: f64 = 4.149515568880993e+180
const SCALE_BITS: f64 = 600

/** Number of steps from x to [3/2, 5/2], negative where x is below. */
// @ts-ignore: decorator
@inline function stepsFrom(x: f64): i32 { return <i32>floor(x - 1.5) }

/** |x| (x + 1) … or (x - 1) (x - 2) …: what Γ(2 + t) is divided or multiplied by; scaled when there are many. */
function ladder(x: f64, steps: i32): v128 {
  let p = pair(1, 0)
  const count = abs(steps)
  for (let i = 0; i < count; i++) {
    p = product(p, sumOf(x, steps < 0 ? <f64>i : -<f64>(i + 1)))
    if (i == MANY) p = f64x2.mul(p, f64x2.splat(SCALE))
  }
  return p
}

/** Γ(x), for -185 < x < 172 other than whole numbers from 0 down; times or divided by 2^600 where isScaled. */
function gammaParts(x: f64): v128 {
  const steps = stepsFrom(x)
  const base = gammaAbout2(sumOf(x, -<f64>(steps + 2)))
  const p = ladder(x, steps)
  return steps < 0 ? quotient(base, p) : product(base, p)
}
// @ts-ignore: decorator
@inline function isScaled(x: f64): bool { return abs(stepsFrom(x)) > MANY }

/** Gamma function of one number: NaN for negative whole numbers and -Infinity, ±Infinity for ±0. */
export function f64_gamma(x: f64): f64 {
  if (x != x || x == Infinity) return x
  if (x == 0) return 1 / x
  if (x < 0 && x == floor(x)) return NaN
  if (x > 172) return Infinity
  if (x < -185) return floor(x * 0.5) * 2 == floor(x) ? 0.0 : -0.0
  if (abs(x) < 5.562684646268003e-309) return x > 0 ? Infinity : -Infinity
  const value = highOf(gammaParts(x))
  if (!isScaled(x)) return value
  return x < 0 ? value * SCALE : value * UNSCALE
}

/** Logarithm of a positive number in two parts: 2 artanh((m - 1) / (m + 1)) + k log 2. */
function logarithm(x: v128): v128 {
  let scale: f64 = 0
  if (highOf(x) < 2.2250738585072014e-308) {
    x = f64x2.mul(x, f64x2.splat(18014398509481984.0))
    scale = -54
  }
  // m from √½ to √2
  const k = <i32>((reinterpret<u64>(highOf(x)) - 0x3fe6_a09e_667f_3bcd) >> 52)
  const exponent = (k << 20) >> 20
  const m = f64x2.mul(f64x2.mul(x, f64x2.splat(powerOf2(-(exponent >> 1)))), f64x2.splat(powerOf2(-(exponent - (exponent >> 1)))))
  const s = quotient(sum(m, pair(-1, 0)), sum(m, pair(1, 0)))
  const z = product(s, s)
  let r = pair(0.02040816326530612, 1.6285159162231251e-18)
  r = horner(r, z, 0.02127659574468085, 5.167261417803255e-19)
  r = horner(r, z, 0.022222222222222223, -8.480870326997723e-19)
  r = horner(r, z, 0.023255813953488372, 3.2273925134452225e-19)
  r = horner(r, z, 0.024390243902439025, -8.46206573647223e-19)
  r = horner(r, z, 0.02564102564102564, 8.896017825522087e-19)
  r = horner(r, z, 0.02702702702702703, -1.50030138462859e-18)
  r = horner(r, z, 0.02857142857142857, 8.921435019309293e-19)
  r = horner(r, z, 0.030303030303030304, -8.410780489584519e-19)
  r = horner(r, z, 0.03225806451612903, 8.953411488912552e-19)
  r = horner(r, z, 0.034482758620689655, 4.785444071660157e-19)
  r = horner(r, z, 0.037037037037037035, 2.05596856412066e-18)
  r = horner(r, z, 0.04, -8.326672684688674e-19)
  r = horner(r, z, 0.043478260869565216, 1.206764157201257e-18)
  r = horner(r, z, 0.047619047619047616, 2.64338815386942e-18)
  r = horner(r, z, 0.05263157894736842, 2.921639538487254e-18)
  r = horner(r, z, 0.058823529411764705, 8.163404592832033e-19)
  r = horner(r, z, 0.06666666666666667, 9.251858538542971e-19)
  r = horner(r, z, 0.07692307692307693, -4.270088556250602e-18)
  r = horner(r, z, 0.09090909090909091, -2.523234146875356e-18)
  r = horner(r, z, 0.1111111111111111, 6.1679056923619804e-18)
  r = horner(r, z, 0.14285714285714285, 7.93016446160826e-18)
  r = horner(r, z, 0.2, -1.1102230246251566e-17)
  r = horner(r, z, 0.3333333333333333, 1.850371707708594e-17)
  r = horner(r, z, 1.0, 0.0)
  const k2 = <f64>exponent + scale
  return sum(product(pair(k2, 0), pair(0.6931471805599453, 2.3190468138462996e-17)), f64x2.mul(product(s, r), f64x2.splat(2)))
}
// @ts-ignore: decorator
@inline function powerOf2(n: i32): f64 { return reinterpret<f64>(<u64>(n + 1023) << 52) }

/** log Γ(x) for x ≥ 30: (x - ½) log x - x + ½ log 2π + 1/(12 x) - … */
function stirling(x: f64): v128 {
  const l = logarithm(pair(x, 0))
  if (x > 1e300) return pair(x * ((highOf(l) - 1) + lowOf(l)), 0)
  const v = 1 / (x * x)
  const series = (1 / x) * (0.08333333333333333 + v * (-0.002777777777777778 + v * (7.936507936507937e-4 + v * (-5.952380952380953e-4 + v * 8.417508417508417e-4))))
  const main = sum(product(sumOf(x, -0.5), l), pair(-x, 0))
  return sum(main, sum(pair(0.9189385332046728, -3.8782941580672414e-17), pair(series, 0)))
}

/** log |Γ(x)| of one number: Infinity for 0, negative whole numbers and ±Infinity. */
export function f64_lgamma(x: f64): f64 {
  if (x != x) return x
  const a = abs(x)
  if (a == Infinity || (x <= 0 && x == floor(x))) return Infinity
  if (x == 1 || x == 2) return 0
  if (a < 8.673617379884035e-19) return -highOf(logarithm(pair(a, 0)))
  if (x >= 30) return highOf(stirling(x))
  if (x > -170) {
    const g = gammaParts(x)
    const l = logarithm(highOf(g) < 0 ? f64x2.neg(g) : g)
    return isScaled(x) ? highOf(sum(l, product(pair(-SCALE_BITS, 0), pair(0.6931471805599453, 2.3190468138462996e-17)))) : highOf(l)
  }
  // Γ(x) Γ(-x) = -π / (x sin πx)
  const rest = x - nearest(x)
  const sine = abs(f64x2.extract_lane(f64x2_sin(f64x2.splat(3.141592653589793 * rest)), 0))
  const reflected = sum(pair(1.1447298858494002, 1.0265951162707826e-17), f64x2.neg(logarithm(productOf(a, sine))))
  return highOf(sum(reflected, f64x2.neg(stirling(a))))
}

/** Gamma function of each double. */
export function f64x2_gamma(x: v128): v128 { return pair(f64_gamma(f64x2.extract_lane(x, 0)), f64_gamma(f64x2.extract_lane(x, 1))) }
/** Gamma function of each float. */
export function f32x4_gamma(x: v128): v128 { return narrow(f64x2_gamma(widenLow(x)), f64x2_gamma(widenHigh(x))) }
/** Gamma function of one float. */
export function f32_gamma(x: f32): f32 { return <f32>f64_gamma(<f64>x) }
/** log |Γ| of each double. */
export function f64x2_lgamma(x: v128): v128 { return pair(f64_lgamma(f64x2.extract_lane(x, 0)), f64_lgamma(f64x2.extract_lane(x, 1))) }
/** log |Γ| of each float. */
export function f32x4_lgamma(x: v128): v128 { return narrow(f64x2_lgamma(widenLow(x)), f64x2_lgamma(widenHigh(x))) }
/** log |Γ| of one float. */
export function f32_lgamma(x: f32): f32 { return <f32>f64_lgamma(<f64>x) }
