/** Vector types: the number, width and scalar of their lanes. See vector-ops.ts for their operators. */
export const VECTOR_TYPES = ['f64x2', 'f32x4', 'i64x2', 'i32x4', 'i16x8', 'i8x16'] as const
export type VectorType = (typeof VECTOR_TYPES)[number]
export type FloatVector = 'f64x2' | 'f32x4'
export type IntegerVector = 'i64x2' | 'i32x4' | 'i16x8' | 'i8x16'

export type Lane = number | bigint
export type Lanes = readonly Lane[]

export const LANES: Readonly<Record<VectorType, number>> = {
  f64x2: 2,
  f32x4: 4,
  i64x2: 2,
  i32x4: 4,
  i16x8: 8,
  i8x16: 16,
}
/** The scalar that a lane is taken from and put into (narrow integer lanes travel as i32). */
export const LANE_SCALAR: Readonly<Record<VectorType, 'f64' | 'f32' | 'i64' | 'i32'>> = {
  f64x2: 'f64',
  f32x4: 'f32',
  i64x2: 'i64',
  i32x4: 'i32',
  i16x8: 'i32',
  i8x16: 'i32',
}
/** The integer type whose lanes are as wide: what comparisons give and `select` takes. */
export const MASK_OF: Readonly<Record<VectorType, IntegerVector>> = {
  f64x2: 'i64x2',
  f32x4: 'i32x4',
  i64x2: 'i64x2',
  i32x4: 'i32x4',
  i16x8: 'i16x8',
  i8x16: 'i8x16',
}
export const LANE_BITS: Readonly<Record<VectorType, 8 | 16 | 32 | 64>> = {
  f64x2: 64,
  f32x4: 32,
  i64x2: 64,
  i32x4: 32,
  i16x8: 16,
  i8x16: 8,
}
