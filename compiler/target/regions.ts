import { invariant } from '../../base/invariant.ts'
import { CONTEXT } from '../abi.ts'
import type { Expr, Func, Region, Stmt } from '../ir/ir.ts'
import { isArray } from '../ir/types.ts'
import { emitArguments } from './arrays.ts'
import type { ExprRef, WasmType } from './emit.ts'
import { context, type Frame, typeOf, type Unit } from './frame.ts'

/**
 * Regions (ir.ts): the call asks the host to share the range among threads (`env.fork`). The values that all parts need
 * stand in the caller's context block; a part runs through an export `chunk.<n>` (lo, hi, address of its result, frame).
 */

/** Imported where a module has regions: (region, lo, hi, frame) → number of parts, or 0: not shared. */
const FORK = 'env.fork'
export const chunkName = (region: number): string => `chunk.${region}`

export const regionOf = (unit: Unit, func: string): number =>
  unit.source.regions?.findIndex(region => region.func === func) ?? -1

export function declareFork({ out, wasm, source }: Unit): void {
  if (!source.regions || source.regions.length === 0) return
  const { i32 } = wasm
  out.addFunctionImport(FORK, 'env', 'fork', wasm.createType([i32, i32, i32, i32]), i32)
}

/** The exports through which parts run. */
export function emitChunks(unit: Unit): void {
  for (const [index, region] of (unit.source.regions ?? []).entries()) emitChunk(unit, region, chunkName(index))
}

interface Place {
  readonly type: WasmType
  readonly offset: number
}

/** Where the Wasm values of a region's values stand in the frame; its range and what it gathers are not among them. */
function placesOf(unit: Unit, region: Region, func: Func): readonly Place[] {
  const values = func.params.slice(2, region.gathers ? -1 : undefined)
  let offset = CONTEXT.frameValues
  return values
    .flatMap(({ type }) => typeOf(unit, type))
    .map(type => {
      const bytes = type === unit.wasm.v128 ? 16 : 8
      offset = Math.ceil(offset / bytes) * bytes
      const place = { type, offset: offset - CONTEXT.frame }
      offset += bytes
      invariant(offset <= CONTEXT.bytes, `the values of ${region.func} do not fit the frame`)
      return place
    })
}

function emitChunk(unit: Unit, region: Region, name: string): void {
  const { out, wasm } = unit
  const func = unit.funcs.get(region.func)
  invariant(func, `no function ${region.func}`)
  const { i32 } = wasm
  const [lo, hi, part, frame] = [0, 1, 2, 3]
  const get = (index: number): ExprRef => out.local.get(index, i32)
  const values = placesOf(unit, region, func).map(place => loadFrom(unit, place, get(frame)))
  const neutral = region.gathers ? [constant(unit, func, region.gathers.neutral)] : []
  const type = resultOf(unit, func)
  const called = out.call(region.func, [get(lo), get(hi), ...values, ...neutral], type)
  const body = region.gathers ? storeTo(unit, { type, offset: 0 }, get(part), called) : called
  out.addFunction(name, wasm.createType([i32, i32, i32, i32]), wasm.none, [], body)
  out.addFunctionExport(name, name)
}

/** A call of a region's function by the entry. */
export function emitRegionCall(frame: Frame, { func: name, args, result }: Extract<Stmt, { kind: 'call' }>): ExprRef[] {
  const { unit, locals } = frame
  const { out, wasm } = unit
  const index = regionOf(unit, name)
  const region = unit.source.regions?.[index]
  const func = unit.funcs.get(name)
  invariant(region && func, `no region ${name}`)
  const { before, held } = holdArguments(frame, args)
  const places = placesOf(unit, region, func)
  const base = (): ExprRef => out.i32.add(context(unit), out.i32.const(CONTEXT.frame))
  const values = held.slice(2, 2 + places.length)
  const stores = places.map((place, i) => storeTo(unit, place, base(), values[i]!()))
  const parts = locals.temp(wasm.i32)
  const asked = out.call(FORK, [out.i32.const(index), held[0]!(), held[1]!(), base()], wasm.i32)
  const whole = out.call(
    name,
    held.map(get => get()),
    resultOf(unit, func),
  )
  const alone = keep(frame, whole, result)
  const gather = region.gathers ? gatherParts(frame, region, func, parts, result) : out.nop()
  return [
    ...before,
    ...stores,
    out.local.set(parts, asked),
    out.if(out.i32.eqz(out.local.get(parts, wasm.i32)), alone, gather),
  ]
}

/** The values of the arguments, evaluated once. */
function holdArguments(
  frame: Frame,
  args: readonly Expr[],
): { readonly before: readonly ExprRef[]; readonly held: readonly (() => ExprRef)[] } {
  const { unit, locals } = frame
  const { before, values } = emitArguments(frame, args)
  const types = args.flatMap(({ type }) => typeOf(unit, type))
  const temps = types.map(type => locals.temp(type))
  const sets = values.map((value, i) => unit.out.local.set(temps[i]!, value))
  return { before: [...before, ...sets], held: temps.map((temp, i) => () => unit.out.local.get(temp, types[i]!)) }
}

function keep({ unit: { out }, locals }: Frame, called: ExprRef, result: number | undefined): ExprRef {
  return result === undefined ? called : out.local.set(locals.first(result), called)
}

/** The parts, in order, into what the caller has gathered before. The host has put their address into the frame. */
function gatherParts(frame: Frame, { gathers }: Region, func: Func, left: number, result: number | undefined): ExprRef {
  const { unit, locals } = frame
  const { out, wasm } = unit
  invariant(gathers && result !== undefined, `${func.name} gathers nothing`)
  const type = resultOf(unit, func)
  const all = locals.first(result)
  const at = locals.temp(wasm.i32)
  const get = (local: number): ExprRef => out.local.get(local, wasm.i32)
  const part = loadFrom(unit, { type, offset: 0 }, get(at))
  const top = `gather.${func.name}`
  return out.block(null, [
    out.local.set(at, out.i32.load(CONTEXT.frame, 4, context(unit))),
    out.loop(
      top,
      out.block(null, [
        out.local.set(all, out.call(gathers.func, [out.local.get(all, type), part], type)),
        out.local.set(at, out.i32.add(get(at), out.i32.const(8))),
        out.local.set(left, out.i32.sub(get(left), out.i32.const(1))),
        out.br(top, get(left)),
      ]),
    ),
  ])
}

function resultOf(unit: Unit, func: Func): WasmType {
  if (func.result === 'void') return unit.wasm.none
  invariant(!isArray(func.result), `${func.name} gives an array`)
  return unit.wasm.createType(typeOf(unit, func.result))
}

function constant({ out }: Unit, func: Func, value: number): ExprRef {
  switch (func.result) {
    case 'i32':
      return out.i32.const(value)
    case 'i64':
      return out.i64.const(BigInt(value))
    case 'f32':
      return out.f32.const(value)
    default:
      return out.f64.const(value)
  }
}

function loadFrom({ out, wasm }: Unit, { type, offset }: Place, address: ExprRef): ExprRef {
  if (type === wasm.i32) return out.i32.load(offset, 4, address)
  if (type === wasm.i64) return out.i64.load(offset, 8, address)
  if (type === wasm.f32) return out.f32.load(offset, 4, address)
  return type === wasm.f64 ? out.f64.load(offset, 8, address) : out.v128.load(offset, 8, address)
}

function storeTo({ out, wasm }: Unit, { type, offset }: Place, address: ExprRef, value: ExprRef): ExprRef {
  if (type === wasm.i32) return out.i32.store(offset, 4, address, value)
  if (type === wasm.i64) return out.i64.store(offset, 8, address, value)
  if (type === wasm.f32) return out.f32.store(offset, 4, address, value)
  return type === wasm.f64 ? out.f64.store(offset, 8, address, value) : out.v128.store(offset, 8, address, value)
}
