import type { Argument } from '../arguments.ts'

/** A benchmark: a function as a user would write it, and the arguments of one run. */
export interface BenchKernel {
  readonly name: string
  /** what is counted: array elements, pixels, steps */
  readonly elements: number
  readonly fn: (...args: never[]) => unknown
  /** Arguments in ordinary memory. Arrays are copied into kernel memory for Iris, once, before the measurement. */
  readonly args: () => readonly Argument[]
}

/** Deterministic numbers in [lo, hi): a linear congruential generator (Numerical Recipes). */
export function numbers(seed: number, lo = -1, hi = 1): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return lo + (state / 2 ** 32) * (hi - lo)
  }
}

export const f64 = (length: number, seed = 1, lo = -1, hi = 1): Float64Array => {
  const next = numbers(seed, lo, hi)
  return Float64Array.from({ length }, next)
}
export const f32 = (length: number, seed = 1, lo = -1, hi = 1): Float32Array =>
  Float32Array.from(f64(length, seed, lo, hi))
export const u8 = (length: number, seed = 1): Uint8Array => Uint8Array.from(f64(length, seed, 0, 256))
