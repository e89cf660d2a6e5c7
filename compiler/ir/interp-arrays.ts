import { invariant } from '../../base/invariant.ts'
import { CONTEXT, LIST_HEADER } from '../abi.ts'
import { number } from './interp-expr.ts'
import { arrayOf, type Frame, inRange, type Machine, reserve, typeOf } from './interp-machine.ts'
import type { Stmt } from './ir.ts'
import {
  type ArrayView,
  asArray,
  asBits,
  asNumber,
  type Datum,
  EMPTY,
  readList,
  writeElem,
  writeList,
  writeListElement,
} from './memory.ts'
import {
  BOX,
  ELEM_BYTES,
  type Elem,
  elemOf,
  isArray,
  type ListType,
  listElement,
  listStride,
  type Type,
} from './types.ts'

/** What statements do to arrays, lists and result slots in memory. */

export function newArray(machine: Machine, elem: Elem, length: number): ArrayView {
  invariant(length >= 0, `newarray of ${length} elements`)
  const bytes = length * ELEM_BYTES[elem]
  const pointer = reserve(machine, bytes)
  new Uint8Array(machine.options.memory, pointer, bytes).fill(0)
  return { pointer, length }
}

export function newList(machine: Machine, type: ListType, length: number, capacity: number): number {
  invariant(length >= 0, `newlist of ${length}`)
  const room = Math.max(length, capacity, 0)
  const handle = reserve(machine, LIST_HEADER.bytes)
  const list = { data: reserve(machine, room * listStride(type)), length, capacity: room }
  writeList(machine.memory, handle, list)
  const first = type === 'list.box' ? BOX.undefined : isArray(listElement(type)) ? EMPTY : 0
  for (let index = 0; index < length; index++) writeListElement(machine.memory, type, list, index, first)
  return handle
}

/** A full list moves to a block twice as large; the old one is left in the arena. */
export function push(machine: Machine, type: ListType, handle: number, value: Datum): void {
  let list = readList(machine.memory, handle)
  if (list.length === list.capacity) {
    const capacity = Math.max(4, list.capacity * 2)
    const data = reserve(machine, capacity * listStride(type))
    move(machine, list.data, data, list.length * listStride(type))
    list = { ...list, data, capacity }
  }
  writeListElement(machine.memory, type, list, list.length, value)
  writeList(machine.memory, handle, { ...list, length: list.length + 1 })
}

export function truncate(machine: Machine, handle: number, length: number): void {
  const list = readList(machine.memory, handle)
  invariant(length >= 0 && length <= list.length, `listtruncate to ${length} of ${list.length}`)
  writeList(machine.memory, handle, { ...list, length })
}

function move(machine: Machine, from: number, to: number, bytes: number): void {
  new Uint8Array(machine.options.memory).copyWithin(to, from, from + bytes)
}

export function fill(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'fill' }>): void {
  const array = arrayOf(frame, stmt.array)
  const begin = number(machine, frame, stmt.begin)
  const end = number(machine, frame, stmt.end)
  const value = number(machine, frame, stmt.value)
  inRange(begin, end, array.length, 'fill')
  const elem = elemOf(typeOf(frame, stmt.array) as `arr.${Elem}`)
  for (let index = begin; index < end; index++) writeElem(machine.memory, elem, array, index, value)
}

export function copy(machine: Machine, frame: Frame, stmt: Extract<Stmt, { kind: 'copy' }>): void {
  const target = arrayOf(frame, stmt.target)
  const source = arrayOf(frame, stmt.source)
  const to = number(machine, frame, stmt.targetIndex)
  const from = number(machine, frame, stmt.sourceIndex)
  const count = number(machine, frame, stmt.count)
  inRange(to, to + count, target.length, 'copy to')
  inRange(from, from + count, source.length, 'copy from')
  const size = ELEM_BYTES[elemOf(typeOf(frame, stmt.target) as `arr.${Elem}`)]
  move(machine, source.pointer + from * size, target.pointer + to * size, count * size)
}

/** One slot is 8 bytes: the bits of a number, or pointer and length, or a handle; i32 fill the low half. */
export function writeSlot(machine: Machine, slot: number, type: Type, value: Datum): void {
  invariant(slot >= 0 && slot < machine.slots, `result slot ${slot} of ${machine.slots}`)
  const address = machine.options.context + CONTEXT.slots + 8 * slot
  const { memory } = machine
  if (isArray(type)) {
    const array = asArray(value)
    memory.setInt32(address, array.pointer, true)
    memory.setInt32(address + 4, array.length, true)
  } else if (type === 'f64') memory.setFloat64(address, asNumber(value), true)
  else if (type === 'f32') memory.setFloat32(address, asNumber(value), true)
  else if (type === 'i64' || type === 'box') memory.setBigUint64(address, asBits(value), true)
  else memory.setInt32(address, asNumber(value), true)
}
