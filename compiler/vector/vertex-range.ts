import { ints, type Range } from '../analysis/interval.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr } from '../ir/ir.ts'

/**
 * Ranges of integer expressions that intervals overestimate: `a * alpha + b * (255 - alpha)` is at most 255 · 255, though
 * each term alone may be as large. A polynomial that is linear in each of its variables has its extremes at corners of
 * the box of their ranges, so those are tried. (Exact values of less than 2^31 are those of wrapping arithmetic; what a
 * number does not hold exactly on the way there tells nothing.)
 */
export function sharpRange(expr: Expr, rangeOf: (expr: Expr) => Range): Range {
  const whole = rangeOf(expr)
  if (expr.kind !== 'op' || fits(whole)) return whole
  const [a, b] = expr.args as readonly [Expr, Expr]
  if (/^i32\.shr_[su]$/.test(expr.op) && b.kind === 'const') {
    const inner = sharpRange(a, rangeOf)
    const by = Number(b.value) & 31
    return expr.op === 'i32.shr_s' || inner.lo >= 0 ? ints(inner.lo >> by, inner.hi >> by) : whole
  }
  return SUM.test(expr.op) ? (corners(expr, rangeOf) ?? whole) : whole
}

const SUM = /^i32\.(add|sub)$/
const MOST = 4
const EXACT = 2 ** 31

/** A byte already. */
const fits = ({ lo, hi }: Range): boolean => lo >= -128 && hi <= 255

function corners(expr: Expr, rangeOf: (expr: Expr) => Range): Range | undefined {
  const variables = new Map<string, Range>()
  if (!degrees(expr, variables, rangeOf) || variables.size > MOST) return undefined
  const names = [...variables.keys()]
  let lo = Infinity
  let hi = -Infinity
  for (let corner = 0; corner < 2 ** names.length; corner++) {
    const at = new Map(
      names.map((name, i) => {
        const range = variables.get(name) as Range
        return [name, (corner >> i) & 1 ? range.hi : range.lo] as const
      }),
    )
    const value = valueAt(expr, at)
    lo = Math.min(lo, value)
    hi = Math.max(hi, value)
  }
  return Number.isFinite(lo) && lo > -EXACT && hi < EXACT ? ints(lo, hi) : undefined
}

/** The degree in each variable; undefined where one is above 1. */
function degrees(
  expr: Expr,
  variables: Map<string, Range>,
  rangeOf: (expr: Expr) => Range,
): ReadonlyMap<string, number> | undefined {
  if (expr.kind === 'const') return new Map()
  if (expr.kind === 'op' && /^i32\.(add|sub|mul)$/.test(expr.op)) {
    const [a, b] = expr.args.map(arg => degrees(arg, variables, rangeOf))
    return a && b && together(a, b, expr.op === 'i32.mul')
  }
  const key = exprKey(expr)
  variables.set(key, rangeOf(expr))
  return new Map([[key, 1]])
}

function together(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  product: boolean,
): ReadonlyMap<string, number> | undefined {
  const made = new Map(a)
  for (const [key, degree] of b) {
    if (product && made.has(key)) return undefined
    made.set(key, degree)
  }
  return made
}

function valueAt(expr: Expr, at: ReadonlyMap<string, number>): number {
  if (expr.kind === 'const') return Number(expr.value)
  if (expr.kind === 'op' && /^i32\.(add|sub|mul)$/.test(expr.op)) {
    const [a, b] = expr.args.map(arg => valueAt(arg, at)) as [number, number]
    const value = expr.op === 'i32.add' ? a + b : expr.op === 'i32.sub' ? a - b : a * b
    return Number.isSafeInteger(value) ? value : Number.NaN
  }
  return at.get(exprKey(expr)) ?? Number.NaN
}
