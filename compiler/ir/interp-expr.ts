import { invariant, unreachable } from '../../base/invariant.ts'
import { arrayOf, type Frame, handleOf, inBounds, inRange, listType, type Machine } from './interp-machine.ts'
import type { Expr, LocalId, VectorExpr } from './ir.ts'
import { type ArrayView, asNumber, type Datum, readElem, readList, readListElement } from './memory.ts'
import { type OpName, opInfo, type Value } from './ops.ts'
import { ELEM_BYTES, elemOf } from './types.ts'
import { loadLanes, moveLanes, runVectorOp } from './vector-interp.ts'

/** Values of expressions. */

export function evaluate(machine: Machine, frame: Frame, expr: Expr): Datum {
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
    case 'isnull':
      return isNull(frame.values[expr.local] as Datum) ? 1 : 0
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

const isNull = (value: Datum): boolean =>
  typeof value === 'object' && 'pointer' in value ? value.pointer === 0 : value === 0

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

export const number = (machine: Machine, frame: Frame, expr: Expr): number => asNumber(evaluate(machine, frame, expr))

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

export function callHost(machine: Machine, frame: Frame, name: string, args: readonly Expr[]): number {
  const host = machine.options.hosts[name]
  invariant(host, `no host function ${name}`)
  return host(...args.map(arg => number(machine, frame, arg)))
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
