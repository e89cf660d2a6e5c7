import { unreachable } from '../../base/invariant.ts'
import type { Expr, Local, LocalId } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import {
  arrayLength,
  constant,
  FLOAT,
  hasZero,
  I32,
  ints,
  join,
  LIST_LENGTH,
  type Range,
  rangeOfType,
  single,
} from './interval.ts'
import { assume } from './refine.ts'
import { transfer } from './transfer.ts'

/** What is known of every local at one point, by its id; an array local stands for its length. */
export type State = Range[]

/** Told the range of every node that is evaluated. */
export type Record = (expr: Expr, range: Range) => void

export const topState = (locals: readonly Local[]): State => locals.map(local => rangeOfType(local.type))

const LOADED: { readonly [E in Elem]: Range } = {
  i8: ints(-128, 127),
  u8: ints(0, 255),
  u8c: ints(0, 255),
  i16: ints(-32768, 32767),
  u16: ints(0, 65535),
  i32: I32,
  u32: I32,
  f32: FLOAT,
  f64: FLOAT,
}

export const ignore: Record = () => undefined

/** The range of an expression in a state. */
export function evaluate(expr: Expr, state: State, record: Record = ignore): Range {
  const result = rangeOf(expr, state, record)
  record(expr, result)
  return result
}

const localRange = (state: State, local: LocalId): Range => state[local] as Range

function rangeOf(expr: Expr, state: State, record: Record): Range {
  switch (expr.kind) {
    case 'const':
      return expr.type === 'box' ? FLOAT : constant(expr.value)
    case 'get':
      return localRange(state, expr.local)
    case 'op':
      return transfer(
        expr.op,
        expr.args.map(arg => evaluate(arg, state, record)),
      )
    case 'cond':
      return rangeOfCond(expr, state, record)
    case 'len':
      return localRange(state, expr.array)
    case 'load':
      evaluate(expr.index, state, record)
      return LOADED[expr.elem]
    case 'host':
      for (const arg of expr.args) evaluate(arg, state, record)
      return FLOAT
    case 'subarray': {
      const begin = evaluate(expr.begin, state, record)
      const end = evaluate(expr.end, state, record)
      return ints(Math.max(0, end.lo - begin.hi), Math.max(0, end.hi - begin.lo))
    }
    case 'listview':
      return arrayLength(8)
    case 'listlen':
      return LIST_LENGTH
    case 'isnull':
      return ints(0, 1)
    case 'listget':
      evaluate(expr.index, state, record)
      return rangeOfType(expr.type)
    case 'vconst':
    case 'vop':
    case 'vload':
    case 'vmove':
    case 'kernel':
      return rangeOfType(expr.type)
    default:
      return unreachable(expr, 'rangeOf')
  }
}

/** Each arm under what the test tells; an arm that is never chosen is not evaluated. */
function rangeOfCond(expr: Extract<Expr, { kind: 'cond' }>, state: State, record: Record): Range {
  const test = evaluate(expr.test, state, record)
  const then = single(test) === 0 ? undefined : arm(expr.then, expr.test, true, state, record)
  const otherwise = hasZero(test) ? arm(expr.else, expr.test, false, state, record) : undefined
  if (then && otherwise) return join(then, otherwise)
  return then ?? otherwise ?? rangeOfType(expr.type)
}

function arm(expr: Expr, test: Expr, truth: boolean, state: State, record: Record): Range | undefined {
  if (expr.kind === 'const') return evaluate(expr, state, record)
  const refined = state.slice()
  return assume(test, truth, refined) ? evaluate(expr, refined, record) : undefined
}
