import type { Expr } from './ir.ts'
import { opInfo } from './ops.ts'
import { children } from './rewrite.ts'

/** What may trap is computed only where the program would compute it. */

/** Whether computing the expression may trap. */
export const mayTrap = (expr: Expr): boolean => isPartial(expr) || children(expr).some(mayTrap)

/** Whether the operator of this node, not those below it, is a division that some operands make trap. */
export function isPartial(expr: Expr): boolean {
  return expr.kind === 'op' && opInfo(expr.op).partial === true && !isHarmless(expr.args[1])
}

/** Every number can be divided by it. */
const isHarmless = (divisor: Expr | undefined): boolean =>
  divisor?.kind === 'const' && ![0, -1, 0n, -1n].includes(divisor.value)
