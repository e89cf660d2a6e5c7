import { expose } from '../analysis/expose.ts'
import { analyzeRanges, type Ranges } from '../analysis/ranges.ts'
import { boundsCheckOf } from '../analysis/subscript-demands.ts'
import { type ForStmt, type Subscripts, subscriptsOf } from '../analysis/subscripts.ts'
import { unshare } from '../analysis/unshare.ts'
import { i32, when } from '../ir/build.ts'
import { sizeOf } from '../ir/control.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { flatMapBody, mapBodies, visitAllExprs, visitStmts, withBody } from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { demandTest } from './bounds-demand.ts'
import { isolate, readCounts } from './bounds-isolate.ts'
import { lowBits } from './low-bits.ts'
import { mapFuncs, type Pass } from './pass.ts'
import { replaceExprs } from './replace.ts'

/**
 * Removes bounds checks from counted loops. What a loop asks of its arrays is put into one test before it, and the
 * loop is doubled: `if (all in bounds) { loop without checks } else { loop as it was }` (Bodík, Gupta, Sarkar, ABCD,
 * 2000, for the proofs; the versions are those of Würthinger, Wimmer, Mössenböck, 2007). The version without checks
 * has locals of its own, so that what is true of their values there is true of all their values.
 *
 * A nest is doubled at the outermost loop that can drop every check that any of its loops can drop.
 *
 * Requires: counted loops and integer indices (`counted`, `narrow`).
 * Keeps: every result; reads out of bounds happen in the version that checks.
 * Breaks: numbers of locals; leaves constant tests (`fold`) and indices that may be narrower (`narrow`).
 */
export const bounds: Pass = {
  name: 'bounds',
  run: (module: Module): Module => mapFuncs(module, boundsFunc),
}

/** Expression nodes and statements of a loop that may be doubled. */
const BUDGET = 600
/** Comparisons before a loop. */
const MOST_DEMANDS = 16

function boundsFunc(func: Func): Func {
  if (!hasChecks(func)) return func
  const own = unshare(withBody(func, expose(func.body)))
  const scope = openScope(own)
  const body = boundsBody({ reads: readCounts(own.body), ranges: analyzeRanges(own), scope }, own.body)
  return body === own.body ? func : lowBits(scope.finish(body))
}

function hasChecks(func: Func): boolean {
  let found = false
  visitStmts(func.body, stmt => {
    found ||= stmt.kind === 'for'
  })
  return found
}

interface Context {
  /** How often each local of the function is read. */
  readonly reads: ReadonlyMap<LocalId, number>
  readonly ranges: Ranges
  readonly scope: Scope
}

function boundsBody(context: Context, body: readonly Stmt[]): readonly Stmt[] {
  return flatMapBody(body, stmt => {
    if (stmt.kind !== 'for') return mapBodies(stmt, inner => boundsBody(context, inner))
    return boundsLoop(context, stmt)
  })
}

function boundsLoop(context: Context, loop: ForStmt): Stmt {
  const plan = planLoop(context, loop)
  if (plan.removed.size > 0 && isBest(context, loop, plan)) return versions(context, loop, plan)
  const inner = mapBodies(loop, body => boundsBody(context, body))
  return withoutChecks(inner as ForStmt, plan.proven)
}

interface Plan {
  readonly subscripts: Subscripts | undefined
  /** Checks that hold in any case, and what they give. */
  readonly proven: ReadonlyMap<Expr, Expr>
  /** Checks that hold when the demands do. */
  readonly removed: ReadonlyMap<Expr, Expr>
  readonly test: Expr | undefined
}

function planLoop(context: Context, loop: ForStmt): Plan {
  const subscripts = subscriptsOf(loop, context.ranges)
  const proven = new Map<Expr, Expr>()
  const removed = new Map<Expr, Expr>()
  for (const { node, inside, demands } of subscripts?.checks ?? []) {
    const into = demands.length === 0 ? proven : removed
    into.set(node, i32(inside))
  }
  const demands = (subscripts?.checks ?? []).flatMap(check => check.demands)
  const test = subscripts && removed.size > 0 ? demandTest(demands, subscripts.atomOf, MOST_DEMANDS) : undefined
  return { subscripts, proven, removed: test ? removed : new Map(), test }
}

/** Whether no inner loop could drop a check that this plan leaves. */
function isBest(context: Context, loop: ForStmt, plan: Plan): boolean {
  if (sizeOf([loop]) > BUDGET && hasInnerLoop(loop)) return false
  let best = true
  visitStmts(loop.body, stmt => {
    if (stmt.kind !== 'for' || !best) return
    const inner = planLoop(context, stmt)
    for (const node of inner.removed.keys()) best &&= plan.removed.has(node) || plan.proven.has(node)
  })
  return best
}

function hasInnerLoop(loop: ForStmt): boolean {
  let found = false
  visitStmts(loop.body, stmt => {
    found ||= stmt.kind === 'for' || stmt.kind === 'loop'
  })
  return found
}

function withoutChecks(loop: ForStmt, known: ReadonlyMap<Expr, Expr>): ForStmt {
  return known.size === 0 ? loop : (replaceExprs([loop], expr => known.get(expr))[0] as ForStmt)
}

function versions(context: Context, loop: ForStmt, plan: Plan): Stmt {
  const sure = withoutChecks(loop, plan.proven)
  if (!plan.test) return sure
  const fast = withoutChecks(loop, new Map([...plan.proven, ...plan.removed]))
  const separate = isolate(context.reads, context.scope, loop, fast)
  return when(plan.test, separate, [sure])
}

/** For tests and remarks: how many bounds checks a body has. */
export function countChecks(body: readonly Stmt[]): number {
  let count = 0
  visitAllExprs(body, node => {
    if (boundsCheckOf(node)) count++
  })
  return count
}
