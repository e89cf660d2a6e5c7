import { IrisError } from '../../base/diagnostic.ts'
import { ARRAYS_FROM } from '../../compiler/abi.ts'
import { ALIGNMENT, Allocator } from './allocator.ts'

export const PAGE = 65536
/** The first page is not handed out: address 0 stays invalid, and the static data of linked kernels lies there. */
export const RESERVED = ARRAYS_FROM
/** Addresses stay below 2^31, so that an i32 read from memory is an address as it is. */
const LARGEST = 32767 * PAGE

export interface MemoryLimits {
  /** bytes at first use */
  readonly initial: number
  /** bytes; the address space is reserved, pages are committed when touched */
  readonly maximum: number
}

/** A WebAssembly.Memory, in words that do not need TypeScript's DOM library. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}

/** Typed views on all of the memory, renewed when it grows (the old ones stay valid: shared memory does not detach). */
export interface Heap {
  readonly i32: Int32Array
  readonly u8: Uint8Array
  readonly f64: Float64Array
  readonly buffer: SharedArrayBuffer
}

/**
 * The one shared WebAssembly.Memory of a process and its allocator. Growing makes a new SharedArrayBuffer object over
 * the same bytes, so "is this array in kernel memory" is a question about a set of buffers ({@link owns}).
 */
export class KernelMemory {
  readonly wasm: WasmMemory
  readonly #limits: MemoryLimits
  readonly #allocator: Allocator
  readonly #buffers = new WeakSet<ArrayBufferLike>()
  readonly #keepers: (() => void)[] = []
  #heap: Heap

  /** @throws IrisError IRIS5005 where there is no WebAssembly, or not that much address space */
  constructor(limits: MemoryLimits) {
    this.#limits = clamp(limits)
    const { initial, maximum } = this.#limits
    this.wasm = newMemory(initial / PAGE, maximum / PAGE)
    this.#heap = this.#look()
    this.#allocator = new Allocator(RESERVED, initial)
  }

  get heap(): Heap {
    return this.#heap
  }

  get usedBytes(): number {
    return this.#allocator.usedBytes
  }

  get maximumBytes(): number {
    return this.#limits.maximum
  }

  owns(buffer: ArrayBufferLike): boolean {
    return this.#buffers.has(buffer)
  }

  /**
   * Address of `bytes` bytes, 64-byte aligned, contents unspecified.
   * @throws IrisError IRIS5001 when they do not fit below the maximum
   */
  take(bytes: number): number {
    const address = this.tryTake(bytes)
    if (address === undefined) throw this.full(bytes)
    return address
  }

  tryTake(bytes: number): number | undefined {
    const address = this.#tryTake(bytes)
    if (address !== undefined || this.#keepers.length === 0) return address
    for (const giveBack of this.#keepers) giveBack()
    return this.#tryTake(bytes)
  }

  /** `giveBack` is called before memory is said to be full: it gives back what is kept for speed alone. */
  onFull(giveBack: () => void): void {
    this.#keepers.push(giveBack)
  }

  #tryTake(bytes: number): number | undefined {
    return this.#allocator.take(bytes) ?? (this.#grow(bytes) ? this.#allocator.take(bytes) : undefined)
  }

  give(address: number): void {
    this.#allocator.give(address)
  }

  full(wanted: number): IrisError {
    const size = this.#limits.maximum
    return new IrisError('IRIS5001', { wanted, free: size - RESERVED - this.usedBytes, size })
  }

  /** Doubles, within the maximum, so that growing stays rare. */
  #grow(bytes: number): boolean {
    const size = this.#heap.buffer.byteLength
    const room = this.#limits.maximum - size
    const needed = pages(this.#allocator.shortfall(bytes))
    if (needed > room) return false
    const step = Math.min(room, Math.max(needed, pages(size)))
    if (!this.#growBy(step) && !this.#growBy(needed)) return false
    return true
  }

  #growBy(bytes: number): boolean {
    try {
      this.wasm.grow(bytes / PAGE)
    } catch (error) {
      if (error instanceof RangeError) return false // the system has no more
      throw error
    }
    this.#heap = this.#look()
    this.#allocator.extend(bytes)
    return true
  }

  #look(): Heap {
    const buffer = this.wasm.buffer as unknown as SharedArrayBuffer
    this.#buffers.add(buffer)
    return { i32: new Int32Array(buffer), u8: new Uint8Array(buffer), f64: new Float64Array(buffer), buffer }
  }
}

function newMemory(initial: number, maximum: number): WasmMemory {
  if (typeof WebAssembly === 'undefined')
    throw new IrisError('IRIS5005', { reason: 'this process runs without it (--jitless?)' })
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new IrisError(
      'IRIS5005',
      { reason: `${error.message} (IRIS_MEMORY_MAX is ${maximum * PAGE})` },
      { cause: error },
    )
  }
}

const pages = (bytes: number): number => Math.ceil(Math.max(bytes, 0) / PAGE) * PAGE

function clamp({ initial, maximum }: MemoryLimits): MemoryLimits {
  const most = Math.min(pages(Math.max(maximum, 2 * PAGE)), LARGEST)
  return { initial: Math.min(pages(Math.max(initial, RESERVED + ALIGNMENT)), most), maximum: most }
}
