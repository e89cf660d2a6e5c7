import { mentions, terminates } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { children, localSet, localsSet, rootExprs } from '../ir/rewrite.ts'
import { I32_MAX, ints, isInt, type Range, U32_MAX } from './interval.ts'
import { invarianceOf } from './invariant.ts'
import { addedConstant, loopStep } from './loops.ts'
import {
  addPoly,
  constantPoly,
  type Polynomial,
  subtractPoly,
  type Variable,
  variablePoly,
  ZERO,
} from './polynomial.ts'
import type { Ranges } from './ranges.ts'
import { suppose } from './subscript-branches.ts'
import { boundsCheckOf, demandsOf } from './subscript-demands.ts'
import {
  type Atom,
  atomValue,
  exactValue,
  indexValue,
  isSpeculable,
  newVariable,
  rangeBefore,
  type Value,
  type Walk,
} from './subscript-values.ts'

/**
 * The bounds checks inside a counted loop, each with the smallest and largest index that it can be asked about, as
 * polynomials in what does not change in the loop. An index is a polynomial in the counters and in invariant values;
 * for a counter with a slope of known sign its first or last value is put in, innermost counters first.
 *
 * Everything is modulo 2^32 (2^64 for indices computed in i64): when the true polynomial lies in [0, length) it is
 * the index, whether or not the computation wrapped on the way.
 */
export type ForStmt = Extract<Stmt, { kind: 'for' }>

export interface BoundsCheck {
  /** The comparison, and what it gives where the index is in bounds. */
  readonly node: Expr
  readonly inside: 0 | 1
  /** The index is in bounds in all rounds when none of these is negative before the loop. */
  readonly demands: readonly Polynomial[]
}

export interface Subscripts {
  readonly checks: readonly BoundsCheck[]
  readonly atomOf: (variable: Variable) => Atom
}

/** A walk that gathers checks. */
interface Search extends Walk {
  readonly checks: BoundsCheck[]
}

export function subscriptsOf(loop: ForStmt, ranges: Ranges): Subscripts | undefined {
  const before = ranges.before(loop)
  if (!before) return undefined
  const walk: Search = {
    ranges,
    invariance: invarianceOf([loop]),
    before,
    known: [],
    atoms: new Map(),
    checks: [],
    decided: new Map(),
    relied: new Set(),
    env: new Map(),
  }
  walkFor(walk, loop, true)
  return {
    checks: walk.checks,
    atomOf: variable => {
      const found = walk.known[variable]
      if (found?.kind !== 'atom') throw new TypeError('a counter is left in a demand')
      return found.atom
    },
  }
}

// ---- statements

/** After `if (test) { leaves }` the test is false for the rest of the list. */
function walkBody(walk: Search, body: readonly Stmt[]): void {
  const undo: (() => void)[] = []
  for (const stmt of body) {
    walkStmt(walk, stmt)
    const last = stmt.kind === 'if' ? stmt.then.at(-1) : undefined
    if (stmt.kind === 'if' && last && terminates(last)) undo.push(suppose(walk, stmt.test, false))
  }
  for (const one of undo.reverse()) one()
}

function walkStmt(walk: Search, stmt: Stmt): void {
  for (const expr of rootExprs(stmt)) collectChecks(walk, expr)
  switch (stmt.kind) {
    case 'set':
      assign(walk, stmt.local, indexValue(walk, stmt.value))
      return
    case 'for':
      walkFor(walk, stmt, false)
      return
    case 'if': {
      const env = walk.env
      walkArm(walk, stmt.then, env, suppose(walk, stmt.test, true))
      walkArm(walk, stmt.else, env, suppose(walk, stmt.test, false))
      break
    }
    case 'block':
      walkBody(walk, stmt.body)
      if (!mentions(stmt.body, 'break', stmt.label)) return
      break
    case 'loop':
      forget(walk, [stmt])
      walkBody(walk, stmt.body)
      break
    default:
  }
  forget(walk, [stmt])
}

function walkArm(walk: Search, body: readonly Stmt[], env: Map<LocalId, Value>, leave: () => void): void {
  walk.env = new Map(env)
  walkBody(walk, body)
  walk.env = env
  leave()
}

function assign(walk: Walk, local: LocalId, value: Value | undefined): void {
  if (value) walk.env.set(local, value)
  else walk.env.delete(local)
}

function forget(walk: Walk, body: readonly Stmt[]): void {
  for (const local of localsSet(body)) walk.env.delete(local)
}

/**
 * The counter is first + step * q for a round number q from 0 on, and a local that each round adds c to is
 * entry + c * q.
 */
function walkFor(walk: Search, loop: ForStmt, outermost: boolean): void {
  const first = endValue(walk, loop.from, outermost)
  const rounds = first && lastRound(walk, loop, first, outermost)
  const inductions = rounds ? inductionsOf(walk, loop, outermost) : []
  forget(walk, [loop])
  if (first && rounds) {
    const last = { kind: 'counter', first: ZERO, last: rounds } as const
    const round = variablePoly(newVariable(walk, last), ints(0, I32_MAX))
    const counter = addPoly(first, round, loop.step)
    if (counter) walk.env.set(loop.local, { poly: counter, exact: true })
    for (const [local, entry, amount] of inductions) {
      const poly = addPoly(entry, round, amount)
      if (poly) walk.env.set(local, { poly, exact: false })
    }
  }
  walkBody(walk, loop.body)
  forget(walk, [loop])
}

/** A bound of a loop; those of the outermost are computed before it, whatever it sets. */
function endValue(walk: Walk, expr: Expr, outermost: boolean): Polynomial | undefined {
  const value = exactValue(walk, expr)
  return value ?? (outermost && isSpeculable(expr) ? atomValue(walk, expr, rangeBefore(walk, expr)).poly : undefined)
}

/** The number of the last round, if there is one. */
function lastRound(walk: Walk, loop: ForStmt, first: Polynomial, outermost: boolean): Polynomial | undefined {
  const { from, to, step } = loop
  if (step === 1) {
    const end = endValue(walk, to, outermost)
    const rounds = end && subtractPoly(end, first)
    return rounds && subtractPoly(rounds, constantPoly(1))
  }
  const fixed = outermost || (walk.invariance.holds(from) && walk.invariance.holds(to))
  if (!fixed || !isSpeculable(from) || !isSpeculable(to)) return undefined
  const expr = lastRoundExpr(from, to, step)
  const { hi } = walk.ranges.of(to)
  const { lo } = walk.ranges.of(from)
  const most = Math.floor(Math.max(0, hi - 1 - lo) / step)
  return atomValue(walk, expr, ints(0, Math.floor(U32_MAX / step)), ints(0, most)).poly
}

/** (to - 1 - from) / step; the difference is right as an unsigned i32 whenever there is a round. */
function lastRoundExpr(from: Expr, to: Expr, step: number): Expr {
  const i32 = (value: number): Expr => ({ kind: 'const', type: 'i32', value })
  const binary = (op: 'i32.sub' | 'i32.div_u', a: Expr, b: Expr): Expr => ({
    kind: 'op',
    type: 'i32',
    op,
    args: [a, b],
  })
  const end = binary('i32.sub', to, i32(1))
  const zero = from.kind === 'const' && from.value === 0
  return binary('i32.div_u', zero ? end : binary('i32.sub', end, from), i32(step))
}

type Induction = readonly [local: LocalId, entry: Polynomial, amount: number]

/** Locals that every round adds a constant to. */
function inductionsOf(walk: Walk, loop: ForStmt, outermost: boolean): readonly Induction[] {
  const found: Induction[] = []
  for (const stmt of loop.body) {
    const local = stmt.kind === 'set' ? localSet(stmt) : undefined
    if (local === undefined || stmt.kind !== 'set' || (stmt.value.type !== 'i32' && stmt.value.type !== 'i64')) continue
    if (addedConstant(stmt.value, local) === undefined) continue
    const step = loopStep(loop.label, loop.body, local)
    const entry = step && entryValue(walk, local, stmt.value.type, outermost)
    if (step && entry) found.push([local, entry, step.amount])
  }
  return found
}

function entryValue(walk: Walk, local: LocalId, type: 'i32' | 'i64', outermost: boolean): Polynomial | undefined {
  const known = walk.env.get(local)
  if (known) return known.index ? undefined : known.poly
  if (!outermost) return undefined
  const range = walk.before[local] as Range
  if (!isInt(range)) return undefined
  const variable = newVariable(walk, { kind: 'atom', atom: { expr: { kind: 'get', type, local }, range } })
  return variablePoly(variable, range)
}

// ---- checks

/** Inner checks first: an element that is read without a check may be an index itself. */
function collectChecks(walk: Search, expr: Expr): void {
  for (const child of children(expr)) collectChecks(walk, child)
  const check = boundsCheckOf(expr)
  if (!check || !walk.invariance.holds(check.bound)) return
  const value = indexValue(walk, check.index)
  const own = value && demandsOf(walk, value.poly, check.bound)
  if (!own) return
  const demands = [...own, ...walk.relied]
  walk.checks.push({ node: expr, inside: check.inside, demands })
  walk.decided.set(expr, { outcome: check.inside, demands })
}
