import {
  addPoly,
  constantOf,
  constantPoly,
  isFree,
  multiplyPoly,
  type Polynomial,
  shapeOf,
  splitPoly,
  subtractPoly,
  type Variable,
} from '../analysis/polynomial.ts'
import type { Aliases } from '../ir/alias.ts'
import { get, i32, i64, op } from '../ir/build.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import type { ForStmt } from '../vector/split.ts'
import { refuse } from './refusal.ts'
import { type ArrayAccess, extremes, type Subscripts, subscriptsOf } from './subscripts.ts'

/**
 * Whether the rounds of a loop touch different elements of every array that they write: each round stays within a window
 * of its own, and the windows lie side by side. What that takes of values known at run time only is tested there.
 * (The idea is that of the symbolic range test of Blume and Eigenmann, "The range test", 1994.)
 */

/** i32 tests, all of which must hold before the loop. */
export type Guards = readonly Expr[]

const MOST_GUARDS = 24
/** Bounds of values and coefficients within which the tests are computed exactly in i64. */
const SMALL = 2 ** 24
const SMALL_FACTOR = 256
const LARGE_FACTOR = 2 ** 20

export function guardsOf(
  loop: ForStmt,
  from: LocalId,
  to: LocalId,
  aliases: Aliases,
  names: (local: LocalId) => string,
): Guards {
  const subscripts = subscriptsOf(loop)
  const guards = new GuardSet(subscripts)
  for (const accesses of writtenClasses(subscripts, aliases, names))
    checkClass(accesses, loop, { from, to }, guards, names)
  return guards.all()
}

function writtenClasses(
  { accesses }: Subscripts,
  aliases: Aliases,
  names: (local: LocalId) => string,
): readonly (readonly ArrayAccess[])[] {
  const written = new Set(accesses.filter(({ writes }) => writes).map(({ array }) => aliases.classOf(array)))
  return [...written].map(each => {
    const own = accesses.filter(({ array }) => aliases.classOf(array) === each)
    const other = own.find(({ array }) => array !== own[0]!.array)
    if (other) refuse(`\`${names(own[0]!.array)}\` and \`${names(other.array)}\` may overlap`)
    return own
  })
}

interface Window {
  readonly least: Polynomial
  readonly most: Polynomial
}

function checkClass(
  accesses: readonly ArrayAccess[],
  loop: ForStmt,
  ends: { readonly from: LocalId; readonly to: LocalId },
  guards: GuardSet,
  names: (local: LocalId) => string,
): void {
  const name = names(accesses[0]!.array)
  let stride: Polynomial | undefined
  const windows: Window[] = []
  for (const { index, inner, count } of accesses) {
    const parts = index && splitPoly(index, guards.counter)
    if (!parts) refuse(`\`${name}\` is written and its index is not known to be another one in each round`)
    stride ??= parts.slope
    if (shapeOf(stride) !== shapeOf(parts.slope) || constantOf(stride) !== constantOf(parts.slope))
      refuse(`\`${name}\` is accessed at different strides`)
    const window = extremes(parts.rest, inner, factor => guards.addNotNegative(factor))
    const most = window && addPoly(window.most, constantPoly(count - 1))
    if (!window || !most || !isFree(window.least, guards.counter) || !isFree(most, guards.counter))
      refuse(`how far a round reaches into \`${name}\` is not known`)
    windows.push({ least: window.least, most })
  }
  if (!stride || stride.terms.size === 0) refuse(`every round writes the same elements of \`${name}\``)
  const width = positive(stride, loop.step, guards)
  for (const { most } of windows) for (const { least } of windows) guards.addFits(most, least, width, name)
  guards.addRange(width, ends)
}

/** The distance of two rounds in elements, taken as positive. */
function positive(stride: Polynomial, step: number, guards: GuardSet): Polynomial {
  const isNegative = [...stride.terms.values()].every(({ coefficient }) => coefficient < 0)
  const width = multiplyPoly(stride, constantPoly(isNegative ? -step : step))
  const atLeastOne = width && addPoly(width, constantPoly(-1))
  if (!width || !atLeastOne || !guards.addNotNegative(atLeastOne)) return refuse('the stride of the loop is not known')
  return width
}

/** Collects tests `polynomial >= 0`, without those that always hold. */
class GuardSet {
  readonly counter: Variable
  readonly #exprOf: Subscripts['exprOf']
  readonly #tests = new Map<string, Expr>()
  readonly #small = new Set<Variable>()

  constructor({ counter, exprOf }: Subscripts) {
    this.counter = counter
    this.#exprOf = exprOf
  }

  all(): Guards {
    const small = [...this.#small].map(variable => op('i32.le_u', this.#value(variable), i32(SMALL)))
    const all = [...this.#tests.values(), ...small]
    return all.length > MOST_GUARDS ? refuse('too much must be tested before the loop') : all
  }

  /** False where the test cannot be made. */
  addNotNegative(poly: Polynomial): boolean {
    if ([...poly.terms.values()].every(({ factors }) => factors.length === 0)) return constantOf(poly) >= 0
    const value = this.#evaluate(poly)
    if (value) this.#tests.set(`${shapeOf(poly)} ${constantOf(poly)}`, op('i64.ge_s', value, i64(0n)))
    return value !== undefined
  }

  /** What one round touches last lies before what the next one touches first. */
  addFits(most: Polynomial, least: Polynomial, width: Polynomial, name: string): void {
    const spread = subtractPoly(most, least)
    const room = spread && subtractPoly(width, spread)
    const fits = room && addPoly(room, constantPoly(-1))
    if (!fits || !this.addNotNegative(fits)) refuse(`the rounds touch the same elements of \`${name}\``)
  }

  /** All indices of the loop lie within 2^31, so that no two of them are one modulo 2^32. */
  addRange(width: Polynomial, { from, to }: { readonly from: LocalId; readonly to: LocalId }): void {
    const wide = this.#evaluate(width)
    if (!wide) return refuse('the stride of the loop is not known')
    const long = (local: LocalId): Expr => op('i64.from_i32_s', get(local, 'i32'))
    const rounds = op('i64.add', op('i64.sub', long(to), long(from)), i64(2n))
    this.#tests.set(`wide ${shapeOf(width)}`, op('i64.le_s', wide, i64(2n ** 30n)))
    this.#tests.set(
      `far ${shapeOf(width)} ${constantOf(width)}`,
      op('i64.le_s', op('i64.mul', rounds, wide), i64(2n ** 31n)),
    )
  }

  #evaluate(poly: Polynomial): Expr | undefined {
    let sum: Expr = i64(BigInt(constantOf(poly)))
    for (const { coefficient, factors } of poly.terms.values()) {
      if (factors.length === 0) continue
      if (factors.length > 2 || Math.abs(coefficient) > (factors.length === 2 ? SMALL_FACTOR : LARGE_FACTOR))
        return undefined
      if (factors.some(factor => !this.#exprOf(factor))) return undefined
      if (factors.length === 2) for (const factor of factors) this.#small.add(factor)
      const product = factors
        .map(factor => op('i64.from_i32_s', this.#value(factor)))
        .reduce((a, b) => op('i64.mul', a, b))
      sum = op('i64.add', sum, op('i64.mul', product, i64(BigInt(coefficient))))
    }
    return sum
  }

  #value(variable: Variable): Expr {
    return this.#exprOf(variable) ?? refuse('a value is not known before the loop')
  }
}
