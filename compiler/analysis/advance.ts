import { cond, f64, i32, op } from '../ir/build.ts'
import { mentions } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { bodies, localSet, localsSet, visitStmts } from '../ir/rewrite.ts'
import { I32_MAX, I32_MIN, isInt, type Range } from './interval.ts'
import { isSpeculable } from './subscript-values.ts'

/**
 * Second induction variables: locals that each round of a counted loop advances by the same amount, at places that every
 * round comes past, possibly in counted loops inside of it whose number of rounds does not change (Muchnick, Advanced
 * Compiler Design and Implementation, ch. 14.1.2; the sums over nests are those of Haghighat and Polychronopoulos,
 * Symbolic analysis for parallelizing compilers, 1996).
 */

export type ForStmt = Extract<Stmt, { kind: 'for' }>
type Body = readonly Stmt[]

/**
 * An amount that is added: modulo 2^32, and as f64 — the number itself, or beyond 2^53 one on the same side of every
 * i32. `modular`: the sum itself is taken modulo 2^32 (`| 0`).
 */
export interface Amount {
  readonly bits: Expr
  readonly size: Expr
  readonly modular: boolean
}

export interface Advance {
  /** What each statement that sets the local adds to it. */
  readonly steps: ReadonlyMap<Stmt, Amount>
  /** For each counted loop that advances it, the one at hand and inner ones: what a round adds. */
  readonly rounds: ReadonlyMap<ForStmt, Amount>
}

interface Search {
  readonly local: LocalId
  readonly isInvariant: (expr: Expr) => boolean
  /** What an invariant expression can be. */
  readonly rangeOf: (expr: Expr) => Range
  readonly steps: Map<Stmt, Amount>
  readonly rounds: Map<ForStmt, Amount>
}

/** How a loop advances a local; undefined where rounds differ, or where that is not known. */
export function advanceOf(
  loop: ForStmt,
  facts: Pick<Search, 'local' | 'isInvariant' | 'rangeOf'>,
): Advance | undefined {
  const search: Search = { ...facts, steps: new Map(), rounds: new Map() }
  return ofRound(search, loop) && { steps: search.steps, rounds: search.rounds }
}

function ofRound(search: Search, loop: ForStmt): Amount | undefined {
  // rounds are counted in an i32 where the counter goes in steps
  if (loop.local === search.local || (loop.step !== 1 && search.rangeOf(loop.from).lo < 0)) return undefined
  const total = ofBody(search, loop.body, new Set([loop.label]))
  if (total) search.rounds.set(loop, total)
  return total
}

/** `entered`: labels whose jumps would pass over what follows. */
function ofBody(search: Search, body: Body, entered: ReadonlySet<string>): Amount | undefined {
  const last = body.findLastIndex(stmt => changes(stmt, search.local))
  let total: Amount | undefined
  for (const stmt of body.slice(0, last + 1)) {
    if (!changes(stmt, search.local)) {
      if (jumpsTo([stmt], entered)) return undefined
      continue
    }
    const amount = ofStmt(search, stmt, entered)
    if (!amount) return undefined
    total = total ? sum(search, total, amount) : amount
    if (!total) return undefined
  }
  return total
}

const changes = (stmt: Stmt, local: LocalId): boolean =>
  localSet(stmt) === local || bodies(stmt).some(inner => localsSet(inner).has(local))

/** Jumps out of the round that do not leave the loop: `continue` of it, `break` of a block in it. */
function jumpsTo(body: Body, entered: ReadonlySet<string>): boolean {
  let found = false
  const labels = [...entered]
  visitStmts(body, stmt => {
    found ||= (stmt.kind === 'break' || stmt.kind === 'continue') && entered.has(stmt.label) && !isLeaving(stmt, labels)
  })
  return found
}

/** The loop itself is the first label: a `break` of it leaves. */
const isLeaving = (stmt: Stmt, [loop]: readonly string[]): boolean => stmt.kind === 'break' && stmt.label === loop

function ofStmt(search: Search, stmt: Stmt, entered: ReadonlySet<string>): Amount | undefined {
  if (stmt.kind === 'set') {
    const amount = amountOf(search, stmt.value)
    if (amount) search.steps.set(stmt, amount)
    return amount
  }
  if (stmt.kind === 'block') return ofBody(search, stmt.body, new Set([...entered, stmt.label]))
  return stmt.kind === 'for' ? ofInnerLoop(search, stmt) : undefined
}

function ofInnerLoop(search: Search, loop: ForStmt): Amount | undefined {
  const { from, to, step } = loop
  if (![from, to].every(expr => search.isInvariant(expr) && isSpeculable(expr)) || jumpsOut(loop)) return undefined
  const amount = ofRound(search, loop)
  if (!amount) return undefined
  return repeated(amount, roundsOf(from, to, step))
}

/** Whether something leaves the loop and goes on in the function. */
function jumpsOut(loop: ForStmt): boolean {
  if (mentions(loop.body, 'break', loop.label)) return true
  const inside = new Set<string>([loop.label])
  visitStmts(loop.body, stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') inside.add(stmt.label)
  })
  let found = false
  visitStmts(loop.body, stmt => {
    found ||= (stmt.kind === 'break' || stmt.kind === 'continue') && !inside.has(stmt.label)
  })
  return found
}

/** Sums of one sign: what lies between is then within what lies at the ends. */
function sum({ rangeOf }: Search, a: Amount, b: Amount): Amount | undefined {
  if (a.modular !== b.modular) return undefined
  const ranges = [rangeOf(a.size), rangeOf(b.size)]
  const oneSign = ranges.every(({ lo }) => lo >= 0) || ranges.every(({ hi }) => hi <= 0)
  if (!a.modular && !oneSign) return undefined
  return { bits: op('i32.add', a.bits, b.bits), size: op('f64.add', a.size, b.size), modular: a.modular }
}

// ---- amounts

type Op = Extract<Expr, { kind: 'op' }>

const isOp = (expr: Expr | undefined, name: OpName): expr is Op => expr?.kind === 'op' && expr.op === name

/** What `local = value` adds: `local + c`, `local - c`, or the same `| 0`. */
function amountOf(search: Search, value: Expr): Amount | undefined {
  const inner = isOp(value, 'f64.from_i32_s') ? value.args[0] : undefined
  const sum = isOp(inner, 'i32.from_f64_js') ? inner.args[0] : undefined
  return sum ? addedTo(search, sum, true) : addedTo(search, value, false)
}

function addedTo(search: Search, value: Expr, modular: boolean): Amount | undefined {
  if (!isOp(value, 'f64.add') && !isOp(value, 'f64.sub')) return undefined
  const [a, b] = value.args as readonly [Expr, Expr]
  const isSelf = (expr: Expr): boolean => expr.kind === 'get' && expr.local === search.local
  const added = isSelf(a) ? b : isSelf(b) && value.op === 'f64.add' ? a : undefined
  const amount = added && wholeAmount(search, added, modular)
  return amount && value.op === 'f64.sub' ? negative(amount) : amount
}

/** A whole number that fits an i32 and is the same in every round. */
function wholeAmount({ isInvariant, rangeOf }: Search, expr: Expr, modular: boolean): Amount | undefined {
  if (!isInvariant(expr) || !isSpeculable(expr)) return undefined
  const range = rangeOf(expr)
  if (!isInt(range, I32_MIN, I32_MAX)) return undefined
  if (range.lo === range.hi) return constantAmount(range.lo, modular)
  const inner = isOp(expr, 'f64.from_i32_s') ? expr.args[0] : undefined
  return { bits: inner ?? op('i32.trunc_sat_s', expr), size: expr, modular }
}

const constantAmount = (value: number, modular: boolean): Amount => ({ bits: i32(value), size: f64(value), modular })

function repeated({ bits, size, modular }: Amount, rounds: Expr): Amount {
  const product = bits.kind === 'const' && rounds.kind === 'const' ? Number(bits.value) * Number(rounds.value) : NaN
  if (Math.abs(product) <= I32_MAX) return constantAmount(product, modular)
  return {
    bits: op('i32.mul', bits, rounds),
    size: op('f64.mul', size, op('f64.from_i32_u', rounds)),
    modular,
  }
}

const negative = ({ bits, size, modular }: Amount): Amount =>
  bits.kind === 'const'
    ? constantAmount(-Number(bits.value), modular)
    : { bits: op('i32.sub', i32(0), bits), size: op('f64.neg', size), modular }

/** How many rounds a counted loop has when nothing leaves it: an unsigned i32. */
export function roundsOf(from: Expr, to: Expr, step: number): Expr {
  if (from.kind === 'const' && to.kind === 'const') {
    return i32(Math.max(0, Math.ceil((Number(to.value) - Number(from.value)) / step)))
  }
  if (to.kind === 'len' && from.kind === 'const' && from.value === 0 && step === 1) return to
  const all = from.kind === 'const' && from.value === 0 ? to : op('i32.sub', to, from)
  const rounds = step === 1 ? all : op('i32.add', op('i32.div_u', op('i32.sub', all, i32(1)), i32(step)), i32(1))
  return cond(op('i32.lt_s', from, to), rounds, i32(0))
}
