import type { Elem } from '../../compiler/ir/types.ts'
import { elemOf, type TypedArray } from '../../runtime/exec/elements.ts'
import { markOf } from '../../runtime/exec/views.ts'
import { type Library, library } from './library.ts'

/** Arrays of one call: their addresses in kernel memory, and what must be copied back. */
export class Call {
  readonly #library: Library
  readonly #back: { readonly to: TypedArray; readonly elem: Elem; readonly address: number }[] = []

  constructor(owner: Library) {
    this.#library = owner
  }

  /** Address of the elements, which the kernel reads. */
  in(x: TypedArray): number {
    return this.#inPlace(x) ?? this.#copyIn(x, elemOf(x)!)
  }

  /** Address for the elements, which the kernel writes, all of them. */
  out(x: TypedArray): number {
    return this.#inPlace(x) ?? this.#promise(x, elemOf(x)!, this.room(x.byteLength))
  }

  /** Address of elements that the kernel reads and writes. */
  inOut(x: TypedArray): number {
    const there = this.#inPlace(x)
    if (there !== undefined) return there
    const elem = elemOf(x)!
    return this.#promise(x, elem, this.#copyIn(x, elem))
  }

  /** Room that nobody sees after the call. @throws IrisError IRIS5001 */
  room(bytes: number): number {
    return this.#library.scratch.take(bytes)
  }

  /** Kernel memory from `address` on, during the call. */
  view(elem: Elem, address: number, length: number): TypedArray {
    const window = this.#library.window(elem)
    const from = address / window.BYTES_PER_ELEMENT
    return window.subarray(from, from + length)
  }

  /** Copies results to where the caller wants them. */
  finish(): void {
    for (const { to, elem, address } of this.#back) to.set(this.view(elem, address, to.length))
  }

  end(): void {
    this.#back.length = 0
    this.#library.scratch.release()
  }

  #inPlace(x: TypedArray): number | undefined {
    const mark = markOf(x)
    return mark !== undefined && mark.memory === this.#library.memory ? mark.address : undefined
  }

  #copyIn(x: TypedArray, elem: Elem): number {
    const address = this.room(x.byteLength)
    this.#library.window(elem).set(x, address / x.BYTES_PER_ELEMENT)
    return address
  }

  #promise(to: TypedArray, elem: Elem, address: number): number {
    this.#back.push({ to, elem, address })
    return address
  }
}

let current: Call | undefined

/**
 * Runs one kernel over arrays anywhere: those of alloc() where they are, others copied in and, once the kernel has
 * succeeded, back. Kernels do not call each other through this, so one frame serves all.
 */
export function run<R>(kernel: (call: Call) => R): R {
  const call = (current ??= new Call(library()))
  try {
    const result = kernel(call)
    call.finish()
    return result
  } finally {
    call.end()
  }
}
