import type { AnyNode, Expression, Node } from '../source/ast.ts'
import { closure } from './closure.ts'
import { settle } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { listOf, tuple } from './tuple.ts'
import type { FieldBinding, ObjectInfo, Value } from './value.ts'

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
