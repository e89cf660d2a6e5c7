import { LIST_HEADER } from '../abi.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { BOX, isArray, type ListType, listElement, listStride, type Type } from '../ir/types.ts'
import { type Address, addressOf, scaled } from './address.ts'
import { emitArray } from './arrays.ts'
import type { ExprRef } from './emit.ts'
import { emitExpr, listAddress, listField } from './expressions.ts'
import { type Frame, localType } from './frame.ts'
import { supportFunction } from './support.ts'

type Of<K extends Stmt['kind']> = Extract<Stmt, { kind: K }>

const listType = (frame: Frame, list: LocalId): ListType => localType(frame, list) as ListType
const shiftOf = (type: ListType): number => Math.log2(listStride(type))

export function emitNewList(frame: Frame, stmt: Of<'newlist'>): ExprRef[] {
  const { out, wasm } = frame.unit
  const type = listType(frame, stmt.local)
  const length = frame.locals.temp(wasm.i32)
  const args = [emitExpr(frame, stmt.length), emitExpr(frame, stmt.capacity), out.i32.const(shiftOf(type))]
  const held = (): ExprRef => out.local.get(length, wasm.i32)
  return [
    out.local.set(length, args[0]!),
    out.local.set(
      frame.locals.first(stmt.local),
      out.call(supportFunction(frame.unit, 'newlist'), [held(), args[1]!, args[2]!], wasm.i32),
    ),
    ...initialise(frame, stmt, type, held),
  ]
}

/** A list that begins empty has nothing to initialise. */
function initialise(frame: Frame, stmt: Of<'newlist'>, type: ListType, length: () => ExprRef): ExprRef[] {
  const { out, wasm } = frame.unit
  if (stmt.length.kind === 'const' && stmt.length.value === 0) return []
  const data = listField(frame, stmt.local, LIST_HEADER.data)
  const bytes = scaled(frame, length(), listStride(type))
  if (type !== 'list.box') return [out.memory.fill(data, out.i32.const(0), bytes)]
  const pattern = out.i64x2.splat(out.i64.const(BigInt.asIntN(64, BOX.undefined)))
  return [out.call(supportFunction(frame.unit, 'fill'), [data, bytes, pattern], wasm.none)]
}

export function emitListSet(frame: Frame, { list, index, value }: Of<'listset'>): ExprRef[] {
  return storeListElement(frame, listElement(listType(frame, list)), listAddress(frame, list, index), value)
}

/** The new element is written behind the old ones before the length tells of it. */
export function emitListPush(frame: Frame, { list, value }: Of<'listpush'>): ExprRef[] {
  const { out, wasm } = frame.unit
  const type = listType(frame, list)
  const handle = (): ExprRef => out.local.get(frame.locals.first(list), wasm.i32)
  const count = frame.locals.temp(wasm.i32)
  const held = (): ExprRef => out.local.get(count, wasm.i32)
  const isFull = out.i32.eq(held(), listField(frame, list, LIST_HEADER.capacity))
  const grow = out.call(supportFunction(frame.unit, 'growlist'), [handle(), out.i32.const(shiftOf(type))], wasm.none)
  const prepare = [out.local.set(count, listField(frame, list, LIST_HEADER.length)), out.if(isFull, grow)]
  const place = addressOf(frame, listField(frame, list, LIST_HEADER.data), listStride(type), held(), 0)
  const write = storeListElement(frame, listElement(type), place, value)
  const advance = out.i32.store(LIST_HEADER.length, 4, handle(), out.i32.add(held(), out.i32.const(1)))
  return [...prepare, ...write, advance]
}

export function emitListTruncate(frame: Frame, { list, length }: Of<'listtruncate'>): ExprRef[] {
  const { out, wasm } = frame.unit
  const handle = out.local.get(frame.locals.first(list), wasm.i32)
  return [out.i32.store(LIST_HEADER.length, 4, handle, emitExpr(frame, length))]
}

function storeListElement(frame: Frame, element: Type, address: Address, value: Expr): ExprRef[] {
  if (isArray(element)) return storePair(frame, address, value)
  return [storeValue(frame, element, address, emitExpr(frame, value))]
}

/** Stores 8 bytes, or 4 of an i32 or a handle. */
export function storeValue(
  { unit: { out } }: Frame,
  type: Type,
  { pointer, offset }: Address,
  value: ExprRef,
): ExprRef {
  switch (type) {
    case 'f64':
      return out.f64.store(offset, 8, pointer, value)
    case 'f32':
      return out.f32.store(offset, 4, pointer, value)
    case 'i64':
    case 'box':
      return out.i64.store(offset, 8, pointer, value)
    default:
      return out.i32.store(offset, 4, pointer, value)
  }
}

/** Stores the pointer and the length of an array in 8 bytes. */
export function storePair(frame: Frame, address: Address, value: Expr): ExprRef[] {
  const { out, wasm } = frame.unit
  const array = emitArray(frame, value)
  const place = frame.locals.temp(wasm.i32)
  const at = (): ExprRef => out.local.get(place, wasm.i32)
  return [
    ...array.before,
    out.local.set(place, address.pointer),
    out.i32.store(address.offset, 4, at(), array.pointer),
    out.i32.store(address.offset + 4, 4, at(), array.length),
  ]
}
