import { I32 } from '../analysis/interval.ts'
import { invarianceOf } from '../analysis/invariant.ts'
import {
  addPoly,
  constantPoly,
  multiplyPoly,
  type Polynomial,
  splitPoly,
  subtractPoly,
  type Variable,
  variablePoly,
} from '../analysis/polynomial.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, children, localSet, localsSet, rootExprs } from '../ir/rewrite.ts'
import type { ForStmt } from '../vector/split.ts'

/**
 * The elements that a loop touches, as polynomials in its counter, the counters of inner loops, and values that no
 * round changes. Indices are computed modulo 2^32; the polynomials are their true values.
 */
export interface ArrayAccess {
  readonly array: LocalId
  readonly writes: boolean
  /** undefined: not known */
  readonly index: Polynomial | undefined
  /** elements from the index on */
  readonly count: number
  /** the inner loops around it, the innermost last */
  readonly inner: readonly InnerLoop[]
}

/** from <= variable < to */
export interface InnerLoop {
  readonly variable: Variable
  readonly from: Polynomial | undefined
  readonly to: Polynomial | undefined
}

export interface Subscripts {
  readonly accesses: readonly ArrayAccess[]
  readonly counter: Variable
  /** The value behind a variable that no round changes. */
  exprOf(variable: Variable): Expr | undefined
}

interface Walk {
  readonly values: Map<LocalId, Polynomial>
  readonly inner: readonly InnerLoop[]
}

export function subscriptsOf(loop: ForStmt): Subscripts {
  return new Reader(loop).read()
}

class Reader {
  readonly #loop: ForStmt
  readonly #set: ReadonlySet<LocalId>
  readonly #holds: (expr: Expr) => boolean
  readonly #accesses: ArrayAccess[] = []
  readonly #symbols = new Map<string, Variable>()
  readonly #exprs = new Map<Variable, Expr>()
  #variables = 0
  readonly #counter: Variable

  constructor(loop: ForStmt) {
    this.#loop = loop
    this.#set = new Set([...localsSet(loop.body), loop.local])
    const { holds } = invarianceOf([loop])
    this.#holds = holds
    this.#counter = this.#variables++
  }

  read(): Subscripts {
    const values = new Map([[this.#loop.local, variablePoly(this.#counter, I32)]])
    this.#walk(this.#loop.body, { values, inner: [] }, false)
    return { accesses: this.#accesses, counter: this.#counter, exprOf: variable => this.#exprs.get(variable) }
  }

  #walk(body: readonly Stmt[], walk: Walk, conditional: boolean): void {
    for (const stmt of body) this.#visit(stmt, walk, conditional)
  }

  #visit(stmt: Stmt, walk: Walk, conditional: boolean): void {
    for (const expr of rootExprs(stmt)) this.#visitReads(expr, walk)
    if (stmt.kind === 'store') this.#add(stmt.array, true, stmt.index, 1, walk)
    if (stmt.kind === 'vstore') this.#add(stmt.array, true, stmt.index, stmt.count, walk)
    if (stmt.kind === 'for') return this.#visitFor(stmt, walk)
    const local = localSet(stmt)
    if (local !== undefined) {
      const value = stmt.kind === 'set' && !conditional ? this.#valueOf(stmt.value, walk.values) : undefined
      if (value) walk.values.set(local, value)
      else walk.values.delete(local)
    }
    const inner = bodies(stmt)
    if (inner.length === 0) return
    if (stmt.kind === 'loop') forget(walk, inner)
    for (const each of inner) this.#walk(each, { ...walk, values: new Map(walk.values) }, false)
    forget(walk, inner)
  }

  #visitFor(stmt: ForStmt, walk: Walk): void {
    const own: InnerLoop = {
      variable: this.#variables++,
      from: this.#valueOf(stmt.from, walk.values),
      to: this.#valueOf(stmt.to, walk.values),
    }
    forget(walk, [stmt.body])
    const values = new Map(walk.values).set(stmt.local, variablePoly(own.variable, I32))
    this.#walk(stmt.body, { values, inner: [...walk.inner, own] }, false)
    walk.values.delete(stmt.local)
  }

  #visitReads(expr: Expr, walk: Walk): void {
    if (expr.kind === 'load') this.#add(expr.array, false, expr.index, 1, walk)
    if (expr.kind === 'vload') this.#add(expr.array, false, expr.index, expr.count, walk)
    for (const child of children(expr)) this.#visitReads(child, walk)
  }

  #add(array: LocalId, writes: boolean, index: Expr, count: number, walk: Walk): void {
    this.#accesses.push({ array, writes, index: this.#valueOf(index, walk.values), count, inner: walk.inner })
  }

  #valueOf(expr: Expr, values: ReadonlyMap<LocalId, Polynomial>): Polynomial | undefined {
    if (expr.type !== 'i32') return undefined
    if (expr.kind === 'const') return constantPoly(Number(expr.value))
    if (expr.kind === 'get')
      return values.get(expr.local) ?? (this.#set.has(expr.local) ? undefined : this.#symbol(expr))
    const made = expr.kind === 'op' ? this.#combine(expr, values) : undefined
    return made ?? (this.#holds(expr) && isSafe(expr) ? this.#symbol(expr) : undefined)
  }

  #combine(expr: Extract<Expr, { kind: 'op' }>, values: ReadonlyMap<LocalId, Polynomial>): Polynomial | undefined {
    const [left, right] = expr.args
    if (!left || !right) return undefined
    const [a, b] = [this.#valueOf(left, values), this.#valueOf(right, values)]
    if (!a || !b) return undefined
    switch (expr.op) {
      case 'i32.add':
        return addPoly(a, b)
      case 'i32.sub':
        return subtractPoly(a, b)
      case 'i32.mul':
        return multiplyPoly(a, b)
      case 'i32.shl':
        return right.kind === 'const' && Number(right.value) < 16
          ? multiplyPoly(a, constantPoly(2 ** Number(right.value)))
          : undefined
      default:
        return undefined
    }
  }

  #symbol(expr: Expr): Polynomial {
    const key = exprKey(expr)
    let variable = this.#symbols.get(key)
    if (variable === undefined) {
      variable = this.#variables++
      this.#symbols.set(key, variable)
      this.#exprs.set(variable, expr)
    }
    return variablePoly(variable, I32)
  }
}

/** May be computed before the loop, whether or not a round would compute it: divisions may trap. */
function isSafe(expr: Expr): boolean {
  if (expr.kind === 'op' && /div|rem/.test(expr.op)) return false
  return (
    (expr.kind === 'op' || expr.kind === 'get' || expr.kind === 'len' || expr.kind === 'const') &&
    children(expr).every(isSafe)
  )
}

function forget(walk: Walk, inner: readonly (readonly Stmt[])[]): void {
  for (const body of inner) for (const local of localsSet(body)) walk.values.delete(local)
}

/** Smallest and largest value over the rounds of the inner loops; `isPositive` says that a factor is not negative. */
export function extremes(
  value: Polynomial,
  inner: readonly InnerLoop[],
  assumeNotNegative: (factor: Polynomial) => boolean,
): { readonly least: Polynomial; readonly most: Polynomial } | undefined {
  let least: Polynomial | undefined = value
  let most: Polynomial | undefined = value
  for (const { variable, from, to } of inner.toReversed()) {
    const last: Polynomial | undefined = to && addPoly(to, constantPoly(-1))
    least = least && putIn(least, variable, from, last, assumeNotNegative)
    most = most && putIn(most, variable, last, from, assumeNotNegative)
  }
  return least && most && { least, most }
}

/** The value with `ifRising` for the variable where the value rises with it, else with `ifFalling`. */
function putIn(
  value: Polynomial,
  variable: Variable,
  ifRising: Polynomial | undefined,
  ifFalling: Polynomial | undefined,
  assumeNotNegative: (factor: Polynomial) => boolean,
): Polynomial | undefined {
  const parts = splitPoly(value, variable)
  if (!parts) return undefined
  if (parts.slope.terms.size === 0) return value
  const falls = [...parts.slope.terms.values()].every(({ coefficient }) => coefficient < 0)
  const slope = falls ? multiplyPoly(parts.slope, constantPoly(-1)) : parts.slope
  if (!slope || !assumeNotNegative(slope)) return undefined
  const end = falls ? ifFalling : ifRising
  const moved = end && multiplyPoly(parts.slope, end)
  return moved && addPoly(parts.rest, moved)
}
