import { meet, type Range } from './interval.ts'

/**
 * Integer polynomials over numbered variables: the normal form of index arithmetic, in which `(y * w + x) - w` and
 * `(y - 1) * w + x` are the same, and in which the first and the last value of a loop are put in for its counter.
 */
export interface Polynomial {
  /** By their factors. */
  readonly terms: ReadonlyMap<string, Term>
  /** What is known of the variables wherever this value is computed. */
  readonly facts: ReadonlyMap<Variable, Range>
}
export type Variable = number

export interface Term {
  readonly coefficient: number
  /** Sorted; a square has its variable twice. */
  readonly factors: readonly Variable[]
}

const MOST_TERMS = 12
const MOST_FACTORS = 4
const LARGEST = 2 ** 40
const NO_FACTS: ReadonlyMap<Variable, Range> = new Map()

export const ZERO: Polynomial = { terms: new Map(), facts: NO_FACTS }

export function constantPoly(value: number): Polynomial {
  return value === 0 ? ZERO : { terms: new Map([['', { coefficient: value, factors: [] }]]), facts: NO_FACTS }
}

export function variablePoly(variable: Variable, range: Range): Polynomial {
  const term: Term = { coefficient: 1, factors: [variable] }
  return { terms: new Map([[keyOf(term.factors), term]]), facts: new Map([[variable, range]]) }
}

const keyOf = (factors: readonly Variable[]): string => factors.join('*')

function bothFacts(a: Polynomial, b: Polynomial): ReadonlyMap<Variable, Range> {
  if (a.facts.size === 0) return b.facts
  const facts = new Map(a.facts)
  for (const [variable, range] of b.facts) {
    const known = facts.get(variable)
    facts.set(variable, known ? meet(known, range) : range)
  }
  return facts
}

/** a + scale * b; undefined where it becomes too large to handle. */
export function addPoly(a: Polynomial, b: Polynomial, scale = 1): Polynomial | undefined {
  const terms = new Map(a.terms)
  for (const [key, term] of b.terms) {
    const coefficient = (terms.get(key)?.coefficient ?? 0) + scale * term.coefficient
    if (Math.abs(coefficient) > LARGEST) return undefined
    if (coefficient === 0) terms.delete(key)
    else terms.set(key, { ...term, coefficient })
  }
  return terms.size > MOST_TERMS ? undefined : { terms, facts: bothFacts(a, b) }
}

export const subtractPoly = (a: Polynomial, b: Polynomial): Polynomial | undefined => addPoly(a, b, -1)

export function multiplyPoly(a: Polynomial, b: Polynomial): Polynomial | undefined {
  let sum: Polynomial | undefined = ZERO
  for (const left of a.terms.values()) {
    for (const right of b.terms.values()) {
      const factors = [...left.factors, ...right.factors].sort((x, y) => x - y)
      if (factors.length > MOST_FACTORS) return undefined
      const coefficient = left.coefficient * right.coefficient
      const product: Polynomial = { terms: new Map([[keyOf(factors), { coefficient, factors }]]), facts: NO_FACTS }
      sum = sum && addPoly(sum, product)
    }
  }
  return sum && { ...sum, facts: bothFacts(a, b) }
}

export const isFree = (poly: Polynomial, variable: Variable): boolean =>
  [...poly.terms.values()].every(term => !term.factors.includes(variable))

/** The variables that a polynomial is made of. */
export function variablesOf(poly: Polynomial): Set<Variable> {
  return new Set([...poly.terms.values()].flatMap(term => term.factors))
}

/** poly = rest + slope * variable; undefined where the variable stands in a square. */
export function splitPoly(
  poly: Polynomial,
  variable: Variable,
): { readonly slope: Polynomial; readonly rest: Polynomial } | undefined {
  const slope = new Map<string, Term>()
  const rest = new Map<string, Term>()
  for (const [key, term] of poly.terms) {
    const count = term.factors.filter(one => one === variable).length
    if (count > 1) return undefined
    if (count === 0) rest.set(key, term)
    else {
      const factors = term.factors.filter(one => one !== variable)
      slope.set(keyOf(factors), { ...term, factors })
    }
  }
  return { slope: { terms: slope, facts: poly.facts }, rest: { terms: rest, facts: poly.facts } }
}

/** Bounds of the value, from what is known of the variables. */
export function boundsOf(
  poly: Polynomial,
  rangeOf: (variable: Variable) => { readonly lo: number; readonly hi: number } = variable =>
    poly.facts.get(variable) ?? { lo: -Infinity, hi: Infinity },
): { readonly lo: number; readonly hi: number } {
  let lo = 0
  let hi = 0
  for (const term of poly.terms.values()) {
    const bounds = termBounds(term, rangeOf)
    lo += bounds.lo
    hi += bounds.hi
  }
  return { lo, hi }
}

export function termBounds(
  { coefficient, factors }: Term,
  rangeOf: (variable: Variable) => { readonly lo: number; readonly hi: number },
): { readonly lo: number; readonly hi: number } {
  let bounds = { lo: coefficient, hi: coefficient }
  for (const factor of factors) {
    const range = rangeOf(factor)
    const corners = [bounds.lo * range.lo, bounds.lo * range.hi, bounds.hi * range.lo, bounds.hi * range.hi].map(
      corner => (Number.isNaN(corner) ? 0 : corner),
    )
    bounds = { lo: Math.min(...corners), hi: Math.max(...corners) }
  }
  return bounds
}

export const constantOf = (poly: Polynomial): number => poly.terms.get('')?.coefficient ?? 0

/** The same for polynomials that differ only in their constant. */
export const shapeOf = (poly: Polynomial): string =>
  [...poly.terms]
    .filter(([key]) => key !== '')
    .map(([key, term]) => `${term.coefficient}:${key}`)
    .sort()
    .join('+')

/** Sums of doubles are exact up to here. */
const EXACT_SUM = 2 ** 53

/** Whether the value cannot be negative where the facts hold. */
export function isNeverNegative(poly: Polynomial): boolean {
  const rangeOf = (variable: Variable): { lo: number; hi: number } =>
    poly.facts.get(variable) ?? { lo: -Infinity, hi: Infinity }
  const bounds = [...poly.terms.values()].map(term => termBounds(term, rangeOf))
  if (bounds.every(({ lo }) => lo >= 0)) return true
  // only the lower ends count; an infinite one settles it
  const size = bounds.reduce((sum, { lo }) => sum + Math.abs(lo), 0)
  return size <= EXACT_SUM && bounds.reduce((sum, { lo }) => sum + lo, 0) >= 0
}

export function isNeverPositive(poly: Polynomial): boolean {
  const negated = addPoly(ZERO, poly, -1)
  return negated !== undefined && isNeverNegative({ terms: negated.terms, facts: poly.facts })
}
