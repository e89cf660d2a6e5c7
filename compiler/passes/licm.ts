import { aliasesOf } from '../ir/alias.ts'
import { op, when } from '../ir/build.ts'
import { neverEnds } from '../ir/control.ts'
import { type Effects, loopEffects } from '../ir/effects.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { localSet, mapChildren, mapList, mapRootExprs, visitStmts } from '../ir/rewrite.ts'
import { openScope } from '../ir/scope.ts'
import { negate, simplify } from './fold-rules.ts'
import {
  addGuard,
  type Frame,
  guardOf,
  type Hoisting,
  hoist,
  inFirstRound,
  isInvariant,
  type Loop,
  moveOut,
  openFrame,
  throughCopies,
  wayOfTemp,
  wayOut,
} from './licm-frame.ts'
import { alwaysEnds, leavesLoop } from './licm-safety.ts'
import { mapFuncs, type Pass } from './pass.ts'

/**
 * Moves what every round of a loop would compute alike to before the loop, inner loops first, so that a value moves
 * out as far as it can. What cannot be evaluated anywhere (loads without their own bounds test) or is dear moves only
 * from where the first round surely comes, and under the condition that there is a first round. Exits that the first
 * round would take anyway move too.
 *
 * Requires: a valid module.
 * Keeps: every value; no load above its guard; the form of bounds tests and of loops.
 * Breaks: leaves copies `x = inv` (`cse`, `dce`).
 */
export const licm: Pass = {
  name: 'licm',
  run: (module: Module): Module => mapFuncs(module, func => licmFunc(module, func)),
}

interface Walker extends Hoisting {
  readonly effects: ReadonlyMap<Stmt, Effects>
  /** Number of statements that set each local. */
  readonly setCounts: readonly number[]
}

function licmFunc(module: Module, func: Func): Func {
  const aliases = aliasesOf(module, func)
  const effects = loopEffects(func.body, aliases)
  if (effects.size === 0) return func
  const scope = openScope(func)
  const isParam = (local: LocalId): boolean => local < func.params.length
  const walker: Walker = { scope, aliases, isParam, temps: new Set(), effects, setCounts: countSets(func) }
  const body = walkBody(walker, func.body, undefined)
  return body === func.body ? func : scope.finish(body)
}

function countSets(func: Func): number[] {
  const counts = func.locals.map(() => 0)
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (local !== undefined) counts[local] = (counts[local] ?? 0) + 1
  })
  return counts
}

type Body = readonly Stmt[]

/** Copies found in one list of statements hold to its end. */
function walkBody(walker: Walker, body: Body, frame: Frame | undefined): Body {
  const known = frame ? [...frame.copies.keys()] : []
  const result: Stmt[] = []
  for (const stmt of body) result.push(...walk(walker, stmt, frame))
  if (frame) for (const local of [...frame.copies.keys()]) if (!known.includes(local)) frame.copies.delete(local)
  return result.length === body.length && result.every((stmt, index) => stmt === body[index]) ? body : result
}

/** Walks one statement, and tells the frame whether the first round surely comes past it. */
function walk(walker: Walker, stmt: Stmt, frame: Frame | undefined): Body {
  if (!frame) return walkPlain(walker, stmt, frame)
  const hoisted = stmt.kind === 'if' ? guardOut(walker, stmt, frame) : undefined
  if (hoisted) return hoisted
  const result = walkPlain(walker, stmt, frame)
  if (result.length === 0) return result
  frame.leading = false
  frame.certain &&= alwaysEnds(stmt)
  return result
}

/** An `if` that leaves: an exit that every call would take goes before the loop; a leading test becomes a guard. */
function guardOut(walker: Walker, stmt: Extract<Stmt, { kind: 'if' }>, frame: Frame): Body | undefined {
  if (stmt.else.length > 0 || !neverEnds(stmt.then) || !frame.certain) return undefined
  const [only] = stmt.then
  if (only?.kind === 'exit' && isInvariant(stmt.test, frame, walker.aliases)) {
    const moved = throughCopies(stmt.test, frame)
    const test = frame.guards.length === 0 ? moved : both(guardOf(frame, walker), moved)
    frame.hoisted.push(when(test, [only]))
    return []
  }
  if (!frame.leading || !leavesLoop(stmt.then, frame.label, frame.blocks)) return undefined
  const walked = walkPlain(walker, stmt, frame)
  const [left] = walked
  addGuard(frame, inFirstRound(negate(left?.kind === 'if' ? left.test : stmt.test), frame))
  frame.leading = true
  frame.certain = true
  return walked
}

const both = (first: Expr, second: Expr): Expr => ({
  kind: 'cond',
  type: 'i32',
  test: first,
  then: second,
  else: { kind: 'const', type: 'i32', value: 0 },
})

function walkPlain(walker: Walker, stmt: Stmt, frame: Frame | undefined): Body {
  switch (stmt.kind) {
    case 'loop':
    case 'for':
      return walkLoop(walker, stmt, frame)
    case 'block':
      return walkBlock(walker, stmt, frame)
    case 'if':
      return [walkIf(walker, stmt, frame)]
    case 'set':
      return walkSet(walker, stmt, frame)
    default:
      return [mapRootExprs(stmt, expr => extract(walker, expr, frame))]
  }
}

/** The largest parts that may move are replaced by the locals that hold them. */
function extract(walker: Walker, expr: Expr, frame: Frame | undefined, lazy = false): Expr {
  if (!frame) return expr
  const way = isInvariant(expr, frame, walker.aliases) ? wayOut(expr, frame, walker, lazy) : 'no'
  if (way !== 'no') return hoist(expr, frame, walker, way)
  if (expr.kind !== 'cond') return mapChildren(expr, child => extract(walker, child, frame, lazy))
  const test = extract(walker, expr.test, frame, lazy)
  const [then, otherwise] = mapList([expr.then, expr.else], arm => extract(walker, arm, frame, true)) as [Expr, Expr]
  const same = test === expr.test && then === expr.then && otherwise === expr.else
  return same ? expr : { ...expr, test, then, else: otherwise }
}

function walkSet(walker: Walker, stmt: Extract<Stmt, { kind: 'set' }>, frame: Frame | undefined): Body {
  if (!frame) return [stmt]
  if (walker.temps.has(stmt.local) && isInvariant(stmt.value, frame, walker.aliases)) {
    const way = wayOfTemp(stmt.value, frame, walker)
    if (way !== 'no') {
      moveOut(stmt.local, stmt.value, frame, walker, way)
      return []
    }
  }
  const value = extract(walker, stmt.value, frame)
  const origin = value.kind === 'get' ? (frame.copies.get(value.local) ?? value.local) : undefined
  const stays = origin !== undefined && !frame.sets.has(origin)
  if (stays && walker.setCounts[stmt.local] === 1) frame.copies.set(stmt.local, origin)
  return [value === stmt.value ? stmt : { ...stmt, value }]
}

function walkIf(walker: Walker, stmt: Extract<Stmt, { kind: 'if' }>, frame: Frame | undefined): Stmt {
  const test = extract(walker, stmt.test, frame)
  const arm = (body: Body): Body =>
    frame ? inArm(frame, () => walkBody(walker, body, frame)) : walkBody(walker, body, frame)
  const then = arm(stmt.then)
  const otherwise = arm(stmt.else)
  const same = test === stmt.test && then === stmt.then && otherwise === stmt.else
  return same ? stmt : { ...stmt, test, then, else: otherwise }
}

function inArm<T>(frame: Frame, walkArm: () => T): T {
  const { certain, leading } = frame
  frame.certain = false
  frame.leading = false
  frame.arms++
  const result = walkArm()
  frame.arms--
  frame.certain = certain
  frame.leading = leading
  return result
}

function inBlock<T>(frame: Frame, label: string, walkInner: () => T): T {
  const { certain } = frame
  frame.blocks.push(label)
  const result = walkInner()
  frame.blocks.pop()
  frame.certain = certain
  return result
}

/** What stands before the loop that a block begins with goes before the block. */
function walkBlock(walker: Walker, stmt: Extract<Stmt, { kind: 'block' }>, frame: Frame | undefined): Body {
  const body = frame
    ? inBlock(frame, stmt.label, () => walkBody(walker, stmt.body, frame))
    : walkBody(walker, stmt.body, frame)
  if (body === stmt.body) return [stmt]
  const [first] = stmt.body
  const lifted =
    first?.kind === 'loop' || first?.kind === 'for' ? body.findIndex(inner => inner.kind === first.kind) : 0
  return [...body.slice(0, lifted), { ...stmt, body: body.slice(lifted) }]
}

function walkLoop(walker: Walker, stmt: Loop, frame: Frame | undefined): Body {
  const head = mapRootExprs(stmt, expr => extract(walker, expr, frame)) as typeof stmt
  const inner = openFrame(head, walker.effects.get(stmt) as Effects, frame)
  if (head.kind === 'for') addGuard(inner, simplify(op('i32.lt_s', head.from, head.to)))
  const body = walkBody(walker, head.body, inner)
  const loop = body === head.body ? head : { ...head, body }
  const before = inner.hoisted.flatMap(one => walk(walker, one, frame))
  return [...before, loop]
}
