import type { ForStmt } from '../analysis/subscripts.ts'
import { get, set } from '../ir/build.ts'
import type { Func, LocalId, Stmt } from '../ir/ir.ts'
import { renameLabels, renameLocals } from '../ir/rename.ts'
import {
  bodies,
  localRead,
  localSet,
  localsAccessed,
  localsSet,
  mapStmts,
  rootExprs,
  visitAllExprs,
  visitExpr,
  visitStmts,
} from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'

/**
 * A copy of a loop that works on locals and labels of its own. Locals that are read before they are set in a round,
 * or after the loop, are copied in before it and out after it, also where a `break` leaves it. `loop` may do less than
 * the `original`, a loop of the function; `reads` counts those of the whole function.
 */
export function isolate(
  reads: ReadonlyMap<LocalId, number>,
  scope: Scope,
  original: ForStmt,
  loop: ForStmt,
): readonly Stmt[] {
  const own = new Map<LocalId, LocalId>()
  for (const local of localsSet([loop])) {
    const { name, type } = scope.locals[local] as { name: string; type: Func['locals'][number]['type'] }
    own.set(local, scope.local(name, type))
  }
  const inside = readCounts([original])
  // read elsewhere, or read inside before it was set
  const carried = [...own.keys()].filter(local => {
    const elsewhere = (reads.get(local) ?? 0) > (inside.get(local) ?? 0)
    return (
      elsewhere || (inside.has(local) && (readsEnds(original, local) || isExposed(original.body, local) === 'read'))
    )
  })
  const rename = (local: LocalId): LocalId => own.get(local) ?? local
  const type = (local: LocalId): Func['locals'][number]['type'] => (scope.locals[local] as Func['locals'][number]).type
  const copyIn = carried.map(local => set(rename(local), get(local, type(local))))
  const copyOut = carried.map(local => set(local, get(rename(local), type(local))))
  const labels = new Map<string, string>()
  visitStmts([loop], stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for')
      labels.set(stmt.label, scope.label(stmt.label))
  })
  const fresh = renameLabels(renameLocals([loop], rename), label => labels.get(label) ?? label)
  const targets = new Set(labels.values())
  const leaving = mapStmts(fresh, stmt => {
    const jumps = (stmt.kind === 'break' || stmt.kind === 'continue') && !targets.has(stmt.label)
    return jumps ? [...copyOut, stmt] : stmt
  })
  return [...copyIn, ...leaving, ...copyOut]
}

/** How often each local is read. */
export function readCounts(body: readonly Stmt[]): ReadonlyMap<LocalId, number> {
  const counts = new Map<LocalId, number>()
  const count = (local: LocalId | undefined): void => {
    if (local !== undefined) counts.set(local, (counts.get(local) ?? 0) + 1)
  }
  visitAllExprs(body, expr => count(localRead(expr)))
  visitStmts(body, stmt => {
    for (const local of localsAccessed(stmt)) count(local)
  })
  return counts
}

function readsLocal(expr: Parameters<typeof visitExpr>[0], local: LocalId): boolean {
  let found = false
  visitExpr(expr, node => {
    found ||= localRead(node) === local
  })
  return found
}

const readsEnds = (loop: ForStmt, local: LocalId): boolean => rootExprs(loop).some(expr => readsLocal(expr, local))

type Exposure = 'read' | 'set' | 'neither'

/** What happens first to a local on every way through: a read, or a set for sure. */
function isExposed(body: readonly Stmt[], local: LocalId): Exposure {
  for (const stmt of body) {
    const found = exposedIn(stmt, local)
    if (found !== 'neither') return found
  }
  return 'neither'
}

function exposedIn(stmt: Stmt, local: LocalId): Exposure {
  if (rootExprs(stmt).some(expr => readsLocal(expr, local)) || localsAccessed(stmt).includes(local)) return 'read'
  if (localSet(stmt) === local) return 'set'
  const inner = bodies(stmt).map(body => isExposed(body, local))
  if (inner.includes('read')) return 'read'
  if (stmt.kind === 'if') return inner.every(one => one === 'set') ? 'set' : 'neither'
  // a block may be left before the set, a loop may have no round
  return 'neither'
}
