import { type Advance, type Amount, advanceOf, type ForStmt, roundsOf } from '../analysis/advance.ts'
import { evaluate, type State } from '../analysis/evaluate.ts'
import { I32_MAX, I32_MIN, type Range } from '../analysis/interval.ts'
import { invarianceOf } from '../analysis/invariant.ts'
import { analyzeRanges, type Ranges } from '../analysis/ranges.ts'
import { isSpeculable } from '../analysis/subscript-values.ts'
import { unshare } from '../analysis/unshare.ts'
import { exit, f64, get, i32, op, set, when } from '../ir/build.ts'
import { mentions, sizeOf } from '../ir/control.ts'
import type { ExitSite, Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { renameLabels } from '../ir/rename.ts'
import {
  bodies,
  flatMapBody,
  localSet,
  localsIn,
  localsSet,
  mapBodies,
  mapRootExprs,
  rootExprs,
  substitute,
  visitExpr,
  visitStmts,
} from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { readCounts } from './bounds-isolate.ts'
import { type Enclosing, enclosing, placeOf } from './loop-guards.ts'
import type { Pass } from './pass.ts'

/**
 * Induction variable substitution (Muchnick, Advanced Compiler Design and Implementation, ch. 14.1; Wolfe, Beyond
 * induction variables, 1992): in `for (i …) out[at++] = x[i]`, `at` becomes `at0 + round`, an i32 that each round computes
 * from the counter. What follows then sees subscripts of the counter, and rounds that do not depend on each other. In a
 * nest, `at` is such a function of all its counters, where inner loops have the same number of rounds each time.
 *
 * Only locals that serve as an index are taken, and only where they are whole numbers within 32 bits in every round. Where
 * that is not known, the call is left before the loop; inside of another loop, where an exit might undo work, the loop is
 * doubled instead.
 *
 * Requires: counted loops (`counted`).
 * Keeps: every value, also after the loop and where it is left early.
 * Breaks: numbers of locals.
 */
export const induction: Pass = {
  name: 'induction',
  run(module: Module): Module {
    const sites: ExitSite[] = []
    const site = ({ span }: ForStmt): number => {
      const where = span ? { span } : {}
      sites.push({ reason: 'an index would grow beyond 32 bits', speculation: 'counter', ...where })
      return module.exits.length + sites.length - 1
    }
    const funcs = module.funcs.map(func => ofFunc(func, site))
    if (funcs.every((func, index) => func === module.funcs[index])) return module
    return { ...module, funcs, exits: [...module.exits, ...sites] }
  },
}

/** Expression nodes and statements of a loop that may be doubled. */
const BUDGET = 300

interface Context {
  readonly scope: Scope
  readonly ranges: Ranges
  readonly site: (loop: ForStmt) => number
  /** How often each local is read in the whole function. */
  readonly reads: ReadonlyMap<LocalId, number>
  readonly around: Enclosing[]
  /** What the statements that advance a local add, and the rounds of loops around them. */
  readonly steps: Map<Stmt, Amount>
  readonly rounds: Map<ForStmt, Map<LocalId, Amount>>
  /** The i32 local that holds the value of each local that is replaced, at the current place. */
  moving: ReadonlyMap<LocalId, LocalId>
  /** Loops around whose replaced locals are read after them. */
  readonly leaving: { readonly labels: ReadonlySet<string>; readonly locals: readonly LocalId[] }[]
  /** In the version of a loop that stays as it was nothing else is replaced. */
  readonly asItWas: boolean
}

function ofFunc(given: Func, site: Context['site']): Func {
  if (!hasAdvance(given)) return given
  const func = unshare(given)
  const scope = openScope(func)
  const context: Context = {
    scope,
    ranges: analyzeRanges(func),
    site,
    reads: readCounts(func.body),
    around: [],
    steps: new Map(),
    rounds: new Map(),
    moving: new Map(),
    leaving: [],
    asItWas: false,
  }
  const body = visitBody(context, func.body)
  return context.steps.size === 0 ? given : scope.finish(body)
}

/** Whether some counted loop serves its array with a number that it adds to: most functions have none. */
function hasAdvance(func: Func): boolean {
  let found = false
  visitStmts(func.body, stmt => {
    if (stmt.kind === 'for') found ||= candidates(func.locals, stmt).length > 0
  })
  return found
}

/** f64 locals that are set in the loop to a sum with themselves, and serve as an index there. */
function candidates(locals: Scope['locals'], loop: ForStmt): readonly LocalId[] {
  const added = new Set<LocalId>()
  visitStmts(loop.body, stmt => {
    if (stmt.kind === 'set' && stmt.value.kind === 'op' && locals[stmt.local]?.type === 'f64') {
      if (localsIn(stmt.value).has(stmt.local)) added.add(stmt.local)
    }
  })
  if (added.size === 0) return []
  const indices = indexLocals(loop.body)
  return [...added].filter(local => indices.has(local))
}

/** Locals that an index is computed from, also by way of other locals. */
function indexLocals(body: readonly Stmt[]): ReadonlySet<LocalId> {
  const found = new Set<LocalId>()
  const values = new Map<LocalId, Set<LocalId>>()
  visitStmts(body, stmt => {
    for (const root of rootExprs(stmt)) {
      visitExpr(root, node => {
        if (node.kind === 'op' && node.op === 'i32.index_f64') localsIn(node, found)
      })
    }
    if (stmt.kind === 'set') values.set(stmt.local, localsIn(stmt.value, values.get(stmt.local) ?? new Set()))
  })
  // a set grows while it is walked
  for (const local of found) for (const from of values.get(local) ?? []) found.add(from)
  return found
}

// ---- statements

function visitBody(context: Context, body: readonly Stmt[]): readonly Stmt[] {
  return flatMapBody(body, stmt => visit(context, stmt))
}

function visit(context: Context, stmt: Stmt): Stmt | readonly Stmt[] {
  const { moving } = context
  const held = stmt.kind === 'set' ? moving.get(stmt.local) : undefined
  if (stmt.kind === 'set' && held !== undefined) {
    const { bits } = context.steps.get(stmt) as Amount
    return advance(context, stmt.local, plus(get(held, 'i32'), now(context, bits)))
  }
  if (stmt.kind === 'for') return visitFor(context, stmt)
  if (stmt.kind === 'loop') {
    const here = enclosing(stmt.body)
    const body = inside(context, here, () => visitBody(context, stmt.body))
    return [...here.guards, body === stmt.body ? stmt : { ...stmt, body }]
  }
  if (stmt.kind === 'break' || stmt.kind === 'continue') return [...valuesOutside(context, stmt.label), stmt]
  return mapBodies(replaceReads(context, stmt), body => visitBody(context, body))
}

/** From here on `value` is what the local holds. */
function advance(context: Context, local: LocalId, value: Expr): Stmt {
  const next = context.scope.local(`${context.scope.locals[local]?.name}.i`, 'i32')
  context.moving = new Map([...context.moving, [local, next]])
  return set(next, value)
}

const numberOf = (held: LocalId): Expr => op('f64.from_i32_s', get(held, 'i32'))

const numberIn = ({ moving }: Context, local: LocalId): Expr => get(moving.get(local) as LocalId, 'i32')

/** An expression of the program, for the current place. */
function now({ moving }: Context, expr: Expr): Expr {
  if (moving.size === 0) return expr
  return substitute(expr, local => {
    const held = moving.get(local)
    return held === undefined ? undefined : numberOf(held)
  })
}

const replaceReads = <S extends Stmt>(context: Context, stmt: S): S =>
  mapRootExprs(stmt, expr => now(context, expr)) as S

/** Before a jump out of loops: the values that are read behind them. */
function valuesOutside({ leaving, moving }: Context, label: string): readonly Stmt[] {
  return leaving
    .filter(({ labels }) => !labels.has(label))
    .flatMap(({ locals }) => locals.map(local => set(local, numberOf(moving.get(local) as LocalId))))
}

// ---- loops

/** A local that a loop advances. */
interface Moved {
  readonly local: LocalId
  /** Its value before the loop, and what a round adds: constants, or held in locals. */
  readonly base: Expr
  readonly amount: Expr
}

interface Counting {
  readonly loop: ForStmt
  /** The same with the reads in its range as they were: that by which things are known. */
  readonly original: ForStmt
  readonly first: Expr
  /** How many there are when nothing leaves the loop. */
  readonly rounds: Expr
}

function visitFor(context: Context, original: ForStmt): readonly Stmt[] {
  const loop = replaceReads(context, original)
  const here = enclosing([original])
  const carried = [...context.moving.keys()].filter(local => context.rounds.get(original)?.has(local))
  const plans = context.asItWas ? [] : plansOf(context, original)
  if (carried.length + plans.length === 0) {
    const body = inside(context, here, () => visitBody(context, loop.body))
    return [...here.guards, body === loop.body ? loop : { ...loop, body }]
  }
  const before: Stmt[] = []
  const hold = holderIn(context.scope, before)
  const first = hold('first', loop.from)
  const rounds = hold('rounds', roundsOf(first, loop.to, loop.step))
  const counting: Counting = { loop, original, first, rounds }
  const moved = carried.map((local): Moved => {
    const amount = context.rounds.get(original)?.get(local) as Amount
    return { local, base: numberIn(context, local), amount: hold('by', now(context, amount.bits)) }
  })
  const started = plans.map(({ local, start, amount }): Moved => {
    const base = start.kind === 'const' ? i32(Number(start.value)) : hold('base', op('i32.trunc_sat_s', start))
    return { local, base, amount: hold('by', now(context, amount.bits)) }
  })
  const outside = plans.filter(({ isReadOutside }) => isReadOutside).map(({ local }) => local)
  const unsafe = plans.flatMap(plan => plan.tests).filter(test => !leaveBefore(context, test, original, before))
  const tests = [...plans.flatMap(({ doubts }) => doubts), ...unsafe.map(test => now(context, test))]
  const fast = inside(context, here, () => build(context, counting, [...moved, ...started], outside))
  const slow =
    tests.length > 0 ? inside(context, here, () => build({ ...context, asItWas: true }, counting, moved, [])) : []
  const after = moved.map(({ local, base, amount }) => advance(context, local, plus(base, times(amount, rounds))))
  return [...here.guards, ...before, ...choose(context.scope, tests, fast, slow), ...after]
}

/**
 * The call is left before the outermost loop, where no other loop has done anything yet; false where that cannot be. The
 * test is in terms of the program: what stands for its locals inside of the loops is set in them, and not known to
 * \`around\`.
 */
function leaveBefore({ around, site }: Context, test: Expr, loop: ForStmt, before: Stmt[]): boolean {
  const outermost = around[0]
  if (outermost && (placeOf(around, test) !== outermost || !isSpeculable(test))) return false
  const into = outermost?.guards ?? before
  into.push(when(test, [exit(site(loop))]))
  return true
}

function choose(scope: Scope, tests: readonly Expr[], fast: readonly Stmt[], slow: readonly Stmt[]): readonly Stmt[] {
  if (tests.length === 0) return fast
  return [
    when(
      tests.reduce((a, b) => op('i32.or', a, b)),
      withOwnLabels(scope, slow),
      fast,
    ),
  ]
}

type Hold = (name: string, value: Expr) => Expr

const holderIn =
  (scope: Scope, out: Stmt[]): Hold =>
  (name, value) => {
    if (value.kind === 'const') return value
    const local = scope.local(name, value.type)
    out.push(set(local, value))
    return get(local, value.type)
  }

/** Runs something on the inside of a loop: what is advanced there counts for nothing outside. */
function inside<T>(context: Context, here: Enclosing, run: () => T): T {
  const { moving } = context
  context.around.push(here)
  const result = run()
  context.around.pop()
  context.moving = moving
  return result
}

function build(
  context: Context,
  { loop, original, first, rounds }: Counting,
  moved: readonly Moved[],
  outside: readonly LocalId[],
): readonly Stmt[] {
  const { scope, leaving } = context
  const { step } = loop
  const counter = get(loop.local, 'i32')
  // where the counter goes in steps that do not divide the amounts, rounds are counted instead
  const own = moved.every(({ amount }) => isMultiple(amount, step)) ? undefined : scope.local('round', 'i32')
  const unit = own === undefined ? minus(counter, first) : get(own, 'i32')
  const value = ({ base, amount }: Moved): Expr =>
    plus(base, times(own === undefined ? divided(amount, step) : amount, unit))
  leaving.push({ labels: labelsIn([loop]), locals: outside })
  const starts = moved.map(one => advance(context, one.local, value(one)))
  const body = [...starts, ...visitBody(context, loop.body)]
  leaving.pop()
  const isLeft = mentions(loop.body, 'break', loop.label)
  const after = moved
    .filter(({ local }) => outside.includes(local))
    .map(one => set(one.local, op('f64.from_i32_s', isLeft ? value(one) : plus(one.base, times(one.amount, rounds)))))
  if (own === undefined) return [{ ...loop, from: first, body }, ...after]
  const count = set(loop.local, plus(first, times(i32(step), unit)))
  const made: ForStmt = { ...loop, local: own, from: i32(0), to: rounds, step: 1, body: [count, ...body] }
  return [made, ...(isReadOutside(context, original, loop.local) ? [count] : []), ...after]
}

function isReadOutside({ reads }: Context, loop: ForStmt, local: LocalId): boolean {
  return (reads.get(local) ?? 0) > (readCounts([loop]).get(local) ?? 0)
}

function labelsIn(body: readonly Stmt[]): ReadonlySet<string> {
  const labels = new Set<string>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') labels.add(stmt.label)
  })
  return labels
}

function withOwnLabels(scope: Scope, body: readonly Stmt[]): readonly Stmt[] {
  const labels = new Map([...labelsIn(body)].map(label => [label, scope.label(label)] as const))
  return renameLabels(body, label => labels.get(label) ?? label)
}

// ---- plans

interface Plan {
  readonly local: LocalId
  /** Its value before the loop: a constant, or the local itself. */
  readonly start: Expr
  readonly amount: Amount
  /** Where one of them holds, it grows beyond an i32. */
  readonly tests: readonly Expr[]
  /** Where one of them holds, it is no i32 to begin with: that happens, and is no reason to leave the call. */
  readonly doubts: readonly Expr[]
  readonly isReadOutside: boolean
}

function plansOf(context: Context, loop: ForStmt): readonly Plan[] {
  const state = context.ranges.before(loop)
  if (!state) return []
  return candidates(context.scope.locals, loop).flatMap(local => {
    if (context.moving.has(local)) return []
    const plan = planOf(context, loop, local, state)
    return plan ? [plan] : []
  })
}

function planOf(context: Context, loop: ForStmt, local: LocalId, state: State): Plan | undefined {
  const begin = state[local] as Range
  if (begin.lo > begin.hi) return undefined
  const { holds } = invarianceOf([loop])
  const found = advanceOf(loop, { local, isInvariant: holds, rangeOf: expr => evaluate(expr, state) })
  if (!found) return undefined
  const isWhole = begin.integer && !begin.nan && !begin.negZero
  const start = isWhole && begin.lo === begin.hi ? f64(begin.lo) : get(local, 'f64')
  const isSeen = isReadOutside(context, loop, local) || (start.kind !== 'const' && context.around.length > 0)
  if (isSeen && isLeftLate(loop, local)) return undefined
  const amount = found.rounds.get(loop) as Amount
  const tests = testsOf(start, amount, loop, state)
  const doubts = isWhole ? [] : [isNoInteger(start)]
  const isDoubled = doubts.length > 0 || (tests.length > 0 && context.around.length > 0)
  if (isDoubled && sizeOf([loop]) > BUDGET) return undefined
  record(context, found, local)
  return { local, start, amount, tests, doubts, isReadOutside: isSeen }
}

function record({ steps, rounds }: Context, found: Advance, local: LocalId): void {
  for (const [stmt, amount] of found.steps) steps.set(stmt, amount)
  for (const [loop, amount] of found.rounds) {
    const known = rounds.get(loop) ?? new Map<LocalId, Amount>()
    rounds.set(loop, known.set(local, amount))
  }
}

/** Whether the loop may be broken after the local was advanced: then its counter does not tell the value. */
function isLeftLate({ body, label }: ForStmt, local: LocalId): boolean {
  const first = body.findIndex(stmt => localSet(stmt) === local || localsSet(bodies(stmt).flat()).has(local))
  return mentions(body.slice(first), 'break', label)
}

/** The first and the last value are i32s, hence all between them; a value modulo 2^32 has to be one at the beginning. */
function testsOf(start: Expr, { size, modular }: Amount, loop: ForStmt, state: State): readonly Expr[] {
  const { from, to, step } = loop
  const rounds = op('f64.from_i32_u', roundsOf(from, to, step))
  const last = op('f64.add', start, op('f64.mul', size, rounds))
  return (modular ? [start] : [start, last]).flatMap(value => {
    const range = evaluate(value, state)
    const above = isWithin(range.hi) ? [] : [op('f64.gt', value, f64(I32_MAX))]
    const below = isWithin(range.lo) ? [] : [op('f64.lt', value, f64(I32_MIN))]
    return [...above, ...below]
  })
}

/** A fraction, NaN, -0, or beyond 32 bits. */
function isNoInteger(value: Expr): Expr {
  const whole = op('f64.from_i32_s', op('i32.trunc_sat_s', value))
  return op('i64.ne', op('i64.bits_f64', whole), op('i64.bits_f64', value))
}

const isWithin = (value: number): boolean => value >= I32_MIN && value <= I32_MAX

// ---- small integer arithmetic

const isConstant = (expr: Expr, value: number): boolean => expr.kind === 'const' && expr.value === value

const plus = (a: Expr, b: Expr): Expr => (isConstant(a, 0) ? b : isConstant(b, 0) ? a : op('i32.add', a, b))
const minus = (a: Expr, b: Expr): Expr => (isConstant(b, 0) ? a : op('i32.sub', a, b))
const times = (a: Expr, b: Expr): Expr => (isConstant(a, 1) ? b : op('i32.mul', a, b))

const isMultiple = (amount: Expr, step: number): boolean =>
  step === 1 || (amount.kind === 'const' && Number(amount.value) % step === 0)

const divided = (amount: Expr, step: number): Expr =>
  step === 1 ? amount : i32(Number((amount as Const).value) / step)

type Const = Extract<Expr, { kind: 'const' }>
