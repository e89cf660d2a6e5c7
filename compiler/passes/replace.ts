import type { Expr, Stmt } from '../ir/ir.ts'
import { mapBodies, mapChildren, mapList, mapRootExprs } from '../ir/rewrite.ts'

/**
 * Replaces expressions, outermost first: `replacement` sees the nodes as they are, never rebuilt ones, so what is known
 * of a node can be looked up by it. What is replaced is not looked into.
 */
export function replaceExprs(body: readonly Stmt[], replacement: (expr: Expr) => Expr | undefined): readonly Stmt[] {
  const expr = (node: Expr): Expr => replacement(node) ?? mapChildren(node, expr)
  const stmt = (node: Stmt): Stmt => mapBodies(mapRootExprs(node, expr), inner => mapList(inner, stmt))
  return mapList(body, stmt)
}
