import type { Elem } from '../../compiler/ir/types.ts'
import { elemOf, type TypedArray } from '../../runtime/exec/elements.ts'
import { markOf } from '../../runtime/exec/views.ts'
import type { Scratch } from './library.ts'
import { type Library, library, type Recording, recorder } from './library.ts'

/** Arrays of one call: their addresses in kernel memory, and what must be copied back. */
export class Call {
  readonly #library: Library
  readonly #scratch: Scratch
  readonly #back: { readonly to: TypedArray; readonly elem: Elem; readonly address: number }[] = []
  readonly #ends: (() => void)[] = []
  readonly #writesInPlace: boolean

  /** Without `writesInPlace`, arrays of the caller stay as they are until {@link finish}, those in kernel memory too. */
  constructor(owner: Library, scratch: Scratch = owner.scratch, writesInPlace = true) {
    this.#library = owner
    this.#scratch = scratch
    this.#writesInPlace = writesInPlace
  }

  /** Address of the elements, which the kernel reads. */
  in(x: TypedArray): number {
    return this.#inPlace(x) ?? this.#copyIn(x, elemOf(x)!)
  }

  /** Address for the elements, which the kernel writes, all of them. */
  out(x: TypedArray): number {
    return this.#writtenInPlace(x) ?? this.#promise(x, elemOf(x)!, this.room(x.byteLength))
  }

  /** Address of elements that the kernel reads and writes. */
  inOut(x: TypedArray): number {
    const there = this.#writtenInPlace(x)
    if (there !== undefined) return there
    const elem = elemOf(x)!
    return this.#promise(x, elem, this.#copyIn(x, elem))
  }

  /** Room that nobody sees after the call. @throws IrisError IRIS5001 */
  room(bytes: number): number {
    return this.#scratch.take(bytes)
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

  /** What is done when no step of the call runs any more. */
  atEnd(what: () => void): void {
    this.#ends.push(what)
  }

  end(): void {
    this.#back.length = 0
    for (let what = this.#ends.pop(); what; what = this.#ends.pop()) what()
    this.#scratch.release()
  }

  #inPlace(x: TypedArray): number | undefined {
    const mark = markOf(x)
    return mark !== undefined && mark.memory === this.#library.memory ? mark.address : undefined
  }

  #writtenInPlace(x: TypedArray): number | undefined {
    return this.#writesInPlace ? this.#inPlace(x) : undefined
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

let shared: Call | undefined
let recorded: Call | undefined

/**
 * Runs one kernel over arrays anywhere: those of alloc() where they are, others copied in and, once the kernel has
 * succeeded, back; then `result` makes what the caller gets of the kernel's value. Kernels do not call each other through this,
 * so one frame serves all.
 */
export function run<V>(kernel: (call: Call) => V): V
export function run<V, R>(kernel: (call: Call) => V, result: (value: V) => R): R
export function run<V, R>(kernel: (call: Call) => V, result?: (value: V) => R): V | R {
  if (recorder.current && recorded) return note(recorder.current, recorded, kernel, result)
  const call = (shared ??= new Call(library()))
  let value: V
  try {
    value = kernel(call)
    call.finish()
  } finally {
    call.end()
  }
  return result ? result(value) : value
}

/** The steps are noted; what is given back is not looked at. */
function note<V, R>(
  recording: Recording,
  call: Call,
  kernel: (call: Call) => V,
  result: ((value: V) => R) | undefined,
): V | R {
  const nothing = kernel(call)
  if (result) recording.result = result as unknown as Recording['result']
  return nothing
}

/** What `work`, one call of a kernel, would do with the arrays placed by `call`. @throws what the kernel throws */
export function record(call: Call, work: () => unknown): Recording {
  const recording: Recording = { steps: [], result: value => value }
  recorder.current = recording
  recorded = call
  try {
    recording.given = work()
  } finally {
    recorder.current = recorded = undefined
  }
  return recording
}
