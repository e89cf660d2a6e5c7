import { op } from '../ir/build.ts'
import { isScalar, listElement } from '../ir/types.ts'
import type { AnyNode, Node } from '../source/ast.ts'
import { type CallNode, functionCall, methodCall } from './call.ts'
import { choose } from './choose.ts'
import { number, stable, toBoolean, toNumber } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { toBox } from './environment.ts'
import { elementPlace, lengthOf, type MemberNode, memberObject, memberOf, readPlace } from './member.ts'
import { binary } from './operators.ts'
import { propertyName } from './syntax.ts'
import { type ListValue, maskOf, NULL, NUMBER, UNDEFINED, type Value } from './value.ts'

/** What follows a link of the chain. */
type Rest = (value: Value) => Value

const itself: Rest = value => value

/**
 * `a?.b.c`, `rows[y]?.[x]`, `f?.(x)`: the first `?.` after undefined or null ends the whole chain with undefined
 * (ECMA-262 13.3.9). So each link is lowered within what is lowered when the links before it are there.
 */
export function chain(c: Cursor, node: Node): Value {
  return link(c, node as AnyNode, false, itself)
}

/** `isTested`: whether a `?.` follows, so that nothing else happens where the value is undefined or null. */
function link(c: Cursor, node: AnyNode, isTested: boolean, rest: Rest): Value {
  if (node.type === 'MemberExpression')
    return objectOf(c, node, object => {
      if (isTested && isRow(object, node)) return row(c, object, node, rest)
      return tested(c, memberOf(c, object, node), isTested, node, rest)
    })
  if (node.type === 'CallExpression') return callLink(c, node, value => tested(c, value, isTested, node, rest))
  return tested(c, expression(c, node), isTested, node, rest)
}

function objectOf(c: Cursor, node: MemberNode, rest: Rest): Value {
  return isLink(node.object)
    ? link(c, node.object as AnyNode, node.optional, rest)
    : tested(c, memberObject(c, node), node.optional, node, rest)
}

const isLink = (node: Node): boolean => node.type === 'MemberExpression' || node.type === 'CallExpression'

function callLink(c: Cursor, node: CallNode, rest: Rest): Value {
  const callee = node.callee as AnyNode
  if (callee.type !== 'MemberExpression')
    return link(c, callee, node.optional, value => rest(functionCall(c, node, value)))
  return objectOf(c, callee, object => {
    const called: Rest = () => rest(methodCall(c, node, callee, object))
    const isOwn = node.optional && object.k === 'object' && object.object.tuple === undefined
    return isOwn ? tested(c, memberOf(c, object, callee), true, node, called) : called(object)
  })
}

/** What can be a number or nothing is asked at run time; for all other kinds the answer is known. */
function tested(c: Cursor, value: Value, isTested: boolean, node: Node, rest: Rest): Value {
  if (!isTested || maskOf(value) === 0) return rest(value)
  const kept = stable(c, value)
  const isNullish = toBoolean(c, binary(c, '==', kept, { k: 'null' }, node), node)
  return choose(
    c,
    isNullish,
    () => ({ k: 'undefined' }),
    () => optional(c, rest(withoutNullish(c, kept))),
    node,
  )
}

/** An element of what may be missing is expected to be undefined, too: reading outside is nothing to leave for. */
function optional(c: Cursor, value: Value): Value {
  return value.k === 'read' ? { k: 'box', expr: c.temp(toBox(value)), mask: NUMBER | UNDEFINED } : value
}

/** What is left of a value that was found to be neither undefined nor null. */
export function withoutNullish(c: Cursor, value: Value): Value {
  if (value.k === 'read') return number(value.number)
  return value.k === 'box' && (value.mask & ~(UNDEFINED | NULL)) === NUMBER
    ? number(toNumber(c, { ...value, mask: NUMBER }, { start: 0, end: 0 } as Node))
    : value
}

function isRow(object: Value, node: MemberNode): object is ListValue {
  return object.k === 'list' && propertyName(node) === undefined && !isScalar(listElement(object.type))
}

/** A row that may lie outside of the array: rows themselves are never undefined. */
function row(c: Cursor, rows: ListValue, node: MemberNode, rest: Rest): Value {
  const place = elementPlace(c, rows, node, false)
  return choose(
    c,
    op('i32.lt_u', place.index, lengthOf(place.array)),
    () => optional(c, rest(readPlace(c, place, node))),
    () => ({ k: 'undefined' }),
    node,
  )
}
