import { equal, lessOrEqual, lessThan, opposite } from './float-transfer.ts'
import {
  BOOL,
  EXACT,
  FALSE,
  fitI32,
  fitI64,
  hasZero,
  I32,
  I32_MAX,
  I64,
  ints,
  isEmpty,
  type Range,
  single,
  TRUE,
  unsigned,
  within,
} from './interval.ts'

/** Transfer functions of the integer operators. `wrap` is what becomes of a result that leaves the type: it wraps. */
type Wrap = (lo: number, hi: number) => Range
type Binary = (a: Range, b: Range) => Range

const guarded =
  (transfer: Binary): Binary =>
  (a, b) =>
    isEmpty(a) ? a : isEmpty(b) ? b : transfer(a, b)

function corners(wrap: Wrap, values: readonly number[]): Range {
  return wrap(Math.min(...values), Math.max(...values))
}

/** The divisors that are not zero: those next to zero give the extremes. */
function divisors(b: Range): number[] {
  const values = [b.lo, b.hi].filter(value => value !== 0)
  if (b.lo <= 1 && b.hi >= 1) values.push(1)
  if (b.lo <= -1 && b.hi >= -1) values.push(-1)
  return values
}

/** Beyond 2^50 the division of doubles may be one off. */
function quotient(a: number, b: number): readonly number[] {
  const value = Math.trunc(a / b)
  return Math.abs(value) > 2 ** 50 ? [value - 2, value + 2] : [value]
}

function divide(wrap: Wrap): Binary {
  return guarded((a, b) => {
    const by = divisors(b)
    if (by.length === 0) return wrap(-Infinity, Infinity)
    return corners(
      wrap,
      by.flatMap(divisor => [...quotient(a.lo, divisor), ...quotient(a.hi, divisor)]),
    )
  })
}

const remainder = guarded((a, b) => {
  const limit = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1
  return ints(a.lo < 0 ? Math.max(a.lo, -limit) : 0, a.hi > 0 ? Math.min(a.hi, limit) : 0)
})

/** Smallest k with both in [-2^k, 2^k): no bitwise operator leaves that. */
function bits(...values: readonly number[]): number {
  let k = 0
  while (k < 63 && !values.every(value => value >= -(2 ** k) && value < 2 ** k)) k++
  return k
}

const bitwiseAnd: Binary = guarded((a, b) => {
  if (a.lo >= 0 && b.lo >= 0) return ints(0, Math.min(a.hi, b.hi))
  if (a.lo >= 0) return ints(0, a.hi)
  if (b.lo >= 0) return ints(0, b.hi)
  return ints(-(2 ** bits(a.lo, b.lo)), Math.max(a.hi, b.hi))
})
const bitwiseOr: Binary = guarded((a, b) => {
  const top = 2 ** bits(a.lo, a.hi, b.lo, b.hi)
  if (a.lo >= 0 && b.lo >= 0) return ints(Math.max(a.lo, b.lo), top - 1)
  return ints(-top, a.hi < 0 || b.hi < 0 ? -1 : top - 1)
})
const bitwiseXor: Binary = guarded((a, b) => {
  const top = 2 ** bits(a.lo, a.hi, b.lo, b.hi)
  return a.lo >= 0 && b.lo >= 0 ? ints(0, top - 1) : ints(-top, top - 1)
})

/** A shift count that is known, modulo the width. */
function count(b: Range, width: number): number | undefined {
  const value = single(b)
  return value === undefined ? undefined : ((value % width) + width) % width
}

function shiftLeft(wrap: Wrap, width: number): Binary {
  return guarded((a, b) => {
    const by = count(b, width)
    return by === undefined ? wrap(-Infinity, Infinity) : wrap(a.lo * 2 ** by, a.hi * 2 ** by)
  })
}
const shiftRightSigned = (width: number): Binary =>
  guarded((a, b) => {
    const by = count(b, width)
    if (by !== undefined) return ints(Math.floor(a.lo / 2 ** by), Math.floor(a.hi / 2 ** by))
    return ints(Math.min(a.lo, 0), Math.max(a.hi, -1))
  })
function shiftRightUnsigned(width: number, whole: Range): Binary {
  return guarded((a, b) => {
    const by = count(b, width)
    if (a.lo >= 0) return by === undefined ? ints(0, a.hi) : shiftRightSigned(width)(a, b)
    if (by === undefined) return whole
    return by === 0 ? a : ints(0, 2 ** (width - by) - 1)
  })
}

/** -2^31 / -1 does not fit, and is against the law of the IR. */
export const i32 = {
  add: guarded((a, b) => fitI32(a.lo + b.lo, a.hi + b.hi)),
  sub: guarded((a, b) => fitI32(a.lo - b.hi, a.hi - b.lo)),
  mul: guarded((a, b) => corners(fitI32, [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi])),
  divS: divide(fitI32),
  divU: guarded((a, b) => {
    const x = unsigned(a)
    const y = unsigned(b)
    const hi = Math.floor(x.hi / Math.max(y.lo, 1))
    return hi <= I32_MAX ? ints(Math.floor(x.lo / Math.max(y.hi, 1)), hi) : I32
  }),
  remS: remainder,
  remU: guarded((a, b) => {
    const hi = Math.min(unsigned(a).hi, Math.max(unsigned(b).hi - 1, 0))
    return hi <= I32_MAX ? ints(0, hi) : I32
  }),
  and: bitwiseAnd,
  or: bitwiseOr,
  xor: bitwiseXor,
  shl: shiftLeft(fitI32, 32),
  shrS: shiftRightSigned(32),
  shrU: shiftRightUnsigned(32, I32),
  clz: (a: Range): Range => {
    if (isEmpty(a)) return a
    return a.lo >= 0 ? ints(Math.clz32(a.hi), Math.clz32(a.lo)) : ints(0, a.hi >= 0 ? 32 : 0)
  },
} as const

export const i64 = {
  add: guarded((a, b) => fitI64(a.lo + b.lo, a.hi + b.hi)),
  sub: guarded((a, b) => fitI64(a.lo - b.hi, a.hi - b.lo)),
  mul: guarded((a, b) => corners(fitI64, [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi])),
  divS: divide(fitI64),
  remS: remainder,
  and: bitwiseAnd,
  or: bitwiseOr,
  xor: bitwiseXor,
  shl: shiftLeft(fitI64, 64),
  shrS: shiftRightSigned(64),
  shrU: shiftRightUnsigned(64, I64),
} as const

/** Comparisons of the bits as unsigned numbers. */
const asUnsigned =
  (compare: Binary): Binary =>
  (a, b) =>
    compare(unsigned(a), unsigned(b))
export const lessThanU = asUnsigned(lessThan)
export const lessOrEqualU = asUnsigned(lessOrEqual)

/** i64 bounds may be rounded: equal bounds prove nothing there beyond 2^53. */
const coarse = (a: Range): boolean => !within(a, -EXACT, EXACT)
const careful =
  (compare: Binary): Binary =>
  (a, b) =>
    coarse(a) || coarse(b) ? BOOL : compare(a, b)
export const equalI64 = careful(equal)
export const notEqualI64: Binary = (a, b) => opposite(equalI64(a, b))
export const lessThanI64 = careful(lessThan)
export const lessOrEqualI64 = careful(lessOrEqual)
export const lessThanU64: Binary = (a, b) => (a.lo >= 0 && b.lo >= 0 ? careful(lessThan)(a, b) : BOOL)

export const isZero = (a: Range): Range => (isEmpty(a) ? BOOL : hasZero(a) ? (single(a) === 0 ? TRUE : BOOL) : FALSE)

/** Sign extension of the low bits. */
export const extend =
  (width: 8 | 16) =>
  (a: Range): Range =>
    isEmpty(a) || within(a, -(2 ** (width - 1)), 2 ** (width - 1) - 1)
      ? a
      : ints(-(2 ** (width - 1)), 2 ** (width - 1) - 1)
