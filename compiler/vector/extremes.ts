import { get, op } from '../ir/build.ts'
import { equalExpr } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { mapStmts, visitAllExprs } from '../ir/rewrite.ts'

/**
 * `if (x > m) m = x` and `m = x > m ? x : m`, which keep m where a comparison with NaN fails: greatest and least values
 * that are gathered by comparison. Each lane does so from the value before the loop; among equal values any may be
 * kept, so the lanes agree with the loop in all bits but the sign of a zero. Where the result is zero, and the lanes might
 * differ from the loop, the main loop is done again one round after the other.
 */
export type Relation = 'gt' | 'lt' | 'ge' | 'le' | `${'gt' | 'lt' | 'ge' | 'le'}_${'s' | 'u'}`

export interface Pick {
  /** How a value relates to the one it replaces. */
  readonly relation: Relation
  readonly value: Expr
}

/** Conditional sets of that form as `m = select(x > m, x, m)`. */
export function picksAsSelects(body: readonly Stmt[], locals: ReadonlySet<LocalId>): readonly Stmt[] {
  return mapStmts(body, stmt => {
    if (stmt.kind === 'set' && locals.has(stmt.local) && stmt.value.kind === 'cond') {
      const { type, test, then, else: no } = stmt.value
      const own = no.kind === 'get' && no.local === stmt.local && relationOf(test, then, stmt.local)
      return own ? { ...stmt, value: selectOf(type, test, then, no) } : stmt
    }
    if (stmt.kind !== 'if' || stmt.then.length !== 1 || stmt.else.length > 0) return stmt
    const [set] = stmt.then
    if (set?.kind !== 'set' || !locals.has(set.local) || !relationOf(stmt.test, set.value, set.local)) return stmt
    return { ...set, value: selectOf(set.value.type, stmt.test, set.value, get(set.local, set.value.type)) }
  })
}

const selectOf = (type: Expr['type'], test: Expr, yes: Expr, no: Expr): Expr =>
  op(`${type}.select` as OpName, test, yes, no)

const TURNED: Readonly<Record<string, string>> = { gt: 'lt', lt: 'gt', ge: 'le', le: 'ge' }

/** The relation of the value to the local, where the test is one. */
function relationOf(test: Expr, value: Expr, local: LocalId): Relation | undefined {
  if (test.kind !== 'op' || reads(value, local)) return undefined
  const [name, rest] = (test.op.split('.')[1] ?? '').split('_') as [string, string | undefined]
  if (!Object.hasOwn(TURNED, name)) return undefined
  const [a, b] = test.args as readonly [Expr, Expr]
  const isLocal = (expr: Expr): boolean => expr.kind === 'get' && expr.local === local
  const sign = rest ? `_${rest}` : ''
  if (isLocal(b) && equalExpr(a, value)) return `${name}${sign}` as Relation
  if (isLocal(a) && equalExpr(b, value)) return `${TURNED[name]}${sign}` as Relation
  return undefined
}

export function pickOf(value: Expr, local: LocalId): Pick | undefined {
  if (value.kind !== 'op' || !value.op.endsWith('.select')) return undefined
  const [test, yes, no] = value.args as readonly [Expr, Expr, Expr]
  if (no.kind !== 'get' || no.local !== local) return undefined
  const relation = relationOf(test, yes, local)
  return relation && { relation, value: yes }
}

function reads(expr: Expr, local: LocalId): boolean {
  let found = false
  visitAllExprs([{ kind: 'return', value: expr }], node => {
    found ||= node.kind === 'get' && node.local === local
  })
  return found
}
