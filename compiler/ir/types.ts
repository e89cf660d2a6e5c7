import { invariant } from '../../base/invariant.ts'
import { VECTOR_TYPES, type VectorType } from './vector-types.ts'

/**
 * Types of the IR.
 *
 * Scalars are Wasm's value types, and `box`: a JavaScript primitive of a kind known only at run time (number, boolean,
 * undefined or null), carried in 64 bits. `arr.<elem>` is a view on linear memory (pointer and length: two Wasm
 * locals). `list.<type>` is a handle (one i32) to a growable plain array: header { data: i32, length: i32,
 * capacity: i32 }, elements of 8 bytes (f64, box, arr) or 4 (list).
 */
export const ELEMS = ['i8', 'u8', 'u8c', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64'] as const
export type Elem = (typeof ELEMS)[number]

export type Scalar = 'i32' | 'i64' | 'f32' | 'f64' | 'box'
export type ArrayType = `arr.${Elem}`
export type ListType = `list.${string}`
/** A vector fills 128 bits: lanes of one kind. Vectors exist from the pass `vectorize` on. */
export type Type = Scalar | VectorType | ArrayType | ListType

export const ELEM_BYTES: Readonly<Record<Elem, 1 | 2 | 4 | 8>> = {
  i8: 1,
  u8: 1,
  u8c: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  f32: 4,
  f64: 8,
}

/** The value type that a load of this element gives and a store takes. u32 travels as the bits of an i32. */
export function elemScalar(elem: Elem): 'i32' | 'f32' | 'f64' {
  return elem === 'f32' || elem === 'f64' ? elem : 'i32'
}

export const isScalar = (type: Type): type is Scalar | VectorType => !type.includes('.')
export const isVector = (type: Type): type is VectorType => (VECTOR_TYPES as readonly string[]).includes(type)
export const isArray = (type: Type): type is ArrayType => type.startsWith('arr.')
export const isList = (type: Type): type is ListType => type.startsWith('list.')

export function elemOf(type: ArrayType): Elem {
  return type.slice(4) as Elem
}

/** `list.f64` → `f64`, `list.list.f64` → `list.f64`, `list.arr.f32` → `arr.f32`. */
export function listElement(type: ListType): Type {
  const element = type.slice(5) as Type
  invariant(element === 'f64' || element === 'box' || isArray(element) || isList(element), `bad list type ${type}`)
  return element
}

export const listStride = (type: ListType): 4 | 8 => (isList(listElement(type)) ? 4 : 8)

/**
 * A box holds a number as its own bits (every NaN made the canonical 0x7FF8000000000000), and the other primitives as
 * NaN patterns that no number has after that: so "is it undefined" is one integer comparison, and reading undefined
 * where a number is wanted costs nothing, since the pattern is itself a NaN.
 */
export const BOX = {
  undefined: 0xfff9_0000_0000_0001n,
  null: 0xfff9_0000_0000_0002n,
  false: 0xfff9_0000_0000_0003n,
  true: 0xfff9_0000_0000_0004n,
  canonicalNaN: 0x7ff8_0000_0000_0000n,
} as const

export type { VectorType }
