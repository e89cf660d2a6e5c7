import { LAST_GENERATION, Pid, splitPid } from './pid.ts'
import type { Process } from './process.ts'

/** Every live actor by slot. A slot is used again with the next generation, the longest free one first. */
export class ProcessTable {
  readonly node: string
  /** The process, or the next generation of a free slot. */
  readonly #slots: (Process | number)[] = []
  #free: number[] = []
  #freeHead = 0
  live = 0

  constructor(node: string) {
    this.node = node
  }

  /** A new pid, its slot reserved until `release`. */
  reserve(): Pid {
    this.live++
    const index = this.#freeHead === this.#free.length ? this.#slots.push(1) - 1 : this.#takeFree()
    return new Pid(this.node, index, this.#slots[index] as number)
  }

  place(process: Process): void {
    this.#slots[process.pid.index] = process
    Pid.attach(process.pid, process)
  }

  release(pid: Pid): void {
    this.live--
    this.#slots[pid.index] = pid.generation + 1
    Pid.detach(pid)
    if (pid.generation !== LAST_GENERATION) this.#free.push(pid.index)
  }

  /** The live actor that a pid from the wire names, else undefined. */
  find(wire: bigint): Process | undefined {
    const { index, generation } = splitPid(wire)
    return this.at(index, generation)
  }

  at(index: number, generation: number): Process | undefined {
    const slot = this.#slots[index]
    return typeof slot === 'object' && slot.pid.generation === generation ? slot : undefined
  }

  *[Symbol.iterator](): Generator<Process> {
    for (const slot of this.#slots) if (typeof slot === 'object') yield slot
  }

  #takeFree(): number {
    const index = this.#free[this.#freeHead++]!
    if (this.#freeHead === this.#free.length) {
      this.#free = []
      this.#freeHead = 0
    } else if (this.#freeHead > 4096 && this.#freeHead * 2 > this.#free.length) {
      this.#free.splice(0, this.#freeHead)
      this.#freeHead = 0
    }
    return index
  }
}
