import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { flatMapBody, localRead, localSet, localsSet, mapBodies, mapExpr, visitExpr } from '../ir/rewrite.ts'

/**
 * Brings back what temporaries hide from analyses, within each list of statements:
 *
 *   old = i; i = old + c      →  old = i; i = i + c            what advances a local is seen in one statement
 *   t = a < b; if (t) …       →  t = a < b; if (a < b) …       what a branch tells of its locals is seen in its test
 */
export function expose(body: readonly Stmt[]): readonly Stmt[] {
  const known = new Map<LocalId, Expr>()
  return flatMapBody(body, stmt => {
    const own = stmt.kind === 'set' ? exposeSet(stmt, known) : stmt.kind === 'if' ? exposeTest(stmt, known) : stmt
    const local = localSet(stmt)
    if (stmt.kind === 'set') {
      forget(known, new Set([stmt.local]))
      if (isCopyOrTest(stmt.value, stmt.local)) known.set(stmt.local, stmt.value)
    } else forget(known, localsSet([stmt]))
    if (local !== undefined && stmt.kind !== 'set') known.delete(local)
    return mapBodies(own, expose)
  })
}

const COMPARISON = /\.(eqz|eq|ne|[lg][te](_[su])?)$/

/** A local, or a comparison of locals, constants and lengths. */
function isCopyOrTest(value: Expr, local: LocalId): boolean {
  if (value.kind === 'get') return value.local !== local
  if (value.kind !== 'op' || !COMPARISON.test(value.op)) return false
  let plain = true
  let size = 0
  visitExpr(value, node => {
    size++
    plain &&= node.kind === 'op' || node.kind === 'get' || node.kind === 'const' || node.kind === 'len'
    plain &&= localRead(node) !== local
  })
  return plain && size <= 12
}

function forget(known: Map<LocalId, Expr>, changed: ReadonlySet<LocalId>): void {
  for (const [local, value] of known) {
    let stale = changed.has(local)
    visitExpr(value, node => {
      stale ||= changed.has(localRead(node) ?? -1)
    })
    if (stale) known.delete(local)
  }
}

type SetStmt = Extract<Stmt, { kind: 'set' }>

/** Copies of the local that is set, in a sum: they are the local itself. */
function exposeSet(stmt: SetStmt, known: ReadonlyMap<LocalId, Expr>): Stmt {
  const { value, local } = stmt
  if (value.kind !== 'op') return stmt
  const isCopy = (arg: Expr): boolean => {
    const original = arg.kind === 'get' ? known.get(arg.local) : undefined
    return original?.kind === 'get' && original.local === local
  }
  if (!value.args.some(isCopy)) return stmt
  const args = value.args.map(arg => (isCopy(arg) && arg.kind === 'get' ? { ...arg, local } : arg))
  return { ...stmt, value: { ...value, args } }
}

function exposeTest(stmt: Extract<Stmt, { kind: 'if' }>, known: ReadonlyMap<LocalId, Expr>): Stmt {
  const test = mapExpr(stmt.test, node => {
    const value = node.kind === 'get' && node.type === 'i32' ? known.get(node.local) : undefined
    return plainAnd(value && value.kind !== 'get' ? value : node)
  })
  return test === stmt.test ? stmt : { ...stmt, test }
}

/** `x ? y : x` with a test x is `x ? y : 0`, as `x && y` is written elsewhere. */
function plainAnd(expr: Expr): Expr {
  if (expr.kind !== 'cond' || expr.test.kind !== 'op' || !COMPARISON.test(expr.test.op)) return expr
  if (exprKey(expr.test) === exprKey(expr.else)) return { ...expr, else: { kind: 'const', type: 'i32', value: 0 } }
  if (exprKey(expr.test) === exprKey(expr.then)) return { ...expr, then: { kind: 'const', type: 'i32', value: 1 } }
  return expr
}
