import { block, get, leave, set, zero } from '../ir/build.ts'
import { sizeOf } from '../ir/control.ts'
import type { Func, Local, LocalId, Module, Stmt } from '../ir/ir.ts'
import { renameLabels, renameLocals } from '../ir/rename.ts'
import { mapStmts } from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { callGraph } from './inline-graph.ts'
import { readBeforeSet } from './inline-locals.ts'
import type { Pass } from './pass.ts'

/**
 * Inlines functions that are called once, or are small, and drops functions that nothing calls. Callees come before
 * callers, so a chain of helpers is inlined whole. Recursive functions stay.
 *
 * Requires: a valid module.
 * Keeps: effects and their order; an `exit` in an inlined body leaves the whole call as before.
 * Breaks: leaves `block … break` for early returns (`fold`) and copies of arguments and results (`cse`, `dce`).
 */
export const inline: Pass = { name: 'inline', run: inlineModule }

/** Nodes of a function that is inlined wherever it is called. */
const SMALL = 60
/** A module may grow to this many nodes, or to four times its size. */
const MODULE_LIMIT = 4000

function inlineModule(module: Module): Module {
  const graph = callGraph(module)
  const done = new Map<string, Func>()
  const sizes = new Map(module.funcs.map(func => [func.name, sizeOf(func.body)]))
  let budget = Math.max(MODULE_LIMIT, 4 * [...sizes.values()].reduce((sum, size) => sum + size, 0))
  for (const func of graph.calleesFirst) {
    const wanted = (callee: string): Func | undefined => {
      const size = sizes.get(callee) ?? 0
      const once = graph.callers(callee) === 1
      if (graph.recursive.has(callee) || !(once || size <= SMALL) || size > budget) return undefined
      budget -= size
      return done.get(callee)
    }
    const made = inlineCalls(func, wanted)
    done.set(func.name, made)
    sizes.set(func.name, sizeOf(made.body))
  }
  return withUsed(module, done)
}

/** Functions still reachable from the entry, in their order. */
function withUsed(module: Module, done: ReadonlyMap<string, Func>): Module {
  const made = { ...module, funcs: module.funcs.map(func => done.get(func.name) ?? func) }
  const used = callGraph(made).reachable
  const funcs = made.funcs.filter(func => used.has(func.name))
  const same = funcs.length === module.funcs.length && funcs.every((func, index) => func === module.funcs[index])
  return same ? module : { ...module, funcs }
}

function inlineCalls(func: Func, wanted: (callee: string) => Func | undefined): Func {
  const scope = openScope(func)
  const body = mapStmts(func.body, stmt => {
    const callee = stmt.kind === 'call' ? wanted(stmt.func) : undefined
    return callee && stmt.kind === 'call' ? expand(scope, callee, stmt) : stmt
  })
  return body === func.body ? func : scope.finish(body)
}

/** The body of the callee in place of the call: arguments and locals are set first, `return` leaves a block. */
function expand(scope: Scope, callee: Func, call: Extract<Stmt, { kind: 'call' }>): readonly Stmt[] {
  const ids = callee.locals.map(local => scope.local(local.name, local.type))
  const rename = (local: LocalId): LocalId => ids[local] as LocalId
  const labels = new Map<string, string>()
  const relabel = (label: string): string => {
    const known = labels.get(label) ?? scope.label(label)
    labels.set(label, known)
    return known
  }
  const end = scope.label(`end.${callee.name}`)
  const body = renameLabels(renameLocals(callee.body, rename), relabel)
  return [
    ...call.args.map((arg, index) => set(rename(index), arg)),
    ...resets(scope, callee, rename),
    block(end, ...returnsTo(body, end, call.result)),
  ]
}

/**
 * In a loop the body runs again with its locals as the last round left them; at a call they begin as zero. Arrays and lists
 * have no constants: what they begin with is in a local that nothing sets.
 */
function resets(scope: Scope, callee: Func, rename: (local: LocalId) => LocalId): Stmt[] {
  return [...readBeforeSet(callee)].map(local => {
    const { name, type } = callee.locals[local] as Local
    return set(rename(local), zero(type) ?? get(scope.local(name, type), type))
  })
}

function returnsTo(body: readonly Stmt[], end: string, result: LocalId | undefined): readonly Stmt[] {
  return mapStmts(body, stmt => {
    if (stmt.kind !== 'return') return stmt
    return stmt.value && result !== undefined ? [set(result, stmt.value), leave(end)] : leave(end)
  })
}
