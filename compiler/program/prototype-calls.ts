import { f64, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { AnyNode, Node } from '../source/ast.ts'
import { arrayMethod, concatenate } from './array-methods.ts'
import { countedLoop, isIterable, pushValue } from './arrays.ts'
import { kept, number, settle, toNumber } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { callValue, expression } from './dispatch.ts'
import { elementInBounds, lengthOf, readPlace } from './member.ts'
import { ARRAY_NAMES, typeOf } from './operators.ts'
import { tuple } from './tuple.ts'
import { type ArrayValue, describe, type ListValue, type Value } from './value.ts'

/**
 * Methods that are borrowed: `Array.prototype.slice.call(arguments, 1)`, `Object.prototype.toString.call(x)`,
 * `Math.max.apply(null, xs)`, `push.apply(xs, ys)`; and `Math.max(...xs)`.
 */
const UNDEFINED_VALUE: Value = { k: 'undefined' }

/** `builtin.call(…)` and `builtin.apply(…)`. */
export function borrowed(c: Cursor, callee: string, name: 'call' | 'apply', args: readonly Value[], node: Node): Value {
  const [self = UNDEFINED_VALUE, ...rest] = args
  const method = /^Array\.prototype\.(\w+)$/.exec(callee)?.[1]
  if (name === 'apply' && rest[0] && isIterable(rest[0])) return applied(c, callee, self, rest[0], node)
  const values = name === 'call' ? rest : elementsOf(c, rest[0], node)
  if (method) return arrayMethodOf(c, self, method, values, node)
  if (callee === 'Object.prototype.toString') return { k: 'string', value: tagOf(c, settle(c, self, node), node) }
  return callValue(c, { k: 'builtin', name: callee }, self, values, node)
}

/** The elements of an array of known length. */
export function elementsOf(c: Cursor, list: Value | undefined, node: Node): Value[] {
  if (!list || list.k === 'undefined' || list.k === 'null') return []
  if (list.k !== 'object' || list.object.tuple === undefined)
    throw c.unsupported(node, 'a call with an array whose length is not known')
  const { object } = list
  return Array.from({ length: list.object.tuple }, (_, i) =>
    kept(c, readPlace(c, { k: 'field', object, name: String(i) }, node)),
  )
}

/** An array method on what it was not defined for: a typed array is read like an array; the result is an array. */
function arrayMethodOf(c: Cursor, self: Value, method: string, values: readonly Value[], node: Node): Value {
  if (method === 'slice' && self.k === 'object' && self.object.tuple !== undefined) {
    const bounds = values.map(value => (value.k === 'number' && value.expr.kind === 'const' ? value.expr.value : NaN))
    if (bounds.every(bound => Number.isInteger(bound)))
      return tuple(c, node, elementsOf(c, self, node).slice(...(bounds as number[])))
  }
  if (self.k === 'array' && method === 'slice') {
    const part = arrayMethod(c, self, 'slice', values, node) as ArrayValue
    return concatenate(c, node, 'list.f64', [part])
  }
  if (self.k === 'array' && !READING.has(method))
    throw c.unsupported(node, `\`${method}\` of a typed array as an array`)
  return arrayMethod(c, self, method, values, node)
}

const READING = new Set(['forEach', 'reduce', 'some', 'every', 'find', 'findIndex', 'indexOf', 'fill', 'reverse'])

/** `f.apply(self, xs)` with an array whose length is known only at run time. */
function applied(c: Cursor, callee: string, self: Value, list: ArrayValue | ListValue, node: Node): Value {
  switch (callee) {
    case 'Math.max':
    case 'Math.min':
      return extremum(c, callee, [{ spread: list }], node)
    case 'Array.prototype.push':
      return pushAll(c, self, list, node)
    case 'Array.prototype.concat':
      return concatAll(c, self, list, node)
    default:
      throw c.unsupported(node, `\`${callee}.apply\` with an array whose length is not known`)
  }
}

function pushAll(c: Cursor, self: Value, list: ArrayValue | ListValue, node: Node): Value {
  if (self.k !== 'list') throw c.unsupported(node, `\`push\` on a ${describe(self)}`)
  countedLoop(c, node, lengthOf(list), index => pushValue(c, self, elementInBounds(c, list, index), node))
  return number(op('f64.from_i32_s', lengthOf(self)))
}

/** `concat.apply(first, rows)`: rows are joined, numbers are added. */
function concatAll(c: Cursor, self: Value, list: ArrayValue | ListValue, node: Node): Value {
  if (list.k !== 'list' || self.k !== 'list') throw c.unsupported(node, '`concat` of these')
  const type = list.type.startsWith('list.list.') ? (list.type.slice('list.'.length) as ListValue['type']) : 'list.f64'
  const target = concatenate(c, node, type, [self])
  countedLoop(c, node, lengthOf(list), index => {
    const part = elementInBounds(c, list, index)
    if (part.k === 'list')
      countedLoop(c, node, lengthOf(part), at => pushValue(c, target, elementInBounds(c, part, at), node))
    else if (part.k === 'number') pushValue(c, target, part, node)
    else throw c.unsupported(node, `\`concat\` of a ${describe(part)}`)
  })
  return target
}

/** Engines refuse a call with more arguments than their stack holds; below this all accept it. */
const MAX_ARGUMENTS = 10_000

type Part = Value | { readonly spread: ArrayValue | ListValue }

/** `Math.max(a, ...xs)`: associative, also with NaN and the zeros. Each part is used before the next one is evaluated. */
export function extremum(c: Cursor, name: 'Math.max' | 'Math.min', parts: Iterable<Part>, node: Node): Value {
  c.program.builtins.add(name)
  const isMax = name === 'Math.max'
  const merge = isMax ? 'f64.max' : 'f64.min'
  const local = c.tempLocal('extremum', 'f64')
  const found: Expr = { kind: 'get', type: 'f64', local }
  const take = (value: Value): void => c.emit({ kind: 'set', local, value: op(merge, found, toNumber(c, value, node)) })
  c.emit({ kind: 'set', local, value: f64(isMax ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) })
  for (const part of parts) {
    if (!('spread' in part)) take(part)
    else {
      const { spread } = part
      c.exitIf(op('i32.gt_u', lengthOf(spread), i32(MAX_ARGUMENTS)), node, 'a call with very many arguments')
      countedLoop(c, node, lengthOf(spread), index => take(elementInBounds(c, spread, index)))
    }
  }
  return number(found)
}

/** What Object.prototype.toString says of values whose kind is known. */
function tagOf(c: Cursor, value: Value, node: Node): string {
  if (value.k === 'list' || (value.k === 'object' && value.object.tuple !== undefined)) return '[object Array]'
  if (value.k === 'array') return `[object ${ARRAY_NAMES[value.elem]}]`
  if (value.k === 'null') return '[object Null]'
  const kind = typeOf(value)
  if (kind === undefined || kind === 'object') throw c.unsupported(node, '`toString` of this value')
  return `[object ${kind[0]!.toUpperCase()}${kind.slice(1)}]`
}

/** `Math.max(a, ...xs)` where xs is an array of any length; undefined for other calls. */
export function spreadExtremum(
  c: Cursor,
  callee: string,
  node: AnyNode & { type: 'CallExpression' },
): Value | undefined {
  if (callee !== 'Math.max' && callee !== 'Math.min') return undefined
  if (!node.arguments.some(argument => argument.type === 'SpreadElement')) return undefined
  return extremum(c, callee, partsOf(c, node), node)
}

function* partsOf(c: Cursor, node: AnyNode & { type: 'CallExpression' }): Generator<Part> {
  for (const argument of node.arguments) {
    if (argument.type !== 'SpreadElement') {
      yield settle(c, expression(c, argument), argument, 'number')
      continue
    }
    const value = expression(c, argument.argument)
    if (isIterable(value)) yield { spread: value }
    else yield* elementsOf(c, value, argument)
  }
}
