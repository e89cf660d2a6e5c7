import { builtFile } from '../../base/files.ts'
import { invariant } from '../../base/invariant.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import { ALIGNMENT } from '../../runtime/exec/allocator.ts'
import { CONSTRUCTORS, type TypedArray } from '../../runtime/exec/elements.ts'
import type { KernelMemory } from '../../runtime/exec/memory.ts'
import { sharedMemory } from '../shared-memory.ts'

/** The Wasm modules of the library: dist/kernels/<family>.wasm. */
export type Family = 'vectors' | 'matrix' | 'search' | 'order' | 'signal' | 'image' | 'random' | 'checksum'

export type Entry = (...args: number[]) => number
type Windows = Readonly<Record<Elem, TypedArray>>

/** One call of a Wasm function of the library. */
export interface Step {
  readonly family: Family
  readonly name: string
  readonly params: readonly number[]
}

/** What a kernel of the library would do: its steps in order, and what makes its result of the value of the last, if any. */
export interface Recording {
  readonly steps: Step[]
  result: (value: number) => unknown
  /** what the kernel gave: its result where there is no step */
  given?: unknown
}

/** While a recording is under way, steps are noted instead of run: see async.ts. */
export const recorder: { current: Recording | undefined } = { current: undefined }

/** Runs `work` for real, also during a recording: for tables that calls share. */
export function atOnce<R>(work: () => R): R {
  const held = recorder.current
  recorder.current = undefined
  try {
    return work()
  } finally {
    recorder.current = held
  }
}

/** Kept from call to call. What is larger is taken for one call: then the call outweighs the allocator. */
const KEPT_BYTES = 1 << 20

const aligned = (bytes: number): number => (bytes + ALIGNMENT - 1) & -ALIGNMENT

/** Room in kernel memory for the copies and tables of one call: a stack that is emptied as a whole. */
export class Scratch {
  readonly #memory: KernelMemory
  readonly #extra: number[] = []
  readonly #kept: number
  #base = 0
  #top = 0

  /** `kept`: bytes that stay for the next call; 0 where there is none, so that many calls at once take what they need. */
  constructor(memory: KernelMemory, kept = KEPT_BYTES) {
    this.#memory = memory
    this.#kept = kept
  }

  /** Address of `bytes` bytes, contents unspecified. @throws IrisError IRIS5001 */
  take(bytes: number): number {
    const room = aligned(Math.max(bytes, 1))
    if (this.#top + room <= this.#kept) {
      if (this.#base === 0) this.#base = this.#memory.take(this.#kept)
      const address = this.#base + this.#top
      this.#top += room
      return address
    }
    const address = this.#memory.take(bytes)
    this.#extra.push(address)
    return address
  }

  release(): void {
    this.#top = 0
    for (let address = this.#extra.pop(); address !== undefined; address = this.#extra.pop()) this.#memory.give(address)
  }
}

/** The families over one kernel memory: each is read, compiled and instantiated when it is first called. */
export class Library {
  readonly memory: KernelMemory
  readonly scratch: Scratch
  readonly #families = new Map<Family, Readonly<Record<string, Entry>>>()
  #windows: Windows | undefined
  #buffer: ArrayBufferLike | undefined

  constructor(memory: KernelMemory) {
    this.memory = memory
    this.scratch = new Scratch(memory)
  }

  entries(family: Family): Readonly<Record<string, Entry>> {
    const known = this.#families.get(family)
    if (known) return known
    const { exports } = new WebAssembly.Instance(moduleOf(family), {
      env: { memory: this.memory.wasm as unknown as WebAssembly.Memory },
    })
    const entries = exports as unknown as Readonly<Record<string, Entry>>
    this.#families.set(family, entries)
    return entries
  }

  /** All of the memory as an array of this element type. */
  window(elem: Elem): TypedArray {
    const { buffer } = this.memory.heap
    if (this.#buffer !== buffer || !this.#windows) {
      this.#buffer = buffer
      this.#windows = windowsOn(buffer)
    }
    return this.#windows[elem]
  }
}

const windowsOn = (buffer: ArrayBufferLike): Windows =>
  Object.fromEntries(
    Object.entries(CONSTRUCTORS).map(([elem, type]) => [
      elem,
      new type(buffer, 0, Math.floor(buffer.byteLength / type.BYTES_PER_ELEMENT)),
    ]),
  ) as unknown as Windows

/** The file of a family. */
export function bytesOfFamily(family: Family): Uint8Array<ArrayBuffer> {
  // Importing node:fs would take a tenth of the time that importing this library may take.
  const { readFileSync } = process.getBuiltinModule('node:fs')
  return readFileSync(builtFile(`kernels/${family}.wasm`))
}

const modules = new Map<Family, WebAssembly.Module>()

/** The compiled module of a family; threads share it. */
export function moduleOf(family: Family): WebAssembly.Module {
  const known = modules.get(family)
  if (known) return known
  const module = new WebAssembly.Module(bytesOfFamily(family))
  modules.set(family, module)
  return module
}

let shared: Library | undefined

/** The library over the kernel memory of this process. */
export function library(): Library {
  shared ??= new Library(sharedMemory().memory)
  return shared
}

/** A function of a family; while a call is recorded, one that notes the step instead. */
export function entry(family: Family, name: string): Entry {
  const recording = recorder.current
  if (recording) {
    return (...params) => {
      recording.steps.push({ family, name, params })
      return Number.NaN
    }
  }
  const found = library().entries(family)[name]
  invariant(found, `${family} has no function ${name}`)
  return found
}
