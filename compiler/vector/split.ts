import { get, i32, op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { renameLabels } from '../ir/rename.ts'
import { bodies, mapChildren, mapRootExprs, substitute, visitStmts } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import { closed, type Linear, type LinearLoop, linearKey, linearOf } from './linear.ts'

/**
 * Index-set splitting (Wolfe, High Performance Compilers for Parallel Computing, ch. 9): a counted loop becomes a main
 * loop, over the leading rounds in which every access with a linear index is in bounds, and a tail with the original
 * body. The number of rounds of the main loop is a multiple of a group; its body has no bounds tests.
 */
export type ForStmt = Extract<Stmt, { kind: 'for' }>

/** How many rounds a group has; loops with fewer than `least` rounds stay scalar. */
export interface Choice {
  readonly group: number
  readonly least: number
  /** What is left of the rounds is done in groups of this many, before the tail. */
  readonly rest?: number
}

export interface Split {
  readonly before: readonly Stmt[]
  readonly main: ForStmt
  readonly tail: ForStmt
  /** What is in bounds in every round of the main loop: keys of bounds. */
  readonly assured: ReadonlySet<string>
}

/** An index that must be in bounds in every round of the main loop. */
export interface Bound {
  readonly index: Expr
  readonly form: Linear
  readonly array: LocalId
}

interface Splitter {
  readonly loop: LinearLoop
  /** What the counter goes up by. */
  readonly step: number
  readonly values: Map<LocalId, Expr>
  readonly bounds: Map<string, Bound>
}

/** Counters of a split loop stay below: so index arithmetic near them does not wrap. */
const LIMIT = 2 ** 30

export function splitLoop(scope: Scope, stmt: ForStmt, loop: LinearLoop, choice: Choice): Split {
  const splitter: Splitter = { loop, step: stmt.step, values: new Map(), bounds: new Map() }
  const body = splitBody(splitter, stmt.body, false)
  const { before, from, to, end } = leadingRounds(scope, stmt, [...splitter.bounds.values()], choice)
  const counter = get(stmt.local, 'i32')
  const main: ForStmt = { ...stmt, label: scope.label('main'), from, to, body: [] }
  const tail: ForStmt = { ...stmt, from: counter, to: end }
  return {
    before,
    main: { ...main, body: relabel(scope, stmt, main.label, body) },
    tail,
    assured: new Set(splitter.bounds.keys()),
  }
}

/** The copy of the body gets labels of its own. */
function relabel(scope: Scope, stmt: ForStmt, label: string, body: readonly Stmt[]): readonly Stmt[] {
  const names = new Map([[stmt.label, label]])
  visitStmts(stmt.body, inner => {
    if (inner.kind === 'block' || inner.kind === 'loop' || inner.kind === 'for')
      names.set(inner.label, scope.label(inner.label))
  })
  return renameLabels(body, old => names.get(old) ?? old)
}

// ---- how many rounds

interface Leading {
  readonly before: readonly Stmt[]
  readonly from: Expr
  readonly to: Expr
  /** Where the whole loop ends. */
  readonly end: Expr
}

/** Whole groups of the leading rounds in which all bounds hold. */
export function leadingRounds(
  scope: Scope,
  stmt: ForStmt,
  bounds: readonly Bound[],
  { group, least }: Choice,
): Leading {
  const [end, from, rounds, to] = ['tail', 'from', 'rounds', 'main'].map(name => scope.local(name, 'i32')) as [
    LocalId,
    LocalId,
    LocalId,
    LocalId,
  ]
  const at = (local: LocalId): Expr => get(local, 'i32')
  const limited = (count: Expr): Stmt => ({
    kind: 'set',
    local: rounds,
    value: op('i32.select', op('i32.lt_s', count, at(rounds)), count, at(rounds)),
  })
  const whole = roundsOf(op('i32.sub', at(end), at(from)), stmt.step)
  const sound = op('i32.and', op('i32.ge_s', at(from), i32(0)), op('i32.le_u', at(end), i32(LIMIT)))
  const held = bounds.flatMap(bound => {
    const first = scope.local('first', 'i32')
    const index = substitute(bound.index, local => (local === stmt.local ? at(from) : undefined))
    return [{ kind: 'set', local: first, value: index } as Stmt, limited(roundsIn(bound, at(first), stmt.step))]
  })
  const enough = least === 0 ? at(rounds) : op('i32.select', op('i32.ge_s', at(rounds), i32(least)), at(rounds), i32(0))
  const groups = op('i32.and', enough, i32(-group))
  const before: readonly Stmt[] = [
    { kind: 'set', local: end, value: stmt.to },
    { kind: 'set', local: from, value: stmt.from },
    { kind: 'set', local: rounds, value: op('i32.select', sound, whole, i32(0)) },
    ...held,
    { kind: 'set', local: to, value: op('i32.add', at(from), times(groups, stmt.step)) },
  ]
  return { before, from: at(from), to: at(to), end: at(end) }
}

const times = (value: Expr, by: number): Expr => (by === 1 ? value : op('i32.mul', value, i32(by)))
/** ceil(span / step); negative where there is no round. */
const roundsOf = (span: Expr, step: number): Expr =>
  step === 1 ? span : op('i32.div_s', op('i32.add', span, i32(step - 1)), i32(step))

/** How many rounds keep `first + round * stride` inside [0, len): none when the first is not. */
function roundsIn({ form, array }: Bound, first: Expr, step: number): Expr {
  const stride = form.step * step
  const length: Expr = { kind: 'len', type: 'i32', array }
  const inside = op('i32.lt_u', first, length)
  return op('i32.select', inside, roundsLeft(stride, first, length), i32(0))
}

function roundsLeft(stride: number, first: Expr, length: Expr): Expr {
  if (stride === 0) return i32(LIMIT)
  if (stride === 1) return op('i32.sub', length, first)
  if (stride === -1) return op('i32.add', first, i32(1))
  const room = stride > 0 ? op('i32.sub', op('i32.sub', length, first), i32(1)) : first
  return op('i32.add', op('i32.div_s', room, i32(Math.abs(stride))), i32(1))
}

// ---- the body without bounds tests

function splitBody(splitter: Splitter, body: readonly Stmt[], conditional: boolean): readonly Stmt[] {
  return body.map(stmt => splitStmt(splitter, stmt, conditional))
}

function splitStmt(splitter: Splitter, stmt: Stmt, conditional: boolean): Stmt {
  if (stmt.kind === 'loop' || stmt.kind === 'for') for (const local of setsIn([stmt])) splitter.values.delete(local)
  const made = mapRootExprs(stmt, expr => assure(splitter, expr, conditional))
  switch (made.kind) {
    case 'set':
      // also in an arm: what follows there comes after it
      recordValue(splitter, made.local, made.value, false)
      return made
    case 'store':
      require(splitter, made.array, made.index, conditional)
      return made
    case 'if': {
      const then = splitBody(splitter, made.then, true)
      for (const local of setsIn(made.then)) splitter.values.delete(local)
      const otherwise = splitBody(splitter, made.else, true)
      for (const local of setsIn(bodies(made).flat())) splitter.values.delete(local)
      return { ...made, then, else: otherwise }
    }
    case 'block':
    case 'loop':
    case 'for': {
      const inner = splitBody(splitter, made.body, true)
      for (const local of setsIn([made])) splitter.values.delete(local)
      return { ...made, body: inner }
    }
    default:
      return made
  }
}

function setsIn(body: readonly Stmt[]): Set<LocalId> {
  const found = new Set<LocalId>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'set' || stmt.kind === 'for') found.add(stmt.local)
  })
  return found
}

/** Integer locals are followed as values of the counter while that is simple. */
export function recordValue(
  { loop, values }: Pick<Splitter, 'loop' | 'values'>,
  local: LocalId,
  value: Expr,
  conditional: boolean,
): void {
  values.delete(local)
  // what was closed over the old value of this local stays right: closed values read only the counter and invariants
  if (conditional || (value.type !== 'i32' && value.type !== 'i64')) return
  const whole = closed(value, values)
  if (linearOf(whole, loop)) values.set(local, whole)
}

/** Tests of bounds with a linear index become true; other accesses with one are made sure of. */
function assure(splitter: Splitter, expr: Expr, conditional: boolean): Expr {
  if (expr.kind === 'op' && (expr.op === 'i32.lt_u' || expr.op === 'i32.ge_u')) {
    const [index, length] = expr.args as readonly [Expr, Expr]
    if (length.kind === 'len' && require(splitter, length.array, index, true))
      return i32(expr.op === 'i32.lt_u' ? 1 : 0)
  }
  if (expr.kind === 'load') require(splitter, expr.array, expr.index, conditional)
  const inner = conditional || expr.kind === 'cond'
  return mapChildren(expr, child => assure(splitter, child, inner))
}

/** Whether the index is linear; then the main loop has only rounds in which it is in bounds, unless that is known. */
function require(splitter: Splitter, array: LocalId, index: Expr, unproven: boolean): boolean {
  const { loop, step, values, bounds } = splitter
  const whole = closed(index, values)
  const form = linearOf(whole, loop)
  if (!form || !loop.isInvariant({ kind: 'len', type: 'i32', array })) return false
  for (const [key, bound] of boundsFor(loop, { array, index: whole, form }, step, unproven))
    if (!bounds.has(key)) bounds.set(key, bound)
  return true
}

/**
 * What must be in bounds for an access to be made by whole groups, by keys that passes keep: the index, unless each round
 * surely comes to it; and as strided accesses are made with whole vectors, all elements from one to the next.
 */
export function boundsFor(
  { nameOf }: LinearLoop,
  { array, index, form }: Bound,
  step: number,
  unproven: boolean,
): readonly (readonly [string, Bound])[] {
  const stride = Math.abs(form.step * step)
  const within = phase({ ...form, step: stride })
  const shifts = new Set(unproven || stride !== 1 ? [0] : [])
  if (stride >= 2 && stride <= 4) shifts.add(-within).add(stride - 1 - within)
  return [...shifts].map(shift => {
    const moved: Linear = { ...form, constant: form.constant + shift }
    const bound: Bound = { index: shift === 0 ? index : op('i32.add', index, i32(shift)), form: moved, array }
    return [`${nameOf(array)} ${linearKey(moved)}`, bound]
  })
}

/** Where in a row of `stride` elements the access stands. */
export function phase({ step, constant }: Linear): number {
  const stride = Math.abs(step)
  return stride === 0 ? 0 : ((constant % stride) + stride) % stride
}
