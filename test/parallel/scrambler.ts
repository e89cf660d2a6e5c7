import type { KernelMemory } from '../../runtime/exec/memory.ts'
import type { LoopSharing, SharedCode } from '../../runtime/exec/parallel/sharing.ts'

/** A small generator of numbers below 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Runs every loop in small parts of random sizes, in random order, on one thread: what many threads could do, but the
 * same in each run of the tests.
 */
export class Scrambler implements LoopSharing {
  readonly #memory: KernelMemory
  readonly #next: () => number
  loops = 0

  constructor(memory: KernelMemory, seed: number) {
    this.#memory = memory
    this.#next = random(seed)
  }

  share({ regions, chunks }: SharedCode, region: number, lo: number, hi: number, frame: number): number {
    const { step, gathers } = regions[region]!
    const parts = this.#cut(lo, hi, step, gathers === 'rounds')
    const results = this.#memory.take(8 * parts.length)
    for (const index of this.#shuffled(parts.length)) {
      const [from, to] = parts[index]!
      chunks[region]!(from, to, results + 8 * index, frame)
    }
    this.#memory.heap.i32[frame >> 2] = results
    this.#memory.give(results)
    this.loops++
    return parts.length
  }

  #cut(lo: number, hi: number, step: number, single: boolean): (readonly [number, number])[] {
    const parts: (readonly [number, number])[] = []
    for (let from = lo; from < hi; ) {
      const to = Math.min(hi, from + step * (single ? 1 : 1 + Math.floor(this.#next() * 7)))
      parts.push([from, to])
      from = to
    }
    return parts
  }

  #shuffled(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.#next() * (i + 1))
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }
}
