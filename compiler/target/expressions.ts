import { invariant, unreachable } from '../../base/invariant.ts'
import { LIST_HEADER } from '../abi.ts'
import type { ConstExpr, Expr, GetExpr, LocalId } from '../ir/ir.ts'
import {
  ELEM_BYTES,
  type Elem,
  isArray,
  isList,
  type ListType,
  listStride,
  type Scalar,
  type Type,
} from '../ir/types.ts'
import { type Address, addressOf, loadElement, splitIndex } from './address.ts'
import type { ExprRef } from './emit.ts'
import { type Frame, hostFunction, localType, scalarType } from './frame.ts'
import { emitOperator, remainderOfPower } from './operators.ts'
import { emitKernelCall, emitMove, emitVectorConst, emitVectorLoad, emitVectorOp } from './vectors.ts'

/** A value that one Wasm value carries: all but arrays, which are pairs (arrays.ts). */
export function emitExpr(frame: Frame, expr: Expr): ExprRef {
  const { out, wasm } = frame.unit
  invariant(!isArray(expr.type), `${frame.func.name}: an array is used where one value is wanted`)
  switch (expr.kind) {
    case 'const':
      return emitConst(frame, expr)
    case 'get':
      return emitGet(frame, expr)
    case 'op':
      return emitRemainder(frame, expr) ?? emitOperator(frame, expr.op, emitAll(frame, expr.args))
    case 'cond':
      return out.if(emitExpr(frame, expr.test), emitExpr(frame, expr.then), emitExpr(frame, expr.else))
    case 'len':
      return out.local.get(frame.locals.first(expr.array) + 1, wasm.i32)
    case 'load':
      return loadElement(frame, expr.elem, elementAddress(frame, expr.elem, expr.array, expr.index))
    case 'host':
      return out.call(hostFunction(frame.unit, expr.name, expr.args.length), emitAll(frame, expr.args), wasm.f64)
    case 'listlen':
      return listField(frame, expr.list, LIST_HEADER.length)
    case 'isnull':
      return out.i32.eqz(out.local.get(frame.locals.first(expr.local), wasm.i32))
    case 'listget':
      return loadListElement(frame, expr.type, listAddress(frame, expr.list, expr.index))
    case 'vconst':
      return emitVectorConst(frame, expr)
    case 'vop':
      return emitVectorOp(frame, expr, emitAll(frame, expr.args))
    case 'vmove':
      return emitMove(frame, expr, emitAll(frame, expr.args))
    case 'vload':
      return emitVectorLoad(frame, expr, elementAddress(frame, expr.elem, expr.array, expr.index))
    case 'kernel':
      return emitKernelCall(frame, expr, emitAll(frame, expr.args))
    default:
      return unreachable(expr as never, 'emitExpr')
  }
}

/** `x % 8`: a remainder by a constant power of two needs no division. */
function emitRemainder(frame: Frame, expr: Extract<Expr, { kind: 'op' }>): ExprRef | undefined {
  const [left, right] = expr.args
  if (expr.op !== 'f64.rem' || right?.kind !== 'const') return undefined
  const power = Number(right.value)
  // Math.log2 rounds: 2^52 - 1 has the logarithm 52
  const isPower = power >= 1 && power <= 2 ** 52 && power === 2 ** Math.round(Math.log2(power))
  return isPower ? remainderOfPower(frame, emitExpr(frame, left!), power) : undefined
}

export const emitAll = (frame: Frame, exprs: readonly Expr[]): ExprRef[] => exprs.map(expr => emitExpr(frame, expr))

function emitGet(frame: Frame, { local, type }: GetExpr): ExprRef {
  const { out, wasm } = frame.unit
  return out.local.get(frame.locals.first(local), isList(type) ? wasm.i32 : scalarType(frame.unit, type as Scalar))
}

function emitConst({ unit: { out } }: Frame, { type, value }: ConstExpr): ExprRef {
  switch (type) {
    case 'i32':
      return out.i32.const(value as number)
    case 'i64':
    case 'box':
      return out.i64.const(BigInt.asIntN(64, value as bigint))
    case 'f32':
      return out.f32.const(value as number)
    case 'f64':
      return out.f64.const(value as number)
  }
}

/** Address of an element of an array local. */
export function elementAddress(frame: Frame, elem: Elem, array: LocalId, index: Expr): Address {
  const { out, wasm } = frame.unit
  const base = out.local.get(frame.locals.first(array), wasm.i32)
  return addressAt(frame, base, ELEM_BYTES[elem], index)
}

/** Address of an element of a list local. */
export function listAddress(frame: Frame, list: LocalId, index: Expr): Address {
  const stride = listStride(localType(frame, list) as ListType)
  return addressAt(frame, listField(frame, list, LIST_HEADER.data), stride, index)
}

function addressAt(frame: Frame, base: ExprRef, size: number, index: Expr): Address {
  const { variable, constant } = splitIndex(index)
  return addressOf(frame, base, size, variable && emitExpr(frame, variable), constant)
}

/** A field of a list's header. */
export function listField({ unit: { out, wasm }, locals }: Frame, list: LocalId, offset: number): ExprRef {
  return out.i32.load(offset, 4, out.local.get(locals.first(list), wasm.i32))
}

function loadListElement({ unit: { out } }: Frame, type: Type, { pointer, offset }: Address): ExprRef {
  if (type === 'f64') return out.f64.load(offset, 8, pointer)
  return type === 'box' ? out.i64.load(offset, 8, pointer) : out.i32.load(offset, 4, pointer)
}
