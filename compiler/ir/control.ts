import type { Stmt } from './ir.ts'
import { bodies, visitAllExprs, visitStmts } from './rewrite.ts'

/** Questions about control flow and size. */

type Body = readonly Stmt[]

/** Whether control never falls off the end of this statement. */
export function terminates(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'break':
    case 'continue':
    case 'return':
    case 'exit':
      return true
    case 'if':
      return neverEnds(stmt.then) && neverEnds(stmt.else)
    case 'loop':
      return !mentions(stmt.body, 'break', stmt.label)
    case 'block':
      return neverEnds(stmt.body) && !mentions(stmt.body, 'break', stmt.label)
    default:
      return false
  }
}

/** Whether control never falls off the end of this body. */
export const neverEnds = (body: Body): boolean => body.some(terminates)

/** Whether a body has a `break` (or `continue`) to this label. */
export function mentions(body: Body, kind: 'break' | 'continue', label: string): boolean {
  return body.some(
    stmt => (stmt.kind === kind && stmt.label === label) || bodies(stmt).some(inner => mentions(inner, kind, label)),
  )
}

/** Number of expression nodes and statements: the measure of size for budgets. */
export function sizeOf(body: Body): number {
  let count = 0
  visitStmts(body, () => count++)
  visitAllExprs(body, () => count++)
  return count
}
