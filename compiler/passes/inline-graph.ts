import type { Func, Module } from '../ir/ir.ts'
import { visitStmts } from '../ir/rewrite.ts'

export interface CallGraph {
  /** Reachable functions, each after those that it calls (but for cycles). */
  readonly calleesFirst: readonly Func[]
  readonly reachable: ReadonlySet<string>
  /** Functions that can call themselves, through others too. */
  readonly recursive: ReadonlySet<string>
  /** Number of places that call this function. */
  callers(name: string): number
}

/** One depth-first walk; cycles by strongly connected components (Tarjan 1972). */
export function callGraph(module: Module): CallGraph {
  const funcs = new Map(module.funcs.map(func => [func.name, func]))
  const counts = new Map<string, number>()
  const calleesFirst: Func[] = []
  const recursive = new Set<string>()
  const order = new Map<string, number>()
  const stack: string[] = []
  const connect = (name: string): number => {
    const func = funcs.get(name)
    if (!func) return Number.POSITIVE_INFINITY
    const own = order.size
    order.set(name, own)
    stack.push(name)
    let low = own
    for (const callee of callsOf(func)) {
      counts.set(callee, (counts.get(callee) ?? 0) + 1)
      if (callee === name) recursive.add(name)
      if (!order.has(callee)) low = Math.min(low, connect(callee))
      else if (stack.includes(callee)) low = Math.min(low, order.get(callee) as number)
    }
    calleesFirst.push(func)
    if (low === own) closeComponent(stack, name, recursive)
    return low
  }
  connect(module.entry)
  return { calleesFirst, reachable: new Set(order.keys()), recursive, callers: name => counts.get(name) ?? 0 }
}

function closeComponent(stack: string[], root: string, recursive: Set<string>): void {
  const members = stack.splice(stack.indexOf(root))
  if (members.length > 1) for (const member of members) recursive.add(member)
}

function callsOf(func: Func): string[] {
  const calls: string[] = []
  visitStmts(func.body, stmt => {
    if (stmt.kind === 'call') calls.push(stmt.func)
  })
  return calls
}
