import type { Elem } from '../../compiler/ir/types.ts'

export type TypedArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

export interface TypedArrayConstructor<T extends TypedArray = TypedArray> {
  readonly BYTES_PER_ELEMENT: number
  readonly prototype: T
  readonly name: string
  new (length: number): T
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T
}

/** The typed arrays that kernels know, by element type; identity of a constructor is the test, never its name. */
export const CONSTRUCTORS: Readonly<Record<Elem, TypedArrayConstructor>> = {
  i8: Int8Array,
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as unknown as Readonly<Record<Elem, TypedArrayConstructor>>

const ELEM_OF_TAG = new Map<unknown, Elem>(
  Object.entries(CONSTRUCTORS).map(([elem, type]) => [type.name, elem as Elem]),
)
const ELEM_OF_PROTOTYPE = new Map<unknown, Elem>(
  Object.entries(CONSTRUCTORS).map(([elem, type]) => [type.prototype, elem as Elem]),
)

/** The brand of a typed array: works on no other object, runs no code of the user, and cannot be shadowed. */
export const brandOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Float64Array.prototype),
  Symbol.toStringTag,
)!.get!

/** Element type of a typed array (also of a subclass such as Buffer), else undefined. */
export const elemOf = (value: unknown): Elem | undefined => ELEM_OF_TAG.get(brandOf.call(value))

/** The same, without subclasses: methods and length are those of the language. */
export const plainElemOf = (value: object): Elem | undefined => ELEM_OF_PROTOTYPE.get(Object.getPrototypeOf(value))
