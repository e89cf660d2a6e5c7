import type { Expr, Func, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, localSet } from '../ir/rewrite.ts'
import { evaluate, type State, topState } from './evaluate.ts'
import { EXACT, I32_MAX, I32_MIN, ints, isInt, meet, type Range } from './interval.ts'

/**
 * How much one round of a loop adds to each local that the loop changes only by adding integers to it: so that a
 * counter in a loop of at most n rounds is known to stay within n times that. Amounts are taken in any state at
 * all (constants, small array elements), hence they hold from the first round of the analysis on.
 */
export type LoopGrowth = ReadonlyMap<LocalId, Amount>

interface Amount {
  readonly lo: number
  readonly hi: number
}

const UNKNOWN: Amount = { lo: -Infinity, hi: Infinity }

export function loopGrowth(func: Func, body: readonly Stmt[]): LoopGrowth {
  const growth = new Map<LocalId, Amount>()
  gather(body, 1, growth, topState(func.locals))
  return growth
}

function add(growth: Map<LocalId, Amount>, local: LocalId, amount: Amount, times: number): void {
  const known = growth.get(local) ?? { lo: 0, hi: 0 }
  const scale = (value: number): number => (value === 0 ? 0 : value * times)
  // both arms of an `if` count: an upper bound, not the exact amount
  growth.set(local, { lo: known.lo + scale(Math.min(amount.lo, 0)), hi: known.hi + scale(Math.max(amount.hi, 0)) })
}

function gather(body: readonly Stmt[], times: number, growth: Map<LocalId, Amount>, state: State): void {
  for (const stmt of body) {
    const local = localSet(stmt)
    if (local !== undefined)
      add(growth, local, stmt.kind === 'set' ? amountOf(local, stmt.value, state) : UNKNOWN, times)
    for (const inner of bodies(stmt)) gather(inner, times * tripsOf(stmt, state), growth, state)
  }
}

function tripsOf(stmt: Stmt, state: State): number {
  if (stmt.kind === 'loop') return Infinity
  if (stmt.kind !== 'for') return 1
  const length = evaluate(stmt.to, state).hi - evaluate(stmt.from, state).lo
  return Math.max(0, Math.ceil(length / stmt.step))
}

/** What `local = value` adds, when the value is the local plus or minus an integer. */
function amountOf(local: LocalId, value: Expr, state: State): Amount {
  if (value.kind !== 'op') return UNKNOWN
  const [a, b] = value.args
  const isSelf = (expr: Expr | undefined): boolean => expr?.kind === 'get' && expr.local === local
  switch (value.op) {
    case 'f64.add':
    case 'i32.add':
    case 'i64.add':
      return isSelf(a) ? amount(b, 1, state) : isSelf(b) ? amount(a, 1, state) : UNKNOWN
    case 'f64.sub':
    case 'i32.sub':
    case 'i64.sub':
      return isSelf(a) ? amount(b, -1, state) : UNKNOWN
    default:
      return UNKNOWN
  }
}

function amount(expr: Expr | undefined, sign: 1 | -1, state: State): Amount {
  if (!expr) return UNKNOWN
  const range = evaluate(expr, state)
  if (!isInt(range)) return UNKNOWN
  return sign === 1 ? range : { lo: -range.hi, hi: -range.lo }
}

/** Narrows the state at the end of a round by what `trips` rounds can have added to the state at entry. */
export function clipToTrips(back: State, entry: State, growth: LoopGrowth, trips: number): State {
  const result = back.slice()
  for (const [local, { lo, hi }] of growth) {
    const begin = entry[local] as Range
    const end = back[local] as Range
    if (!isInt(begin) || !end.integer) continue
    const most = (value: number): number => (value === 0 ? 0 : value * trips)
    const bound = { lo: begin.lo + most(lo), hi: begin.hi + most(hi) }
    if (fits(end, bound)) result[local] = meet(end, { ...ints(bound.lo, bound.hi), negZero: end.negZero })
  }
  return result
}

/** Sums that leave the exact integers (or an i32 its type) round or wrap: then the bound says nothing. */
function fits(end: Range, { lo, hi }: Amount): boolean {
  const isI32 = end.lo >= I32_MIN && end.hi <= I32_MAX
  return isI32 ? lo >= I32_MIN && hi <= I32_MAX : lo >= -EXACT && hi <= EXACT
}
