import { get, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { ELEM_BYTES, type Elem, elemScalar, type ListType, listElement } from '../ir/types.ts'
import type { AnyNode, Expression, FunctionNode, Identifier, Node } from '../source/ast.ts'
import { builtinMember } from './builtins.ts'
import { fromInt, int, negate, number, numberConst, opaqueMiss, settle, toIndex } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { materialise } from './materialise.ts'
import { propertyName } from './syntax.ts'
import { tuple } from './tuple.ts'
import {
  type ArrayValue,
  BOOLEAN,
  describe,
  type FieldBinding,
  type ListValue,
  maskOf,
  NUMBER,
  type ObjectInfo,
  type RecordValue,
  UNDEFINED,
  type Value,
} from './value.ts'

export type MemberNode = AnyNode & { type: 'MemberExpression' }

/** A place that can be read and written. */
export type Place =
  | { readonly k: 'element'; readonly array: ArrayValue | ListValue; readonly index: Expr }
  | { readonly k: 'field'; readonly object: ObjectInfo; readonly name: string }
  | { readonly k: 'length'; readonly array: ArrayValue | ListValue }

/** `object.name`, `array[index]`. */
export function member(c: Cursor, node: MemberNode): Value {
  return memberOf(c, memberObject(c, node), node)
}

/** The same, of an object that has been evaluated. */
export function memberOf(c: Cursor, object: Value, node: MemberNode): Value {
  const name = propertyName(node)
  const added =
    (object.k === 'builtin' || object.k === 'function') && name !== undefined
      ? object.members?.(name, c.builder)
      : undefined
  if (added) return added
  if (object.k === 'builtin' && name !== undefined) return builtinMember(c, object.name, name, node)
  if (object.k === 'string') return stringMember(c, object.value, node, name)
  if (object.k === 'array' && name === 'BYTES_PER_ELEMENT') return numberConst(ELEM_BYTES[object.elem])
  if (object.k === 'closure' && name === 'length') return numberConst(arityOf(object.node))
  if (object.k === 'function' && name === 'length') return numberConst(arityOf(c.program.parse(object.index).fn))
  if (object.k === 'record') return readRecord(c, object, name, node)
  return propertyOfPrimitive(c, object, node, name) ?? readPlace(c, placeOf(c, object, node, name), node)
}

/** Numbers and booleans have no properties but those of their prototypes: `x.length` is undefined. */
function propertyOfPrimitive(c: Cursor, value: Value, node: MemberNode, name: string | undefined): Value | undefined {
  const object = value.k === 'read' ? settle(c, value, node) : value
  const mask = maskOf(object)
  if (mask === 0 || mask & ~(NUMBER | BOOLEAN)) return undefined
  if (name === undefined) {
    const key = expression(c, node.property as Expression)
    return key.k === 'number' || key.k === 'undefined' ? { k: 'undefined' } : undefined
  }
  return name in Number.prototype || name in Boolean.prototype ? undefined : { k: 'undefined' }
}

/** Function.prototype.length: parameters before the first default or rest. */
function arityOf(fn: FunctionNode): number {
  const first = fn.params.findIndex(param => param.type === 'AssignmentPattern' || param.type === 'RestElement')
  return first < 0 ? fn.params.length : first
}

export function memberObject(c: Cursor, node: MemberNode): Value {
  if (node.object.type === 'Super') throw c.unsupported(node, '`super`')
  const args = argumentsObject(c, node)
  if (args) return args
  return expression(c, node.object)
}

/** `arguments.length`, `arguments[0]`, and `arguments[i]` where all of them are numbers: an array of known length. */
function argumentsObject(c: Cursor, node: MemberNode): Value | undefined {
  if (!isArguments(c, node.object)) return undefined
  const { args, count, fn } = c.activation
  if (propertyName(node) === 'length')
    return tuple(
      c,
      fn,
      Array.from({ length: count }, () => numberConst(0)),
    )
  if (propertyName(node) !== undefined || writesParameters(c)) throw c.miss(node, 'IRIS2005')
  return tuple(c, fn, args)
}

/** Whether this is `arguments` of the function that is being lowered; an arrow function sees those of another. */
export function isArguments(c: Cursor, node: Node): boolean {
  if (node.type !== 'Identifier') return false
  const binding = c.activation.scope.bindingOf.get(node as Identifier)
  if (binding?.kind !== 'arguments') return false
  if (c.activation.fn.type === 'ArrowFunctionExpression') throw c.miss(node, 'IRIS2005')
  return true
}

/** `arguments` handed on as a whole: an array of its values, where nothing is written through it. */
export function argumentsTuple(c: Cursor, node: Node): Value | undefined {
  if (!isArguments(c, node)) return undefined
  if (writesParameters(c)) throw c.miss(node, 'IRIS2005')
  const { args, count } = c.activation
  return tuple(
    c,
    node,
    Array.from({ length: count }, (_, i) => args[i] ?? ({ k: 'undefined' } as const)),
  )
}

/** In sloppy code the arguments object follows assignments of the parameters; then neither may be written. */
function writesParameters(c: Cursor): boolean {
  const { fn, scope } = c.activation
  return [...scope.bindingOf.values()].some(
    binding => binding.kind === 'param' && binding.functionNode === fn && binding.assignments > 0,
  )
}

function stringMember(c: Cursor, text: string, node: MemberNode, name: string | undefined): Value {
  if (name === 'length') return numberConst(text.length)
  throw c.unsupported(node, `\`${name ?? '[]'}\` of a string`)
}

/** Evaluates the parts of a member expression, once. */
export function place(c: Cursor, node: MemberNode, valueHasEffects = false): Place {
  if (node.object.type === 'Identifier' && c.activation.scope.bindingOf.get(node.object)?.kind === 'arguments')
    throw c.miss(node, 'IRIS2005') // in sloppy code the parameters would change too
  const object = memberObject(c, node)
  const found = placeOf(c, object, node, propertyName(node), true)
  if (!valueHasEffects || found.k !== 'element') return found
  return { ...found, array: hold(c, found.array) }
}

/** A private copy of the reference, since evaluating what comes next may assign the variable. */
function hold(c: Cursor, array: ArrayValue | ListValue): ArrayValue | ListValue {
  const { type } = c.builder.locals[array.local]!
  const local = c.tempLocal('held', type)
  c.emit({ kind: 'set', local, value: get(array.local, type) })
  return { ...array, local }
}

function placeOf(c: Cursor, object: Value, node: MemberNode, name: string | undefined, written = false): Place {
  switch (object.k) {
    case 'array':
    case 'list':
      if (name === 'length') return { k: 'length', array: object }
      if (name !== undefined) throw c.miss(node, 'IRIS2006', { name, of: `a ${describe(object)}` })
      return elementPlace(c, object, node, written)
    case 'object':
      return { k: 'field', object: object.object, name: fieldName(c, object.object, node, name) }
    case 'opaque':
      throw opaqueMiss(c, object, node)
    case 'undefined':
    case 'null':
      throw c.unsupported(node, `a property of ${object.k}`)
    default:
      throw c.unsupported(node, `a property of a ${describe(object)}`)
  }
}

export function elementPlace(
  c: Cursor,
  object: ArrayValue | ListValue,
  node: MemberNode,
  written: boolean,
): Place & { readonly k: 'element' } {
  const array = c.hasEffects(node.property) ? hold(c, object) : object
  const key = elementKey(c, expression(c, node.property as Expression), node.property, written)
  return { k: 'element', array, index: c.temp(toIndex(c, key, node.property), 'index') }
}

/**
 * A key that is no number names a property: `a[null]` is `a['null']`, not `a[0]`. Reading what is undefined gives
 * undefined like any index out of bounds, but writing it would add a property.
 */
function elementKey(c: Cursor, key: Value, node: Node, written: boolean): Value {
  if (key.k === 'number' || (!written && (key.k === 'read' || key.k === 'undefined'))) return key
  if (key.k === 'string' && /^(0|[1-9]\d{0,8})$/.test(key.value)) return numberConst(Number(key.value))
  const settled = key.k === 'read' ? settle(c, key, node) : key
  if (settled.k === 'number') return settled
  if (settled.k !== 'box' || !(settled.mask & NUMBER)) throw c.unsupported(node, `\`${describe(key)}\` as an index`)
  if (!written && settled.mask === (NUMBER | UNDEFINED)) return settled
  const box = c.temp(settled.expr, 'key')
  c.exitIf(negate(op('i32.box_is_number', box)), node, 'an index is no number')
  return number(op('f64.from_box_num', box))
}

/** The field that a member names: constant keys of objects, constant indices of tuples. */
function fieldName(c: Cursor, object: ObjectInfo, node: MemberNode, name: string | undefined): string {
  if (name !== undefined) return name
  const key = expression(c, node.property as Expression)
  if (key.k === 'string') return key.value
  if (key.k === 'number' && key.expr.kind === 'const') return String(key.expr.value)
  if (object.tuple !== undefined) materialise(c, object)
  throw c.unsupported(node, 'a computed property of an object')
}

export const lengthOf = (array: ArrayValue | ListValue): Expr =>
  array.k === 'array'
    ? { kind: 'len', type: 'i32', array: array.local }
    : { kind: 'listlen', type: 'i32', list: array.local }

export function readPlace(c: Cursor, target: Place, node: Node): Value {
  switch (target.k) {
    case 'length':
      return int(lengthOf(target.array))
    case 'element':
      return readElement(c, target.array, target.index)
    case 'field':
      return readField(c, target.object, target.name, node)
  }
}

export function fieldSlot(object: ObjectInfo, name: string): FieldBinding | undefined {
  const known = object.fields.get(name)
  if (known || !object.live) return known
  const slot: FieldBinding = { name, initial: object.live.field(name) }
  object.fields.set(name, slot)
  return slot
}

function readField(c: Cursor, object: ObjectInfo, name: string, node: Node): Value {
  if (object.tuple !== undefined && name === 'length') return numberConst(object.tuple)
  const slot = fieldSlot(object, name)
  const value = slot && c.get(slot)
  if (value) return value
  if (object.tuple !== undefined && !/^\d+$/.test(name)) throw c.miss(node, 'IRIS2006', { name, of: 'an array' })
  if (name in Object.prototype) throw c.unsupported(node, `\`${name}\`, which every object inherits,`)
  return { k: 'undefined' }
}

/** A field of an object that is an element of an argument. */
export function readRecord(c: Cursor, record: RecordValue, name: string | undefined, node: Node): Value {
  const index = name === undefined ? -1 : record.fields.indexOf(name)
  if (index < 0)
    throw c.unsupported(node, `\`${name ?? '[]'}\` of an object in an array, which is no number in all of them,`)
  return number({ kind: 'listget', type: 'f64', list: record.local, index: i32(index) })
}

/** The element as an i32 where it is one, and as a number. */
export function elementNumber(elem: Elem, raw: Expr): { number: Expr; integer?: Expr } {
  if (elem === 'f64') return { number: raw }
  if (elem === 'f32') return { number: op('f64.from_f32', raw) }
  return { number: elem === 'u32' ? op('f64.from_i32_u', raw) : fromInt(raw), integer: raw }
}

export function readElement(c: Cursor, array: ArrayValue | ListValue, index: Expr): Value {
  const inBounds = op('i32.lt_u', index, lengthOf(array))
  if (array.k === 'list') return readListElement(c, array, index, inBounds)
  const raw: Expr = { kind: 'load', type: elemScalar(array.elem), elem: array.elem, array: array.local, index }
  return { k: 'read', inBounds, ...elementNumber(array.elem, raw) }
}

function readListElement(c: Cursor, array: ListValue, index: Expr, inBounds: Expr): Value {
  const type = listElement(array.type)
  const raw: Expr = { kind: 'listget', type, list: array.local, index }
  if (type === 'f64') return { k: 'read', inBounds, number: raw }
  if (type === 'box') {
    const expr: Expr = {
      kind: 'cond',
      type: 'box',
      test: inBounds,
      then: raw,
      else: { kind: 'const', type: 'box', value: UNDEFINED_BITS },
    }
    return { k: 'box', expr, mask: array.mask | UNDEFINED }
  }
  // a row of a nested array: out of bounds it would be undefined, which no row can be
  c.emit({
    kind: 'if',
    test: op('i32.eqz', inBounds),
    then: [
      {
        kind: 'exit',
        site: c.program.exitSite('a row outside of the array is read', {
          source: c.activation.source,
          start: 0,
          end: 0,
        }),
      },
    ],
    else: [],
  })
  const local = c.tempLocal('row', type)
  c.emit({ kind: 'set', local, value: raw })
  if (c.program.hints.holes) {
    const site = c.program.exitSite('an element that was never set is read', c.span(c.activation.fn))
    c.emit({ kind: 'if', test: { kind: 'isnull', type: 'i32', local }, then: [{ kind: 'exit', site }], else: [] })
  }
  if (array.records) return { k: 'record', local, fields: array.records }
  if (type.startsWith('arr.')) return { k: 'array', local, elem: type.slice(4) as Elem, origin: { from: 'some' } }
  return { k: 'list', local, type: type as ListType, origin: { from: 'some' }, mask: type === 'list.box' ? 15 : NUMBER }
}

const UNDEFINED_BITS = 0xfff9_0000_0000_0001n

/** An element at an index that is known to be in bounds. */
export function elementInBounds(c: Cursor, array: ArrayValue | ListValue, index: Expr): Value {
  const value = readElement(c, array, index)
  if (value.k === 'read') return number(value.number)
  if (value.k === 'box' && value.expr.kind === 'cond')
    return { ...value, expr: value.expr.then, mask: array.k === 'list' ? array.mask : value.mask }
  return value
}
