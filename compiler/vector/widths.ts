import type { Expr } from '../ir/ir.ts'
import { type IntegerVector, LANE_BITS, LANES, MASK_OF, type VectorType } from '../ir/vector-types.ts'
import { type Builder, constant, holdAll, type Value, zip } from './builder.ts'
import { cast, shuffle, vop } from './make.ts'
import { refuse } from './refusal.ts'

/** Values between lane widths: twice as many parts of twice the width, or half as many of half. */

const BY_BITS: Readonly<Record<number, IntegerVector>> = { 8: 'i8x16', 16: 'i16x8', 32: 'i32x4', 64: 'i64x2' }

/** Each part gives two: of its low and of its high lanes. */
export function widen(builder: Builder, value: Value, sign: 's' | 'u'): Value {
  const from = value.type as IntegerVector
  const to = BY_BITS[LANE_BITS[from] * 2] as IntegerVector
  const parts = holdAll(builder, value.parts).flatMap(part => [
    vop(`${to}.extend_low_${from}_${sign}`, part),
    vop(`${to}.extend_high_${from}_${sign}`, part),
  ])
  return { type: to, parts: holdAll(builder, parts) }
}

/** Two parts give one, which holds the low bits of every lane. */
export function narrow(_builder: Builder, value: Value): Value {
  const to = BY_BITS[LANE_BITS[value.type] / 2] as IntegerVector
  const even = Array.from({ length: LANES[to] }, (_, i) => 2 * i)
  return { type: to, parts: pairs(value.parts, (a, b) => shuffle(even, cast(to, a), cast(to, b))) }
}

export function pairs(parts: readonly Expr[], make: (a: Expr, b: Expr) => Expr): readonly Expr[] {
  if (parts.length % 2 === 1) refuse('a group is less than a vector of narrower lanes')
  return Array.from({ length: parts.length / 2 }, (_, i) => make(parts[2 * i] as Expr, parts[2 * i + 1] as Expr))
}

/** Integer lanes of another width: sign-extended, or their low bits. */
export function resize(builder: Builder, value: Value, bits: number, sign: 's' | 'u' = 's'): Value {
  let made = value
  while (LANE_BITS[made.type] < bits) made = widen(builder, made, sign)
  while (LANE_BITS[made.type] > bits) made = narrow(builder, made)
  return made
}

/** A mask for lanes of a type. */
export function maskFor(builder: Builder, mask: Value, type: VectorType): Value {
  const made = resize(builder, mask, LANE_BITS[type])
  return { ...made, mask: true }
}

export function select(builder: Builder, mask: Value, yes: Value, no: Value): Value {
  if (yes.mask && no.mask) return selectMask(builder, mask, yes, no)
  const type = yes.type
  return zip(builder, type, [maskFor(builder, mask, type), yes, no], (m, a, b) => vop(`${type}.select`, m, a, b))
}

/** Masks of two widths meet at the wider one. */
export function selectMask(builder: Builder, mask: Value, yes: Value, no: Value): Value {
  const bits = Math.max(...[mask, yes, no].map(({ type }) => LANE_BITS[type]))
  const [m, a, b] = [mask, yes, no].map(one => resize(builder, one, bits)) as [Value, Value, Value]
  const made = zip(builder, m.type, [m, a, b], (...parts) => vop(`${m.type}.select`, ...parts))
  return { ...made, mask: true }
}

/** A logical operation on masks, at the wider of their widths. */
export function combineMasks(builder: Builder, name: 'and' | 'or' | 'xor' | 'andnot', a: Value, b: Value): Value {
  const bits = Math.max(LANE_BITS[a.type], LANE_BITS[b.type])
  const left = resize(builder, a, bits)
  const right = resize(builder, b, bits)
  const made = zip(builder, left.type, [left, right], (x, y) => vop(`${left.type}.${name}`, x, y))
  return { ...made, mask: true }
}

export function notMask(builder: Builder, mask: Value): Value {
  const made = zip(builder, mask.type, [mask], part => vop(`${MASK_OF[mask.type]}.not`, part))
  return { ...made, mask: true }
}

/** A mask as the numbers 1 and 0 in i32 lanes, and narrow lanes as i32. */
export function numbersOf(builder: Builder, value: Value): Value {
  if (value.widened) return resize(builder, { type: value.type, parts: value.parts }, 32, value.widened)
  if (!value.mask) return value
  const wide = resize(builder, value, 32)
  const ones = constant(builder, 'i32x4', 1)
  return zip(builder, 'i32x4', [wide, ones], (part, one) => vop('i32x4.and', part, one))
}
