import type { Expr, LocalId } from './ir.ts'
import { children, localRead } from './rewrite.ts'

/** Structural equality and hash keys of expressions, which are pure: equal ones give equal values at one point. */

export function equalExpr(a: Expr, b: Expr): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.type !== b.type || localRead(a) !== localRead(b) || detail(a) !== detail(b)) return false
  const left = children(a)
  const right = children(b)
  return left.length === right.length && left.every((child, index) => equalExpr(child, right[index] as Expr))
}

/** A string that is the same exactly for structurally equal expressions; `nameOf` tells locals apart. */
export function exprKey(expr: Expr, nameOf: (local: LocalId) => string = String): string {
  const inner = children(expr).map(child => exprKey(child, nameOf))
  const local = localRead(expr)
  return `(${expr.kind} ${expr.type} ${local === undefined ? '' : nameOf(local)} ${detail(expr)} ${inner.join(' ')})`
}

/** What tells this node from others of its kind, apart from local and children. -0 and 0 differ. */
export function detail(expr: Expr): string {
  switch (expr.kind) {
    case 'const':
      return Object.is(expr.value, -0) ? '-0' : String(expr.value)
    case 'op':
      return expr.op
    case 'host':
      return expr.name
    case 'load':
      return expr.elem
    case 'vconst':
      return expr.lanes.map(lane => (Object.is(lane, -0) ? '-0' : String(lane))).join()
    case 'vop':
      return expr.op
    case 'vmove':
      return `${expr.move} ${expr.lanes.join()}`
    case 'vload':
      return `${expr.elem} ${expr.count}`
    case 'kernel':
      return expr.name
    default:
      return ''
  }
}
