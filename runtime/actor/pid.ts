import { inspect } from 'node:util'
import { invariant } from '../../base/invariant.ts'
import type { Process } from './process.ts'

/** A slot whose generation reaches this is retired: a pid is never given out twice. */
export const LAST_GENERATION = 0xffff_ffff

/**
 * The address of one actor: opaque, comparable with `===`, printed as `<node.index.generation>`, a u64
 * (`generation << 32 | index`) on the wire.
 *
 * The process hangs on the pid itself, so that sending costs no table look-up, and is taken off at its death, so that
 * a stale pid neither reaches a newer actor in the same slot nor keeps the dead one's memory.
 */
export class Pid {
  readonly node: string
  readonly index: number
  readonly generation: number
  #process: Process | undefined = undefined

  constructor(node: string, index: number, generation: number) {
    this.node = node
    this.index = index
    this.generation = generation
  }

  /** The wire form. */
  toBigInt(): bigint {
    return (BigInt(this.generation) << 32n) | BigInt(this.index)
  }

  toString(): string {
    return `<${this.node}.${this.index}.${this.generation}>`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }

  static is(value: unknown): value is Pid {
    return typeof value === 'object' && value !== null && #process in value
  }

  /** The live process behind the pid. Not for users: the module `index.ts` exports the type alone. */
  static process(pid: Pid): Process | undefined {
    return pid.#process
  }

  static attach(pid: Pid, process: Process): void {
    invariant(pid.#process === undefined, 'a pid has one process')
    pid.#process = process
  }

  static detach(pid: Pid): void {
    pid.#process = undefined
  }
}

/** Splits the wire form of a pid. */
export function splitPid(wire: bigint): { index: number; generation: number } {
  return { index: Number(wire & 0xffff_ffffn), generation: Number(wire >> 32n) }
}
