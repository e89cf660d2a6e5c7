import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { children, localRead, localsSet, visitStmts } from '../ir/rewrite.ts'

/** Which expressions have the same value in every round of a loop. */
export interface Invariance {
  holds(expr: Expr): boolean
  readonly set: ReadonlySet<LocalId>
}

export function invarianceOf(body: readonly Stmt[]): Invariance {
  const set = localsSet(body)
  const listsChange = mayChangeLists(body)
  const holds = (expr: Expr): boolean => {
    const local = localRead(expr)
    if (local !== undefined && set.has(local)) return false
    if (expr.kind === 'load' || expr.kind === 'vload' || expr.kind === 'listget') return false
    if (expr.kind === 'listlen' && listsChange) return false
    return children(expr).every(holds)
  }
  return { holds, set }
}

function mayChangeLists(body: readonly Stmt[]): boolean {
  let found = false
  visitStmts(body, ({ kind }) => {
    found ||= kind === 'listpush' || kind === 'listtruncate' || kind === 'newlist' || kind === 'call'
  })
  return found
}
