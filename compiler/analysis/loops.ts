import { mentions } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { bodies, localSet, localsSet, visitStmts } from '../ir/rewrite.ts'
import { type Invariance, invarianceOf } from './invariant.ts'

/** The shape of loops as written by the lowering: what leaves them, and what advances them. */

export type LoopStmt = Extract<Stmt, { kind: 'loop' }>
export type Relation = 'lt' | 'le' | 'gt' | 'ge' | 'ne'

/** `while (local rel bound && rest) …`, as the first thing in a loop. */
export interface LoopTest {
  /** Sets of invariant values before the test. */
  readonly before: readonly Stmt[]
  /** Other sets before the test: also the last, failing test is after them. */
  readonly inside: readonly Stmt[]
  readonly local: LocalId
  readonly relation: Relation
  readonly bound: Expr
  /** Compares as unsigned. */
  readonly unsigned: boolean
  /** The other conditions to stay. */
  readonly rest: Expr | undefined
  /** Label that is left when the test fails. */
  readonly leaves: string
  readonly body: readonly Stmt[]
}

/** `local = local + amount`, once in each round. */
export interface LoopStep {
  readonly local: LocalId
  readonly amount: number
  /** Position in the body. */
  readonly at: number
  /** Nothing follows it. */
  readonly last: boolean
}

const COMPARE: { readonly [op in OpName]?: Relation } = {
  ...Object.fromEntries(
    (['lt', 'le', 'gt', 'ge', 'ne'] as const).flatMap(name => [
      [`f64.${name}`, name],
      [`i32.${name === 'ne' ? 'ne' : `${name}_s`}`, name],
    ]),
  ),
  // the same for what is not negative; `planCount` makes sure of that
  'i32.lt_u': 'lt',
}
const SWAPPED: Readonly<Record<Relation, Relation>> = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le', ne: 'ne' }
const NEGATED_I32: { readonly [op in OpName]?: OpName } = {
  'i32.lt_s': 'i32.ge_s',
  'i32.ge_u': 'i32.lt_u',
  'i32.ge_s': 'i32.lt_s',
  'i32.gt_s': 'i32.le_s',
  'i32.le_s': 'i32.gt_s',
  'i32.eq': 'i32.ne',
  'f64.eq': 'f64.ne',
}

/** The test that a loop begins with; undefined where it is none on a local against an invariant bound. */
export function loopTest(loop: LoopStmt): LoopTest | undefined {
  const at = loop.body.findIndex(stmt => stmt.kind !== 'set')
  const test = loop.body[at]
  if (test?.kind !== 'if' || test.else.length > 0 || test.then.length !== 1) return undefined
  const [leave] = test.then
  if (leave?.kind !== 'break') return undefined
  const sets = loop.body.slice(0, at)
  const invariance = invarianceOf(loop.body)
  const before = sets.filter(stmt => isInvariantSet(stmt, loop, invariance))
  const inside = sets.filter(stmt => !before.includes(stmt))
  const hoisted = new Set(before.map(localSet))
  const holds = (expr: Expr): boolean => invariance.holds(withoutSets(expr, hoisted))
  const stay = conditions(negated(test.test))
  for (const [index, one] of stay.entries()) {
    const found = comparison(one, invariance.set, holds)
    if (!found) continue
    const rest = stay.filter((_, other) => other !== index).reduce<Expr | undefined>(both, undefined)
    return { ...found, before, inside, rest, leaves: leave.label, body: loop.body.slice(at + 1) }
  }
  return undefined
}

/** A value that is the same each round, set at one place: it may be set before the loop, which has a first round. */
function isInvariantSet(stmt: Stmt, loop: LoopStmt, invariance: Invariance): boolean {
  if (stmt.kind !== 'set' || !invariance.holds(stmt.value)) return false
  let count = 0
  visitStmts(loop.body, one => {
    if (localSet(one) === stmt.local) count++
  })
  return count === 1
}

/** An expression in which reads of these locals count as constants. */
function withoutSets(expr: Expr, locals: ReadonlySet<LocalId | undefined>): Expr {
  if (expr.kind === 'get' && locals.has(expr.local)) return { kind: 'const', type: 'i32', value: 0 }
  if (expr.kind !== 'op') return expr
  return { ...expr, args: expr.args.map(arg => withoutSets(arg, locals)) }
}

/** The logical negation; undefined where it has no form without `eqz`. */
function negated(test: Expr): Expr {
  if (test.kind !== 'op') return { kind: 'op', type: 'i32', op: 'i32.eqz', args: [test] }
  const [a] = test.args
  if (test.op === 'i32.eqz' && a) return a
  const opposite = NEGATED_I32[test.op]
  return opposite ? { ...test, op: opposite } : { kind: 'op', type: 'i32', op: 'i32.eqz', args: [test] }
}

/** Terms of a conjunction. */
function conditions(test: Expr): readonly Expr[] {
  if (test.kind === 'cond' && test.else.kind === 'const' && test.else.value === 0) {
    return [...conditions(test.test), ...conditions(test.then)]
  }
  if (test.kind === 'op' && test.op === 'i32.and' && test.args.every(isBoolean)) return test.args.flatMap(conditions)
  return [test]
}
const isBoolean = (expr: Expr): boolean => expr.kind === 'op' && /\.(eqz|eq|ne|[lg][te](_[su])?)$/.test(expr.op)

const both = (a: Expr | undefined, b: Expr): Expr =>
  a ? { kind: 'cond', type: 'i32', test: a, then: b, else: { kind: 'const', type: 'i32', value: 0 } } : b

type Comparison = Pick<LoopTest, 'local' | 'relation' | 'bound' | 'unsigned'>

function comparison(test: Expr, set: ReadonlySet<LocalId>, holds: (expr: Expr) => boolean): Comparison | undefined {
  if (test.kind !== 'op') return undefined
  const relation = COMPARE[test.op]
  const [left, right] = test.args
  if (!relation || !left || !right) return undefined
  const unsigned = test.op === 'i32.lt_u'
  if (left.kind === 'get' && set.has(left.local) && holds(right)) {
    return { local: left.local, relation, bound: right, unsigned }
  }
  if (right.kind === 'get' && set.has(right.local) && holds(left)) {
    return { local: right.local, relation: SWAPPED[relation], bound: left, unsigned }
  }
  return undefined
}

/** The only statement of the body that sets `local`, when it adds a constant and every round comes past it. */
export function loopStep(label: string, body: readonly Stmt[], local: LocalId): LoopStep | undefined {
  const at = body.findIndex(stmt => localSet(stmt) === local || bodies(stmt).some(inner => localsSet(inner).has(local)))
  const stmt = body[at]
  if (stmt?.kind !== 'set' || localsSet(body.slice(at + 1)).has(local)) return undefined
  const amount = addedConstant(stmt.value, local)
  if (amount === undefined || mentions(body.slice(0, at), 'continue', label)) return undefined
  return { local, amount, at, last: at === body.length - 1 }
}

/** c where `value` is `local + c`. */
export function addedConstant(value: Expr, local: LocalId): number | undefined {
  if (value.kind !== 'op') return undefined
  const [a, b] = value.args
  const isSelf = (expr: Expr | undefined): boolean => expr?.kind === 'get' && expr.local === local
  const number = (expr: Expr | undefined): number | undefined => {
    const found = expr?.kind === 'const' ? Number(expr.value) : undefined
    return found !== undefined && Number.isInteger(found) && found !== 0 && Math.abs(found) < 2 ** 20
      ? found
      : undefined
  }
  if (/\.add$/.test(value.op)) return isSelf(a) ? number(b) : isSelf(b) ? number(a) : undefined
  if (!/\.sub$/.test(value.op)) return undefined
  const taken = isSelf(a) ? number(b) : undefined
  return taken === undefined ? undefined : -taken
}
