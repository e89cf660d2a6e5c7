import { get, i32, op } from '../ir/build.ts'
import type { Expr, Func, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import {
  children,
  localSet,
  mapBodies,
  mapChildren,
  mapList,
  mapRootExprs,
  rootExprs,
  visitStmts,
} from '../ir/rewrite.ts'

/**
 * Computes in 32 bits what is asked for modulo 2^32 only. An access is in bounds by the law of memory, so its index
 * conversion never gives -1, and is the low half of the i64 that it converts; and an i64 local of which only low
 * halves are read becomes an i32.
 */
export function lowBits(func: Func): Func {
  const plan = { indices: accessIndices(func), halves: new Set<LocalId>() }
  for (const local of halves(func, plan.indices)) plan.halves.add(local)
  const body = mapList(func.body, stmt => rewriteStmt(plan, stmt))
  if (body === func.body) return func
  const locals = func.locals.map((local, id) => (plan.halves.has(id) ? { ...local, type: 'i32' as const } : local))
  return { ...func, locals, body }
}

interface Plan {
  /** i32 locals that are read as the index of accesses only. */
  readonly indices: ReadonlySet<LocalId>
  /** i64 locals of which only the low half counts. */
  readonly halves: Set<LocalId>
}

const LOW: { readonly [op in OpName]?: OpName } = {
  'i64.add': 'i32.add',
  'i64.sub': 'i32.sub',
  'i64.mul': 'i32.mul',
}

const isAccess = (expr: Expr): boolean => expr.kind === 'load' || expr.kind === 'listget'
const isWrite = (stmt: Stmt): boolean => stmt.kind === 'store' || stmt.kind === 'listset'

/** Calls `visit` with each child of the roots and whether it is the index of an access. */
function visitPlaces(func: Func, visit: (expr: Expr, isIndex: boolean, stmt: Stmt) => void): void {
  const inside = (expr: Expr, isIndex: boolean, stmt: Stmt): void => {
    visit(expr, isIndex, stmt)
    for (const child of children(expr)) inside(child, isAccess(expr), stmt)
  }
  visitStmts(func.body, stmt => {
    rootExprs(stmt).forEach((root, position) => {
      inside(root, isWrite(stmt) && position === 0, stmt)
    })
  })
}

function accessIndices(func: Func): Set<LocalId> {
  const found = new Set<LocalId>()
  const other = new Set<LocalId>()
  visitPlaces(func, (expr, isIndex) => {
    if (expr.kind === 'get' && expr.type === 'i32') (isIndex ? found : other).add(expr.local)
  })
  for (const local of other) found.delete(local)
  return found
}

const isIndexOp = (expr: Expr): boolean =>
  expr.kind === 'op' && (expr.op === 'i32.index_i64' || expr.op === 'i32.index_f64')

/** i64 locals that are read in sums and products of which only the low half goes on. */
function halves(func: Func, indices: ReadonlySet<LocalId>): ReadonlySet<LocalId> {
  const found = new Set(func.locals.flatMap(({ type }, id) => (type === 'i64' && id >= func.params.length ? [id] : [])))
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (stmt.kind !== 'set' && local !== undefined) found.delete(local)
  })
  for (let size = -1; size !== found.size; ) {
    size = found.size
    visitStmts(func.body, stmt => {
      rootExprs(stmt).forEach((root, position) => {
        dropWide(root, lowRoot(stmt, root, position, indices, found), found)
      })
    })
  }
  return found
}

type Low = 'no' | 'low' | 'index'

/** What of a root expression counts. */
function lowRoot(
  stmt: Stmt,
  root: Expr,
  position: number,
  indices: ReadonlySet<LocalId>,
  halves: ReadonlySet<LocalId>,
): Low {
  if (stmt.kind === 'set' && halves.has(stmt.local)) return 'low'
  if (stmt.kind === 'set' && indices.has(stmt.local) && isIndexOp(root)) return 'index'
  return isWrite(stmt) && position === 0 ? 'index' : 'no'
}

function dropWide(expr: Expr, low: Low, found: Set<LocalId>): void {
  if (expr.kind === 'get') {
    if (low !== 'low') found.delete(expr.local)
    return
  }
  for (const child of children(expr)) dropWide(child, lowChild(expr, low), found)
}

function lowChild(expr: Expr, low: Low): Low {
  if (isAccess(expr)) return 'index'
  if (expr.kind !== 'op') return 'no'
  if (expr.op === 'i32.wrap_i64') return 'low'
  if (expr.op === 'i32.index_i64') return low === 'index' ? 'low' : 'no'
  return low === 'low' && LOW[expr.op] ? 'low' : 'no'
}

// ---- rewriting

function rewriteStmt(plan: Plan, stmt: Stmt): Stmt {
  let position = 0
  const own = mapRootExprs(stmt, root => {
    const low = lowRoot(stmt, root, position++, plan.indices, plan.halves)
    return low === 'low' ? half(plan, root) : rewrite(plan, root, low === 'index')
  })
  return mapBodies(own, body => mapList(body, inner => rewriteStmt(plan, inner)))
}

function rewrite(plan: Plan, expr: Expr, isIndex: boolean): Expr {
  if (expr.kind === 'op' && expr.args[0]) {
    const [arg] = expr.args
    if (isIndex && expr.op === 'i32.index_i64') return half(plan, arg)
    if (isIndex && expr.op === 'i32.index_f64') return op('i32.trunc_sat_s', rewrite(plan, arg, false))
    if (expr.op === 'i32.wrap_i64') {
      const low = half(plan, arg)
      return low.kind === 'op' && low.op === 'i32.wrap_i64' && low.args[0] === arg ? expr : low
    }
  }
  return mapChildren(expr, child => rewrite(plan, child, isAccess(expr)))
}

/** The low half of an i64, as an i32. */
function half(plan: Plan, expr: Expr): Expr {
  if (expr.kind === 'const') return i32(Number(BigInt.asIntN(32, BigInt(expr.value))))
  if (expr.kind === 'get' && plan.halves.has(expr.local)) return get(expr.local, 'i32')
  if (expr.kind === 'op') {
    const [a, b] = expr.args
    const low = LOW[expr.op]
    if (low && a && b) return op(low, half(plan, a), half(plan, b))
    if ((expr.op === 'i64.from_i32_s' || expr.op === 'i64.from_i32_u') && a) return rewrite(plan, a, false)
  }
  return op('i32.wrap_i64', rewrite(plan, expr, false))
}
