import { invariant, unreachable } from '../../base/invariant.ts'
import { CONTEXT } from '../abi.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { primitiveOf } from '../ir/primitives.ts'
import { type ArrayType, ELEM_BYTES, type Elem, elemOf, isArray } from '../ir/types.ts'
import { addressOf, scaled, storeElement } from './address.ts'
import { assignArray, emitArguments, emitArray } from './arrays.ts'
import type { ExprRef } from './emit.ts'
import { elementAddress, emitAll, emitExpr } from './expressions.ts'
import { context, type Frame, hostFunction, localType, typeOf } from './frame.ts'
import { kernelFunction } from './link.ts'
import { emitListPush, emitListSet, emitListTruncate, emitNewList, storePair, storeValue } from './lists.ts'
import { emitFor, emitLoop } from './loops.ts'
import { emitRegionCall, regionOf } from './regions.ts'
import { leaveWith, supportFunction } from './support.ts'
import { emitVectorStore } from './vectors.ts'

type Of<K extends Stmt['kind']> = Extract<Stmt, { kind: K }>

/** The body of a function: where a result is due, the end is never reached. */
export function emitBody(frame: Frame, body: readonly Stmt[]): ExprRef {
  const { out } = frame.unit
  const statements = emitBlock(frame, body)
  return frame.func.result === 'void' ? statements : out.block(null, [statements, out.unreachable()])
}

export function emitBlock(frame: Frame, body: readonly Stmt[], label: string | null = null): ExprRef {
  return frame.unit.out.block(label, emitAllStatements(frame, body))
}

function emitAllStatements(frame: Frame, body: readonly Stmt[]): ExprRef[] {
  return body.flatMap(stmt => frame.locals.scoped(() => emitStatement(frame, stmt)))
}

function emitStatement(frame: Frame, stmt: Stmt): ExprRef[] {
  const { out } = frame.unit
  switch (stmt.kind) {
    case 'set':
      return emitSet(frame, stmt)
    case 'store': {
      const address = elementAddress(frame, stmt.elem, stmt.array, stmt.index)
      return [storeElement(frame, stmt.elem, address, emitExpr(frame, stmt.value))]
    }
    case 'if':
      return [emitIf(frame, stmt)]
    case 'block':
      return [frame.labels.within(stmt.label, target => emitBlock(frame, stmt.body, target.breakTo))]
    case 'loop':
      return [emitLoop(frame, stmt, emitBlock)]
    case 'for':
      return [emitFor(frame, stmt, emitBlock)]
    case 'break':
      return [out.br(frame.labels.break(stmt.label))]
    case 'continue':
      return [out.br(frame.labels.continue(stmt.label))]
    case 'return':
      return emitReturn(frame, stmt)
    case 'exit':
      return leaveWith(frame.unit, 1 + stmt.site)
    case 'call':
      return regionOf(frame.unit, stmt.func) >= 0 ? emitRegionCall(frame, stmt) : emitCall(frame, stmt)
    case 'primitive':
      return emitPrimitive(frame, stmt)
    case 'hostcall':
      return [emitHostCall(frame, stmt)]
    case 'newarray':
      return emitNewArray(frame, stmt)
    case 'newlist':
      return emitNewList(frame, stmt)
    case 'listset':
      return emitListSet(frame, stmt)
    case 'listpush':
      return emitListPush(frame, stmt)
    case 'listtruncate':
      return emitListTruncate(frame, stmt)
    case 'fill':
      return emitFill(frame, stmt)
    case 'copy':
      return [emitCopy(frame, stmt)]
    case 'vstore':
      return [
        emitVectorStore(
          frame,
          stmt,
          elementAddress(frame, stmt.elem, stmt.array, stmt.index),
          emitExpr(frame, stmt.value),
        ),
      ]
    case 'result':
      return emitResult(frame, stmt)
    default:
      return unreachable(stmt, 'emitStatement')
  }
}

function emitSet(frame: Frame, { local, value }: Of<'set'>): ExprRef[] {
  const first = frame.locals.first(local)
  if (isArray(localType(frame, local))) return assignArray(frame, { pointer: first, length: first + 1 }, value)
  return [frame.unit.out.local.set(first, emitExpr(frame, value))]
}

function emitIf(frame: Frame, stmt: Of<'if'>): ExprRef {
  const { out } = frame.unit
  const test = frame.locals.scoped(() => emitExpr(frame, stmt.test))
  const then = emitBlock(frame, stmt.then)
  return stmt.else.length === 0 ? out.if(test, then) : out.if(test, then, emitBlock(frame, stmt.else))
}

function emitReturn(frame: Frame, { value }: Of<'return'>): ExprRef[] {
  const { out } = frame.unit
  if (!value) return [out.return()]
  if (!isArray(value.type)) return [out.return(emitExpr(frame, value))]
  const { before, pointer, length } = emitArray(frame, value)
  return [...before, out.return(out.tuple.make([pointer, length]))]
}

function emitCall(frame: Frame, { func, args, result }: Of<'call'>): ExprRef[] {
  const { unit, locals } = frame
  const { out, wasm } = unit
  const callee = unit.funcs.get(func)
  invariant(callee, `${frame.func.name} calls ${func}, which the module lacks`)
  const { before, values } = emitArguments(frame, args)
  const type = callee.result === 'void' ? wasm.none : wasm.createType(typeOf(unit, callee.result))
  const called = out.call(func, values, type)
  if (callee.result === 'void') return [...before, called]
  if (result === undefined) return [...before, out.drop(called)]
  const first = locals.first(result)
  if (!isArray(callee.result)) return [...before, out.local.set(first, called)]
  const pair = locals.temp(type)
  const half = (index: number): ExprRef => out.tuple.extract(out.local.get(pair, type), index)
  return [...before, out.local.set(pair, called), out.local.set(first, half(0)), out.local.set(first + 1, half(1))]
}

/** An array goes over by the address of element 0. */
function emitPrimitive(frame: Frame, { name, args, result }: Of<'primitive'>): ExprRef[] {
  const { out, wasm } = frame.unit
  const { family, entry, result: type } = primitiveOf(name)
  const before: ExprRef[] = []
  const values = args.map(arg => {
    if (!isArray(arg.type)) return emitExpr(frame, arg)
    const array = emitArray(frame, arg)
    before.push(...array.before)
    return array.pointer
  })
  const called = out.call(kernelFunction(frame.unit, family, entry), values, type === 'void' ? wasm.none : wasm[type])
  if (type === 'void') return [...before, called]
  return [...before, result === undefined ? out.drop(called) : out.local.set(frame.locals.first(result), called)]
}

function emitHostCall(frame: Frame, { name, args, result }: Of<'hostcall'>): ExprRef {
  const { out, wasm } = frame.unit
  const called = out.call(hostFunction(frame.unit, name, args.length), emitAll(frame, args), wasm.f64)
  return result === undefined ? out.drop(called) : out.local.set(frame.locals.first(result), called)
}

/** The arena is used again from call to call, so what comes from it must be cleared. */
function emitNewArray(frame: Frame, { local, elem, length }: Of<'newarray'>): ExprRef[] {
  const { unit, locals } = frame
  const { out, wasm } = unit
  const [pointer, count] = [locals.first(local), locals.first(local) + 1]
  const get = (index: number): ExprRef => out.local.get(index, wasm.i32)
  const shift = out.i32.const(Math.log2(ELEM_BYTES[elem]))
  return [
    out.local.set(count, emitExpr(frame, length)),
    out.local.set(pointer, out.call(supportFunction(unit, 'alloc'), [get(count), shift], wasm.i32)),
    out.memory.fill(get(pointer), out.i32.const(0), scaled(frame, get(count), ELEM_BYTES[elem])),
  ]
}

function emitFill(frame: Frame, stmt: Of<'fill'>): ExprRef[] {
  const { unit, locals } = frame
  const { out, wasm } = unit
  const elem = elemOf(localType(frame, stmt.array) as ArrayType)
  const begin = locals.temp(wasm.i32)
  const from = (): ExprRef => out.local.get(begin, wasm.i32)
  const array = out.local.get(locals.first(stmt.array), wasm.i32)
  const { pointer } = addressOf(frame, array, ELEM_BYTES[elem], from(), 0)
  const bytes = scaled(frame, out.i32.sub(emitExpr(frame, stmt.end), from()), ELEM_BYTES[elem])
  const start = out.local.set(begin, emitExpr(frame, stmt.begin))
  const value = emitExpr(frame, stmt.value)
  if (ELEM_BYTES[elem] === 1) return [start, out.memory.fill(pointer, value, bytes)]
  if (isZero(stmt.value)) return [start, out.memory.fill(pointer, out.i32.const(0), bytes)]
  return [start, out.call(supportFunction(unit, 'fill'), [pointer, bytes, splat(frame, elem, value)], wasm.none)]
}

const isZero = (value: Expr): boolean => value.kind === 'const' && Object.is(value.value, 0)

function splat({ unit: { out } }: Frame, elem: Elem, value: ExprRef): ExprRef {
  if (elem === 'f64') return out.f64x2.splat(value)
  if (elem === 'f32') return out.f32x4.splat(value)
  return ELEM_BYTES[elem] === 2 ? out.i16x8.splat(value) : out.i32x4.splat(value)
}

function emitCopy(frame: Frame, stmt: Of<'copy'>): ExprRef {
  const { out } = frame.unit
  const elem = elemOf(localType(frame, stmt.target) as ArrayType)
  const at = (array: number, index: Expr): ExprRef => {
    const { pointer, offset } = elementAddress(frame, elem, array, index)
    return offset === 0 ? pointer : out.i32.add(pointer, out.i32.const(offset))
  }
  const bytes = scaled(frame, emitExpr(frame, stmt.count), ELEM_BYTES[elem])
  return out.memory.copy(at(stmt.target, stmt.targetIndex), at(stmt.source, stmt.sourceIndex), bytes)
}

function emitResult(frame: Frame, { slot, value }: Of<'result'>): ExprRef[] {
  const address = { pointer: context(frame.unit), offset: CONTEXT.slots + 8 * slot }
  invariant(address.offset + 8 <= CONTEXT.bytes, `result slot ${slot} is beyond the context block`)
  if (isArray(value.type)) return storePair(frame, address, value)
  return [storeValue(frame, value.type, address, emitExpr(frame, value))]
}
