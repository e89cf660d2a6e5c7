import { get, i32, op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { localsSet, mapStmts, visitAllExprs, visitStmts } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'

/**
 * Locals that some rounds set to one and the same constant, and none reads (`if (x[i] < 0) found = true`): whether any
 * round does so is a bit that the rounds gather, and the local is set after the loop.
 */
export interface Flags {
  readonly body: readonly Stmt[]
  readonly before: readonly Stmt[]
  readonly after: readonly Stmt[]
}

export function gatherFlags(scope: Scope, given: readonly Stmt[]): Flags {
  const before: Stmt[] = []
  const after: Stmt[] = []
  let body = given
  for (const local of localsSet(given)) {
    const value = onlyValue(given, local)
    if (!value) continue
    const flag = scope.local('any', 'i32')
    body = mapStmts(body, stmt =>
      stmt.kind === 'set' && stmt.local === local
        ? { ...stmt, local: flag, value: op('i32.or', get(flag, 'i32'), i32(1)) }
        : stmt,
    )
    before.push({ kind: 'set', local: flag, value: i32(0) })
    after.push({ kind: 'if', test: get(flag, 'i32'), then: [{ kind: 'set', local, value }], else: [] })
  }
  return { body, before, after }
}

/** The constant to which all sets of the local set it, where each of them is conditional and nothing reads it. */
function onlyValue(body: readonly Stmt[], local: LocalId): Expr | undefined {
  let value: Expr | undefined
  let possible = body.every(stmt => stmt.kind !== 'set' || stmt.local !== local)
  visitStmts(body, stmt => {
    if (stmt.kind === 'for' && stmt.local === local) possible = false
    if (stmt.kind !== 'set' || stmt.local !== local) return
    if (stmt.value.kind !== 'const' || (value?.kind === 'const' && !Object.is(value.value, stmt.value.value)))
      possible = false
    value = stmt.value
  })
  visitAllExprs(body, expr => {
    if (expr.kind === 'get' && expr.local === local) possible = false
  })
  return possible ? value : undefined
}
