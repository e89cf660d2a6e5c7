import { type DD, scaleBinary } from './double-double.ts'
import type { Exact } from './elementary.ts'

/** Format of a result: bits of the significand, exponents of the smallest and (one above) the largest normal value. */
export interface Format {
  readonly precision: number
  readonly lowest: number
  readonly limit: number
}
export const F64: Format = { precision: 53, lowest: -1022, limit: 1024 }
export const F32: Format = { precision: 24, lowest: -126, limit: 128 }

/** Exponent e with 2^e ≤ |value| < 2^(e+1). */
function binaryExponent([high, low]: DD): number {
  const a = Math.abs(high)
  let e = Math.floor(Math.log2(a))
  if (scaleBinary(1, e) > a) e--
  else if (scaleBinary(1, e + 1) <= a) e++
  const belowPower = scaleBinary(1, e) === a && low * high < 0
  return belowPower ? e - 1 : e
}

/**
 * |result - exact| in units in the last place of the exact value in the format (denormals share one ulp). An infinite
 * result counts as the first power of two out of range, so an overflow that should not have been is a huge error.
 */
export function ulpError(result: number, exact: Exact, format: Format): number {
  const { value, exponent } = exact
  if (Number.isNaN(result)) return Infinity
  if (value[0] === 0) return result === 0 ? 0 : Infinity
  const e = Math.max(binaryExponent(value) + exponent, format.lowest)
  if (e >= format.limit) return result === Math.sign(value[0]) * Infinity ? 0 : Infinity
  const ulp = e - format.precision + 1 - exponent
  const measured = Number.isFinite(result)
    ? scaleBinary(result, -exponent)
    : Math.sign(result) * scaleBinary(1, format.limit - exponent)
  return Math.abs(scaleBinary(measured - value[0] - value[1], -ulp))
}
