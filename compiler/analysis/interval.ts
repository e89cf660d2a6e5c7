import type { Type } from '../ir/types.ts'
import { ELEM_BYTES, elemOf, isArray } from '../ir/types.ts'

/**
 * The abstract domain of the range analysis (Cousot & Cousot 1977: intervals), with what JavaScript numbers need
 * besides: the values are the numbers in [lo, hi], without fractions when `integer`, and NaN and -0 when their flags
 * are set. An infinity is included when a bound is infinite. lo > hi: no number at all (only NaN, or nothing).
 *
 * One type serves every scalar: an i32 is its signed value, an i64 too (bounds beyond 2^53 are rounded outwards).
 * An array stands for its length.
 */
export interface Range {
  readonly lo: number
  readonly hi: number
  readonly integer: boolean
  readonly nan: boolean
  /** Only ever set when 0 lies in [lo, hi]. */
  readonly negZero: boolean
}

export const I32_MIN = -(2 ** 31)
export const I32_MAX = 2 ** 31 - 1
export const U32_MAX = 2 ** 32 - 1
/**
 * Sums and products of integers that stay inside are exact. (2^53 itself will not do: 2^53 + 1 rounds to it.)
 */
export const EXACT = 2 ** 53 - 1
const I64_END = 2 ** 63

/** Makes a range canonical. */
export function range(lo: number, hi: number, integer = false, nan = false, negZero = false): Range {
  const low = integer ? Math.ceil(lo) : lo
  const high = integer ? Math.floor(hi) : hi
  if (!(low <= high)) return nan ? NAN_ONLY : EMPTY
  return { lo: low + 0, hi: high + 0, integer, nan, negZero: negZero && low <= 0 && high >= 0 }
}
export const ints = (lo: number, hi: number): Range => range(lo, hi, true)

const EMPTY: Range = { lo: Infinity, hi: -Infinity, integer: true, nan: false, negZero: false }
export const NAN_ONLY: Range = { ...EMPTY, nan: true }
export const FLOAT: Range = { lo: -Infinity, hi: Infinity, integer: false, nan: true, negZero: true }
export const I32: Range = ints(I32_MIN, I32_MAX)
export const I64: Range = ints(-I64_END, I64_END)
export const BOOL: Range = ints(0, 1)
export const FALSE: Range = ints(0, 0)
export const TRUE: Range = ints(1, 1)
export const ZERO: Range = FALSE

/** No array has more elements than fit between its lowest address and 4 GiB. */
export const LIST_LENGTH: Range = ints(0, 2 ** 29)
export const arrayLength = (bytes: number): Range => ints(0, Math.min(I32_MAX, 2 ** 32 / bytes))

/** Everything that a local or expression of this type can be. */
export function rangeOfType(type: Type): Range {
  if (type === 'i32') return I32
  if (type === 'i64') return I64
  if (isArray(type)) return arrayLength(ELEM_BYTES[elemOf(type)])
  return FLOAT
}

export function constant(value: number | bigint): Range {
  if (typeof value === 'bigint') return fitI64(Number(value), Number(value))
  if (Number.isNaN(value)) return NAN_ONLY
  return range(value, value, Number.isInteger(value) || !Number.isFinite(value), false, Object.is(value, -0))
}

/** An i64 interval, its bounds moved outwards where doubles are too coarse; whole when it might have wrapped. */
export function fitI64(lo: number, hi: number): Range {
  const low = Math.abs(lo) <= EXACT ? lo : lo - Math.abs(lo) * 2 ** -50
  const high = Math.abs(hi) <= EXACT ? hi : hi + Math.abs(hi) * 2 ** -50
  return low >= -I64_END && high <= I64_END ? ints(low, high) : I64
}

/** An i32 interval; whole when the operation might have wrapped. */
export const fitI32 = (lo: number, hi: number): Range => (lo >= I32_MIN && hi <= I32_MAX ? ints(lo, hi) : I32)

export const hasNumber = (a: Range): boolean => a.lo <= a.hi
export const isEmpty = (a: Range): boolean => !hasNumber(a) && !a.nan
export const hasZero = (a: Range): boolean => a.lo <= 0 && a.hi >= 0
/** The only value, when it is a number and there is just one (-0 counts as 0 unless the flag is set). */
export function single(a: Range): number | undefined {
  return a.lo === a.hi && !a.nan && !a.negZero ? a.lo : undefined
}
export const within = (a: Range, lo: number, hi: number): boolean => a.lo >= lo && a.hi <= hi

/** Always an integer, never NaN, in [lo, hi]; -0 is not excluded. */
export const isInt = (a: Range, lo = -EXACT, hi = EXACT): boolean =>
  a.integer && !a.nan && hasNumber(a) && within(a, lo, hi)

export function equalRange(a: Range, b: Range): boolean {
  if (a === b) return true
  const bounds = a.lo === b.lo && a.hi === b.hi
  return bounds && a.integer === b.integer && a.nan === b.nan && a.negZero === b.negZero
}

/** Whether every value of `a` is one of `b`. */
export function isIncluded(a: Range, b: Range): boolean {
  if (a === b) return true
  if ((a.nan && !b.nan) || (a.negZero && !b.negZero)) return false
  return !hasNumber(a) || (within(a, b.lo, b.hi) && (a.integer || !b.integer))
}

/** Least upper bound; `a` itself when it includes `b`. */
export function join(a: Range, b: Range): Range {
  if (isIncluded(b, a)) return a
  if (isIncluded(a, b)) return b
  const integer = (a.integer || !hasNumber(a)) && (b.integer || !hasNumber(b))
  return range(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi), integer, a.nan || b.nan, a.negZero || b.negZero)
}

/** Values in both; `a` itself when nothing is lost. */
export function meet(a: Range, b: Range): Range {
  if (isIncluded(a, b)) return a
  const lo = Math.max(a.lo, b.lo)
  const hi = Math.min(a.hi, b.hi)
  return range(lo, hi, a.integer || b.integer, a.nan && b.nan, a.negZero && b.negZero)
}

/**
 * Widening: a bound that moved jumps to the next threshold (ascending). So a loop is stable after as many rounds as
 * there are thresholds; callers drop thresholds when it takes long.
 */
export function widen(old: Range, next: Range, thresholds: readonly number[]): Range {
  const both = join(old, next)
  if (both === old || !hasNumber(old)) return both
  const lo = both.lo < old.lo ? (thresholds.findLast(value => value <= both.lo) ?? -Infinity) : both.lo
  const hi = both.hi > old.hi ? (thresholds.find(value => value >= both.hi) ?? Infinity) : both.hi
  return range(lo, hi, both.integer, both.nan, both.negZero)
}

/** The same bits read as an unsigned i32. */
export function unsigned(a: Range): Range {
  if (!hasNumber(a) || a.lo >= 0) return a
  return a.hi < 0 ? ints(a.lo + 2 ** 32, a.hi + 2 ** 32) : ints(0, U32_MAX)
}
