import { i32 } from '../ir/build.ts'
import type { ListType } from '../ir/types.ts'
import type { AnyNode, Expression, Node } from '../source/ast.ts'
import { freshMask, listElementValue } from './assign.ts'
import { closure } from './closure.ts'
import { settle } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { materialise } from './member.ts'
import type { FieldBinding, ListValue, ObjectInfo, Value } from './value.ts'

/** `[a, b]`: fields in locals while it is only indexed by constants, memory once it is used as an array. */
export function arrayLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  const values = node.elements.map(element => elementValue(c, element, node))
  return values.length === 0 ? listOf(c, node, values) : tuple(c, node, values)
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

function listOf(c: Cursor, site: Node, values: readonly Value[]): Value {
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
