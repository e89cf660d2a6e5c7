import { unreachable } from '../../base/invariant.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { renameLocals } from '../ir/rename.ts'
import {
  bodies,
  localRead,
  localSet,
  localsAccessed,
  localsUsed,
  rootExprs,
  visitExpr,
  visitStmts,
} from '../ir/rewrite.ts'
import { mapFuncs, type Pass } from './pass.ts'

/**
 * Removes what has no effect: sets of locals that nothing needs, statements left empty, counted loops without effects
 * (which end), allocations nobody uses; then the locals that are left over.
 *
 * Requires: a valid module.
 * Keeps: every effect, calls and host calls (their results may go), and loops that are not counted: they may not end.
 * Breaks: numbers of locals change (parameters keep theirs).
 */
export const dce: Pass = {
  name: 'dce',
  run: (module: Module): Module => mapFuncs(module, dceFunc),
}

function dceFunc(func: Func): Func {
  const walker: Walker = { needed: neededLocals(func), labels: new Map(), count: func.locals.length }
  const body = walkBody(walker, func.body, none(walker))
  return compact(body === func.body ? func : { ...func, body })
}

// ---- locals that an effect depends on

/**
 * Faint variables: a local is needed when an effect or a needed local depends on it (`i = i + 1` alone does not). The
 * test of an `if` and the range of a `for` around nothing but sets matter only as much as those sets do.
 */
function neededLocals(func: Func): Uint8Array {
  const needed = new Uint8Array(func.locals.length)
  const values = new Map<LocalId, Expr[]>()
  const work: LocalId[] = []
  const need = (local: LocalId): void => {
    if (needed[local]) return
    needed[local] = 1
    work.push(local)
  }
  collectUses(func.body, [], {
    effect: need,
    value: (local, exprs) => {
      const known = values.get(local)
      if (known) known.push(...exprs)
      else values.set(local, [...exprs])
    },
  })
  for (let local = work.pop(); local !== undefined; local = work.pop()) {
    for (const expr of values.get(local) ?? []) eachRead(expr, need)
  }
  return needed
}

interface Uses {
  effect(local: LocalId): void
  /** What the value of a local depends on. */
  value(local: LocalId, exprs: readonly Expr[]): void
}

/** `guards`: tests and ranges of the enclosing statements that have no effect but their sets. */
function collectUses(body: readonly Stmt[], guards: readonly Expr[], uses: Uses): void {
  for (const stmt of body) {
    const pure = isPure(stmt)
    const target = pure ? localSet(stmt) : undefined
    if (target !== undefined) uses.value(target, [...rootExprs(stmt), ...guards])
    if (!pure) {
      for (const local of localsAccessed(stmt)) uses.effect(local)
      for (const expr of rootExprs(stmt)) eachRead(expr, uses.effect)
    }
    const inner = pure ? [...guards, ...rootExprs(stmt)] : []
    for (const nested of bodies(stmt)) collectUses(nested, inner, uses)
  }
}

/** Whether a statement always ends and does nothing but set locals. */
function isPure(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'if':
    case 'for':
    case 'block':
      return bodies(stmt).every(body => body.every(isPure))
    default:
      return removable(stmt)
  }
}

/** Statements that do nothing but give a local its value. */
const removable = (stmt: Stmt): boolean => stmt.kind === 'set' || stmt.kind === 'newarray' || stmt.kind === 'newlist'

function eachRead(expr: Expr, read: (local: LocalId) => void): void {
  visitExpr(expr, node => {
    const local = localRead(node)
    if (local !== undefined) read(local)
  })
}

// ---- liveness, backwards

type Live = Uint8Array

interface Walker {
  readonly needed: Uint8Array
  /** What is live where a `break` and a `continue` to each label go. */
  readonly labels: Map<string, { readonly end: Live; readonly round?: Live }>
  readonly count: number
}

const none = (walker: Walker): Live => new Uint8Array(walker.count)

function addAll(into: Live, from: Live): void {
  for (let local = 0; local < from.length; local++) if (from[local]) into[local] = 1
}

function use(live: Live, stmt: Stmt): void {
  for (const local of localsAccessed(stmt)) live[local] = 1
  for (const expr of rootExprs(stmt)) eachRead(expr, local => (live[local] = 1))
}

/** The body without what is dead; `live` is what is live after it, and becomes what is live before it. */
function walkBody(walker: Walker, body: readonly Stmt[], live: Live): readonly Stmt[] {
  const kept: Stmt[] = []
  let changed = false
  for (let index = body.length - 1; index >= 0; index--) {
    const stmt = body[index] as Stmt
    const result = walk(walker, stmt, live)
    if (result !== stmt) changed = true
    if (result) kept.push(result)
  }
  return changed ? kept.reverse() : body
}

function walk(walker: Walker, stmt: Stmt, live: Live): Stmt | undefined {
  switch (stmt.kind) {
    case 'if':
      return walkIf(walker, stmt, live)
    case 'block': {
      walker.labels.set(stmt.label, { end: live.slice() })
      const body = walkBody(walker, stmt.body, live)
      walker.labels.delete(stmt.label)
      if (body.length === 0) return undefined
      return body === stmt.body ? stmt : { ...stmt, body }
    }
    case 'loop': {
      const body = walkRounds(walker, stmt, live)
      return body === stmt.body ? stmt : { ...stmt, body }
    }
    case 'for':
      return walkFor(walker, stmt, live)
    case 'break':
      live.set(walker.labels.get(stmt.label)?.end ?? none(walker))
      return stmt
    case 'continue':
      live.set(walker.labels.get(stmt.label)?.round ?? none(walker))
      return stmt
    case 'return':
    case 'exit':
      live.fill(0)
      use(live, stmt)
      return stmt
    default:
      return walkSimple(walker, stmt, live)
  }
}

function walkSimple(walker: Walker, stmt: Stmt, live: Live): Stmt | undefined {
  const local = localSet(stmt)
  const dead = local !== undefined && !(live[local] && walker.needed[local])
  if (dead && removable(stmt)) return undefined
  if (local !== undefined) live[local] = 0
  use(live, stmt)
  return dead ? withoutResult(stmt) : stmt
}

function withoutResult(stmt: Stmt): Stmt {
  switch (stmt.kind) {
    case 'call': {
      const { result: _, ...rest } = stmt
      return rest
    }
    case 'primitive': {
      const { result: _, ...rest } = stmt
      return rest
    }
    case 'hostcall': {
      const { result: _, ...rest } = stmt
      return rest
    }
    default:
      return unreachable(stmt as never, 'withoutResult')
  }
}

function walkIf(walker: Walker, stmt: Extract<Stmt, { kind: 'if' }>, live: Live): Stmt | undefined {
  const after = live.slice()
  const then = walkBody(walker, stmt.then, live)
  const otherwise = walkBody(walker, stmt.else, after)
  addAll(live, after)
  if (then.length === 0 && otherwise.length === 0) return undefined
  use(live, stmt)
  return then === stmt.then && otherwise === stmt.else ? stmt : { ...stmt, then, else: otherwise }
}

/**
 * What is live at the start of a round is also live at its end. That is found from above: all that the body reads,
 * then what is live at the start of a round that ends so.
 */
function walkRounds(walker: Walker, stmt: Extract<Stmt, { kind: 'loop' | 'for' }>, live: Live): readonly Stmt[] {
  const end = live.slice()
  const round = live.slice()
  for (const local of localsUsed(stmt.body)) round[local] = 1
  for (const { end: outer, round: again } of walker.labels.values()) {
    addAll(round, outer)
    if (again) addAll(round, again)
  }
  if (stmt.kind === 'for') round[stmt.local] = 1
  const attempt = (): readonly Stmt[] => {
    walker.labels.set(stmt.label, { end, round: round.slice() })
    live.set(round)
    return walkBody(walker, stmt.body, live)
  }
  const first = attempt()
  const result = loopDepth(stmt.body) > REFINED_DEPTH ? first : refine(stmt, round, live, end, attempt)
  if (stmt.kind === 'for') addAll(live, end)
  walker.labels.delete(stmt.label)
  return result
}

function refine(
  stmt: Extract<Stmt, { kind: 'loop' | 'for' }>,
  round: Live,
  live: Live,
  end: Live,
  attempt: () => readonly Stmt[],
): readonly Stmt[] {
  round.set(live)
  if (stmt.kind === 'for') {
    addAll(round, end)
    round[stmt.local] = 1
  }
  return attempt()
}

/** Loops with deeper nests inside are not walked twice, since that would double the time with each level. */
const REFINED_DEPTH = 1

function loopDepth(body: readonly Stmt[]): number {
  let depth = 0
  for (const stmt of body) {
    const own = stmt.kind === 'loop' || stmt.kind === 'for' ? 1 : 0
    for (const inner of bodies(stmt)) depth = Math.max(depth, own + loopDepth(inner))
  }
  return depth
}

function walkFor(walker: Walker, stmt: Extract<Stmt, { kind: 'for' }>, live: Live): Stmt | undefined {
  const after = live.slice()
  const body = walkRounds(walker, stmt, live)
  if (body.length === 0 && !(after[stmt.local] && walker.needed[stmt.local])) {
    live.set(after)
    return undefined
  }
  live[stmt.local] = 0
  use(live, stmt)
  return body === stmt.body ? stmt : { ...stmt, body }
}

// ---- unused locals

function compact(func: Func): Func {
  const used = localsUsed(func.body)
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (local !== undefined) used.add(local)
  })
  const keeps = (id: LocalId): boolean => id < func.params.length || used.has(id)
  const locals = func.locals.filter((_, id) => keeps(id))
  if (locals.length === func.locals.length) return func
  let next = 0
  const ids = func.locals.map((_, id) => (keeps(id) ? next++ : -1))
  const moved = ids.some((to, id) => to >= 0 && to !== id)
  const body = moved ? renameLocals(func.body, id => ids[id] as LocalId) : func.body
  return { ...func, locals, body }
}
