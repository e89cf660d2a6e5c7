import { evaluate, type State } from '../analysis/evaluate.ts'
import { I32_MAX, I32_MIN, isInt, type Range } from '../analysis/interval.ts'
import type { LoopStep, LoopTest } from '../analysis/loops.ts'
import { cond, f64, get, i32, op, set } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { Scope } from '../ir/scope.ts'

/** How a loop counts: the range of its i32 counter, and the loop's own variable made from it. */
export interface CountPlan {
  readonly range: { readonly local: LocalId; readonly from: Expr; readonly to: Expr; readonly step: number }
  /** The variable in a round. */
  readonly value: Expr
  /** Tests under which the call is left instead. */
  readonly guards: readonly Expr[]
  readonly before: readonly Stmt[]
  /** The variable may begin below every i32: then the loop has no round, and what follows must not read it. */
  readonly clamps: boolean
}

type Numeric = 'f64' | 'i32'

export function planCount(scope: Scope, test: LoopTest, step: LoopStep, state: State): CountPlan | undefined {
  const type = scope.locals[test.local]?.type
  const begin = state[test.local] as Range
  if ((type !== 'f64' && type !== 'i32') || !begin.integer || begin.nan || begin.negZero) return undefined
  if (test.unsigned && (step.amount < 0 || begin.lo < 0 || evaluate(test.bound, state).lo < 0)) return undefined
  return step.amount > 0
    ? planUp(scope, test, step.amount, type, state, begin)
    : planDown(scope, test, step.amount, type, state, begin)
}

const fromCounter = (type: Numeric, counter: Expr): Expr => (type === 'f64' ? op('f64.from_i32_s', counter) : counter)
const toCounter = (type: Numeric, value: Expr): Expr => (type === 'f64' ? truncated(value) : value)
const constant = (type: Numeric, value: number): Expr => (type === 'f64' ? f64(value) : i32(value))
const compare = (type: Numeric, relation: 'lt' | 'gt' | 'ge', a: Expr, b: Expr): Expr =>
  op(type === 'f64' ? `f64.${relation}` : `i32.${relation}_s`, a, b)

/** The i32 that a whole number is, clamped. */
function truncated(value: Expr): Expr {
  if (value.kind === 'op' && value.op === 'f64.from_i32_s' && value.args[0]) return value.args[0]
  if (value.kind === 'const') return i32(Math.min(Math.max(Number(value.value), I32_MIN), I32_MAX))
  return op('i32.trunc_sat_s', value)
}

// ---- counting up

interface Bound {
  readonly to: Expr
  readonly guards: readonly Expr[]
}

function planUp(
  scope: Scope,
  test: LoopTest,
  step: number,
  type: Numeric,
  state: State,
  begin: Range,
): CountPlan | undefined {
  if (!isInt(begin, I32_MIN, I32_MAX)) return undefined
  const bound = evaluate(test.bound, state)
  const upper = upperBound(test, step, type, bound, begin)
  if (!upper) return undefined
  const local = scope.local(`${scope.locals[test.local]?.name}.n`, 'i32')
  const from = begin.lo === begin.hi ? i32(begin.lo) : toCounter(type, get(test.local, type))
  return {
    range: { local, from, to: upper.to, step },
    value: fromCounter(type, get(local, 'i32')),
    guards: upper.guards,
    before: [],
    clamps: false,
  }
}

/** The bound of `i < n` as an i32, and the exits that make it one. to + step - 1 must not overflow. */
function upperBound(test: LoopTest, step: number, type: Numeric, n: Range, begin: Range): Bound | undefined {
  const { relation, bound } = test
  const limit = 2 ** 31 - step
  if (relation === 'lt') {
    const whole = n.integer || type === 'i32' ? bound : op('f64.ceil', bound)
    return guarded(bound, type, n, limit, known(toCounter(type, whole), type, bound, n))
  }
  if (relation === 'le' && begin.lo > I32_MIN) {
    const whole = n.integer || type === 'i32' ? bound : op('f64.floor', bound)
    const next = plusOne(toCounter(type, whole))
    return guarded(bound, type, n, limit - 1, known(next, type, bound, n))
  }
  if (relation === 'ne' && step === 1 && n.integer && !n.nan) {
    const made = guarded(bound, type, n, limit, toCounter(type, bound))
    const below = compare(type, 'lt', bound, get(test.local, type))
    return made && begin.hi > n.lo ? { ...made, guards: [...made.guards, below] } : made
  }
  return undefined
}

const plusOne = (value: Expr): Expr =>
  value.kind === 'const' ? i32(Number(value.value) + 1) : op('i32.add', value, i32(1))

/** A bound that is NaN is never reached from below: no round. */
function known(to: Expr, type: Numeric, bound: Expr, n: Range): Expr {
  return type === 'f64' && n.nan ? cond(op('f64.eq', bound, bound), to, i32(I32_MIN)) : to
}

function guarded(bound: Expr, type: Numeric, n: Range, limit: number, to: Expr): Bound | undefined {
  if (n.lo > limit) return undefined
  const guards: Expr[] = []
  if (n.hi > limit) guards.push(compare(type, 'gt', bound, constant(type, limit)))
  // below every i32 no round runs either way; but when the bound is computed from integers, then in i32 from here on
  if (n.integer && n.lo < I32_MIN && !n.nan) guards.push(compare(type, 'lt', bound, constant(type, I32_MIN)))
  return { to, guards }
}

// ---- counting down

/** `for (i = s; i >= c; i--)` with a constant c: k from 0 to s - c + 1, and i is s - k. */
function planDown(
  scope: Scope,
  test: LoopTest,
  step: number,
  type: Numeric,
  state: State,
  begin: Range,
): CountPlan | undefined {
  const last = lowerBound(test, type, state, begin)
  if (step !== -1 || last === undefined || begin.lo < -(2 ** 53) || begin.hi > 2 ** 53) return undefined
  const more = 1 - last
  const variable = get(test.local, type)
  const guards: Expr[] = []
  if (begin.hi + Math.max(more, 0) > I32_MAX) {
    guards.push(compare(type, 'gt', variable, constant(type, I32_MAX - Math.max(more, 0))))
  }
  if (more < 0 && begin.lo + more < I32_MIN) {
    guards.push(compare(type, 'lt', variable, constant(type, I32_MIN - more)))
  }
  const start = scope.local(`${scope.locals[test.local]?.name}.from`, 'i32')
  const local = scope.local(`${scope.locals[test.local]?.name}.n`, 'i32')
  const first = get(start, 'i32')
  return {
    range: { local, from: i32(0), to: more === 0 ? first : op('i32.add', first, i32(more)), step: 1 },
    value: fromCounter(type, op('i32.sub', first, get(local, 'i32'))),
    guards,
    before: [set(start, toCounter(type, variable))],
    clamps: begin.lo < I32_MIN,
  }
}

/** The last value of a loop that counts down by one, when it is a constant i32. */
function lowerBound(test: LoopTest, type: Numeric, state: State, begin: Range): number | undefined {
  const { lo, hi, nan } = evaluate(test.bound, state)
  if (lo !== hi || nan) return undefined
  const value = lastOf(test.relation, lo, begin)
  return value !== undefined && Math.abs(value) < 2 ** 30 && (type === 'i32' || Number.isFinite(lo)) ? value : undefined
}

function lastOf(relation: LoopTest['relation'], bound: number, begin: Range): number | undefined {
  if (relation === 'ge') return Math.ceil(bound)
  if (relation === 'gt') return Math.floor(bound) + 1
  // counting down to `i != c` ends only from above
  return relation === 'ne' && Number.isInteger(bound) && begin.lo >= bound ? bound + 1 : undefined
}
