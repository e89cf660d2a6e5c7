import type { Expr } from '../ir/ir.ts'
import {
  addPoly,
  constantPoly,
  isNeverNegative,
  isNeverPositive,
  multiplyPoly,
  type Polynomial,
  splitPoly,
  subtractPoly,
  type Variable,
  variablesOf,
} from './polynomial.ts'
import { atomValue, type Known, rangeBefore, type Walk } from './subscript-values.ts'

/** What must be true before a loop so that an index is in bounds in all its rounds. */

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
export function demandsOf(walk: Walk, index: Polynomial, bound: Expr): readonly Polynomial[] | undefined {
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
