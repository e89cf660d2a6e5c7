import { invariant } from '../../base/invariant.ts'
import { LIST_HEADER } from '../abi.ts'
import type { Expr } from '../ir/ir.ts'
import { type ArrayType, ELEM_BYTES, elemOf, isArray } from '../ir/types.ts'
import { scaled } from './address.ts'
import type { ExprRef } from './emit.ts'
import { emitExpr, listAddress, listField } from './expressions.ts'
import type { Frame } from './frame.ts'

/** Two Wasm locals that hold an array value: `pointer`, and the length in the next one or elsewhere. */
export interface PairLocals {
  readonly pointer: number
  readonly length: number
}

/** Instructions to run first, and then the pointer and the length, each to be used once. */
export interface ArrayValue {
  readonly before: readonly ExprRef[]
  readonly pointer: ExprRef
  readonly length: ExprRef
}

type ArrayKind = Extract<Expr, { kind: 'get' | 'cond' | 'subarray' | 'listview' | 'listget' }>

export function emitArray(frame: Frame, expr: Expr): ArrayValue {
  invariant(isArray(expr.type), `${frame.func.name}: ${expr.kind} gives no array`)
  const array = expr as ArrayKind
  switch (array.kind) {
    case 'get':
      return pairOf(frame, { pointer: frame.locals.first(array.local), length: frame.locals.first(array.local) + 1 })
    case 'cond':
      return emitChoice(frame, array)
    case 'subarray':
      return emitSubarray(frame, array)
    case 'listview':
      return {
        before: [],
        pointer: listField(frame, array.list, LIST_HEADER.data),
        length: listField(frame, array.list, LIST_HEADER.length),
      }
    case 'listget':
      return emitListArray(frame, array)
  }
}

function pairOf({ unit: { out, wasm } }: Frame, locals: PairLocals, before: readonly ExprRef[] = []): ArrayValue {
  return { before, pointer: out.local.get(locals.pointer, wasm.i32), length: out.local.get(locals.length, wasm.i32) }
}

const tempPair = ({ unit: { wasm }, locals }: Frame): PairLocals => ({
  pointer: locals.temp(wasm.i32),
  length: locals.temp(wasm.i32),
})

/**
 * Statements that set two locals to an array value. The length of a value may be computed from the pointer's old
 * local (`a = a.subarray(…)`), so both are evaluated before either is set.
 */
export function assignArray(frame: Frame, target: PairLocals, expr: Expr): ExprRef[] {
  const { out } = frame.unit
  const { before, pointer, length } = emitArray(frame, expr)
  const held = frame.locals.temp(frame.unit.wasm.i32)
  return [
    ...before,
    out.local.set(held, length),
    out.local.set(target.pointer, pointer),
    out.local.set(target.length, out.local.get(held, frame.unit.wasm.i32)),
  ]
}

function emitChoice(frame: Frame, expr: Extract<Expr, { kind: 'cond' }>): ArrayValue {
  const { out } = frame.unit
  const result = tempPair(frame)
  const arm = (value: Expr): ExprRef => out.block(null, assignArray(frame, result, value))
  return pairOf(frame, result, [out.if(emitExpr(frame, expr.test), arm(expr.then), arm(expr.else))])
}

function emitSubarray(frame: Frame, { array, type, begin, end }: Extract<Expr, { kind: 'subarray' }>): ArrayValue {
  const { out, wasm } = frame.unit
  const start = frame.locals.temp(wasm.i32)
  const offset = scaled(frame, out.local.get(start, wasm.i32), ELEM_BYTES[elemOf(type as ArrayType)])
  return {
    before: [out.local.set(start, emitExpr(frame, begin))],
    pointer: out.i32.add(out.local.get(frame.locals.first(array), wasm.i32), offset),
    length: out.i32.sub(emitExpr(frame, end), out.local.get(start, wasm.i32)),
  }
}

function emitListArray(frame: Frame, { list, index }: Extract<Expr, { kind: 'listget' }>): ArrayValue {
  const { out, wasm } = frame.unit
  const slot = frame.locals.temp(wasm.i32)
  const { pointer, offset } = listAddress(frame, list, index)
  return {
    before: [out.local.set(slot, pointer)],
    pointer: out.i32.load(offset, 4, out.local.get(slot, wasm.i32)),
    length: out.i32.load(offset + 4, 4, out.local.get(slot, wasm.i32)),
  }
}

/** Arguments as Wasm passes them, and the instructions that must run before. */
export function emitArguments(frame: Frame, args: readonly Expr[]): { before: ExprRef[]; values: ExprRef[] } {
  const before: ExprRef[] = []
  const values = args.flatMap(arg => {
    if (!isArray(arg.type)) return [emitExpr(frame, arg)]
    const array = emitArray(frame, arg)
    before.push(...array.before)
    return [array.pointer, array.length]
  })
  return { before, values }
}
