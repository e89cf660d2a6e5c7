import { unreachable } from '../../base/invariant.ts'
import type { ConstExpr, Expr, LocalId, VectorExpr } from './ir.ts'
import { HOST_FUNCTIONS, OPS, opInfo } from './ops.ts'
import { elemOf, elemScalar, isArray, isList, isScalar, isVector, listElement, type Type } from './types.ts'
import { VECTOR_OPS } from './vector-ops.ts'
import { LANE_SCALAR, LANES } from './vector-types.ts'
import type { Verifier } from './verify.ts'

/** Types of every expression node, against the op table and the locals. */
export function checkExpr(verifier: Verifier, expr: Expr, path: string, wanted?: Type): void {
  if (wanted !== undefined && expr.type !== wanted) verifier.report(path, `${wanted} is wanted, this is ${expr.type}`)
  const error = (message: string): void => verifier.report(path, message)
  switch (expr.kind) {
    case 'const':
      if (!isValue(expr)) error(`${String(expr.value)} is no ${expr.type}`)
      return
    case 'get':
      checkLocal(verifier, expr.local, path, expr.type)
      return
    case 'op':
      checkOp(verifier, expr, path)
      return
    case 'cond':
      checkExpr(verifier, expr.test, `${path}.test`, 'i32')
      checkExpr(verifier, expr.then, `${path}.then`, expr.type)
      checkExpr(verifier, expr.else, `${path}.else`, expr.type)
      return
    case 'len':
      arrayLocal(verifier, expr.array, path)
      return
    case 'load': {
      const type = arrayLocal(verifier, expr.array, path)
      if (type && elemOf(type) !== expr.elem) error(`loads ${expr.elem} from ${type}`)
      if (expr.type !== elemScalar(expr.elem)) error(`a load of ${expr.elem} gives no ${expr.type}`)
      checkExpr(verifier, expr.index, `${path}.index`, 'i32')
      return
    }
    case 'host': {
      const arity = HOST_FUNCTIONS[expr.name]
      if (arity !== expr.args.length)
        error(`${expr.name} takes ${arity ?? 'no such function'}, not ${expr.args.length}`)
      for (const [index, arg] of expr.args.entries()) checkExpr(verifier, arg, `${path}.args[${index}]`, 'f64')
      return
    }
    case 'subarray':
      checkLocal(verifier, expr.array, path, expr.type)
      checkExpr(verifier, expr.begin, `${path}.begin`, 'i32')
      checkExpr(verifier, expr.end, `${path}.end`, 'i32')
      return
    case 'listview':
      checkLocal(verifier, expr.list, path, 'list.f64')
      return
    case 'listlen':
      listLocal(verifier, expr.list, path)
      return
    case 'isnull': {
      const type = localType(verifier, expr.local, path)
      if (type && isScalar(type)) error(`a ${type} is never null`)
      return
    }
    case 'listget': {
      const type = listLocal(verifier, expr.list, path)
      if (type && listElement(type) !== expr.type) error(`an element of ${type} is no ${expr.type}`)
      checkExpr(verifier, expr.index, `${path}.index`, 'i32')
      return
    }
    default:
      checkVector(verifier, expr, path)
  }
}

function checkVector(verifier: Verifier, expr: VectorExpr, path: string): void {
  const error = (message: string): void => verifier.report(path, message)
  switch (expr.kind) {
    case 'vconst':
      if (expr.lanes.length !== LANES[expr.type]) error(`${expr.lanes.length} lanes in a ${expr.type}`)
      return
    case 'vop': {
      const { params, result } = VECTOR_OPS[expr.op]
      if (expr.type !== result) error(`${expr.op} gives ${result}, not ${expr.type}`)
      if (params.length !== expr.args.length)
        error(`${expr.op} takes ${params.length} operands, not ${expr.args.length}`)
      for (const [index, arg] of expr.args.entries()) checkExpr(verifier, arg, `${path}.args[${index}]`, params[index])
      return
    }
    case 'vload': {
      const type = arrayLocal(verifier, expr.array, path)
      if (type && elemOf(type) !== expr.elem) error(`loads ${expr.elem} from ${type}`)
      if (expr.count < 1 || expr.count > LANES[expr.type]) error(`loads ${expr.count} lanes of ${expr.type}`)
      checkExpr(verifier, expr.index, `${path}.index`, 'i32')
      return
    }
    case 'vmove':
      return checkMove(verifier, expr, path)
    case 'kernel':
      for (const [index, arg] of expr.args.entries()) checkExpr(verifier, arg, `${path}.args[${index}]`, expr.type)
      return
    default:
      unreachable(expr, 'checkVector')
  }
}

function checkMove(verifier: Verifier, expr: Extract<Expr, { kind: 'vmove' }>, path: string): void {
  const from = expr.args[0]?.type
  if (!from || !isVector(from)) return verifier.report(path, `${expr.move} of ${from ?? 'nothing'}`)
  const count = expr.move === 'shuffle' ? LANES[from] : expr.move === 'cast' ? 0 : 1
  const limit = expr.move === 'shuffle' ? 2 * LANES[from] : LANES[from]
  if (expr.lanes.length !== count || expr.lanes.some(lane => lane < 0 || lane >= limit))
    verifier.report(path, `${expr.move} with lanes ${expr.lanes}`)
  const result = expr.move === 'extract' ? LANE_SCALAR[from] : expr.move === 'cast' ? expr.type : from
  if (expr.type !== result) verifier.report(path, `${expr.move} gives ${result}, not ${expr.type}`)
  const wanted = expr.move === 'replace' ? LANE_SCALAR[from] : from
  for (const [index, arg] of expr.args.entries())
    checkExpr(verifier, arg, `${path}.args[${index}]`, index === 0 ? from : wanted)
}

function checkOp(verifier: Verifier, expr: Extract<Expr, { kind: 'op' }>, path: string): void {
  if (!Object.hasOwn(OPS, expr.op)) {
    verifier.report(path, `unknown operator ${expr.op}`)
    return
  }
  const { params, result } = opInfo(expr.op)
  if (expr.type !== result) verifier.report(path, `${expr.op} gives ${result}, not ${expr.type}`)
  if (params.length !== expr.args.length) {
    verifier.report(path, `${expr.op} takes ${params.length} operands, not ${expr.args.length}`)
  }
  for (const [index, arg] of expr.args.entries()) checkExpr(verifier, arg, `${path}.args[${index}]`, params[index])
}

function isValue({ type, value }: ConstExpr): boolean {
  switch (type) {
    case 'i32':
      return Object.is(value, Number(value) | 0)
    case 'f32':
      return Object.is(value, Math.fround(Number(value)))
    case 'f64':
      return typeof value === 'number'
    case 'i64':
      return typeof value === 'bigint' && value === BigInt.asIntN(64, value)
    case 'box':
      return typeof value === 'bigint' && value === BigInt.asUintN(64, value)
  }
}

export function localType(verifier: Verifier, local: LocalId, path: string): Type | undefined {
  const type = verifier.func.locals[local]?.type
  if (type === undefined) verifier.report(path, `local ${local} does not exist`)
  return type
}

export function checkLocal(verifier: Verifier, local: LocalId, path: string, wanted: Type): void {
  const type = localType(verifier, local, path)
  if (type !== undefined && type !== wanted) verifier.report(path, `local ${local} is ${type}, not ${wanted}`)
}

export function arrayLocal(verifier: Verifier, local: LocalId, path: string) {
  const type = localType(verifier, local, path)
  if (type === undefined || isArray(type)) return type
  verifier.report(path, `local ${local} is ${type}, not an array`)
  return undefined
}

export function listLocal(verifier: Verifier, local: LocalId, path: string) {
  const type = localType(verifier, local, path)
  if (type === undefined || isList(type)) return type
  verifier.report(path, `local ${local} is ${type}, not a list`)
  return undefined
}
