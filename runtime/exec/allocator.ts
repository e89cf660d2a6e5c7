import { invariant } from '../../base/invariant.ts'

/** A piece of address space: `[address, address + size)`. */
export interface Block {
  readonly address: number
  readonly size: number
}

export const ALIGNMENT = 64
export const aligned = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT

/**
 * Best fit with immediate coalescing (Knuth, The Art of Computer Programming 1, 2.5, with boundary tags kept outside
 * the memory, where a stray write cannot reach them). Addresses and sizes are multiples of ALIGNMENT, so the smallest
 * hole is usable and splitting leaves no slack. Knows addresses only: who owns the bytes is not its concern.
 */
export class Allocator {
  readonly #sizeAt = new Map<number, number>()
  readonly #freeByStart = new Map<number, Block>()
  readonly #freeByEnd = new Map<number, Block>()
  /** Free blocks, by size and then by address. */
  readonly #free: Block[] = []
  #used = 0
  #end: number

  /** Manages `[start, end)`; both are multiples of ALIGNMENT. */
  constructor(start: number, end: number) {
    this.#end = end
    if (end > start) this.#insert({ address: start, size: end - start })
  }

  get usedBytes(): number {
    return this.#used
  }

  get freeBytes(): number {
    return this.#free.reduce((sum, block) => sum + block.size, 0)
  }

  get largestFree(): number {
    return this.#free.at(-1)?.size ?? 0
  }

  /** Bytes that growth must add so that `bytes` fit: free space at the end counts. */
  shortfall(bytes: number): number {
    return aligned(bytes) - (this.#freeByEnd.get(this.#end)?.size ?? 0)
  }

  /** Address of a block of at least `bytes`, or undefined when no hole is large enough. */
  take(bytes: number): number | undefined {
    const size = aligned(bytes)
    const hole = this.#free[this.#firstNotBelow({ address: 0, size })]
    if (!hole) return undefined
    this.#remove(hole)
    if (hole.size > size) this.#insert({ address: hole.address + size, size: hole.size - size })
    this.#sizeAt.set(hole.address, size)
    this.#used += size
    return hole.address
  }

  give(address: number): void {
    const size = this.#sizeAt.get(address)
    invariant(size !== undefined, `no block was taken at ${address}`)
    this.#sizeAt.delete(address)
    this.#used -= size
    this.#release({ address, size })
  }

  /** More space, adjacent to the end. */
  extend(bytes: number): void {
    const address = this.#end
    this.#end += bytes
    this.#release({ address, size: bytes })
  }

  #release(block: Block): void {
    const before = this.#freeByEnd.get(block.address)
    const after = this.#freeByStart.get(block.address + block.size)
    if (before) this.#remove(before)
    if (after) this.#remove(after)
    const address = before?.address ?? block.address
    this.#insert({ address, size: (before?.size ?? 0) + block.size + (after?.size ?? 0) })
  }

  #insert(block: Block): void {
    this.#free.splice(this.#firstNotBelow(block), 0, block)
    this.#freeByStart.set(block.address, block)
    this.#freeByEnd.set(block.address + block.size, block)
  }

  #remove(block: Block): void {
    this.#free.splice(this.#firstNotBelow(block), 1)
    this.#freeByStart.delete(block.address)
    this.#freeByEnd.delete(block.address + block.size)
  }

  #firstNotBelow(block: Block): number {
    let low = 0
    let high = this.#free.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.#free[middle]!, block) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const compare = (a: Block, b: Block): number => a.size - b.size || a.address - b.address
