import type { Aliases } from '../ir/alias.ts'
import { cond, FALSE, get, set, when, zero } from '../ir/build.ts'
import { costOf } from '../ir/cost.ts'
import type { Effects } from '../ir/effects.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { children, localRead, mapExpr, withLocalRead } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import { isBoolean, isConst } from './fold-match.ts'
import { isSafe } from './licm-safety.ts'

/** One loop whose body is being walked, and what has been moved in front of it. */
export interface Frame {
  readonly outer: Frame | undefined
  /** Of a counted loop: its counter holds this in the first round, and anything before. */
  readonly counter: { readonly local: LocalId; readonly from: Expr } | undefined
  readonly label: string
  /** Labels of the blocks around the point at hand, within the loop. */
  readonly blocks: string[]
  readonly sets: Set<LocalId>
  readonly writes: ReadonlySet<number>
  readonly resizes: ReadonlySet<number>
  /** Statements that now stand before the loop. */
  readonly hoisted: Stmt[]
  /** Locals that hold hoisted expressions, by the key of the expression. */
  readonly temps: Map<string, LocalId>
  /** Locals set in the body that hold, from here on, the value of one that the loop does not change. */
  readonly copies: Map<LocalId, LocalId>
  /** Tests that hold, before the loop, exactly when its first round comes to the point at hand; see `certain`. */
  readonly guards: Expr[]
  /** The first round surely comes to the point at hand, if the guards hold. */
  certain: boolean
  /** Nothing but guards came before the point at hand. */
  leading: boolean
  /** Nesting of arms around the point at hand. */
  arms: number
  /** Cost of what was moved although a round may skip it. */
  speculated: number
}

export type Loop = Extract<Stmt, { kind: 'loop' | 'for' }>

export interface Hoisting {
  readonly scope: Scope
  readonly aliases: Aliases
  readonly isParam: (local: LocalId) => boolean
  readonly temps: Set<LocalId>
}

export function openFrame(loop: Loop, effects: Effects, outer: Frame | undefined): Frame {
  return {
    outer,
    counter: loop.kind === 'for' ? { local: loop.local, from: loop.from } : undefined,
    label: loop.label,
    blocks: [],
    sets: new Set(effects.sets),
    writes: effects.writes,
    resizes: effects.resizes,
    hoisted: [],
    temps: new Map(),
    copies: new Map(),
    guards: [],
    certain: true,
    leading: true,
    arms: 0,
    speculated: 0,
  }
}

/** Whether every round of the loop would compute the same value. */
export function isInvariant(expr: Expr, frame: Frame, aliases: Aliases): boolean {
  const local = localRead(expr)
  if (local !== undefined && frame.sets.has(local) && !frame.copies.has(local)) return false
  switch (expr.kind) {
    case 'load':
    case 'vload':
      if (frame.writes.has(aliases.classOf(expr.array))) return false
      break
    case 'listget':
      if (frame.writes.has(aliases.classOf(expr.list))) return false
      break
    case 'listlen':
    case 'listview':
      if (frame.resizes.has(aliases.classOf(expr.list))) return false
      break
    default:
  }
  return children(expr).every(child => isInvariant(child, frame, aliases))
}

/** Computing a value once in vain, when the loop does not come to it, may cost this much; less inside an arm. */
const CHEAP = 12
const CHEAP_IN_ARM = 6
/** Dear values that a round may skip, together, for one loop: loops usually run more than a few rounds. */
const SPECULATED = 120

type Way = 'plain' | 'guarded' | 'no'

/** How an invariant expression may be moved before the loop. `lazy`: it stands in an arm of a conditional. */
export function wayOut(expr: Expr, frame: Frame, hoisting: Hoisting, lazy: boolean): Way {
  const cost = costOf(expr)
  if (cost === 0 || (cost === 1 && isBoolean(expr)) || isBoundsTest(expr)) return 'no'
  return wayOfTemp(expr, frame, hoisting, lazy)
}

/** The same for a value that has a local of its own already: it moves whatever it saves. */
export function wayOfTemp(expr: Expr, frame: Frame, hoisting: Hoisting, lazy = false): Way {
  const cost = costOf(expr)
  const dear: Way = frame.guards.length === 0 ? 'plain' : 'guarded'
  const certain = frame.certain && !lazy
  if (!isSafe(expr, hoisting.isParam)) return certain ? dear : 'no'
  if (cost <= (lazy || frame.arms > 0 ? CHEAP_IN_ARM : CHEAP)) return 'plain'
  if (certain) return dear
  if (frame.speculated + cost > SPECULATED) return 'no'
  frame.speculated += cost
  return dear
}

/** Guards of accesses keep their form, by which other passes know them. */
function isBoundsTest(expr: Expr): boolean {
  const bound = expr.kind === 'op' && expr.op === 'i32.lt_u' ? expr.args[1]?.kind : undefined
  return bound === 'len' || bound === 'listlen'
}

/** Moves an expression before the loop and gives what stands in its place. */
export function hoist(expr: Expr, frame: Frame, hoisting: Hoisting, way: Exclude<Way, 'no'>): Expr {
  const value = throughCopies(expr, frame)
  const key = exprKey(value)
  let temp = frame.temps.get(key)
  if (temp === undefined) {
    temp = newTemp(frame, hoisting, 'inv', expr.type)
    frame.temps.set(key, temp)
    frame.hoisted.push(way === 'plain' ? set(temp, value) : guardedSet(temp, value, frame, hoisting))
  }
  return get(temp, expr.type)
}

/** A local that is set before the loop of `frame`, and so inside all loops around that one. */
function newTemp(frame: Frame, hoisting: Hoisting, name: string, type: Expr['type']): LocalId {
  const temp = hoisting.scope.local(name, type)
  hoisting.temps.add(temp)
  for (let outer = frame.outer; outer; outer = outer.outer) outer.sets.add(temp)
  return temp
}

function guardedSet(temp: LocalId, value: Expr, frame: Frame, hoisting: Hoisting): Stmt {
  const guard = guardOf(frame, hoisting)
  const otherwise = zero(value.type)
  return otherwise ? set(temp, cond(guard, value, otherwise)) : when(guard, [set(temp, value)])
}

/** All guards as one local, each tested only where those before it hold. */
export function guardOf(frame: Frame, hoisting: Hoisting): Expr {
  const [first, ...rest] = frame.guards as [Expr, ...Expr[]]
  if (rest.length === 0 && first.kind === 'get') return first
  const test = rest.reduce((all, guard) => cond(all, guard, FALSE), first)
  const temp = newTemp(frame, hoisting, 'runs', 'i32')
  // guards come first in a round, where no local holds a copy yet
  frame.hoisted.push(set(temp, test))
  const guard = get(temp, 'i32')
  frame.guards.splice(0, frame.guards.length, guard)
  return guard
}

/** Moves `set temp = value`, where `temp` holds nothing but this value, before the loop as it is. */
export function moveOut(temp: LocalId, value: Expr, frame: Frame, hoisting: Hoisting, way: Exclude<Way, 'no'>): void {
  const moved = throughCopies(value, frame)
  frame.sets.delete(temp)
  frame.hoisted.push(way === 'plain' ? set(temp, moved) : guardedSet(temp, moved, frame, hoisting))
}

/** Names of the locals that the loop does not change, for what is evaluated before it. */
export function throughCopies(expr: Expr, frame: Frame): Expr {
  if (frame.copies.size === 0) return expr
  return mapExpr(expr, node => {
    const local = localRead(node)
    const origin = local === undefined ? undefined : frame.copies.get(local)
    return origin === undefined ? node : withLocalRead(node, origin)
  })
}

/** A test that holds before the loop when the loop will come past it; constants that hold add nothing. */
export function addGuard(frame: Frame, test: Expr): void {
  if (!(test.kind === 'const' && !isConst(test, 0))) frame.guards.push(test)
}

/** A test in the body as the first round makes it. Before the loop, its counter still holds what an earlier run has left. */
export function inFirstRound(test: Expr, { counter }: Frame): Expr {
  if (!counter) return test
  return mapExpr(test, node => (node.kind === 'get' && node.local === counter.local ? counter.from : node))
}
