import { i32 } from '../ir/build.ts'
import type { ListType } from '../ir/types.ts'
import type { AnyNode, Expression, Node } from '../source/ast.ts'
import { freshMask, listElementValue } from './assign.ts'
import { settle } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { closure, expression } from './expression.ts'
import type { FieldBinding, ListValue, ObjectInfo, Value } from './value.ts'

/** `[a, b]`: fields in locals while it is only indexed by constants, memory once it is used as an array. */
export function arrayLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  if (node.elements.length === 0 || c.program.hints.materialised.has(node)) return arrayInMemory(c, node)
  const values = node.elements.map(element => elementValue(c, element, node))
  return tuple(c, node, values)
}

function elementValue(c: Cursor, element: AnyNode | Expression | null, node: Node): Value {
  if (!element) throw c.unsupported(node, 'an array with holes')
  if (element.type === 'SpreadElement') throw c.unsupported(element, 'spread')
  return kept(c, settle(c, expression(c, element), element))
}

/** An element's value is fixed when it is evaluated, before the next one. */
export function kept(c: Cursor, value: Value): Value {
  return value.k === 'number' || value.k === 'boolean' || value.k === 'box'
    ? { ...value, expr: c.temp(value.expr, 'part') }
    : value
}

export function tuple(c: Cursor, site: Node, values: readonly Value[]): Value {
  const fields = new Map<string, FieldBinding>()
  const object: ObjectInfo = { id: c.program.nextObject(), fields, tuple: values.length, site }
  values.forEach((value, i) => {
    const slot: FieldBinding = { name: `at${i}` }
    fields.set(String(i), slot)
    c.put(slot, value)
  })
  return { k: 'object', object }
}

function arrayInMemory(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  const values = node.elements.map(element => elementValue(c, element, node))
  const rows = values.map(value =>
    value.k === 'object' && value.object.tuple !== undefined && value.object.site ? rowOf(c, value.object) : value,
  )
  const list = newList(c, node, i32(0), i32(Math.max(rows.length, 4)), 'list.f64')
  for (const value of rows)
    c.emit({ kind: 'listpush', list: list.local, value: listElementValue(c, list, value, node) })
  return list
}

/** A nested literal: its elements are copied into a list of their own. */
function rowOf(c: Cursor, object: ObjectInfo): Value {
  const site = object.site as Node
  const list = newList(c, site, i32(0), i32(Math.max(object.tuple ?? 0, 4)), 'list.f64')
  for (let i = 0; i < (object.tuple ?? 0); i++) {
    const slot = object.fields.get(String(i))
    const value = slot && c.get(slot)
    if (value) c.emit({ kind: 'listpush', list: list.local, value: listElementValue(c, list, value, site) })
  }
  return list
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
  const local = c.tempLocal('list', type)
  c.emit({ kind: 'newlist', local, length, capacity })
  return { k: 'list', local, type, origin: { from: 'fresh', site }, mask: type === 'list.box' ? freshMask(c) : 1 }
}

/** `{ x, y: 2 }`: fields in locals; the object itself never exists in memory. */
export function objectLiteral(c: Cursor, node: AnyNode & { type: 'ObjectExpression' }): Value {
  const fields = new Map<string, FieldBinding>()
  const object: ObjectInfo = { id: c.program.nextObject(), fields, site: node }
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.kind !== 'init' || property.computed)
      throw c.unsupported(property, 'this kind of property')
    const key = property.key as AnyNode
    const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined
    if (name === undefined || name === '__proto__') throw c.unsupported(property, 'this key')
    const slot: FieldBinding = { name }
    fields.set(name, slot)
    c.put(slot, propertyValue(c, property.value as AnyNode))
  }
  return { k: 'object', object }
}

function propertyValue(c: Cursor, node: AnyNode): Value {
  if (node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression') return closure(c, node)
  return kept(c, settle(c, expression(c, node), node))
}
