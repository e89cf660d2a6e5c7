import { type Invariance, invarianceOf } from '../analysis/invariant.ts'
import type { Expr, Stmt } from '../ir/ir.ts'

/** Places for what has to be tested before a loop, as far out as the test is the same. */

export interface Enclosing {
  readonly invariance: Invariance
  /** Guards that go before this loop. */
  readonly guards: Stmt[]
}

export const enclosing = (body: readonly Stmt[]): Enclosing => ({ invariance: invarianceOf(body), guards: [] })

/**
 * The outermost of the loops around a place (outermost first) before which the test can be made: none in between
 * changes it. Undefined where the innermost does, or there is none.
 */
export function placeOf(around: readonly Enclosing[], test: Expr): Enclosing | undefined {
  const inner = around.findLastIndex(({ invariance }) => !invariance.holds(test))
  return around[inner + 1]
}
