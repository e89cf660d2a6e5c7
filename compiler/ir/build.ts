import type { ArrayExpr, Expr, Func, GetExpr, LenExpr, ListExpr, LoadExpr, Local, LocalId, Param, Stmt } from './ir.ts'
import { type OpName, opInfo } from './ops.ts'
import { type ArrayType, BOX, type Elem, elemScalar, type ListType, listElement, type Type } from './types.ts'

/** Small constructors of IR nodes. The type of an operator comes from the op table. */

export const i32 = (value: number): Expr => ({ kind: 'const', type: 'i32', value: value | 0 })
export const i64 = (value: bigint): Expr => ({ kind: 'const', type: 'i64', value: BigInt.asIntN(64, value) })
export const f64 = (value: number): Expr => ({ kind: 'const', type: 'f64', value })
export const f32 = (value: number): Expr => ({ kind: 'const', type: 'f32', value: Math.fround(value) })
export const box = (bits: bigint): Expr => ({ kind: 'const', type: 'box', value: BigInt.asUintN(64, bits) })
export const UNDEFINED: Expr = box(BOX.undefined)
export const NULL: Expr = box(BOX.null)
export const NAN: Expr = f64(Number.NaN)
export const TRUE: Expr = i32(1)
export const FALSE: Expr = i32(0)

/** The value that a local has before its first `set`; undefined for arrays and lists, which have no constants. */
export function zero(type: Type): Expr | undefined {
  switch (type) {
    case 'i32':
      return FALSE
    case 'i64':
      return i64(0n)
    case 'f32':
      return f32(0)
    case 'f64':
      return f64(0)
    case 'box':
      return box(0n)
    default:
      return undefined
  }
}

export const get = (local: LocalId, type: Type): GetExpr => ({ kind: 'get', type, local })
export const op = (name: OpName, ...args: readonly Expr[]): Expr => ({
  kind: 'op',
  type: opInfo(name).result,
  op: name,
  args,
})
export const cond = (test: Expr, then: Expr, otherwise: Expr): Expr => ({
  kind: 'cond',
  type: then.type,
  test,
  then,
  else: otherwise,
})
export const len = (array: LocalId): LenExpr => ({ kind: 'len', type: 'i32', array })
export const load = (elem: Elem, array: LocalId, index: Expr): LoadExpr => ({
  kind: 'load',
  type: elemScalar(elem),
  elem,
  array,
  index,
})
export const host = (name: string, ...args: readonly Expr[]): Expr => ({ kind: 'host', type: 'f64', name, args })
export const subarray = (type: ArrayType, array: LocalId, begin: Expr, end: Expr): ArrayExpr => ({
  kind: 'subarray',
  type,
  array,
  begin,
  end,
})
export const listview = (list: LocalId): ArrayExpr => ({ kind: 'listview', type: 'arr.f64', list })
export const isnull = (local: LocalId): ListExpr => ({ kind: 'isnull', type: 'i32', local })
export const listlen = (list: LocalId): ListExpr => ({ kind: 'listlen', type: 'i32', list })
export const listget = (type: ListType, list: LocalId, index: Expr): ListExpr => ({
  kind: 'listget',
  type: listElement(type),
  list,
  index,
})

/** Logical negation of an i32 test. */
export const not = (test: Expr): Expr => op('i32.eqz', test)
export const inBounds = (index: Expr, array: LocalId): Expr => op('i32.lt_u', index, len(array))

export const set = (local: LocalId, value: Expr): Stmt => ({ kind: 'set', local, value })
export const store = (elem: Elem, array: LocalId, index: Expr, value: Expr): Stmt => ({
  kind: 'store',
  elem,
  array,
  index,
  value,
})
export const when = (test: Expr, then: readonly Stmt[], otherwise: readonly Stmt[] = []): Stmt => ({
  kind: 'if',
  test,
  then,
  else: otherwise,
})
export const block = (label: string, ...body: readonly Stmt[]): Stmt => ({ kind: 'block', label, body })
export const loop = (label: string, ...body: readonly Stmt[]): Stmt => ({ kind: 'loop', label, body })
export const counted = (
  label: string,
  local: LocalId,
  from: Expr,
  to: Expr,
  step: number,
  body: readonly Stmt[],
): Stmt => ({ kind: 'for', label, local, from, to, step, body })
export const leave = (label: string): Stmt => ({ kind: 'break', label })
export const again = (label: string): Stmt => ({ kind: 'continue', label })
export const ret = (value?: Expr): Stmt => (value ? { kind: 'return', value } : { kind: 'return' })
export const exit = (site: number): Stmt => ({ kind: 'exit', site })
export const call = (func: string, args: readonly Expr[], result?: LocalId): Stmt => ({
  kind: 'call',
  func,
  args,
  ...(result !== undefined && { result }),
})

/** A function whose locals are its parameters followed by `locals`. */
export function func(
  name: string,
  params: readonly Param[],
  locals: readonly Local[],
  result: Func['result'],
  body: readonly Stmt[],
): Func {
  const own = params.map(({ name: paramName, type }) => ({ name: paramName, type }))
  return { name, params, locals: [...own, ...locals], result, body }
}
