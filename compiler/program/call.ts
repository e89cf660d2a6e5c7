import { Miss } from '../../base/diagnostic.ts'
import type { AnyNode, Expression, FunctionNode, Node, Pattern } from '../source/ast.ts'
import type { Activation } from './activation.ts'
import { arrayMethod } from './array-methods.ts'
import { constructArray, staticArrayCall } from './arrays.ts'
import { bindPattern, declare, numericOnly, withDefault } from './assign.ts'
import { builtinMember, callBuiltin } from './builtins.ts'
import { held, isNamed, opaqueMiss, settle, snapshot } from './convert.ts'
import type { Cursor, Target } from './cursor.ts'
import { callValue, expression, runBody } from './dispatch.ts'
import { callInstance, separable } from './helpers.ts'
import { argumentsTuple, type MemberNode, readPlace } from './member.ts'
import { borrowed, elementsOf, spreadExtremum } from './prototype-calls.ts'
import { functionBody } from './statement.ts'
import { propertyName } from './syntax.ts'
import { tuple } from './tuple.ts'
import { describe, type FieldBinding, isReference, type Value } from './value.ts'

export type CallNode = AnyNode & { type: 'CallExpression' }

const MAX_DEPTH = 60
/** as many as the front end reads */
const MAX_HELPERS = 300

/** `f(x)`, `object.method(x)`, `array.map(f)`, `Math.sin(x)`. */
export function call(c: Cursor, node: CallNode): Value {
  const callee = node.callee as AnyNode
  if (callee.type === 'MemberExpression') {
    if (callee.object.type === 'Super') throw c.unsupported(node, '`super`')
    return methodCall(c, node, callee, expression(c, callee.object))
  }
  if (callee.type === 'ParenthesizedExpression') return functionCall(c, node, expression(c, callee.expression))
  if (callee.type === 'Super') throw c.unsupported(node, '`super`')
  return functionCall(c, node, expression(c, callee))
}

/** A call of a function that has been evaluated, without `this`. */
export function functionCall(c: Cursor, node: CallNode, callee: Value): Value {
  return callValue(c, callee, { k: 'undefined' }, args(c, node), node)
}

/** A call of a method of an object that has been evaluated. */
export function methodCall(c: Cursor, node: CallNode, callee: MemberNode, object: Value): Value {
  const name = propertyName(callee)
  if (object.k === 'builtin' && name !== undefined) {
    if (name === 'call' || name === 'apply') return borrowed(c, object.name, name, args(c, node), node)
    const found = spreadExtremum(c, `${object.name}.${name}`, node)
    if (found) return found
  }
  if (name === undefined) throw c.unsupported(node, 'calling a computed property')
  const added = object.k === 'builtin' || object.k === 'function' ? object.members?.(name, c.builder) : undefined
  if (added) return callValue(c, added, object, args(c, node), node)
  switch (object.k) {
    case 'builtin': {
      const array = staticArrayCall(c, object.name, name, () => args(c, node), node)
      return array ?? callValue(c, builtinMember(c, object.name, name, callee), object, args(c, node), node)
    }
    case 'array':
    case 'list':
    case 'range':
      return arrayMethod(c, receiver(c, object, node), name, args(c, node), node)
    case 'object': {
      if (object.object.tuple !== undefined) return arrayMethod(c, object, name, args(c, node), node)
      const method = readPlace(c, { k: 'field', object: object.object, name }, callee)
      return callValue(c, method, isDetached(node) ? { k: 'undefined' } : object, args(c, node), node)
    }
    case 'closure':
    case 'function':
      return applyMethod(c, object, name, node)
    case 'number':
    case 'boolean':
    case 'box':
    case 'read':
      throw c.miss(node, 'IRIS2006', { name, of: `a ${describe(object)}` })
    case 'opaque':
      throw opaqueMiss(c, object, callee)
    default:
      throw c.miss(node, 'IRIS2006', { name, of: `a ${describe(object)}` })
  }
}

/** The array that a method is called on: evaluating the arguments may assign its variable. */
function receiver(c: Cursor, object: Value, node: CallNode): Value {
  return isReference(object) && node.arguments.some(argument => c.hasEffects(argument)) ? held(c, object) : object
}

/** `(0, object.method)(x)`: the front end has dropped the comma, and left a mark that there is no `this`. */
const isDetached = (node: CallNode): boolean => 'detached' in node && node.detached === true

/** `f.call(thisValue, a, b)`, `f.apply(thisValue, [a, b])`. */
function applyMethod(c: Cursor, callee: Value, name: string, node: CallNode): Value {
  if (name !== 'call' && name !== 'apply') throw c.miss(node, 'IRIS2006', { name, of: 'a function' })
  const [thisValue = { k: 'undefined' } as const, ...rest] = args(c, node)
  return callValue(c, callee, thisValue, name === 'call' ? rest : elementsOf(c, rest[0], node), node)
}

/** The arguments in order; each keeps its value while the next is evaluated. */
function args(c: Cursor, node: { arguments: readonly (AnyNode | Expression)[] }): Value[] {
  return node.arguments.flatMap((argument, i) => {
    if (argument.type === 'SpreadElement')
      return elementsOf(c, argumentsTuple(c, argument.argument) ?? expression(c, argument.argument), argument)
    const value = argumentsTuple(c, argument) ?? expression(c, argument)
    return [node.arguments.slice(i + 1).some(argument => c.hasEffects(argument)) ? snapshot(c, value, argument) : value]
  })
}

/** The handler of calls. */
export function lowerCall(c: Cursor, callee: Value, thisValue: Value, values: readonly Value[], node: Node): Value {
  switch (callee.k) {
    case 'builtin':
      return (
        (callee.name === 'Array' && constructArray(c, 'Array', values, node)) ||
        callBuiltin(c, callee.name, values, node)
      )
    case 'function':
      return callFunction(c, callee.index, thisValue, values, node)
    case 'closure':
      return callClosure(c, callee, thisValue, values, node)
    case 'opaque':
      if (callee.code === 'IRIS1010') throw c.miss(node, 'IRIS1010', { limit: MAX_HELPERS })
      throw isNamed(callee.code)
        ? opaqueMiss(c, callee, node)
        : c.miss(node, 'IRIS2004', { name: callee.name, reason: callee.what })
    default:
      throw c.miss(node, 'IRIS2004', {
        name: c.program.textOf(c.activation.source, node),
        reason: `it is a ${describe(callee)}`,
      })
  }
}

function callFunction(c: Cursor, index: number, thisValue: Value, values: readonly Value[], node: Node): Value {
  const { fn, scope } = c.program.parse(index)
  if (fn.async || fn.generator) throw c.miss(node, 'IRIS1003')
  const settled = settleArguments(c, fn, { source: index, scope }, values, node)
  if (separable(c, index, thisValue, settled)) return callInstance(c, index, settled, node)
  if (active(c.activation, fn)) throw c.miss(node, 'IRIS2008')
  const own = c.program.source(index).thisShape
  const self =
    fn.type === 'ArrowFunctionExpression' && own
      ? c.program.inputs.value(c.builder, { root: { func: index, free: 'this' }, path: [] }, own, 'this')
      : thisValue
  return inline(c, { source: index, fn, scope, thisValue: self, args: settled }, node)
}

function callClosure(
  c: Cursor,
  callee: Value & { k: 'closure' },
  thisValue: Value,
  values: readonly Value[],
  node: Node,
): Value {
  const { activation, node: fn } = callee
  if (active(c.activation, fn)) throw c.miss(node, 'IRIS2008')
  if (!isLatest(c, activation)) throw c.unsupported(node, 'calling a closure of an earlier call of a function')
  const self = fn.type === 'ArrowFunctionExpression' ? activation.thisValue : thisValue
  const settled = settleArguments(c, fn, activation, values, node)
  return inline(
    c,
    { source: activation.source, fn, scope: activation.scope, thisValue: self, args: settled, outer: activation },
    node,
  )
}

/**
 * Whether the variables around a closure still are those of the call that made it: a function that is inlined twice has
 * its variables in the same places.
 */
function isLatest(c: Cursor, activation: Activation): boolean {
  for (let a: Activation | undefined = activation; a?.caller; a = a.outer) {
    const latest = c.get(c.program.latest(a.fn))
    if (latest?.k !== 'closure' || latest.activation !== a) return false
  }
  return true
}

/** Element reads become what the parameter can take; nobody can tell NaN from undefined in a purely numeric one. */
function settleArguments(
  c: Cursor,
  fn: FunctionNode,
  owner: Pick<Activation, 'source' | 'scope'>,
  values: readonly Value[],
  node: Node,
): Value[] {
  const { scope } = owner
  return values.map((value, i) => {
    const param = fn.params[i] as AnyNode | undefined
    const binding = param?.type === 'Identifier' ? scope.bindingOf.get(param) : undefined
    const isNumeric = binding && !scope.usesArguments && numericOnly(c, binding, owner)
    const settled = settle(c, value, node, isNumeric ? 'number' : 'exact')
    return settled.k === 'number' || settled.k === 'boolean' || settled.k === 'box'
      ? { ...settled, expr: c.temp(settled.expr, 'arg') }
      : settled
  })
}

function active(activation: Activation | undefined, fn: FunctionNode): boolean {
  for (let a = activation; a; a = a.outer ?? a.caller) if (a.fn === fn) return true
  for (let a = activation; a; a = a.caller) if (a.fn === fn) return true
  return false
}

interface Callee {
  readonly source: number
  readonly fn: FunctionNode
  readonly scope: Activation['scope']
  readonly thisValue: Value
  readonly args: readonly Value[]
  readonly outer?: Activation
}

/** Lowers the body of a function in place of its call. */
export function inline(c: Cursor, callee: Callee, node: Node): Value {
  const caller = c.activation
  if (caller.depth >= MAX_DEPTH) throw new Miss('IRIS1010', { limit: `${MAX_DEPTH} nested` }, c.span(node))
  const result: FieldBinding = { name: 'result' }
  const args = callee.args.map(value => (isReference(value) ? held(c, value) : value))
  c.block('call', returns => {
    c.activation = activationOf({ ...callee, args }, returns, result, caller, node)
    c.put(c.program.latest(callee.fn), { k: 'closure', node: callee.fn, activation: c.activation })
    runBody(c)
    c.activation = caller
  })
  const value = c.get(result) ?? ({ k: 'undefined' } as const)
  c.env?.delete(result)
  return value
}

function activationOf(
  callee: Callee,
  returns: Target,
  result: FieldBinding,
  caller: Activation | undefined,
  node: Node,
): Activation {
  return {
    ...callee,
    count: callee.args.length,
    returns,
    result,
    ...(caller && { caller }),
    depth: caller ? caller.depth + 1 : 0,
    path: caller ? `${caller.path}/${callee.source}:${callee.fn.start}@${node.start}` : `${callee.source}`,
    labels: new Map(),
    breaks: [],
    continues: [],
  }
}

/** Binds the parameters and lowers the body; falling off the end returns undefined. */
/** The handler of function bodies. */
export function lowerBody(c: Cursor): void {
  bindParameters(c)
  functionBody(c)
}

function bindParameters(c: Cursor): void {
  const { fn, args: values } = c.activation
  fn.params.forEach((param, i) => {
    const node = param as AnyNode
    if (node.type === 'RestElement')
      return bindPattern(c, node.argument as Pattern, tuple(c, node, values.slice(i)), declare)
    const value = values[i] ?? ({ k: 'undefined' } as const)
    if (node.type === 'AssignmentPattern')
      bindPattern(c, node.left as Pattern, withDefault(c, value, node.right), declare)
    else bindPattern(c, node as Pattern, value, declare)
  })
}

/** `new Float64Array(n)`, `new Array(n)`. */
export function construct(c: Cursor, node: AnyNode & { type: 'NewExpression' }): Value {
  const callee = expression(c, node.callee)
  if (callee.k === 'builtin') {
    const made = constructArray(c, callee.name, args(c, node), node)
    if (made) return made
  }
  throw c.unsupported(node, `\`new ${c.program.textOf(c.activation.source, node.callee)}\``)
}
