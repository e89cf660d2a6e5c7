import type { DiagnosticCode } from '../../base/diagnostic.ts'
import { cond, f64, get, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { Type } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { toBox } from './environment.ts'
import {
  BOOLEAN,
  type BooleanValue,
  type BoxValue,
  describe,
  isReference,
  maskOf,
  NULL,
  NUMBER,
  type NumberValue,
  type ReferenceValue,
  UNDEFINED,
  type Value,
} from './value.ts'

/** The conversions of ECMA-262 chapter 7.1 on the kinds that a kernel knows. */

export const number = (expr: Expr): NumberValue => ({ k: 'number', expr })
export const boolean = (expr: Expr): BooleanValue => ({ k: 'boolean', expr })
export const numberConst = (value: number): NumberValue => number(f64(value))
export const booleanConst = (value: boolean): BooleanValue => boolean(i32(value ? 1 : 0))
export const int = (expr: Expr): NumberValue => number(fromInt(expr))

/** A conditional whose test may be known. */
export function condition(test: Expr, then: Expr, otherwise: Expr): Expr {
  if (test.kind === 'const') return test.value ? then : otherwise
  return cond(test, then, otherwise)
}

/** f64 of a signed i32. */
export function fromInt(expr: Expr): Expr {
  return expr.kind === 'const' ? f64(Number(expr.value)) : op('f64.from_i32_s', expr)
}

export function constNumber(value: Value): number | undefined {
  return value.k === 'number' && value.expr.kind === 'const' ? Number(value.expr.value) : undefined
}

/** ToNumber. @throws Miss for arrays, objects, functions and strings */
export function toNumber(c: Cursor, value: Value, node: Node): Expr {
  switch (value.k) {
    case 'number':
      return value.expr
    case 'boolean':
      return fromInt(value.expr)
    case 'undefined':
      return f64(Number.NaN)
    case 'null':
      return f64(0)
    case 'box':
      return value.mask & (NULL | BOOLEAN) ? op('f64.from_box', value.expr) : op('f64.from_box_num', value.expr)
    case 'read':
      return condition(value.inBounds, value.number, f64(Number.NaN))
    case 'string':
      return f64(Number(value.value))
    default:
      throw notPrimitive(c, value, node)
  }
}

export function notPrimitive(c: Cursor, value: Value, node: Node): Error {
  if (value.k === 'opaque') return opaqueMiss(c, value, node)
  if (value.k === 'conflict')
    return c.miss(node, 'IRIS3001', { name: c.program.textOf(c.activation.source, node), kinds: describe(value) })
  return c.miss(node, 'IRIS3002', { reason: `a ${describe(value)} is used as a number` })
}

export function opaqueMiss(c: Cursor, value: Value & { k: 'opaque' }, node: Node): Error {
  const { code, name, of, what } = value
  if (isNamed(code)) return c.miss(node, code, { name })
  if (of !== undefined) return c.miss(node, 'IRIS3004', { name, of, found: what })
  return c.miss(node, 'IRIS1007', { name, reason: what })
}

/** Codes that say it all with the name of the value. */
const NAMED: ReadonlySet<DiagnosticCode | undefined> = new Set([
  'IRIS1008',
  'IRIS1009',
  'IRIS2007',
  'IRIS4003',
  'IRIS4005',
  'IRIS4007',
])

export const isNamed = (code: DiagnosticCode | undefined): code is DiagnosticCode => NAMED.has(code)

/** ToInt32, an i32 expression. */
export function toInt32(c: Cursor, value: Value, node: Node): Expr {
  if (value.k === 'boolean') return value.expr
  if (value.k === 'read' && value.integer) return condition(value.inBounds, value.integer, i32(0))
  if (value.k === 'read') return condition(value.inBounds, int32OfNumber(value.number), i32(0))
  return int32OfNumber(toNumber(c, value, node))
}

function int32OfNumber(expr: Expr): Expr {
  if (expr.kind === 'const') return i32(Number(expr.value) | 0)
  if (expr.kind === 'op' && (expr.op === 'f64.from_i32_s' || expr.op === 'f64.from_i32_u')) return expr.args[0]!
  return op('i32.from_f64_js', expr)
}

/** An element index as i32: negative (as unsigned: beyond any length) where the number is no index. */
export function toIndex(c: Cursor, value: Value, node: Node): Expr {
  const expr = toNumber(c, value, node)
  if (expr.kind === 'const') {
    const index = Number(expr.value)
    return i32(index >= 0 && index < 2 ** 31 && Number.isInteger(index) ? index + 0 : -1)
  }
  // from_i32_u: 2^31 and above stay beyond any length when the bits are compared as unsigned
  if (expr.kind === 'op' && (expr.op === 'f64.from_i32_s' || expr.op === 'f64.from_i32_u')) return expr.args[0]!
  return op('i32.index_f64', expr)
}

/** ToBoolean, an i32 expression that is 0 or 1. */
export function toBoolean(c: Cursor, value: Value, node: Node): Expr {
  switch (value.k) {
    case 'boolean':
      return value.expr
    case 'number':
      return truthyNumber(c, value.expr)
    case 'undefined':
    case 'null':
      return i32(0)
    case 'string':
      return i32(value.value === '' ? 0 : 1)
    case 'box':
      return op('i32.box_truthy', value.expr)
    case 'read':
      return condition(value.inBounds, truthyNumber(c, value.number), i32(0))
    case 'conflict':
    case 'opaque':
      throw notPrimitive(c, value, node)
    default:
      return i32(1)
  }
}

/** x is neither zero nor NaN: 0 < |x| says both in one comparison. */
function truthyNumber(_c: Cursor, expr: Expr): Expr {
  if (expr.kind === 'const') return i32(expr.value && !Number.isNaN(expr.value) ? 1 : 0)
  if (expr.kind === 'op' && (expr.op === 'f64.from_i32_s' || expr.op === 'f64.from_i32_u'))
    return op('i32.ne', expr.args[0]!, i32(0))
  return op('f64.gt', op('f64.abs', expr), f64(0))
}

/** How a variable or a caller may take an element read: see {@link settle}. */
export type Settle = 'number' | 'exact'

/**
 * A read in a form that a variable can hold. `number`: nobody can tell NaN from undefined there. `exact`: they can;
 * then a read out of bounds leaves the call while we speculate, and else the value is a box.
 */
export function settle(c: Cursor, value: Value, node: Node, how: Settle = 'exact'): Value {
  if (how === 'number' && value.k === 'box' && (value.mask & ~(NUMBER | UNDEFINED)) === 0)
    return number(op('f64.from_box_num', value.expr))
  if (
    value.k === 'box' &&
    c.program.speculates &&
    (value.mask & (NUMBER | UNDEFINED)) === (NUMBER | UNDEFINED) &&
    isElementRead(value)
  ) {
    const kept = c.temp(value.expr, 'element')
    c.exitIf(op('i32.box_is_undefined', kept), node, 'an element that was never set is read', 'bounds')
    return unboxed(kept, value.mask & ~UNDEFINED)
  }
  if (value.k !== 'read') return value
  if (how === 'number') return number(toNumber(c, value, node))
  if (!c.program.speculates) return { k: 'box', expr: toBox(value), mask: NUMBER | UNDEFINED }
  c.exitIf(negate(value.inBounds), node, 'an element outside of the array is read', 'bounds')
  return number(value.number)
}

/** Boxes that come straight out of a list. (Another box taken for one costs an exit, never a wrong result.) */
const isElementRead = (value: BoxValue): boolean => value.expr.kind === 'cond' || value.expr.kind === 'listget'

export function negate(expr: Expr): Expr {
  if (expr.kind === 'const') return i32(expr.value ? 0 : 1)
  if (expr.kind === 'op' && expr.op === 'i32.eqz') {
    const inner = expr.args[0]!
    if (inner.kind === 'op' && OPS_GIVING_BOOL.test(inner.op)) return inner
  }
  return op('i32.eqz', expr)
}

const OPS_GIVING_BOOL = /\.(eqz|eq|ne|lt|le|gt|ge|lt_s|lt_u|le_s|le_u|gt_s|gt_u|ge_s|ge_u)$/

/** A box of these kinds as the plainest value. */
export function unboxed(expr: Expr, mask: number): Value {
  if (mask === NUMBER) return number(op('f64.from_box_num', expr))
  if (mask === BOOLEAN) return boolean(op('i32.box_truthy', expr))
  if (mask === UNDEFINED) return { k: 'undefined' }
  if (mask === NULL) return { k: 'null' }
  return { k: 'box', expr, mask }
}

/** Any primitive as a box value. */
export function asBox(c: Cursor, value: Value, node: Node): BoxValue {
  const mask = maskOf(value)
  if (mask === 0) throw notPrimitive(c, value, node)
  return { k: 'box', expr: toBox(value), mask }
}

/** Evaluated once, usable many times. */
export function stable(c: Cursor, value: Value): Value {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'box':
      return { ...value, expr: c.temp(value.expr) }
    case 'read': {
      const inBounds = c.temp(value.inBounds)
      return { k: 'read', inBounds, number: value.number, ...(value.integer && { integer: value.integer }) }
    }
    default:
      return value
  }
}

/** A snapshot that later assignments cannot change: needed when what follows may write variables or memory. */
export function snapshot(c: Cursor, value: Value, node: Node): Value {
  if (value.k === 'read')
    return snapshot(
      c,
      c.program.speculates ? settle(c, value, node) : { k: 'box', expr: toBox(value), mask: NUMBER | UNDEFINED },
      node,
    )
  return isReference(value) ? copied(c, value) : stable(c, value)
}

/** A value that is fixed where it is evaluated: variables and memory may change before it is used. */
export function kept(c: Cursor, value: Value): Value {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'box':
      return { ...value, expr: c.temp(value.expr, 'part') }
    case 'array':
    case 'list':
    case 'record':
      return held(c, value)
    default:
      return value
  }
}

/** The array itself, not the variable that holds it: that may come to hold another while the array is still used. */
export function held<T extends ReferenceValue>(c: Cursor, value: T): T {
  return c.builder.isStorage(value.local) ? copied(c, value) : value
}

function copied<T extends ReferenceValue>(c: Cursor, value: T): T {
  const { type } = c.builder.locals[value.local]!
  const local = c.tempLocal('held', type)
  c.emit({ kind: 'set', local, value: get(value.local, type) })
  return { ...value, local }
}

/** The value as an argument of an IR function; undefined for objects and functions. */
export function asParam(value: Value): { expr: Expr; type: Type } | undefined {
  switch (value.k) {
    case 'number':
    case 'boolean':
    case 'box':
      return { expr: value.expr, type: value.expr.type }
    case 'array':
      return { expr: get(value.local, `arr.${value.elem}`), type: `arr.${value.elem}` }
    case 'list':
      return { expr: get(value.local, value.type), type: value.type }
    case 'record':
      return { expr: get(value.local, 'list.f64'), type: 'list.f64' }
    default:
      return undefined
  }
}
