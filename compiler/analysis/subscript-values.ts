import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import { visitExpr } from '../ir/rewrite.ts'
import { isPartial } from '../ir/traps.ts'
import type { State } from './evaluate.ts'
import { I32_MAX, I32_MIN, isInt, type Range, rangeOfType } from './interval.ts'
import type { Invariance } from './invariant.ts'
import {
  addPoly,
  constantPoly,
  multiplyPoly,
  type Polynomial,
  subtractPoly,
  type Variable,
  variablePoly,
} from './polynomial.ts'
import type { Ranges } from './ranges.ts'

/** Index arithmetic inside a loop as polynomials in what the loop does not change, and in rounds of loops. */

export interface Atom {
  readonly expr: Expr
  /** What it can be before the loop. */
  readonly range: Range
}

export type Known =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'counter'; readonly first: Polynomial; readonly last: Polynomial }
  | { readonly kind: 'bounded'; readonly lo: number; readonly hi: number }

/** A value: its polynomial, and whether it is that exactly and not only modulo 2^32. */
export interface Value {
  readonly poly: Polynomial
  readonly exact: boolean
  /** Result of an index conversion: this, or -1. */
  readonly index?: true
}

/** What a check gives where none of the demands is negative. */
export interface Decision {
  readonly outcome: 0 | 1
  readonly demands: readonly Polynomial[]
}

/** A walk through a loop, in the order of the program. */
export interface Walk {
  readonly ranges: Ranges
  readonly invariance: Invariance
  readonly before: State
  readonly known: Known[]
  readonly atoms: Map<string, Variable>
  /** Checks that the loop will do without. */
  readonly decided: Map<Expr, Decision>
  /** What was demanded of the arms taken so far: values known since then hold only under it. */
  readonly relied: Set<Polynomial>
  /** Values of locals that the loop sets, as far as they are known here. */
  env: Map<LocalId, Value>
}

// ---- variables

export function newVariable(walk: Walk, known: Known): Variable {
  return walk.known.push(known) - 1
}

export function atomValue(walk: Walk, expr: Expr, before: Range, here = walk.ranges.of(expr)): Value {
  const key = exprKey(expr)
  let variable = walk.atoms.get(key)
  if (variable === undefined) {
    variable = newVariable(walk, { kind: 'atom', atom: { expr, range: before } })
    walk.atoms.set(key, variable)
  }
  return { poly: variablePoly(variable, here), exact: true }
}

/** What an invariant expression can be before the loop: all that is sure there. */
export function rangeBefore(walk: Walk, expr: Expr): Range {
  const state = (local: LocalId): Range => walk.before[local] as Range
  if (expr.kind === 'get') return state(expr.local)
  return expr.kind === 'len' ? state(expr.array) : rangeOfType(expr.type)
}

const SMALL = 2 ** 20

/** A value of which only the range is known, when that is narrow. */
export function boundedValue(walk: Walk, expr: Expr): Value | undefined {
  const range = walk.ranges.of(expr)
  if (!isInt(range, I32_MIN, I32_MAX) || range.hi - range.lo > SMALL) return undefined
  if (range.lo === range.hi) return { poly: constantPoly(range.lo), exact: true }
  const variable = newVariable(walk, { kind: 'bounded', lo: range.lo, hi: range.hi })
  return { poly: variablePoly(variable, range), exact: true }
}

// ---- values

/** The value itself, not only modulo 2^32. */
export function exactValue(walk: Walk, expr: Expr): Polynomial | undefined {
  const value = wholeValue(walk, expr)
  if (value?.exact) return value.poly
  return isAtom(walk, expr) ? atomValue(walk, expr, rangeBefore(walk, expr)).poly : undefined
}

const isAtom = (walk: Walk, expr: Expr): boolean => walk.invariance.holds(expr) && isSpeculable(expr)

/** May be computed before the loop although the loop might not have come to it. */
export function isSpeculable(expr: Expr): boolean {
  let safe = true
  visitExpr(expr, node => {
    safe &&= node.kind !== 'host' && !isPartial(node)
  })
  return safe
}

/** The value of an index: the conversion from i64 is looked through. */
export function indexValue(walk: Walk, expr: Expr): Value | undefined {
  const arm = decidedArm(walk, expr)
  if (arm) return indexValue(walk, arm)
  if (expr.kind === 'op' && expr.op === 'i32.index_i64' && expr.args[0]) {
    const value = wholeValue(walk, expr.args[0])
    return value ? { poly: value.poly, exact: false, index: true } : boundedValue(walk, expr)
  }
  return expr.kind === 'get' ? (walk.env.get(expr.local) ?? wholeValue(walk, expr)) : wholeValue(walk, expr)
}

/** The arm that is left of a conditional when its check goes. */
function decidedArm(walk: Walk, expr: Expr): Expr | undefined {
  if (expr.kind !== 'cond') return undefined
  const decision = walk.decided.get(expr.test)
  if (!decision) return undefined
  for (const demand of decision.demands) walk.relied.add(demand)
  return decision.outcome ? expr.then : expr.else
}

function wholeValue(walk: Walk, expr: Expr): Value | undefined {
  const arm = decidedArm(walk, expr)
  if (arm) return wholeValue(walk, arm)
  return structure(walk, expr) ?? boundedValue(walk, expr)
}

function structure(walk: Walk, expr: Expr): Value | undefined {
  switch (expr.kind) {
    case 'const': {
      const value = Number(expr.value)
      return Number.isInteger(value) && Math.abs(value) <= 2 ** 40
        ? { poly: constantPoly(value), exact: true }
        : undefined
    }
    case 'get': {
      const value = walk.env.get(expr.local)
      if (value) return value.index ? undefined : value
      break
    }
    case 'op': {
      const value = arithmetic(walk, expr)
      if (value) return value
      break
    }
    default:
  }
  const whole = expr.type === 'i32' || expr.type === 'i64'
  return whole && isAtom(walk, expr) ? atomValue(walk, expr, rangeBefore(walk, expr)) : undefined
}

type Op = Extract<Expr, { kind: 'op' }>

function arithmetic(walk: Walk, expr: Op): Value | undefined {
  const [left, right] = expr.args
  if (!left) return undefined
  switch (expr.op) {
    case 'i32.add':
    case 'i64.add':
      return combine(walk, expr, (a, b) => addPoly(a, b))
    case 'i32.sub':
    case 'i64.sub':
      return combine(walk, expr, subtractPoly)
    case 'i32.mul':
    case 'i64.mul':
      return combine(walk, expr, multiplyPoly)
    case 'i32.shl':
    case 'i64.shl':
      return right ? shifted(walk, expr, left, right) : undefined
    case 'i64.from_i32_s':
    case 'i64.from_i32_u': {
      const value = wholeValue(walk, left)
      const same = expr.op === 'i64.from_i32_s' || walk.ranges.of(left).lo >= 0
      return value?.exact && same ? value : undefined
    }
    case 'i32.wrap_i64': {
      const value = wholeValue(walk, left)
      return value && { ...value, exact: value.exact && isInt(walk.ranges.of(left), I32_MIN, I32_MAX) }
    }
    default:
      return undefined
  }
}

function combine(
  walk: Walk,
  expr: Op,
  operate: (a: Polynomial, b: Polynomial) => Polynomial | undefined,
): Value | undefined {
  const [left, right] = expr.args as readonly [Expr, Expr]
  const a = wholeValue(walk, left)
  const b = a && wholeValue(walk, right)
  const poly = a && b && operate(a.poly, b.poly)
  return poly && { poly, exact: a.exact && b.exact && isWithoutWrap(walk, expr) }
}

/** The true result fits the type, by what is known of the operands. */
function isWithoutWrap({ ranges }: Walk, expr: Op): boolean {
  const [a, b] = expr.args.map(arg => ranges.of(arg)) as [Range, Range]
  const limit = expr.type === 'i32' ? 2 ** 31 - 1 : 2 ** 62
  const corners = expr.op.endsWith('.mul')
    ? [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
    : expr.op.endsWith('.add')
      ? [a.lo + b.lo, a.hi + b.hi]
      : [a.lo - b.hi, a.hi - b.lo]
  if (corners.every(corner => Math.abs(corner) <= limit)) return true
  // the analysis gives the whole type where anything might wrap
  const result = ranges.of(expr)
  return expr.type === 'i32' && (result.lo > I32_MIN || result.hi < I32_MAX)
}

function shifted(walk: Walk, expr: Op, left: Expr, right: Expr): Value | undefined {
  const value = wholeValue(walk, left)
  const count = right.kind === 'const' ? Number(right.value) : -1
  if (!value || count < 0 || count > 24) return undefined
  const poly = multiplyPoly(value.poly, constantPoly(2 ** count))
  const range = walk.ranges.of(left)
  const [least, most] = expr.type === 'i64' ? [-(2 ** 62), 2 ** 62] : [I32_MIN, I32_MAX]
  const fits = isInt({ ...range, lo: range.lo * 2 ** count, hi: range.hi * 2 ** count }, least, most)
  return poly && { poly, exact: value.exact && fits }
}
