import type { Expr } from '../ir/ir.ts'
import { type OpName, opInfo } from '../ir/ops.ts'

/** What rules are made of: matching of nodes, and facts about values that need no analysis. */

/** Gives the simpler expression, or undefined when its side condition does not hold. */
export type Rule = (
  args: readonly [Expr, Expr, Expr],
  make: (name: OpName, ...args: readonly Expr[]) => Expr,
) => Expr | undefined
export type RuleTable = Partial<Record<OpName, readonly Rule[]>>

type Operands = readonly [Expr, Expr, Expr]

/** The operands of this operator; undefined for any other expression. */
export function operands(expr: Expr, name: OpName): Operands | undefined {
  return expr.kind === 'op' && expr.op === name ? (expr.args as unknown as Operands) : undefined
}

/** Exactly this constant: 0 and -0 differ, NaN is itself. */
export function isConst(expr: Expr | undefined, value: number | bigint): boolean {
  return expr?.kind === 'const' && Object.is(expr.value, value)
}

export function constantOf(expr: Expr): number | undefined {
  return expr.kind === 'const' && typeof expr.value === 'number' ? expr.value : undefined
}

const BOOLEAN_OP = /\.(eqz?|ne|[lg][te](_[su])?|box_(is_\w+|truthy|strict_eq|loose_eq))$/
const booleanOps = new Map<OpName, boolean>()

function isBooleanOp(name: OpName): boolean {
  let answer = booleanOps.get(name)
  if (answer === undefined) {
    answer = opInfo(name).result === 'i32' && BOOLEAN_OP.test(name)
    booleanOps.set(name, answer)
  }
  return answer
}

/** An i32 that is 0 or 1. */
export function isBoolean(expr: Expr): boolean {
  if (expr.kind === 'const') return expr.value === 0 || expr.value === 1
  if (expr.kind === 'cond') return isBoolean(expr.then) && isBoolean(expr.else)
  if (expr.kind !== 'op') return false
  switch (expr.op) {
    case 'i32.and':
    case 'i32.or':
    case 'i32.xor':
      return expr.args.every(isBoolean)
    default:
      return isBooleanOp(expr.op)
  }
}

/** An i32 that is not negative, told from its form alone. */
export function isNonNegative(expr: Expr): boolean {
  switch (expr.kind) {
    case 'const':
      return typeof expr.value === 'number' && expr.value >= 0
    case 'len':
    case 'listlen':
      return true
    case 'load':
      return expr.elem === 'u8' || expr.elem === 'u8c' || expr.elem === 'u16'
    case 'op':
      return isNonNegativeOp(expr.op, expr.args) || isBoolean(expr)
    default:
      return false
  }
}

function isNonNegativeOp(name: OpName, args: readonly Expr[]): boolean {
  const [x, y] = args as Operands
  switch (name) {
    case 'i32.and':
      return isNonNegative(x) || isNonNegative(y)
    case 'i32.shr_u':
      return y.kind === 'const' && (Number(y.value) & 31) !== 0
    case 'i32.shr_s':
    case 'i32.rem_s':
      return isNonNegative(x)
    case 'i32.clz':
    case 'i32.clamp_u8':
      return true
    default:
      return false
  }
}

/** An f64 that is a whole number (or NaN, infinite): rounding it changes nothing. */
export function isWhole(expr: Expr): boolean {
  if (expr.kind !== 'op') return false
  switch (expr.op) {
    case 'f64.from_i32_s':
    case 'f64.from_i32_u':
    case 'f64.from_i64_s':
    case 'f64.floor':
    case 'f64.ceil':
    case 'f64.trunc':
    case 'f64.nearest':
    case 'f64.round':
      return true
    default:
      return false
  }
}
