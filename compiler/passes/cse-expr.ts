import { get, i32, op } from '../ir/build.ts'
import { costOf } from '../ir/cost.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import { localRead, mapChildren, withLocalRead } from '../ir/rewrite.ts'
import { type Candidate, type Context, hold, leader, remember, scoped } from './cse-context.ts'
import type { ValueNumber } from './cse-values.ts'
import { isBoolean, isConst, operands } from './fold-match.ts'
import { simplify } from './fold-rules.ts'

/** A value is kept in a local of its own when computing it takes more than one cheap operation. */
const WORTH_A_LOCAL = 2

/** Number of an expression at this point; a conditional whose test is known is the arm that it chooses. */
export function numberOf(context: Context, expr: Expr): ValueNumber {
  const known = context.memo.get(expr)
  if (known !== undefined) return known
  const of = (child: Expr): ValueNumber => numberOf(context, child)
  const chosen = expr.kind === 'cond' ? chosenArm(context, expr) : undefined
  const value = chosen ? of(chosen) : context.values.number(expr, context.versions, of)
  context.memo.set(expr, value)
  return value
}

function chosenArm(context: Context, expr: Extract<Expr, { kind: 'cond' }>): Expr | undefined {
  const answer = answerOf(context, expr.test)
  if (answer !== undefined) return answer ? expr.then : expr.else
  return numberOf(context, expr.then) === numberOf(context, expr.else) ? expr.then : undefined
}

/** Whether a test is known to hold, or not to. */
export function answerOf(context: Context, test: Expr): boolean | undefined {
  const value = numberOf(context, test)
  const constant = context.values.constant(value)
  return constant ? constant.value !== 0 : context.known.get(value)
}

/**
 * The expression with what is known already in place of what computes it again. Top-down, so that the largest known
 * part is taken. `lazy`: inside an arm of a conditional, whose values are not available afterwards.
 */
export function rewrite(context: Context, expr: Expr, lazy = false): Expr {
  if (expr.kind === 'const') return expr
  const value = numberOf(context, expr)
  const known = knownValue(context, expr, value)
  if (known) {
    if (known !== expr) context.changed = true
    return known
  }
  if (expr.kind === 'cond') {
    const arm = chosenArm(context, expr)
    if (arm) {
      context.changed = true
      return rewrite(context, arm, lazy)
    }
  }
  const inner = expr.kind === 'cond' ? rewriteCond(context, expr, lazy) : rewriteParts(context, expr, lazy)
  return lazy || costOf(expr) < WORTH_A_LOCAL || isBoundsTest(expr) ? inner : register(context, inner, value)
}

function knownValue(context: Context, expr: Expr, value: ValueNumber): Expr | undefined {
  const constant = context.values.constant(value)
  if (constant) return constant
  const answer = context.known.get(value)
  if (answer !== undefined && expr.type === 'i32' && (!answer || isBoolean(expr))) return i32(answer ? 1 : 0)
  if (expr.kind === 'get') hold(context, expr.local, value)
  const holder = leader(context, value)
  if (expr.kind === 'get') return holder === undefined || holder === expr.local ? expr : get(holder, expr.type)
  if (isBoundsTest(expr)) return undefined
  if (holder !== undefined && costOf(expr) > 0) return get(holder, expr.type)
  const candidate = costOf(expr) < WORTH_A_LOCAL ? undefined : context.available.get(value)
  return candidate && get(tempOf(context, candidate), expr.type)
}

/** Guards of accesses keep their form, by which other passes know them. */
function isBoundsTest(expr: Expr): boolean {
  if (expr.kind !== 'op' || expr.op !== 'i32.lt_u') return false
  const bound = expr.args[1]?.kind
  return bound === 'len' || bound === 'listlen'
}

function tempOf(context: Context, candidate: Candidate): LocalId {
  candidate.temp ??= context.scope.local('cse', candidate.node.type)
  context.wanted.set(candidate.node, candidate)
  return candidate.temp
}

function register(context: Context, expr: Expr, value: ValueNumber): Expr {
  // a node of its own: the same object may stand in several places
  const node = { ...expr }
  remember(context, context.available, value, { node, temp: undefined })
  return node
}

function rewriteParts(context: Context, expr: Expr, lazy: boolean): Expr {
  const narrowed = asIntegers(context, expr)
  if (narrowed) {
    context.changed = true
    return narrowed
  }
  return throughLeader(
    context,
    mapChildren(expr, child => rewrite(context, child, lazy)),
  )
}

/** A comparison of locals that hold converted integers compares the integers. */
function asIntegers(context: Context, expr: Expr): Expr | undefined {
  if (expr.kind !== 'op' || !/^f64\.(eq|ne|lt|le|gt|ge)$/.test(expr.op)) return undefined
  const [x, y] = expr.args.map(arg => (arg.kind === 'const' ? arg : converted(context, arg)))
  return x && y && (x.kind !== 'const' || y.kind !== 'const') ? simplify(op(expr.op, x, y)) : undefined
}

/** `(f64.from_i32_s %i)` for a local that holds this value, where `%i` is still there. */
function converted(context: Context, expr: Expr): Expr | undefined {
  const magnitude = operands(expr, 'f64.abs')?.[0]
  if (magnitude) {
    const whole = converted(context, magnitude)
    return whole && op('f64.abs', whole)
  }
  if (expr.kind !== 'get') return undefined
  const made = context.values.definition(numberOf(context, expr))
  const origin = made?.op === 'f64.from_i32_s' ? leader(context, made.of) : undefined
  return origin === undefined ? undefined : op('f64.from_i32_s', get(origin, 'i32'))
}

/** Arrays and lists that were copied are named by the first local that holds them. */
function throughLeader(context: Context, expr: Expr): Expr {
  const local = localRead(expr)
  return local === undefined ? expr : withLocalRead(expr, leaderOf(context, local))
}

export function leaderOf(context: Context, local: LocalId): LocalId {
  const first = leader(context, context.versions.locals[local] as ValueNumber) ?? local
  if (first !== local) context.changed = true
  return first
}

function rewriteCond(context: Context, expr: Extract<Expr, { kind: 'cond' }>, lazy: boolean): Expr {
  const test = rewrite(context, expr.test, lazy)
  const arm = (truth: boolean, part: Expr): Expr =>
    scoped(context, () => {
      assume(context, expr.test, truth)
      return rewrite(context, part, true)
    })
  const then = arm(true, expr.then)
  const otherwise = arm(false, expr.else)
  const same = test === expr.test && then === expr.then && otherwise === expr.else
  return same ? expr : { ...expr, test, then, else: otherwise }
}

/** Learns that a test held (or did not), and what follows for its parts. */
export function assume(context: Context, test: Expr, truth: boolean): void {
  const value = numberOf(context, test)
  if (context.values.constant(value)) return
  remember(context, context.known, value, truth)
  const opposite = context.values.negation(test, child => numberOf(context, child))
  if (opposite !== undefined) remember(context, context.known, opposite, !truth)
  for (const [part, answer] of implied(test, truth)) assume(context, part, answer)
}

function implied(test: Expr, truth: boolean): readonly (readonly [Expr, boolean])[] {
  if (test.kind === 'cond') return impliedByCond(test, truth)
  if (test.kind !== 'op') return []
  const [x, y] = test.args as readonly [Expr, Expr]
  if (test.op === 'i32.eqz') return [[x, !truth]]
  if (test.op === 'i32.ne' && isConst(y, 0)) return [[x, truth]]
  const both = (test.op === 'i32.and' && truth) || (test.op === 'i32.or' && !truth)
  return both
    ? [
        [x, truth],
        [y, truth],
      ]
    : []
}

/** `x && y` is `(cond x y 0)`, `x || y` is `(cond x 1 y)`. */
function impliedByCond(
  { test, then, else: otherwise }: Extract<Expr, { kind: 'cond' }>,
  truth: boolean,
): readonly (readonly [Expr, boolean])[] {
  const rejects = (arm: Expr): boolean => arm.kind === 'const' && (arm.value !== 0) !== truth
  if (rejects(otherwise)) {
    return [
      [test, true],
      [then, truth],
    ]
  }
  if (rejects(then)) {
    return [
      [test, false],
      [otherwise, truth],
    ]
  }
  return []
}
