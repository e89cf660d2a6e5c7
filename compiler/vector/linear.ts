import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import { mapExpr } from '../ir/rewrite.ts'
import { mayTrap } from '../ir/traps.ts'

/**
 * Indices as linear functions of a loop's counter: `step * counter + terms + constant`, modulo 2^32. The terms are
 * values that no round changes, by their key. Two forms with the same terms differ by a constant in every round: what
 * dependence analysis needs (Allen & Kennedy, Optimizing Compilers for Modern Architectures, ch. 3: strong SIV).
 */
export interface Linear {
  readonly step: number
  readonly terms: ReadonlyMap<string, number>
  readonly constant: number
}

export interface LinearLoop {
  readonly counter: LocalId
  /** Whether the expression has the same value in every round. */
  readonly isInvariant: (expr: Expr) => boolean
  /** What stays of a local when passes number them anew: its name. */
  readonly nameOf: (local: LocalId) => string
}

const EXACT = 2 ** 40
const NO_TERMS: ReadonlyMap<string, number> = new Map()

/** Replaces locals that a round sets by their values, so that what is left are the counter and invariant values. */
export function closed(expr: Expr, values: ReadonlyMap<LocalId, Expr>): Expr {
  if (values.size === 0) return expr
  return mapExpr(expr, node => (node.kind === 'get' ? (values.get(node.local) ?? node) : node))
}

/** The linear form of a closed index expression, or undefined where it has none that is known. */
export function linearOf(expr: Expr, loop: LinearLoop): Linear | undefined {
  if (expr.kind === 'const') return { step: 0, terms: NO_TERMS, constant: Number(expr.value) }
  if (expr.kind === 'get' && expr.local === loop.counter) return { step: 1, terms: NO_TERMS, constant: 0 }
  if (expr.kind === 'op') {
    const found = linearOp(expr, loop)
    if (found) return expr.type === 'i32' ? wrapped(found) : found
  }
  // terms are computed before the loop, whether or not a round comes to them
  if (!loop.isInvariant(expr) || mayTrap(expr)) return undefined
  return { step: 0, terms: new Map([[exprKey(expr, loop.nameOf), 1]]), constant: 0 }
}

/** What is added in i32 counts modulo 2^32: so two forms of one place have one constant. */
const wrapped = (form: Linear): Linear => ({ ...form, constant: form.constant | 0 })

function linearOp(expr: Extract<Expr, { kind: 'op' }>, loop: LinearLoop): Linear | undefined {
  const [a, b] = expr.args as readonly [Expr, Expr]
  switch (expr.op) {
    case 'i32.add':
    case 'i64.add':
      return combine(linearOf(a, loop), linearOf(b, loop), 1)
    case 'i32.sub':
    case 'i64.sub':
      return combine(linearOf(a, loop), linearOf(b, loop), -1)
    case 'i32.mul':
    case 'i64.mul':
      return scaled(a, b, loop) ?? scaled(b, a, loop)
    case 'i32.shl':
      return b.kind === 'const' && Number(b.value) < 8 ? scale(linearOf(a, loop), 2 ** Number(b.value)) : undefined
    case 'i32.index_i64':
    case 'i32.wrap_i64':
      return linearOf(a, loop)
    case 'i64.from_i32_s':
      return widened(a, loop)
    default:
      return undefined
  }
}

function scaled(a: Expr, b: Expr, loop: LinearLoop): Linear | undefined {
  return b.kind === 'const' ? scale(linearOf(a, loop), Number(b.value)) : undefined
}

/**
 * The sign extension of an i32 sum is linear only where the sum does not wrap: of the counter (below 2^30 in a loop
 * that was split) and a small constant, or of a value that no round changes, taken as a whole.
 */
function widened(inner: Expr, loop: LinearLoop): Linear | undefined {
  if (loop.isInvariant(inner)) return undefined
  const found = linearOf(inner, loop)
  const small = found && found.step === 1 && found.terms.size === 0 && Math.abs(found.constant) < 2 ** 29
  return small ? found : undefined
}

function scale(form: Linear | undefined, by: number): Linear | undefined {
  if (!form || !Number.isInteger(by) || Math.abs(by) > 2 ** 20) return undefined
  const terms = new Map([...form.terms].map(([key, factor]) => [key, factor * by] as const))
  return checked({ step: form.step * by, terms, constant: form.constant * by })
}

function combine(a: Linear | undefined, b: Linear | undefined, sign: 1 | -1): Linear | undefined {
  if (!a || !b) return undefined
  const terms = new Map(a.terms)
  for (const [key, factor] of b.terms) {
    const sum = (terms.get(key) ?? 0) + sign * factor
    if (sum === 0) terms.delete(key)
    else terms.set(key, sum)
  }
  return checked({ step: a.step + sign * b.step, terms, constant: a.constant + sign * b.constant })
}

const checked = (form: Linear): Linear | undefined =>
  Math.abs(form.step) < 2 ** 20 && Math.abs(form.constant) < EXACT ? form : undefined

/** b - a where it is the same in every round, in elements: of places in bounds, which differ by less than 2^31. */
export function distance(a: Linear, b: Linear): number | undefined {
  const difference = combine(b, a, -1)
  return difference && difference.step === 0 && difference.terms.size === 0 ? difference.constant | 0 : undefined
}

/** A string that is the same for equal forms. */
export const linearKey = ({ step, terms, constant }: Linear): string =>
  `${step} ${[...terms]
    .map(([key, factor]) => `${factor}*${key}`)
    .sort()
    .join('+')} ${constant}`
