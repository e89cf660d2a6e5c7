import * as b from '../ir/build.ts'
import { op } from '../ir/build.ts'
import { equalExpr } from '../ir/equal.ts'
import type { ConstExpr, Expr } from '../ir/ir.ts'
import { OPS, type OpName, opInfo, type Value } from '../ir/ops.ts'
import { ARITHMETIC } from './fold-arithmetic.ts'
import { CONVERSIONS } from './fold-conversions.ts'
import { isBoolean, isConst, operands, type Rule, type RuleTable } from './fold-match.ts'

/**
 * Algebra as a table of rules with their side conditions; the law of floats (ir.ts) decides what may stand here.
 * `simplify` takes a node whose children are simplified already, and gives one that no rule changes.
 */

/** Comparisons with their operands exchanged. */
const MIRRORED: Partial<Record<OpName, OpName>> = mirror([
  ['i32.lt_s', 'i32.gt_s'],
  ['i32.le_s', 'i32.ge_s'],
  ['i32.lt_u', 'i32.gt_u'],
  ['i32.le_u', 'i32.ge_u'],
  ['i64.lt_s', 'i64.gt_s'],
  ['i64.le_s', 'i64.ge_s'],
  ['f64.lt', 'f64.gt'],
  ['f64.le', 'f64.ge'],
  ['f32.lt', 'f32.gt'],
  ['f32.le', 'f32.ge'],
])

/** Comparisons with their answer negated. Not `<` and its like on floats: with a NaN both are false. */
export const NEGATED: Partial<Record<OpName, OpName>> = mirror([
  ['i32.eq', 'i32.ne'],
  ['i32.lt_s', 'i32.ge_s'],
  ['i32.le_s', 'i32.gt_s'],
  ['i32.lt_u', 'i32.ge_u'],
  ['i32.le_u', 'i32.gt_u'],
  ['i64.eq', 'i64.ne'],
  ['i64.lt_s', 'i64.ge_s'],
  ['i64.le_s', 'i64.gt_s'],
  ['f64.eq', 'f64.ne'],
  ['f32.eq', 'f32.ne'],
])

function mirror(pairs: readonly (readonly [OpName, OpName])[]): Partial<Record<OpName, OpName>> {
  return Object.fromEntries(pairs.flatMap(([a, c]) => [[a, c] as const, [c, a] as const]))
}

const LOGIC: RuleTable = {
  'i32.eqz': [
    ([x], make) => {
      const inner = x.kind === 'op' ? NEGATED[x.op] : undefined
      return inner && make(inner, ...(x as Extract<Expr, { kind: 'op' }>).args)
    },
    ([x], make) => {
      const inner = operands(x, 'i32.eqz')
      return inner && (isBoolean(inner[0]) ? inner[0] : make('i32.ne', inner[0], b.FALSE))
    },
  ],
  'i32.eq': [
    ([x, y], make) => (isConst(y, 0) ? make('i32.eqz', x) : undefined),
    ([x, y]) => (isConst(y, 1) && isBoolean(x) ? x : undefined),
  ],
  'i32.ne': [
    ([x, y]) => (isConst(y, 0) && isBoolean(x) ? x : undefined),
    ([x, y], make) => (isConst(y, 1) && isBoolean(x) ? make('i32.eqz', x) : undefined),
  ],
  'i32.select': [
    ([test, x, y]) => (isConst(x, 1) && isConst(y, 0) && isBoolean(test) ? test : undefined),
    ([test, x, y], make) => (isConst(x, 0) && isConst(y, 1) ? make('i32.eqz', test) : undefined),
  ],
}

const TABLES = [LOGIC, ARITHMETIC, CONVERSIONS]
const RULES = new Map<OpName, readonly Rule[]>(
  (Object.keys(OPS) as OpName[]).map(name => [name, TABLES.flatMap(table => table[name] ?? [])]),
)

const make = (name: OpName, ...args: readonly Expr[]): Expr => simplify(op(name, ...args))

export function simplify(expr: Expr): Expr {
  if (expr.kind === 'cond') return simplifyCond(expr)
  if (expr.kind !== 'op') return expr
  const constant = evaluateConstant(expr.op, expr.args)
  if (constant) return constant
  const ordered = constantLast(expr)
  if (ordered !== expr) return simplify(ordered)
  if (expr.op.endsWith('.select')) {
    const chosen = simplifySelect(expr)
    if (chosen) return chosen
  }
  for (const rule of RULES.get(expr.op) ?? []) {
    const result = rule(expr.args as never, make)
    if (result) return result
  }
  return intoArms(expr) ?? expr
}

/** The negation of a test. */
export const negate = (test: Expr): Expr => make('i32.eqz', test)

/** A test decides only between zero and the rest, so `x != 0` and `!!x` are as good as `x`. */
export function asTest(test: Expr): Expr {
  const [x, y] = operands(test, 'i32.ne') ?? []
  return x && isConst(y, 0) ? asTest(x) : test
}

/** The constant that an operator gives for constants. */
export function evaluateConstant(name: OpName, args: readonly Expr[]): ConstExpr | undefined {
  const values: Value[] = []
  for (const arg of args) {
    if (arg.kind !== 'const') return undefined
    values.push(arg.value)
  }
  const info = opInfo(name)
  if (info.partial && trapping(values[0] as Value, values[1] as Value)) return undefined
  const value = (info.eval as (...values: readonly Value[]) => Value)(...values)
  return { kind: 'const', type: info.result, value }
}

/** Guarded code that is never reached may divide by a constant zero. */
function trapping(dividend: Value, divisor: Value): boolean {
  if (divisor === 0 || divisor === 0n) return true
  return (divisor === -1 || divisor === -1n) && (dividend === -(2 ** 31) || dividend === -(2n ** 63n))
}

/** Constants stand right, so that rules look for them in one place. */
function constantLast(expr: Extract<Expr, { kind: 'op' }>): Expr {
  const [x, y] = expr.args
  if (expr.args.length !== 2 || x?.kind !== 'const' || !y || y.kind === 'const') return expr
  if (opInfo(expr.op).commutative) return op(expr.op, y, x)
  const mirrored = MIRRORED[expr.op]
  return mirrored ? op(mirrored, y, x) : expr
}

function simplifySelect(expr: Extract<Expr, { kind: 'op' }>): Expr | undefined {
  const [test, x, y] = expr.args as readonly [Expr, Expr, Expr]
  if (test.kind === 'const') return test.value !== 0 ? x : y
  if (equalExpr(x, y)) return x
  const inverse = operands(test, 'i32.eqz')
  if (inverse) return make(expr.op, inverse[0], y, x)
  const plain = asTest(test)
  return plain === test ? undefined : make(expr.op, plain, x, y)
}

function simplifyCond(expr: Extract<Expr, { kind: 'cond' }>): Expr {
  const test = asTest(expr.test)
  if (test.kind === 'const') return test.value !== 0 ? expr.then : expr.else
  if (equalExpr(expr.then, expr.else)) return expr.then
  const inverse = operands(test, 'i32.eqz')
  if (inverse) return simplifyCond(b.cond(inverse[0], expr.else, expr.then) as typeof expr)
  if (expr.type === 'i32' && isConst(expr.then, 1) && isConst(expr.else, 0) && isBoolean(test)) return test
  if (expr.type === 'i32' && isConst(expr.then, 0) && isConst(expr.else, 1)) return negate(test)
  return test === expr.test ? expr : { ...expr, test }
}

/**
 * An operator of one operand goes into the arms of a conditional where an arm becomes a constant by that:
 * `(i32.from_f64_js (cond t (f64.from_i32_s x) NaN))` is `(cond t x 0)`.
 */
function intoArms(expr: Extract<Expr, { kind: 'op' }>): Expr | undefined {
  const [arg] = expr.args
  if (expr.args.length !== 1 || arg?.kind !== 'cond') return undefined
  if (arg.then.kind !== 'const' && arg.else.kind !== 'const') return undefined
  return simplifyCond(b.cond(arg.test, make(expr.op, arg.then), make(expr.op, arg.else)) as typeof arg)
}
