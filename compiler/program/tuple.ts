import { i32 } from '../ir/build.ts'
import type { ListType } from '../ir/types.ts'
import type { AnyNode, Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { freshMask, listElementValue } from './list-elements.ts'
import { materialise } from './materialise.ts'
import { type FieldBinding, type ListValue, NUMBER, type ObjectInfo, type Value } from './value.ts'

/** An array of known length whose elements have been evaluated. */
export function tuple(c: Cursor, site: Node, values: readonly Value[]): Value {
  if (c.program.hints.materialised.has(site)) return listOf(c, site, values)
  const fields = new Map<string, FieldBinding>()
  const object: ObjectInfo = { id: c.program.nextObject(), fields, tuple: values.length, site }
  values.forEach((value, i) => {
    const slot: FieldBinding = { name: `at${i}` }
    fields.set(String(i), slot)
    c.put(slot, value)
  })
  return { k: 'object', object }
}

export function listOf(c: Cursor, site: Node, values: readonly Value[]): Value {
  const rows = values.map(value =>
    value.k === 'object' && value.object.tuple !== undefined ? rowOf(c, site, value.object) : value,
  )
  const list = newList(c, site, i32(0), i32(Math.max(rows.length, 4)), 'list.f64')
  for (const value of rows)
    c.emit({ kind: 'listpush', list: list.local, value: listElementValue(c, list, value, site) })
  return list
}

/** A literal directly inside another: nobody else can see it, so its elements are copied into a list of their own. */
function rowOf(c: Cursor, outer: Node, object: ObjectInfo): Value {
  const literal = outer as AnyNode
  if (literal.type !== 'ArrayExpression' || !literal.elements.includes(object.site as never)) materialise(c, object)
  const values = Array.from({ length: object.tuple ?? 0 }, (_, i) => {
    const slot = object.fields.get(String(i))
    return (slot && c.get(slot)) ?? ({ k: 'undefined' } as const)
  })
  return listOf(c, object.site as Node, values)
}

/** A new plain array. `fallback` is its element type unless an earlier attempt found that it must be wider. */
export function newList(
  c: Cursor,
  site: Node,
  length: ReturnType<typeof i32>,
  capacity: ReturnType<typeof i32>,
  fallback: ListType,
): ListValue {
  const type = c.program.hints.lists.get(site) ?? fallback
  const records = c.program.hints.records.get(site)
  const local = c.tempLocal('list', type)
  c.emit({ kind: 'newlist', local, length, capacity })
  const mask = type === 'list.box' ? freshMask(c) : NUMBER
  return { k: 'list', local, type, origin: { from: 'fresh', site }, mask, ...(records && { records }) }
}
