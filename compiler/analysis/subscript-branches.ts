import type { Expr } from '../ir/ir.ts'
import {
  addPoly,
  constantOf,
  constantPoly,
  isNeverNegative,
  type Polynomial,
  splitPoly,
  subtractPoly,
  type Variable,
  variablesOf,
  ZERO,
} from './polynomial.ts'
import { exactValue, type Known, type Walk } from './subscript-values.ts'

/** What branches tell of counters: in `if (i > 0) { … a[i - 1] … }` the first round does not count. */

/** Ends of counters as far as `test` has this outcome; gives what takes it back. */
export function suppose(walk: Walk, test: Expr, truth: boolean): () => void {
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
    const slope = split.slope.terms.size === 1 ? constantOf(split.slope) : 0
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
