import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { localRead, localSet, neverEnds, rootExprs, visitAllExprs, visitExpr } from '../ir/rewrite.ts'

/** Which locals a round of a loop reads before it sets them. */

/** Locals that the body may read with the value that they had before it. */
export function exposedReads(body: readonly Stmt[]): Set<LocalId> {
  const exposed = new Set<LocalId>()
  walk(body, new Set(), exposed)
  return exposed
}

type Locals = Set<LocalId>

/** Gives the locals that are surely set at the end; undefined where the end is not reached. */
function walk(body: readonly Stmt[], before: ReadonlySet<LocalId>, exposed: Locals): Locals | undefined {
  const assigned = new Set(before)
  for (const stmt of body) {
    for (const expr of rootExprs(stmt)) read(expr, assigned, exposed)
    if (stmt.kind === 'if') {
      const arms = [walk(stmt.then, assigned, exposed), walk(stmt.else, assigned, exposed)].filter(arm => !!arm)
      if (arms.length === 0) return undefined
      const [first, ...rest] = arms as [Locals, ...Locals[]]
      for (const local of first) if (rest.every(arm => arm.has(local))) assigned.add(local)
    } else if (stmt.kind === 'block') {
      const end = walk(stmt.body, assigned, exposed)
      if (end && !hasJump(stmt.body)) for (const local of end) assigned.add(local)
      else for (const local of leading(stmt.body)) assigned.add(local)
    } else if (stmt.kind === 'loop' || stmt.kind === 'for') {
      const inside = new Set(assigned)
      if (stmt.kind === 'for') {
        inside.add(stmt.local)
        assigned.add(stmt.local)
      }
      walk(stmt.body, inside, exposed)
    } else if (neverEnds([stmt])) return undefined
    else {
      const local = localSet(stmt)
      if (local !== undefined) assigned.add(local)
    }
  }
  return assigned
}

/** Locals set before anything in the body can jump. */
function leading(body: readonly Stmt[]): readonly LocalId[] {
  const stop = body.findIndex(stmt => stmt.kind !== 'set')
  return body.slice(0, stop < 0 ? body.length : stop).flatMap(stmt => localSet(stmt) ?? [])
}

const hasJump = (body: readonly Stmt[]): boolean =>
  body.some(
    stmt =>
      stmt.kind === 'break' ||
      stmt.kind === 'continue' ||
      (stmt.kind === 'if' && (hasJump(stmt.then) || hasJump(stmt.else))) ||
      ((stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') && hasJump(stmt.body)),
  )

function read(expr: Expr, assigned: ReadonlySet<LocalId>, exposed: Locals): void {
  visitExpr(expr, node => {
    const local = localRead(node)
    if (local !== undefined && !assigned.has(local)) exposed.add(local)
  })
}

/** How often each local is read by `get`. */
export function countReads(body: readonly Stmt[]): Map<LocalId, number> {
  const reads = new Map<LocalId, number>()
  visitAllExprs(body, expr => {
    if (expr.kind === 'get') reads.set(expr.local, (reads.get(expr.local) ?? 0) + 1)
  })
  return reads
}
