import type { Func, LocalId, Stmt } from '../ir/ir.ts'
import { localSet, localsAccessed, localsIn, rootExprs } from '../ir/rewrite.ts'

/** Locals that may be read before they are set, so that the zero they begin with matters. */
export function readBeforeSet(func: Func): ReadonlySet<LocalId> {
  const early = new Set<LocalId>()
  walk(func.body, new Set(func.params.keys()), early)
  return early
}

/**
 * Adds to `set` what is set on every way to the end of the body. Statements that a jump may cut short (bodies of
 * blocks and loops) count for themselves only up to their first jump, which is where this gives up on the rest.
 */
function walk(body: readonly Stmt[], set: Set<LocalId>, early: Set<LocalId>): void {
  for (const stmt of body) {
    for (const local of readsOf(stmt)) if (!set.has(local)) early.add(local)
    switch (stmt.kind) {
      case 'if':
        walkIf(stmt, set, early)
        break
      case 'block':
      case 'loop':
        walk(stmt.body, untilJump(stmt.body, set, early), early)
        break
      case 'for':
        set.add(stmt.local)
        walk(stmt.body, new Set(set), early)
        break
      default: {
        const local = localSet(stmt)
        if (local !== undefined) set.add(local)
      }
    }
  }
}

function readsOf(stmt: Stmt): Set<LocalId> {
  const reads = new Set(localsAccessed(stmt))
  for (const expr of rootExprs(stmt)) localsIn(expr, reads)
  return reads
}

function walkIf(stmt: Extract<Stmt, { kind: 'if' }>, set: Set<LocalId>, early: Set<LocalId>): void {
  const then = new Set(set)
  const otherwise = new Set(set)
  walk(stmt.then, then, early)
  walk(stmt.else, otherwise, early)
  for (const local of then) if (otherwise.has(local)) set.add(local)
}

/** Adds to `set` what the body sets before anything that may jump; gives a set for walking the whole body. */
function untilJump(body: readonly Stmt[], set: Set<LocalId>, early: Set<LocalId>): Set<LocalId> {
  const inner = new Set(set)
  for (const stmt of body) {
    if (!isStraight(stmt)) break
    for (const local of readsOf(stmt)) if (!set.has(local)) early.add(local)
    const local = localSet(stmt)
    if (local !== undefined) set.add(local)
  }
  return inner
}

const isStraight = (stmt: Stmt): boolean =>
  !['if', 'block', 'loop', 'for', 'break', 'continue', 'return', 'exit'].includes(stmt.kind)
