import type { Expr } from '../ir/ir.ts'
import { LANE_BITS } from '../ir/vector-types.ts'
import { type Builder, constant, inArm, type Value, zip } from './builder.ts'
import { vop } from './make.ts'
import { combineMasks, notMask, numbersOf, selectMask } from './widths.ts'

/** Conditions as masks. */

const COMPARISON = /^(f64|f32|i32|i64)\.(eq|ne|[lg][te](_[su])?)$/
const LOGIC = /^i32\.(and|or|xor)$/

/** Whether an i32 expression is 0 or 1 because it is a condition. */
export function isBooleanExpr(builder: Builder, expr: Expr): boolean {
  if (expr.kind === 'const') return expr.type === 'i32' && (expr.value === 0 || expr.value === 1)
  if (expr.kind === 'get') return builder.values.get(expr.local)?.mask === true
  if (expr.type !== 'i32') return false
  if (expr.kind === 'cond') return isBooleanExpr(builder, expr.then) && isBooleanExpr(builder, expr.else)
  if (expr.kind !== 'op') return false
  if (expr.op === 'i32.eqz' || expr.op === 'i64.eqz' || COMPARISON.test(expr.op)) return true
  return LOGIC.test(expr.op) && expr.args.every(arg => isBooleanExpr(builder, arg))
}

export function maskOf(builder: Builder, expr: Expr): Value {
  if (expr.kind === 'const') return { ...constant(builder, 'i32x4', Number(expr.value) === 0 ? 0 : -1), mask: true }
  if (expr.kind === 'cond' && isBooleanExpr(builder, expr)) return maskOfCond(builder, expr)
  if (expr.kind === 'op') {
    const [a, b] = expr.args as readonly [Expr, Expr]
    if (expr.op === 'i32.eqz' || expr.op === 'i64.eqz') return notMask(builder, maskOf(builder, a))
    if (COMPARISON.test(expr.op)) return compare(builder, expr.op, a, b)
    if (LOGIC.test(expr.op) && expr.args.every(arg => isBooleanExpr(builder, arg))) {
      return combineMasks(builder, expr.op.slice(4) as 'and', maskOf(builder, a), maskOf(builder, b))
    }
  }
  const value = builder.vectorOf(builder, expr)
  return value.mask ? value : differs(builder, value)
}

function differs(builder: Builder, value: Value): Value {
  const { type } = value
  const zeros = constant(builder, type, 0)
  return { ...zip(builder, type, [value, zeros], (a, b) => vop(`${type}.ne`, a, b)), mask: true }
}

function compare(builder: Builder, name: string, a: Expr, b: Expr): Value {
  const relation = name.split('.')[1] as string
  const narrow = builder.narrowComparison(builder, relation, a, b)
  if (narrow) return narrow
  const values = [a, b].map(one => numbersOf(builder, builder.vectorOf(builder, one)))
  const type = (values[0] as Value).type
  const mask = LANE_BITS[type] === 64 ? 'i64x2' : 'i32x4'
  return { ...zip(builder, mask, values, (x, y) => vop(`${type}.${relation}`, x, y)), mask: true }
}

/** `a && b` is `a ? b : 0`, `a || b` is `a ? 1 : b`. */
function maskOfCond(builder: Builder, expr: Extract<Expr, { kind: 'cond' }>): Value {
  const test = maskOf(builder, expr.test)
  const arm = (expr: Expr): Value => inArm(builder, () => maskOf(builder, expr))
  if (isConst(expr.else, 0)) return combineMasks(builder, 'and', test, arm(expr.then))
  if (isConst(expr.then, 1)) return combineMasks(builder, 'or', test, arm(expr.else))
  return selectMask(builder, test, arm(expr.then), arm(expr.else))
}

const isConst = (expr: Expr, value: number): boolean => expr.kind === 'const' && expr.value === value
