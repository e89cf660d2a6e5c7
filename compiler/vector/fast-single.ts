import { f32, op } from '../ir/build.ts'
import type { Expr, Func, LocalId, Module, Stmt } from '../ir/ir.ts'
import { type OpName, opInfo } from '../ir/ops.ts'
import { localSet, mapStmts, visitStmts } from '../ir/rewrite.ts'
import { openScope, type Scope } from '../ir/scope.ts'
import { isArray } from '../ir/types.ts'
import { mapFuncs, type Pass } from '../passes/pass.ts'
import { exposedReads } from './flow.ts'

/**
 * With `math: 'fast'`, a function all of whose arrays hold f32 computes what it stores in f32, and not in f64 rounded at
 * the end. What it returns, sums, compares or uses as an index is computed in f64 as before.
 *
 * Requires: a valid module. Keeps: nothing of the last bits of what is stored to f32 arrays.
 */
export const fastSingle: Pass = {
  name: 'fast-single',
  run: (module: Module): Module => mapFuncs(module, func => (isSingle(func) ? inSingle(func) : func)),
}

/** Whether all arrays of a function hold f32. */
export function isSingle(func: Func): boolean {
  const arrays = func.locals.filter(({ type }) => isArray(type))
  return arrays.length > 0 && arrays.every(({ type }) => type === 'arr.f32')
}

export interface Singles {
  readonly scope: Scope
  /** Values of locals that are set once. */
  readonly once: ReadonlyMap<LocalId, Expr>
  readonly twins: Map<LocalId, LocalId>
}

function inSingle(func: Func): Func {
  const scope = openScope(func)
  const singles: Singles = { scope, once: setOnce(func.body), twins: new Map() }
  const body = mapStmts(func.body, stmt => {
    if (stmt.kind !== 'store' || stmt.value.kind !== 'op' || stmt.value.op !== 'f32.from_f64') return stmt
    const value = single(singles, stmt.value.args[0] as Expr)
    return value ? { ...stmt, value } : stmt
  })
  if (body === func.body) return func
  return scope.finish(withTwins(singles, body))
}

/** Each twin is set where its local is. */
export function withTwins(singles: Singles, body: readonly Stmt[]): readonly Stmt[] {
  return mapStmts(body, stmt => {
    const twin = stmt.kind === 'set' ? singles.twins.get(stmt.local) : undefined
    if (stmt.kind !== 'set' || twin === undefined) return stmt
    const value = single(singles, stmt.value) ?? op('f32.from_f64', stmt.value)
    return [stmt, { kind: 'set', local: twin, value }]
  })
}

/** Values of the locals that the body sets at one place, before it reads them: none is made of itself, by way of others too. */
export function setOnce(body: readonly Stmt[]): ReadonlyMap<LocalId, Expr> {
  const found = new Map<LocalId, Expr>()
  const others = exposedReads(body)
  visitStmts(body, stmt => {
    const local = localSet(stmt)
    if (local === undefined) return
    if (stmt.kind !== 'set' || found.has(local)) others.add(local)
    else found.set(local, stmt.value)
  })
  for (const local of others) found.delete(local)
  return found
}

const SAME = new Set(['add', 'sub', 'mul', 'div', 'neg', 'abs', 'sqrt', 'ceil', 'floor', 'trunc', 'min', 'max'])

/** The expression in f32, or undefined where f64 is wanted. */
export function single(singles: Singles, expr: Expr): Expr | undefined {
  switch (expr.kind) {
    case 'const':
      return f32(Number(expr.value))
    case 'get':
      return singleOfLocal(singles, expr)
    case 'cond': {
      const then = single(singles, expr.then)
      const otherwise = single(singles, expr.else)
      return then && otherwise && { ...expr, type: 'f32', then, else: otherwise }
    }
    case 'kernel': {
      const args = expr.args.map(arg => single(singles, arg))
      if (!args.every(arg => arg !== undefined)) return undefined
      return { kind: 'kernel', type: 'f32', name: expr.name.replace(/^f64/, 'f32'), args }
    }
    case 'op':
      return singleOfOp(singles, expr)
    default:
      return undefined
  }
}

function singleOfLocal(singles: Singles, expr: Extract<Expr, { kind: 'get' }>): Expr | undefined {
  const value = singles.once.get(expr.local)
  if (!value || !single(singles, value)) return op('f32.from_f64', expr)
  const { scope, twins } = singles
  const twin = twins.get(expr.local) ?? scope.local(scope.locals[expr.local]?.name ?? 'x', 'f32')
  twins.set(expr.local, twin)
  return { kind: 'get', type: 'f32', local: twin }
}

function singleOfOp(singles: Singles, expr: Extract<Expr, { kind: 'op' }>): Expr | undefined {
  if (expr.op === 'f64.from_f32') return expr.args[0]
  const [type, name] = expr.op.split('.') as [string, string]
  if (type !== 'f64') return undefined
  if (!SAME.has(name)) return opInfo(expr.op).result === 'f64' ? op('f32.from_f64', expr) : undefined
  const args = expr.args.map(arg => single(singles, arg))
  return args.every(arg => arg !== undefined) ? op(`f32.${name}` as OpName, ...args) : undefined
}
