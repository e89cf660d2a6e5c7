import { type IntegerVector, LANE_BITS, type Lane, type Lanes, type VectorType } from './vector-types.ts'

/** What the two halves of the vector op table share: the row, and arithmetic on lanes. */
export interface VectorOpInfo {
  readonly params: readonly (VectorType | 'i32' | 'i64' | 'f32' | 'f64')[]
  readonly result: VectorType | 'i32'
  readonly eval: (...args: never[]) => Lanes | number
  /** binaryen's spelling: object and method, `f64x2.add`, or `v128.and`; null: expanded by the emitter */
  readonly wasm: string | null
  readonly commutative?: true
}

export type Table = Record<string, VectorOpInfo>

export const vectorWidth = (type: IntegerVector): number => LANE_BITS[type]
export const wrap = (type: IntegerVector, value: bigint): Lane => {
  const bits = vectorWidth(type)
  const wrapped = BigInt.asIntN(bits, value)
  return bits === 64 ? wrapped : Number(wrapped)
}
export const big = (lane: Lane): bigint => BigInt(lane)
export const unsigned = (type: IntegerVector, lane: Lane): bigint => BigInt.asUintN(vectorWidth(type), BigInt(lane))
export const map = (lanes: Lanes, f: (lane: Lane, index: number) => Lane): Lane[] =>
  lanes.map((lane, index) => f(lane, index))
export const zip = (a: Lanes, b: Lanes, f: (a: Lane, b: Lane) => Lane): Lane[] =>
  a.map((lane, index) => f(lane, b[index]!))
export const same = (type: VectorType, count: number): VectorType[] => Array.from({ length: count }, () => type)

export const C = { commutative: true } as const
