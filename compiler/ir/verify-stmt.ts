import { unreachable } from '../../base/invariant.ts'
import type { LocalId, Stmt } from './ir.ts'
import { IMPURE_HOST_FUNCTIONS } from './ops.ts'
import { isPrimitive, primitiveOf } from './primitives.ts'
import { localSet, rootExprs } from './rewrite.ts'
import { elemOf, elemScalar, isArray, isVector, listElement, type Type } from './types.ts'
import { LANES } from './vector-types.ts'
import type { Verifier } from './verify.ts'
import { arrayLocal, checkExpr, checkLocal, listLocal, localType } from './verify-expr.ts'

interface Context {
  /** Labels in scope, and what they name. */
  readonly labels: ReadonlyMap<string, 'block' | 'loop' | 'for'>
  /** Counters of the enclosing counted loops. */
  readonly fixed: ReadonlySet<LocalId>
}

export function checkBody(verifier: Verifier, body: readonly Stmt[], path: string, context: Context): void {
  for (const [index, stmt] of body.entries()) checkStmt(verifier, stmt, `${path}[${index}]`, context)
}

function checkStmt(verifier: Verifier, stmt: Stmt, path: string, context: Context): void {
  const error = (message: string): void => verifier.report(path, message)
  const target = localSet(stmt)
  if (target !== undefined && context.fixed.has(target)) error(`sets the counter of a loop, local ${target}`)
  switch (stmt.kind) {
    case 'if':
      checkExpr(verifier, stmt.test, `${path}.test`, 'i32')
      checkBody(verifier, stmt.then, `${path}.then`, context)
      checkBody(verifier, stmt.else, `${path}.else`, context)
      return
    case 'block':
    case 'loop':
      checkBody(verifier, stmt.body, `${path}.body`, inside(verifier, stmt, path, context))
      return
    case 'for': {
      if (!verifier.spec.counted) error('counted loops do not exist at this stage')
      if (!Number.isInteger(stmt.step) || stmt.step <= 0 || stmt.step >= 2 ** 31) error(`the step is ${stmt.step}`)
      checkLocal(verifier, stmt.local, path, 'i32')
      checkExpr(verifier, stmt.from, `${path}.from`, 'i32')
      checkExpr(verifier, stmt.to, `${path}.to`, 'i32')
      const scoped = inside(verifier, stmt, path, context)
      const fixed = new Set([...scoped.fixed, stmt.local])
      checkBody(verifier, stmt.body, `${path}.body`, { ...scoped, fixed })
      return
    }
    case 'break':
      if (!context.labels.has(stmt.label)) error(`break to the unknown label ${stmt.label}`)
      return
    case 'continue': {
      const kind = context.labels.get(stmt.label)
      if (kind === undefined || kind === 'block') error(`continue to ${stmt.label}, which is no loop around it`)
      return
    }
    case 'exit':
      if (!verifier.module.exits[stmt.site]) error(`exit ${stmt.site} does not exist`)
      return
    default:
      checkSimple(verifier, stmt, path)
      return
  }
}

function inside(
  verifier: Verifier,
  stmt: Extract<Stmt, { kind: 'block' | 'loop' | 'for' }>,
  path: string,
  context: Context,
): Context {
  if (context.labels.has(stmt.label)) verifier.report(path, `the label ${stmt.label} hides another`)
  return { ...context, labels: new Map([...context.labels, [stmt.label, stmt.kind]]) }
}

type Simple = Exclude<Stmt, { kind: 'if' | 'block' | 'loop' | 'for' | 'break' | 'continue' | 'exit' }>

function checkSimple(verifier: Verifier, stmt: Simple, path: string): void {
  const wanted = operandTypes(verifier, stmt, path)
  for (const [index, expr] of rootExprs(stmt).entries()) {
    checkExpr(verifier, expr, `${path}.${stmt.kind}[${index}]`, wanted[index])
  }
}

/** Types that the expressions of a statement must have, in the order of `rootExprs`; checks its locals on the way. */
function operandTypes(verifier: Verifier, stmt: Simple, path: string): readonly (Type | undefined)[] {
  const error = (message: string): void => verifier.report(path, message)
  const scalarOf = (local: LocalId): Type | undefined => {
    const type = arrayLocal(verifier, local, path)
    return type && elemScalar(elemOf(type))
  }
  const elementOf = (local: LocalId): Type | undefined => {
    const type = listLocal(verifier, local, path)
    return type && listElement(type)
  }
  switch (stmt.kind) {
    case 'set':
      return [localType(verifier, stmt.local, path)]
    case 'store': {
      const type = arrayLocal(verifier, stmt.array, path)
      if (type && elemOf(type) !== stmt.elem) error(`stores ${stmt.elem} to ${type}`)
      return ['i32', elemScalar(stmt.elem)]
    }
    case 'return': {
      const { result } = verifier.func
      if ((result === 'void') !== (stmt.value === undefined)) error(`returns not what the function gives: ${result}`)
      return result === 'void' ? [] : [result]
    }
    case 'vstore': {
      const type = arrayLocal(verifier, stmt.array, path)
      if (type && elemOf(type) !== stmt.elem) error(`stores ${stmt.elem} to ${type}`)
      if (!isVector(stmt.value.type) || stmt.count < 1 || stmt.count > LANES[stmt.value.type])
        error(`stores ${stmt.count} lanes of ${stmt.value.type}`)
      return ['i32', undefined]
    }
    case 'call':
      return callTypes(verifier, stmt, path)
    case 'primitive':
      return primitiveTypes(verifier, stmt, path)
    case 'hostcall': {
      const arity = IMPURE_HOST_FUNCTIONS[stmt.name]
      if (arity !== stmt.args.length)
        error(`${stmt.name} takes ${arity ?? 'no such function'}, not ${stmt.args.length}`)
      if (stmt.result !== undefined) checkLocal(verifier, stmt.result, path, 'f64')
      return stmt.args.map(() => 'f64')
    }
    case 'newarray':
      checkLocal(verifier, stmt.local, path, `arr.${stmt.elem}`)
      return ['i32']
    case 'newlist':
      elementOf(stmt.local)
      return ['i32', 'i32']
    case 'listset':
      return ['i32', elementOf(stmt.list)]
    case 'listpush':
      return [elementOf(stmt.list)]
    case 'listtruncate':
      elementOf(stmt.list)
      return ['i32']
    case 'fill':
      return ['i32', 'i32', scalarOf(stmt.array)]
    case 'copy': {
      const target = arrayLocal(verifier, stmt.target, path)
      const source = arrayLocal(verifier, stmt.source, path)
      if (target !== source) error(`copies ${source} to ${target}`)
      return ['i32', 'i32', 'i32']
    }
    case 'result':
      if (stmt.slot < 0 || stmt.slot >= verifier.module.slots) error(`slot ${stmt.slot} of ${verifier.module.slots}`)
      return [undefined]
    default:
      return unreachable(stmt, 'operandTypes')
  }
}

function callTypes(verifier: Verifier, stmt: Extract<Stmt, { kind: 'call' }>, path: string): readonly Type[] {
  const callee = verifier.funcs.get(stmt.func)
  if (!callee) {
    verifier.report(path, `no function ${stmt.func}`)
    return []
  }
  if (callee.params.length !== stmt.args.length) {
    verifier.report(path, `${callee.name} takes ${callee.params.length} arguments, not ${stmt.args.length}`)
  }
  if (stmt.result !== undefined) {
    if (callee.result === 'void') verifier.report(path, `${callee.name} has no result`)
    else checkLocal(verifier, stmt.result, path, callee.result)
  }
  return callee.params.map(param => param.type)
}

function primitiveTypes(
  verifier: Verifier,
  { name, args, result }: Extract<Stmt, { kind: 'primitive' }>,
  path: string,
): readonly (Type | undefined)[] {
  if (!isPrimitive(name)) {
    verifier.report(path, `no primitive ${name}`)
    return []
  }
  const row = primitiveOf(name)
  if (row.params.length !== args.length)
    verifier.report(path, `${name} takes ${row.params.length} arguments, not ${args.length}`)
  if (result !== undefined) {
    if (row.result === 'void') verifier.report(path, `${name} has no result`)
    else checkLocal(verifier, result, path, row.result)
  }
  return row.params.map((param, i) => {
    if (param !== 'in' && param !== 'out' && param !== 'at') return param
    const arg = args[i]
    if (arg && (arg.kind !== 'get' || !isArray(arg.type))) verifier.report(path, `argument ${i} of ${name} is no array`)
    return undefined
  })
}
