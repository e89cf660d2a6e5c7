import { EXACT, type Range } from '../analysis/interval.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import type { Forms } from './narrow-forms.ts'

/**
 * Sums and products of integers that may be too large for a double to be exact, as `(z * h + y) * w + x` with sizes of
 * which nothing is known. Let x be the exact value and f the double. A value is *far by M* when always
 *
 *     f = x,  or  |f| >= M and |x| >= M.
 *
 * An index is -1 from 2^31 on, so for M >= 2^31 index(f) = index(x), and x may be computed in i64, as long as |x| stays
 * below 2^63. Rules (rounding is monotone, and every M is a double, so |x| >= M implies |round(x)| >= M):
 *
 *   integers that are exact         M = infinity
 *   a + b, a - b, both exact        2^53 if the sum can leave ±2^53 (where it does not it is exact), else infinity
 *   a + b, a far by M, b exact      M - max|b|; M when both have one sign; never more than 2^53
 *   a + b, both far                 min of both when both have one sign, else unknown: they may cancel
 *   a * b                           min of both, and 2^53 if the product can leave ±2^53: a factor 0 gives 0 on both
 *                                   sides, any other has |b| >= 1 and keeps the product far
 */
export interface Far {
  readonly by: number
  /** Largest magnitude of the exact value. */
  readonly most: number
}

/** Bounds are doubles, and sums of them a little off. */
const LARGEST = 2 ** 63 - 2 ** 54
const ROUNDED = 2 ** 53
/** From here on a number is no index. */
export const NO_INDEX = 2 ** 31

export type FarLocals = ReadonlyMap<LocalId, Far>

export function farOf(forms: Forms, locals: FarLocals, expr: Expr): Far | undefined {
  const range = forms.ranges.at(expr)
  if (!range) return undefined
  if (forms.of(expr)) return { by: Infinity, most: magnitude(range) }
  if (expr.kind === 'get') return locals.get(expr.local)
  if (expr.kind !== 'op') return undefined
  const [left, right] = expr.args
  if (expr.op !== 'f64.add' && expr.op !== 'f64.sub' && expr.op !== 'f64.mul') return undefined
  if (!left || !right) return undefined
  const a = farOf(forms, locals, left)
  const b = a && farOf(forms, locals, right)
  if (!a || !b) return undefined
  const far = expr.op === 'f64.mul' ? product(a, b) : sum(a, b, addsUp(forms, expr.op, left, right))
  return far && far.most < LARGEST && far.by > 0 ? far : undefined
}

const magnitude = ({ lo, hi }: Range): number => Math.max(Math.abs(lo), Math.abs(hi))

function product(a: Far, b: Far): Far {
  const most = a.most * b.most
  return { by: Math.min(a.by, b.by, most <= EXACT ? Infinity : ROUNDED), most }
}

function sum(a: Far, b: Far, sameSign: boolean): Far | undefined {
  const most = a.most + b.most
  const own = most <= EXACT ? Infinity : ROUNDED
  if (sameSign) return { by: Math.min(a.by, b.by, own), most }
  if (a.by !== Infinity && b.by !== Infinity) return undefined
  const near = a.by === Infinity ? a.most : b.most
  return { by: Math.min(Math.min(a.by, b.by) - (a.by === b.by ? 0 : near), own), most }
}

/** Neither operand takes away from the other. */
function addsUp(forms: Forms, op: 'f64.add' | 'f64.sub', left: Expr, right: Expr): boolean {
  const a = forms.ranges.of(left)
  const b = forms.ranges.of(right)
  const positive = a.lo >= 0 && (op === 'f64.add' ? b.lo >= 0 : b.hi <= 0)
  const negative = a.hi <= 0 && (op === 'f64.add' ? b.hi <= 0 : b.lo >= 0)
  return positive || negative
}
