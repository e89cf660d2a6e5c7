import { f64, get, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { primitiveOf } from '../ir/primitives.ts'
import { ELEM_BYTES, type Elem } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import { newTyped } from './arrays.ts'
import { negate, settle } from './convert.ts'
import type { Cursor } from './cursor.ts'
import { fieldSlot, lengthOf } from './member.ts'
import { type ArrayValue, describe, NUMBER, type ObjectInfo, type Value } from './value.ts'

/**
 * A call of the kernel library (src/kernels) with the checks of that library (src/kernels/checks.ts): what they refuse
 * whatever the values are is a miss; what depends on the call leaves it, and the original throws the library's error.
 */
export interface KernelCall {
  readonly c: Cursor
  /** without the prefix: `dot` */
  readonly name: string
  readonly args: readonly Value[]
  readonly node: Node
}

const UNDEFINED: Value = { k: 'undefined' }

export const refused = ({ c, name, node }: KernelCall, reason: string): Error =>
  c.miss(node, 'IRIS2009', { name, reason })

/** Leaves the call where the library would throw. */
export function check({ c, name, node }: KernelCall, isWrong: Expr, what: string): void {
  c.exitIf(isWrong, node, `\`${name}\` of the kernel library throws: ${what}`)
}

/** A typed array of one of the kinds. */
export function arrayArgument(
  call: KernelCall,
  index: number,
  name: string,
  accepts: (elem: Elem) => boolean,
): ArrayValue {
  const value = call.args[index] ?? UNDEFINED
  if (value.k !== 'array' || !accepts(value.elem))
    throw refused(call, `\`${name}\` is a ${describe(value)}, which it does not take`)
  return value
}

/** A second input, of the kind and the length of the first. */
export function likeArgument(call: KernelCall, index: number, name: string, x: ArrayValue): ArrayValue {
  const y = arrayArgument(call, index, name, elem => elem === x.elem)
  if (y.local !== x.local) check(call, op('i32.ne', lengthOf(y), lengthOf(x)), `\`${name}\` has another length`)
  return y
}

/** A number, evaluated once; one of another kind that is met at run time leaves. */
export function numberArgument(call: KernelCall, index: number, name: string, fallback?: number): Expr {
  return numberOf(call, call.args[index] ?? UNDEFINED, name, fallback)
}

function numberOf(call: KernelCall, given: Value, name: string, fallback: number | undefined): Expr {
  const { c, node } = call
  if (given.k === 'undefined' && fallback !== undefined) return f64(fallback)
  const value = settle(c, given, node)
  if (value.k === 'number') return c.temp(value.expr, name)
  if (value.k !== 'box' || !(value.mask & NUMBER))
    throw refused(call, `\`${name}\` is a ${describe(value)}, not a number`)
  const box = c.temp(value.expr, name)
  check(call, negate(op('i32.box_is_number', box)), `\`${name}\` is no number`)
  return c.temp(op('f64.from_box_num', box), name)
}

/** A number that must not be NaN. */
export function realArgument(call: KernelCall, index: number, name: string, fallback?: number): Expr {
  return notNaN(call, numberArgument(call, index, name, fallback), name)
}

function notNaN(call: KernelCall, value: Expr, name: string): Expr {
  if (value.kind !== 'const') check(call, op('f64.ne', value, value), `\`${name}\` is NaN`)
  else if (Number.isNaN(value.value)) throw refused(call, `\`${name}\` is NaN`)
  return value
}

/** The options or the shape of a call: an object literal, or any object whose fields are known. */
export function objectArgument(call: KernelCall, index: number, name: string): ObjectInfo {
  const value = call.args[index] ?? UNDEFINED
  if (value.k !== 'object' || value.object.tuple !== undefined)
    throw refused(call, `\`${name}\` is a ${describe(value)}, not an object`)
  return value.object
}

export function field({ c }: KernelCall, object: ObjectInfo, name: string): Value {
  const slot = fieldSlot(object, name)
  return (slot && c.get(slot)) ?? UNDEFINED
}

/** A field that is a number other than NaN; undefined and null stand for the fallback, as with `??`. */
export function realField(call: KernelCall, object: ObjectInfo, name: string, fallback: number): Expr {
  const value = field(call, object, name)
  return notNaN(call, numberOf(call, value.k === 'null' ? UNDEFINED : value, name, fallback), name)
}

/** A field that is a whole number from 0 on: as f64 and as i32. */
export function countField(
  call: KernelCall,
  object: ObjectInfo,
  name: string,
): { readonly number: Expr; readonly count: Expr } {
  const number = numberOf(call, field(call, object, name), name, undefined)
  const count = call.c.temp(op('i32.trunc_sat_s', number), name)
  const isWhole = op('i32.and', op('f64.eq', op('f64.from_i32_s', count), number), op('i32.ge_s', count, i32(0)))
  check(call, op('i32.eqz', isWhole), `\`${name}\` is no whole number from 0`)
  return { number, count }
}

/** A field that is looked at as true or false and does not change. */
export function flagField(call: KernelCall, object: ObjectInfo, name: string): boolean {
  const value = field(call, object, name)
  if (value.k === 'undefined' || value.k === 'null') return false
  if (value.k === 'boolean' && value.expr.kind === 'const') return value.expr.value !== 0
  throw refused(call, `\`${name}\` must be a constant`)
}

/** Bytes of an array, as an unsigned i32. */
export const bytesOf = (x: ArrayValue): Expr => op('i32.shl', lengthOf(x), i32(Math.log2(ELEM_BYTES[x.elem])))

/**
 * The output: a new array where none is given, else an array of this kind and length that overlaps no input; `inPlace`: it
 * may be one of them as a whole.
 */
export function outputArgument(
  call: KernelCall,
  index: number,
  elem: Elem,
  length: Expr,
  inputs: readonly ArrayValue[],
  inPlace: boolean,
): ArrayValue {
  const { c, args, node } = call
  const given = args[index] ?? UNDEFINED
  if (given.k === 'undefined') return newTyped(c, elem, c.temp(length, 'length'), node)
  const out = arrayArgument(call, index, 'out', kind => kind === elem)
  check(call, op('i32.ne', lengthOf(out), length), '`out` has another length')
  for (const x of inputs) {
    if (inPlace && x.local === out.local) continue
    const flag = i32(inPlace ? 1 : 0)
    const overlap = link(call, 'runtime.overlap', [address(out), bytesOf(out), address(x), bytesOf(x), flag])
    check(call, overlap, '`out` overlaps an input')
  }
  return out
}

export const address = (x: ArrayValue): Expr => get(x.local, `arr.${x.elem}`)

/** Calls a function of the library's WebAssembly; gives its result, if any. */
export function link({ c, node }: KernelCall, name: string, args: readonly Expr[]): Expr {
  const { result } = primitiveOf(name)
  if (result === 'void') {
    c.emit({ kind: 'primitive', name, args, span: c.span(node) })
    return i32(0)
  }
  const local = c.tempLocal('linked', result)
  c.emit({ kind: 'primitive', name, args, result: local, span: c.span(node) })
  return get(local, result)
}

/** A number as a parameter of a kind: as the call of WebAssembly from JavaScript converts it. */
export function asScalar(elem: Elem, value: Expr): Expr {
  if (elem === 'f64') return value
  return elem === 'f32' ? op('f32.from_f64', value) : op('i32.from_f64_js', value)
}
