import { invariant } from '../../base/invariant.ts'
import { type OpName, opInfo } from '../ir/ops.ts'
import { BOX } from '../ir/types.ts'
import type { Assembler, ExprRef, WasmType } from './emit.ts'
import type { Frame } from './frame.ts'
import { kernelFunction } from './link.ts'
import { supportFunction } from './support.ts'

/** Instructions of one operator whose operands are emitted already: those that the op table names, or an expansion. */
export function emitOperator(frame: Frame, op: OpName, args: readonly ExprRef[]): ExprRef {
  const { wasm } = opInfo(op)
  if (wasm !== null) return instruction(frame.unit.out, wasm)(...args)
  const expand = EXPANSIONS[op]
  invariant(expand, `operator ${op} has neither an instruction nor an expansion`)
  return expand(frame, args)
}

/** `f64.convert_s.i32` → `out.f64.convert_s.i32`. */
function instruction(out: Assembler, path: string): (...args: readonly ExprRef[]) => ExprRef {
  let found: unknown = out
  for (const step of path.split('.')) found = (found as Readonly<Record<string, unknown>>)[step]
  invariant(typeof found === 'function', `binaryen has no instruction ${path}`)
  return found as (...args: readonly ExprRef[]) => ExprRef
}

type Expansion = (frame: Frame, args: readonly ExprRef[]) => ExprRef

/** An operand that is used more than once: `first` is evaluated before `again`. A select evaluates its test last. */
interface Shared {
  readonly first: ExprRef
  again(): ExprRef
}

function share(frame: Frame, value: ExprRef, type: WasmType): Shared {
  const { out } = frame.unit
  const local = frame.locals.temp(type)
  return { first: out.local.tee(local, value, type), again: () => out.local.get(local, type) }
}

const shareI32 = (frame: Frame, value: ExprRef): Shared => share(frame, value, frame.unit.wasm.i32)
const shareI64 = (frame: Frame, value: ExprRef): Shared => share(frame, value, frame.unit.wasm.i64)
const shareF64 = (frame: Frame, value: ExprRef): Shared => share(frame, value, frame.unit.wasm.f64)

const select: Expansion = ({ unit: { out } }, [test, then, otherwise]) => out.select(test!, then!, otherwise!)

/**
 * ToInt32. Truncating to 64 bits and dropping the upper half is right below 2^63 (fractions, and the unsigned and
 * multiplied values of hashes, included); beyond that no program is in a hurry.
 */
function toInt32(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out, wasm } = frame.unit
  const x = shareF64(frame, value!)
  const isSmall = out.f64.lt(out.f64.abs(x.first), out.f64.const(2 ** 63))
  const slow = out.call(supportFunction(frame.unit, 'toint32'), [x.again()], wasm.i32)
  return out.if(isSmall, out.i32.wrap(out.i64.trunc_s.f64(x.again())), slow)
}

/**
 * `low` is x where x is a whole number of [0, 2^31), which `isWhole` tells; evaluate `isWhole` first. Adding 2^52
 * leaves such a number in the low bits of the mantissa; converting those back and comparing tells whether it was one
 * (the trick of Hacker's Delight, 2nd ed., 17-1). Branch-free, and half the time of a saturating truncation, for which x64
 * has no instruction. A negative x can only meet itself at zero, since its low bits are those of 2 · x.
 */
function wholePart(frame: Frame, value: ExprRef): { isWhole: ExprRef; low: () => ExprRef } {
  const { out } = frame.unit
  const x = shareF64(frame, value)
  const low = shareI32(frame, out.i32.wrap(out.i64.reinterpret(out.f64.add(x.first, out.f64.const(2 ** 52)))))
  return { isWhole: out.f64.eq(out.f64.convert_s.i32(low.first), x.again()), low: low.again }
}

/** Index of a number, or -1. */
function indexOfF64(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out, wasm } = frame.unit
  const { isWhole, low } = wholePart(frame, value!)
  const test = frame.locals.temp(wasm.i32)
  return out.block(
    null,
    [out.local.set(test, isWhole), out.select(out.local.get(test, wasm.i32), low(), out.i32.const(-1))],
    wasm.i32,
  )
}

function indexOfI64(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const x = shareI64(frame, value!)
  return out.select(out.i64.lt_u(x.again(), out.i64.const(2n ** 31n)), out.i32.wrap(x.first), out.i32.const(-1))
}

/** Math.round as V8 does it: round up, then one back where that went more than half a step. Exact for all doubles. */
function round(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const x = shareF64(frame, value!)
  const up = shareF64(frame, out.f64.ceil(x.first))
  const down = out.f64.sub(up.first, out.f64.const(1))
  const wentTooFar = out.f64.gt(out.f64.sub(up.again(), out.f64.const(0.5)), x.again())
  return out.select(wentTooFar, down, up.again())
}

/** Zeros and NaN are their own sign. */
function sign(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const x = shareF64(frame, value!)
  const unit = out.f64.copysign(out.f64.const(1), x.first)
  return out.select(out.f64.gt(out.f64.abs(x.again()), out.f64.const(0)), unit, x.again())
}

/** min and max keep NaN, which the saturating truncation makes 0. */
function clampU8(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const clamped = out.f64.min(out.f64.max(value!, out.f64.const(0)), out.f64.const(255))
  return out.i32.trunc_u_sat.f64(out.f64.nearest(clamped))
}

/**
 * JavaScript's %. Whole numbers below 2^31, which is what programs divide most, take one integer division in place; the
 * rest is fmod of kernels/.
 */
function remainder(frame: Frame, [left, right]: readonly ExprRef[]): ExprRef {
  const { out, wasm } = frame.unit
  const a = shareF64(frame, left!)
  const b = shareF64(frame, right!)
  const dividend = wholePart(frame, out.f64.abs(a.first))
  const divisor = wholePart(frame, out.f64.abs(b.first))
  const isWhole = out.i32.and(
    out.i32.and(dividend.isWhole, divisor.isWhole),
    out.i32.ne(divisor.low(), out.i32.const(0)),
  )
  const quick = out.f64.convert_s.i32(out.i32.rem_u(dividend.low(), divisor.low()))
  const exact = out.call(kernelFunction(frame.unit, 'runtime', 'fmod'), [a.again(), b.again()], wasm.f64)
  return out.if(isWhole, out.f64.copysign(quick, a.again()), exact)
}

/**
 * x % 2^k is x - 2^k · trunc(x / 2^k): scaling by a power of two is exact (where it underflows, the quotient is 0
 * anyway), and so are the product and the difference. An infinite x gives NaN; a zero takes the sign of x.
 */
export function remainderOfPower(frame: Frame, left: ExprRef, power: number): ExprRef {
  const { out } = frame.unit
  const x = shareF64(frame, left)
  const quotient = out.f64.trunc(out.f64.mul(x.again(), out.f64.const(1 / power)))
  const rest = out.f64.sub(x.first, out.f64.mul(quotient, out.f64.const(power)))
  return out.f64.copysign(rest, x.again())
}

/** `bits` is one of low … high, by one unsigned comparison. */
function within(out: Assembler, bits: ExprRef, low: bigint, high: bigint): ExprRef {
  return out.i64.le_u(out.i64.sub(bits, out.i64.const(low)), out.i64.const(high - low))
}

const isBox =
  (low: bigint, high: bigint): Expansion =>
  ({ unit: { out } }, [box]) =>
    low === high ? out.i64.eq(box!, out.i64.const(low)) : within(out, box!, low, high)

function boxFromF64(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const x = shareF64(frame, value!)
  const bits = out.i64.reinterpret(x.first)
  return out.select(out.f64.eq(x.again(), x.again()), bits, out.i64.const(BOX.canonicalNaN))
}

const boxFromBool: Expansion = ({ unit: { out } }, [test]) =>
  out.select(test!, out.i64.const(BOX.true), out.i64.const(BOX.false))

/** null and false are 0, true is 1; undefined is a NaN as it stands. */
function boxToNumber(out: Assembler, box: Shared): ExprRef {
  const number = out.f64.reinterpret(box.first)
  const primitive = out.f64.convert_u.i32(out.i64.eq(box.again(), out.i64.const(BOX.true)))
  return out.select(out.i32.eqz(within(out, box.again(), BOX.null, BOX.true)), number, primitive)
}

/** The other primitives are NaN patterns, so only `true` and numbers that are neither zero nor NaN remain. */
function boxTruthy(frame: Frame, [value]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const box = shareI64(frame, value!)
  const isNonZero = out.f64.gt(out.f64.abs(out.f64.reinterpret(box.first)), out.f64.const(0))
  return out.i32.or(isNonZero, out.i64.eq(box.again(), out.i64.const(BOX.true)))
}

/** Numbers compare as floats (so that 0 is -0 and NaN differs from itself), the other primitives by their bits. */
function boxStrictEqual(frame: Frame, [left, right]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const a = shareI64(frame, left!)
  const b = shareI64(frame, right!)
  const equalNumbers = out.f64.eq(out.f64.reinterpret(a.first), out.f64.reinterpret(b.first))
  const equalBits = out.i64.eq(a.again(), b.again())
  return out.i32.or(equalNumbers, out.i32.and(equalBits, within(out, a.again(), BOX.undefined, BOX.true)))
}

/** undefined and null equal each other and nothing else; the rest compares as numbers. */
function boxLooseEqual(frame: Frame, [left, right]: readonly ExprRef[]): ExprRef {
  const { out } = frame.unit
  const a = shareI64(frame, left!)
  const b = shareI64(frame, right!)
  const isNullish = (box: ExprRef): ExprRef => within(out, box, BOX.undefined, BOX.null)
  const someNullish = out.i32.or(isNullish(a.first), isNullish(b.first))
  const bothNullish = out.i32.and(isNullish(a.again()), isNullish(b.again()))
  const number = (box: Shared): ExprRef => boxToNumber(out, { first: box.again(), again: box.again })
  return out.if(someNullish, bothNullish, out.f64.eq(number(a), number(b)))
}

const EXPANSIONS: Partial<Record<OpName, Expansion>> = {
  'i32.select': select,
  'i64.select': select,
  'f32.select': select,
  'f64.select': select,
  'box.select': select,
  'i32.from_f64_js': toInt32,
  'i32.index_f64': indexOfF64,
  'i32.index_i64': indexOfI64,
  'i32.clamp_u8': clampU8,
  'f64.round': round,
  'f64.sign': sign,
  'f64.rem': remainder,
  'box.from_f64': boxFromF64,
  'box.from_bool': boxFromBool,
  'f64.from_box': (frame, [box]) => boxToNumber(frame.unit.out, shareI64(frame, box!)),
  'i32.box_truthy': boxTruthy,
  'i32.box_is_undefined': isBox(BOX.undefined, BOX.undefined),
  'i32.box_is_null': isBox(BOX.null, BOX.null),
  'i32.box_is_nullish': isBox(BOX.undefined, BOX.null),
  'i32.box_is_bool': isBox(BOX.false, BOX.true),
  'i32.box_is_number': (frame, [box]) => frame.unit.out.i32.eqz(isBox(BOX.undefined, BOX.true)(frame, [box!])),
  'i32.box_strict_eq': boxStrictEqual,
  'i32.box_loose_eq': boxLooseEqual,
}
