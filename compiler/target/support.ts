import { CONTEXT, LIST_HEADER, STATUS_ARENA } from '../abi.ts'
import type { ExprRef, WasmType } from './emit.ts'
import { context, type Unit } from './frame.ts'

/** Small functions that compiled code calls; a module carries those that it needs. */
export type SupportName = keyof typeof SUPPORT

/** Adds the function at its first use; gives its name inside the module. */
export function supportFunction(unit: Unit, name: SupportName): string {
  const full = `iris.${name}`
  if (!unit.present.has(full)) {
    unit.present.add(full)
    SUPPORT[name](unit, full)
  }
  return full
}

/** Leaves the call with this status (see CONTEXT in compiler/abi.ts). */
export function leaveWith(unit: Unit, status: number): ExprRef[] {
  const { out } = unit
  return [out.i32.store(CONTEXT.status, 4, context(unit), out.i32.const(status)), out.unreachable()]
}

const SUPPORT = { alloc, newlist, growlist, fill, toint32 } as const

/** Parameters and locals of a support function, by name. */
function names<const T extends readonly string[]>({ wasm, out }: Unit, ...list: T) {
  const index = (name: T[number]): number => list.indexOf(name)
  return {
    get: (name: T[number]): ExprRef => out.local.get(index(name), wasm.i32),
    set: (name: T[number], value: ExprRef): ExprRef => out.local.set(index(name), value),
  }
}

/** alloc(count, shift): address of count << shift bytes of the arena, aligned to 16, contents arbitrary. */
function alloc(unit: Unit, name: string): void {
  const { wasm, out } = unit
  const { i32 } = out
  const { get, set } = names(unit, 'count', 'shift', 'start', 'end')
  const room = i32.shr_u(i32.sub(get('end'), get('start')), get('shift'))
  const tooSmall = i32.or(i32.gt_u(get('start'), get('end')), i32.gt_u(get('count'), room))
  const body = [
    set('start', i32.and(i32.add(i32.load(CONTEXT.arenaTop, 4, context(unit)), i32.const(15)), i32.const(-16))),
    set('end', i32.load(CONTEXT.arenaEnd, 4, context(unit))),
    out.if(tooSmall, out.block(null, leaveWith(unit, STATUS_ARENA))),
    i32.store(CONTEXT.arenaTop, 4, context(unit), i32.add(get('start'), i32.shl(get('count'), get('shift')))),
    get('start'),
  ]
  add(unit, name, [wasm.i32, wasm.i32], wasm.i32, [wasm.i32, wasm.i32], body)
}

/** newlist(length, capacity, shift): handle of a list whose elements are not initialised. */
function newlist(unit: Unit, name: string): void {
  const { wasm, out } = unit
  const { i32 } = out
  const { get, set } = names(unit, 'length', 'capacity', 'shift', 'handle')
  const field = (offset: number, value: ExprRef): ExprRef => i32.store(offset, 4, get('handle'), value)
  const larger = i32.gt_s(get('length'), get('capacity'))
  const body = [
    set('capacity', out.select(larger, get('length'), get('capacity'))),
    set('capacity', out.select(i32.lt_s(get('capacity'), i32.const(0)), i32.const(0), get('capacity'))),
    set('handle', callAlloc(unit, i32.const(LIST_HEADER.bytes), i32.const(0))),
    field(LIST_HEADER.data, callAlloc(unit, get('capacity'), get('shift'))),
    field(LIST_HEADER.length, get('length')),
    field(LIST_HEADER.capacity, get('capacity')),
    get('handle'),
  ]
  add(unit, name, [wasm.i32, wasm.i32, wasm.i32], wasm.i32, [wasm.i32], body)
}

const callAlloc = (unit: Unit, count: ExprRef, shift: ExprRef): ExprRef =>
  unit.out.call(supportFunction(unit, 'alloc'), [count, shift], unit.wasm.i32)

/**
 * growlist(handle, shift): at least doubles the capacity of a full list. A list at the end of the arena grows where it
 * is; another one moves, and what it held before stays in the arena until the call ends.
 */
function growlist(unit: Unit, name: string): void {
  const { wasm, out } = unit
  const { i32 } = out
  const { get, set } = names(unit, 'handle', 'shift', 'data', 'capacity', 'more', 'moved')
  const bytes = (count: ExprRef): ExprRef => i32.shl(count, get('shift'))
  const top = (): ExprRef => i32.load(CONTEXT.arenaTop, 4, context(unit))
  const end = i32.load(CONTEXT.arenaEnd, 4, context(unit))
  const isLast = i32.eq(i32.add(get('data'), bytes(get('capacity'))), top())
  const hasRoom = i32.le_u(get('more'), i32.shr_u(i32.sub(end, top()), get('shift')))
  const extend = i32.store(CONTEXT.arenaTop, 4, context(unit), i32.add(top(), bytes(get('more'))))
  const doubled = i32.add(get('capacity'), get('more'))
  const move = out.block(null, [
    set('moved', callAlloc(unit, doubled, get('shift'))),
    out.memory.copy(get('moved'), get('data'), bytes(get('capacity'))),
    i32.store(LIST_HEADER.data, 4, get('handle'), get('moved')),
  ])
  const body = [
    set('data', i32.load(LIST_HEADER.data, 4, get('handle'))),
    set('capacity', i32.load(LIST_HEADER.capacity, 4, get('handle'))),
    set('more', out.select(i32.lt_u(get('capacity'), i32.const(4)), i32.const(4), get('capacity'))),
    out.if(i32.and(isLast, hasRoom), extend, move),
    i32.store(LIST_HEADER.capacity, 4, get('handle'), i32.add(get('capacity'), get('more'))),
  ]
  add(unit, name, [wasm.i32, wasm.i32], wasm.none, Array(4).fill(wasm.i32), body)
}

/** fill(pointer, bytes, pattern): repeats the pattern, which is one element in every lane, over whole elements. */
function fill(unit: Unit, name: string): void {
  const { wasm, out } = unit
  const { i32, v128 } = out
  const { get, set } = names(unit, 'pointer', 'bytes')
  const pattern = (): ExprRef => out.local.get(2, wasm.v128)
  const step = (bytes: number): ExprRef[] => [
    set('pointer', i32.add(get('pointer'), i32.const(bytes))),
    set('bytes', i32.sub(get('bytes'), i32.const(bytes))),
  ]
  const rounds = out.loop(
    'top',
    out.block(null, [
      v128.store(0, 1, get('pointer'), pattern()),
      ...step(16),
      out.br('top', i32.ge_u(get('bytes'), i32.const(16))),
    ]),
  )
  const tail = (bytes: number, store: ExprRef): ExprRef =>
    out.if(
      i32.and(get('bytes'), i32.const(bytes)),
      out.block(null, [store, set('pointer', i32.add(get('pointer'), i32.const(bytes)))]),
    )
  const body = [
    out.if(i32.ge_u(get('bytes'), i32.const(16)), rounds),
    tail(8, out.i64.store(0, 1, get('pointer'), out.i64x2.extract_lane(pattern(), 0))),
    tail(4, i32.store(0, 1, get('pointer'), out.i32x4.extract_lane(pattern(), 0))),
    tail(2, i32.store16(0, 1, get('pointer'), out.i32x4.extract_lane(pattern(), 0))),
    tail(1, i32.store8(0, 1, get('pointer'), out.i32x4.extract_lane(pattern(), 0))),
  ]
  add(unit, name, [wasm.i32, wasm.i32, wasm.v128], wasm.none, [], body)
}

/**
 * toint32(x) for |x| >= 2^63, infinities and NaN: mantissa · 2^shift modulo 2^32 with shift >= 11; from 32 on (and for
 * the exponent of infinities and NaN) nothing is left in the low half.
 */
function toint32(unit: Unit, name: string): void {
  const { wasm, out } = unit
  const { i32, i64 } = out
  const bits = (): ExprRef => out.local.get(1, wasm.i64)
  const low = (): ExprRef => out.local.get(3, wasm.i32)
  const shift = (): ExprRef => out.local.get(2, wasm.i32)
  const exponent = i32.and(i32.wrap(i64.shr_u(bits(), i64.const(52n))), i32.const(0x7ff))
  const magnitude = out.select(i32.lt_u(shift(), i32.const(32)), i32.shl(i32.wrap(bits()), shift()), i32.const(0))
  const isNegative = i64.lt_s(bits(), i64.const(0n))
  const body = [
    out.local.set(1, i64.reinterpret(out.local.get(0, wasm.f64))),
    out.local.set(2, i32.sub(exponent, i32.const(1075))),
    out.local.set(3, magnitude),
    out.select(isNegative, i32.sub(i32.const(0), low()), low()),
  ]
  add(unit, name, [wasm.f64], wasm.i32, [wasm.i64, wasm.i32, wasm.i32], body)
}

function add(
  { wasm, out }: Unit,
  name: string,
  params: readonly WasmType[],
  result: WasmType,
  vars: readonly WasmType[],
  body: readonly ExprRef[],
): void {
  out.addFunction(name, wasm.createType([...params]), result, vars, out.block(null, body, result))
}
