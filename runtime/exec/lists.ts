import { LIST_HEADER, type ListElement } from '../../compiler/abi.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import { readBox, writeBox } from './boxes.ts'
import { CONSTRUCTORS, plainElemOf, type TypedArray } from './elements.ts'
import type { Failure } from './failure.ts'
import type { Heap } from './memory.ts'
import { isProxy } from './properties.ts'
import { padded, type ThreadContext } from './thread-context.ts'
import type { ArrayUse } from './typed-inputs.ts'

/**
 * Plain arrays as lists of compiled code: a header (data, length, capacity), and the elements behind it. Rows of
 * nested lists are lists of their own; one array is one list however often it occurs.
 */
const MAX_LENGTH = 2 ** 27

export type InputElement = ListElement

const placeOf = (elem: Elem, address: number, length: number): string => `${elem} ${address} ${length}`

/** What stands for what in one call, both ways. */
class Tables {
  readonly handles = new Map<unknown[], number>()
  readonly records = new Map<object, { readonly handle: number; readonly fields: readonly string[] }>()
  readonly objects = new Map<number, object>()
  readonly arrays = new Map<number, { readonly array: unknown[]; readonly element: ListElement }>()
  readonly made = new Map<number, unknown[]>()
  readonly madeTyped = new Map<string, TypedArray>()
}

/** The arrays of one call, and the objects in them, by identity, with the list that stands for each. */
export class ListCopies {
  readonly #typed: readonly ArrayUse[]
  #lazyTables: Tables | undefined
  #byPlace: ReadonlyMap<string, TypedArray> | undefined
  #uses: ReadonlyMap<TypedArray, ArrayUse> | undefined
  /** An array was met twice: fine for reading, but compiled code may take two lists for distinct. */
  shared = false

  /** `typed`: the typed arrays among the inputs and inside lists; they get their addresses when they are copied. */
  constructor(typed: readonly ArrayUse[]) {
    this.#typed = typed
  }

  /** Most calls have no plain arrays, and many take less time than these maps. */
  get #tables(): Tables {
    this.#lazyTables ??= new Tables()
    return this.#lazyTables
  }

  addressOf(row: TypedArray): number {
    this.#uses ??= new Map(this.#typed.map(use => [use.array, use]))
    return this.#uses.get(row)?.address ?? 0
  }

  /** The typed array, or the part of one, that a place in a list refers to; undefined for one that the kernel made. */
  rowAt(elem: Elem, address: number, length: number): TypedArray | undefined {
    this.#byPlace ??= new Map(this.#typed.map(use => [placeOf(use.elem, use.address, use.array.length), use.array]))
    const same = this.#byPlace.get(placeOf(elem, address, length))
    if (same) return same
    const end = address + length * CONSTRUCTORS[elem].BYTES_PER_ELEMENT
    const parent = this.#typed.find(use => use.address <= address && end <= use.address + use.array.byteLength)
    if (!parent || length === 0) return undefined
    const { buffer, byteOffset } = parent.array
    return new CONSTRUCTORS[elem](buffer, byteOffset + address - parent.address, length)
  }

  /** The list of an array that was met before; 'other' when it was copied as one of another kind. */
  known(array: unknown[], element: ListElement): number | 'other' | undefined {
    const handle = this.#tables.handles.get(array)
    if (handle === undefined) return undefined
    this.shared = true
    return isSameElement(this.#tables.arrays.get(handle)!.element, element) ? handle : 'other'
  }

  /** The same for an object: a record holds the fields that one list asks for. */
  knownRecord(object: object, fields: readonly string[]): number | 'other' | undefined {
    const known = this.#tables.records.get(object)
    return known && (isSameRecord(known.fields, fields) ? known.handle : 'other')
  }

  hasRecord(object: object): boolean {
    return this.#tables.records.has(object)
  }

  addRecord(object: object, handle: number, fields: readonly string[]): void {
    this.#tables.records.set(object, { handle, fields })
    this.#tables.objects.set(handle, object)
  }

  objectOf(handle: number): object | undefined {
    return this.#tables.objects.get(handle)
  }

  makeObject(handle: number, object: object): object {
    this.#tables.objects.set(handle, object)
    return object
  }

  add(array: unknown[], handle: number, element: ListElement): void {
    this.#tables.handles.set(array, handle)
    this.#tables.arrays.set(handle, { array, element })
  }

  arrayOf(handle: number): unknown[] | undefined {
    return this.#tables.arrays.get(handle)?.array ?? this.#tables.made.get(handle)
  }

  /** An array of the kernel's becomes one object, however often the results refer to it. */
  make(handle: number, array: unknown[]): unknown[] {
    this.#tables.made.set(handle, array)
    return array
  }

  madeAt(elem: Elem, address: number, length: number): TypedArray | undefined {
    return length === 0 ? undefined : this.#tables.madeTyped.get(placeOf(elem, address, length))
  }

  makeTyped(elem: Elem, address: number, array: TypedArray): TypedArray {
    this.#tables.madeTyped.set(placeOf(elem, address, array.length), array)
    return array
  }

  forEach(visit: (array: unknown[], handle: number, element: ListElement) => void): void {
    for (const [handle, { array, element }] of this.#tables.arrays) visit(array, handle, element)
  }
}

const isSameRecord = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, k) => name === b[k]))

function isSameElement(a: ListElement, b: ListElement): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if ('record' in a) return 'record' in b && isSameRecord(a.record, b.record)
  if ('typed' in a) return 'typed' in b && a.typed === b.typed
  return 'list' in b && isSameElement(a.list, b.list)
}

const strideOf = (element: ListElement): number =>
  typeof element === 'object' && ('list' in element || 'record' in element) ? 4 : 8
const recordBytes = (fields: readonly string[]): number => padded(LIST_HEADER.bytes) + padded(8 * fields.length)

/** An ordinary array: no Proxy, no subclass, no accessors on the way. */
export function isPlainArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && !isProxy(value) && Object.getPrototypeOf(value) === Array.prototype
}

/** Arena bytes of the copy without those of typed arrays in it, or undefined when the value is not of this kind. */
export function listBytes(value: unknown, element: ListElement): number | undefined {
  if (!isPlainArray(value) || value.length > MAX_LENGTH) return undefined
  let bytes = padded(LIST_HEADER.bytes) + padded(value.length * strideOf(element))
  if (typeof element !== 'object') return bytes
  if ('record' in element) return bytes + value.length * recordBytes(element.record)
  for (let i = 0; i < value.length; i++) {
    const inner = 'list' in element ? listBytes(value[i], element.list) : isRow(value[i], element.typed) ? 0 : undefined
    if (inner === undefined) return undefined
    bytes += inner
  }
  return bytes
}

const isRow = (value: unknown, elem: Elem): boolean =>
  typeof value === 'object' && value !== null && plainElemOf(value) === elem

/** Element type of the typed arrays in a list, if there are any. */
export function rowElem(element: ListElement): Elem | undefined {
  if (typeof element !== 'object') return undefined
  if ('record' in element) return undefined
  return 'typed' in element ? element.typed : rowElem(element.list)
}

/** The typed arrays in a list that {@link listBytes} has accepted. */
export function rowsOf(list: readonly unknown[], element: ListElement): readonly TypedArray[] {
  if (typeof element !== 'object' || 'record' in element) return []
  if ('typed' in element) return list as TypedArray[]
  return list.flatMap(inner => rowsOf(inner as unknown[], element.list))
}

/** Copies an array whose {@link listBytes} were reserved; the handle, or why it cannot be copied. */
export function copyListIn(
  array: unknown[],
  element: ListElement,
  name: string,
  copies: ListCopies,
  context: ThreadContext,
): number | Failure {
  const known = copies.known(array, element)
  if (known === 'other') return { code: 'IRIS4009', values: { names: `${name} and another argument` } }
  if (known !== undefined) return known
  const { heap } = context.memory
  const handle = context.push(LIST_HEADER.bytes)
  const data = context.push(array.length * strideOf(element))
  copies.add(array, handle, element)
  heap.i32[(handle + LIST_HEADER.data) >> 2] = data
  heap.i32[(handle + LIST_HEADER.length) >> 2] = array.length
  heap.i32[(handle + LIST_HEADER.capacity) >> 2] = array.length
  return fillList(array, element, name, copies, context, data) ?? handle
}

function fillList(
  array: unknown[],
  element: ListElement,
  name: string,
  copies: ListCopies,
  context: ThreadContext,
  data: number,
): Failure | undefined {
  const { heap } = context.memory
  if (element === 'f64') return fillNumbers(array, heap, data) ? undefined : { code: 'IRIS4007', values: { name } }
  if (element === 'box') return fillBoxes(array, heap, data) ? undefined : { code: 'IRIS4007', values: { name } }
  for (let i = 0; i < array.length; i++) {
    if ('record' in element) {
      const handle = copyRecordIn(array[i], element.record, copies, context)
      if (handle === undefined) return { code: 'IRIS4007', values: { name } }
      if (handle === 'other') return { code: 'IRIS4009', values: { names: `in ${name} and in another argument` } }
      heap.i32[(data + 4 * i) >> 2] = handle
    } else if ('list' in element) {
      const handle = copyListIn(array[i] as unknown[], element.list, `${name}[${i}]`, copies, context)
      if (typeof handle !== 'number') return handle
      heap.i32[(data + 4 * i) >> 2] = handle
    } else {
      const row = array[i] as TypedArray
      heap.i32[(data + 8 * i) >> 2] = copies.addressOf(row)
      heap.i32[((data + 8 * i) >> 2) + 1] = row.length
    }
  }
  return undefined
}

/** The fields of an object, which must be numbers of its own: nothing of the user's is run. */
function copyRecordIn(
  value: unknown,
  fields: readonly string[],
  copies: ListCopies,
  context: ThreadContext,
): number | 'other' | undefined {
  if (typeof value !== 'object' || value === null || isProxy(value)) return undefined
  const known = copies.knownRecord(value, fields)
  if (known !== undefined) return known
  const handle = context.push(LIST_HEADER.bytes)
  const data = context.push(8 * fields.length)
  const { heap } = context.memory
  heap.i32[(handle + LIST_HEADER.data) >> 2] = data
  heap.i32[(handle + LIST_HEADER.length) >> 2] = fields.length
  heap.i32[(handle + LIST_HEADER.capacity) >> 2] = fields.length
  for (let k = 0; k < fields.length; k++) {
    const field = Object.getOwnPropertyDescriptor(value, fields[k]!)?.value as unknown
    if (typeof field !== 'number') return undefined
    heap.f64[(data >> 3) + k] = field
  }
  copies.addRecord(value, handle, fields)
  return handle
}

function fillNumbers(array: unknown[], heap: Heap, data: number): boolean {
  const { f64 } = heap
  const base = data >> 3
  for (let i = 0; i < array.length; i++) {
    const value = array[i]
    if (typeof value !== 'number') return false
    f64[base + i] = value
  }
  return true
}

function fillBoxes(array: unknown[], heap: Heap, data: number): boolean {
  for (let i = 0; i < array.length; i++) {
    const value = array[i]
    if (value === undefined && !Object.hasOwn(array, i)) return false
    if (!writeBox(heap, data + 8 * i, value)) return false
  }
  return true
}

/** Whether assigning elements, and the length, does nothing but store: in an array, and in the arrays in it. */
export function isWritableList(array: unknown[], element: ListElement): boolean {
  if (!Object.isExtensible(array) || !Object.getOwnPropertyDescriptor(array, 'length')!.writable) return false
  if (typeof element !== 'object' || !('list' in element)) return true
  return array.every(row => isWritableList(row as unknown[], element.list))
}

/** After success: elements and lengths of every list go back; unchanged elements are not touched. */
export function copyListsBack(copies: ListCopies, heap: Heap): void {
  copies.forEach((array, handle, element) => {
    const length = heap.i32[(handle + LIST_HEADER.length) >> 2]!
    for (let i = 0; i < length; i++) {
      const value = readElement(heap, handle, element, i, copies)
      if (i >= array.length || !Object.is(array[i], value)) array[i] = value
    }
    if (array.length !== length) array.length = length
  })
}

/** The JavaScript array that a list stands for: the argument it was copied from, or a new one. */
export function arrayOfList(heap: Heap, handle: number, element: ListElement, copies: ListCopies): unknown[] {
  const known = copies.arrayOf(handle)
  if (known) return known
  const length = heap.i32[(handle + LIST_HEADER.length) >> 2]!
  if (element === 'f64') return copies.make(handle, Array.from(listNumbers(heap, handle, length)))
  const array = copies.make(handle, new Array<unknown>(length))
  for (let i = 0; i < length; i++) array[i] = readElement(heap, handle, element, i, copies)
  return array
}

function listNumbers(heap: Heap, handle: number, length: number): Float64Array {
  const data = heap.i32[(handle + LIST_HEADER.data) >> 2]! >>> 3
  return heap.f64.subarray(data, data + length)
}

function readElement(heap: Heap, handle: number, element: ListElement, index: number, copies: ListCopies): unknown {
  const data = heap.i32[(handle + LIST_HEADER.data) >> 2]!
  if (element === 'f64') return heap.f64[(data >>> 3) + index]
  if (element === 'box') return readBox(heap, data + 8 * index)
  if ('record' in element) return objectOfRecord(heap, heap.i32[(data >> 2) + index]!, element.record, copies)
  if ('list' in element) return arrayOfList(heap, heap.i32[(data >> 2) + index]!, element.list, copies)
  return typedAt(heap, element.typed, data + 8 * index, copies)
}

/** The JavaScript object that a record stands for: one of an argument's, or a new one. */
export function objectOfRecord(heap: Heap, handle: number, fields: readonly string[], copies: ListCopies): object {
  const known = copies.objectOf(handle)
  if (known) return known
  const values = listNumbers(heap, handle, fields.length)
  return copies.makeObject(handle, Object.fromEntries(fields.map((name, k) => [name, values[k]])))
}

/** The typed array whose address and length are stored at `at`: one of the arguments, or a new one. */
export function typedAt(heap: Heap, elem: Elem, at: number, copies: ListCopies): TypedArray {
  const address = heap.i32[at >> 2]!
  const length = heap.i32[(at >> 2) + 1]!
  const known = copies.rowAt(elem, address, length) ?? copies.madeAt(elem, address, length)
  if (known) return known
  const result = new CONSTRUCTORS[elem](length)
  if (length > 0) result.set(new CONSTRUCTORS[elem](heap.buffer, address, length))
  return copies.makeTyped(elem, address, result)
}
