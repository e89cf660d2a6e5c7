import type { Elem } from '../../../compiler/ir/types.ts'
import { CONSTRUCTORS, type TypedArray } from '../../../runtime/exec/elements.ts'
import { alloc } from '../../../src/memory.ts'
import { type Random, seeded } from '../random.ts'

/** Every length a loop over vectors can go wrong at. */
export const LENGTHS = Array.from({ length: 71 }, (_, n) => n)

const AWKWARD = [0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, 2 ** -1022, 1e-40, 1e300, -1e300, 1, -1, 0.1]

/** Numbers of a kind: ordinary ones, or any with NaN, infinities, zeros of both signs and denormals among them. */
export function numbers(elem: Elem, length: number, random: Random, awkward = false): TypedArray {
  const out = new CONSTRUCTORS[elem](length)
  for (let i = 0; i < length; i++) out[i] = one(elem, random, awkward)
  return out
}

function one(elem: Elem, random: Random, awkward: boolean): number {
  if (elem !== 'f64' && elem !== 'f32') return Math.floor(random.uniform(-(2 ** 31), 2 ** 32))
  if (awkward && random.unit() < 0.5) return random.pick(AWKWARD)
  return random.uniform(-10, 10)
}

/** Where an array can lie: apart, apart and misaligned, in kernel memory, in kernel memory and misaligned. */
export const PLACES = {
  ordinary: (x: TypedArray) => x.slice(),
  'misaligned ordinary': (x: TypedArray) => {
    const room = new (x.constructor as typeof Float64Array)(x.length + 3)
    room.set(x as Float64Array, 1)
    return room.subarray(1, 1 + x.length)
  },
  allocated: (x: TypedArray) => alloc(x.constructor as typeof Float64Array, x as Float64Array),
  'misaligned allocated': (x: TypedArray) => {
    const room = alloc(x.constructor as typeof Float64Array, x.length + 3)
    room.set(x as Float64Array, 1)
    return room.subarray(1, 1 + x.length)
  },
} as unknown as Readonly<Record<string, <T extends TypedArray>(x: T) => T>>

/** The same array in the n-th place of PLACES. */
export function placed<T extends TypedArray>(x: T, n: number): T {
  const places = Object.values(PLACES)
  return places[n % places.length]!(x)
}

export const randomOf = (seed: number): Random => seeded(seed)

/** A sum as exactly as two doubles can hold it (Ogita, Rump, Oishi, "Accurate sum and dot product", 2005). */
export function exactSum(terms: Iterable<number>): number {
  let high = 0
  let low = 0
  for (const term of terms) {
    const s = high + term
    const z = s - high
    low += high - (s - z) + (term - z)
    high = s
  }
  return Number.isFinite(low) ? high + low : high
}

/** Numbers equal, or both NaN; -0 is not 0. */
export const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}
