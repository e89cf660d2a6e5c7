import type { Expr, Func, LocalId, Module } from './ir.ts'
import { visitStmts } from './rewrite.ts'
import { isScalar } from './types.ts'

/**
 * Which array and list locals of a function may refer to the same memory: classes that partition them, found by
 * union-find without regard to the order of statements (Steensgaard, Points-to analysis in almost linear time, 1996).
 * A list and what was put into it are one class. Two locals of different classes never share a byte.
 */
export interface Aliases {
  /** Small integer of the class of an array or list local. */
  classOf(local: LocalId): number
  readonly count: number
}

export function aliasesOf(module: Module, func: Func): Aliases {
  const parent = func.locals.map((_, id) => id)
  const find = (id: LocalId): LocalId => {
    while (parent[id] !== id) id = parent[id] = parent[parent[id] as LocalId] as LocalId
    return id
  }
  const unite = (ids: readonly LocalId[]): void => {
    for (const id of ids) parent[find(id)] = find(ids[0] as LocalId)
  }
  const isTold = func.name === module.entry || module.regions?.some(region => region.func === func.name) === true
  for (const group of paramGroups(func, isTold)) unite(group)
  visitStmts(func.body, stmt => {
    switch (stmt.kind) {
      case 'set':
        if (!isScalar(stmt.value.type)) unite([stmt.local, ...memoryOf(stmt.value)])
        return
      case 'listset':
      case 'listpush':
        if (!isScalar(stmt.value.type)) unite([stmt.list, ...memoryOf(stmt.value)])
        return
      case 'call': {
        const ids = stmt.args.flatMap(memoryOf)
        const type = stmt.result === undefined ? undefined : func.locals[stmt.result]?.type
        if (type && !isScalar(type)) ids.push(stmt.result as LocalId)
        if (ids.length > 0) unite(ids)
        return
      }
      default:
    }
  })
  return number(parent.map((_, id) => find(id)))
}

/** Parameters of the entry, and of regions, may alias within one group; of those of another function nothing is known. */
function paramGroups(func: Func, isTold: boolean): Iterable<LocalId[]> {
  const groups = new Map<number | string, LocalId[]>()
  for (const [id, param] of func.params.entries()) {
    if (isScalar(param.type)) continue
    const key = isTold ? (param.group ?? `alone ${id}`) : 'unknown'
    groups.set(key, [...(groups.get(key) ?? []), id])
  }
  return groups.values()
}

/** Array and list locals whose memory the value of this expression may refer to. */
export function memoryOf(expr: Expr): LocalId[] {
  if (isScalar(expr.type)) return []
  switch (expr.kind) {
    case 'get':
      return [expr.local]
    case 'subarray':
      return [expr.array]
    case 'listview':
    case 'listget':
      return [expr.list]
    case 'cond':
      return [...memoryOf(expr.then), ...memoryOf(expr.else)]
    default:
      return []
  }
}

function number(roots: readonly LocalId[]): Aliases {
  const ids = new Map<LocalId, number>()
  for (const root of roots) if (!ids.has(root)) ids.set(root, ids.size)
  return { classOf: local => ids.get(roots[local] as LocalId) as number, count: ids.size }
}
