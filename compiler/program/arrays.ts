import { i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import { storedElement } from './assign.ts'
import { condition, constNumber, held, int, kept, negate, settle, stable, toNumber } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { callValue } from './dispatch.ts'
import { listElementValue } from './list-elements.ts'
import { elementInBounds, lengthOf, readPlace } from './member.ts'
import { hasEffects } from './syntax.ts'
import { newList, tuple } from './tuple.ts'
import { type ArrayValue, type ListValue, maskOf, NUMBER, UNDEFINED, type Value } from './value.ts'

export const TYPED_ARRAYS: Readonly<Record<string, Elem>> = {
  Float64Array: 'f64',
  Float32Array: 'f32',
  Int8Array: 'i8',
  Uint8Array: 'u8',
  Uint8ClampedArray: 'u8c',
  Int16Array: 'i16',
  Uint16Array: 'u16',
  Int32Array: 'i32',
  Uint32Array: 'u32',
}

export const isIterable = (value: Value): value is ArrayValue | ListValue => value.k === 'array' || value.k === 'list'

/** `new Float64Array(…)`, `new Array(…)`; undefined for constructors that make no array. */
export function constructArray(c: Cursor, name: string, args: readonly Value[], node: Node): Value | undefined {
  if (name === 'Array')
    return args.length === 1 && isLength(c, args[0]!, node)
      ? arrayOfLength(c, args[0]!, node)
      : tuple(
          c,
          node,
          args.map(value => kept(c, settle(c, value, node))),
        )
  const elem = TYPED_ARRAYS[name]
  if (!elem) return undefined
  const [source = { k: 'undefined' } as const] = args
  if (isIterable(source)) {
    if (args.length > 1) throw c.unsupported(node, 'this constructor')
    return copyOf(c, source, elem, node)
  }
  if (source.k === 'object' && source.object.tuple !== undefined) return typedOfTuple(c, source, elem, node)
  if (maskOf(source) === 0 || args.length > 1) throw c.unsupported(node, `\`new ${name}\` of this argument`)
  return newTyped(c, elem, source.k === 'undefined' ? i32(0) : lengthArgument(c, source, node), node)
}

/** `new Array(x)` has the length x where x is a number; any other value becomes the only element. */
function isLength(c: Cursor, value: Value, node: Node): boolean {
  const mask = maskOf(value)
  if (value.k === 'box' && mask & NUMBER && mask & ~(NUMBER | UNDEFINED))
    throw c.unsupported(node, '`new Array` of this')
  return (mask & NUMBER) !== 0
}

/** ToIndex: a fraction is cut off; negative lengths throw, and leave. */
function lengthArgument(c: Cursor, value: Value, node: Node): Expr {
  const constant = constNumber(value)
  if (constant !== undefined && constant >= 0 && constant < 2 ** 31) return i32(Math.trunc(constant))
  const length = c.temp(op('i32.index_f64', op('f64.trunc', toNumber(c, value, node))), 'length')
  c.exitIf(op('i32.lt_s', length, i32(0)), node, 'an array of this length cannot be made')
  return length
}

export function newTyped(c: Cursor, elem: Elem, length: Expr, node: Node): ArrayValue {
  const local = c.tempLocal('array', `arr.${elem}`)
  c.emit({ kind: 'newarray', local, elem, length })
  return { k: 'array', local, elem, origin: { from: 'fresh', site: node } }
}

/** Holes read as undefined: a list of boxes, unless it is filled with numbers at once (see `fill`). */
function arrayOfLength(c: Cursor, value: Value, node: Node): Value {
  const constant = constNumber(value)
  const length =
    constant !== undefined && Number.isInteger(constant) && constant >= 0 && constant < 2 ** 31
      ? i32(constant)
      : c.temp(op('i32.index_f64', toNumber(c, value, node)), 'length')
  c.exitIf(
    length.kind === 'const' ? i32(0) : op('i32.lt_s', length, i32(0)),
    node,
    'an array of this length cannot be made',
  )
  const list = newList(c, node, length, length, 'list.box')
  const { hints } = c.program
  const isEmpty = length.kind === 'const' && length.value === 0
  if (list.type !== 'list.f64' && !isEmpty && !hints.holes) c.program.addHint(() => void (hints.holes = true))
  return list
}

/** A loop over 0 ≤ i < count with a counter of its own. `count` is evaluated before. */
export function countedLoop(c: Cursor, node: Node, count: Expr, body: (index: Expr) => void): void {
  const limit = c.temp(count, 'count')
  const index = c.tempLocal('i', 'i32')
  const at: Expr = { kind: 'get', type: 'i32', local: index }
  c.emit({ kind: 'set', local: index, value: i32(0) })
  c.block('end', exit =>
    c.loop(node, c.program.assignedIn(c, node), () => {
      c.branch(
        op('i32.ge_s', at, limit),
        () => c.jump(exit),
        () => undefined,
      )
      body(at)
      if (c.env) c.emit({ kind: 'set', local: index, value: op('i32.add', at, i32(1)) })
    }),
  )
}

/** Stores at an index that is known to be in bounds. */
export function storeInBounds(c: Cursor, array: ArrayValue, index: Expr, value: Value, node: Node): void {
  c.emit({
    kind: 'store',
    elem: array.elem,
    array: array.local,
    index,
    value: storedElement(c, array, value, node),
    span: c.span(node),
  })
}

/** A new typed array with the elements of another array, converted. */
export function copyOf(c: Cursor, source: ArrayValue | ListValue, elem: Elem, node: Node): ArrayValue {
  const length = c.temp(lengthOf(source), 'length')
  const target = newTyped(c, elem, length, node)
  if (source.k === 'array' && source.elem === elem) {
    c.emit({
      kind: 'copy',
      target: target.local,
      targetIndex: i32(0),
      source: source.local,
      sourceIndex: i32(0),
      count: length,
    })
  } else countedLoop(c, node, length, index => storeInBounds(c, target, index, elementInBounds(c, source, index), node))
  return target
}

function typedOfTuple(c: Cursor, source: Value & { k: 'object' }, elem: Elem, node: Node): Value {
  const length = source.object.tuple ?? 0
  const target = newTyped(c, elem, i32(length), node)
  for (let i = 0; i < length; i++)
    storeInBounds(c, target, i32(i), readPlace(c, { k: 'field', object: source.object, name: String(i) }, node), node)
  return target
}

/** `Float64Array.from(xs)`, `Array.from({ length: n }, f)`, `Array.of(…)`; undefined for anything else. */
export function staticArrayCall(
  c: Cursor,
  object: string,
  name: string,
  args: () => Value[],
  node: Node,
): Value | undefined {
  const elem = TYPED_ARRAYS[object]
  if ((!elem && object !== 'Array') || (name !== 'from' && name !== 'of')) return undefined
  const values = args()
  if (name === 'of') {
    const made = tuple(
      c,
      node,
      values.map(value => kept(c, settle(c, value, node))),
    )
    return elem ? typedOfTuple(c, made as Value & { k: 'object' }, elem, node) : made
  }
  return arrayFrom(c, elem, values, node)
}

function arrayFrom(c: Cursor, elem: Elem | undefined, values: readonly Value[], node: Node): Value {
  const [given, callback] = values
  if (!given) throw c.unsupported(node, '`from` without an argument')
  const isWritten = callback !== undefined && mayWrite(c, callback)
  const source = isWritten && isIterable(given) ? unchanging(c, given, elem, node) : given
  const length = c.temp(sourceLength(c, source, node), 'length')
  const element = (index: Expr): Value => {
    const value: Value = isIterable(source) ? elementInBounds(c, source, index) : { k: 'undefined' }
    const made = callback ? callValue(c, callback, { k: 'undefined' }, [value, int(index)], node) : value
    if (isWritten && source.k === 'list' && c.env)
      c.exitIf(op('i32.ne', lengthOf(source), length), node, 'an array changes its length while it is walked')
    return made
  }
  if (elem) {
    const target = newTyped(c, elem, length, node)
    countedLoop(c, node, length, index => storeInBounds(c, target, index, element(index), node))
    return target
  }
  const list = newList(c, node, i32(0), length, 'list.f64')
  countedLoop(c, node, length, index => pushValue(c, list, element(index), node))
  return list
}

/** What `from` walks while its callback writes: typed arrays are made of elements that are all read before (23.2.2.1). */
function unchanging(
  c: Cursor,
  source: ArrayValue | ListValue,
  elem: Elem | undefined,
  node: Node,
): ArrayValue | ListValue {
  if (!elem) return held(c, source)
  if (source.k === 'list') throw c.unsupported(node, '`from` of an array with a callback that writes')
  return copyOf(c, source, source.elem, node)
}

function mayWrite(c: Cursor, callback: Value): boolean {
  if (callback.k === 'builtin') return false
  if (callback.k === 'closure') {
    const { source, scope } = callback.activation
    return hasEffects(callback.node.body, id => c.program.isBuiltin(source, scope, id))
  }
  if (callback.k !== 'function') return true
  const { fn, scope } = c.program.parse(callback.index)
  return hasEffects(fn.body, id => c.program.isBuiltin(callback.index, scope, id))
}

function sourceLength(c: Cursor, source: Value, node: Node): Expr {
  if (isIterable(source)) return lengthOf(source)
  if (source.k !== 'object' || source.object.tuple !== undefined) throw c.unsupported(node, '`from` of this value')
  const length = readPlace(c, { k: 'field', object: source.object, name: 'length' }, node)
  return lengthArgument(c, length, node)
}

export function pushValue(c: Cursor, list: ListValue, value: Value, node: Node): void {
  const settled = settle(c, value, node)
  if (c.env) c.emit({ kind: 'listpush', list: list.local, value: listElementValue(c, list, settled, node) })
}

/** begin and end of slice, subarray and fill: ToIntegerOrInfinity, negative from the end, clamped to the length. */
export function relativeIndex(c: Cursor, given: Value | undefined, length: Expr, fallback: Expr, node: Node): Expr {
  if (!given || given.k === 'undefined') return fallback
  const value = stable(c, given)
  const isGiven = definedTest(value)
  const index = clampedIndex(c, value, length, node)
  return isGiven ? c.temp(condition(isGiven, index, fallback), 'at') : index
}

/** Whether a value that may be undefined is not. */
export function definedTest(value: Value): Expr | undefined {
  if (value.k === 'read') return value.inBounds
  return value.k === 'box' && value.mask & UNDEFINED ? negate(op('i32.box_is_undefined', value.expr)) : undefined
}

function clampedIndex(c: Cursor, value: Value, length: Expr, node: Node): Expr {
  const at = c.temp(op('i32.trunc_sat_s', toNumber(c, value, node)), 'at')
  const fromEnd = op('i32.add', length, at)
  const negative = op('i32.select', op('i32.lt_s', fromEnd, i32(0)), i32(0), fromEnd)
  const positive = op('i32.select', op('i32.lt_s', at, length), at, length)
  return c.temp(op('i32.select', op('i32.lt_s', at, i32(0)), negative, positive), 'at')
}
