import { unreachable } from '../../base/invariant.ts'
import { op } from '../ir/build.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr } from '../ir/ir.ts'
import { mayTrap } from '../ir/traps.ts'
import { LANES, type VectorType } from '../ir/vector-types.ts'
import {
  type Builder,
  constant,
  held,
  hoist,
  hold,
  holdAll,
  inArm,
  partsOf,
  uniform,
  type Value,
  zip,
} from './builder.ts'
import { convert } from './conversions.ts'
import { closed, linearOf } from './linear.ts'
import { every, extract, hasVectorOp, replace, vconst, vop } from './make.ts'
import { isBooleanExpr, maskOf } from './masks.ts'
import { loadValue } from './memory.ts'
import { narrowLanes } from './narrow-lanes.ts'
import { refuse } from './refusal.ts'
import { groupLoop, isUniform } from './uniform.ts'
import { numbersOf, select } from './widths.ts'

/** Scalar expressions as vectors of a group of rounds. */

export const VECTOR_OF = { i32: 'i32x4', i64: 'i64x2', f32: 'f32x4', f64: 'f64x2' } as const
type Lane = keyof typeof VECTOR_OF

export function vectorTypeOf(expr: Expr): VectorType {
  if (!Object.hasOwn(VECTOR_OF, expr.type)) return refuse(`values of type ${expr.type} have no lanes`)
  return VECTOR_OF[expr.type as Lane]
}

/** The value as numbers: masks become 1 and 0. */
export function lanesOf(builder: Builder, expr: Expr): Value {
  return numbersOf(builder, vectorOf(builder, expr))
}

export function vectorOf(builder: Builder, expr: Expr): Value {
  const known = invariantValue(builder, expr)
  if (known) return known
  switch (expr.kind) {
    case 'get':
      return valueOfGet(builder, expr)
    case 'op':
      return valueOfOp(builder, expr)
    case 'cond':
      return valueOfCond(builder, expr)
    case 'load':
      return loadValue(builder, expr)
    case 'kernel':
      return valueOfKernel(builder, expr)
    case 'host':
      return refuse(`${expr.name} keeps the bits of the host: use math: 'fast'`)
    case 'listget':
      return refuse('elements of plain arrays are not loaded as vectors')
    case 'const':
    case 'len':
    case 'listlen':
    case 'isnull':
    case 'listview':
    case 'subarray':
    case 'vconst':
    case 'vop':
    case 'vload':
    case 'vmove':
      return refuse(`${expr.kind} changes from round to round`)
    default:
      return unreachable(expr, 'vectorOf')
  }
}

/** What no round changes is computed once, as a scalar, and put into all lanes. */
function invariantValue(builder: Builder, expr: Expr): Value | undefined {
  if (expr.kind === 'const' && expr.type !== 'box') return constant(builder, vectorTypeOf(expr), Number(expr.value))
  const whole = closed(expr, builder.forms)
  if (builder.loop.isInvariant(whole)) {
    if (mayTrap(whole)) return refuse('a division that may trap')
    const type = vectorTypeOf(expr)
    return uniform(builder, type, hoist(builder, vop(`${type}.splat`, whole)))
  }
  if (builder.uniform.size === 0 || !isUniform(builder, expr)) return undefined
  const type = vectorTypeOf(expr)
  return uniform(builder, type, hold(builder, vop(`${type}.splat`, expr), 'u'))
}

function valueOfGet(builder: Builder, expr: Extract<Expr, { kind: 'get' }>): Value {
  if (expr.local === builder.loop.counter) return rampOf(builder, expr)
  const value = builder.values.get(expr.local)
  if (value) return value
  const form = builder.forms.get(expr.local)
  if (form) return rampOf(builder, form)
  const { name } = builder.scope.locals[expr.local] ?? { name: '?' }
  return refuse(`\`${name.replace(/\..*/, '')}\` carries a value from one round to the next`)
}

/** A linear function of the counter: its value in the first round of the group, and what the others add. */
function rampOf(builder: Builder, form: Expr): Value {
  const type = vectorTypeOf(form)
  const stride =
    linearOf(form, groupLoop(builder))?.step ?? refuse('an index is no linear function of the loop counter')
  const key = `ramp ${exprKey(form)}`
  const known = builder.shared.get(key)
  if (known) return { type, parts: known }
  const { step } = builder
  const lanes = LANES[type]
  const first = hold(builder, vop(`${type}.splat`, form), 'n')
  const parts = Array.from({ length: partsOf(builder, type) }, (_, part) => {
    const ahead = Array.from({ length: lanes }, (_, lane) => (part * lanes + lane) * step * stride)
    const added = vconst(type, type === 'i64x2' ? ahead.map(BigInt) : ahead.map(x => x | 0))
    return hold(builder, vop(`${type}.add`, first, hoist(builder, added)), 'n')
  })
  builder.shared.set(key, parts)
  return { type, parts }
}

function valueOfCond(builder: Builder, expr: Extract<Expr, { kind: 'cond' }>): Value {
  if (isBooleanExpr(builder, expr)) return maskOf(builder, expr)
  const narrow = narrowLanes(builder, expr)
  if (narrow) return narrow
  const mask = held(builder, maskOf(builder, expr.test))
  const [then, otherwise] = [expr.then, expr.else].map(arm => inArm(builder, () => lanesOf(builder, arm))) as [
    Value,
    Value,
  ]
  return select(builder, mask, then, otherwise)
}

/** A function of kernels/ for one number: its vector form has the same bits in each lane. */
function valueOfKernel(builder: Builder, expr: Extract<Expr, { kind: 'kernel' }>): Value {
  const type = vectorTypeOf(expr)
  const args = expr.args.map(arg => lanesOf(builder, arg))
  const name = expr.name.replace(/^f(64|32)_/, `${type}_`)
  const made = zip(builder, type, args, (...parts) => ({ kind: 'kernel', type, name, args: parts }) as Expr)
  return { type, parts: holdAll(builder, made.parts, 'f') }
}

// ---- operators

function valueOfOp(builder: Builder, expr: Extract<Expr, { kind: 'op' }>): Value {
  if (isBooleanExpr(builder, expr)) return maskOf(builder, expr)
  const narrow = narrowLanes(builder, expr)
  if (narrow) return narrow
  const { op: name } = expr
  if (/\.select$/.test(name)) {
    const [test, yes, no] = expr.args as readonly [Expr, Expr, Expr]
    return select(builder, held(builder, maskOf(builder, test)), lanesOf(builder, yes), lanesOf(builder, no))
  }
  if (/\.(shl|shr_s|shr_u)$/.test(name)) return shifted(builder, expr)
  const direct = directName(expr)
  if (direct) {
    const args = expr.args.map(arg => lanesOf(builder, arg))
    return zip(builder, vectorTypeOf(expr), args, (...parts) => vop(direct, ...parts))
  }
  return convert(builder, expr, arg => lanesOf(builder, arg)) ?? laneByLane(builder, expr)
}

/** The vector operator that does the same in each lane. */
function directName(expr: Extract<Expr, { kind: 'op' }>): string | undefined {
  const [scalar, name] = expr.op.split('.') as [string, string]
  if (!Object.hasOwn(VECTOR_OF, scalar)) return undefined
  if (expr.args.some(arg => arg.type !== scalar)) return undefined
  const direct = `${VECTOR_OF[scalar as Lane]}.${name}`
  return hasVectorOp(direct) ? direct : undefined
}

/** All lanes of a vector shift by one count. */
function shifted(builder: Builder, expr: Extract<Expr, { kind: 'op' }>): Value {
  const [value, count] = expr.args as readonly [Expr, Expr]
  const whole = closed(count, builder.forms)
  if (!builder.loop.isInvariant(whole) || mayTrap(whole)) return laneByLane(builder, expr)
  const by = whole.type === 'i64' ? op('i32.wrap_i64', whole) : whole
  const scalar = by.kind === 'const' ? by : by.kind === 'op' && by.args[0]?.kind === 'const' ? by : hoist(builder, by)
  const type = vectorTypeOf(expr)
  const name = expr.op.split('.')[1] as string
  const given = lanesOf(builder, value)
  return zip(builder, type, [given], part => vop(`${type}.${name}`, part, scalar))
}

const DEAR = /^(f64\.rem|i32\.clz|f64\.from_i64_s|i64\.trunc_sat_s)$/

/** Operators without a vector form are done on one lane after the other. */
function laneByLane(builder: Builder, expr: Extract<Expr, { kind: 'op' }>): Value {
  if (!DEAR.test(expr.op)) return refuse(`${expr.op} has no vector form`)
  const type = vectorTypeOf(expr)
  const args = expr.args.map(arg => held(builder, lanesOf(builder, arg)))
  const lane = (index: number): Expr => {
    const scalars = args.map(({ type: from, parts }) => {
      const wide = LANES[from]
      return extract(parts[Math.floor(index / wide)] as Expr, index % wide)
    })
    return { ...expr, args: scalars }
  }
  const parts = Array.from({ length: partsOf(builder, type) }, (_, part) => {
    let made = hoist(builder, every(type, 0))
    for (let i = 0; i < LANES[type]; i++) made = hold(builder, replace(made, i, lane(part * LANES[type] + i)))
    return made
  })
  return { type, parts }
}
