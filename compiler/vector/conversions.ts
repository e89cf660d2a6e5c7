import { get, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { type Builder, constant, held, hoist, holdAll, type Value, zip } from './builder.ts'
import { cast, every, extract, replace, shuffle, vop } from './make.ts'
import { narrow, pairs, widen } from './widths.ts'

/** Operators between types, and those whose vector form takes several instructions. */

type Op = Extract<Expr, { kind: 'op' }>
type Lanes = (arg: Expr) => Value
type Rule = (builder: Builder, value: Value, other: Value | undefined) => Value

const RULES: { readonly [op: string]: Rule } = {
  'f64.from_i32_s': (builder, value) => halves(builder, value, 'i32x4', 'f64x2.from_i32x4_low_s'),
  'f64.from_i32_u': (builder, value) => halves(builder, value, 'i32x4', 'f64x2.from_i32x4_low_u'),
  'f64.from_f32': (builder, value) => halves(builder, value, 'f32x4', 'f64x2.promote_low'),
  'f32.from_f64': (builder, value) => joined(builder, value, 'f32x4.demote_zero', 'f32x4'),
  'i32.trunc_sat_s': (builder, value) => joined(builder, value, 'i32x4.trunc_sat_f64x2_s_zero', 'i32x4'),
  'i32.from_f64_js': toInt32,
  'i32.trunc_sat_u': (builder, value) => joined(builder, value, 'i32x4.trunc_sat_f64x2_u_zero', 'i32x4'),
  'i64.from_i32_s': (builder, value) => widen(builder, value, 's'),
  'i64.from_i32_u': (builder, value) => widen(builder, value, 'u'),
  'i32.wrap_i64': narrow,
  'i32.extend8_s': (builder, value) => signExtended(builder, value, 24),
  'i32.extend16_s': (builder, value) => signExtended(builder, value, 16),
  'i32.clamp_u8': clampU8,
  'f64.round': rounded,
  'f64.copysign': (builder, value, other) => withSign(builder, value, other as Value),
}

export function convert(builder: Builder, expr: Op, lanes: Lanes): Value | undefined {
  const rule = RULES[expr.op]
  if (!rule) return undefined
  const [value, other] = expr.args.map(lanes)
  return rule(builder, value as Value, other)
}

/** Four lanes of 32 bits as two times two of 64. */
function halves(builder: Builder, value: Value, from: 'i32x4' | 'f32x4', name: string): Value {
  const parts = holdAll(builder, value.parts).flatMap(part => [
    vop(name, cast(from, part)),
    vop(name, shuffle([2, 3, 2, 3], part, part)),
  ])
  return { type: 'f64x2', parts: holdAll(builder, parts) }
}

/** Two results with their values in the low lanes as one vector. */
function joined(_: Builder, value: Value, name: string, type: 'f32x4' | 'i32x4'): Value {
  return { type, parts: pairs(value.parts, (a, b) => shuffle([0, 1, 4, 5], vop(name, a), vop(name, b))) }
}

/**
 * ToInt32. Numbers of an i32 are truncated as vectors; where one is larger (or infinite), the group goes lane by lane.
 * NaN is 0 either way.
 */
function toInt32(builder: Builder, value: Value): Value {
  const whole = held(builder, value)
  const parts = joined(builder, whole, 'i32x4.trunc_sat_f64x2_s_zero', 'i32x4').parts.map(part => {
    const local = builder.scope.local('int', 'i32x4')
    builder.out.push({ kind: 'set', local, value: part })
    return get(local, 'i32x4')
  })
  const limit = hoist(builder, every('f64x2', 2 ** 31))
  const far = whole.parts
    .map(part => vop('f64x2.ge', vop('f64x2.abs', part), limit))
    .reduce((a, b) => vop('i64x2.or', a, b))
  const slow = parts.flatMap(({ local }, p) =>
    [0, 1, 2, 3].map((lane): Stmt => {
      const source = extract(whole.parts[2 * p + (lane >> 1)] as Expr, lane & 1)
      return { kind: 'set', local, value: replace(get(local, 'i32x4'), lane, op('i32.from_f64_js', source)) }
    }),
  )
  builder.out.push({ kind: 'if', test: vop('i64x2.any_true', far), then: slow, else: [] })
  return { type: 'i32x4', parts }
}

function signExtended(builder: Builder, value: Value, by: number): Value {
  const count: Expr = { kind: 'const', type: 'i32', value: by }
  return zip(builder, 'i32x4', [value], part => vop('i32x4.shr_s', vop('i32x4.shl', part, count), count))
}

/** To 0 … 255, ties to even: NaN goes through min and max, and truncates to 0. */
function clampU8(builder: Builder, value: Value): Value {
  const least = hoist(builder, every('f64x2', 0))
  const most = hoist(builder, every('f64x2', 255))
  const clamped = zip(builder, 'f64x2', [value], part =>
    vop('f64x2.nearest', vop('f64x2.min', vop('f64x2.max', part, least), most)),
  )
  return joined(builder, clamped, 'i32x4.trunc_sat_f64x2_s_zero', 'i32x4')
}

/** Math.round: up from the floor where the rest is half or more; the zero of a negative number is negative. */
function rounded(builder: Builder, value: Value): Value {
  const whole = held(builder, value)
  const half = constant(builder, 'f64x2', 0.5)
  const one = constant(builder, 'f64x2', 1)
  const floor = held(
    builder,
    zip(builder, 'f64x2', [whole], part => vop('f64x2.floor', part)),
  )
  const result = zip(builder, 'f64x2', [whole, floor, half, one], (x, down, h, u) =>
    vop('f64x2.select', vop('f64x2.ge', vop('f64x2.sub', x, down), h), vop('f64x2.add', down, u), down),
  )
  return withSign(builder, result, whole)
}

/** The magnitude of one value with the sign of another. */
function withSign(builder: Builder, magnitude: Value, sign: Value): Value {
  const bit = hoist(builder, every('f64x2', -0))
  const bits = (part: Expr): Expr => cast('i64x2', part)
  return zip(builder, 'f64x2', [magnitude, sign], (m, s) =>
    cast('f64x2', vop('i64x2.or', vop('i64x2.andnot', bits(m), bits(bit)), vop('i64x2.and', bits(s), bits(bit)))),
  )
}
