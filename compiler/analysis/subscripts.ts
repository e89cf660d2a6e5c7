import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { opInfo } from '../ir/ops.ts'
import { localSet, localsSet, mentions, rootExprs, terminates, visitExpr } from '../ir/rewrite.ts'
import type { State } from './evaluate.ts'
import { I32_MAX, I32_MIN, ints, isInt, type Range, rangeOfType, U32_MAX } from './interval.ts'
import { type Invariance, invarianceOf } from './invariant.ts'
import { loopStep } from './loops.ts'
import {
  addPoly,
  constantPoly,
  constantOf as constantTerm,
  isNeverNegative,
  isNeverPositive,
  multiplyPoly,
  type Polynomial,
  splitPoly,
  subtractPoly,
  type Variable,
  variablePoly,
  variablesOf,
  ZERO,
} from './polynomial.ts'
import type { Ranges } from './ranges.ts'

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

export interface Atom {
  readonly expr: Expr
  /** What it can be before the loop. */
  readonly range: Range
}

type Known =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'counter'; readonly first: Polynomial; readonly last: Polynomial }
  | { readonly kind: 'bounded'; readonly lo: number; readonly hi: number }

/** A value: its polynomial, and whether it is that exactly and not only modulo 2^32. */
interface Value {
  readonly poly: Polynomial
  readonly exact: boolean
  /** Result of an index conversion: this, or -1. */
  readonly index?: true
}

export interface Subscripts {
  readonly checks: readonly BoundsCheck[]
  readonly atomOf: (variable: Variable) => Atom
}

interface Walk {
  readonly ranges: Ranges
  readonly invariance: Invariance
  readonly before: State
  readonly known: Known[]
  readonly atoms: Map<string, Variable>
  readonly checks: BoundsCheck[]
  env: Map<LocalId, Value>
}

export function subscriptsOf(loop: ForStmt, ranges: Ranges): Subscripts | undefined {
  const before = ranges.before(loop)
  if (!before) return undefined
  const walk: Walk = {
    ranges,
    invariance: invarianceOf([loop]),
    before,
    known: [],
    atoms: new Map(),
    checks: [],
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

// ---- variables

function newVariable(walk: Walk, known: Known): Variable {
  return walk.known.push(known) - 1
}

function atomValue(walk: Walk, expr: Expr, before: Range, here = walk.ranges.of(expr)): Value {
  const key = exprKey(expr)
  let variable = walk.atoms.get(key)
  if (variable === undefined) {
    variable = newVariable(walk, { kind: 'atom', atom: { expr, range: before } })
    walk.atoms.set(key, variable)
  }
  return { poly: variablePoly(variable, here), exact: true }
}

/** What an invariant expression can be before the loop: all that is sure there. */
function rangeBefore(walk: Walk, expr: Expr): Range {
  const state = (local: LocalId): Range => walk.before[local] as Range
  if (expr.kind === 'get') return state(expr.local)
  return expr.kind === 'len' ? state(expr.array) : rangeOfType(expr.type)
}

const SMALL = 2 ** 20

/** A value of which only the range is known, when that is narrow. */
function boundedValue(walk: Walk, expr: Expr): Value | undefined {
  const range = walk.ranges.of(expr)
  if (!isInt(range, I32_MIN, I32_MAX) || range.hi - range.lo > SMALL) return undefined
  if (range.lo === range.hi) return { poly: constantPoly(range.lo), exact: true }
  const variable = newVariable(walk, { kind: 'bounded', lo: range.lo, hi: range.hi })
  return { poly: variablePoly(variable, range), exact: true }
}

// ---- statements

/** After `if (test) { leaves }` the test is false for the rest of the list. */
function walkBody(walk: Walk, body: readonly Stmt[]): void {
  const undo: (() => void)[] = []
  for (const stmt of body) {
    walkStmt(walk, stmt)
    const last = stmt.kind === 'if' ? stmt.then.at(-1) : undefined
    if (stmt.kind === 'if' && last && terminates(last)) undo.push(suppose(walk, stmt.test, false))
  }
  for (const one of undo.reverse()) one()
}

function walkStmt(walk: Walk, stmt: Stmt): void {
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

function walkArm(walk: Walk, body: readonly Stmt[], env: Map<LocalId, Value>, leave: () => void): void {
  walk.env = new Map(env)
  walkBody(walk, body)
  walk.env = env
  leave()
}

// ---- what branches tell of counters

/** Ends of counters as far as `test` has this outcome; gives what takes it back. */
function suppose(walk: Walk, test: Expr, truth: boolean): () => void {
  const changed: [Variable, Known][] = []
  for (const [low, high, strict] of orders(test, truth)) {
    const a = exactValue(walk, low)
    const b = exactValue(walk, high)
    const room = a && b && subtractPoly(b, a)
    const fact = room && subtractPoly(room, constantPoly(strict ? 1 : 0))
    if (fact) narrowCounters(walk, fact, changed)
  }
  return () => {
    for (const [variable, known] of changed.reverse()) walk.known[variable] = known
  }
}

type Order = readonly [low: Expr, high: Expr, strict: boolean]

/** Integer comparisons that hold when the test has this outcome. */
function orders(test: Expr, truth: boolean): readonly Order[] {
  if (test.kind === 'cond') {
    const isConst = (expr: Expr, value: number): boolean => expr.kind === 'const' && Number(expr.value) === value
    if (truth && isConst(test.else, 0)) return [...orders(test.test, true), ...orders(test.then, true)]
    return !truth && isConst(test.then, 1) ? [...orders(test.test, false), ...orders(test.else, false)] : []
  }
  if (test.kind !== 'op') return []
  const [a, b] = test.args as readonly [Expr, Expr]
  if (test.op === 'i32.eqz') return orders(a, !truth)
  if (test.op === (truth ? 'i32.and' : 'i32.or')) return [...orders(a, truth), ...orders(b, truth)]
  switch (test.op) {
    case 'i32.lt_s':
    case 'i64.lt_s':
      return [truth ? [a, b, true] : [b, a, false]]
    case 'i32.le_s':
    case 'i64.le_s':
      return [truth ? [a, b, false] : [b, a, true]]
    case 'i32.gt_s':
    case 'i64.gt_s':
      return [truth ? [b, a, true] : [a, b, false]]
    case 'i32.ge_s':
    case 'i64.ge_s':
      return [truth ? [b, a, false] : [a, b, true]]
    default:
      return []
  }
}

/** fact >= 0, with slope ±1 in a counter, bounds that counter: the branch is taken in no other rounds. */
function narrowCounters(walk: Walk, fact: Polynomial, changed: [Variable, Known][]): void {
  for (const variable of variablesOf(fact)) {
    const known = walk.known[variable]
    const split = known?.kind === 'counter' ? splitPoly(fact, variable) : undefined
    if (!split || known?.kind !== 'counter') continue
    const slope = split.slope.terms.size === 1 ? constantTerm(split.slope) : 0
    const earlier = [...variablesOf(split.rest)].every(one => one < variable || walk.known[one]?.kind === 'atom')
    if (Math.abs(slope) !== 1 || !earlier) continue
    const end = slope === 1 ? addPoly(ZERO, split.rest, -1) : split.rest
    if (!end || !isTighter(end, slope === 1 ? known.first : known.last, slope)) continue
    changed.push([variable, known])
    walk.known[variable] = slope === 1 ? { ...known, first: end } : { ...known, last: end }
  }
}

/** A bound that is known to be no better is not taken. */
function isTighter(next: Polynomial, old: Polynomial, slope: number): boolean {
  const gain = slope === 1 ? subtractPoly(old, next) : subtractPoly(next, old)
  return !gain || !isNeverNegative(gain)
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
function walkFor(walk: Walk, loop: ForStmt, outermost: boolean): void {
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

// ---- values

/** The value itself, not only modulo 2^32. */
function exactValue(walk: Walk, expr: Expr): Polynomial | undefined {
  const value = wholeValue(walk, expr)
  if (value?.exact) return value.poly
  return isAtom(walk, expr) ? atomValue(walk, expr, rangeBefore(walk, expr)).poly : undefined
}

const isAtom = (walk: Walk, expr: Expr): boolean => walk.invariance.holds(expr) && isSpeculable(expr)

/** May be computed before the loop although the loop might not have come to it. */
function isSpeculable(expr: Expr): boolean {
  let safe = true
  visitExpr(expr, node => {
    safe &&= node.kind !== 'host' && !(node.kind === 'op' && opInfo(node.op).partial === true)
  })
  return safe
}

/** The value of an index: the conversion from i64 is looked through. */
function indexValue(walk: Walk, expr: Expr): Value | undefined {
  if (expr.kind === 'op' && expr.op === 'i32.index_i64' && expr.args[0]) {
    const value = wholeValue(walk, expr.args[0])
    return value ? { poly: value.poly, exact: false, index: true } : boundedValue(walk, expr)
  }
  return expr.kind === 'get' ? (walk.env.get(expr.local) ?? wholeValue(walk, expr)) : wholeValue(walk, expr)
}

function wholeValue(walk: Walk, expr: Expr): Value | undefined {
  return structure(walk, expr) ?? boundedValue(walk, expr)
}

function structure(walk: Walk, expr: Expr): Value | undefined {
  switch (expr.kind) {
    case 'const': {
      const value = Number(expr.value)
      return Number.isInteger(value) && Math.abs(value) <= 2 ** 40
        ? { poly: constantPoly(value), exact: true }
        : undefined
    }
    case 'get': {
      const value = walk.env.get(expr.local)
      if (value) return value.index ? undefined : value
      break
    }
    case 'op': {
      const value = arithmetic(walk, expr)
      if (value) return value
      break
    }
    default:
  }
  const whole = expr.type === 'i32' || expr.type === 'i64'
  return whole && isAtom(walk, expr) ? atomValue(walk, expr, rangeBefore(walk, expr)) : undefined
}

type Op = Extract<Expr, { kind: 'op' }>

function arithmetic(walk: Walk, expr: Op): Value | undefined {
  const [left, right] = expr.args
  if (!left) return undefined
  switch (expr.op) {
    case 'i32.add':
    case 'i64.add':
      return combine(walk, expr, (a, b) => addPoly(a, b))
    case 'i32.sub':
    case 'i64.sub':
      return combine(walk, expr, subtractPoly)
    case 'i32.mul':
    case 'i64.mul':
      return combine(walk, expr, multiplyPoly)
    case 'i32.shl':
    case 'i64.shl':
      return right ? shifted(walk, expr, left, right) : undefined
    case 'i64.from_i32_s':
    case 'i64.from_i32_u': {
      const value = wholeValue(walk, left)
      const same = expr.op === 'i64.from_i32_s' || walk.ranges.of(left).lo >= 0
      return value?.exact && same ? value : undefined
    }
    case 'i32.wrap_i64': {
      const value = wholeValue(walk, left)
      return value && { ...value, exact: value.exact && isInt(walk.ranges.of(left), I32_MIN, I32_MAX) }
    }
    default:
      return undefined
  }
}

function combine(
  walk: Walk,
  expr: Op,
  operate: (a: Polynomial, b: Polynomial) => Polynomial | undefined,
): Value | undefined {
  const [left, right] = expr.args as readonly [Expr, Expr]
  const a = wholeValue(walk, left)
  const b = a && wholeValue(walk, right)
  const poly = a && b && operate(a.poly, b.poly)
  return poly && { poly, exact: a.exact && b.exact && isWithoutWrap(walk, expr) }
}

/** The true result fits the type, by what is known of the operands. */
function isWithoutWrap({ ranges }: Walk, expr: Op): boolean {
  const [a, b] = expr.args.map(arg => ranges.of(arg)) as [Range, Range]
  const limit = expr.type === 'i32' ? 2 ** 31 - 1 : 2 ** 62
  const corners = expr.op.endsWith('.mul')
    ? [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
    : expr.op.endsWith('.add')
      ? [a.lo + b.lo, a.hi + b.hi]
      : [a.lo - b.hi, a.hi - b.lo]
  if (corners.every(corner => Math.abs(corner) <= limit)) return true
  // the analysis gives the whole type where anything might wrap
  const result = ranges.of(expr)
  return expr.type === 'i32' && (result.lo > I32_MIN || result.hi < I32_MAX)
}

function shifted(walk: Walk, expr: Op, left: Expr, right: Expr): Value | undefined {
  const value = wholeValue(walk, left)
  const count = right.kind === 'const' ? Number(right.value) : -1
  if (!value || count < 0 || count > 24) return undefined
  const poly = multiplyPoly(value.poly, constantPoly(2 ** count))
  const range = walk.ranges.of(left)
  const fits =
    expr.type === 'i64' || isInt({ ...range, lo: range.lo * 2 ** count, hi: range.hi * 2 ** count }, I32_MIN, I32_MAX)
  return poly && { poly, exact: value.exact && fits }
}

// ---- checks

function collectChecks(walk: Walk, expr: Expr): void {
  visitExpr(expr, node => {
    const check = boundsCheckOf(node)
    if (!check || !walk.invariance.holds(check.bound)) return
    const value = indexValue(walk, check.index)
    const demands = value && demandsOf(walk, value.poly, check.bound)
    if (demands) walk.checks.push({ node, inside: check.inside, demands })
  })
}

interface CheckNode {
  readonly index: Expr
  readonly bound: Expr
  readonly inside: 0 | 1
}

/** `index <u length` in any of its spellings. */
export function boundsCheckOf(node: Expr): CheckNode | undefined {
  if (node.kind !== 'op') return undefined
  const [a, b] = node.args
  if (!a || !b) return undefined
  const isLength = (expr: Expr): boolean => expr.kind === 'len' || expr.kind === 'listlen'
  switch (node.op) {
    case 'i32.lt_u':
    case 'i32.ge_u':
      return isLength(b) ? { index: a, bound: b, inside: node.op === 'i32.lt_u' ? 1 : 0 } : undefined
    case 'i32.gt_u':
    case 'i32.le_u':
      return isLength(a) ? { index: b, bound: a, inside: node.op === 'i32.gt_u' ? 1 : 0 } : undefined
    default:
      return undefined
  }
}

/** What must not be negative so that the index is in bounds; undefined where that cannot be said, or never is. */
function demandsOf(walk: Walk, index: Polynomial, bound: Expr): readonly Polynomial[] | undefined {
  const demands: Polynomial[] = []
  const smallest = eliminate(walk, index, 'least', demands)
  const largest = eliminate(walk, index, 'most', demands)
  const length = atomValue(walk, bound, rangeBefore(walk, bound)).poly
  const room = largest && subtractPoly(length, largest)
  const upper = room && subtractPoly(room, constantPoly(1))
  if (!smallest || !upper) return undefined
  const open = [smallest, upper, ...demands].filter(poly => !isNeverNegative(poly))
  return open.some(isAlwaysNegative) ? undefined : open
}

const isAlwaysNegative = (poly: Polynomial): boolean => {
  const next = addPoly(poly, constantPoly(1))
  return next !== undefined && isNeverPositive(next)
}

/** Puts in the first or the last value of each counter, innermost first. */
function eliminate(
  walk: Walk,
  index: Polynomial,
  towards: 'least' | 'most',
  demands: Polynomial[],
): Polynomial | undefined {
  let poly: Polynomial | undefined = index
  while (poly) {
    const variable = lastOpen(walk, poly)
    if (variable === undefined) return poly
    poly = replace(walk, poly, variable, towards, demands)
  }
  return undefined
}

function lastOpen(walk: Walk, poly: Polynomial): Variable | undefined {
  const open = [...variablesOf(poly)].filter(variable => walk.known[variable]?.kind !== 'atom')
  return open.length > 0 ? Math.max(...open) : undefined
}

function replace(
  walk: Walk,
  poly: Polynomial,
  variable: Variable,
  towards: 'least' | 'most',
  demands: Polynomial[],
): Polynomial | undefined {
  const split = splitPoly(poly, variable)
  const known = walk.known[variable]
  if (!split || !known || known.kind === 'atom') return undefined
  const { slope, rest } = split
  const falling = !isNeverNegative(slope) && isNeverPositive(slope)
  if (!falling && !isNeverNegative(slope)) {
    // of unknown sign, but the same in all rounds: ask for it
    if (lastOpen(walk, slope) !== undefined) return undefined
    demands.push(slope)
  }
  const end = endOf(known, (towards === 'least') !== falling)
  const product = multiplyPoly(slope, end)
  return product && addPoly(rest, product)
}

function endOf(known: Exclude<Known, { kind: 'atom' }>, first: boolean): Polynomial {
  if (known.kind === 'counter') return first ? known.first : known.last
  return constantPoly(first ? known.lo : known.hi)
}
