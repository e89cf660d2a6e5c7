import { BOX, type Scalar } from './types.ts'

/**
 * THE op table: what every pure operator takes and gives, what it means, and which Wasm instruction it is. Folding,
 * the interpreter, the printer, the verifier and the emitter all read this table, so they cannot drift apart.
 *
 * Values in `eval`: i32 a signed integer number, i64 a signed bigint, f32 a number that fround keeps, f64 a number,
 * box the 64 bits as an unsigned bigint. Comparisons give i32 0 or 1.
 *
 * `wasm` names the instruction in binaryen's spelling; null means that the emitter expands it (compiler/target/emit.ts).
 */
export type Value = number | bigint

export interface OpInfo {
  readonly params: readonly Scalar[]
  readonly result: Scalar
  readonly eval: (...args: never[]) => Value
  readonly wasm: string | null
  readonly commutative?: true
  /** The emitted instruction traps for some operands; see the law of floats in ir.ts. */
  readonly partial?: true
}

type N = number
type B = bigint
const bool = (value: boolean): N => (value ? 1 : 0)
const s64 = (value: B): B => BigInt.asIntN(64, value)
const u64 = (value: B): B => BigInt.asUintN(64, value)

const scratch = new DataView(new ArrayBuffer(8))
export function bitsOfF64(value: number): bigint {
  scratch.setFloat64(0, value)
  return scratch.getBigUint64(0)
}
export function f64OfBits(bits: bigint): number {
  scratch.setBigUint64(0, u64(bits))
  return scratch.getFloat64(0)
}
function saturate(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return 0
  return Math.trunc(Math.min(Math.max(value, low), high)) + 0
}

/** Round to nearest, ties to even (Wasm's nearest). JS has no such function. */
function nearestEven(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value
  const floor = Math.floor(value)
  const rest = value - floor
  const result = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1
  return result === 0 && (value < 0 || Object.is(value, -0)) ? -0 : result
}

/** Exact: fits a double without rounding, so that a box of a number can be told from the other primitives. */
function boxNumber(value: number): bigint {
  return Number.isNaN(value) ? BOX.canonicalNaN : bitsOfF64(value)
}
function boxToNumber(bits: bigint): number {
  if (bits === BOX.null || bits === BOX.false) return 0
  return bits === BOX.true ? 1 : f64OfBits(bits)
}
const isSpecial = (bits: bigint): boolean =>
  bits === BOX.undefined || bits === BOX.null || bits === BOX.false || bits === BOX.true
function boxTruthy(bits: bigint): boolean {
  if (isSpecial(bits)) return bits === BOX.true
  const value = f64OfBits(bits)
  return value !== 0 && !Number.isNaN(value)
}
function boxStrictEqual(a: bigint, b: bigint): boolean {
  return isSpecial(a) || isSpecial(b) ? a === b : f64OfBits(a) === f64OfBits(b)
}
/** ==: undefined equals null; booleans become numbers; everything else as strict. */
function boxLooseEqual(a: bigint, b: bigint): boolean {
  const nullish = (bits: bigint): boolean => bits === BOX.undefined || bits === BOX.null
  if (nullish(a) || nullish(b)) return nullish(a) && nullish(b)
  return boxToNumber(a) === boxToNumber(b)
}

const i32x2 = ['i32', 'i32'] as const
const i64x2 = ['i64', 'i64'] as const
const f64x2 = ['f64', 'f64'] as const
const f32x2 = ['f32', 'f32'] as const

const C = { commutative: true } as const
const P = { partial: true } as const

export const OPS = {
  // i32
  'i32.add': { params: i32x2, result: 'i32', eval: (a: N, b: N) => (a + b) | 0, wasm: 'i32.add', ...C },
  'i32.sub': { params: i32x2, result: 'i32', eval: (a: N, b: N) => (a - b) | 0, wasm: 'i32.sub' },
  'i32.mul': { params: i32x2, result: 'i32', eval: (a: N, b: N) => Math.imul(a, b), wasm: 'i32.mul', ...C },
  'i32.div_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => (a / b) | 0, wasm: 'i32.div_s', ...P },
  'i32.div_u': {
    params: i32x2,
    result: 'i32',
    eval: (a: N, b: N) => Math.floor((a >>> 0) / (b >>> 0)) | 0,
    wasm: 'i32.div_u',
    ...P,
  },
  'i32.rem_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => (a % b) | 0, wasm: 'i32.rem_s', ...P },
  'i32.rem_u': {
    params: i32x2,
    result: 'i32',
    eval: (a: N, b: N) => ((a >>> 0) % (b >>> 0)) | 0,
    wasm: 'i32.rem_u',
    ...P,
  },
  'i32.and': { params: i32x2, result: 'i32', eval: (a: N, b: N) => a & b, wasm: 'i32.and', ...C },
  'i32.or': { params: i32x2, result: 'i32', eval: (a: N, b: N) => a | b, wasm: 'i32.or', ...C },
  'i32.xor': { params: i32x2, result: 'i32', eval: (a: N, b: N) => a ^ b, wasm: 'i32.xor', ...C },
  'i32.shl': { params: i32x2, result: 'i32', eval: (a: N, b: N) => a << b, wasm: 'i32.shl' },
  'i32.shr_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => a >> b, wasm: 'i32.shr_s' },
  'i32.shr_u': { params: i32x2, result: 'i32', eval: (a: N, b: N) => (a >>> b) | 0, wasm: 'i32.shr_u' },
  'i32.eqz': { params: ['i32'], result: 'i32', eval: (a: N) => bool(a === 0), wasm: 'i32.eqz' },
  'i32.eq': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a === b), wasm: 'i32.eq', ...C },
  'i32.ne': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a !== b), wasm: 'i32.ne', ...C },
  'i32.lt_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a < b), wasm: 'i32.lt_s' },
  'i32.lt_u': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a >>> 0 < b >>> 0), wasm: 'i32.lt_u' },
  'i32.le_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a <= b), wasm: 'i32.le_s' },
  'i32.le_u': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a >>> 0 <= b >>> 0), wasm: 'i32.le_u' },
  'i32.gt_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a > b), wasm: 'i32.gt_s' },
  'i32.gt_u': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a >>> 0 > b >>> 0), wasm: 'i32.gt_u' },
  'i32.ge_s': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a >= b), wasm: 'i32.ge_s' },
  'i32.ge_u': { params: i32x2, result: 'i32', eval: (a: N, b: N) => bool(a >>> 0 >= b >>> 0), wasm: 'i32.ge_u' },
  'i32.clz': { params: ['i32'], result: 'i32', eval: (a: N) => Math.clz32(a), wasm: 'i32.clz' },
  'i32.select': {
    params: ['i32', 'i32', 'i32'],
    result: 'i32',
    eval: (c: N, a: N, b: N) => (c !== 0 ? a : b),
    wasm: null,
  },

  // i64: exact integers beyond 32 bits
  'i64.add': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a + b), wasm: 'i64.add', ...C },
  'i64.sub': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a - b), wasm: 'i64.sub' },
  'i64.mul': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a * b), wasm: 'i64.mul', ...C },
  'i64.div_s': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a / b), wasm: 'i64.div_s', ...P },
  'i64.rem_s': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a % b), wasm: 'i64.rem_s', ...P },
  'i64.and': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a & b), wasm: 'i64.and', ...C },
  'i64.or': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a | b), wasm: 'i64.or', ...C },
  'i64.xor': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a ^ b), wasm: 'i64.xor', ...C },
  'i64.shl': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a << (b & 63n)), wasm: 'i64.shl' },
  'i64.shr_s': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(a >> (b & 63n)), wasm: 'i64.shr_s' },
  'i64.shr_u': { params: i64x2, result: 'i64', eval: (a: B, b: B) => s64(u64(a) >> (b & 63n)), wasm: 'i64.shr_u' },
  'i64.eqz': { params: ['i64'], result: 'i32', eval: (a: B) => bool(a === 0n), wasm: 'i64.eqz' },
  'i64.eq': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a === b), wasm: 'i64.eq', ...C },
  'i64.ne': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a !== b), wasm: 'i64.ne', ...C },
  'i64.lt_s': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a < b), wasm: 'i64.lt_s' },
  'i64.lt_u': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(u64(a) < u64(b)), wasm: 'i64.lt_u' },
  'i64.le_s': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a <= b), wasm: 'i64.le_s' },
  'i64.gt_s': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a > b), wasm: 'i64.gt_s' },
  'i64.ge_s': { params: i64x2, result: 'i32', eval: (a: B, b: B) => bool(a >= b), wasm: 'i64.ge_s' },
  'i64.select': {
    params: ['i32', 'i64', 'i64'],
    result: 'i64',
    eval: (c: N, a: B, b: B) => (c !== 0 ? a : b),
    wasm: null,
  },

  // f64
  'f64.add': { params: f64x2, result: 'f64', eval: (a: N, b: N) => a + b, wasm: 'f64.add', ...C },
  'f64.sub': { params: f64x2, result: 'f64', eval: (a: N, b: N) => a - b, wasm: 'f64.sub' },
  'f64.mul': { params: f64x2, result: 'f64', eval: (a: N, b: N) => a * b, wasm: 'f64.mul', ...C },
  'f64.div': { params: f64x2, result: 'f64', eval: (a: N, b: N) => a / b, wasm: 'f64.div' },
  /** JS `%`: C's fmod, exact. Linked from kernels/. */
  'f64.rem': { params: f64x2, result: 'f64', eval: (a: N, b: N) => a % b, wasm: null },
  'f64.neg': { params: ['f64'], result: 'f64', eval: (a: N) => -a, wasm: 'f64.neg' },
  'f64.abs': { params: ['f64'], result: 'f64', eval: (a: N) => Math.abs(a), wasm: 'f64.abs' },
  'f64.sqrt': { params: ['f64'], result: 'f64', eval: (a: N) => Math.sqrt(a), wasm: 'f64.sqrt' },
  'f64.ceil': { params: ['f64'], result: 'f64', eval: (a: N) => Math.ceil(a), wasm: 'f64.ceil' },
  'f64.floor': { params: ['f64'], result: 'f64', eval: (a: N) => Math.floor(a), wasm: 'f64.floor' },
  'f64.trunc': { params: ['f64'], result: 'f64', eval: (a: N) => Math.trunc(a), wasm: 'f64.trunc' },
  'f64.nearest': { params: ['f64'], result: 'f64', eval: nearestEven, wasm: 'f64.nearest' },
  'f64.min': { params: f64x2, result: 'f64', eval: (a: N, b: N) => Math.min(a, b), wasm: 'f64.min', ...C },
  'f64.max': { params: f64x2, result: 'f64', eval: (a: N, b: N) => Math.max(a, b), wasm: 'f64.max', ...C },
  'f64.copysign': {
    params: f64x2,
    result: 'f64',
    eval: (a: N, b: N) => (Math.sign(b) < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
    wasm: 'f64.copysign',
  },
  /** Math.round: the integer nearest to a, halves towards +infinity, the sign of zero kept. */
  'f64.round': { params: ['f64'], result: 'f64', eval: (a: N) => Math.round(a), wasm: null },
  'f64.sign': { params: ['f64'], result: 'f64', eval: (a: N) => Math.sign(a), wasm: null },
  'f64.eq': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a === b), wasm: 'f64.eq', ...C },
  'f64.ne': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a !== b), wasm: 'f64.ne', ...C },
  'f64.lt': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a < b), wasm: 'f64.lt' },
  'f64.le': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a <= b), wasm: 'f64.le' },
  'f64.gt': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a > b), wasm: 'f64.gt' },
  'f64.ge': { params: f64x2, result: 'i32', eval: (a: N, b: N) => bool(a >= b), wasm: 'f64.ge' },
  'f64.select': {
    params: ['i32', 'f64', 'f64'],
    result: 'f64',
    eval: (c: N, a: N, b: N) => (c !== 0 ? a : b),
    wasm: null,
  },

  // f32: only where a single rounding is proven equal, or by Math.fround
  'f32.add': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.fround(a + b), wasm: 'f32.add', ...C },
  'f32.sub': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.fround(a - b), wasm: 'f32.sub' },
  'f32.mul': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.fround(a * b), wasm: 'f32.mul', ...C },
  'f32.div': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.fround(a / b), wasm: 'f32.div' },
  'f32.neg': { params: ['f32'], result: 'f32', eval: (a: N) => -a, wasm: 'f32.neg' },
  'f32.abs': { params: ['f32'], result: 'f32', eval: (a: N) => Math.abs(a), wasm: 'f32.abs' },
  'f32.sqrt': { params: ['f32'], result: 'f32', eval: (a: N) => Math.fround(Math.sqrt(a)), wasm: 'f32.sqrt' },
  'f32.ceil': { params: ['f32'], result: 'f32', eval: (a: N) => Math.ceil(a), wasm: 'f32.ceil' },
  'f32.floor': { params: ['f32'], result: 'f32', eval: (a: N) => Math.floor(a), wasm: 'f32.floor' },
  'f32.trunc': { params: ['f32'], result: 'f32', eval: (a: N) => Math.trunc(a), wasm: 'f32.trunc' },
  'f32.min': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.min(a, b), wasm: 'f32.min', ...C },
  'f32.max': { params: f32x2, result: 'f32', eval: (a: N, b: N) => Math.max(a, b), wasm: 'f32.max', ...C },
  'f32.eq': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a === b), wasm: 'f32.eq', ...C },
  'f32.ne': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a !== b), wasm: 'f32.ne', ...C },
  'f32.lt': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a < b), wasm: 'f32.lt' },
  'f32.le': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a <= b), wasm: 'f32.le' },
  'f32.gt': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a > b), wasm: 'f32.gt' },
  'f32.ge': { params: f32x2, result: 'i32', eval: (a: N, b: N) => bool(a >= b), wasm: 'f32.ge' },
  'f32.select': {
    params: ['i32', 'f32', 'f32'],
    result: 'f32',
    eval: (c: N, a: N, b: N) => (c !== 0 ? a : b),
    wasm: null,
  },

  // conversions
  'f64.from_i32_s': { params: ['i32'], result: 'f64', eval: (a: N) => a, wasm: 'f64.convert_s.i32' },
  'f64.from_i32_u': { params: ['i32'], result: 'f64', eval: (a: N) => a >>> 0, wasm: 'f64.convert_u.i32' },
  'f64.from_i64_s': { params: ['i64'], result: 'f64', eval: (a: B) => Number(a), wasm: 'f64.convert_s.i64' },
  'f64.from_f32': { params: ['f32'], result: 'f64', eval: (a: N) => a, wasm: 'f64.promote' },
  'f32.from_f64': { params: ['f64'], result: 'f32', eval: (a: N) => Math.fround(a), wasm: 'f32.demote' },
  /** JS ToInt32: modulo 2^32, NaN and infinities give 0. */
  'i32.from_f64_js': { params: ['f64'], result: 'i32', eval: (a: N) => a | 0, wasm: null },
  'i32.trunc_sat_s': {
    params: ['f64'],
    result: 'i32',
    eval: (a: N) => saturate(a, -(2 ** 31), 2 ** 31 - 1),
    wasm: 'i32.trunc_s_sat.f64',
  },
  'i32.trunc_sat_u': {
    params: ['f64'],
    result: 'i32',
    eval: (a: N) => saturate(a, 0, 2 ** 32 - 1) | 0,
    wasm: 'i32.trunc_u_sat.f64',
  },
  /**
   * The array index that a number is, or -1 where it is none (a fraction, negative, 2^31 or more, NaN): so that one
   * unsigned comparison with the length decides. -0 is index 0.
   */
  'i32.index_f64': {
    params: ['f64'],
    result: 'i32',
    eval: (a: N) => (a >= 0 && a < 2 ** 31 && Number.isInteger(a) ? a + 0 : -1),
    wasm: null,
  },
  'i32.index_i64': {
    params: ['i64'],
    result: 'i32',
    eval: (a: B) => (a >= 0n && a < 2n ** 31n ? Number(a) : -1),
    wasm: null,
  },
  'i64.trunc_sat_s': { params: ['f64'], result: 'i64', eval: truncToI64, wasm: 'i64.trunc_s_sat.f64' },
  'i64.from_i32_s': { params: ['i32'], result: 'i64', eval: (a: N) => BigInt(a), wasm: 'i64.extend_s' },
  'i64.from_i32_u': { params: ['i32'], result: 'i64', eval: (a: N) => BigInt(a >>> 0), wasm: 'i64.extend_u' },
  'i32.wrap_i64': { params: ['i64'], result: 'i32', eval: (a: B) => Number(BigInt.asIntN(32, a)), wasm: 'i32.wrap' },
  /** The value that a Uint8ClampedArray stores for this number: NaN 0, clamped, ties to even. */
  'i32.clamp_u8': { params: ['f64'], result: 'i32', eval: (a: N) => nearestEven(saturateFloat(a, 0, 255)), wasm: null },
  'i32.extend8_s': { params: ['i32'], result: 'i32', eval: (a: N) => (a << 24) >> 24, wasm: 'i32.extend8_s' },
  'i32.extend16_s': { params: ['i32'], result: 'i32', eval: (a: N) => (a << 16) >> 16, wasm: 'i32.extend16_s' },
  'i64.bits_f64': { params: ['f64'], result: 'i64', eval: (a: N) => s64(bitsOfF64(a)), wasm: 'i64.reinterpret' },

  // boxes
  'box.from_f64': { params: ['f64'], result: 'box', eval: boxNumber, wasm: null },
  'box.from_bool': { params: ['i32'], result: 'box', eval: (a: N) => (a !== 0 ? BOX.true : BOX.false), wasm: null },
  'box.select': {
    params: ['i32', 'box', 'box'],
    result: 'box',
    eval: (c: N, a: B, b: B) => (c !== 0 ? a : b),
    wasm: null,
  },
  /** ToNumber of any box. */
  'f64.from_box': { params: ['box'], result: 'f64', eval: boxToNumber, wasm: null },
  /** ToNumber of a box that is a number or undefined: its bits as they are. */
  'f64.from_box_num': { params: ['box'], result: 'f64', eval: f64OfBits, wasm: 'f64.reinterpret' },
  'i32.box_truthy': { params: ['box'], result: 'i32', eval: (a: B) => bool(boxTruthy(a)), wasm: null },
  'i32.box_is_undefined': { params: ['box'], result: 'i32', eval: (a: B) => bool(a === BOX.undefined), wasm: null },
  'i32.box_is_null': { params: ['box'], result: 'i32', eval: (a: B) => bool(a === BOX.null), wasm: null },
  'i32.box_is_nullish': {
    params: ['box'],
    result: 'i32',
    eval: (a: B) => bool(a === BOX.undefined || a === BOX.null),
    wasm: null,
  },
  'i32.box_is_bool': {
    params: ['box'],
    result: 'i32',
    eval: (a: B) => bool(a === BOX.true || a === BOX.false),
    wasm: null,
  },
  'i32.box_is_number': { params: ['box'], result: 'i32', eval: (a: B) => bool(!isSpecial(a)), wasm: null },
  'i32.box_strict_eq': {
    params: ['box', 'box'],
    result: 'i32',
    eval: (a: B, b: B) => bool(boxStrictEqual(a, b)),
    wasm: null,
    ...C,
  },
  'i32.box_loose_eq': {
    params: ['box', 'box'],
    result: 'i32',
    eval: (a: B, b: B) => bool(boxLooseEqual(a, b)),
    wasm: null,
    ...C,
  },
} as const satisfies Record<string, OpInfo>

export type OpName = keyof typeof OPS

export const opInfo = (op: OpName): OpInfo => OPS[op]

function saturateFloat(value: number, low: number, high: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(value, low), high)
}

function truncToI64(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return 2n ** 63n - 1n
  if (value <= -(2 ** 63)) return -(2n ** 63n)
  return BigInt(Math.trunc(value))
}

/**
 * Pure host functions, imported so that the bits agree with the running engine. name → number of parameters
 * (hypot, min and max of other arities are lowered to the binary form where that is exact, else imported per arity
 * as `Math.hypot/3`).
 */
export const HOST_FUNCTIONS: Readonly<Record<string, number>> = {
  'Math.sin': 1,
  'Math.cos': 1,
  'Math.tan': 1,
  'Math.asin': 1,
  'Math.acos': 1,
  'Math.atan': 1,
  'Math.atan2': 2,
  'Math.sinh': 1,
  'Math.cosh': 1,
  'Math.tanh': 1,
  'Math.asinh': 1,
  'Math.acosh': 1,
  'Math.atanh': 1,
  'Math.exp': 1,
  'Math.expm1': 1,
  'Math.log': 1,
  'Math.log1p': 1,
  'Math.log2': 1,
  'Math.log10': 1,
  'Math.pow': 2,
  'Math.cbrt': 1,
  'Math.hypot/0': 0,
  'Math.hypot/1': 1,
  'Math.hypot/2': 2,
  'Math.hypot/3': 3,
  'Math.hypot/4': 4,
}

/** Host functions with an effect or without a fixed answer: `hostcall` statements only. */
export const IMPURE_HOST_FUNCTIONS: Readonly<Record<string, number>> = { 'Math.random': 0 }
