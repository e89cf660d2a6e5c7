/** Reduction of any finite double by π/2 in BigInt fixed point: exact to 150 bits below the point. */
import { type DD, fastTwoSum, scaleBinary } from './double-double.ts'

const FRACTION = 200
const WIDEST = 1100 + FRACTION

/** arctan(1/n) · 2^bits by its series. */
function arctanInverse(n: bigint, bits: number): bigint {
  let term = (1n << BigInt(bits)) / n
  let sum = term
  for (let k = 3n; term !== 0n; k += 2n) {
    term /= -n * n
    sum += term / k
  }
  return sum
}
/** π/2 · 2^(WIDEST), by Machin's formula with 64 guard bits. */
const HALF_PI = (8n * arctanInverse(5n, WIDEST + 64) - 2n * arctanInverse(239n, WIDEST + 64)) >> 64n

const view = new DataView(new ArrayBuffer(8))

/** x = m · 2^e exactly. */
function decompose(x: number): readonly [bigint, number] {
  view.setFloat64(0, x)
  const encoding = view.getBigUint64(0)
  const biased = Number((encoding >> 52n) & 0x7ffn)
  const fraction = encoding & 0xfffffffffffffn
  const m = biased ? fraction | (1n << 52n) : fraction
  return [encoding >> 63n ? -m : m, Math.max(biased, 1) - 1075]
}

/** A fixed-point number of FRACTION bits as a double-double. */
function toDD(fixed: bigint): DD {
  const high = Number(fixed)
  const low = Number(fixed - BigInt(high))
  return fastTwoSum(scaleBinary(high, -FRACTION), scaleBinary(low, -FRACTION))
}

export function reduceByHalfPi(x: number): { quadrant: number; rest: DD } {
  if (Math.abs(x) <= 0.7853981633974483) return { quadrant: 0, rest: [x, 0] }
  const [m, e] = decompose(x)
  const point = FRACTION + Math.max(e, 0)
  const halfPi = HALF_PI >> BigInt(WIDEST - point)
  const fixed = e >= 0 ? m << BigInt(e + point) : (m << BigInt(point)) >> BigInt(-e)
  let quotient = fixed / halfPi
  let rest = fixed - quotient * halfPi
  if (2n * rest > halfPi) [quotient, rest] = [quotient + 1n, rest - halfPi]
  else if (2n * rest < -halfPi) [quotient, rest] = [quotient - 1n, rest + halfPi]
  // The bits below FRACTION only kept the multiples of π/2 exact.
  return { quadrant: Number(((quotient % 4n) + 4n) % 4n), rest: toDD(rest >> BigInt(point - FRACTION)) }
}
