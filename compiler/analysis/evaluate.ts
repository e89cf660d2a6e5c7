import { unreachable } from '../../base/invariant.ts'
import type { Expr, Local, LocalId } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { children } from '../ir/rewrite.ts'
import type { Elem } from '../ir/types.ts'
import {
  arrayLength,
  constant,
  EXACT,
  FLOAT,
  hasNumber,
  hasZero,
  I32,
  I32_MAX,
  I32_MIN,
  ints,
  isEmpty,
  isInt,
  join,
  LIST_LENGTH,
  meet,
  type Range,
  range,
  rangeOfType,
  single,
  within,
} from './interval.ts'
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
  if (!readsScalars(expr)) return evaluate(expr, state, record)
  const refined = state.slice()
  return assume(test, truth, refined) ? evaluate(expr, refined, record) : undefined
}

/**
 * Narrows `state` by what it means that `test` is true (not 0) or false. Returns false when that cannot be: then the
 * point is never reached.
 */
export function assume(test: Expr, truth: boolean, state: State): boolean {
  if (test.kind === 'cond') return assumeCond(test, truth, state)
  if (test.kind === 'op') {
    const handler = TESTS[test.op]
    if (handler) return handler(test.args, truth, state)
    const relation = RELATIONS[test.op]
    if (relation) return assumeRelation(relation, test.args[0] as Expr, test.args[1] as Expr, truth, state)
  }
  const value = evaluate(test, state)
  if (truth) return single(value) !== 0 && constrain(test, withoutZero(value), state)
  return constrain(test, ints(0, 0), state)
}

type TestHandler = (args: readonly Expr[], truth: boolean, state: State) => boolean

const TESTS: { readonly [op in OpName]?: TestHandler } = {
  'i32.eqz': ([arg], truth, state) => assume(arg as Expr, !truth, state),
  // the bitwise forms: x & y is not 0 only if both are not, x | y is 0 only if both are
  'i32.and': ([a, b], truth, state) =>
    truth ? assume(a as Expr, true, state) && assume(b as Expr, true, state) : either(a, b, false, state),
  'i32.or': ([a, b], truth, state) =>
    truth ? either(a, b, true, state) : assume(a as Expr, false, state) && assume(b as Expr, false, state),
}

/** At least one of the tests has this outcome. (`x & y` may be 0 with neither 0: only 0/1 tests can be split.) */
function either(a: Expr | undefined, b: Expr | undefined, truth: boolean, state: State): boolean {
  if (!a || !b || !(truth || (isBoolean(a, state) && isBoolean(b, state)))) return true
  const other = state.slice()
  const first = assume(a, truth, state)
  const second = assume(b, truth, other)
  if (!first && !second) return false
  for (let local = 0; local < state.length; local++) {
    const mine = state[local] as Range
    const theirs = other[local] as Range
    state[local] = !first ? theirs : !second ? mine : join(mine, theirs)
  }
  return true
}

const isBoolean = (expr: Expr, state: State): boolean => within(evaluate(expr, state), 0, 1)

/** `cond(a, b, 0)` is a && b, `cond(a, 1, b)` is a || b. */
function assumeCond(test: Extract<Expr, { kind: 'cond' }>, truth: boolean, state: State): boolean {
  const isConst = (expr: Expr, value: number): boolean => expr.kind === 'const' && Number(expr.value) === value
  if (truth && isConst(test.else, 0)) return assume(test.test, true, state) && assume(test.then, true, state)
  if (!truth && test.then.kind === 'const' && !isConst(test.then, 0)) {
    return assume(test.test, false, state) && assume(test.else, false, state)
  }
  return true
}

function withoutZero(value: Range): Range {
  if (value.lo === 0) return ints(1, value.hi)
  return value.hi === 0 ? ints(value.lo, -1) : value
}

// ---- relations

type Kind = 'lt' | 'le' | 'eq' | 'ne'
interface Relation {
  readonly kind: Kind
  /** Operands change places: a > b is b < a. */
  readonly swap?: true
  readonly unsigned?: true
}

const RELATIONS: { readonly [op in OpName]?: Relation } = {
  ...relations('i32', '_s', {}),
  ...relations('i64', '_s', {}),
  ...relations('i32', '_u', { unsigned: true }),
  ...relations('f64', '', {}),
  ...relations('f32', '', {}),
}

function relations(type: string, suffix: string, how: Omit<Relation, 'kind'>): { readonly [op: string]: Relation } {
  const equality = { [`${type}.eq`]: { kind: 'eq', ...how }, [`${type}.ne`]: { kind: 'ne', ...how } } as const
  return {
    ...(how.unsigned ? {} : equality),
    [`${type}.lt${suffix}`]: { kind: 'lt', ...how },
    [`${type}.le${suffix}`]: { kind: 'le', ...how },
    [`${type}.gt${suffix}`]: { kind: 'lt', swap: true, ...how },
    [`${type}.ge${suffix}`]: { kind: 'le', swap: true, ...how },
  }
}

function assumeRelation(relation: Relation, left: Expr, right: Expr, truth: boolean, state: State): boolean {
  const [a, b] = relation.swap ? [right, left] : [left, right]
  const x = evaluate(a, state)
  const y = evaluate(b, state)
  if (isEmpty(x) || isEmpty(y)) return false
  if (relation.unsigned) return assumeUnsigned(relation.kind, a, b, x, y, truth, state)
  // an order that is false because of a NaN tells nothing
  const ordered = relation.kind === 'lt' || relation.kind === 'le'
  if (ordered && !truth && (x.nan || y.nan)) return true
  const [p, q] = outcomes(relation.kind, x, y, truth)
  return constrain(a, p, state) && constrain(b, q, state)
}

const above = (a: Range, integer: boolean): number => (integer ? Math.floor(a.lo) + 1 : a.lo)
const below = (a: Range, integer: boolean): number => (integer ? Math.ceil(a.hi) - 1 : a.hi)
const numbers = (lo: number, hi: number): Range => range(lo, hi, false, false, true)

/** What each side can be, given the outcome; neither is NaN. */
function outcomes(kind: Kind, x: Range, y: Range, truth: boolean): readonly [Range, Range] {
  switch (kind) {
    case 'lt':
      if (truth) return [numbers(-Infinity, below(y, x.integer)), numbers(above(x, y.integer), Infinity)]
      return [numbers(y.lo, Infinity), numbers(-Infinity, x.hi)]
    case 'le':
      if (truth) return [numbers(-Infinity, y.hi), numbers(x.lo, Infinity)]
      return [numbers(above(y, x.integer), Infinity), numbers(-Infinity, below(x, y.integer))]
    case 'eq':
      return truth ? equalOutcome(x, y) : differentOutcome(x, y)
    case 'ne':
      return truth ? differentOutcome(x, y) : equalOutcome(x, y)
  }
}

function equalOutcome(x: Range, y: Range): readonly [Range, Range] {
  const integer = x.integer || y.integer
  const both = range(Math.max(x.lo, y.lo), Math.min(x.hi, y.hi), integer, false, true)
  return [both, both]
}

/** Only an integer at the end of the other's interval can be excluded. */
function differentOutcome(x: Range, y: Range): readonly [Range, Range] {
  return [without(x, y), without(y, x)]
}
function without(x: Range, y: Range): Range {
  const value = single(y)
  if (value === undefined || !x.integer) return FLOAT
  return range(x.lo === value ? value + 1 : x.lo, x.hi === value ? value - 1 : x.hi, true, x.nan, x.negZero)
}

function assumeUnsigned(kind: Kind, a: Expr, b: Expr, x: Range, y: Range, truth: boolean, state: State): boolean {
  const strict = kind === 'lt'
  if (truth) {
    // below a bound that is no negative number, bits cannot be negative
    if (y.lo < 0) return true
    const upper = strict ? y.hi - 1 : y.hi
    if (!constrain(a, ints(0, upper), state)) return false
    return x.lo < 0 || constrain(b, ints(strict ? x.lo + 1 : x.lo, I32_MAX), state)
  }
  if (x.lo < 0 || y.lo < 0) return true
  const lower = strict ? y.lo : y.lo + 1
  return constrain(a, ints(lower, I32_MAX), state) && constrain(b, ints(0, strict ? x.hi : x.hi - 1), state)
}

// ---- backwards through expressions

/** `expr` is in `to`: narrows the locals that it is made of. False when that is impossible. */
export function constrain(expr: Expr, to: Range, state: State): boolean {
  switch (expr.kind) {
    case 'get':
      return narrowLocal(expr.local, to, state)
    case 'len':
      return narrowLocal(expr.array, to, state)
    case 'op':
      return constrainOp(expr, to, state)
    default:
      return true
  }
}

function narrowLocal(local: number, to: Range, state: State): boolean {
  const narrowed = meet(state[local] as Range, to)
  state[local] = narrowed
  return !isEmpty(narrowed)
}

function constrainOp(expr: Extract<Expr, { kind: 'op' }>, to: Range, state: State): boolean {
  const [a, b] = expr.args
  if (!a) return true
  switch (expr.op) {
    case 'f64.from_i32_s':
    case 'f64.from_i64_s':
    case 'i64.from_i32_s':
      return hasNumber(to) ? constrain(a, ints(Math.ceil(to.lo), Math.floor(to.hi)), state) : to.nan
    case 'f64.from_i32_u':
    case 'i64.from_i32_u':
      return to.hi > I32_MAX ? true : constrain(a, ints(Math.max(0, to.lo), to.hi), state)
    case 'f64.from_f32':
      return constrain(a, to, state)
    case 'i32.trunc_sat_s':
      return constrain(a, beforeTruncation(to), state)
    case 'i32.index_f64':
    case 'i32.index_i64':
      return to.lo < 0 ? true : constrain(a, range(to.lo, to.hi, true, false, true), state)
    case 'f64.add':
    case 'i32.add':
    case 'i64.add':
      return b ? constrainSum(a, b, to, 1, state) : true
    case 'f64.sub':
    case 'i32.sub':
    case 'i64.sub':
      return b ? constrainSum(a, b, to, -1, state) : true
    default:
      return true
  }
}

/** The numbers that truncate, clamped, into a range. */
function beforeTruncation(to: Range): Range {
  const lo = to.lo <= I32_MIN ? -Infinity : to.lo >= 1 ? to.lo : to.lo - 1
  const hi = to.hi >= I32_MAX ? Infinity : to.hi <= -1 ? to.hi : to.hi + 1
  return range(lo, hi, false, to.lo <= 0 && to.hi >= 0, true)
}

/** a ± c with a constant c, for integers so small that nothing rounds or wraps. */
function constrainSum(a: Expr, b: Expr, to: Range, sign: 1 | -1, state: State): boolean {
  if (sign === 1 && a.kind === 'const' && b.kind !== 'const') return constrainSum(b, a, to, sign, state)
  if (b.kind !== 'const' || a.kind === 'const') return true
  const x = evaluate(a, state)
  const c = Number(b.value) * sign
  const limit = a.type === 'i32' ? [I32_MIN, I32_MAX] : [-EXACT, EXACT]
  const [lo, hi] = limit as [number, number]
  if (!Number.isInteger(c) || !isInt(x) || x.lo + c < lo || x.hi + c > hi) return true
  return constrain(a, range(to.lo - c, to.hi - c, to.integer, false, true), state)
}

/** Whether the range can depend on a local: that of an element does not, whatever its index. */
function readsScalars(expr: Expr): boolean {
  if (expr.kind === 'get' || expr.kind === 'len') return true
  return expr.kind !== 'load' && children(expr).some(readsScalars)
}
