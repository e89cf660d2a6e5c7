import { neverEnds } from '../ir/control.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { localRead, localSet, rootExprs, visitAllExprs, visitExpr } from '../ir/rewrite.ts'

/** Which locals a round of a loop reads before it sets them. */

/** Locals that the body may read with the value that they had before it. */
export function exposedReads(body: readonly Stmt[]): Set<LocalId> {
  const flow: Flow = { exposed: new Set(), jumps: new Map() }
  walk(flow, body, new Set())
  return flow.exposed
}

/** Those of `locals` that keep the value from before the body if it takes some way through it. */
export function mayKeep(body: readonly Stmt[], locals: Iterable<LocalId>): LocalId[] {
  const assigned = walk({ exposed: new Set(), jumps: new Map() }, body, new Set())
  return assigned ? [...locals].filter(local => !assigned.has(local)) : []
}

type Locals = ReadonlySet<LocalId>

interface Flow {
  readonly exposed: Set<LocalId>
  /** Locals that are set at every jump to a label so far. */
  readonly jumps: Map<string, Locals>
}

/** Gives the locals that are surely set at the end; undefined where the end is not reached. */
function walk(flow: Flow, body: readonly Stmt[], before: Locals): Locals | undefined {
  let assigned: Locals | undefined = before
  for (const stmt of body) {
    if (!assigned) return undefined
    for (const expr of rootExprs(stmt)) read(expr, assigned, flow.exposed)
    assigned = step(flow, stmt, assigned)
  }
  return assigned
}

function step(flow: Flow, stmt: Stmt, assigned: Locals): Locals | undefined {
  switch (stmt.kind) {
    case 'if':
      return both(walk(flow, stmt.then, assigned), walk(flow, stmt.else, assigned))
    case 'block':
      return both(walk(flow, stmt.body, assigned), takeJumps(flow, stmt))
    case 'loop':
      walk(flow, stmt.body, assigned)
      return takeJumps(flow, stmt)
    case 'for': {
      const counting = new Set([...assigned, stmt.local])
      walk(flow, stmt.body, counting)
      return both(counting, takeJumps(flow, stmt))
    }
    case 'break':
      flow.jumps.set(stmt.label, both(flow.jumps.get(stmt.label), assigned) ?? assigned)
      return undefined
    default: {
      if (neverEnds([stmt])) return undefined
      const local = localSet(stmt)
      return local === undefined ? assigned : new Set([...assigned, local])
    }
  }
}

function takeJumps({ jumps }: Flow, { label }: { readonly label: string }): Locals | undefined {
  const found = jumps.get(label)
  jumps.delete(label)
  return found
}

/** What is set on both ways; a way that does not come here counts for nothing. */
const both = (a: Locals | undefined, b: Locals | undefined): Locals | undefined =>
  a && b ? new Set([...a].filter(local => b.has(local))) : (a ?? b)

function read(expr: Expr, assigned: Locals, exposed: Set<LocalId>): void {
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
