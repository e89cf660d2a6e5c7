import type { Elem } from '../../compiler/ir/types.ts'
import { CONSTRUCTORS, type TypedArray } from '../../runtime/exec/elements.ts'
import { apart, like } from './checks.ts'

export type Floats = Float64Array | Float32Array
export type Bytes = Uint8Array | Uint8ClampedArray
/** Every typed array of numbers. */
export type Numbers = TypedArray

export const FLOATS = ['f64', 'f32'] as const
export const ALL = ['f64', 'f32', 'i32', 'u32', 'i16', 'u16', 'i8', 'u8', 'u8c'] as const

/** Clamped bytes are bytes to a kernel that does not write beyond them. */
export const bytesOf = (elem: Elem): Elem => (elem === 'u8c' ? 'u8' : elem)

/** An array of this kind outside kernel memory. */
export const fresh = <T extends TypedArray>(elem: Elem, length: number): T => new CONSTRUCTORS[elem](length) as T

/** One input of a kernel with its name, for messages. */
export type Input = readonly [name: string, x: ArrayBufferView]

/**
 * The output: a new array, or the caller's after a check of kind, length and overlap.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function outputOf<T extends TypedArray>(
  kernel: string,
  out: T | undefined,
  elem: Elem,
  length: number,
  inputs: readonly Input[],
  inPlace = false,
): T {
  if (out === undefined) return fresh(elem, length)
  like(kernel, 'out', out, elem, length)
  for (const [name, x] of inputs) apart(kernel, 'out', out, name, x, inPlace)
  return out
}
