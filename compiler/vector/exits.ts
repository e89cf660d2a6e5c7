import type { LocalId, Stmt } from '../ir/ir.ts'
import { bodies, localSet, localsSet, localsUsed, rootExprs, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { refuse } from './refusal.ts'

/**
 * Loops that are left early. A group is done only when none of its rounds leaves: all tests come first, for all rounds
 * of the group, and when one holds the main loop ends before the group. The tail then does these rounds one after the
 * other, and leaves where the original does. So the arm that leaves is of no interest here.
 *
 * Gives the body with its tests at the beginning, each as `if (test) { break label }`.
 */
export function testsFirst(
  body: readonly Stmt[],
  label: string,
  exposed: ReadonlySet<LocalId>,
  classOf: (array: LocalId) => number,
): readonly Stmt[] {
  const last = body.findLastIndex(leaves)
  if (last < 0) return body
  const kept: Stmt[] = []
  const moved: Stmt[] = []
  for (const stmt of body.slice(0, last + 1)) {
    if (leaves(stmt)) kept.push({ ...stmt, then: [{ kind: 'break', label }], else: [] })
    else if (stmt.kind === 'set' && !exposed.has(stmt.local)) kept.push(stmt)
    else {
      moved.push(stmt)
      continue
    }
    for (const one of moved) checkExchange(one, stmt, classOf)
  }
  return [...kept, ...moved, ...body.slice(last + 1)]
}

type If = Extract<Stmt, { kind: 'if' }>

/** Whether the statement is a test that leaves the loop. */
export function leaves(stmt: Stmt): stmt is If {
  if (stmt.kind !== 'if' || stmt.else.length > 0) return false
  const end = stmt.then.at(-1)
  if (end?.kind === 'return') return true
  return end?.kind === 'break' && !labelsIn(stmt.then).has(end.label)
}

/** Whether the statement has been made into a jump to the end of the main loop. */
export const isLeave = (stmt: If, label: string): boolean => {
  const [first] = stmt.then
  return stmt.then.length === 1 && first?.kind === 'break' && first.label === label
}

function labelsIn(body: readonly Stmt[]): ReadonlySet<string> {
  const labels = new Set<string>()
  visitStmts(body, stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') labels.add(stmt.label)
  })
  return labels
}

/** `later` is about to run before `earlier`, which stood before it. */
function checkExchange(earlier: Stmt, later: Stmt, classOf: (array: LocalId) => number): void {
  const why = 'the test that leaves the loop needs what the round did before'
  const read = localsUsed([withoutBodies(later)])
  for (const local of localsSet([earlier])) if (read.has(local)) refuse(why)
  const own = localSet(later)
  if (own !== undefined && (localsUsed([earlier]).has(own) || localsSet([earlier]).has(own))) refuse(why)
  const stored = new Set<number>()
  visitStmts([earlier], stmt => {
    if (stmt.kind === 'store') stored.add(classOf(stmt.array))
    if (stmt.kind === 'exit' || stmt.kind === 'break') refuse(why)
  })
  for (const expr of rootExprs(later)) {
    visitExpr(expr, node => {
      if (node.kind === 'load' && stored.has(classOf(node.array))) refuse(why)
    })
  }
}

const withoutBodies = (stmt: Stmt): Stmt =>
  bodies(stmt).length === 0 ? stmt : stmt.kind === 'if' ? { ...stmt, then: [], else: [] } : stmt
