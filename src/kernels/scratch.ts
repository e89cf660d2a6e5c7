import { ALIGNMENT } from '../../runtime/exec/allocator.ts'
import type { KernelMemory } from '../../runtime/exec/memory.ts'

/** Kept from call to call. What is larger is taken for one call: then the call outweighs the allocator. */
const KEPT_BYTES = 1 << 20

const aligned = (bytes: number): number => (bytes + ALIGNMENT - 1) & -ALIGNMENT

/** Room in kernel memory for the copies and tables of one call: a stack that is emptied as a whole. */
export class Scratch {
  readonly #memory: KernelMemory
  readonly #extra: number[] = []
  #base = 0
  #top = 0

  constructor(memory: KernelMemory) {
    this.#memory = memory
  }

  /** Address of `bytes` bytes, contents unspecified. @throws IrisError IRIS5001 */
  take(bytes: number): number {
    if (this.#base === 0) this.#base = this.#memory.take(KEPT_BYTES)
    const room = aligned(Math.max(bytes, 1))
    if (this.#top + room <= KEPT_BYTES) {
      const address = this.#base + this.#top
      this.#top += room
      return address
    }
    const address = this.#memory.take(bytes)
    this.#extra.push(address)
    return address
  }

  /** Gives everything back. */
  dispose(): void {
    this.release()
    if (this.#base !== 0) this.#memory.give(this.#base)
    this.#base = 0
  }

  release(): void {
    this.#top = 0
    for (let address = this.#extra.pop(); address !== undefined; address = this.#extra.pop()) this.#memory.give(address)
  }
}
