import { i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { type OpName, opInfo } from '../ir/ops.ts'
import type { Elem } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import {
  boolean,
  booleanConst,
  condition,
  constNumber,
  int,
  negate,
  notPrimitive,
  number,
  numberConst,
  settle,
  stable,
  toInt32,
  toNumber,
} from './convert.ts'
import type { Cursor } from './cursor.ts'
import { sameAccess, toBox } from './environment.ts'
import { BOOLEAN, type FieldBinding, maskOf, NULL, NUMBER, UNDEFINED, type Value } from './value.ts'

/** The binary operators of ECMA-262 chapter 13 on numbers and other primitives. */
export function binary(c: Cursor, operator: string, left: Value, right: Value, node: Node): Value {
  const arithmetic = ARITHMETIC[operator]
  if (arithmetic) {
    if (operator === '+') refuseConcatenation(c, left, right, node)
    return fold(arithmetic, toNumber(c, left, node), toNumber(c, right, node))
  }
  const bitwise = BITWISE[operator]
  if (bitwise) {
    const result = op(bitwise, toInt32(c, left, node), toInt32(c, right, node))
    return operator === '>>>' ? number(op('f64.from_i32_u', result)) : int(result)
  }
  const relation = RELATIONS[operator]
  if (relation && left.k === 'string' && right.k === 'string')
    return booleanConst(ordered(operator, left.value, right.value))
  if (relation) return compare(relation, toNumber(c, left, node), toNumber(c, right, node))
  switch (operator) {
    case '**':
      return power(c, left, right, node)
    case 'in':
      return hasProperty(c, left, right, node)
    case 'instanceof':
      return instanceOf(c, left, right, node)
    case '===':
      return strictEqual(c, left, right, node)
    case '!==':
      return not(strictEqual(c, left, right, node))
    case '==':
      return looseEqual(c, left, right, node)
    case '!=':
      return not(looseEqual(c, left, right, node))
    default:
      throw c.unsupported(node, `the operator \`${operator}\``)
  }
}

const ARITHMETIC: Readonly<Record<string, OpName>> = {
  '+': 'f64.add',
  '-': 'f64.sub',
  '*': 'f64.mul',
  '/': 'f64.div',
  '%': 'f64.rem',
}
const BITWISE: Readonly<Record<string, OpName>> = {
  '|': 'i32.or',
  '&': 'i32.and',
  '^': 'i32.xor',
  '<<': 'i32.shl',
  '>>': 'i32.shr_s',
  '>>>': 'i32.shr_u',
}
const RELATIONS: Readonly<Record<string, OpName>> = { '<': 'f64.lt', '<=': 'f64.le', '>': 'f64.gt', '>=': 'f64.ge' }

/** Strings are compared by their code units, not as numbers. */
function ordered(operator: string, a: string, b: string): boolean {
  if (operator.startsWith('<')) return operator === '<' ? a < b : a <= b
  return operator === '>' ? a > b : a >= b
}

function compare(name: OpName, a: Expr, b: Expr): Value {
  if (a.kind !== 'const' || b.kind !== 'const') return boolean(op(name, a, b))
  return booleanConst(
    Boolean((opInfo(name).eval as (x: number, y: number) => number)(Number(a.value), Number(b.value))),
  )
}

function fold(name: OpName, a: Expr, b: Expr): Value {
  if (a.kind === 'const' && b.kind === 'const') {
    const x = Number(a.value)
    const y = Number(b.value)
    return numberConst(
      name === 'f64.add'
        ? x + y
        : name === 'f64.sub'
          ? x - y
          : name === 'f64.mul'
            ? x * y
            : name === 'f64.div'
              ? x / y
              : x % y,
    )
  }
  return number(op(name, a, b))
}

function refuseConcatenation(c: Cursor, left: Value, right: Value, node: Node): void {
  if (left.k === 'string' || right.k === 'string') throw c.unsupported(node, 'string concatenation')
}

/** `x ** y` is the host's Math.pow; its square is x * x on every engine (fdlibm and its successors special-case 2). */
export function power(c: Cursor, left: Value, right: Value, node: Node): Value {
  const exponent = constNumber(right)
  const base = toNumber(c, left, node)
  if (exponent === 2) {
    const x = c.temp(base)
    return number(op('f64.mul', x, x))
  }
  return number({ kind: 'host', type: 'f64', name: 'Math.pow', args: [base, toNumber(c, right, node)] })
}

export function not(value: Value): Value {
  if (value.k !== 'boolean') throw new TypeError('not of a value that is no boolean')
  return boolean(negate(value.expr))
}

function isPrimitive(value: Value): boolean {
  return maskOf(value) !== 0 || value.k === 'string'
}

/** IsStrictlyEqual. Kinds that differ are never equal; references are equal when they are the same variable's object. */
export function strictEqual(c: Cursor, left: Value, right: Value, node: Node): Value {
  if (isPrimitive(left) && isPrimitive(right)) return primitiveEqual(c, left, right, node, true)
  return referenceEqual(c, left, right, node, false)
}

/** IsLooselyEqual, for primitives without strings. */
export function looseEqual(c: Cursor, left: Value, right: Value, node: Node): Value {
  if (isPrimitive(left) && isPrimitive(right)) return primitiveEqual(c, left, right, node, false)
  return referenceEqual(c, left, right, node, true)
}

function primitiveEqual(c: Cursor, left: Value, right: Value, node: Node, strict: boolean): Value {
  if (left.k === 'string' || right.k === 'string') {
    if (left.k === 'string' && right.k === 'string') return booleanConst(left.value === right.value)
    if (strict || maskOf(left.k === 'string' ? right : left) & (UNDEFINED | NULL)) return booleanConst(false)
    throw c.unsupported(node, 'comparing a string with a number')
  }
  const a = maskOf(left)
  const b = maskOf(right)
  if (left.k === 'read' && right.k === 'read') return primitiveEqual(c, settle(c, left, node), right, node, strict)
  const special = specialTest(c, left, right, strict) ?? specialTest(c, right, left, strict)
  if (special) return special
  if (strict && (a & b) === 0) return booleanConst(false)
  // number | undefined against a number: undefined is a NaN there, and equal to no number
  if (a === NUMBER && (b & ~(NUMBER | UNDEFINED)) === 0) return numbersEqual(c, left, right, node)
  if (b === NUMBER && (a & ~(NUMBER | UNDEFINED)) === 0) return numbersEqual(c, left, right, node)
  if (a === BOOLEAN && b === BOOLEAN) return boolean(op('i32.eq', toInt32(c, left, node), toInt32(c, right, node)))
  if (!strict && ((a | b) & (UNDEFINED | NULL)) === 0) return numbersEqual(c, left, right, node)
  return boolean(op(strict ? 'i32.box_strict_eq' : 'i32.box_loose_eq', toBox(stable(c, left)), toBox(stable(c, right))))
}

function numbersEqual(c: Cursor, left: Value, right: Value, node: Node): Value {
  return compare('f64.eq', toNumber(c, left, node), toNumber(c, right, node))
}

/** One side is the constant undefined or null. */
function specialTest(_c: Cursor, constant: Value, other: Value, strict: boolean): Value | undefined {
  if (constant.k !== 'undefined' && constant.k !== 'null') return undefined
  const wanted = strict ? (constant.k === 'undefined' ? UNDEFINED : NULL) : UNDEFINED | NULL
  const mask = maskOf(other)
  if ((mask & wanted) === 0) return booleanConst(false)
  if ((mask & ~wanted) === 0) return booleanConst(true)
  if (other.k === 'read') return boolean(negate(other.inBounds))
  if (other.k !== 'box') return undefined
  return boolean(
    op(
      strict ? (constant.k === 'undefined' ? 'i32.box_is_undefined' : 'i32.box_is_null') : 'i32.box_is_nullish',
      other.expr,
    ),
  )
}

function referenceEqual(c: Cursor, left: Value, right: Value, node: Node, loose: boolean): Value {
  for (const side of [left, right]) if (side.k === 'conflict') throw notPrimitive(c, side, node)
  if (isPrimitive(left) !== isPrimitive(right)) {
    const primitive = isPrimitive(left) ? left : right
    if (loose && (maskOf(primitive) & ~(UNDEFINED | NULL)) !== 0)
      throw c.unsupported(node, 'comparing an object with a number by `==`')
    const other = primitive === left ? right : left
    if (other.k === 'opaque') throw c.unsupported(node, `comparing \`${other.name}\``)
    return booleanConst(false)
  }
  if (left.k === 'object' && right.k === 'object' && left.object === right.object) return booleanConst(true)
  const same = sameArray(c, left, right)
  if (same !== undefined) return booleanConst(same)
  if (left.k === 'builtin' && right.k === 'builtin') return booleanConst(left.name === right.name)
  if (left.k === 'function' && right.k === 'function') return booleanConst(left.index === right.index)
  if (left.k === 'closure' && right.k === 'closure' && left.node === right.node && left.activation === right.activation)
    return booleanConst(true)
  if (KINDS_APART.has(left.k) && KINDS_APART.has(right.k) && left.k !== right.k) return booleanConst(false)
  throw c.unsupported(node, 'comparing objects')
}

/** Two arguments that were different arrays when the profile was taken are guarded to stay so. */
function sameArray(c: Cursor, left: Value, right: Value): boolean | undefined {
  if ((left.k !== 'array' && left.k !== 'list') || right.k !== left.k) return undefined
  if (left.local === right.local) return true
  const [a, b] = [left.origin, right.origin]
  if (a.from === 'fresh' && b.from === 'input') return false
  if (a.from === 'input' && b.from === 'fresh') return false
  if (a.from !== 'input' || b.from !== 'input') return undefined
  if (sameAccess(a.access, b.access)) return true
  c.program.inputs.guard({ kind: 'same', access: a.access, param: false, other: b.access, same: false })
  return false
}

/** Reference kinds of which no value of one is a value of another. */
const KINDS_APART = new Set(['array', 'list', 'closure', 'function', 'builtin'])

/** `'x' in object`: fields are known, and guarded to be there or not. */
function hasProperty(c: Cursor, key: Value, value: Value, node: Node): Value {
  if (key.k !== 'string' || value.k !== 'object' || value.object.tuple !== undefined || key.value in Object.prototype)
    throw c.unsupported(node, '`in` of this')
  const { live, fields } = value.object
  if (!live) return hasField(c, fields.get(key.value), node)
  const has = live.has(key.value)
  if (has === undefined) throw c.unsupported(node, '`in` of a field that may be undefined')
  return booleanConst(has)
}

/** A field of a literal is there; one that was added is where all paths have added it. */
function hasField(c: Cursor, slot: FieldBinding | undefined, node: Node): Value {
  const value = slot && c.get(slot)
  if (slot?.born && value?.k === 'conflict') throw notPrimitive(c, value, node)
  return booleanConst(value !== undefined)
}

/** `x instanceof C` for the built-in constructors of arrays; primitives are instances of nothing. */
export function instanceOf(c: Cursor, value: Value, type: Value, node: Node): Value {
  if (maskOf(value) !== 0 || value.k === 'string') return booleanConst(false)
  if (type.k !== 'builtin') throw c.unsupported(node, '`instanceof` of this type')
  if (value.k === 'array') return booleanConst(type.name === 'Object' || ARRAY_NAMES[value.elem] === type.name)
  if (value.k === 'list' || (value.k === 'object' && value.object.tuple !== undefined))
    return booleanConst(type.name === 'Object' || type.name === 'Array')
  throw c.unsupported(node, '`instanceof` of this value')
}

export const ARRAY_NAMES: Readonly<Record<Elem, string>> = {
  f64: 'Float64Array',
  f32: 'Float32Array',
  i8: 'Int8Array',
  u8: 'Uint8Array',
  u8c: 'Uint8ClampedArray',
  i16: 'Int16Array',
  u16: 'Uint16Array',
  i32: 'Int32Array',
  u32: 'Uint32Array',
}

export function unary(c: Cursor, operator: string, value: Value, node: Node): Value {
  switch (operator) {
    case '-': {
      const x = toNumber(c, value, node)
      return x.kind === 'const' ? numberConst(-Number(x.value)) : number(op('f64.neg', x))
    }
    case '+':
      return number(toNumber(c, value, node))
    case '~':
      return int(op('i32.xor', toInt32(c, value, node), i32(-1)))
    case 'void':
      return { k: 'undefined' }
    default:
      throw c.unsupported(node, `the operator \`${operator}\``)
  }
}

/** typeof where the kind is known; undefined where it is decided at run time. */
export function typeOf(value: Value): string | undefined {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'undefined':
    case 'string':
      return value.k
    case 'null':
    case 'object':
    case 'array':
    case 'list':
    case 'record':
    case 'range':
      return 'object'
    case 'closure':
    case 'function':
      return 'function'
    case 'builtin':
      return /^(Math|Reflect|JSON|.*\.prototype)$/.test(value.name) ? 'object' : 'function'
    default:
      return undefined
  }
}

/** `typeof value === name` for a value whose kind is decided at run time. */
export function typeOfIs(c: Cursor, value: Value, name: string, node: Node): Value {
  const known = typeOf(value)
  if (known !== undefined) return booleanConst(known === name)
  if (value.k === 'read') {
    if (name === 'number') return boolean(value.inBounds)
    return name === 'undefined' ? boolean(negate(value.inBounds)) : booleanConst(false)
  }
  if (value.k !== 'box') throw notPrimitive(c, value, node)
  const tests: Readonly<Record<string, [number, OpName]>> = {
    number: [NUMBER, 'i32.box_is_number'],
    undefined: [UNDEFINED, 'i32.box_is_undefined'],
    boolean: [BOOLEAN, 'i32.box_is_bool'],
    object: [NULL, 'i32.box_is_null'],
  }
  const test = tests[name]
  if (!test || (value.mask & test[0]) === 0) return booleanConst(false)
  return boolean(op(test[1], value.expr))
}

export function selectNumber(test: Expr, a: Expr, b: Expr): Expr {
  return test.kind === 'const' ? (test.value ? a : b) : condition(test, a, b)
}
