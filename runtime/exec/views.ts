import { IrisError } from '../../base/diagnostic.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import { CONSTRUCTORS, plainElemOf, type TypedArray, type TypedArrayConstructor } from './elements.ts'
import type { KernelMemory } from './memory.ts'

/** A view made by alloc(): `using x = alloc(…)` frees it at the end of the block. */
export type KernelView<T extends TypedArray = TypedArray> = T & Disposable

const KNOWN = new Set<unknown>(Object.values(CONSTRUCTORS))
const freed = Symbol('freed')
/**
 * Own property of the views on kernel memory, by which compiled calls know them and what to pass: loads from an object
 * of one hidden class, where asking a typed array for `buffer` is a call into V8's C++ (some 15 ns), and for its offset
 * and length one into a builtin on Node 20.
 */
export const MARK = Symbol('iris.kernelMemory')

/** The mark of a view made by alloc(), or of a subarray of one. */
export const markOf = (view: ArrayBufferView): Mark | undefined => (view as { readonly [MARK]?: Mark })[MARK]

export interface Mark {
  readonly memory: KernelMemory
  readonly elem: Elem
  readonly address: number
  /** number of elements */
  readonly length: number
  /** address behind the last byte */
  readonly end: number
}

/** One function serves every typed array: it is inherited from %TypedArray%. */
const subarrayOf = Float64Array.prototype.subarray as (this: TypedArray, begin?: number, end?: number) => TypedArray

/**
 * Views on kernel memory, and who owns them. A view that is collected without free() gives its block back; a subarray
 * keeps the view that it was taken from alive, so that a block never returns under a live subarray. (A view built by
 * hand on `view.buffer` is not known here: keep the view itself as long as such a one is in use.)
 */
export class Views {
  readonly #memory: KernelMemory
  readonly #blocks = new WeakMap<object, number | typeof freed>()
  readonly #parents = new WeakMap<object, object>()
  readonly #lost: FinalizationRegistry<number>

  constructor(memory: KernelMemory) {
    this.#memory = memory
    this.#lost = new FinalizationRegistry(address => memory.give(address))
  }

  /** `lengthOrValues`: number of elements (zeros), or the elements. @throws IrisError IRIS5001, IRIS5002 */
  alloc<T extends TypedArray>(
    type: TypedArrayConstructor<T>,
    lengthOrValues: number | Iterable<number> | ArrayLike<number>,
  ): KernelView<T> {
    if (!KNOWN.has(type)) throw wrongConstructor(type)
    if (typeof lengthOrValues === 'number') return this.#make(type, lengthOrValues)
    const values = isArrayLike(lengthOrValues) ? lengthOrValues : Array.from(lengthOrValues)
    const view = this.#make(type, values.length)
    view.set(values)
    return view
  }

  /** @throws IrisError IRIS5004 when it was freed before, IRIS5002 when it is no view of alloc() */
  free(view: object): void {
    const address = this.#blocks.get(view)
    if (address === undefined) throw wrongView(view)
    if (address === freed) throw new IrisError('IRIS5004', { name: describe(view) })
    this.#release(view, address)
  }

  #make<T extends TypedArray>(type: TypedArrayConstructor<T>, length: number): KernelView<T> {
    if (!Number.isSafeInteger(length) || length < 0) throw wrongLength(length)
    const bytes = length * type.BYTES_PER_ELEMENT
    const address = this.#memory.take(bytes)
    const view = new type(this.#memory.heap.buffer, address, length)
    view.fill(0)
    this.#blocks.set(view, address)
    this.#lost.register(view, address, view)
    return this.#equip(view)
  }

  #release(view: object, address: number): void {
    this.#blocks.set(view, freed)
    this.#lost.unregister(view)
    this.#memory.give(address)
  }

  #equip<T extends TypedArray>(view: T): KernelView<T> {
    const dispose = (): void => {
      const address = this.#blocks.get(view)
      if (typeof address === 'number') this.#release(view, address)
    }
    Object.defineProperty(view, Symbol.dispose, { value: dispose })
    return this.#mark(view) as KernelView<T>
  }

  #mark<T extends TypedArray>(view: T): T {
    const derive = (begin?: number, end?: number): TypedArray => {
      const part = this.#mark(subarrayOf.call(view, begin, end))
      this.#parents.set(part, view)
      return part
    }
    return Object.defineProperties(view, {
      [MARK]: { value: newMark(view, this.#memory) },
      subarray: { value: derive },
    })
  }
}

function newMark(view: TypedArray, memory: KernelMemory): Mark {
  const { byteOffset, byteLength, length } = view
  return { memory, elem: plainElemOf(view)!, address: byteOffset, length, end: byteOffset + byteLength }
}

const isArrayLike = (value: object): value is ArrayLike<number> =>
  typeof (value as { length?: unknown }).length === 'number'

const describe = (view: object): string => Object.prototype.toString.call(view).slice(8, -1)

function wrongConstructor(value: unknown): IrisError {
  const names = Object.values(CONSTRUCTORS)
    .map(each => each.name)
    .join(', ')
  const found = typeof value === 'function' ? value.name : String(value)
  return new IrisError('IRIS5002', {
    name: 'constructor',
    reason: `${found} is not a typed array of numbers`,
    fix: `pass one of ${names}`,
  })
}

function wrongLength(length: number): IrisError {
  return new IrisError('IRIS5002', {
    name: 'length',
    reason: `${length} is not a whole number >= 0`,
    fix: 'pass the number of elements, or the elements',
  })
}

function wrongView(view: unknown): IrisError {
  const found = typeof view === 'object' && view !== null ? describe(view) : String(view)
  return new IrisError('IRIS5002', {
    name: 'view',
    reason: `this ${found} was not made by alloc()`,
    fix: 'pass the view that alloc() returned, not a subarray of it',
  })
}
