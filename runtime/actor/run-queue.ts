import type { Process } from './process.ts'

/** A growing ring of processes; its capacity is a power of two. */
export class RunQueue {
  #ring: (Process | undefined)[] = new Array<Process | undefined>(1024).fill(undefined)
  #mask = 1023
  #head = 0
  size = 0

  push(process: Process): void {
    if (this.size > this.#mask) this.#grow()
    this.#ring[(this.#head + this.size++) & this.#mask] = process
  }

  shift(): Process | undefined {
    if (this.size === 0) return undefined
    const process = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.size--
    return process
  }

  #grow(): void {
    const capacity = this.#ring.length * 2
    const ring = new Array<Process | undefined>(capacity).fill(undefined)
    for (let i = 0; i < this.size; i++) ring[i] = this.#ring[(this.#head + i) & this.#mask]
    this.#ring = ring
    this.#mask = capacity - 1
    this.#head = 0
  }
}
