import { I32_MAX, I32_MIN, type Range } from '../analysis/interval.ts'
import { constantOf, type Polynomial, shapeOf, type Term, termBounds, type Variable } from '../analysis/polynomial.ts'
import type { Atom } from '../analysis/subscript-values.ts'
import { f64, i32, i64, op } from '../ir/build.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr } from '../ir/ir.ts'

/**
 * The test that no demand is negative; undefined where it would take too many comparisons. Each demand becomes
 * `what is added >= what is taken away`, in i32 where both sides surely fit, else in i64. Products that might leave
 * i64 are first compared as doubles with 2^50: up to there every product is exact, and beyond it the test fails.
 */
export function demandTest(
  demands: readonly Polynomial[],
  atomOf: (variable: Variable) => Atom,
  most: number,
): Expr | undefined {
  const tests = new Map(
    strongest(demands).flatMap(demand => testsOf(demand, atomOf).map(test => [exprKey(test), test] as const)),
  )
  const [first, ...rest] = tests.values()
  if (!first || tests.size > most) return undefined
  return rest.reduce((all, test) => op('i32.and', all, test), first)
}

/** Of demands that differ in their constant only, the one with the smallest. */
function strongest(demands: readonly Polynomial[]): readonly Polynomial[] {
  const found = new Map<string, Polynomial>()
  for (const demand of demands) {
    const shape = shapeOf(demand)
    const known = found.get(shape)
    if (!known || constantOf(demand) < constantOf(known)) found.set(shape, demand)
  }
  return [...found.values()]
}

const SAFE = 2 ** 50
/** Sums of doubles near 2^63 may be a little off. */
const I64_SAFE = 2 ** 63 - 2 ** 53

type AtomOf = (variable: Variable) => Atom

function testsOf(demand: Polynomial, atomOf: AtomOf): readonly Expr[] {
  const rangeOf = (variable: Variable): Range => atomOf(variable).range
  const terms = [...demand.terms.values()]
  const size = (term: Term): number => {
    const { lo, hi } = termBounds(term, rangeOf)
    return Math.max(Math.abs(lo), Math.abs(hi))
  }
  const total = terms.reduce((sum, term) => sum + size(term), 0)
  const plain = comparison(terms, atomOf, fitsI32(terms, rangeOf) ? 'i32' : 'i64')
  if (total < I64_SAFE) return [plain]
  return [...terms.filter(term => size(term) > SAFE).map(term => isSmall(term, atomOf)), plain]
}

/** Both sides of the comparison, and every product in them, fit an i32. */
function fitsI32(terms: readonly Term[], rangeOf: (variable: Variable) => Range): boolean {
  const side = (sign: number): { lo: number; hi: number } => {
    const own = terms.filter(term => Math.sign(term.coefficient) === sign)
    const bounds = own.map(term => termBounds({ ...term, coefficient: Math.abs(term.coefficient) }, rangeOf))
    return {
      lo: bounds.reduce((sum, { lo }) => sum + Math.min(lo, 0), 0),
      hi: bounds.reduce((sum, { hi }) => sum + Math.max(hi, 0), 0),
    }
  }
  return [side(1), side(-1)].every(({ lo, hi }) => lo >= I32_MIN && hi <= I32_MAX)
}

function comparison(terms: readonly Term[], atomOf: AtomOf, type: 'i32' | 'i64'): Expr {
  const side = (sign: number): Expr =>
    terms
      .filter(term => Math.sign(term.coefficient) === sign)
      .map(term => product(term, atomOf, type))
      .reduce<Expr | undefined>((sum, one) => (sum ? op(`${type}.add`, sum, one) : one), undefined) ?? number(0, type)
  return op(`${type}.ge_s`, side(1), side(-1))
}

const number = (value: number, type: 'i32' | 'i64'): Expr => (type === 'i32' ? i32(value) : i64(BigInt(value)))

/** |coefficient| times the factors. */
function product({ coefficient, factors }: Term, atomOf: AtomOf, type: 'i32' | 'i64'): Expr {
  const parts = factors.map(factor => converted(atomOf(factor).expr, type))
  const size = Math.abs(coefficient)
  if (size !== 1 || parts.length === 0) parts.push(number(size, type))
  return parts.reduce((made, part) => op(`${type}.mul`, made, part))
}

function converted(expr: Expr, type: 'i32' | 'i64'): Expr {
  if (expr.type === type) return expr
  return op(type === 'i64' ? 'i64.from_i32_s' : 'i32.wrap_i64', expr)
}

function isSmall({ coefficient, factors }: Term, atomOf: AtomOf): Expr {
  const asFloat = ({ expr }: Atom): Expr => op(expr.type === 'i64' ? 'f64.from_i64_s' : 'f64.from_i32_s', expr)
  const value = factors.map(factor => asFloat(atomOf(factor))).reduce((made, part) => op('f64.mul', made, part))
  return op('f64.le', op('f64.abs', value), f64(Math.floor(SAFE / Math.abs(coefficient))))
}
