import type { Result } from '../abi.ts'
import { get, i32 } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { toBox } from './environment.ts'
import { elementOf } from './inputs.ts'
import { describe, type Value } from './value.ts'

/** Hands out the 8-byte slots of the result area. */
export class Slots {
  used = 0
  next(): number {
    return this.used++
  }
}

/** Writes a value where the host finds it, and tells the host how to read it. */
export function encode(c: Cursor, value: Value, slots: Slots, node: Node): Result {
  const write = (expr: Expr): number => {
    const slot = slots.next()
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
    case 'object':
      return encodeObject(c, value, slots, node)
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
  if (origin.from === 'view') throw c.miss(node, 'IRIS3005', { how: 'a view or a row of an argument is returned' })
  if (c.program.returned.has(value.local)) throw c.miss(node, 'IRIS3005', { how: 'one array is returned twice' })
  c.program.returned.add(value.local)
  if (value.k === 'array')
    return { kind: 'typed', elem: value.elem, slot: write(get(value.local, `arr.${value.elem}`)) }
  return { kind: 'list', element: elementOf(value.type), slot: write(get(value.local, value.type)) }
}

function encodeObject(c: Cursor, value: Value & { k: 'object' }, slots: Slots, node: Node): Result {
  const { object } = value
  if (object.live) return { kind: 'input', access: object.live.access }
  const field = (name: string): Result => {
    const slot = object.fields.get(name)
    return encode(c, (slot && c.get(slot)) ?? { k: 'undefined' }, slots, node)
  }
  if (object.tuple !== undefined)
    return { kind: 'tuple', items: Array.from({ length: object.tuple }, (_, i) => field(String(i))) }
  return { kind: 'object', fields: [...object.fields.keys()].map(name => [name, field(name)] as const) }
}

export const chosen = (slot: number, index: number): { kind: 'result'; slot: number; value: Expr } => ({
  kind: 'result',
  slot,
  value: i32(index),
})
