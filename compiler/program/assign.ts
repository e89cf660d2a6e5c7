import { get, i32, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import type { Type } from '../ir/types.ts'
import type { AnyNode, Expression, Node, Pattern } from '../source/ast.ts'
import type { Binding } from '../source/scope.ts'
import type { Activation } from './activation.ts'
import { builtinMember } from './builtins.ts'
import { choose } from './choose.ts'
import {
  boolean,
  constNumber,
  fromInt,
  number,
  numberConst,
  settle,
  snapshot,
  stable,
  toBoolean,
  toInt32,
  toNumber,
} from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { listElementValue } from './list-elements.ts'
import { materialise } from './materialise.ts'
import { fieldSlot, lengthOf, type Place, place, readElement, readPlace, readRecord } from './member.ts'
import { binary } from './operators.ts'
import { onlyNumericUses } from './syntax.ts'
import {
  type ArrayValue,
  describe,
  type FieldBinding,
  type ListValue,
  maskOf,
  NUMBER,
  type ObjectInfo,
  type ReadValue,
  type ReferenceValue,
  type Slot,
  UNDEFINED,
  type Value,
} from './value.ts'

/** `x = v`, `x += v`, `a[i] = v`, `[a, b] = v`, … */
export function assign(c: Cursor, node: AnyNode & { type: 'AssignmentExpression' }): Value {
  const left = node.left as AnyNode
  if (node.operator === '=') return plainAssign(c, left, node.right)
  const operator = node.operator.slice(0, -1)
  if (left.type === 'Identifier') return compoundVariable(c, left, operator, node.right)
  if (left.type !== 'MemberExpression') throw c.unsupported(left, 'this assignment target')
  const target = place(c, left, c.hasEffects(node.right))
  const old = readPlace(c, target, left)
  if (isLogical(operator))
    return logicalAssign(c, operator, old, () => writePlace(c, target, expression(c, node.right), node), node)
  return writePlace(c, target, combined(c, operator, old, node.right, node), node)
}

function plainAssign(c: Cursor, left: AnyNode, right: Expression): Value {
  if (left.type === 'MemberExpression') {
    const target = place(c, left, c.hasEffects(right))
    return writePlace(c, target, expression(c, right), left)
  }
  const value = expression(c, right)
  if (left.type === 'Identifier') return setVariable(c, bindingOf(c, left), value, left)
  bindPattern(c, left as Pattern, value, setVariable)
  return value
}

function compoundVariable(
  c: Cursor,
  left: AnyNode & { type: 'Identifier' },
  operator: string,
  right: Expression,
): Value {
  const binding = bindingOf(c, left)
  const old = expression(c, left)
  const value = isLogical(operator)
    ? logicalAssign(c, operator, old, () => expression(c, right), left)
    : combined(c, operator, old, right, left)
  return setVariable(c, binding, value, left)
}

const isLogical = (operator: string): boolean => operator === '||' || operator === '&&' || operator === '??'

function combined(c: Cursor, operator: string, old: Value, right: Expression, node: Node): Value {
  const before = c.hasEffects(right) ? snapshot(c, old, node) : old
  return binary(c, operator, before, expression(c, right), node)
}

/** `replace` gives the new value; of an element or a field it also writes it, since else nothing is written. */
function logicalAssign(c: Cursor, operator: string, old: Value, replace: () => Value, node: Node): Value {
  const kept = stable(c, old)
  const test =
    operator === '??' ? binary(c, '!=', kept, { k: 'null' }, node) : boolean(c.temp(toBoolean(c, kept, node)))
  const keep = (): Value => kept
  const expr = (test as { expr: Expr }).expr
  return operator === '&&' ? choose(c, expr, replace, keep, node) : choose(c, expr, keep, replace, node)
}

export function bindingOf(c: Cursor, id: AnyNode & { type: 'Identifier' }): Binding {
  const binding = c.activation.scope.bindingOf.get(id)
  if (!binding || binding.kind === 'free') throw c.miss(id, 'IRIS2002', { name: id.name })
  const isOwnName = binding.kind === 'function' && binding.declaration?.type === 'FunctionExpression'
  if (isOwnName) throw c.unsupported(id, 'assignment to the name of a function expression')
  if (binding.kind === 'const' && binding.declaration !== id) throw c.unsupported(id, 'assignment to a constant')
  if (binding.kind === 'arguments') throw c.miss(id, 'IRIS2005')
  return binding
}

/** `++`, `--` */
export function update(c: Cursor, node: AnyNode & { type: 'UpdateExpression' }): Value {
  const step = node.operator === '++' ? 1 : -1
  const argument = node.argument as AnyNode
  const target: Place | undefined = argument.type === 'MemberExpression' ? place(c, argument) : undefined
  const before = target ? readPlace(c, target, argument) : expression(c, argument)
  const old = number(node.prefix ? toNumber(c, before, node) : c.temp(toNumber(c, before, node), 'old'))
  const known = constNumber(old)
  const next = known === undefined ? number(op('f64.add', old.expr, numberConst(step).expr)) : numberConst(known + step)
  const written = target
    ? writePlace(c, target, next, node)
    : setVariable(c, bindingOf(c, argument as AnyNode & { type: 'Identifier' }), next, node)
  return node.prefix ? written : old
}

/** How a variable receives a value: an assignment, or its declaration. */
export type Bind = (c: Cursor, binding: Binding, value: Value, node: Node) => Value

/** Assigns a variable: primitives go to its storage, constants stay known. */
export function setVariable(c: Cursor, binding: Binding, value: Value, node: Node): Value {
  if (binding.kind === 'let' && !c.get(binding)) c.exit(node, `\`${binding.name}\` is assigned before its declaration`)
  return store(c, binding, value, node)
}

function store(c: Cursor, binding: Binding, value: Value, node: Node): Value {
  const settled = settleFor(c, binding, value, node)
  const stored = intoStorage(c, binding, settled)
  c.put(binding, stored)
  return stored
}

/** Declares a variable. One that is never assigned again needs no storage of its own. */
export function declare(c: Cursor, binding: Binding, value: Value, node: Node): Value {
  if (binding.assignments > 0) return store(c, binding, value, node)
  const settled = settleFor(c, binding, value, node)
  const kept = asConstant(c, binding, settled)
  c.put(binding, kept)
  return kept
}

function asConstant(c: Cursor, slot: Slot, value: Value): Value {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'box':
      return { ...value, expr: c.temp(value.expr, slot.name) }
    case 'array':
    case 'list':
      return c.builder.isStorage(value.local)
        ? copyReference(c, value, c.tempLocal(slot.name, referenceType(value)))
        : value
    case 'record':
      return c.builder.isStorage(value.local) ? copyReference(c, value, c.tempLocal(slot.name, 'list.f64')) : value
    default:
      return value
  }
}

const referenceType = (value: ReferenceValue): Type =>
  value.k === 'array' ? `arr.${value.elem}` : value.k === 'list' ? value.type : 'list.f64'

function copyReference(c: Cursor, value: ReferenceValue, local: number): Value {
  if (local !== value.local) c.emit({ kind: 'set', local, value: get(value.local, referenceType(value)) })
  return { ...value, local }
}

function intoStorage(c: Cursor, slot: Slot, value: Value): Value {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'box': {
      if (value.expr.kind === 'const') return value
      const local = c.builder.storage(slot, value.expr.type)
      if (value.expr.kind !== 'get' || value.expr.local !== local) c.emit({ kind: 'set', local, value: value.expr })
      return { ...value, expr: get(local, value.expr.type) }
    }
    case 'array':
    case 'list':
    case 'record':
      return copyReference(c, value, c.builder.storage(slot, referenceType(value)))
    default:
      return value
  }
}

/** Gives a pseudo-variable a value. */
export function setSlot(c: Cursor, slot: Slot, value: Value): void {
  c.put(slot, intoStorage(c, slot, value))
}

function settleFor(c: Cursor, binding: Binding, value: Value, node: Node): Value {
  if (value.k !== 'read' && value.k !== 'box') return value
  return settle(c, value, node, numericOnly(c, binding) ? 'number' : 'exact')
}

/** `source`, `scope`: those of the function which declares the variable; a parameter is asked for by the caller. */
export function numericOnly(
  c: Cursor,
  binding: Binding,
  { source, scope }: Pick<Activation, 'source' | 'scope'> = c.activation,
): boolean {
  const { numericUses } = c.program
  let known = numericUses.get(binding)
  if (known === undefined) {
    known = onlyNumericUses(binding.functionNode, binding, scope, id => c.program.isBuiltin(source, scope, id))
    numericUses.set(binding, known)
  }
  return known
}

/** Destructuring: `const { x, y } = p`, `[a, b] = pair`, defaults and rest. */
export function bindPattern(c: Cursor, pattern: Pattern, value: Value, bind: Bind): void {
  const node = pattern as AnyNode
  switch (node.type) {
    case 'Identifier':
      bind(c, bindingOf(c, node), value, node)
      return
    case 'MemberExpression':
      // the target is evaluated before the value is read (13.15.5.5), here after it
      if (c.hasEffects(node)) throw c.unsupported(node, 'a target with effects')
      writePlace(c, place(c, node), value, node)
      return
    case 'AssignmentPattern':
      bindPattern(c, node.left, withDefault(c, value, node.right), bind)
      return
    case 'ArrayPattern':
      node.elements.forEach((element, i) => {
        if (!element) return
        if (element.type === 'RestElement') throw c.unsupported(element, 'a rest element')
        bindPattern(c, element, elementAt(c, value, i, node), bind)
      })
      return
    case 'ObjectPattern':
      for (const property of node.properties) bindProperty(c, property as AnyNode, value, bind)
      return
    default:
      throw c.unsupported(node, 'this pattern')
  }
}

export function withDefault(c: Cursor, value: Value, fallback: Expression): Value {
  const kept = stable(c, value)
  const isUndefined = binary(c, '===', kept, { k: 'undefined' }, fallback) as Value & { expr: Expr }
  const defined = (): Value =>
    kept.k === 'read'
      ? number(kept.number)
      : kept.k === 'box' && kept.mask === (NUMBER | UNDEFINED)
        ? number(op('f64.from_box_num', kept.expr))
        : kept
  return choose(c, isUndefined.expr, () => expression(c, fallback), defined, fallback)
}

function elementAt(c: Cursor, value: Value, index: number, node: Node): Value {
  if (value.k === 'array' || value.k === 'list') return readElement(c, value, i32(index))
  if (value.k === 'object' && value.object.tuple !== undefined) {
    const slot = fieldSlot(value.object, String(index))
    return (slot && c.get(slot)) ?? { k: 'undefined' }
  }
  throw c.unsupported(node, `destructuring a ${describe(value)}`)
}

function bindProperty(c: Cursor, property: AnyNode, value: Value, bind: Bind): void {
  if (property.type !== 'Property' || property.computed) throw c.unsupported(property, 'this kind of destructuring')
  const key =
    property.key.type === 'Identifier'
      ? property.key.name
      : property.key.type === 'Literal'
        ? String(property.key.value)
        : undefined
  if (key === undefined) throw c.unsupported(property, 'this key')
  if ((value.k === 'array' || value.k === 'list') && key === 'length')
    return bindPattern(c, property.value as unknown as Pattern, number(fromInt(lengthOf(value))), bind)
  if (value.k === 'builtin') {
    const own = value.members?.(key, c.builder) ?? builtinMember(c, value.name, key, property)
    return bindPattern(c, property.value as unknown as Pattern, own, bind)
  }
  if (value.k === 'record')
    return bindPattern(c, property.value as unknown as Pattern, readRecord(c, value, key, property), bind)
  if (value.k !== 'object') throw c.unsupported(property, `destructuring a ${describe(value)}`)
  bindPattern(
    c,
    property.value as unknown as Pattern,
    readPlace(c, { k: 'field', object: value.object, name: key }, property),
    bind,
  )
}

export function writePlace(c: Cursor, target: Place, value: Value, node: Node): Value {
  switch (target.k) {
    case 'element':
      return writeElement(c, target.array, target.index, value, node)
    case 'field':
      return writeField(c, target.object, target.name, value, node)
    case 'length':
      return writeLength(c, target.array, value, node)
  }
}

function writeField(c: Cursor, object: ObjectInfo, name: string, value: Value, node: Node): Value {
  if (object.tuple !== undefined && (!/^\d+$/.test(name) || Number(name) >= object.tuple)) materialise(c, object)
  if (name === '__proto__') throw c.unsupported(node, 'assignment to `__proto__`')
  const settled = settle(c, value, node)
  const slot = fieldSlot(object, name) ?? newField(object, name)
  if (object.live) markLiveWrite(c, object, name, slot, settled, node)
  const stored = intoStorage(c, slot, settled)
  c.put(slot, stored)
  return stored
}

function newField(object: ObjectInfo, name: string): FieldBinding {
  const slot: FieldBinding = { name, ...(object.born && { born: object.born }) }
  object.fields.set(name, slot)
  return slot
}

/** Only fields that exist before the call are written back: adding one would change the object's shape. */
function markLiveWrite(
  c: Cursor,
  object: ObjectInfo,
  name: string,
  slot: FieldBinding,
  value: Value,
  node: Node,
): void {
  if (maskOf(value) === 0) throw c.unsupported(node, `storing a ${describe(value)} in a field`)
  if (!slot.initial || slot.initial.k === 'opaque' || slot.initial.k === 'function' || maskOf(slot.initial) === 0)
    throw c.unsupported(node, `writing the field \`${name}\``)
  if (slot.initial.k === 'undefined') throw c.unsupported(node, `adding the field \`${name}\``)
  if (c.builder !== c.program.entryBuilder)
    throw c.unsupported(node, 'writing a field in a function that is not inlined')
  object.live!.markWritten(name)
}

function writeLength(c: Cursor, array: ArrayValue | ListValue, value: Value, node: Node): Value {
  if (array.k === 'array') throw c.unsupported(node, 'writing the length of a typed array')
  const length = c.temp(op('i32.index_f64', toNumber(c, value, node)), 'length')
  c.exitIf(
    op('i32.gt_u', length, { kind: 'listlen', type: 'i32', list: array.local }),
    node,
    'the length of an array is raised',
  )
  c.emit({ kind: 'listtruncate', list: array.local, length })
  return value
}

/** Stores into a typed array are dropped out of bounds; those into a plain array may append. */
export function writeElement(c: Cursor, array: ArrayValue | ListValue, index: Expr, value: Value, node: Node): Value {
  if (array.k === 'list') return writeListElement(c, array, index, value, node)
  const kept = value.k === 'read' ? readOnce(c, value, node) : stable(c, value)
  const stored = storedElement(c, array, kept, node)
  const store: Stmt = { kind: 'store', elem: array.elem, array: array.local, index, value: stored, span: c.span(node) }
  c.emit({ kind: 'if', test: op('i32.lt_u', index, lengthOf(array)), then: [store], else: [] })
  return kept
}

/** An element that was read before a store which may change it. */
function readOnce(c: Cursor, value: ReadValue, node: Node): ReadValue {
  return { k: 'read', inBounds: c.temp(value.inBounds), number: c.temp(toNumber(c, value, node), 'v') }
}

/** The conversion that a store into this kind of array makes (ECMA-262 10.4.5.16, NumericToRawBytes). */
export function storedElement(c: Cursor, array: ArrayValue, value: Value, node: Node): Expr {
  switch (array.elem) {
    case 'f64':
      return toNumber(c, value, node)
    case 'f32':
      return op('f32.from_f64', toNumber(c, value, node))
    case 'u8c':
      return op('i32.clamp_u8', toNumber(c, value, node))
    default:
      return toInt32(c, value, node)
  }
}

function writeListElement(c: Cursor, list: ListValue, index: Expr, value: Value, node: Node): Value {
  const settled = stable(c, settle(c, value, node))
  const element = listElementValue(c, list, settled, node)
  const length: Expr = { kind: 'listlen', type: 'i32', list: list.local }
  const site = c.program.exitSite('an element beyond the end of an array is written', c.span(node))
  c.emit({
    kind: 'if',
    test: op('i32.lt_u', index, length),
    then: [{ kind: 'listset', list: list.local, index, value: element }],
    else: [
      {
        kind: 'if',
        test: op('i32.eq', index, length),
        then: [{ kind: 'listpush', list: list.local, value: element }],
        else: [{ kind: 'exit', site }],
      },
    ],
  })
  return settled
}
