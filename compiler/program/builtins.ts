import { f64, host, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { HOST_FUNCTIONS, type OpName } from '../ir/ops.ts'
import type { Node } from '../source/ast.ts'
import {
  boolean,
  booleanConst,
  condition,
  constNumber,
  int,
  notPrimitive,
  number,
  numberConst,
  toBoolean,
  toInt32,
  toNumber,
} from './convert.ts'
import type { Cursor } from './cursor.ts'
import { intrinsic, kernelCall } from './dispatch.ts'
import { power } from './operators.ts'
import { maskOf, NUMBER, type Value } from './value.ts'

/** Globals that are values, known without looking at the host. */
export function builtinConstant(name: string): Value | undefined {
  switch (name) {
    case 'undefined':
      return { k: 'undefined' }
    case 'NaN':
      return numberConst(Number.NaN)
    case 'Infinity':
      return numberConst(Number.POSITIVE_INFINITY)
    default:
      return undefined
  }
}

const CONSTANTS: Readonly<Record<string, number>> = {
  'Math.E': Math.E,
  'Math.LN10': Math.LN10,
  'Math.LN2': Math.LN2,
  'Math.LOG10E': Math.LOG10E,
  'Math.LOG2E': Math.LOG2E,
  'Math.PI': Math.PI,
  'Math.SQRT1_2': Math.SQRT1_2,
  'Math.SQRT2': Math.SQRT2,
  'Number.EPSILON': Number.EPSILON,
  'Number.MAX_SAFE_INTEGER': Number.MAX_SAFE_INTEGER,
  'Number.MIN_SAFE_INTEGER': Number.MIN_SAFE_INTEGER,
  'Number.MAX_VALUE': Number.MAX_VALUE,
  'Number.MIN_VALUE': Number.MIN_VALUE,
  'Number.NaN': Number.NaN,
  'Number.POSITIVE_INFINITY': Number.POSITIVE_INFINITY,
  'Number.NEGATIVE_INFINITY': Number.NEGATIVE_INFINITY,
}

/** `Math.PI`, `Math.sin`, `Number.isNaN`, … of a built-in object. */
export function builtinMember(c: Cursor, object: string, name: string, node: Node): Value {
  const full = `${object}.${name}`
  const constant = CONSTANTS[full]
  if (constant !== undefined) return numberConst(constant)
  const bytes = /^(\w+)Array\.BYTES_PER_ELEMENT$/.exec(full)
  if (bytes) return numberConst(BYTES[bytes[1]!] ?? Number.NaN)
  if (CALLS[full] || HOST_FUNCTIONS[full] !== undefined || SPECIAL.has(full)) return { k: 'builtin', name: full }
  if (/^(Array|Object|\w+Array)\.(isArray|from|of|is|prototype)$/.test(full)) return { k: 'builtin', name: full }
  if (/^(Array|Object)\.prototype\.\w+$/.test(full)) return { k: 'builtin', name: full }
  throw c.miss(node, 'IRIS2004', { name: full, reason: 'Iris does not know this built-in' })
}

const BYTES: Readonly<Record<string, number>> = {
  Float64: 8,
  Float32: 4,
  Int32: 4,
  Uint32: 4,
  Int16: 2,
  Uint16: 2,
  Int8: 1,
  Uint8: 1,
  Uint8Clamped: 1,
}

const SPECIAL = new Set(['Math.hypot', 'Math.min', 'Math.max', 'Math.pow', 'Math.random'])

/** Arguments as f64; a missing one is undefined, hence NaN. */
type Unary = (x: Expr, c: Cursor) => Value

const unaryOp =
  (name: OpName): Unary =>
  x =>
    number(op(name, x))

const NUMBER_CALLS: Readonly<Record<string, Unary>> = {
  'Math.abs': unaryOp('f64.abs'),
  'Math.floor': unaryOp('f64.floor'),
  'Math.ceil': unaryOp('f64.ceil'),
  'Math.trunc': unaryOp('f64.trunc'),
  'Math.sqrt': unaryOp('f64.sqrt'),
  'Math.round': unaryOp('f64.round'),
  'Math.sign': unaryOp('f64.sign'),
  'Math.fround': x => number(op('f64.from_f32', op('f32.from_f64', x))),
  isNaN: (x, c) => {
    const kept = c.temp(x)
    return boolean(op('f64.ne', kept, kept))
  },
  isFinite: (x, c) => boolean(isFiniteExpr(c.temp(x))),
  Number: x => number(x),
}

/** x - x is 0 for finite x and NaN else. */
const isFiniteExpr = (x: Expr): Expr => op('f64.eq', op('f64.sub', x, x), f64(0))

function isIntegerExpr(x: Expr): Expr {
  return op('f64.eq', op('f64.sub', x, op('f64.trunc', x)), f64(0))
}

/** Predicates of Number: false for what is no number. */
const PREDICATES: Readonly<Record<string, (x: Expr) => Expr>> = {
  'Number.isNaN': x => op('f64.ne', x, x),
  'Number.isFinite': isFiniteExpr,
  'Number.isInteger': isIntegerExpr,
  'Number.isSafeInteger': x =>
    op('i32.and', isIntegerExpr(x), op('f64.le', op('f64.abs', x), f64(Number.MAX_SAFE_INTEGER))),
}

type Call = (c: Cursor, args: readonly Value[], node: Node) => Value

const CALLS: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    Object.entries(NUMBER_CALLS).map(([name, make]): [string, Call] => [
      name,
      (c, args, node) =>
        name === 'Number' && args.length === 0 ? numberConst(0) : make(numberArg(c, args, 0, node), c),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(PREDICATES).map(([name, make]): [string, Call] => [
      name,
      (c, args, node) => predicate(c, args[0] ?? { k: 'undefined' }, make, node),
    ]),
  ),
  'Math.imul': (c, args, node) =>
    int(
      op(
        'i32.mul',
        toInt32(c, args[0] ?? numberConst(Number.NaN), node),
        toInt32(c, args[1] ?? numberConst(Number.NaN), node),
      ),
    ),
  'Math.clz32': (c, args, node) => int(op('i32.clz', toInt32(c, args[0] ?? numberConst(Number.NaN), node))),
  'Math.pow': (c, args, node) =>
    power(c, number(numberArg(c, args, 0, node)), number(numberArg(c, args, 1, node)), node),
  'Math.min': (c, args, node) => number(chain(c, args, 'f64.min', Number.POSITIVE_INFINITY, node)),
  'Math.max': (c, args, node) => number(chain(c, args, 'f64.max', Number.NEGATIVE_INFINITY, node)),
  'Math.hypot': (c, args, node) => hypot(c, args, node),
  'Math.random': c => {
    const local = c.tempLocal('random', 'f64')
    c.emit({ kind: 'hostcall', name: 'Math.random', args: [], result: local })
    return number({ kind: 'get', type: 'f64', local })
  },
  Boolean: (c, args, node) => boolean(args[0] ? toBoolean(c, args[0], node) : i32(0)),
  'Array.isArray': (c, args, node) => {
    const value = known(c, args[0], node)
    return booleanConst(value.k === 'list' || (value.k === 'object' && value.object.tuple !== undefined))
  },
  'ArrayBuffer.isView': (c, args, node) => booleanConst(known(c, args[0], node).k === 'array'),
  'Object.is': (c, args, node) => objectIs(c, args, node),
  parseInt: parseIntOf,
  'Number.parseInt': parseIntOf,
  parseFloat: parseFloatOf,
  'Number.parseFloat': parseFloatOf,
}

/** A value of a kind that is known; nothing can be said of others. */
function known(c: Cursor, value: Value | undefined, node: Node): Value {
  if (value?.k === 'opaque' || value?.k === 'conflict') throw notPrimitive(c, value, node)
  return value ?? { k: 'undefined' }
}

/**
 * `parseInt(x)` of a number reads its decimal text up to the point: the integer part, unless the text has an exponent
 * (below 1e-6 and from 1e21 on), which leaves. The text of -0 is "0", that of -0.5 begins with a sign.
 */
function parseIntOf(c: Cursor, args: readonly Value[], node: Node): Value {
  const [given, radix] = args
  if (given?.k !== 'number' || (radix && radix.k !== 'undefined' && constNumber(radix) !== 10))
    throw c.unsupported(node, '`parseInt` of what is no number, or with this radix,')
  const x = c.temp(given.expr)
  const size = c.temp(op('f64.abs', x))
  const isTiny = op('i32.and', op('f64.lt', size, f64(1e-6)), op('f64.gt', size, f64(0)))
  const isLarge = op('i32.and', op('f64.ge', size, f64(1e21)), op('f64.lt', size, f64(Number.POSITIVE_INFINITY)))
  c.exitIf(op('i32.or', isTiny, isLarge), node, 'a number is written with an exponent')
  const whole = condition(op('f64.eq', size, f64(0)), f64(0), op('f64.trunc', x))
  return number(condition(op('f64.eq', size, f64(Number.POSITIVE_INFINITY)), f64(Number.NaN), whole))
}

/** The text of a number reads back as the number, but for the sign of -0. */
function parseFloatOf(c: Cursor, args: readonly Value[], node: Node): Value {
  const [given] = args
  if (given?.k !== 'number') throw c.unsupported(node, '`parseFloat` of what is no number')
  return number(op('f64.add', given.expr, f64(0)))
}

function predicate(c: Cursor, value: Value, make: (x: Expr) => Expr, node: Node): Value {
  if ((maskOf(value) & NUMBER) === 0) return booleanConst(false)
  const test = make(c.temp(toNumber(c, value, node)))
  if (value.k === 'number') return boolean(test)
  const isNumber =
    value.k === 'read' ? value.inBounds : value.k === 'box' ? op('i32.box_is_number', value.expr) : i32(1)
  return boolean(op('i32.and', isNumber, test))
}

function numberArg(c: Cursor, args: readonly Value[], index: number, node: Node): Expr {
  const value = args[index]
  return value ? toNumber(c, value, node) : f64(Number.NaN)
}

/** Math.min and Math.max are associative, also with NaN and the zeros, and so are Wasm's. */
function chain(c: Cursor, args: readonly Value[], name: OpName, empty: number, node: Node): Expr {
  const exprs = args.map(value => toNumber(c, value, node))
  return exprs.length === 0 ? f64(empty) : exprs.reduce((a, b) => op(name, a, b))
}

function hypot(c: Cursor, args: readonly Value[], node: Node): Value {
  const name = `Math.hypot/${args.length}`
  if (HOST_FUNCTIONS[name] === undefined) throw c.unsupported(node, `Math.hypot of ${args.length} arguments`)
  return number(host(name, ...args.map(value => toNumber(c, value, node))))
}

/** SameValue on numbers: equal with equal reciprocals, or both NaN. */
function objectIs(c: Cursor, args: readonly Value[], node: Node): Value {
  const [a, b] = args
  if (a?.k !== 'number' || b?.k !== 'number') throw c.unsupported(node, 'Object.is of values that are not numbers')
  const x = c.temp(a.expr)
  const y = c.temp(b.expr)
  const sameBits = op('i64.eq', op('i64.bits_f64', x), op('i64.bits_f64', y))
  return boolean(op('i32.or', sameBits, op('i32.and', op('f64.ne', x, x), op('f64.ne', y, y))))
}

/** Calls a built-in function with values. */
export function callBuiltin(c: Cursor, name: string, args: readonly Value[], node: Node): Value {
  c.program.builtins.add(name)
  const known = CALLS[name]
  if (known) return known(c, args, node)
  const arity = HOST_FUNCTIONS[name]
  if (arity !== undefined) {
    const exprs = Array.from({ length: arity }, (_, i) => numberArg(c, args, i, node))
    return number(host(name, ...exprs))
  }
  if (name.startsWith('iris.')) return intrinsic(c, name, args, node)
  if (name.startsWith('kernels.')) return kernelCall(c, name, args, node)
  throw c.miss(node, 'IRIS2004', { name, reason: 'Iris does not know this built-in' })
}
