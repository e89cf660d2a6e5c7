import { i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { elemScalar, isScalar, listElement } from '../ir/types.ts'
import type { AnyNode, Node } from '../source/ast.ts'
import {
  copyOf,
  countedLoop,
  definedTest,
  isIterable,
  newTyped,
  pushValue,
  relativeIndex,
  storeInBounds,
} from './arrays.ts'
import { setSlot, storedElement } from './assign.ts'
import {
  booleanConst,
  constNumber,
  held,
  int,
  kept,
  negate,
  number,
  numberConst,
  settle,
  stable,
  toBoolean,
  toNumber,
} from './convert.ts'
import type { Cursor, Target } from './cursor.ts'
import { callValue } from './dispatch.ts'
import { listElementValue } from './list-elements.ts'
import { materialise } from './materialise.ts'
import { elementInBounds, lengthOf, readElement, readPlace } from './member.ts'
import { strictEqual } from './operators.ts'
import { sort } from './sort.ts'
import { newList } from './tuple.ts'
import {
  type ArrayValue,
  describe,
  type FieldBinding,
  type ListValue,
  maskOf,
  NUMBER,
  UNDEFINED,
  type Value,
} from './value.ts'

type Arrays = ArrayValue | ListValue
type Method = (c: Cursor, array: Arrays, args: readonly Value[], node: Node) => Value

/** Array.prototype and %TypedArray%.prototype methods on arrays of numbers; callbacks are inlined. */
export function arrayMethod(c: Cursor, object: Value, name: string, args: readonly Value[], node: Node): Value {
  if (object.k === 'object' && object.object.tuple !== undefined) materialise(c, object.object)
  if (!isIterable(object)) throw c.miss(node, 'IRIS2006', { name, of: `a ${describe(object)}` })
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined
  if (!method) throw c.miss(node, 'IRIS2006', { name, of: object.k === 'array' ? 'a typed array' : 'an array' })
  if (object.k === 'list' && object.records && !OF_OBJECTS.has(name))
    throw c.unsupported(node, `\`${name}\` of an array of objects`)
  return method(c, object, args, node)
}

/** Methods that look at elements, or hand on the objects themselves. */
const OF_OBJECTS = new Set([
  ...['forEach', 'map', 'reduce', 'reduceRight', 'some', 'every', 'findIndex', 'findLastIndex'],
  ...['filter', 'slice', 'push', 'pop'],
])

/** Element `index` of an array that a callback might have shortened, or that might have holes: both leave. */
function visited(c: Cursor, array: Arrays, index: Expr, node: Node): Value {
  if (array.k === 'array') return elementInBounds(c, array, index)
  c.exitIf(op('i32.ge_u', index, lengthOf(array)), node, 'an array shrinks while it is walked')
  const value = elementInBounds(c, array, index)
  if (value.k !== 'box' || (value.mask & UNDEFINED) === 0) return value
  const kept = stable(c, value) as Value & { expr: Expr; mask: number; k: 'box' }
  c.exitIf(op('i32.box_is_undefined', kept.expr), node, 'an array with holes is walked')
  const mask = kept.mask & ~UNDEFINED
  return mask === NUMBER ? number(op('f64.from_box_num', kept.expr)) : { ...kept, mask }
}

function callback(args: readonly Value[]): Value {
  return args[0] ?? { k: 'undefined' }
}

/** Calls `f(element, index, array)` for each element. */
function each(
  c: Cursor,
  walked: Arrays,
  args: readonly Value[],
  node: Node,
  use: (result: Value, index: Expr, element: Value) => void,
): void {
  const array = held(c, walked)
  countedLoop(c, node, lengthOf(array), index => {
    const element = kept(c, visited(c, array, index, node))
    const result = callValue(c, callback(args), args[1] ?? { k: 'undefined' }, [element, int(index), array], node)
    if (c.env) use(result, index, element)
  })
}

/** A loop that may end early with a value in `slot`. */
function search(c: Cursor, otherwise: Value, lower: (found: (value: Value) => void) => void): Value {
  const slot: FieldBinding = { name: 'found' }
  c.block('search', (target: Target) => {
    lower(value => {
      c.put(slot, value)
      c.jump(target)
    })
    if (c.env) c.put(slot, otherwise)
  })
  const value = c.get(slot) ?? otherwise
  c.env?.delete(slot)
  return value
}

function searchEach(
  c: Cursor,
  array: Arrays,
  args: readonly Value[],
  node: Node,
  sense: boolean,
  hit: (index: Expr, element: Value) => Value,
  otherwise: Value,
): Value {
  return search(c, otherwise, found =>
    each(c, array, args, node, (result, index, element) => {
      const truth = toBoolean(c, result, node)
      c.branch(
        sense ? truth : op('i32.eqz', truth),
        () => found(hit(index, element)),
        () => undefined,
      )
    }),
  )
}

const METHODS: Readonly<Record<string, Method>> = {
  forEach: (c, array, args, node) => {
    each(c, array, args, node, () => undefined)
    return { k: 'undefined' }
  },
  map: (c, array, args, node) => {
    if (array.k === 'array') {
      const target = newTyped(c, array.elem, c.temp(lengthOf(array), 'length'), node)
      each(c, array, args, node, (value, index) =>
        storeInBounds(c, target, index, settle(c, value, node, 'number'), node),
      )
      return target
    }
    const list = newList(c, node, i32(0), c.temp(lengthOf(array), 'length'), 'list.f64')
    each(c, array, args, node, value => pushValue(c, list, value, node))
    return list
  },
  filter: (c, array, args, node) => {
    const made = newList(c, node, i32(0), i32(8), array.k === 'array' ? 'list.f64' : array.type)
    const list = array.k === 'array' ? made : alike(array, made)
    each(c, array, args, node, (result, _index, element) =>
      c.branch(
        toBoolean(c, result, node),
        () => pushValue(c, list, element, node),
        () => undefined,
      ),
    )
    return array.k === 'array' ? copyOf(c, list, array.elem, node) : list
  },
  reduce: (c, array, args, node) => reduce(c, array, args, node),
  some: (c, array, args, node) => searchEach(c, array, args, node, true, () => booleanConst(true), booleanConst(false)),
  every: (c, array, args, node) =>
    searchEach(c, array, args, node, false, () => booleanConst(false), booleanConst(true)),
  find: (c, array, args, node) =>
    searchEach(c, array, args, node, true, (_i, element) => stable(c, element), { k: 'undefined' }),
  findIndex: (c, array, args, node) =>
    searchEach(c, array, args, node, true, index => int(c.temp(index)), numberConst(-1)),
  indexOf: (c, array, args, node) => indexOf(c, array, args, node),
  includes: (c, array, args, node) => includes(c, array, args, node),
  fill: (c, array, args, node) => fill(c, array, args, node),
  subarray: (c, array, args, node) => {
    if (array.k === 'list') throw c.miss(node, 'IRIS2006', { name: 'subarray', of: 'an array' })
    const { begin, end } = bounds(c, array, args, node)
    const type = `arr.${array.elem}` as const
    const local = c.tempLocal('view', type)
    c.emit({ kind: 'set', local, value: { kind: 'subarray', type, array: array.local, begin, end } })
    return { k: 'array', local, elem: array.elem, origin: { from: 'view' } }
  },
  slice: (c, array, args, node) => slice(c, array, args, node),
  concat: (c, array, args, node) => concat(c, array, args, node),
  set: (c, array, args, node) => setElements(c, array, args, node),
  push: (c, array, args, node) => {
    if (array.k === 'array') throw c.miss(node, 'IRIS2006', { name: 'push', of: 'a typed array' })
    // all arguments are evaluated before the first is pushed: `xs.push(xs.length, xs.length)`
    const values = args.length > 1 ? args.map(value => kept(c, settle(c, value, node))) : args
    for (const value of values) pushValue(c, array, value, node)
    return int(lengthOf(array))
  },
  pop: (c, array, _args, node) => pop(c, array, node),
  at: (c, array, args, node) => {
    const length = c.temp(lengthOf(array), 'length')
    const at = c.temp(op('i32.trunc_sat_s', args[0] ? toNumber(c, args[0], node) : numberConst(0).expr), 'at')
    return readElement(
      c,
      array,
      c.temp(op('i32.select', op('i32.lt_s', at, i32(0)), op('i32.add', length, at), at), 'at'),
    )
  },
  reverse: (c, array, _args, node) => reverse(c, array, node),
  sort: (c, array, args, node) => sort(c, array, args, node),
}

function reduce(c: Cursor, walked: Arrays, args: readonly Value[], node: Node): Value {
  const array = held(c, walked)
  const slot: FieldBinding = { name: 'sum' }
  const first = args.length < 2
  if (first) c.exitIf(op('i32.eqz', lengthOf(array)), node, '`reduce` of an empty array without an initial value')
  setSlot(c, slot, settle(c, first ? visited(c, array, i32(0), node) : args[1]!, node))
  const step = (index: Expr): void => {
    const element = visited(c, array, index, node)
    const value = callValue(c, callback(args), { k: 'undefined' }, [c.get(slot)!, element, int(index), array], node)
    if (c.env) setSlot(c, slot, settle(c, value, node))
  }
  const count = first ? op('i32.sub', lengthOf(array), i32(1)) : lengthOf(array)
  countedLoop(c, node, count, index => step(first ? c.temp(op('i32.add', index, i32(1)), 'at') : index))
  const value = c.get(slot) ?? ({ k: 'undefined' } as const)
  return value
}

function indexOf(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  if (args.length > 1) throw c.unsupported(node, '`indexOf` from a position')
  const wanted = stable(c, args[0] ?? { k: 'undefined' })
  if (array.k === 'list' && maskOf(wanted) & UNDEFINED) throw c.unsupported(node, '`indexOf` of undefined')
  return search(c, numberConst(-1), found =>
    countedLoop(c, node, lengthOf(array), index => {
      const same = strictEqual(c, elementInBounds(c, array, index), wanted, node) as Value & { expr: Expr }
      c.branch(
        same.expr,
        () => found(int(c.temp(index))),
        () => undefined,
      )
    }),
  )
}

/** SameValueZero: as `===`, but NaN is found. */
function includes(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  const wanted = stable(c, args[0] ?? { k: 'undefined' })
  if (args.length > 1 || wanted.k !== 'number') throw c.unsupported(node, '`includes` of this')
  const x = wanted.expr
  return search(c, booleanConst(false), found =>
    countedLoop(c, node, lengthOf(array), index => {
      const element = elementInBounds(c, array, index)
      if (element.k !== 'number') throw c.unsupported(node, '`includes` in an array with other values than numbers')
      const y = c.temp(element.expr)
      const same = op('i32.or', op('f64.eq', x, y), op('i32.and', op('f64.ne', x, x), op('f64.ne', y, y)))
      c.branch(
        same,
        () => found(booleanConst(true)),
        () => undefined,
      )
    }),
  )
}

function bounds(c: Cursor, array: Arrays, args: readonly Value[], node: Node, from = 0): { begin: Expr; end: Expr } {
  const length = c.temp(lengthOf(array), 'length')
  const begin = relativeIndex(c, args[from], length, i32(0), node)
  const end = relativeIndex(c, args[from + 1], length, length, node)
  const clamped =
    begin.kind === 'const' && begin.value === 0
      ? end
      : c.temp(op('i32.select', op('i32.lt_s', end, begin), begin, end), 'end')
  return { begin, end: clamped }
}

function fill(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  const value = stable(c, settle(c, args[0] ?? { k: 'undefined' }, node))
  if (array.k === 'array') {
    refuseMissingBegin(c, args, node)
    const stored = storedElement(c, array, value, node)
    c.emit({ kind: 'fill', array: array.local, ...bounds(c, array, args, node, 1), value: stored })
    return array
  }
  if (value.k === 'number') filledWithNumbers(c, array, args, node)
  const element = c.temp(listElementValue(c, array, value, node), 'value')
  const { begin, end } = bounds(c, array, args, node, 1)
  countedLoop(c, node, op('i32.sub', end, begin), index => {
    c.emit({ kind: 'listset', list: array.local, index: op('i32.add', index, begin), value: element })
  })
  return array
}

/** `xs.fill(v, undefined, end)` of a typed array: V8 does not look at `end` then, against ECMA-262 23.2.3.9. */
function refuseMissingBegin(c: Cursor, [, begin, end]: readonly Value[], node: Node): void {
  if (!begin || !end) return
  const mask = maskOf(begin)
  if (mask === UNDEFINED) throw c.unsupported(node, '`fill` from undefined')
  const given = mask & UNDEFINED ? definedTest(begin) : undefined
  if (given) c.exitIf(negate(given), node, '`fill` from undefined')
}

/** `new Array(n).fill(0)` has no holes: from the start it is an array of numbers. */
function filledWithNumbers(c: Cursor, array: ListValue, args: readonly Value[], node: Node): void {
  const callee = (node as AnyNode & { type: 'CallExpression' }).callee as AnyNode
  const { origin } = array
  if (
    args.length !== 1 ||
    callee.type !== 'MemberExpression' ||
    origin.from !== 'fresh' ||
    callee.object !== origin.site
  )
    return
  const { lists } = c.program.hints
  const site = origin.site as Node
  if (lists.has(site)) return
  c.program.addHint(() => {
    lists.set(site, 'list.f64')
    c.program.hints.holes = false
  })
}

function slice(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  const { begin, end } = bounds(c, array, args, node)
  const count = c.temp(op('i32.sub', end, begin), 'count')
  if (array.k === 'array') {
    const target = newTyped(c, array.elem, count, node)
    c.emit({ kind: 'copy', target: target.local, targetIndex: i32(0), source: array.local, sourceIndex: begin, count })
    return target
  }
  const list = newList(c, node, i32(0), count, array.type)
  countedLoop(c, node, count, index => {
    const element: Expr = {
      kind: 'listget',
      type: listElement(array.type),
      list: array.local,
      index: op('i32.add', index, begin),
    }
    c.emit({ kind: 'listpush', list: list.local, value: element })
  })
  return { ...alike(array, list), mask: array.mask }
}

/** A new array for elements of `array`. */
const alike = ({ records }: ListValue, made: ListValue): ListValue => (records ? { ...made, records } : made)

/** Rows are joined, numbers are added; a typed array would become one element. */
function concat(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  if (array.k === 'array') throw c.miss(node, 'IRIS2006', { name: 'concat', of: 'a typed array' })
  for (const value of args) if (value.k === 'object' && value.object.tuple !== undefined) materialise(c, value.object)
  const parts = args.map(value => {
    const settled = settle(c, value, node)
    if (settled.k === 'list' || settled.k === 'number') return settled
    throw c.unsupported(node, `\`concat\` of a ${describe(settled)}`)
  })
  return concatenate(c, node, array.type, [array, ...parts])
}

/** A new plain array of the elements of arrays, and of single numbers. */
export function concatenate(
  c: Cursor,
  node: Node,
  type: ListValue['type'],
  parts: readonly (Arrays | (Value & { k: 'number' }))[],
): ListValue {
  const list = newList(c, node, i32(0), i32(8), type)
  for (const part of parts) {
    if (part.k === 'number') pushValue(c, list, part, node)
    else countedLoop(c, node, lengthOf(part), index => pushValue(c, list, visited(c, part, index, node), node))
  }
  return list
}

/** `target.set(source, offset)`; sources of another kind are converted one by one, so they must not overlap. */
function setElements(c: Cursor, array: Arrays, args: readonly Value[], node: Node): Value {
  const [source, offset] = args
  if (array.k !== 'array' || !source) throw c.miss(node, 'IRIS2006', { name: 'set', of: 'an array' })
  if (source.k === 'object' && source.object.tuple !== undefined) {
    const { object } = source
    const count = source.object.tuple
    const at = placeToSet(c, array, offset, i32(count), node)
    for (let i = 0; i < count; i++) {
      const value = readPlace(c, { k: 'field', object, name: String(i) }, node)
      storeInBounds(c, array, c.temp(op('i32.add', at, i32(i)), 'at'), value, node)
    }
    return { k: 'undefined' }
  }
  if (!isIterable(source)) throw c.miss(node, 'IRIS2006', { name: 'set', of: 'a typed array with this source' })
  const count = c.temp(lengthOf(source), 'count')
  const at = placeToSet(c, array, offset, count, node)
  if (source.k === 'array' && source.elem === array.elem) {
    c.emit({ kind: 'copy', target: array.local, targetIndex: at, source: source.local, sourceIndex: i32(0), count })
    return { k: 'undefined' }
  }
  if (source.k === 'array' && source.origin.from !== 'fresh' && array.origin.from !== 'fresh')
    throw c.unsupported(node, '`set` between arrays of different kinds')
  countedLoop(c, node, count, index =>
    storeInBounds(c, array, c.temp(op('i32.add', index, at), 'at'), elementInBounds(c, source, index), node),
  )
  return { k: 'undefined' }
}

/** Where `count` elements go, or an exit where they do not fit (JavaScript throws). */
function placeToSet(c: Cursor, array: ArrayValue, offset: Value | undefined, count: Expr, node: Node): Expr {
  const at =
    offset && constNumber(offset) !== 0
      ? c.temp(op('i32.index_f64', op('f64.trunc', toNumber(c, offset, node))), 'at')
      : i32(0)
  const room = op('i32.sub', lengthOf(array), count)
  c.exitIf(op('i32.or', op('i32.lt_s', room, at), op('i32.lt_s', at, i32(0))), node, '`set` does not fit')
  return at
}

function pop(c: Cursor, array: Arrays, node: Node): Value {
  if (array.k === 'array') throw c.miss(node, 'IRIS2006', { name: 'pop', of: 'a typed array' })
  const length = c.temp(lengthOf(array), 'length')
  const last = c.temp(op('i32.sub', length, i32(1)), 'last')
  const type = listElement(array.type)
  c.exitIf(op('i32.eqz', length), node, '`pop` of an empty array')
  if (!isScalar(type)) {
    const row = elementInBounds(c, array, last)
    c.emit({ kind: 'listtruncate', list: array.local, length: last })
    return row
  }
  const raw = c.temp({ kind: 'listget', type, list: array.local, index: last }, 'popped')
  c.emit({ kind: 'listtruncate', list: array.local, length: last })
  return type === 'box' ? { k: 'box', expr: raw, mask: array.mask } : number(raw)
}

function reverse(c: Cursor, array: Arrays, node: Node): Value {
  const length = c.temp(lengthOf(array), 'length')
  const type = array.k === 'array' ? elemScalar(array.elem) : listElement(array.type)
  if (!isScalar(type)) throw c.unsupported(node, '`reverse` of an array of arrays')
  const read = (index: Expr): Expr =>
    array.k === 'array'
      ? { kind: 'load', type: elemScalar(array.elem), elem: array.elem, array: array.local, index }
      : { kind: 'listget', type, list: array.local, index }
  const write = (index: Expr, value: Expr): void =>
    c.emit(
      array.k === 'array'
        ? { kind: 'store', elem: array.elem, array: array.local, index, value }
        : { kind: 'listset', list: array.local, index, value },
    )
  countedLoop(c, node, op('i32.shr_u', length, i32(1)), index => {
    const other = c.temp(op('i32.sub', op('i32.sub', length, i32(1)), index), 'other')
    const left = c.temp(read(index), 'left')
    const right = c.temp(read(other), 'right')
    write(index, right)
    write(other, left)
  })
  return array
}
