import { IrisError } from '../../base/diagnostic.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import { CONSTRUCTORS, elemOf, type TypedArray } from '../../runtime/exec/elements.ts'
import { markOf } from '../../runtime/exec/views.ts'

/** Lists as prose: `a, b or c`. */
const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const article = (words: string): string => `${/^[AEIO]/.test(words) ? 'an' : 'a'} ${words}`

export const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a plain array'
  if (typeof value === 'object') return article(Object.prototype.toString.call(value).slice(8, -1))
  return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`
}

export function wrongKind(kernel: string, name: string, value: unknown, wanted: string): IrisError {
  return new IrisError('IRIS4101', { kernel, name, found: describe(value), wanted })
}
export function wrongLength(kernel: string, name: string, found: number, wanted: string | number): IrisError {
  return new IrisError('IRIS4102', { kernel, name, found, wanted })
}
export function wrongValue(kernel: string, name: string, value: unknown, wanted: string): IrisError {
  const found = typeof value === 'number' ? value : describe(value)
  return new IrisError('IRIS4104', { kernel, name, found, wanted })
}
export function wrongMatrix(kernel: string, reason: string): IrisError {
  return new IrisError('IRIS4105', { kernel, reason })
}

/** Element type of `x`. @throws IrisError IRIS4101 when it is not one of `kinds` */
export function kindOf<E extends Elem>(kernel: string, name: string, x: unknown, kinds: readonly E[]): E {
  const elem = typeof x === 'object' && x !== null ? (markOf(x as TypedArray)?.elem ?? elemOf(x)) : undefined
  if (elem !== undefined && kinds.includes(elem as E)) return elem as E
  throw wrongKind(kernel, name, x, article(either(kinds.map(kind => CONSTRUCTORS[kind].name))))
}

/** `y` must have the kind and the length of `x`. @throws IrisError IRIS4101, IRIS4102 */
export function like(kernel: string, name: string, y: TypedArray, elem: Elem, length: number): void {
  kindOf(kernel, name, y, [elem])
  if (y.length !== length) throw wrongLength(kernel, name, y.length, length)
}

/** A number, not NaN. @throws IrisError IRIS4104 */
export function number(kernel: string, name: string, value: unknown): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value
  throw wrongValue(kernel, name, value, 'a number')
}

/** A whole number from `low` to `high`. @throws IrisError IRIS4104 */
export function whole(kernel: string, name: string, value: unknown, low: number, high = 2 ** 31 - 1): number {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number
  const wanted = high === 2 ** 31 - 1 ? `a whole number from ${low}` : `a whole number from ${low} to ${high}`
  throw wrongValue(kernel, name, value, wanted)
}

/** One of the words. @throws IrisError IRIS4104 */
export function oneOf<W extends string>(kernel: string, name: string, value: unknown, words: readonly W[]): W {
  if (words.includes(value as W)) return value as W
  throw new IrisError('IRIS4104', {
    kernel,
    name,
    found: typeof value === 'string' ? JSON.stringify(value) : describe(value),
    wanted: either(words.map(word => `'${word}'`)),
  })
}

const isSame = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  a.byteOffset === b.byteOffset && a.byteLength === b.byteLength

/** An output may be an input as a whole where `inPlace`; else it must be apart. @throws IrisError IRIS4103 */
export function apart(
  kernel: string,
  name: string,
  out: ArrayBufferView,
  other: string,
  x: ArrayBufferView,
  inPlace: boolean,
): void {
  if (inPlace && out === x) return
  if (out.buffer !== x.buffer && !sharesMemory(out, x)) return
  if (out.byteOffset >= x.byteOffset + x.byteLength || x.byteOffset >= out.byteOffset + out.byteLength) return
  if (inPlace && isSame(out, x)) return
  throw new IrisError('IRIS4103', { kernel, name, other })
}

/** Kernel memory has several buffer objects over the same bytes once it has grown. */
function sharesMemory(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const mark = markOf(a)
  return mark !== undefined && mark.memory === markOf(b)?.memory
}

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
