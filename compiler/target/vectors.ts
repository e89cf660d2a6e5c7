import { invariant } from '../../base/invariant.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import { VECTOR_OPS } from '../ir/vector-ops.ts'
import { LANE_BITS, LANES, type Lane, type VectorType } from '../ir/vector-types.ts'
import type { Address } from './address.ts'
import type { ExprRef } from './emit.ts'
import type { Frame } from './frame.ts'
import { kernelFunction } from './link.ts'

/** Emission of the vector nodes; operands are emitted already. */

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => ExprRef>>

/** binaryen keeps the instructions of a lane shape in an object of that name. */
function method(frame: Frame, shape: string, name: string): (...args: readonly unknown[]) => ExprRef {
  const { out } = frame.unit
  const found = (out as unknown as Readonly<Record<string, Methods>>)[shape]?.[name]
  invariant(typeof found === 'function', `binaryen has no instruction ${shape}.${name}`)
  return found
}

export function emitVectorOp(frame: Frame, expr: Extract<Expr, { kind: 'vop' }>, args: readonly ExprRef[]): ExprRef {
  const { wasm } = VECTOR_OPS[expr.op]
  if (wasm === null) return method(frame, 'v128', 'bitselect')(args[1], args[2], args[0])
  const [shape, name] = wasm.split('.') as [string, string]
  return name in RELAXED ? relaxed(frame, shape, name, args) : method(frame, shape, name)(...args)
}

/** binaryen's methods have no relaxed instructions; its C functions, which they call, have. */
interface Ternary {
  readonly _BinaryenSIMDTernary: (module: number, op: number, ...args: readonly ExprRef[]) => ExprRef
}
const RELAXED: Readonly<Record<string, string>> = { relaxed_madd: 'RelaxedMadd', relaxed_nmadd: 'RelaxedNmadd' }

function relaxed({ unit }: Frame, shape: string, name: string, args: readonly ExprRef[]): ExprRef {
  const library = unit.wasm as unknown as Ternary & Readonly<Record<string, number>>
  const code = library[`${RELAXED[name]}Vec${shape.toUpperCase().replace('X', 'x')}`]
  invariant(code !== undefined, `binaryen has no instruction ${shape}.${name}`)
  const { ptr } = unit.out as unknown as { readonly ptr: number }
  return library._BinaryenSIMDTernary(ptr, code, ...args)
}

export function emitVectorConst(frame: Frame, expr: Extract<Expr, { kind: 'vconst' }>): ExprRef {
  return method(frame, 'v128', 'const')(bytesOf(expr.type, expr.lanes))
}

function bytesOf(type: VectorType, lanes: readonly Lane[]): number[] {
  const bytes = new DataView(new ArrayBuffer(16))
  lanes.forEach((lane, i) => {
    const at = (i * LANE_BITS[type]) / 8
    if (type === 'f64x2') bytes.setFloat64(at, Number(lane), true)
    else if (type === 'f32x4') bytes.setFloat32(at, Number(lane), true)
    else if (type === 'i64x2') bytes.setBigInt64(at, BigInt(lane), true)
    else if (type === 'i32x4') bytes.setInt32(at, Number(lane), true)
    else if (type === 'i16x8') bytes.setInt16(at, Number(lane), true)
    else bytes.setInt8(at, Number(lane))
  })
  return [...new Uint8Array(bytes.buffer)]
}

const SHORT: Readonly<Record<VectorType, string>> = {
  f64x2: 'f64x2',
  f32x4: 'f32x4',
  i64x2: 'i64x2',
  i32x4: 'i32x4',
  i16x8: 'i16x8',
  i8x16: 'i8x16',
}

export function emitMove(frame: Frame, expr: Extract<Expr, { kind: 'vmove' }>, args: readonly ExprRef[]): ExprRef {
  const from = expr.args[0]!.type as VectorType
  const [lane] = expr.lanes
  switch (expr.move) {
    case 'cast':
      return args[0]!
    case 'extract':
      return method(
        frame,
        SHORT[from],
        from === 'i16x8' || from === 'i8x16' ? 'extract_lane_s' : 'extract_lane',
      )(args[0], lane)
    case 'replace':
      return method(frame, SHORT[from], 'replace_lane')(args[0], lane, args[1])
    case 'shuffle':
      return method(frame, 'i8x16', 'shuffle')(args[0], args[1], byteShuffle(from, expr.lanes))
  }
}

function byteShuffle(type: VectorType, lanes: readonly number[]): number[] {
  const size = LANE_BITS[type] / 8
  return lanes.flatMap(lane => Array.from({ length: size }, (_, byte) => lane * size + byte))
}

/** Families of kernels/ by function: `f64x2_sin` is in math. */
export function emitKernelCall(
  frame: Frame,
  expr: Extract<Expr, { kind: 'kernel' }>,
  args: readonly ExprRef[],
): ExprRef {
  const { out, wasm } = frame.unit
  const name = kernelFunction(frame.unit, 'math', expr.name)
  return out.call(name, [...args], expr.type === 'f64' ? wasm.f64 : expr.type === 'f32' ? wasm.f32 : wasm.v128)
}

const ELEMENT_BITS: Readonly<Record<Elem, number>> = {
  i8: 8,
  u8: 8,
  u8c: 8,
  i16: 16,
  u16: 16,
  i32: 32,
  u32: 32,
  f32: 32,
  f64: 64,
}
const isSigned = (elem: Elem): boolean => elem === 'i8' || elem === 'i16' || elem === 'i32'

/** Loads count · bits of memory into the low end of a vector, then widens to the lanes of the type. */
export function emitVectorLoad(
  frame: Frame,
  expr: Extract<Expr, { kind: 'vload' }>,
  { pointer, offset }: Address,
): ExprRef {
  const bits = ELEMENT_BITS[expr.elem]
  const wide = LANE_BITS[expr.type]
  const total = bits * expr.count
  const sign = isSigned(expr.elem) ? 's' : 'u'
  if (wide === 2 * bits && total === 64 && expr.elem !== 'f32') {
    return method(frame, 'v128', `load${bits}x${64 / bits}_${sign}`)(offset, 1, pointer)
  }
  const raw = loadBits(frame, total, offset, pointer)
  return widen(frame, raw, bits, wide, sign)
}

function loadBits(frame: Frame, total: number, offset: number, pointer: ExprRef): ExprRef {
  const { out } = frame.unit
  if (total === 128) return method(frame, 'v128', 'load')(offset, 1, pointer)
  if (total === 64) return method(frame, 'v128', 'load64_zero')(offset, 1, pointer)
  if (total === 32) return method(frame, 'v128', 'load32_zero')(offset, 1, pointer)
  invariant(total === 16, `a vector load of ${total} bits`)
  const zero = method(frame, 'v128', 'const')(Array(16).fill(0))
  return method(frame, 'v128', 'load16_lane')(offset, 1, 0, pointer, zero) ?? out.unreachable()
}

function widen(frame: Frame, value: ExprRef, bits: number, wide: number, sign: 's' | 'u'): ExprRef {
  let result = value
  for (let width = bits; width < wide; width *= 2) {
    const from = `i${width}x${128 / width}`
    result = method(frame, `i${width * 2}x${64 / width}`, `extend_low_${from}_${sign}`)(result)
  }
  return result
}

/** Narrows lanes by keeping their low bits, then stores the low end. */
export function emitVectorStore(
  frame: Frame,
  stmt: Extract<Stmt, { kind: 'vstore' }>,
  { pointer, offset }: Address,
  value: ExprRef,
): ExprRef {
  const bits = ELEMENT_BITS[stmt.elem]
  const type = stmt.value.type as VectorType
  const narrow = narrowTo(frame, value, type, bits)
  const total = bits * stmt.count
  if (total === 128) return method(frame, 'v128', 'store')(offset, 1, pointer, narrow)
  invariant(total === 64 || total === 32 || total === 16, `a vector store of ${total} bits`)
  return method(frame, 'v128', `store${total}_lane`)(offset, 1, 0, pointer, narrow)
}

/** A byte shuffle picks the low bytes of every lane: exact for any value, and one instruction. */
function narrowTo(frame: Frame, value: ExprRef, type: VectorType, bits: number): ExprRef {
  const size = LANE_BITS[type] / 8
  const kept = bits / 8
  if (size === kept) return value
  const bytes = Array.from({ length: LANES[type] * kept }, (_, i) => Math.floor(i / kept) * size + (i % kept))
  const { out, wasm } = frame.unit
  const local = frame.locals.temp(wasm.v128)
  const mask = [...bytes, ...Array.from({ length: 16 - bytes.length }, () => 0)]
  return method(frame, 'i8x16', 'shuffle')(
    out.local.tee(local, value, wasm.v128),
    out.local.get(local, wasm.v128),
    mask,
  )
}
