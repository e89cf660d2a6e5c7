import type { OpName } from '../ir/ops.ts'
import * as f from './float-transfer.ts'
import * as n from './integer-transfer.ts'
import {
  BOOL,
  FALSE,
  FLOAT,
  fitI64,
  hasNumber,
  I32,
  I32_MAX,
  I32_MIN,
  I64,
  ints,
  isEmpty,
  join,
  type Range,
  U32_MAX,
  unsigned,
  within,
} from './interval.ts'

/** Which ranges the operators give for which: one entry for each operator of the op table. */
type Unary = (a: Range) => Range
type Binary = (a: Range, b: Range) => Range
type Transfer = (...args: never[]) => Range

const rounded1 =
  (transfer: Unary): Unary =>
  a =>
    f.single32(transfer(a))
const rounded2 =
  (transfer: Binary): Binary =>
  (a, b) =>
    f.single32(transfer(a, b))
const flipped =
  (transfer: Binary): Binary =>
  (a, b) =>
    transfer(b, a)
const always = (result: Range) => (): Range => result

/** Truncation to integers in [lo, hi]: beyond them the conversion clamps, and NaN gives 0. */
const saturate =
  (lo: number, hi: number): Unary =>
  a => {
    const clamp = (bound: number): number => Math.trunc(Math.min(Math.max(bound, lo), hi))
    const numbers = hasNumber(a) ? ints(clamp(a.lo), clamp(a.hi)) : a
    return a.nan ? join(numbers, FALSE) : numbers
  }

const saturateI32 = saturate(I32_MIN, I32_MAX)
/** Bounds this side of ±(2^31 - 1/2) truncate into the i32 range. */
const toInt32: Unary = a => (within(a, I32_MIN, I32_MAX) || !hasNumber(a) ? saturateI32(a) : I32)
const saturateU32: Unary = a => {
  const result = saturate(0, U32_MAX)(a)
  return result.hi <= I32_MAX ? result : I32
}
const saturateI64: Unary = a => {
  const result = saturate(-(2 ** 63), 2 ** 63)(a)
  return hasNumber(result) ? fitI64(result.lo, result.hi) : result
}

const NO_INDEX = ints(-1, -1)
/** -1 where the number is no index. */
const toIndex: Unary = a => {
  if (!hasNumber(a) || a.hi < 0 || a.lo > I32_MAX) return isEmpty(a) ? a : NO_INDEX
  const sure = a.integer && !a.nan && within(a, 0, I32_MAX)
  return sure ? ints(a.lo, a.hi) : ints(-1, Math.min(a.hi, I32_MAX))
}
const wrapI64: Unary = a => (isEmpty(a) || within(a, I32_MIN, I32_MAX) ? a : I32)
const clampU8: Unary = a => saturate(0, 255)(f.nearest(a))
const same: Unary = a => a
const unsignedI32: Unary = a => (isEmpty(a) ? a : unsigned(a))
export const TRANSFER = {
  'i32.add': n.i32.add,
  'i32.sub': n.i32.sub,
  'i32.mul': n.i32.mul,
  'i32.div_s': n.i32.divS,
  'i32.div_u': n.i32.divU,
  'i32.rem_s': n.i32.remS,
  'i32.rem_u': n.i32.remU,
  'i32.and': n.i32.and,
  'i32.or': n.i32.or,
  'i32.xor': n.i32.xor,
  'i32.shl': n.i32.shl,
  'i32.shr_s': n.i32.shrS,
  'i32.shr_u': n.i32.shrU,
  'i32.eqz': n.isZero,
  'i32.eq': f.equal,
  'i32.ne': f.notEqual,
  'i32.lt_s': f.lessThan,
  'i32.lt_u': n.lessThanU,
  'i32.le_s': f.lessOrEqual,
  'i32.le_u': n.lessOrEqualU,
  'i32.gt_s': flipped(f.lessThan),
  'i32.gt_u': flipped(n.lessThanU),
  'i32.ge_s': flipped(f.lessOrEqual),
  'i32.ge_u': flipped(n.lessOrEqualU),
  'i32.clz': n.i32.clz,
  'i32.select': f.choose,

  'i64.add': n.i64.add,
  'i64.sub': n.i64.sub,
  'i64.mul': n.i64.mul,
  'i64.div_s': n.i64.divS,
  'i64.rem_s': n.i64.remS,
  'i64.and': n.i64.and,
  'i64.or': n.i64.or,
  'i64.xor': n.i64.xor,
  'i64.shl': n.i64.shl,
  'i64.shr_s': n.i64.shrS,
  'i64.shr_u': n.i64.shrU,
  'i64.eqz': n.isZero,
  'i64.eq': n.equalI64,
  'i64.ne': n.notEqualI64,
  'i64.lt_s': n.lessThanI64,
  'i64.lt_u': n.lessThanU64,
  'i64.le_s': n.lessOrEqualI64,
  'i64.gt_s': flipped(n.lessThanI64),
  'i64.ge_s': flipped(n.lessOrEqualI64),
  'i64.select': f.choose,

  'f64.add': f.add,
  'f64.sub': f.subtract,
  'f64.mul': f.multiply,
  'f64.div': f.divide,
  'f64.rem': f.remainder,
  'f64.neg': f.negate,
  'f64.abs': f.absolute,
  'f64.sqrt': f.squareRoot,
  'f64.ceil': f.ceil,
  'f64.floor': f.floor,
  'f64.trunc': f.trunc,
  'f64.nearest': f.nearest,
  'f64.min': f.minimum,
  'f64.max': f.maximum,
  'f64.copysign': f.copySign,
  'f64.round': f.round,
  'f64.sign': f.sign,
  'f64.eq': f.equal,
  'f64.ne': f.notEqual,
  'f64.lt': f.lessThan,
  'f64.le': f.lessOrEqual,
  'f64.gt': flipped(f.lessThan),
  'f64.ge': flipped(f.lessOrEqual),
  'f64.select': f.choose,

  'f32.add': rounded2(f.add),
  'f32.sub': rounded2(f.subtract),
  'f32.mul': rounded2(f.multiply),
  'f32.div': rounded2(f.divide),
  'f32.neg': f.negate,
  'f32.abs': f.absolute,
  'f32.sqrt': rounded1(f.squareRoot),
  'f32.ceil': f.ceil,
  'f32.floor': f.floor,
  'f32.trunc': f.trunc,
  'f32.min': f.minimum,
  'f32.max': f.maximum,
  'f32.eq': f.equal,
  'f32.ne': f.notEqual,
  'f32.lt': f.lessThan,
  'f32.le': f.lessOrEqual,
  'f32.gt': flipped(f.lessThan),
  'f32.ge': flipped(f.lessOrEqual),
  'f32.select': f.choose,

  'f64.from_i32_s': same,
  'f64.from_i32_u': unsignedI32,
  'f64.from_i64_s': same,
  'f64.from_f32': same,
  'f32.from_f64': f.single32,
  'i32.from_f64_js': toInt32,
  'i32.trunc_sat_s': saturateI32,
  'i32.trunc_sat_u': saturateU32,
  'i32.index_f64': toIndex,
  'i32.index_i64': toIndex,
  'i64.trunc_sat_s': saturateI64,
  'i64.from_i32_s': same,
  'i64.from_i32_u': unsignedI32,
  'i32.wrap_i64': wrapI64,
  'i32.clamp_u8': clampU8,
  'i32.extend8_s': n.extend(8),
  'i32.extend16_s': n.extend(16),
  'i64.bits_f64': always(I64),

  'box.from_f64': always(FLOAT),
  'box.from_bool': always(FLOAT),
  'box.select': always(FLOAT),
  'f64.from_box': always(FLOAT),
  'f64.from_box_num': always(FLOAT),
  'i32.box_truthy': always(BOOL),
  'i32.box_is_undefined': always(BOOL),
  'i32.box_is_null': always(BOOL),
  'i32.box_is_nullish': always(BOOL),
  'i32.box_is_bool': always(BOOL),
  'i32.box_is_number': always(BOOL),
  'i32.box_strict_eq': always(BOOL),
  'i32.box_loose_eq': always(BOOL),
} as const satisfies Record<OpName, Transfer>

/** The range of the results of an operator for operands in these ranges. */
export function transfer(op: OpName, args: readonly Range[]): Range {
  return (TRANSFER[op] as (...args: readonly Range[]) => Range)(...args)
}
