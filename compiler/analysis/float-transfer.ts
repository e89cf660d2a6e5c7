import {
  BOOL,
  FALSE,
  hasNumber,
  hasZero,
  isEmpty,
  join,
  NAN_ONLY,
  type Range,
  range,
  single,
  TRUE,
} from './interval.ts'

/**
 * Transfer functions of the float operators. Rounding is monotone, so computing the bounds in doubles gives exactly
 * the bounds of the rounded results.
 */
type Unary = (a: Range) => Range
type Binary = (a: Range, b: Range) => Range

const canBeNegative = (a: Range): boolean => a.lo < 0 || a.negZero
/** +0 counts. */
const canBePositive = (a: Range): boolean => a.hi >= 0
const isInfinite = (a: Range): boolean => a.lo === -Infinity || a.hi === Infinity

/** The hull of some corners; NaN corners (0 * Infinity, Infinity / Infinity) are limits that give nothing new. */
function hull(corners: readonly number[], integer: boolean, nan: boolean, negZero: boolean): Range {
  let lo = Infinity
  let hi = -Infinity
  for (const corner of corners) {
    const value = Number.isNaN(corner) ? 0 : corner
    lo = Math.min(lo, value)
    hi = Math.max(hi, value)
  }
  return range(lo, hi, integer, nan, negZero)
}

/** Where an operand is no number the result is NaN. */
const strict =
  (transfer: Binary): Binary =>
  (a, b) => {
    if (!hasNumber(a) || !hasNumber(b)) return NAN_ONLY
    return transfer(a, b)
  }
const strict1 =
  (transfer: Unary): Unary =>
  a =>
    hasNumber(a) ? transfer(a) : NAN_ONLY

export const add = strict((a, b) => {
  const clash = (a.hi === Infinity && b.lo === -Infinity) || (a.lo === -Infinity && b.hi === Infinity)
  const lo = a.lo + b.lo
  const hi = a.hi + b.hi
  const nan = a.nan || b.nan || clash
  // Infinity + -Infinity as a bound: the other values may be anything
  return range(
    Number.isNaN(lo) ? -Infinity : lo,
    Number.isNaN(hi) ? Infinity : hi,
    a.integer && b.integer,
    nan,
    a.negZero && b.negZero,
  )
})

export const negate = strict1(a => range(-a.hi, -a.lo, a.integer, a.nan, hasZero(a)))

/** x - y is -0 only for -0 - 0; through `negate` that is -0 + -0. */
export const subtract = strict((a, b) => add(a, negate(b)))

const signsDiffer: (a: Range, b: Range) => boolean = (a, b) =>
  (canBeNegative(a) && canBePositive(b)) || (canBePositive(a) && canBeNegative(b))

export const multiply = strict((a, b) => {
  const nan = a.nan || b.nan || (hasZero(a) && isInfinite(b)) || (hasZero(b) && isInfinite(a))
  const integer = a.integer && b.integer
  // an integer product is zero only where a factor is; a fraction may also underflow
  const zero = hasZero(a) || hasZero(b) || !integer
  return hull([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi], integer, nan, zero && signsDiffer(a, b))
})

export const divide = strict((a, b) => {
  const nan = a.nan || b.nan || (hasZero(a) && hasZero(b)) || (isInfinite(a) && isInfinite(b))
  const negZero = signsDiffer(a, b)
  if (!hasZero(b)) return hull([a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi], false, nan, negZero)
  const positive = !canBeNegative(a) && !canBeNegative(b)
  return range(positive ? 0 : -Infinity, Infinity, false, nan, negZero)
})

/** JS `%`: the sign of the dividend, smaller than the divisor in magnitude, never larger than the dividend. */
export const remainder = strict((a, b) => {
  const nan = a.nan || b.nan || hasZero(b) || isInfinite(a)
  const largest = Math.max(Math.abs(b.lo), Math.abs(b.hi))
  const integer = a.integer && b.integer
  const limit = integer ? Math.max(largest - 1, 0) : largest
  const lo = a.lo < 0 ? Math.max(a.lo, -limit) : 0
  const hi = a.hi > 0 ? Math.min(a.hi, limit) : 0
  return range(lo, hi, a.integer && (b.integer || !isFractionKept(a, b)), nan, canBeNegative(a))
})

/** A fraction as divisor gives fractions, unless it is never reached. */
const isFractionKept = (a: Range, b: Range): boolean =>
  !(Math.min(Math.abs(b.lo), Math.abs(b.hi)) > Math.max(Math.abs(a.lo), Math.abs(a.hi)) && !hasZero(b))

export const absolute = strict1(a => {
  const hi = Math.max(Math.abs(a.lo), Math.abs(a.hi))
  return range(hasZero(a) ? 0 : Math.min(Math.abs(a.lo), Math.abs(a.hi)), hi, a.integer, a.nan)
})

export const squareRoot = strict1(a => {
  if (a.hi < 0) return NAN_ONLY
  return range(Math.sqrt(Math.max(a.lo, 0)), Math.sqrt(a.hi), false, a.nan || a.lo < 0, a.negZero)
})

/** Rounding to integers; `negative`: which values below zero become -0. */
const rounding = (round: (value: number) => number, toNegZero: (a: Range) => boolean): Unary =>
  strict1(a => (a.integer ? a : range(round(a.lo), round(a.hi), true, a.nan, a.negZero || toNegZero(a))))

export const ceil = rounding(Math.ceil, a => a.lo < 0 && a.hi > -1)
export const floor = rounding(Math.floor, () => false)
export const trunc = rounding(Math.trunc, a => a.lo < 0 && a.hi > -1)
export const round = rounding(Math.round, a => a.lo < 0 && a.hi >= -0.5)
/** floor and ceil bound nearest-even from both sides. */
export const nearest = strict1(a => {
  if (a.integer) return a
  const lo = Math.abs(a.lo % 1) === 0.5 ? Math.floor(a.lo) : Math.round(a.lo)
  const hi = Math.abs(a.hi % 1) === 0.5 ? Math.ceil(a.hi) : Math.round(a.hi)
  return range(lo, hi, true, a.nan, a.negZero || (a.lo < 0 && a.hi >= -0.5))
})

export const minimum = strict((a, b) =>
  range(Math.min(a.lo, b.lo), Math.min(a.hi, b.hi), a.integer && b.integer, a.nan || b.nan, a.negZero || b.negZero),
)
export const maximum = strict((a, b) =>
  range(Math.max(a.lo, b.lo), Math.max(a.hi, b.hi), a.integer && b.integer, a.nan || b.nan, a.negZero || b.negZero),
)

export const copySign: Binary = (a, b) => {
  if (!hasNumber(a)) return NAN_ONLY
  const size = absolute(a)
  const negative = canBeNegative(b) || b.nan
  const positive = canBePositive(b) || b.nan
  const lo = negative ? -size.hi : size.lo
  const hi = positive ? size.hi : -size.lo
  return range(lo, hi, a.integer, a.nan, negative && hasZero(a))
}

export const sign = strict1(a => range(Math.sign(a.lo), Math.sign(a.hi), true, a.nan, a.negZero))

/** f32 results: the bounds are rounded too; what underflows keeps its sign. */
export const single32 = (a: Range): Range => {
  if (!hasNumber(a)) return a
  const underflow = !a.integer && a.lo < 0
  return range(Math.fround(a.lo), Math.fround(a.hi), a.integer, a.nan, a.negZero || underflow)
}

// ---- comparisons: an i32 0 or 1

type Decide = (a: Range, b: Range) => boolean | undefined
const answer =
  (decide: Decide): Binary =>
  (a, b) => {
    if (isEmpty(a) || isEmpty(b)) return BOOL
    const known = decide(a, b)
    return known === undefined ? BOOL : known ? TRUE : FALSE
  }
const mayBeNaN = (a: Range, b: Range): boolean => a.nan || b.nan

/** With NaN on either side an ordered comparison is false. */
export const lessThan = answer((a, b) => {
  if (!hasNumber(a) || !hasNumber(b) || a.lo >= b.hi) return false
  return a.hi < b.lo && !mayBeNaN(a, b) ? true : undefined
})
export const lessOrEqual = answer((a, b) => {
  if (!hasNumber(a) || !hasNumber(b) || a.lo > b.hi) return false
  return a.hi <= b.lo && !mayBeNaN(a, b) ? true : undefined
})
export const equal = answer((a, b) => {
  if (!hasNumber(a) || !hasNumber(b) || a.lo > b.hi || a.hi < b.lo) return false
  const one = a.lo === a.hi && b.lo === b.hi && a.lo === b.lo
  return one && !mayBeNaN(a, b) ? true : undefined
})
export const opposite = (a: Range): Range => (a === TRUE ? FALSE : a === FALSE ? TRUE : BOOL)
export const notEqual: Binary = (a, b) => opposite(equal(a, b))

/** `c ? a : b` */
export function choose(c: Range, a: Range, b: Range): Range {
  if (single(c) === 0) return b
  return hasZero(c) ? join(a, b) : a
}
