import { evaluate, type State } from '../analysis/evaluate.ts'
import { expose } from '../analysis/expose.ts'
import { type LoopStmt, type LoopTest, loopStep, loopTest } from '../analysis/loops.ts'
import { analyzeRanges, type Ranges } from '../analysis/ranges.ts'
import { unshare } from '../analysis/unshare.ts'
import { exit, when } from '../ir/build.ts'
import { mentions } from '../ir/control.ts'
import type { ExitSite, Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { flatMapBody, localSet, localsIn, localsSet, mapBodies, rootExprs, withBody } from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { readCounts } from './bounds-isolate.ts'
import { type CountPlan, planCount } from './counted-plan.ts'
import { type Enclosing, enclosing, placeOf } from './loop-guards.ts'
import type { Pass } from './pass.ts'

/**
 * Makes counted loops: `while (i < n) { …; i = i + c }` becomes `for k = i to n step c`, where i begins as an integer,
 * c is a constant, and n is the same in every round. Inside, i is set from the i32 counter k at the beginning of each
 * round, so that later passes see an integer; a loop that counts down becomes one that counts its rounds. Where a
 * bound might not fit an i32, an exit before the loop (as far out as the bound is the same) makes sure of it.
 *
 * Requires: a valid module; best after `fold`, `cse` and `dce`.
 * Keeps: the order of effects; further `break`s and conditions to stay.
 * Breaks: numbers of locals; leaves blocks that nothing breaks (`fold`).
 */
export const counted: Pass = {
  name: 'counted',
  run(module: Module): Module {
    const sites: ExitSite[] = []
    const site = (span: Stmt): number => {
      const where = 'span' in span && span.span ? { span: span.span } : {}
      sites.push({ reason: 'a loop would count beyond 32 bits', speculation: 'counter', ...where })
      return module.exits.length + sites.length - 1
    }
    const funcs = module.funcs.map(func => countFunc(func, site))
    if (funcs.every((func, index) => func === module.funcs[index])) return module
    return { ...module, funcs, exits: [...module.exits, ...sites] }
  },
}

type NewSite = (where: Stmt) => number

interface Context {
  readonly ranges: Ranges
  readonly scope: Scope
  readonly site: NewSite
  /** How often each local is read in the whole function. */
  readonly reads: ReadonlyMap<LocalId, number>
  /** Loops around the current place, outermost first. */
  readonly around: Enclosing[]
}

function countFunc(func: Func, site: NewSite): Func {
  if (!hasLoop(func.body)) return func
  const exposed = unshare(withBody(func, expose(func.body)))
  const scope = openScope(exposed)
  const context: Context = { ranges: analyzeRanges(exposed), scope, site, reads: readCounts(exposed.body), around: [] }
  const body = countBody(context, exposed.body)
  return body === exposed.body ? func : scope.finish(body)
}

const hasLoop = (body: readonly Stmt[]): boolean =>
  body.some(stmt => stmt.kind === 'loop' || innerBodies(stmt).some(hasLoop))
const innerBodies = (stmt: Stmt): readonly (readonly Stmt[])[] =>
  stmt.kind === 'if' ? [stmt.then, stmt.else] : stmt.kind === 'block' || stmt.kind === 'for' ? [stmt.body] : []

function countBody(context: Context, body: readonly Stmt[]): readonly Stmt[] {
  return flatMapBody(body, stmt => {
    if (stmt.kind !== 'loop' && stmt.kind !== 'for') return mapBodies(stmt, inner => countBody(context, inner))
    const here = enclosing(stmt.body)
    context.around.push(here)
    const done =
      (stmt.kind === 'loop' && countLoop(context, stmt)) || mapBodies(stmt, inner => countBody(context, inner))
    context.around.pop()
    const made = Array.isArray(done) ? (done as readonly Stmt[]) : [done as Stmt]
    return here.guards.length === 0 && made[0] === stmt ? stmt : [...here.guards, ...made]
  })
}

/** The loop as a counted one, or undefined where it is none. */
function countLoop(context: Context, loop: LoopStmt): readonly Stmt[] | undefined {
  const test = loopTest(loop)
  const state = context.ranges.before(loop)
  if (!test || !state || !leavesWell(loop, test)) return undefined
  const step = loopStep(loop.label, test.body, test.local)
  if (!step) return undefined
  const seen = test.inside.some(stmt => stmt.kind !== 'set' || readsOutside(context, loop, stmt.local))
  if (seen || test.inside.some(stmt => localSet(stmt) === test.local)) return undefined
  if (readsEarlier(loop.body.slice(0, test.before.length + test.inside.length))) return undefined
  const plan = planCount(context.scope, test, step, atTest(state, test.before))
  if (!plan) return undefined
  const outside = readsOutside(context, loop, test.local)
  if (outside && plan.clamps) return undefined
  const own = plan.guards.flatMap(guard => placeGuard(context, guard, loop))
  const made = build(context, loop, test, plan, step.last ? step.at : undefined, outside)
  return [...test.before, ...own, ...made]
}

/**
 * Whether one of the sets at the beginning of a round reads what it or a later one sets: the value of the round before,
 * or from before the loop, also where an outer loop comes to it again. That is another one once some of the sets stand
 * before the loop and the others are left out for the last test.
 */
function readsEarlier(sets: readonly Stmt[]): boolean {
  const later = localsSet(sets)
  for (const stmt of sets) {
    if (rootExprs(stmt).some(expr => [...localsIn(expr)].some(local => later.has(local)))) return true
    later.delete(localSet(stmt) as LocalId)
  }
  return false
}

/** What is known where the test is evaluated: its bound may be computed in the loop. */
function atTest(state: State, before: readonly Stmt[]): State {
  const known = [...state]
  for (const stmt of before) if (stmt.kind === 'set') known[stmt.local] = evaluate(stmt.value, known)
  return known
}

/** When the test fails control goes to one place, when the loop is broken to another, unless they are the same. */
const leavesWell = (loop: LoopStmt, test: LoopTest): boolean =>
  test.leaves === loop.label || !mentions(test.body, 'break', loop.label)

function readsOutside(context: Context, loop: LoopStmt, local: LocalId): boolean {
  const inside = readCounts(loop.body).get(local) ?? 0
  return (context.reads.get(local) ?? 0) > inside
}

/**
 * An exit goes before the outermost loop in which its test stays the same: there it costs nothing. One on what the loop
 * itself sets is given back: it comes right before the loop, behind what its test needs.
 */
function placeGuard({ around, site }: Context, test: Expr, loop: LoopStmt): readonly Stmt[] {
  const guard = when(test, [exit(site(loop))])
  const place = placeOf(around, test)
  if (!place) return [guard]
  place.guards.push(guard)
  return []
}

function build(
  context: Context,
  loop: LoopStmt,
  test: LoopTest,
  plan: CountPlan,
  dropped: number | undefined,
  outside: boolean,
): readonly Stmt[] {
  const { value } = plan
  const set: Stmt = { kind: 'set', local: test.local, value }
  const stay: readonly Stmt[] = test.rest ? [when(not(test.rest), [{ kind: 'break', label: test.leaves }])] : []
  const rounds = dropped === undefined ? test.body : test.body.slice(0, dropped)
  const body = [set, ...test.inside, ...stay, ...countBody(context, rounds)]
  const { label, span } = loop
  const made: Stmt = { kind: 'for', label, ...plan.range, body, ...(span && { span }) }
  const after = outside && dropped !== undefined ? [set] : []
  const leave: readonly Stmt[] = test.leaves === label ? [] : [{ kind: 'break', label: test.leaves }]
  return [...plan.before, made, ...after, ...leave]
}

const not = (test: Expr): Expr => ({ kind: 'op', type: 'i32', op: 'i32.eqz', args: [test] })
