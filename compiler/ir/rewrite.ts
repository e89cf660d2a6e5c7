import { unreachable } from '../../base/invariant.ts'
import type { Expr, Func, LocalId, Stmt } from './ir.ts'

/**
 * Traversal of expressions and statements. Every map keeps identity: where nothing below changed, the same object
 * comes back, so a pass can tell by `===` that it did nothing.
 */

type Body = readonly Stmt[]
export type ExprMap = (expr: Expr) => Expr

/** Maps a list; the same list when no item changed. */
export function mapList<T>(items: readonly T[], map: (item: T) => T): readonly T[] {
  let result: T[] | undefined
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as T
    const mapped = map(item)
    if (mapped !== item) (result ??= items.slice())[index] = mapped
  }
  return result ?? items
}

// ---- expressions

/** Direct sub-expressions. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'get':
    case 'len':
    case 'listview':
    case 'listlen':
    case 'isnull':
    case 'vconst':
      return []
    case 'op':
    case 'host':
    case 'vop':
    case 'vmove':
    case 'kernel':
      return expr.args
    case 'cond':
      return [expr.test, expr.then, expr.else]
    case 'load':
    case 'vload':
    case 'listget':
      return [expr.index]
    case 'subarray':
      return [expr.begin, expr.end]
    default:
      return unreachable(expr, 'children')
  }
}

/** Maps the direct sub-expressions. */
export function mapChildren(expr: Expr, map: ExprMap): Expr {
  switch (expr.kind) {
    case 'const':
    case 'get':
    case 'len':
    case 'listview':
    case 'listlen':
    case 'isnull':
    case 'vconst':
      return expr
    case 'op':
    case 'host':
    case 'vop':
    case 'vmove':
    case 'kernel': {
      const args = mapList(expr.args, map)
      return args === expr.args ? expr : { ...expr, args }
    }
    case 'cond': {
      const test = map(expr.test)
      const then = map(expr.then)
      const otherwise = map(expr.else)
      const same = test === expr.test && then === expr.then && otherwise === expr.else
      return same ? expr : { ...expr, test, then, else: otherwise }
    }
    case 'load':
    case 'vload':
    case 'listget': {
      const index = map(expr.index)
      return index === expr.index ? expr : { ...expr, index }
    }
    case 'subarray': {
      const begin = map(expr.begin)
      const end = map(expr.end)
      return begin === expr.begin && end === expr.end ? expr : { ...expr, begin, end }
    }
    default:
      return unreachable(expr, 'mapChildren')
  }
}

/** Maps a whole expression bottom-up: `map` sees each node after its children. */
export function mapExpr(expr: Expr, map: ExprMap): Expr {
  const visit = (node: Expr): Expr => map(mapChildren(node, visit))
  return visit(expr)
}

/** Calls `visit` for each node, parents first. */
export function visitExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr)
  switch (expr.kind) {
    case 'op':
    case 'host':
    case 'vop':
    case 'vmove':
    case 'kernel':
      for (const arg of expr.args) visitExpr(arg, visit)
      return
    case 'cond':
      visitExpr(expr.test, visit)
      visitExpr(expr.then, visit)
      visitExpr(expr.else, visit)
      return
    case 'load':
    case 'vload':
    case 'listget':
      visitExpr(expr.index, visit)
      return
    case 'subarray':
      visitExpr(expr.begin, visit)
      visitExpr(expr.end, visit)
      return
    default:
  }
}

/** The local that this node (not its children) reads: of a get, or the array or list of an access. */
export function localRead(expr: Expr): LocalId | undefined {
  switch (expr.kind) {
    case 'get':
    case 'isnull':
      return expr.local
    case 'len':
    case 'load':
    case 'vload':
    case 'subarray':
      return expr.array
    case 'listview':
    case 'listlen':
    case 'listget':
      return expr.list
    default:
      return undefined
  }
}

/** The same node reading another local, which must have the same type. */
export function withLocalRead(expr: Expr, local: LocalId): Expr {
  if (localRead(expr) === local) return expr
  switch (expr.kind) {
    case 'get':
    case 'isnull':
      return { ...expr, local }
    case 'len':
    case 'load':
    case 'vload':
    case 'subarray':
      return { ...expr, array: local }
    case 'listview':
    case 'listlen':
    case 'listget':
      return { ...expr, list: local }
    default:
      return expr
  }
}

/** Locals that an expression reads, arrays and lists included. */
export function localsIn(expr: Expr, into: Set<LocalId> = new Set()): Set<LocalId> {
  visitExpr(expr, node => {
    const local = localRead(node)
    if (local !== undefined) into.add(local)
  })
  return into
}

/** Replaces each `get` of a local for which `value` gives an expression. Accesses to arrays and lists stay. */
export function substitute(expr: Expr, value: (local: LocalId) => Expr | undefined): Expr {
  return mapExpr(expr, node => (node.kind === 'get' ? (value(node.local) ?? node) : node))
}

// ---- statements

/** Expressions directly in a statement, not those of nested statements. */
export function rootExprs(stmt: Stmt): readonly Expr[] {
  switch (stmt.kind) {
    case 'set':
    case 'listpush':
    case 'result':
      return [stmt.value]
    case 'store':
    case 'vstore':
    case 'listset':
      return [stmt.index, stmt.value]
    case 'if':
      return [stmt.test]
    case 'for':
      return [stmt.from, stmt.to]
    case 'return':
      return stmt.value ? [stmt.value] : []
    case 'call':
    case 'primitive':
    case 'hostcall':
      return stmt.args
    case 'newarray':
    case 'listtruncate':
      return [stmt.length]
    case 'newlist':
      return [stmt.length, stmt.capacity]
    case 'fill':
      return [stmt.begin, stmt.end, stmt.value]
    case 'copy':
      return [stmt.targetIndex, stmt.sourceIndex, stmt.count]
    case 'block':
    case 'loop':
    case 'break':
    case 'continue':
    case 'exit':
      return []
    default:
      return unreachable(stmt, 'rootExprs')
  }
}

/** Maps the expressions directly in a statement; `map` gets whole expressions. */
export function mapRootExprs(stmt: Stmt, map: ExprMap): Stmt {
  switch (stmt.kind) {
    case 'set':
    case 'listpush':
    case 'result': {
      const value = map(stmt.value)
      return value === stmt.value ? stmt : { ...stmt, value }
    }
    case 'store':
    case 'vstore':
    case 'listset': {
      const index = map(stmt.index)
      const value = map(stmt.value)
      return index === stmt.index && value === stmt.value ? stmt : { ...stmt, index, value }
    }
    case 'if': {
      const test = map(stmt.test)
      return test === stmt.test ? stmt : { ...stmt, test }
    }
    case 'for': {
      const from = map(stmt.from)
      const to = map(stmt.to)
      return from === stmt.from && to === stmt.to ? stmt : { ...stmt, from, to }
    }
    case 'return': {
      const value = stmt.value && map(stmt.value)
      return value === stmt.value || !value ? stmt : { ...stmt, value }
    }
    case 'call':
    case 'primitive':
    case 'hostcall': {
      const args = mapList(stmt.args, map)
      return args === stmt.args ? stmt : { ...stmt, args }
    }
    case 'newarray':
    case 'listtruncate': {
      const length = map(stmt.length)
      return length === stmt.length ? stmt : { ...stmt, length }
    }
    case 'newlist': {
      const length = map(stmt.length)
      const capacity = map(stmt.capacity)
      return length === stmt.length && capacity === stmt.capacity ? stmt : { ...stmt, length, capacity }
    }
    case 'fill': {
      const begin = map(stmt.begin)
      const end = map(stmt.end)
      const value = map(stmt.value)
      const same = begin === stmt.begin && end === stmt.end && value === stmt.value
      return same ? stmt : { ...stmt, begin, end, value }
    }
    case 'copy': {
      const targetIndex = map(stmt.targetIndex)
      const sourceIndex = map(stmt.sourceIndex)
      const count = map(stmt.count)
      const same = targetIndex === stmt.targetIndex && sourceIndex === stmt.sourceIndex && count === stmt.count
      return same ? stmt : { ...stmt, targetIndex, sourceIndex, count }
    }
    case 'block':
    case 'loop':
    case 'break':
    case 'continue':
    case 'exit':
      return stmt
    default:
      return unreachable(stmt, 'mapRootExprs')
  }
}

const NONE: readonly Body[] = []

/** Statement lists directly in a statement. */
export function bodies(stmt: Stmt): readonly Body[] {
  switch (stmt.kind) {
    case 'if':
      return [stmt.then, stmt.else]
    case 'block':
    case 'loop':
    case 'for':
      return [stmt.body]
    default:
      return NONE
  }
}

/** Maps the statement lists directly in a statement. */
export function mapBodies(stmt: Stmt, map: (body: Body) => Body): Stmt {
  switch (stmt.kind) {
    case 'if': {
      const then = map(stmt.then)
      const otherwise = map(stmt.else)
      return then === stmt.then && otherwise === stmt.else ? stmt : { ...stmt, then, else: otherwise }
    }
    case 'block':
    case 'loop':
    case 'for': {
      const body = map(stmt.body)
      return body === stmt.body ? stmt : { ...stmt, body }
    }
    default:
      return stmt
  }
}

/** Maps each statement of one list (not nested ones) to a statement or to several, which are spliced in. */
export function flatMapBody(body: Body, map: (stmt: Stmt, index: number) => Stmt | Body): Body {
  let result: Stmt[] | undefined
  for (let index = 0; index < body.length; index++) {
    const stmt = body[index] as Stmt
    const mapped = map(stmt, index)
    if (mapped === stmt && !result) continue
    result ??= body.slice(0, index)
    if (isBody(mapped)) for (const one of mapped) result.push(one)
    else result.push(mapped)
  }
  return result ?? body
}

const isBody = (mapped: Stmt | Body): mapped is Body => Array.isArray(mapped)

/** Maps statements bottom-up: `map` sees each statement after its bodies, and may give several in its place. */
export function mapStmts(body: Body, map: (stmt: Stmt) => Stmt | Body): Body {
  return flatMapBody(body, stmt => map(mapBodies(stmt, inner => mapStmts(inner, map))))
}

/** Maps every expression node of a body bottom-up. */
export function mapAllExprs(body: Body, map: ExprMap): Body {
  return mapStmts(body, stmt => mapRootExprs(stmt, expr => mapExpr(expr, map)))
}

/** Calls `visit` for each statement, parents first. */
export function visitStmts(body: Body, visit: (stmt: Stmt) => void): void {
  for (const stmt of body) {
    visit(stmt)
    for (const inner of bodies(stmt)) visitStmts(inner, visit)
  }
}

/** Calls `visit` for each expression node of a body. */
export function visitAllExprs(body: Body, visit: (expr: Expr) => void): void {
  visitStmts(body, stmt => {
    for (const expr of rootExprs(stmt)) visitExpr(expr, visit)
  })
}

/** The local that a statement itself sets (a `for` sets its counter). */
export function localSet(stmt: Stmt): LocalId | undefined {
  switch (stmt.kind) {
    case 'set':
    case 'for':
    case 'newarray':
    case 'newlist':
      return stmt.local
    case 'call':
    case 'primitive':
    case 'hostcall':
      return stmt.result
    default:
      return undefined
  }
}

/** Array and list locals that a statement itself works on (written or read in place; its expressions are apart). */
export function localsAccessed(stmt: Stmt): readonly LocalId[] {
  switch (stmt.kind) {
    case 'store':
    case 'vstore':
    case 'fill':
      return [stmt.array]
    case 'copy':
      return [stmt.target, stmt.source]
    case 'listset':
    case 'listpush':
    case 'listtruncate':
      return [stmt.list]
    default:
      return []
  }
}

/** Locals set anywhere in a body. */
export function localsSet(body: Body, into: Set<LocalId> = new Set()): Set<LocalId> {
  visitStmts(body, stmt => {
    const local = localSet(stmt)
    if (local !== undefined) into.add(local)
  })
  return into
}

/** Locals read anywhere in a body: gets, array and list accesses of expressions and statements. */
export function localsUsed(body: Body, into: Set<LocalId> = new Set()): Set<LocalId> {
  visitStmts(body, stmt => {
    for (const local of localsAccessed(stmt)) into.add(local)
    for (const expr of rootExprs(stmt)) localsIn(expr, into)
  })
  return into
}

/** The function with another body; the same function when the body is the same. */
export const withBody = (func: Func, body: Body): Func => (body === func.body ? func : { ...func, body })
