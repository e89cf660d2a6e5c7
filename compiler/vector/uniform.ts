import { get } from '../ir/build.ts'
import type { Expr, LocalId } from '../ir/ir.ts'
import { children, localRead, localsIn } from '../ir/rewrite.ts'
import { isPartial } from '../ir/traps.ts'
import type { Builder } from './builder.ts'
import type { LinearLoop } from './linear.ts'

/** Values that are the same in all rounds of a group, though not in all of the loop (counters of inner loops). */

/** Whether the expression is the same in all rounds of a group: then it stays scalar. */
export function isUniform(builder: Builder, expr: Expr): boolean {
  const local = localRead(expr)
  if (local !== undefined && builder.loop.counter === local) return false
  if (local !== undefined && !builder.uniform.has(local) && !builder.loop.isInvariant(get(local, 'i32'))) return false
  if (expr.kind === 'listget' || expr.kind === 'listlen') return false
  if (expr.kind === 'load' && builder.mask) return false
  return !isPartial(expr) && children(expr).every(child => isUniform(builder, child))
}

/** The loop with values that are the same in all rounds of the group taken as unchanging: for addresses. */
export const groupLoop = (builder: Builder): LinearLoop => ({
  counter: builder.loop.counter,
  nameOf: builder.loop.nameOf,
  isInvariant: expr => builder.loop.isInvariant(expr) || isUniform(builder, expr),
})

/** Functions of the counter that were found with the old value of a local hold no longer. */
export function forgetForms(builder: Builder, changed: LocalId): void {
  for (const [local, form] of builder.forms) if (localsIn(form).has(changed)) builder.forms.delete(local)
}
