import { invariant } from '../../base/invariant.ts'
import type { Expr, LocalId, VectorExpr } from '../ir/ir.ts'
import type { Elem } from '../ir/types.ts'
import { VECTOR_OPS, type VectorOpName } from '../ir/vector-ops.ts'
import { LANE_SCALAR, LANES, type Lane, type VectorType } from '../ir/vector-types.ts'

/** Small constructors of vector nodes. */

export function vop(name: string, ...args: readonly Expr[]): Expr {
  const op = name as VectorOpName
  const info = VECTOR_OPS[op]
  invariant(info, `no vector operator ${name}`)
  return { kind: 'vop', type: info.result as VectorType, op, args }
}

export const hasVectorOp = (name: string): boolean => Object.hasOwn(VECTOR_OPS, name)

export const vconst = (type: VectorType, lanes: readonly Lane[]): Expr => ({ kind: 'vconst', type, lanes })
/** The constant with this value in every lane. */
export const every = (type: VectorType, lane: Lane): Expr =>
  vconst(
    type,
    Array.from({ length: LANES[type] }, () => (type === 'i64x2' ? BigInt(lane) : lane)),
  )

export const cast = (type: VectorType, value: Expr): Expr =>
  value.type === type ? value : { kind: 'vmove', type, move: 'cast', lanes: [], args: [value] }
export const shuffle = (lanes: readonly number[], a: Expr, b: Expr): Expr => ({
  kind: 'vmove',
  type: a.type as VectorType,
  move: 'shuffle',
  lanes,
  args: [a, b],
})
export const extract = (value: Expr, lane: number): Expr => ({
  kind: 'vmove',
  type: LANE_SCALAR[value.type as VectorType],
  move: 'extract',
  lanes: [lane],
  args: [value],
})
export const replace = (value: Expr, lane: number, scalar: Expr): Expr => ({
  kind: 'vmove',
  type: value.type as VectorType,
  move: 'replace',
  lanes: [lane],
  args: [value, scalar],
})
export const vload = (type: VectorType, elem: Elem, array: LocalId, index: Expr, count: number): VectorExpr => ({
  kind: 'vload',
  type,
  elem,
  array,
  index,
  count,
})
