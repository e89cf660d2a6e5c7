import { IrisError } from '../../base/diagnostic.ts'
import { utf8LengthUpTo } from './bytes.ts'
import type { ExitStep } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { extrasOf, type Process } from './process.ts'
import { describe, liveProcessOf } from './resolve.ts'

export const LONGEST_NAME = 1024

/** Throws IRIS6009 unless the name is a string of 1 to 1,024 bytes. */
export function checkName(name: unknown, what: 'name' | 'path'): asserts name is string {
  if (typeof name !== 'string') throw new IrisError('IRIS6009', { what, reason: `${describe(name)} is no string` })
  if (name === '') throw new IrisError('IRIS6009', { what, reason: 'it is empty' })
  if (utf8LengthUpTo(name, LONGEST_NAME) > LONGEST_NAME) {
    throw new IrisError('IRIS6009', { what, reason: `it is longer than ${LONGEST_NAME} bytes` })
  }
}

/** Names of actors: one name per pid, one pid per name. A name is free as soon as its actor leaves. */
export class Registry implements ExitStep {
  readonly #byName = new Map<string, Process>()

  register(name: string, pid: Pid): void {
    checkName(name, 'name')
    const process = liveProcessOf(pid)
    this.bind(name, process)
  }

  bind(name: string, process: Process): void {
    const taken = this.#byName.get(name)
    if (taken !== undefined) throw new IrisError('IRIS6007', { name, pid: String(taken.pid) })
    const extras = extrasOf(process)
    if (extras.name !== undefined) {
      throw new IrisError('IRIS6008', { name: extras.name, pid: String(process.pid) })
    }
    extras.name = name
    this.#byName.set(name, process)
  }

  unregister(name: string): boolean {
    const process = this.#byName.get(name)
    if (process === undefined) return false
    process.extras!.name = undefined
    return this.#byName.delete(name)
  }

  find(name: string): Process | undefined {
    return this.#byName.get(name)
  }

  whereis(name: string): Pid | undefined {
    return this.#byName.get(name)?.pid
  }

  /** Throws IRIS6006 for a name that nobody has. */
  require(name: string): Pid {
    const pid = this.whereis(name)
    if (pid === undefined) throw new IrisError('IRIS6006', { name: describe(name) })
    return pid
  }

  names(): IterableIterator<string> {
    return this.#byName.keys()
  }

  /** Gives a dead actor's name to its replacement, if both want it and nobody else has taken it. */
  inherit(from: Process, to: Process): void {
    const name = from.extras?.name
    if (name === undefined || to.extras?.name !== undefined || this.#byName.has(name)) return
    this.bind(name, to)
  }

  leave(process: Process): void {
    const name = process.extras?.name
    if (name !== undefined) this.#byName.delete(name)
  }
}
