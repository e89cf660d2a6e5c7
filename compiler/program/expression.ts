import type { AnyNode, Expression, Identifier, Node } from '../source/ast.ts'
import { assign, update } from './assign.ts'
import { builtinConstant } from './builtins.ts'
import { call, construct } from './call.ts'
import { chain, withoutNullish } from './chain.ts'
import { choose, test } from './choose.ts'
import { closure, describeNode } from './closure.ts'
import { boolean, negate, number, numberConst, snapshot, stable, toBoolean } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './dispatch.ts'
import { arrayLiteral, objectLiteral } from './literals.ts'
import { member } from './member.ts'
import { binary, not, typeOf, typeOfIs, unary } from './operators.ts'
import { refine } from './refine.ts'
import { maskOf, type Value } from './value.ts'

/** The handler of every kind of expression. */
export function lowerExpression(c: Cursor, node: Expression | Node): Value {
  const n = node as AnyNode
  switch (n.type) {
    case 'Literal':
      return literal(c, n)
    case 'Identifier':
      return identifier(c, n)
    case 'ParenthesizedExpression':
      return expression(c, n.expression)
    case 'ThisExpression':
      return thisOf(c, n)
    case 'UnaryExpression':
      return unaryExpression(c, n)
    case 'BinaryExpression':
      return binaryExpression(c, n)
    case 'LogicalExpression':
      return logical(c, n)
    case 'ConditionalExpression':
      return conditional(c, n)
    case 'AssignmentExpression':
      return assign(c, n)
    case 'UpdateExpression':
      return update(c, n)
    case 'SequenceExpression':
      return n.expressions.map(e => expression(c, e)).at(-1)!
    case 'MemberExpression':
      return member(c, n)
    case 'CallExpression':
      return call(c, n)
    case 'NewExpression':
      return construct(c, n)
    case 'ArrayExpression':
      return arrayLiteral(c, n)
    case 'ObjectExpression':
      return objectLiteral(c, n)
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return closure(c, n)
    case 'ChainExpression':
      return chain(c, n.expression)
    case 'TemplateLiteral':
      return templateLiteral(c, n)
    default:
      throw c.unsupported(n, describeNode(n))
  }
}

/** Without an object `this` is the global object in sloppy code, and a primitive is boxed: the text does not tell. */
function thisOf(c: Cursor, node: AnyNode): Value {
  const { thisValue } = c.activation
  if (thisValue.k === 'string' || maskOf(thisValue) !== 0)
    throw c.unsupported(node, '`this` of a function that is called without an object')
  return thisValue
}

function literal(c: Cursor, node: AnyNode & { type: 'Literal' }): Value {
  const { value } = node
  if (typeof value === 'number') return numberConst(value)
  if (typeof value === 'boolean') return boolean({ kind: 'const', type: 'i32', value: value ? 1 : 0 })
  if (typeof value === 'string') return { k: 'string', value }
  if (value === null && !node.regex && node.bigint === undefined) return { k: 'null' }
  throw c.unsupported(node, node.regex ? 'a regular expression' : 'a BigInt')
}

function templateLiteral(c: Cursor, node: AnyNode & { type: 'TemplateLiteral' }): Value {
  if (node.expressions.length > 0) throw c.unsupported(node, 'string concatenation')
  return { k: 'string', value: node.quasis[0]?.value.cooked ?? '' }
}

/** The value of a variable, a captured binding or a global. */
export function identifier(c: Cursor, node: Identifier): Value {
  const binding = c.activation.scope.bindingOf.get(node)
  if (!binding || binding.kind === 'free') return freeVariable(c, node)
  if (binding.kind === 'arguments') throw c.miss(node, 'IRIS2005')
  const value = c.get(binding)
  if (value) return value
  c.exit(node, `\`${node.name}\` is read before its declaration`)
  return { k: 'undefined' }
}

function freeVariable(c: Cursor, node: Identifier): Value {
  const { name } = node
  const { source } = c.activation
  const shape = c.program.free(source, name)
  if (!shape) {
    const constant = builtinConstant(name)
    if (constant) return constant
    throw c.miss(node, 'IRIS1007', { name, reason: 'it is not among the captured values' })
  }
  if (shape.k === 'number' && shape.value !== undefined) return numberConst(shape.value)
  if (shape.k === 'boolean' && shape.value !== undefined)
    return boolean({ kind: 'const', type: 'i32', value: shape.value ? 1 : 0 })
  if (shape.k === 'undefined' || shape.k === 'null') return { k: shape.k }
  if (shape.k === 'string') return { k: 'string', value: shape.value }
  return c.program.inputs.value(c.builder, { root: { func: source, free: name }, path: [] }, shape, name)
}

function unaryExpression(c: Cursor, node: AnyNode & { type: 'UnaryExpression' }): Value {
  if (node.operator === 'typeof') {
    const value = typeofOperand(c, node.argument)
    const name = typeOf(value)
    if (name === undefined) throw c.unsupported(node, '`typeof` of a value whose kind varies, except in a comparison')
    return { k: 'string', value: name }
  }
  if (node.operator === 'delete') throw c.unsupported(node, '`delete`')
  const value = expression(c, node.argument)
  if (node.operator === '!') return boolean(negate(toBoolean(c, value, node)))
  return unary(c, node.operator, value, node)
}

/** `typeof x` of a variable that does not exist is "undefined", not an error. */
function typeofOperand(c: Cursor, node: Expression): Value {
  if (
    node.type === 'Identifier' &&
    c.activation.scope.bindingOf.get(node)?.kind === 'free' &&
    !c.program.free(c.activation.source, node.name) &&
    !builtinConstant(node.name)
  )
    return { k: 'undefined' }
  return expression(c, node)
}

function binaryExpression(c: Cursor, node: AnyNode & { type: 'BinaryExpression' }): Value {
  const left = node.left as Expression
  const byTypeof = typeofComparison(c, node)
  if (byTypeof) return byTypeof
  let a = expression(c, left)
  if (c.hasEffects(node.right)) a = snapshot(c, a, left)
  return binary(c, node.operator, a, expression(c, node.right), node)
}

/** `typeof x === 'number'`, either way round. */
function typeofComparison(c: Cursor, node: AnyNode & { type: 'BinaryExpression' }): Value | undefined {
  if (!/^[=!]==?$/.test(node.operator)) return undefined
  const sides = [node.left, node.right] as AnyNode[]
  const query = sides.find(side => side.type === 'UnaryExpression' && side.operator === 'typeof')
  const name = sides.find(side => side.type === 'Literal' && typeof side.value === 'string')
  if (query?.type !== 'UnaryExpression' || name?.type !== 'Literal') return undefined
  const is = typeOfIs(c, stable(c, typeofOperand(c, query.argument)), String(name.value), node)
  return node.operator.startsWith('!') ? not(is) : is
}

function conditional(c: Cursor, node: AnyNode & { type: 'ConditionalExpression' }): Value {
  const decided = test(c, node.test)
  return choose(
    c,
    decided,
    () => refinedArm(c, node.test, true, node.consequent),
    () => refinedArm(c, node.test, false, node.alternate),
    node,
  )
}

/** An arm of a conditional, with what the test says of the variables. */
function refinedArm(c: Cursor, decided: Expression, sense: boolean, arm: Expression): Value {
  refine(c, decided, sense)
  return expression(c, arm)
}

function logical(c: Cursor, node: AnyNode & { type: 'LogicalExpression' }): Value {
  const left = stable(c, expression(c, node.left))
  const right = (sense: boolean) => (): Value => {
    if (node.operator !== '??') refine(c, node.left, sense)
    return expression(c, node.right)
  }
  if (node.operator === '??') {
    const isNullish = binary(c, '==', left, { k: 'null' }, node)
    return choose(c, toBoolean(c, isNullish, node), right(false), () => withoutNullish(c, left), node)
  }
  const truth = c.temp(toBoolean(c, left, node.left), 'test')
  return node.operator === '&&'
    ? choose(c, truth, right(true), () => falsy(left), node)
    : choose(c, truth, () => truthy(c, left), right(false), node)
}

/** What `left` is where it was found to be false: the number may still be NaN or either zero. */
const falsy = (left: Value): Value => left

/** A read that is true is in bounds. */
function truthy(_c: Cursor, left: Value): Value {
  return left.k === 'read' ? number(left.number) : left
}
