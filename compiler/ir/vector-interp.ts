import { invariant } from '../../base/invariant.ts'
import type { Expr } from './ir.ts'
import { type ArrayView, readElem, writeElem } from './memory.ts'
import type { Elem } from './types.ts'
import { VECTOR_OPS } from './vector-ops.ts'
import { LANE_BITS, LANE_SCALAR, LANES, type Lane, type Lanes, type VectorType } from './vector-types.ts'

/** Meaning of the vector nodes on lanes, for the reference interpreter. */

export type VectorDatum = Lanes

export function runVectorOp(op: keyof typeof VECTOR_OPS, args: readonly unknown[]): Lanes | number {
  return (VECTOR_OPS[op].eval as (...values: readonly unknown[]) => Lanes | number)(...args)
}

export const zeroLanes = (type: VectorType): Lanes =>
  Array.from({ length: LANES[type] }, () => (type === 'i64x2' ? 0n : 0))

export function loadLanes(
  memory: DataView,
  type: VectorType,
  elem: Elem,
  array: ArrayView,
  index: number,
  count: number,
): Lanes {
  invariant(index >= 0 && index + count <= array.length, `vload of ${index}..${index + count} of ${array.length}`)
  return zeroLanes(type).map((zero, i) => (i < count ? laneOf(type, readElem(memory, elem, array, index + i)) : zero))
}

/** An element as a lane: narrow integer lanes keep its low bits, signed. */
function laneOf(type: VectorType, value: number): Lane {
  if (type === 'i64x2') return BigInt(value)
  return type.startsWith('f') ? value : Number(BigInt.asIntN(LANE_BITS[type], BigInt(value)))
}

export function storeLanes(
  memory: DataView,
  elem: Elem,
  array: ArrayView,
  index: number,
  lanes: Lanes,
  count: number,
): void {
  invariant(index >= 0 && index + count <= array.length, `vstore to ${index}..${index + count} of ${array.length}`)
  for (let i = 0; i < count; i++) writeElem(memory, elem, array, index + i, storable(elem, Number(lanes[i])))
}

/** Lanes are signed; a clamped array is written with 0 … 255. */
const storable = (elem: Elem, value: number): number => (elem === 'u8c' ? value & 255 : value)

export function moveLanes(expr: Extract<Expr, { kind: 'vmove' }>, args: readonly unknown[]): Lanes | Lane {
  const [first, second] = args as readonly [Lanes, Lanes]
  const [lane] = expr.lanes as readonly [number]
  switch (expr.move) {
    case 'extract':
      return first[lane]!
    case 'replace':
      return first.map((old, i) =>
        i === lane ? laneOf(expr.args[0]!.type as VectorType, Number(second as unknown as Lane)) : old,
      )
    case 'shuffle':
      return expr.lanes.map(i => [...first, ...second][i]!)
    case 'cast':
      return castLanes(expr.args[0]!.type as VectorType, expr.type as VectorType, first)
  }
}

function castLanes(from: VectorType, to: VectorType, lanes: Lanes): Lanes {
  const bytes = new DataView(new ArrayBuffer(16))
  const size = (type: VectorType): number => LANE_BITS[type] / 8
  lanes.forEach((lane, i) => put(bytes, from, i * size(from), lane))
  return Array.from({ length: LANES[to] }, (_, i) => take(bytes, to, i * size(to)))
}

function put(bytes: DataView, type: VectorType, at: number, lane: Lane): void {
  if (LANE_SCALAR[type] === 'f64') bytes.setFloat64(at, Number(lane), true)
  else if (LANE_SCALAR[type] === 'f32') bytes.setFloat32(at, Number(lane), true)
  else if (type === 'i64x2') bytes.setBigInt64(at, BigInt(lane), true)
  else if (type === 'i32x4') bytes.setInt32(at, Number(lane), true)
  else if (type === 'i16x8') bytes.setInt16(at, Number(lane), true)
  else bytes.setInt8(at, Number(lane))
}

function take(bytes: DataView, type: VectorType, at: number): Lane {
  if (LANE_SCALAR[type] === 'f64') return bytes.getFloat64(at, true)
  if (LANE_SCALAR[type] === 'f32') return bytes.getFloat32(at, true)
  if (type === 'i64x2') return bytes.getBigInt64(at, true)
  if (type === 'i32x4') return bytes.getInt32(at, true)
  return type === 'i16x8' ? bytes.getInt16(at, true) : bytes.getInt8(at)
}
