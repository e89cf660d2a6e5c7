import type { Range } from '../analysis/interval.ts'
import type { Expr } from '../ir/ir.ts'
import { LANE_BITS, LANES } from '../ir/vector-types.ts'
import { type Builder, constant, hoist, inArm, uniform, type Value, zip } from './builder.ts'
import { closed } from './linear.ts'
import { vop } from './make.ts'
import { isBooleanExpr, maskOf } from './masks.ts'
import { BITS, loadValue, placeOf, rawLoad, signOf } from './memory.ts'
import { pairs, resize, select } from './widths.ts'

/**
 * Integers in lanes of 16 bits, where the range analysis shows that they fit: sums, differences, products and logic are
 * right in their low bits whatever they are made of; shifts to the right and comparisons need the whole value. Twice as
 * many lanes as i32, and bytes are widened only once. (The demanded-bits half of this is LLVM's; the ranges are those of
 * the pass `narrow`.)
 */

/** How a value of this range is read from 16 bits, or undefined where it does not fit. */
export function signIn16({ lo, hi }: Range): 's' | 'u' | undefined {
  if (lo >= -(2 ** 15) && hi < 2 ** 15) return 's'
  return lo >= 0 && hi < 2 ** 16 ? 'u' : undefined
}

/** The value in lanes of 16 bits, or undefined where it does not fit or is not computed there. */
export function narrowLanes(builder: Builder, expr: Expr): Value | undefined {
  if (!isNarrow(builder, expr)) return undefined
  const widened = signIn16(builder.rangeOf(expr)) as 's' | 'u'
  return { ...low(builder, expr), widened }
}

/** The same for a store to narrow elements, where values in i32 lanes may be packed first. */
export function packedLanes(builder: Builder, expr: Expr): Value | undefined {
  builder.packs = true
  builder.narrow.clear()
  const made = narrowLanes(builder, expr)
  builder.packs = false
  builder.narrow.clear()
  return made
}

/** Whether the value fits and is computed from narrow ones. */
export function isNarrow(builder: Builder, expr: Expr): boolean {
  if (expr.type !== 'i32' || builder.group < 8 || !builder.rest) return false
  return signIn16(builder.rangeOf(expr)) !== undefined && hasLow(builder, expr)
}

/** Whether the low 16 bits are computed from narrow values. No instructions are made here. */
function hasLow(builder: Builder, expr: Expr): boolean {
  const known = builder.narrow.get(expr)
  if (known !== undefined) return known
  const found = findLow(builder, expr)
  builder.narrow.set(expr, found)
  return found
}

const RING = /^i32\.(add|sub|mul|and|or|xor)$/
const RIGHT = /^i32\.shr_[su]$/

function findLow(builder: Builder, expr: Expr): boolean {
  if (expr.type !== 'i32') return false
  if (expr.kind === 'const' || isPlainInvariant(builder, expr)) return true
  if (expr.kind === 'get') return hasLowOfLocal(builder, expr)
  if (expr.kind === 'load') return isNarrowLoad(builder, expr)
  if (isBooleanExpr(builder, expr)) return true
  if (expr.kind === 'cond') return hasLow(builder, expr.then) && hasLow(builder, expr.else)
  if (expr.kind !== 'op') return false
  const [a, b, c] = expr.args as readonly [Expr, Expr, Expr]
  if (RING.test(expr.op)) return hasLow(builder, a) && hasLow(builder, b)
  if (expr.op === 'i32.select') return hasLow(builder, b) && hasLow(builder, c)
  if (!isCount(b)) return false
  if (expr.op === 'i32.shl') return hasLow(builder, a)
  return RIGHT.test(expr.op) && isNarrow(builder, a) && (expr.op === 'i32.shr_s' || builder.rangeOf(a).lo >= 0)
}

function hasLowOfLocal(builder: Builder, expr: Extract<Expr, { kind: 'get' }>): boolean {
  const value = builder.values.get(expr.local)
  if (!value || value.mask) return false
  return value.widened !== undefined || (builder.packs && signIn16(builder.rangeOf(expr)) !== undefined)
}

const isCount = (expr: Expr | undefined): boolean =>
  expr?.kind === 'const' && Number(expr.value) >= 0 && Number(expr.value) < 16

/** Values from before the loop that cannot trap. */
function isPlainInvariant(builder: Builder, expr: Expr): boolean {
  if (expr.kind !== 'get') return false
  return builder.loop.isInvariant(closed(expr, builder.forms)) && !builder.values.has(expr.local)
}

function isNarrowLoad(builder: Builder, expr: Extract<Expr, { kind: 'load' }>): boolean {
  if (BITS[expr.elem] > 16) return false
  const { stride } = placeOf(builder, expr.index)
  return Math.abs(stride) === 1 || stride * BITS[expr.elem] === 32
}

/** Lanes whose 16 bits are the low ones of the value. */
function low(builder: Builder, expr: Expr): Value {
  if (expr.kind === 'const') return constant(builder, 'i16x8', (Number(expr.value) << 16) >> 16)
  if (expr.kind === 'get') {
    const known = builder.values.get(expr.local)
    if (known) return known.widened ? known : packed(known, signIn16(builder.rangeOf(expr)) as 's' | 'u')
    return uniform(builder, 'i16x8', hoist(builder, vop('i16x8.splat', closed(expr, builder.forms))))
  }
  if (expr.kind === 'load') return lowOfLoad(builder, expr)
  if (isBooleanExpr(builder, expr)) return bit(builder, resize(builder, maskOf(builder, expr), 16))
  if (expr.kind === 'cond')
    return choose(builder, expr.test, [expr.then, expr.else], arm => inArm(builder, () => low(builder, arm)))
  return lowOfOp(builder, expr as Extract<Expr, { kind: 'op' }>)
}

function lowOfLoad(builder: Builder, expr: Extract<Expr, { kind: 'load' }>): Value {
  const sign = signOf(expr.elem)
  const raw = rawLoad(builder, expr)
  return raw ? resize(builder, raw, 16, sign) : packed(loadValue(builder, expr), sign)
}

/** Pairs of i32 lanes that fit 16 bits: saturation never happens. */
export function packed(value: Value, sign: 's' | 'u'): Value {
  return { type: 'i16x8', parts: pairs(value.parts, (a, b) => vop(`i16x8.narrow_i32x4_${sign}`, a, b)) }
}

const bit = (builder: Builder, mask: Value): Value =>
  zip(builder, 'i16x8', [mask, constant(builder, 'i16x8', 1)], (part, one) => vop('i16x8.and', part, one))

function choose(builder: Builder, test: Expr, arms: readonly [Expr, Expr], build: (arm: Expr) => Value): Value {
  const mask = maskOf(builder, test)
  const [yes, no] = arms.map(build) as [Value, Value]
  return select(builder, mask, yes, no)
}

function lowOfOp(builder: Builder, expr: Extract<Expr, { kind: 'op' }>): Value {
  const [a, b, c] = expr.args as readonly [Expr, Expr, Expr]
  if (expr.op === 'i32.select') return choose(builder, a, [b, c], arm => low(builder, arm))
  const name = expr.op.slice(4)
  if (RING.test(expr.op))
    return zip(builder, 'i16x8', [low(builder, a), low(builder, b)], (x, y) => vop(`i16x8.${name}`, x, y))
  if (name === 'shl') return zip(builder, 'i16x8', [low(builder, a)], part => vop('i16x8.shl', part, b))
  const whole = narrowLanes(builder, a) as Value
  return zip(builder, 'i16x8', [whole], part => vop(`i16x8.shr_${whole.widened}`, part, b))
}

/** A comparison in lanes of 16 bits, where both sides fit them in one and the same way. */
export function narrowComparison(builder: Builder, relation: string, a: Expr, b: Expr): Value | undefined {
  if (a.type !== 'i32' || !isNarrow(builder, a) || !isNarrow(builder, b)) return undefined
  const ranges = [builder.rangeOf(a), builder.rangeOf(b)]
  if (relation.endsWith('_u') && ranges.some(({ lo }) => lo < 0)) return undefined
  const signs = ranges.map(range => signIn16(range))
  const sign = signs.every(one => one === 's') ? 's' : ranges.every(({ lo }) => lo >= 0) ? 'u' : undefined
  if (!sign) return undefined
  const name = /^(eq|ne)$/.test(relation) ? relation : `${relation.slice(0, 2)}_${sign}`
  const made = zip(builder, 'i16x8', [low(builder, a), low(builder, b)], (x, y) => vop(`i16x8.${name}`, x, y))
  return { ...made, mask: true }
}

/** Lanes for memory of 8 or 16 bits, of a value whose range is known: packed where nothing saturates. */
export function packedFor(value: Value, range: Range, bits: number): Value {
  let made = value
  if (LANE_BITS[made.type] === 32 && bits <= 16) {
    const sign = signIn16(range)
    if (!sign || LANES[made.type] * made.parts.length < 8) return made
    made = packed(made, sign)
  }
  if (LANE_BITS[made.type] !== 16 || bits !== 8 || made.parts.length < 2) return made
  if (range.lo >= 0 && range.hi <= 255) return bytes(made, 'u')
  return range.lo >= -128 && range.hi <= 127 ? bytes(made, 's') : made
}

const bytes = (value: Value, sign: 's' | 'u'): Value => ({
  type: 'i8x16',
  parts: pairs(value.parts, (a, b) => vop(`i8x16.narrow_i16x8_${sign}`, a, b)),
})
