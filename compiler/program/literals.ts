import { i32 } from '../ir/build.ts'
import type { AnyNode, Expression, Node } from '../source/ast.ts'
import { countedLoop, isIterable, pushValue } from './arrays.ts'
import { closure } from './closure.ts'
import { kept, settle } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { argumentsTuple, elementInBounds, lengthOf } from './member.ts'
import { elementsOf } from './prototype-calls.ts'
import { listOf, newList, tuple } from './tuple.ts'
import type { ArrayValue, FieldBinding, ListValue, ObjectInfo, Value } from './value.ts'

/** `[a, b]`: fields in locals while it is only indexed by constants, memory once it is used as an array. */
export function arrayLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  if (node.elements.some(element => element?.type === 'SpreadElement')) return spreadLiteral(c, node)
  const values = node.elements.map(element => elementValue(c, element, node))
  return values.length === 0 ? listOf(c, node, values) : tuple(c, node, values)
}

/** `[...xs, 1]`: a tuple where all lengths are known. Each part is read before the next is evaluated, which may write it. */
function spreadLiteral(c: Cursor, node: AnyNode & { type: 'ArrayExpression' }): Value {
  const known: Value[] = []
  let list: ListValue | undefined
  for (const element of node.elements) {
    const parts = partsOf(c, element, node)
    if (!('k' in parts)) {
      if (list) for (const value of parts) pushValue(c, list, value, node)
      else known.push(...parts)
      continue
    }
    const target = list ?? newList(c, node, i32(0), i32(8), 'list.f64')
    if (!list) for (const value of known) pushValue(c, target, value, node)
    list = target
    countedLoop(c, node, lengthOf(parts), index => pushValue(c, target, elementInBounds(c, parts, index), node))
  }
  return list ?? tuple(c, node, known)
}

/** The values of an element; the array itself where a spread one has a length that is known only at run time. */
function partsOf(
  c: Cursor,
  element: AnyNode | Expression | null,
  node: Node,
): readonly Value[] | ArrayValue | ListValue {
  if (element?.type !== 'SpreadElement') return [elementValue(c, element, node)]
  const value = argumentsTuple(c, element.argument) ?? expression(c, element.argument)
  return isIterable(value) ? value : elementsOf(c, value, element)
}

function elementValue(c: Cursor, element: AnyNode | Expression | null, node: Node): Value {
  if (!element) throw c.unsupported(node, 'an array with holes')
  if (element.type === 'SpreadElement') throw c.unsupported(element, 'spread')
  return kept(c, settle(c, expression(c, element), element))
}

/** `{ x, y: 2 }`: fields in locals; the object itself never exists in memory. */
export function objectLiteral(c: Cursor, node: AnyNode & { type: 'ObjectExpression' }): Value {
  const fields = new Map<string, FieldBinding>()
  const born: FieldBinding = { name: 'born' }
  const object: ObjectInfo = { id: c.program.nextObject(), fields, site: node, born }
  c.put(born, { k: 'null' })
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
