import type { Expr, Func, Stmt } from '../ir/ir.ts'
import { mapBodies, mapChildren, mapList, mapRootExprs } from '../ir/rewrite.ts'

/**
 * Copies expressions and statements that occur at several places, so that each object has one place: analyses may
 * then keep what they know of a place under its node. The same function where nothing is shared.
 */
export function unshare(func: Func): Func {
  const seen = new Set<Expr | Stmt>()
  const first = (node: Expr | Stmt): boolean => !seen.has(node) && seen.add(node) !== undefined
  const expr = (node: Expr): Expr => {
    const own = mapChildren(node, expr)
    if (own !== node || first(own)) return own
    return { ...own }
  }
  const stmt = (node: Stmt): Stmt => {
    const own = mapRootExprs(node, expr)
    const inner = mapBodies(own, body => mapList(body, stmt))
    return inner !== node || first(inner) ? inner : { ...inner }
  }
  const body = mapList(func.body, stmt)
  return body === func.body ? func : { ...func, body }
}
