import { IrisError } from '../../base/diagnostic.ts'
import { Pid } from './pid.ts'
import { DEAD, type Process } from './process.ts'

/** The live process of a pid, undefined when it is dead. Throws IRIS6001 for anything that is no pid. */
export function processOf(pid: Pid): Process | undefined {
  if (!Pid.is(pid)) throw new IrisError('IRIS6001', { found: describe(pid) })
  return Pid.process(pid)
}

/** Like {@link processOf}, but a dead pid is an error (IRIS6002), and so is one that waits for its children to end. */
export function liveProcessOf(pid: Pid): Process {
  const process = processOf(pid)
  if (process === undefined || (process.flags & DEAD) !== 0) throw new IrisError('IRIS6002', { pid: String(pid) })
  return process
}

/** A short text for any value, however large or hostile. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
