import { invariant } from '../../base/invariant.ts'
import { CONTEXT, STATUS_ARENA } from '../abi.ts'
import type { Func, LocalId } from './ir.ts'
import { type ArrayView, allocate, asArray, asNumber, type Datum } from './memory.ts'
import type { Primitive } from './primitives.ts'
import { isList, type ListType, type Type } from './types.ts'

/** State of a run of the interpreter, and the checks that its parts share. */

/** Thrown when the call is abandoned; the same number stands in the status word. */
export class ExitSignal extends Error {
  override readonly name = 'ExitSignal'
  readonly status: number
  constructor(status: number) {
    super(`exit with status ${status}`)
    this.status = status
  }
}

/** Thrown when a run takes more steps than it was given. */
export class OutOfFuel extends Error {
  override readonly name = 'OutOfFuel'
}

export type HostFunction = (...args: number[]) => number

export interface InterpreterOptions {
  readonly memory: ArrayBufferLike
  /** Address of the context block. */
  readonly context: number
  readonly hosts: Readonly<Record<string, HostFunction>>
  /** Functions of kernels/ by name, on lanes. */
  readonly kernels?: Readonly<Record<string, (...args: unknown[]) => unknown>>
  /** Functions of the kernel library over this memory. */
  readonly primitives?: (primitive: Primitive) => HostFunction
  /** Statements that a run may execute; unlimited when absent. */
  readonly fuel?: number
}

export interface Machine {
  readonly funcs: ReadonlyMap<string, Func>
  readonly memory: DataView
  readonly options: InterpreterOptions
  readonly slots: number
  fuel: number
}

export interface Frame {
  readonly func: Func
  readonly values: Datum[]
  result: Datum | undefined
}

export function abandon(machine: Machine, status: number): never {
  machine.memory.setInt32(machine.options.context + CONTEXT.status, status, true)
  throw new ExitSignal(status)
}

export function reserve(machine: Machine, bytes: number): number {
  return allocate(machine.memory, machine.options.context, bytes) ?? abandon(machine, STATUS_ARENA)
}

export function inBounds(index: number, length: number, what: string): void {
  invariant(index >= 0 && index < length, `${what} of element ${index} of ${length}`)
}

export function inRange(begin: number, end: number, length: number, what: string): void {
  invariant(0 <= begin && begin <= end && end <= length, `${what} of ${begin}..${end} of ${length}`)
}

export const arrayOf = (frame: Frame, local: LocalId): ArrayView => asArray(frame.values[local] as Datum)
export const typeOf = (frame: Frame, local: LocalId): Type => frame.func.locals[local]?.type as Type

export function listType(frame: Frame, local: LocalId): ListType {
  const type = typeOf(frame, local)
  invariant(isList(type), `local ${local} of ${frame.func.name} is no list`)
  return type
}

export function handleOf(frame: Frame, local: LocalId): number {
  const handle = asNumber(frame.values[local] as Datum)
  invariant(handle !== 0, `the list ${local} of ${frame.func.name} was read before it was set`)
  return handle
}
