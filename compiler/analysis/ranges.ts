import { zero } from '../ir/build.ts'
import type { Expr, Func, LocalId, Stmt } from '../ir/ir.ts'
import { localSet, localsSet, rootExprs, visitAllExprs, visitStmts } from '../ir/rewrite.ts'
import { assume, constrain, evaluate, type State, topState } from './evaluate.ts'
import { clipToTrips, type LoopGrowth, loopGrowth } from './growth.ts'
import {
  constant,
  equalRange,
  I32_MAX,
  ints,
  isIncluded,
  join,
  meet,
  type Range,
  rangeOfType,
  widen,
} from './interval.ts'

/**
 * Value ranges by abstract interpretation of structured code. Loops are solved by widening with thresholds and one
 * or two rounds of narrowing (Cousot & Cousot 1992); the solution of an inner loop is kept as the first guess for the
 * next round of the outer one, so that nests cost little more than their size.
 *
 * Requires: every node of the function occurs once (`unshare`).
 */
export interface Ranges {
  /** Everything that the expression can be there; undefined where control never comes. */
  at(expr: Expr): Range | undefined
  /** As `at`, and everything of its type where control never comes. */
  of(expr: Expr): Range
  /** What is known of each local where control comes to this loop from before it; undefined where it never does. */
  before(loop: Stmt): State | undefined
}

interface Jumps {
  breaks: State | null
  continues: State | null
}

interface Analysis {
  readonly func: Func
  readonly found: Map<Expr, Range>
  readonly jumps: Map<string, Jumps>
  readonly heads: Map<Stmt, State>
  readonly entries: Map<Stmt, State>
  readonly growth: Map<Stmt, LoopGrowth>
  readonly sets: Map<Stmt, readonly LocalId[]>
  readonly thresholds: readonly number[]
  readonly record: (expr: Expr, range: Range) => void
}

type Body = readonly Stmt[]
type Loop = Extract<Stmt, { kind: 'loop' | 'for' }>

export function analyzeRanges(func: Func): Ranges {
  const found = new Map<Expr, Range>()
  const analysis: Analysis = {
    func,
    found,
    jumps: new Map(),
    heads: new Map(),
    entries: new Map(),
    growth: new Map(),
    sets: new Map(),
    thresholds: thresholdsOf(func),
    record: (expr, range) => found.set(expr, range),
  }
  runBody(analysis, func.body, initialState(func))
  return {
    at: expr => found.get(expr),
    of: expr => found.get(expr) ?? rangeOfType(expr.type),
    before: loop => analysis.entries.get(loop),
  }
}

/** Parameters can be anything; other locals begin as zero, and arrays as empty. */
function initialState(func: Func): State {
  return topState(func.locals).map((top, local) => {
    const type = func.locals[local]?.type
    if (local < func.params.length || !type) return top
    return type === 'box' || type.startsWith('list.') ? top : meet(constant(0), top)
  })
}

// ---- thresholds

const COARSE = [-(2 ** 53), -(2 ** 31), -1, 0, 1, 255, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53]
const MANY = 24

/** The usual limits, and the constants of the function with their neighbours while they are few. */
function thresholdsOf(func: Func): readonly number[] {
  const values = new Set(COARSE)
  visitAllExprs(func.body, expr => {
    if (expr.kind !== 'const' || expr.type === 'box' || values.size > MANY) return
    const value = Number(expr.value)
    if (Number.isInteger(value)) for (const near of [value - 1, value, value + 1]) values.add(near)
  })
  return [...values].sort((a, b) => a - b)
}

// ---- states

function joinStates(a: State | null, b: State | null): State | null {
  if (!a || !b) return a ?? b
  let result: State | undefined
  for (let local = 0; local < a.length; local++) {
    const mine = a[local] as Range
    const both = join(mine, b[local] as Range)
    if (both !== mine) (result ??= a.slice())[local] = both
  }
  return result ?? a
}

/** Only the locals that a loop sets differ between its rounds. */
const includes = (big: State, small: State, locals: readonly LocalId[]): boolean =>
  locals.every(local => isIncluded(small[local] as Range, big[local] as Range))
const equalStates = (a: State, b: State, locals: readonly LocalId[]): boolean =>
  locals.every(local => equalRange(a[local] as Range, b[local] as Range))

// ---- statements

/** Runs statements from a state that it may change; null where control does not come out at the end. */
function runBody(analysis: Analysis, body: Body, state: State | null): State | null {
  let current = state
  for (const stmt of body) {
    if (!current) return null
    current = run(analysis, stmt, current)
  }
  return current
}

function run(analysis: Analysis, stmt: Stmt, state: State): State | null {
  switch (stmt.kind) {
    case 'set':
      state[stmt.local] = evaluate(stmt.value, state, analysis.record)
      return state
    case 'if':
      return runIf(analysis, stmt, state)
    case 'block': {
      const jumps = open(analysis, stmt.label)
      return joinStates(runBody(analysis, stmt.body, state), jumps.breaks)
    }
    case 'loop':
    case 'for':
      return runLoop(analysis, stmt, state)
    case 'break':
    case 'continue':
      jump(analysis, stmt, state)
      return null
    default:
      return runSimple(analysis, stmt, state)
  }
}

function runSimple(analysis: Analysis, stmt: Stmt, state: State): State | null {
  const ranges = rootExprs(stmt).map(expr => evaluate(expr, state, analysis.record))
  const local = localSet(stmt)
  if (local !== undefined) {
    const whole = rangeOfType(analysis.func.locals[local]?.type ?? 'f64')
    const [length] = ranges
    state[local] = stmt.kind === 'newarray' && length ? meet(length, whole) : whole
  }
  return stmt.kind === 'return' || stmt.kind === 'exit' ? null : state
}

function runIf(analysis: Analysis, stmt: Extract<Stmt, { kind: 'if' }>, state: State): State | null {
  evaluate(stmt.test, state, analysis.record)
  const other = state.slice()
  const then = assume(stmt.test, true, state) ? runBody(analysis, stmt.then, state) : null
  const otherwise = assume(stmt.test, false, other) ? runBody(analysis, stmt.else, other) : null
  return joinStates(then, otherwise)
}

function open(analysis: Analysis, label: string): Jumps {
  const jumps: Jumps = { breaks: null, continues: null }
  analysis.jumps.set(label, jumps)
  return jumps
}

function jump(analysis: Analysis, stmt: Extract<Stmt, { kind: 'break' | 'continue' }>, state: State): void {
  const jumps = analysis.jumps.get(stmt.label)
  if (!jumps) return
  if (stmt.kind === 'break') jumps.breaks = joinStates(jumps.breaks, state)
  else jumps.continues = joinStates(jumps.continues, state)
}

// ---- loops

/** One round: from the head through the body back to the head. */
interface Round {
  /** State at the end of a round, or null when no round ends. */
  readonly back: State | null
  readonly breaks: State | null
}

interface LoopContext {
  readonly stmt: Loop
  /** State before the first round, at the head. */
  readonly entry: State
  /** Makes the state at the head into the one at the beginning of the body. */
  readonly enter: (head: State) => State | null
  /** What is known of the state at the end of any round. */
  readonly clip: (back: State) => State
}

function runLoop(analysis: Analysis, stmt: Loop, state: State): State | null {
  analysis.entries.set(stmt, state.slice())
  if (stmt.kind === 'for') return runFor(analysis, stmt, state)
  const { breaks } = solve(analysis, { stmt, entry: state, enter: head => head.slice(), clip: back => back })
  return breaks
}

const NARROWINGS = 2

/** Iterates to a state at the head that the loop keeps; gives the last round from it. */
function solve(analysis: Analysis, context: LoopContext): Round {
  const { stmt, entry } = context
  const locals = setIn(analysis, stmt)
  const known = analysis.heads.get(stmt)
  let head = (known && joinStates(entry, known)) ?? entry
  let round = runRound(analysis, context, head)
  for (let count = 0; ; count++) {
    const next = joinStates(entry, round.back) ?? entry
    if (includes(head, next, locals)) break
    head = widenState(analysis, head, next, count, locals)
    round = runRound(analysis, context, head)
  }
  for (let count = 0; count < NARROWINGS; count++) {
    const next = joinStates(entry, round.back) ?? entry
    if (!includes(head, next, locals) || equalStates(head, next, locals)) break
    // sound whether or not the transfer functions are monotone: every state at the head is an entry, or comes from one
    head = next
    round = runRound(analysis, context, head)
  }
  analysis.heads.set(stmt, head)
  return round
}

function runRound(analysis: Analysis, { stmt, enter, clip }: LoopContext, head: State): Round {
  const jumps = open(analysis, stmt.label)
  const begin = enter(head)
  const end = begin && joinStates(runBody(analysis, stmt.body, begin), jumps.continues)
  const back = joinStates(end, begin ? null : jumps.continues)
  return { back: back && clip(back), breaks: jumps.breaks }
}

/** First join, then widen to all thresholds, then to few, then give up: a loop is stable after a few rounds. */
function widenState(
  { func, thresholds }: Analysis,
  head: State,
  next: State,
  count: number,
  locals: readonly LocalId[],
): State {
  const steps = count < 3 ? thresholds : count < 6 ? COARSE : []
  const result = head.slice()
  for (const local of locals) {
    const before = head[local] as Range
    const after = next[local] as Range
    if (isIncluded(after, before)) continue
    const whole = rangeOfType(func.locals[local]?.type ?? 'f64')
    result[local] = count === 0 ? join(before, after) : count < 9 ? widen(before, after, steps) : whole
  }
  return result
}

function setIn(analysis: Analysis, stmt: Loop): readonly LocalId[] {
  const known = analysis.sets.get(stmt)
  if (known) return known
  const found = [...localsSet([stmt])]
  analysis.sets.set(stmt, found)
  return found
}

function runFor(analysis: Analysis, stmt: Extract<Stmt, { kind: 'for' }>, state: State): State | null {
  const from = evaluate(stmt.from, state, analysis.record)
  const to = evaluate(stmt.to, state, analysis.record)
  const runs = state.slice()
  runs[stmt.local] = from
  const entry = constrain(stmt.to, ints(from.lo + 1, I32_MAX), runs) ? runs : null
  const after = afterFor(stmt, from, to)
  if (!entry || from.lo >= to.hi) {
    state[stmt.local] = from
    return state
  }
  const trips = Math.max(0, Math.ceil((to.hi - from.lo) / stmt.step))
  const growth = growthOf(analysis, stmt)
  const { back, breaks } = solve(analysis, {
    stmt,
    entry,
    // where a round begins, at least one of them is still to come
    enter: head => withCounter(clipToTrips(head, entry, growth, trips - 1), stmt.local, ints(from.lo, to.hi - 1)),
    clip: end => withCounter(clipToTrips(end, entry, growth, trips), stmt.local, after),
  })
  const skipped = from.hi < to.lo ? null : state
  if (skipped) skipped[stmt.local] = from
  if (back) back[stmt.local] = meet(after, ints(to.lo, I32_MAX))
  return joinStates(joinStates(skipped, back), breaks)
}

/** All values of the counter at the head, the last one included. */
const afterFor = (stmt: Extract<Stmt, { kind: 'for' }>, from: Range, to: Range): Range =>
  ints(from.lo, Math.max(from.hi, Math.min(to.hi + stmt.step - 1, I32_MAX)))

function withCounter(state: State, local: LocalId, range: Range): State {
  state[local] = range
  return state
}

function growthOf(analysis: Analysis, stmt: Loop): LoopGrowth {
  const known = analysis.growth.get(stmt)
  if (known) return known
  const found = loopGrowth(analysis.func, stmt.body)
  analysis.growth.set(stmt, found)
  return found
}

/** Everything that the values of a local's `set` statements can be, and its first value: by local. */
export function definitionRanges(func: Func, ranges: Ranges): ReadonlyMap<LocalId, Range> {
  const result = new Map<LocalId, Range>()
  const add = (local: LocalId, range: Range): void => {
    const known = result.get(local)
    result.set(local, known ? join(known, range) : range)
  }
  func.locals.forEach(({ type }, local) => {
    const first = local < func.params.length ? undefined : zero(type)
    add(local, first ? constant(0) : rangeOfType(type))
  })
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (local === undefined) return
    if (stmt.kind !== 'set') add(local, rangeOfType(func.locals[local]?.type ?? 'f64'))
    else {
      const range = ranges.at(stmt.value)
      if (range) add(local, range)
    }
  })
  return result
}
