import type { Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { primitiveReads, primitiveWrites } from '../ir/primitives.ts'
import { bodies, visitAllExprs, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { isScalar } from '../ir/types.ts'

/** Facts about a module that the caller needs: which inputs it reads and writes, and whether it can leave after that. */

interface Effects {
  reads: boolean
  writes: boolean
}

/** For each parameter of the entry: whether its elements may be read, may be written. */
export function arrayEffects(module: Module): (position: number) => Effects {
  const summaries = new Map<string, Effects[]>(
    module.funcs.map(func => [func.name, func.params.map(() => ({ reads: false, writes: false }))]),
  )
  for (let changed = true; changed; ) {
    changed = false
    for (const func of module.funcs) {
      const found = effectsOf(func, summaries)
      const known = summaries.get(func.name)!
      found.forEach((effect, i) => {
        if (effect.reads !== known[i]!.reads || effect.writes !== known[i]!.writes) changed = true
      })
      summaries.set(func.name, found)
    }
  }
  return position => summaries.get(module.entry)![position]!
}

/** Locals that may refer to the same array are one class; a union-find over `set` and `subarray`. */
function aliasClasses(func: Func): (local: LocalId) => LocalId {
  const parent = func.locals.map((_, i) => i)
  const find = (local: LocalId): LocalId => (parent[local] === local ? local : (parent[local] = find(parent[local]!)))
  visitStmts(func.body, stmt => {
    if (stmt.kind !== 'set' || isScalar(func.locals[stmt.local]!.type)) return
    visitExpr(stmt.value, expr => {
      const from =
        expr.kind === 'get'
          ? expr.local
          : expr.kind === 'subarray'
            ? expr.array
            : expr.kind === 'listview' || expr.kind === 'listget'
              ? expr.list
              : undefined
      if (from !== undefined && !isScalar(func.locals[from]!.type)) parent[find(stmt.local)] = find(from)
    })
  })
  return find
}

function effectsOf(func: Func, summaries: ReadonlyMap<string, readonly Effects[]>): Effects[] {
  const find = aliasClasses(func)
  const reads = new Set<LocalId>()
  const writes = new Set<LocalId>()
  visitAllExprs(func.body, expr => {
    if (expr.kind === 'load' || expr.kind === 'vload') reads.add(find(expr.array))
    if (expr.kind === 'listget') reads.add(find(expr.list))
  })
  visitStmts(func.body, stmt => {
    for (const local of written(stmt)) writes.add(find(local))
    if (stmt.kind === 'copy') reads.add(find(stmt.source))
    if (stmt.kind === 'primitive') for (const local of primitiveReads(stmt)) reads.add(find(local))
    // an array that leaves through a result or into a list may be read there
    const escaping =
      stmt.kind === 'result' || stmt.kind === 'listset' || stmt.kind === 'listpush' || stmt.kind === 'return'
        ? stmt.value
        : undefined
    if (escaping?.kind === 'get' && !isScalar(escaping.type))
      for (const set of [reads, writes]) set.add(find(escaping.local))
    if (stmt.kind === 'call') callEffects(stmt, summaries, find, reads, writes)
  })
  return func.params.map((_, i) => ({ reads: reads.has(find(i)) || writes.has(find(i)), writes: writes.has(find(i)) }))
}

function callEffects(
  stmt: Stmt & { kind: 'call' },
  summaries: ReadonlyMap<string, readonly Effects[]>,
  find: (local: LocalId) => LocalId,
  reads: Set<LocalId>,
  writes: Set<LocalId>,
): void {
  stmt.args.forEach((arg, i) => {
    if (arg.kind !== 'get' || isScalar(arg.type)) return
    const effect = summaries.get(stmt.func)?.[i]
    if (effect?.reads) reads.add(find(arg.local))
    if (effect?.writes) writes.add(find(arg.local))
  })
}

function written(stmt: Stmt): LocalId[] {
  switch (stmt.kind) {
    case 'store':
    case 'vstore':
    case 'fill':
      return [stmt.array]
    case 'copy':
      return [stmt.target]
    case 'primitive':
      return primitiveWrites(stmt)
    case 'listset':
    case 'listpush':
    case 'listtruncate':
      return [stmt.list]
    default:
      return []
  }
}

/** Host functions that the module calls, in a fixed order. */
export function hostsOf(module: Module): string[] {
  const names = new Set<string>()
  for (const func of module.funcs) {
    visitAllExprs(func.body, expr => void (expr.kind === 'host' && names.add(expr.name)))
    visitStmts(func.body, stmt => void (stmt.kind === 'hostcall' && names.add(stmt.name)))
  }
  return [...names]
}

export function usesArena(module: Module): boolean {
  return anyStmt(module, stmt => stmt.kind === 'newarray' || stmt.kind === 'newlist' || stmt.kind === 'listpush')
}

/** Whether a call may take long: it loops or recurs. */
export function hasLoops(module: Module): boolean {
  return anyStmt(
    module,
    stmt =>
      stmt.kind === 'loop' ||
      stmt.kind === 'for' ||
      stmt.kind === 'call' ||
      stmt.kind === 'primitive' ||
      stmt.kind === 'fill' ||
      stmt.kind === 'copy',
  )
}

function anyStmt(module: Module, test: (stmt: Stmt) => boolean): boolean {
  let found = false
  for (const func of module.funcs) visitStmts(func.body, stmt => void (test(stmt) && (found = true)))
  return found
}

/**
 * Whether an exit exists, and whether one can follow a write to an input. Statements are taken in order; a loop's body
 * comes after itself. Allocation leaves when the arena is full, and a recursive call when the stack is.
 */
export function exitsAfterEffect(module: Module): { mayExit: boolean; exitsAfterEffect: boolean } {
  const canLeave = (stmt: Stmt): boolean =>
    stmt.kind === 'exit' || stmt.kind === 'newarray' || stmt.kind === 'newlist' || stmt.kind === 'listpush'
  const mayExit = anyStmt(module, stmt => canLeave(stmt) || stmt.kind === 'call')
  const writesInput = writers(module)
  const leaves = new Set(
    module.funcs.filter(func => containsStmt(func.body, s => canLeave(s) || s.kind === 'call')).map(func => func.name),
  )
  const entry = module.funcs.find(func => func.name === module.entry)!
  const state = { written: false, late: false }
  const visit = (body: readonly Stmt[]): void => {
    for (const stmt of body) step(stmt)
  }
  const step = (stmt: Stmt): void => {
    if (stmt.kind === 'call') {
      if (writesInput.has(stmt.func) && leaves.has(stmt.func)) state.late = true
      if (state.written && leaves.has(stmt.func)) state.late = true
      if (writesInput.has(stmt.func)) state.written = true
    }
    if (canLeave(stmt) && state.written) state.late = true
    if (written(stmt).length > 0) state.written = true
    if ((stmt.kind === 'loop' || stmt.kind === 'for') && containsWrite(stmt, writesInput)) state.written = true
    const before = state.written
    let after = before
    for (const inner of bodies(stmt)) {
      state.written = before
      visit(inner)
      after ||= state.written
    }
    state.written = after
  }
  visit(entry.body)
  return { mayExit, exitsAfterEffect: mayExit && state.late }
}

function containsStmt(body: readonly Stmt[], test: (stmt: Stmt) => boolean): boolean {
  let found = false
  visitStmts(body, stmt => void (test(stmt) && (found = true)))
  return found
}

function containsWrite(stmt: Stmt, writers_: ReadonlySet<string>): boolean {
  return containsStmt([stmt], inner => written(inner).length > 0 || (inner.kind === 'call' && writers_.has(inner.func)))
}

/** Functions that write memory, themselves or through what they call. */
function writers(module: Module): Set<string> {
  const found = new Set<string>()
  for (let changed = true; changed; ) {
    changed = false
    for (const func of module.funcs) {
      if (
        found.has(func.name) ||
        !containsStmt(func.body, s => written(s).length > 0 || (s.kind === 'call' && found.has(s.func)))
      )
        continue
      found.add(func.name)
      changed = true
    }
  }
  return found
}
