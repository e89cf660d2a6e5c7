import { i32 } from '../ir/build.ts'
import type { AnyNode, Expression, Node } from '../source/ast.ts'
import { countedLoop, isIterable, pushValue } from './arrays.ts'
import { closure } from './closure.ts'
import { settle, snapshot } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { argumentsTuple, elementInBounds, lengthOf } from './member.ts'
import { elementsOf } from './prototype-calls.ts'
import { listOf, newList, tuple } from './tuple.ts'
import type { FieldBinding, ObjectInfo, Value } from './value.ts'

/** `[a, b]`: fields in locals while it is only indexed by constants, memory once it is used as an array. */
export function arrayLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  if (node.elements.some(element => element?.type === 'SpreadElement')) return spreadLiteral(c, node)
  const values = node.elements.map(element => elementValue(c, element, node))
  return values.length === 0 ? listOf(c, node, values) : tuple(c, node, values)
}

/** `[...xs, 1]`: a tuple where all lengths are known. */
function spreadLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  const parts = node.elements.map(element => {
    if (element?.type !== 'SpreadElement') return [elementValue(c, element, node)]
    const value = argumentsTuple(c, element.argument) ?? expression(c, element.argument)
    return isIterable(value) ? snapshot(c, value, element) : elementsOf(c, value, element)
  })
  if (parts.every(part => Array.isArray(part))) return tuple(c, node, parts.flat())
  const list = newList(c, node, i32(0), i32(8), 'list.f64')
  for (const part of parts) {
    if (Array.isArray(part)) for (const value of part) pushValue(c, list, value, node)
    else if (isIterable(part))
      countedLoop(c, node, lengthOf(part), index => pushValue(c, list, elementInBounds(c, part, index), node))
  }
  return list
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
