import { invariant, unreachable } from '../../base/invariant.ts'
import { CONTEXT, STATUS_CANCELLED } from '../abi.ts'
import { copy, fill, newArray, newList, push, truncate, writeSlot } from './interp-arrays.ts'
import { callHost, evaluate, number } from './interp-expr.ts'
import {
  abandon,
  arrayOf,
  type Frame,
  handleOf,
  type InterpreterOptions,
  inBounds,
  listType,
  type Machine,
  OutOfFuel,
} from './interp-machine.ts'
import type { Expr, Func, Module, Stmt } from './ir.ts'
import { asArray, asNumber, type Datum, EMPTY, readList, writeElem, writeListElement } from './memory.ts'
import { primitiveOf } from './primitives.ts'
import { isArray, isVector, type Type } from './types.ts'
import { storeLanes, zeroLanes } from './vector-interp.ts'
import type { Lanes } from './vector-types.ts'

/**
 * The reference interpreter: the living definition of the IR. It has exactly the memory contract of compiled code
 * (compiler/abi.ts) and checks every law that ir.ts states; a law that is broken is an InvariantError, since a
 * module that breaks one is a defect of the compiler and not of the user.
 */

export interface Interpreter {
  /**
   * Calls the entry. Parameters are flat: f64, f32, i32 → the number; array → pointer, length; list → handle.
   * Throws ExitSignal when the call is abandoned, OutOfFuel, InvariantError when a law of the IR is broken.
   */
  run(...args: number[]): number | undefined
}

/** How a statement ended: undefined when it fell through, else the jump that is on its way. */
type Jump = Extract<Stmt, { kind: 'break' | 'continue' | 'return' }> | undefined

export function createInterpreter(module: Module, options: InterpreterOptions): Interpreter {
  const funcs = new Map(module.funcs.map(func => [func.name, func]))
  const entry = funcs.get(module.entry)
  invariant(entry, `no entry ${module.entry}`)
  return {
    run(...args) {
      const machine: Machine = {
        funcs,
        memory: new DataView(options.memory),
        options,
        slots: module.slots,
        fuel: options.fuel ?? Number.POSITIVE_INFINITY,
      }
      const result = invoke(machine, entry, unflatten(entry, args))
      return result === undefined ? undefined : asNumber(result)
    },
  }
}

function unflatten(entry: Func, args: readonly number[]): Datum[] {
  let next = 0
  const take = (): number => {
    const value = args[next++]
    invariant(value !== undefined, `argument ${next} of ${entry.name} is missing`)
    return value
  }
  const values = entry.params.map((param): Datum => {
    if (isArray(param.type)) return { pointer: take(), length: take() }
    invariant(param.type !== 'i64' && param.type !== 'box', `entry parameter of type ${param.type}`)
    return take()
  })
  invariant(next === args.length, `${entry.name} takes ${next} numbers, not ${args.length}`)
  return values
}

/** Locals begin as zero, arrays as empty; reading a list before it is set is an error (see `handleOf`). */
function initial(type: Type): Datum {
  if (isArray(type)) return EMPTY
  if (isVector(type)) return zeroLanes(type)
  return type === 'i64' || type === 'box' ? 0n : 0
}

function invoke(machine: Machine, func: Func, args: readonly Datum[]): Datum | undefined {
  const values = func.locals.map((local, index) => args[index] ?? initial(local.type))
  const frame: Frame = { func, values, result: undefined }
  const jump = runBody(machine, frame, func.body)
  invariant(!jump || jump.kind === 'return', `${func.name}: ${jump?.kind} to an unknown label`)
  invariant(func.result === 'void' || frame.result !== undefined, `${func.name} ended without its result`)
  return frame.result
}

// ---- statements

function runBody(machine: Machine, frame: Frame, body: readonly Stmt[]): Jump {
  for (const stmt of body) {
    const jump = execute(machine, frame, stmt)
    if (jump) return jump
  }
  return undefined
}

function execute(machine: Machine, frame: Frame, stmt: Stmt): Jump {
  if (--machine.fuel < 0) throw new OutOfFuel('the run takes too many steps')
  switch (stmt.kind) {
    case 'if':
      return runBody(machine, frame, evaluate(machine, frame, stmt.test) !== 0 ? stmt.then : stmt.else)
    case 'block': {
      const jump = runBody(machine, frame, stmt.body)
      return isJump(jump, 'break', stmt.label) ? undefined : jump
    }
    case 'loop':
      return runLoop(machine, frame, stmt)
    case 'for':
      return runFor(machine, frame, stmt)
    case 'break':
    case 'continue':
      return stmt
    case 'return':
      if (stmt.value) frame.result = evaluate(machine, frame, stmt.value)
      return stmt
    case 'exit':
      return abandon(machine, 1 + stmt.site)
    default:
      perform(machine, frame, stmt)
      return undefined
  }
}

const isJump = (jump: Jump, kind: 'break' | 'continue', label: string): boolean =>
  jump !== undefined && jump.kind === kind && jump.label === label

/** Each round of a loop asks whether the call was cancelled. */
function pollCancel(machine: Machine): void {
  if (--machine.fuel < 0) throw new OutOfFuel('the run takes too many steps')
  const cancelled = machine.memory.getInt32(machine.options.context + CONTEXT.cancel, true) < 0
  if (cancelled) abandon(machine, STATUS_CANCELLED)
}

function runLoop(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'loop' }>): Jump {
  for (;;) {
    pollCancel(machine)
    const jump = runBody(machine, frame, stmt.body)
    if (isJump(jump, 'break', stmt.label)) return undefined
    if (jump && !isJump(jump, 'continue', stmt.label)) return jump
  }
}

function runFor(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'for' }>): Jump {
  const { values } = frame
  const from = number(machine, frame, stmt.from)
  const to = number(machine, frame, stmt.to)
  invariant(Number.isInteger(stmt.step) && stmt.step > 0, `for with step ${stmt.step}`)
  invariant(to + stmt.step - 1 < 2 ** 31, `for to ${to} by ${stmt.step} overflows`)
  for (let counter = from; ; counter += stmt.step) {
    values[stmt.local] = counter
    if (counter >= to) return undefined
    pollCancel(machine)
    const jump = runBody(machine, frame, stmt.body)
    invariant(values[stmt.local] === counter, `the body of for ${stmt.label} sets its counter`)
    if (isJump(jump, 'break', stmt.label)) return undefined
    if (jump && !isJump(jump, 'continue', stmt.label)) return jump
  }
}

type Effect = Exclude<Stmt, { kind: 'if' | 'block' | 'loop' | 'for' | 'break' | 'continue' | 'return' | 'exit' }>

function perform(machine: Machine, frame: Frame, stmt: Effect): void {
  const { memory } = machine
  const { values } = frame
  const value = (expr: Expr): Datum => evaluate(machine, frame, expr)
  const count = (expr: Expr): number => number(machine, frame, expr)
  switch (stmt.kind) {
    case 'set':
      values[stmt.local] = value(stmt.value)
      return
    case 'store': {
      const array = arrayOf(frame, stmt.array)
      const index = count(stmt.index)
      inBounds(index, array.length, 'store')
      writeElem(memory, stmt.elem, array, index, count(stmt.value))
      return
    }
    case 'vstore': {
      const lanes = value(stmt.value) as Lanes
      storeLanes(memory, stmt.elem, arrayOf(frame, stmt.array), count(stmt.index), lanes, stmt.count)
      return
    }
    case 'call':
      callFunction(machine, frame, stmt)
      return
    case 'primitive':
      callPrimitive(machine, frame, stmt)
      return
    case 'hostcall': {
      const result = callHost(machine, frame, stmt.name, stmt.args)
      if (stmt.result !== undefined) values[stmt.result] = result
      return
    }
    case 'newarray':
      values[stmt.local] = newArray(machine, stmt.elem, count(stmt.length))
      return
    case 'newlist':
      values[stmt.local] = newList(machine, listType(frame, stmt.local), count(stmt.length), count(stmt.capacity))
      return
    case 'listset': {
      const list = readList(memory, handleOf(frame, stmt.list))
      const index = count(stmt.index)
      inBounds(index, list.length, 'listset')
      writeListElement(memory, listType(frame, stmt.list), list, index, value(stmt.value))
      return
    }
    case 'listpush':
      push(machine, listType(frame, stmt.list), handleOf(frame, stmt.list), value(stmt.value))
      return
    case 'listtruncate':
      truncate(machine, handleOf(frame, stmt.list), count(stmt.length))
      return
    case 'fill':
      fill(machine, frame, stmt)
      return
    case 'copy':
      copy(machine, frame, stmt)
      return
    case 'result':
      writeSlot(machine, stmt.slot, stmt.value.type, value(stmt.value))
      return
    default:
      unreachable(stmt, 'perform')
  }
}

function callFunction(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'call' }>): void {
  const func = machine.funcs.get(stmt.func)
  invariant(func, `no function ${stmt.func}`)
  const args = stmt.args.map(arg => evaluate(machine, frame, arg))
  const result = invoke(machine, func, args)
  if (stmt.result !== undefined) frame.values[stmt.result] = result as Datum
}

/** Arrays go over by the address of element 0. */
function callPrimitive(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'primitive' }>): void {
  const primitive = machine.options.primitives?.(primitiveOf(stmt.name))
  invariant(primitive, `no primitive ${stmt.name}`)
  const args = stmt.args.map(arg => evaluate(machine, frame, arg))
  const result = primitive(...args.map(arg => (typeof arg === 'object' ? asArray(arg).pointer : asNumber(arg))))
  if (stmt.result !== undefined) frame.values[stmt.result] = result
}

export type { HostFunction, InterpreterOptions } from './interp-machine.ts'
export { ExitSignal, OutOfFuel } from './interp-machine.ts'
