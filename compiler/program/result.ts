import { CONTEXT, type Result } from '../abi.ts'
import { get, i32, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { isList, type ListType, listElement } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { toBox } from './environment.ts'
import { elementOf } from './inputs.ts'
import { describe, type ObjectInfo, type Value } from './value.ts'

/** Hands out the 8-byte slots of the result area. */
export class Slots {
  used = 0
  next(): number {
    return this.used++
  }
}

/** What the context block has room for. */
const MOST_SLOTS = (CONTEXT.bytes - CONTEXT.slots) / 8

/** Writes a value where the host finds it, and tells the host how to read it. */
export function encode(c: Cursor, value: Value, slots: Slots, node: Node): Result {
  return encodePart(c, value, slots, node, new Set())
}

/** `made`: the objects that the result has so far. */
function encodePart(c: Cursor, value: Value, slots: Slots, node: Node, made: Set<ObjectInfo>): Result {
  const write = (expr: Expr): number => {
    const slot = slots.next()
    if (slot >= MOST_SLOTS) throw c.miss(node, 'IRIS3005', { how: `more than ${MOST_SLOTS} values are returned` })
    c.emit({ kind: 'result', slot, value: expr })
    return slot
  }
  switch (value.k) {
    case 'number':
      return value.expr.kind === 'const'
        ? { kind: 'constant', value: Number(value.expr.value) }
        : { kind: 'slot', as: 'f64', slot: write(value.expr) }
    case 'boolean':
      return value.expr.kind === 'const'
        ? { kind: 'constant', value: value.expr.value !== 0 }
        : { kind: 'slot', as: 'bool', slot: write(value.expr) }
    case 'undefined':
      return { kind: 'constant', value: undefined }
    case 'null':
      return { kind: 'constant', value: null }
    case 'string':
      return { kind: 'constant', value: value.value }
    case 'box':
      return { kind: 'box', slot: write(toBox(value)) }
    case 'array':
    case 'list':
      return encodeArray(c, value, write, node)
    case 'record':
      return { kind: 'record', fields: value.fields, slot: write(get(value.local, 'list.f64')) }
    case 'object':
      return encodeObject(c, value, slots, node, made)
    default:
      throw c.miss(node, 'IRIS3005', { how: `a ${describe(value)} is returned` })
  }
}

function encodeArray(
  c: Cursor,
  value: Value & { k: 'array' | 'list' },
  write: (expr: Expr) => number,
  node: Node,
): Result {
  const { origin } = value
  if (origin.from === 'input') return { kind: 'input', access: origin.access }
  if (origin.from === 'view' && value.k === 'array') throw c.miss(node, 'IRIS3005', { how: 'a view is returned' })
  if (value.k === 'array')
    return { kind: 'typed', elem: value.elem, slot: write(get(value.local, `arr.${value.elem}`)) }
  if (c.program.hints.holes) refuseHoles(c, value.local, value.type, node)
  const element = value.records ? { record: value.records } : elementOf(value.type)
  return { kind: 'list', element, slot: write(get(value.local, value.type)) }
}

/** Elements that were never set would be holes in the result: leave. (An undefined that was stored leaves, too.) */
function refuseHoles(c: Cursor, list: number, type: ListType, node: Node): void {
  const element = listElement(type)
  if (element === 'f64') return
  const [index, local] = [c.tempLocal('i', 'i32'), c.tempLocal('element', element)]
  const [done, again] = [c.builder.label('done'), c.builder.label('holes')]
  const at = get(index, 'i32')
  const body = c.capture(() => {
    const end: Stmt = { kind: 'break', label: done }
    c.emit({ kind: 'if', test: op('i32.ge_s', at, { kind: 'listlen', type: 'i32', list }), then: [end], else: [] })
    c.emit({ kind: 'set', local, value: { kind: 'listget', type: element, list, index: at } })
    const isHole: Expr =
      element === 'box' ? op('i32.box_is_undefined', get(local, 'box')) : { kind: 'isnull', type: 'i32', local }
    c.exitIf(isHole, node, 'an array with holes is returned')
    if (isList(element)) refuseHoles(c, local, element, node)
    c.emit({ kind: 'set', local: index, value: op('i32.add', at, i32(1)) })
  })
  c.emit({ kind: 'set', local: index, value: i32(0) })
  c.emit({ kind: 'block', label: done, body: [{ kind: 'loop', label: again, body }] })
}

function encodeObject(
  c: Cursor,
  value: Value & { k: 'object' },
  slots: Slots,
  node: Node,
  made: Set<ObjectInfo>,
): Result {
  const { object } = value
  if (object.live) return { kind: 'input', access: object.live.access }
  if (made.has(object)) throw c.miss(node, 'IRIS3005', { how: 'one object is returned in two places' })
  made.add(object)
  const field = (name: string): Result => {
    const slot = object.fields.get(name)
    return encodePart(c, (slot && c.get(slot)) ?? { k: 'undefined' }, slots, node, made)
  }
  if (object.tuple !== undefined)
    return { kind: 'tuple', items: Array.from({ length: object.tuple }, (_, i) => field(String(i))) }
  const names = [...object.fields].filter(([, slot]) => c.get(slot)).map(([name]) => name)
  return { kind: 'object', fields: names.map(name => [name, field(name)] as const) }
}

export const chosen = (slot: number, index: number): { kind: 'result'; slot: number; value: Expr } => ({
  kind: 'result',
  slot,
  value: i32(index),
})
