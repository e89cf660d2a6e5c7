import { invariant } from '../../base/invariant.ts'
import { CONTEXT, LIST_HEADER } from '../abi.ts'
import type { Value } from './ops.ts'
import { ELEM_BYTES, type Elem, isArray, isList, type ListType, listElement, listStride } from './types.ts'
import type { Lanes } from './vector-types.ts'

/** Linear memory as the interpreter sees it: little-endian elements, list headers, the arena of a call. */

/** The value of an array local: address of element 0, and number of elements. */
export interface ArrayView {
  readonly pointer: number
  readonly length: number
}
export type Datum = Value | ArrayView | Lanes

export const EMPTY: ArrayView = { pointer: 0, length: 0 }

/** Arena blocks begin at multiples of this, so that vectors of 16 bytes are aligned. */
export const ARENA_ALIGN = 16

/** Takes `bytes` of the arena; undefined when it is too small. Contents are whatever was there. */
export function allocate(memory: DataView, context: number, bytes: number): number | undefined {
  const top = memory.getUint32(context + CONTEXT.arenaTop, true)
  const start = Math.ceil(top / ARENA_ALIGN) * ARENA_ALIGN
  if (start + bytes > memory.getUint32(context + CONTEXT.arenaEnd, true)) return undefined
  memory.setUint32(context + CONTEXT.arenaTop, start + bytes, true)
  return start
}

const READ: Readonly<Record<Elem, (memory: DataView, address: number) => number>> = {
  i8: (memory, address) => memory.getInt8(address),
  u8: (memory, address) => memory.getUint8(address),
  u8c: (memory, address) => memory.getUint8(address),
  i16: (memory, address) => memory.getInt16(address, true),
  u16: (memory, address) => memory.getUint16(address, true),
  i32: (memory, address) => memory.getInt32(address, true),
  u32: (memory, address) => memory.getInt32(address, true),
  f32: (memory, address) => memory.getFloat32(address, true),
  f64: (memory, address) => memory.getFloat64(address, true),
}

const WRITE: Readonly<Record<Elem, (memory: DataView, address: number, value: number) => void>> = {
  i8: (memory, address, value) => memory.setInt8(address, value),
  u8: (memory, address, value) => memory.setInt8(address, value),
  u8c: (memory, address, value) => {
    invariant(value >= 0 && value <= 255, `store of ${value} to a clamped array`)
    memory.setUint8(address, value)
  },
  i16: (memory, address, value) => memory.setInt16(address, value, true),
  u16: (memory, address, value) => memory.setInt16(address, value, true),
  i32: (memory, address, value) => memory.setInt32(address, value, true),
  u32: (memory, address, value) => memory.setInt32(address, value, true),
  f32: (memory, address, value) => memory.setFloat32(address, value, true),
  f64: (memory, address, value) => memory.setFloat64(address, value, true),
}

export function readElem(memory: DataView, elem: Elem, array: ArrayView, index: number): number {
  return READ[elem](memory, array.pointer + index * ELEM_BYTES[elem])
}

export function writeElem(memory: DataView, elem: Elem, array: ArrayView, index: number, value: number): void {
  WRITE[elem](memory, array.pointer + index * ELEM_BYTES[elem], value)
}

/** A list header, read from memory. */
export interface List {
  readonly data: number
  readonly length: number
  readonly capacity: number
}

export function readList(memory: DataView, handle: number): List {
  const field = (offset: number): number => memory.getInt32(handle + offset, true)
  return {
    data: field(LIST_HEADER.data),
    length: field(LIST_HEADER.length),
    capacity: field(LIST_HEADER.capacity),
  }
}

export function writeList(memory: DataView, handle: number, list: List): void {
  memory.setInt32(handle + LIST_HEADER.data, list.data, true)
  memory.setInt32(handle + LIST_HEADER.length, list.length, true)
  memory.setInt32(handle + LIST_HEADER.capacity, list.capacity, true)
}

export function readListElement(memory: DataView, type: ListType, list: List, index: number): Datum {
  const address = list.data + index * listStride(type)
  const element = listElement(type)
  if (element === 'f64') return memory.getFloat64(address, true)
  if (element === 'box') return memory.getBigUint64(address, true)
  if (isList(element)) return memory.getInt32(address, true)
  return { pointer: memory.getInt32(address, true), length: memory.getInt32(address + 4, true) }
}

export function writeListElement(memory: DataView, type: ListType, list: List, index: number, value: Datum): void {
  const address = list.data + index * listStride(type)
  const element = listElement(type)
  if (isArray(element)) {
    const array = asArray(value)
    memory.setInt32(address, array.pointer, true)
    memory.setInt32(address + 4, array.length, true)
  } else if (element === 'box') memory.setBigUint64(address, asBits(value), true)
  else if (element === 'f64') memory.setFloat64(address, asNumber(value), true)
  else memory.setInt32(address, asNumber(value), true)
}

export function asNumber(value: Datum): number {
  invariant(typeof value === 'number', 'a number was expected')
  return value
}
export function asBits(value: Datum): bigint {
  invariant(typeof value === 'bigint', '64 bits were expected')
  return BigInt.asUintN(64, value)
}
export function asArray(value: Datum): ArrayView {
  invariant(typeof value === 'object' && 'pointer' in value, 'an array was expected')
  return value
}
