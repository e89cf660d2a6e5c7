import type { TypedArray } from '../../runtime/exec/elements.ts'

/** Puts an array where the library is to find it: into kernel memory, or where it is. */
export type Place = <T extends TypedArray>(x: T) => T

/** One primitive against what a user would pick instead. */
export interface KernelRow {
  readonly name: string
  readonly elements: number
  /** package and function */
  readonly peer: string
  /** Makes the peer's action and ours over the same numbers; each gives its result, for a look at whether they agree. */
  prepare(place: Place): Actions | Promise<Actions>
}

export interface Actions {
  readonly theirs: () => unknown
  readonly ours: () => unknown
  /** of the results; default: numbers within 1e-9 */
  readonly agree?: (ours: unknown, theirs: unknown) => boolean
}

/** Reproducible numbers in [-1, 1): the multiplicative generator of D. Lehmer with S. Park and K. Miller's constants. */
export function noise<T extends TypedArray>(x: T, seed = 1): T {
  let state = seed * 7919 + 1
  for (let i = 0; i < x.length; i++) {
    state = (state * 48271) % 2147483647
    x[i] = (state / 2147483647) * 2 - 1
  }
  return x
}

/** The same for bytes: all values. */
export function bytes(n: number, seed = 1): Uint8Array {
  const x = noise(new Float64Array(n), seed)
  return Uint8Array.from(x, v => (v + 1) * 128)
}

export const near =
  (tolerance: number) =>
  (a: unknown, b: unknown): boolean => {
    if (typeof a === 'number' && typeof b === 'number')
      return Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b))
    const [x, y] = [a as ArrayLike<number>, b as ArrayLike<number>]
    if (x.length !== y.length) return false
    for (let i = 0; i < x.length; i++)
      if (!(Object.is(x[i], y[i]) || Math.abs(x[i]! - y[i]!) <= tolerance * (1 + Math.abs(y[i]!)))) return false
    return true
  }
