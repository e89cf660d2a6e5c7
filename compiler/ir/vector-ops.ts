/**
 * The vector half of the op table: lanes of 128 bits. A vector's value in `eval` is its lanes, in order: numbers for
 * float lanes, signed numbers for integer lanes of up to 32 bits, signed bigints for 64. Comparisons give masks: all
 * bits of a lane set (-1) or none, in the integer type of the same lane width.
 *
 * Everything that works lane by lane is derived here from its scalar meaning, so that a vector operator cannot differ
 * from the scalar one; f32 and integer lanes round and wrap as the scalar operators do.
 */
import { conversions } from './vector-conversions.ts'
import { big, C, map, same, type Table, unsigned, type VectorOpInfo, vectorWidth, wrap, zip } from './vector-lanes.ts'
import {
  type FloatVector,
  type IntegerVector,
  LANE_SCALAR,
  LANES,
  type Lane,
  type Lanes,
  MASK_OF,
  type VectorType,
} from './vector-types.ts'

type FloatName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'ceil'
  | 'floor'
  | 'trunc'
  | 'nearest'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
  | 'madd'
  | 'nmadd'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'select'
  | 'splat'
type CommonIntName =
  | 'add'
  | 'sub'
  | 'neg'
  | 'eq'
  | 'ne'
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  | 'andnot'
  | 'shl'
  | 'shr_s'
  | 'shr_u'
  | 'select'
  | 'splat'
  | 'any_true'
  | 'all_true'
  | 'bitmask'
type OrderName = 'lt_s' | 'le_s' | 'gt_s' | 'ge_s'
type UnsignedName = 'lt_u' | 'le_u' | 'gt_u' | 'ge_u' | 'min_s' | 'min_u' | 'max_s' | 'max_u'
type SaturatingName = 'add_sat_s' | 'add_sat_u' | 'sub_sat_s' | 'sub_sat_u' | 'avgr_u'
type ConversionName =
  | 'f64x2.from_i32x4_low_s'
  | 'f64x2.from_i32x4_low_u'
  | 'f64x2.promote_low'
  | 'f32x4.demote_zero'
  | 'f32x4.from_i32x4_s'
  | 'f32x4.from_i32x4_u'
  | 'i32x4.trunc_sat_f64x2_s_zero'
  | 'i32x4.trunc_sat_f64x2_u_zero'
  | 'i32x4.trunc_sat_f32x4_s'
  | 'i32x4.trunc_sat_f32x4_u'
  | `i64x2.extend_${'low' | 'high'}_i32x4_${'s' | 'u'}`
  | `i32x4.extend_${'low' | 'high'}_i16x8_${'s' | 'u'}`
  | `i16x8.extend_${'low' | 'high'}_i8x16_${'s' | 'u'}`
  | `i16x8.narrow_i32x4_${'s' | 'u'}`
  | `i8x16.narrow_i16x8_${'s' | 'u'}`
  | 'i32x4.dot_i16x8_s'

export type VectorOpName =
  | `${FloatVector}.${FloatName}`
  | `${IntegerVector}.${CommonIntName}`
  | `${IntegerVector}.${OrderName}`
  | `${Exclude<IntegerVector, 'i64x2'>}.${UnsignedName}`
  | `${'i64x2' | 'i32x4' | 'i16x8'}.mul`
  | `${IntegerVector}.abs`
  | `${'i16x8' | 'i8x16'}.${SaturatingName}`
  | ConversionName

function floatOps(type: FloatVector): Table {
  const round = type === 'f32x4' ? Math.fround : (x: number): number => x
  const mask = MASK_OF[type]
  const yes: Lane = type === 'f32x4' ? -1 : -1n
  const no: Lane = type === 'f32x4' ? 0 : 0n
  const one =
    (f: (x: number) => number): VectorOpInfo['eval'] =>
    (a: Lanes) =>
      map(a, x => round(f(Number(x))))
  const two =
    (f: (x: number, y: number) => number): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => round(f(Number(x), Number(y))))
  const three =
    (f: (x: number, y: number, z: number) => number): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes, c: Lanes) =>
      map(a, (x, i) => round(f(Number(x), Number(b[i]), Number(c[i]))))
  const test =
    (f: (x: number, y: number) => boolean): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => (f(Number(x), Number(y)) ? yes : no))
  const unary = (name: string, f: (x: number) => number): [string, VectorOpInfo] => [
    `${type}.${name}`,
    { params: [type], result: type, eval: one(f), wasm: `${type}.${name}` },
  ]
  const binary = (name: string, f: (x: number, y: number) => number, extra = {}): [string, VectorOpInfo] => [
    `${type}.${name}`,
    { params: same(type, 2), result: type, eval: two(f), wasm: `${type}.${name}`, ...extra },
  ]
  /** Of relaxed SIMD, where the product may be rounded or not; here it is. */
  const relaxed = (name: string, f: (x: number, y: number, z: number) => number): [string, VectorOpInfo] => [
    `${type}.${name}`,
    { params: same(type, 3), result: type, eval: three(f), wasm: `${type}.relaxed_${name}` },
  ]
  const compare = (name: string, f: (x: number, y: number) => boolean, extra = {}): [string, VectorOpInfo] => [
    `${type}.${name}`,
    { params: same(type, 2), result: mask, eval: test(f), wasm: `${type}.${name}`, ...extra },
  ]
  return Object.fromEntries([
    binary('add', (x, y) => x + y, C),
    binary('sub', (x, y) => x - y),
    binary('mul', (x, y) => x * y, C),
    binary('div', (x, y) => x / y),
    binary('min', Math.min, C),
    binary('max', Math.max, C),
    binary('pmin', (x, y) => (y < x ? y : x)),
    binary('pmax', (x, y) => (x < y ? y : x)),
    relaxed('madd', (x, y, z) => round(x * y) + z),
    relaxed('nmadd', (x, y, z) => z - round(x * y)),
    unary('neg', x => -x),
    unary('abs', Math.abs),
    unary('sqrt', Math.sqrt),
    unary('ceil', Math.ceil),
    unary('floor', Math.floor),
    unary('trunc', Math.trunc),
    unary('nearest', nearestEven),
    compare('eq', (x, y) => x === y, C),
    compare('ne', (x, y) => x !== y, C),
    compare('lt', (x, y) => x < y),
    compare('le', (x, y) => x <= y),
    compare('gt', (x, y) => x > y),
    compare('ge', (x, y) => x >= y),
    selectOp(type),
    splatOp(type),
  ])
}

/** select(mask, a, b): the bits of a where the mask's are set, else b's. Masks are whole lanes. */
function selectOp(type: VectorType): [string, VectorOpInfo] {
  const choose = (mask: Lanes, a: Lanes, b: Lanes): Lanes => mask.map((bit, i) => (Number(bit) !== 0 ? a[i]! : b[i]!))
  return [`${type}.select`, { params: [MASK_OF[type], type, type], result: type, eval: choose, wasm: null }]
}

function splatOp(type: VectorType): [string, VectorOpInfo] {
  const fill = (value: Lane): Lanes =>
    Array.from({ length: LANES[type] }, () => (type.startsWith('f') ? value : wrap(type as IntegerVector, big(value))))
  return [`${type}.splat`, { params: [LANE_SCALAR[type]], result: type, eval: fill, wasm: `${type}.splat` }]
}

function nearestEven(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x
  const floor = Math.floor(x)
  const rest = x - floor
  const whole = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1
  return whole === 0 && (x < 0 || Object.is(x, -0)) ? -0 : whole
}

function integerOps(type: IntegerVector): Table {
  const bits = BigInt(vectorWidth(type))
  const truth = (value: boolean): Lane => wrap(type, value ? -1n : 0n)
  const two =
    (f: (x: bigint, y: bigint) => bigint): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => wrap(type, f(big(x), big(y))))
  const twoUnsigned =
    (f: (x: bigint, y: bigint) => bigint): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => wrap(type, f(unsigned(type, x), unsigned(type, y))))
  const test =
    (f: (x: bigint, y: bigint) => boolean): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => truth(f(big(x), big(y))))
  const testUnsigned =
    (f: (x: bigint, y: bigint) => boolean): VectorOpInfo['eval'] =>
    (a: Lanes, b: Lanes) =>
      zip(a, b, (x, y) => truth(f(unsigned(type, x), unsigned(type, y))))
  const op = (
    name: string,
    evaluate: VectorOpInfo['eval'],
    extra: Partial<VectorOpInfo> = {},
  ): [string, VectorOpInfo] => [
    `${type}.${name}`,
    { params: same(type, 2), result: type, eval: evaluate, wasm: `${type}.${name}`, ...extra },
  ]
  const shift = (name: string, f: (x: Lane, count: bigint) => bigint): [string, VectorOpInfo] =>
    op(name, (a: Lanes, count: number) => map(a, x => wrap(type, f(x, BigInt(count) & (bits - 1n)))), {
      params: [type, 'i32'],
    })
  const whole = (name: string, f: (a: Lanes) => number): [string, VectorOpInfo] =>
    op(name, f, { params: [type], result: 'i32', wasm: name === 'any_true' ? 'v128.any_true' : `${type}.${name}` })
  const max = (x: bigint, y: bigint): bigint => (x > y ? x : y)
  const min = (x: bigint, y: bigint): bigint => (x < y ? x : y)
  const entries: [string, VectorOpInfo][] = [
    op(
      'add',
      two((x, y) => x + y),
      C,
    ),
    op(
      'sub',
      two((x, y) => x - y),
    ),
    op('neg', (a: Lanes) => map(a, x => wrap(type, -big(x))), { params: [type] }),
    op('abs', (a: Lanes) => map(a, x => wrap(type, big(x) < 0n ? -big(x) : big(x))), { params: [type] }),
    op(
      'eq',
      test((x, y) => x === y),
      C,
    ),
    op(
      'ne',
      test((x, y) => x !== y),
      C,
    ),
    op(
      'lt_s',
      test((x, y) => x < y),
    ),
    op(
      'le_s',
      test((x, y) => x <= y),
    ),
    op(
      'gt_s',
      test((x, y) => x > y),
    ),
    op(
      'ge_s',
      test((x, y) => x >= y),
    ),
    op(
      'and',
      two((x, y) => x & y),
      { wasm: 'v128.and', ...C },
    ),
    op(
      'or',
      two((x, y) => x | y),
      { wasm: 'v128.or', ...C },
    ),
    op(
      'xor',
      two((x, y) => x ^ y),
      { wasm: 'v128.xor', ...C },
    ),
    op(
      'andnot',
      two((x, y) => x & ~y),
      { wasm: 'v128.andnot' },
    ),
    op('not', (a: Lanes) => map(a, x => wrap(type, ~big(x))), { params: [type], wasm: 'v128.not' }),
    shift('shl', (x, count) => big(x) << count),
    shift('shr_s', (x, count) => big(x) >> count),
    shift('shr_u', (x, count) => unsigned(type, x) >> count),
    whole('any_true', a => (a.some(x => Number(x) !== 0) ? 1 : 0)),
    whole('all_true', a => (a.every(x => Number(x) !== 0) ? 1 : 0)),
    whole('bitmask', a => a.reduce((sum: number, x, i) => sum | (Number(x) < 0 ? 1 << i : 0), 0)),
    selectOp(type),
    splatOp(type),
  ]
  if (type !== 'i8x16')
    entries.push(
      op(
        'mul',
        two((x, y) => x * y),
        C,
      ),
    )
  if (type !== 'i64x2') {
    entries.push(
      op(
        'lt_u',
        testUnsigned((x, y) => x < y),
      ),
      op(
        'le_u',
        testUnsigned((x, y) => x <= y),
      ),
      op(
        'gt_u',
        testUnsigned((x, y) => x > y),
      ),
      op(
        'ge_u',
        testUnsigned((x, y) => x >= y),
      ),
      op('min_s', two(min), C),
      op('max_s', two(max), C),
      op('min_u', twoUnsigned(min), C),
      op('max_u', twoUnsigned(max), C),
    )
  }
  if (type === 'i16x8' || type === 'i8x16') entries.push(...saturating(type))
  return Object.fromEntries(entries)
}

function saturating(type: 'i16x8' | 'i8x16'): [string, VectorOpInfo][] {
  const bits = BigInt(vectorWidth(type))
  const clampTo =
    (low: bigint, high: bigint) =>
    (x: bigint): bigint =>
      x < low ? low : x > high ? high : x
  const signed = clampTo(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n)
  const positive = clampTo(0n, (1n << bits) - 1n)
  const op = (name: string, f: (x: Lane, y: Lane) => bigint, extra = {}): [string, VectorOpInfo] => [
    `${type}.${name}`,
    {
      params: same(type, 2),
      result: type,
      eval: (a: Lanes, b: Lanes) => zip(a, b, (x, y) => wrap(type, f(x, y))),
      wasm: `${type}.${name}`.replace(/(add|sub)_sat/, '$1_saturate'),
      ...extra,
    },
  ]
  const u = (lane: Lane): bigint => unsigned(type, lane)
  return [
    op('add_sat_s', (x, y) => signed(big(x) + big(y)), C),
    op('add_sat_u', (x, y) => positive(u(x) + u(y)), C),
    op('sub_sat_s', (x, y) => signed(big(x) - big(y))),
    op('sub_sat_u', (x, y) => positive(u(x) - u(y))),
    op('avgr_u', (x, y) => (u(x) + u(y) + 1n) >> 1n, C),
  ]
}

export const VECTOR_OPS = {
  ...floatOps('f64x2'),
  ...floatOps('f32x4'),
  ...integerOps('i64x2'),
  ...integerOps('i32x4'),
  ...integerOps('i16x8'),
  ...integerOps('i8x16'),
  ...conversions(),
} as Readonly<Record<VectorOpName, VectorOpInfo>>
