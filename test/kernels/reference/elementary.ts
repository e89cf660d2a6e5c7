/**
 * Reference values of the elementary functions to about 100 bits, from the textbook series: slow, plain, and on
 * purpose unlike the kernels they judge. A result is a double-double times a power of two, so that overflowing and
 * denormal results keep all their bits.
 */
import {
  add,
  type DD,
  div,
  fastTwoSum,
  fromNumber,
  mul,
  negate,
  polynomial,
  scale,
  scaleBinary,
  sqrt,
  sub,
  twoProduct,
  twoSum,
} from './double-double.ts'
import { reduceByHalfPi } from './half-pi.ts'

export interface Exact {
  readonly value: DD
  /** The result is value · 2^exponent. */
  readonly exponent: number
}
export const exactly = (value: DD, exponent = 0): Exact => ({ value, exponent })

export const LN2: DD = [Math.LN2, 2.3190468138462996e-17]
export const PI: DD = [Math.PI, 1.2246467991473532e-16]
export const HALF_PI: DD = scale(PI, 0.5)
const INVERSE_LN2: DD = [Math.LOG2E, 2.0355273740931033e-17]
const INVERSE_LN10: DD = [Math.LOG10E, 1.098319650216765e-17]
const TWO_OVER_SQRT_PI: DD = [1.1283791670955126, 1.533545961316588e-17]
const ONE = fromNumber(1)

/** 1/n! for n up to 30. */
const INVERSE_FACTORIALS: readonly DD[] = (() => {
  const list: DD[] = [ONE]
  for (let n = 1; n <= 30; n++) list.push(div(list[n - 1]!, fromNumber(n)))
  return list
})()
const everySecond = (from: number): DD[] => INVERSE_FACTORIALS.filter((_, i) => i >= from && (i - from) % 2 === 0)
const alternating = (list: DD[]): DD[] => list.map((c, i) => (i % 2 ? negate(c) : c))
const SINE_SERIES = alternating(everySecond(1))
const COSINE_SERIES = alternating(everySecond(0))
const SINH_SERIES = everySecond(1)
const EXPM1_SERIES = INVERSE_FACTORIALS.slice(1)

export const sineOfSmall = (r: DD): DD => mul(r, polynomial(SINE_SERIES, mul(r, r)))
export const cosineOfSmall = (r: DD): DD => polynomial(COSINE_SERIES, mul(r, r))

/** e^x as a value near 1 and an exponent. The first part of ln 2 has 40 bits: its multiples are exact. */
export function expExact(x: DD): Exact {
  const k = Math.round(x[0] / LN2[0])
  const head = add(x, [-k * 0.6931471805592082, 0])
  const r = sub(head, mul([k, 0], [7.371002565167799e-13, 1.94704509238075e-31]))
  return exactly(polynomial(INVERSE_FACTORIALS.slice(0, 28), r), k)
}

/** log of a positive double-double: Newton's step from the host's logarithm, or the series in (x-1)/(x+1) near 1. */
export function logOf(x: DD): DD {
  const f = sub(x, ONE)
  if (Math.abs(f[0]) < 0.01) return logByRatio(div(f, add(f, [2, 0])))
  const y = Math.log(x[0])
  const { value, exponent } = expExact([-y, 0])
  const w = sub(mul(value, scale(x, 2 ** exponent)), ONE)
  return add(add([y, 0], w), [-0.5 * w[0] * w[0], 0])
}

/** 2 artanh(s) = log((1+s)/(1-s)) for |s| < 0.01. */
function logByRatio(s: DD): DD {
  const z = mul(s, s)
  let sum = fromNumber(0)
  for (let k = 10; k >= 0; k--) sum = add(mul(sum, z), div(ONE, fromNumber(2 * k + 1)))
  return scale(mul(s, sum), 2)
}

/** The significand and the exponent of a positive double, also a denormal one: x = m · 2^e with m in [√½, √2). */
export function splitBinary(x: number): readonly [number, number] {
  const scaled = x < 2 ** -1000 ? x * 2 ** 200 : x
  let e = Math.round(Math.log2(scaled))
  let m = scaleBinary(scaled, -e)
  if (m >= Math.SQRT2) [m, e] = [m / 2, e + 1]
  return [m, x < 2 ** -1000 ? e - 200 : e]
}

/** log of a positive double of any size. */
export function logOfNumber(x: number): DD {
  const [m, e] = splitBinary(x)
  const head = twoProduct(e, LN2[0])
  return add(add(head, [e * LN2[1], 0]), logOf(fromNumber(m)))
}

function log1pOf(x: number): DD {
  if (Math.abs(x) < 2 ** -60) return fastTwoSum(x, -0.5 * x * x)
  if (Math.abs(x) < 0.01) return logByRatio(div([x, 0], twoSum(2, x)))
  return x > 2 ** 200 ? logOfNumber(x) : logOf(twoSum(1, x))
}

/** expm1 of a small double-double by its series. */
const expm1Small = (x: DD): DD => mul(x, polynomial(EXPM1_SERIES, x))

function expm1Of(x: DD): Exact {
  if (Math.abs(x[0]) < 0.4) return exactly(expm1Small(x))
  const { value, exponent } = expExact(x)
  if (exponent > 130) return exactly(value, exponent)
  return exactly(sub(scale(value, 2 ** exponent), ONE))
}

export function sinCos(x: number): { sin: DD; cos: DD } {
  const { quadrant, rest } = reduceByHalfPi(x)
  const s = sineOfSmall(rest)
  const c = cosineOfSmall(rest)
  const turned: readonly [DD, DD][] = [
    [s, c],
    [c, negate(s)],
    [negate(s), negate(c)],
    [negate(c), s],
  ]
  const [sin, cos] = turned[quadrant]!
  return { sin, cos }
}

/** The angle of (x, y), one Newton step from the host's atan2; x and y of moderate size. */
function angle(y: DD, x: DD): DD {
  const start = Math.atan2(y[0], x[0])
  const { sin, cos } = sinCos(start)
  const d = div(sub(mul(y, cos), mul(x, sin)), add(mul(x, cos), mul(y, sin)))
  return add([start, 0], d)
}

function asinSmall(x: DD): DD {
  return angle(x, sqrt(mul(sub(ONE, x), add(ONE, x))))
}
/** 2 asin(√((1-x)/2)): the angle from 0 for x near 1. */
const acosNearOne = (x: number): DD => scale(asinSmall(sqrt(scale(twoSum(1, -x), 0.5))), 2)

function acosOf(x: number): DD {
  if (x > 0.5) return acosNearOne(x)
  return x < -0.5 ? sub(PI, acosNearOne(-x)) : sub(HALF_PI, asinSmall(fromNumber(x)))
}
function asinOf(x: number): DD {
  const a = Math.abs(x)
  const value = a > 0.5 ? sub(HALF_PI, acosNearOne(a)) : asinSmall(fromNumber(a))
  return x < 0 ? negate(value) : value
}

function atan2Of(y: number, x: number): Exact {
  const ey = Math.floor(Math.log2(Math.abs(y)))
  const ex = Math.floor(Math.log2(Math.abs(x)))
  const m = scaleBinary(y, -ey)
  const n = scaleBinary(x, -ex)
  if (ex - ey > 120 && x > 0) return exactly(div(fromNumber(m), fromNumber(n)), ey - ex)
  if (ex - ey > 120) return exactly(y < 0 ? negate(PI) : PI)
  if (ey - ex > 120) return exactly(y < 0 ? negate(HALF_PI) : HALF_PI)
  return exactly(angle(fromNumber(m), fromNumber(n * 2 ** (ex - ey))))
}

/** (e^x ± e^-x) / 2, as needed by sinh (sign -1) and cosh (sign 1). */
function hyperbolic(x: number, sign: number): Exact {
  const up = expExact(fromNumber(x))
  if (up.exponent > 110) return exactly(up.value, up.exponent - 1)
  const down = expExact(fromNumber(-x))
  const sum = add(scale(up.value, 2 ** up.exponent), scale(down.value, sign * 2 ** down.exponent))
  return exactly(sum, -1)
}
function sinhOf(x: number): Exact {
  const a = Math.abs(x)
  const value = a < 0.5 ? exactly(mul([a, 0], polynomial(SINH_SERIES, twoProduct(a, a)))) : hyperbolic(a, -1)
  return x < 0 ? exactly(negate(value.value), value.exponent) : value
}
function tanhOf(x: number): Exact {
  const a = Math.abs(x)
  if (a > 60) return exactly(fromNumber(Math.sign(x)))
  const { value, exponent } = expm1Of([2 * a, 0])
  const e = scale(value, 2 ** exponent)
  const t = div(e, add(e, [2, 0]))
  return exactly(x < 0 ? negate(t) : t)
}

function powOf(x: number, y: number): Exact {
  const { value, exponent } = expExact(mul([y, 0], logOfNumber(Math.abs(x))))
  const odd = x < 0 && Math.abs(y % 2) === 1
  return exactly(odd ? negate(value) : value, exponent)
}

function cbrtOf(x: number): Exact {
  const e = Math.round(Math.log2(Math.abs(x)) / 3)
  const m = scaleBinary(x, -3 * e)
  const y = Math.cbrt(m)
  const y2 = twoProduct(y, y)
  const rest = sub([m, 0], mul(y2, [y, 0]))
  const d = div(rest, scale(y2, 1))[0] / 3
  return exactly(add(fastTwoSum(y, d), [(-d * d) / y, 0]), e)
}

function hypotOf(x: number, y: number): Exact {
  const e = Math.floor(Math.log2(Math.max(Math.abs(x), Math.abs(y))))
  const a = scaleBinary(x, -e)
  const b = scaleBinary(y, -e)
  return exactly(sqrt(add(twoProduct(a, a), twoProduct(b, b))), e)
}

/** erf x = 2/√π exp(-x²) Σ 2^n x^(2n+1) / (2n+1)!!: all terms positive. */
function erfOf(x: number): Exact {
  const a = Math.abs(x)
  if (a > 8.5) return exactly(fromNumber(Math.sign(x)))
  const square = twoProduct(a, a)
  let term: DD = [a, 0]
  let sum: DD = term
  for (let n = 1; term[0] > sum[0] * 1e-33; n++) {
    term = div(mul(term, scale(square, 2)), fromNumber(2 * n + 1))
    sum = add(sum, term)
  }
  const { value, exponent } = expExact(negate(square))
  const result = scale(mul(mul(sum, value), TWO_OVER_SQRT_PI), 2 ** exponent)
  return exactly(x < 0 ? negate(result) : result)
}

/** Both arguments equal to zero or out of the finite range are special cases, which the tests state one by one. */
export const unaryReference: Readonly<Record<string, (x: number) => Exact>> = {
  sin: x => exactly(sinCos(x).sin),
  cos: x => exactly(sinCos(x).cos),
  tan: x => exactly(div(sinCos(x).sin, sinCos(x).cos)),
  asin: x => exactly(asinOf(x)),
  acos: x => exactly(acosOf(x)),
  atan: x => atan2Of(x, 1),
  exp: x => expExact(fromNumber(x)),
  expm1: x => expm1Of(fromNumber(x)),
  log: x => exactly(logOfNumber(x)),
  log1p: x => exactly(log1pOf(x)),
  log2: x => exactly(mul(logOfNumber(x), INVERSE_LN2)),
  log10: x => exactly(mul(logOfNumber(x), INVERSE_LN10)),
  cbrt: cbrtOf,
  sinh: sinhOf,
  cosh: x => hyperbolic(Math.abs(x), 1),
  tanh: tanhOf,
  erf: erfOf,
}
export const binaryReference: Readonly<Record<string, (x: number, y: number) => Exact>> = {
  atan2: atan2Of,
  pow: powOf,
  hypot: hypotOf,
}
