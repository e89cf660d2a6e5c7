import { LAST_GENERATION, Pid, splitPid } from './pid.ts'
import type { Process } from './process.ts'

/** Every live actor by slot. A slot is used again with the next generation, the longest free one first. */
export class ProcessTable {
  readonly node: string
  readonly #slots: (Process | undefined)[] = []
  readonly #generations: number[] = []
  #free: number[] = []
  #freeHead = 0
  live = 0

  constructor(node: string) {
    this.node = node
  }

  /** A new pid, its slot reserved until `release`. */
  reserve(): Pid {
    this.live++
    const index = this.#takeSlot()
    return new Pid(this.node, index, this.#generations[index]!)
  }

  place(process: Process): void {
    this.#slots[process.pid.index] = process
    Pid.attach(process.pid, process)
  }

  release(pid: Pid): void {
    this.live--
    this.#slots[pid.index] = undefined
    Pid.detach(pid)
    if (pid.generation === LAST_GENERATION) return
    this.#generations[pid.index] = pid.generation + 1
    this.#free.push(pid.index)
  }

  /** The live actor that a pid from the wire names, else undefined. */
  find(wire: bigint): Process | undefined {
    const { index, generation } = splitPid(wire)
    return this.at(index, generation)
  }

  at(index: number, generation: number): Process | undefined {
    const process = this.#slots[index]
    return process?.pid.generation === generation ? process : undefined
  }

  *[Symbol.iterator](): Generator<Process> {
    for (const process of this.#slots) if (process !== undefined) yield process
  }

  #takeSlot(): number {
    if (this.#freeHead === this.#free.length) {
      this.#slots.push(undefined)
      return this.#generations.push(1) - 1
    }
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
