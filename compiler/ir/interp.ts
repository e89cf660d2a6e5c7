import { invariant, unreachable } from '../../base/invariant.ts'
import { CONTEXT, LIST_HEADER, STATUS_ARENA, STATUS_CANCELLED } from '../abi.ts'
import type { Expr, Func, LocalId, Module, Stmt, VectorExpr } from './ir.ts'
import {
  type ArrayView,
  allocate,
  asArray,
  asBits,
  asNumber,
  type Datum,
  EMPTY,
  readElem,
  readList,
  readListElement,
  writeElem,
  writeList,
  writeListElement,
} from './memory.ts'
import { type OpName, opInfo, type Value } from './ops.ts'
import {
  BOX,
  ELEM_BYTES,
  type Elem,
  elemOf,
  isArray,
  isList,
  isVector,
  type ListType,
  listStride,
  type Type,
} from './types.ts'
import { loadLanes, moveLanes, runVectorOp, storeLanes, zeroLanes } from './vector-interp.ts'
import type { Lanes } from './vector-types.ts'

/**
 * The reference interpreter: the living definition of the IR. It has exactly the memory contract of compiled code
 * (compiler/abi.ts) and checks every law that ir.ts states; a law that is broken is an InvariantError, since a
 * module that breaks one is a defect of the compiler and not of the user.
 */

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
  /** Statements that a run may execute; unlimited when absent. */
  readonly fuel?: number
}

export interface Interpreter {
  /**
   * Calls the entry. Parameters are flat: f64, f32, i32 → the number; array → pointer, length; list → handle.
   * Throws ExitSignal when the call is abandoned, OutOfFuel, InvariantError when a law of the IR is broken.
   */
  run(...args: number[]): number | undefined
}

interface Machine {
  readonly funcs: ReadonlyMap<string, Func>
  readonly memory: DataView
  readonly options: InterpreterOptions
  readonly slots: number
  fuel: number
}

interface Frame {
  readonly func: Func
  readonly values: Datum[]
  result: Datum | undefined
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

function abandon(machine: Machine, status: number): never {
  machine.memory.setInt32(machine.options.context + CONTEXT.status, status, true)
  throw new ExitSignal(status)
}

// ---- expressions

function evaluate(machine: Machine, frame: Frame, expr: Expr): Datum {
  switch (expr.kind) {
    case 'const':
      return expr.value
    case 'get':
      return frame.values[expr.local] as Datum
    case 'op':
      return operate(
        expr.op,
        expr.args.map(arg => evaluate(machine, frame, arg) as Value),
      )
    case 'cond':
      return evaluate(machine, frame, evaluate(machine, frame, expr.test) !== 0 ? expr.then : expr.else)
    case 'len':
      return arrayOf(frame, expr.array).length
    case 'load':
      return load(machine, frame, expr)
    case 'host':
      return callHost(machine, frame, expr.name, expr.args)
    case 'subarray':
      return subarray(machine, frame, expr)
    case 'listview':
      return viewOf(machine, frame, expr.list)
    case 'listlen':
      return readList(machine.memory, handleOf(frame, expr.list)).length
    case 'listget': {
      const list = readList(machine.memory, handleOf(frame, expr.list))
      const index = number(machine, frame, expr.index)
      inBounds(index, list.length, 'listget')
      return readListElement(machine.memory, listType(frame, expr.list), list, index)
    }
    default:
      return evaluateVector(machine, frame, expr)
  }
}

function evaluateVector(machine: Machine, frame: Frame, expr: VectorExpr): Datum {
  const args = (): Datum[] => ('args' in expr ? expr.args.map(arg => evaluate(machine, frame, arg)) : [])
  switch (expr.kind) {
    case 'vconst':
      return expr.lanes
    case 'vop':
      return runVectorOp(expr.op, args())
    case 'vmove':
      return moveLanes(expr, args())
    case 'vload': {
      const array = arrayOf(frame, expr.array)
      return loadLanes(machine.memory, expr.type, expr.elem, array, number(machine, frame, expr.index), expr.count)
    }
    case 'kernel': {
      const kernel = machine.options.kernels?.[expr.name]
      invariant(kernel, `no kernel ${expr.name}`)
      return kernel(...args()) as Datum
    }
    default:
      return unreachable(expr, 'evaluate')
  }
}

const number = (machine: Machine, frame: Frame, expr: Expr): number => asNumber(evaluate(machine, frame, expr))

function operate(op: OpName, args: readonly Value[]): Value {
  const info = opInfo(op)
  if (info.partial) checkPartial(op, args[0] as Value, args[1] as Value)
  return (info.eval as (...args: readonly Value[]) => Value)(...args)
}

/** Wasm traps on division by zero, and where the quotient does not fit; the lowering guards both. */
function checkPartial(op: OpName, dividend: Value, divisor: Value): void {
  invariant(divisor !== 0 && divisor !== 0n, `${op} by zero`)
  const smallest = dividend === -(2 ** 31) || dividend === -(2n ** 63n)
  const overflow = op.endsWith('div_s') && smallest && (divisor === -1 || divisor === -1n)
  invariant(!overflow, `${op} overflows`)
}

function callHost(machine: Machine, frame: Frame, name: string, args: readonly Expr[]): number {
  const host = machine.options.hosts[name]
  invariant(host, `no host function ${name}`)
  return host(...args.map(arg => number(machine, frame, arg)))
}

function inBounds(index: number, length: number, what: string): void {
  invariant(index >= 0 && index < length, `${what} of element ${index} of ${length}`)
}

function inRange(begin: number, end: number, length: number, what: string): void {
  invariant(0 <= begin && begin <= end && end <= length, `${what} of ${begin}..${end} of ${length}`)
}

const arrayOf = (frame: Frame, local: LocalId): ArrayView => asArray(frame.values[local] as Datum)
const typeOf = (frame: Frame, local: LocalId): Type => frame.func.locals[local]?.type as Type

function listType(frame: Frame, local: LocalId): ListType {
  const type = typeOf(frame, local)
  invariant(isList(type), `local ${local} of ${frame.func.name} is no list`)
  return type
}

function handleOf(frame: Frame, local: LocalId): number {
  const handle = asNumber(frame.values[local] as Datum)
  invariant(handle !== 0, `the list ${local} of ${frame.func.name} was read before it was set`)
  return handle
}

function load(machine: Machine, frame: Frame, expr: Extract<Expr, { kind: 'load' }>): number {
  const array = arrayOf(frame, expr.array)
  const index = number(machine, frame, expr.index)
  inBounds(index, array.length, 'load')
  return readElem(machine.memory, expr.elem, array, index)
}

function subarray(machine: Machine, frame: Frame, expr: Extract<Expr, { kind: 'subarray' }>): ArrayView {
  const array = arrayOf(frame, expr.array)
  const begin = number(machine, frame, expr.begin)
  const end = number(machine, frame, expr.end)
  inRange(begin, end, array.length, 'subarray')
  return { pointer: array.pointer + begin * ELEM_BYTES[elemOf(expr.type)], length: end - begin }
}

function viewOf(machine: Machine, frame: Frame, local: LocalId): ArrayView {
  const list = readList(machine.memory, handleOf(frame, local))
  return { pointer: list.data, length: list.length }
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
  const cancelled = machine.memory.getInt32(machine.options.context + CONTEXT.cancel, true) !== 0
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

function reserve(machine: Machine, bytes: number): number {
  return allocate(machine.memory, machine.options.context, bytes) ?? abandon(machine, STATUS_ARENA)
}

function newArray(machine: Machine, elem: Elem, length: number): ArrayView {
  invariant(length >= 0, `newarray of ${length} elements`)
  const bytes = length * ELEM_BYTES[elem]
  const pointer = reserve(machine, bytes)
  new Uint8Array(machine.options.memory, pointer, bytes).fill(0)
  return { pointer, length }
}

function newList(machine: Machine, type: ListType, length: number, capacity: number): number {
  invariant(length >= 0 && (length === 0 || type === 'list.f64' || type === 'list.box'), `newlist of ${length}`)
  const room = Math.max(length, capacity, 0)
  const handle = reserve(machine, LIST_HEADER.bytes)
  const list = { data: reserve(machine, room * listStride(type)), length, capacity: room }
  writeList(machine.memory, handle, list)
  const first = type === 'list.box' ? BOX.undefined : 0
  for (let index = 0; index < length; index++) writeListElement(machine.memory, type, list, index, first)
  return handle
}

/** A full list moves to a block twice as large; the old one is left in the arena. */
function push(machine: Machine, type: ListType, handle: number, value: Datum): void {
  let list = readList(machine.memory, handle)
  if (list.length === list.capacity) {
    const capacity = Math.max(4, list.capacity * 2)
    const data = reserve(machine, capacity * listStride(type))
    move(machine, list.data, data, list.length * listStride(type))
    list = { ...list, data, capacity }
  }
  writeListElement(machine.memory, type, list, list.length, value)
  writeList(machine.memory, handle, { ...list, length: list.length + 1 })
}

function truncate(machine: Machine, handle: number, length: number): void {
  const list = readList(machine.memory, handle)
  invariant(length >= 0 && length <= list.length, `listtruncate to ${length} of ${list.length}`)
  writeList(machine.memory, handle, { ...list, length })
}

function move(machine: Machine, from: number, to: number, bytes: number): void {
  new Uint8Array(machine.options.memory).copyWithin(to, from, from + bytes)
}

function fill(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'fill' }>): void {
  const array = arrayOf(frame, stmt.array)
  const begin = number(machine, frame, stmt.begin)
  const end = number(machine, frame, stmt.end)
  const value = number(machine, frame, stmt.value)
  inRange(begin, end, array.length, 'fill')
  const elem = elemOf(typeOf(frame, stmt.array) as `arr.${Elem}`)
  for (let index = begin; index < end; index++) writeElem(machine.memory, elem, array, index, value)
}

function copy(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'copy' }>): void {
  const target = arrayOf(frame, stmt.target)
  const source = arrayOf(frame, stmt.source)
  const to = number(machine, frame, stmt.targetIndex)
  const from = number(machine, frame, stmt.sourceIndex)
  const count = number(machine, frame, stmt.count)
  inRange(to, to + count, target.length, 'copy to')
  inRange(from, from + count, source.length, 'copy from')
  const size = ELEM_BYTES[elemOf(typeOf(frame, stmt.target) as `arr.${Elem}`)]
  move(machine, source.pointer + from * size, target.pointer + to * size, count * size)
}

/** One slot is 8 bytes: the bits of a number, or pointer and length, or a handle; i32 fill the low half. */
function writeSlot(machine: Machine, slot: number, type: Type, value: Datum): void {
  invariant(slot >= 0 && slot < machine.slots, `result slot ${slot} of ${machine.slots}`)
  const address = machine.options.context + CONTEXT.slots + 8 * slot
  const { memory } = machine
  if (isArray(type)) {
    const array = asArray(value)
    memory.setInt32(address, array.pointer, true)
    memory.setInt32(address + 4, array.length, true)
  } else if (type === 'f64') memory.setFloat64(address, asNumber(value), true)
  else if (type === 'f32') memory.setFloat32(address, asNumber(value), true)
  else if (type === 'i64' || type === 'box') memory.setBigUint64(address, asBits(value), true)
  else memory.setInt32(address, asNumber(value), true)
}
