import { cond, f64, i32 } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { constantOf, isBoolean, isConst, isNonNegative, operands, type Rule, type RuleTable } from './fold-match.ts'

/** Conversions that undo each other, and computations that give the same bits in a narrower type. */

/** `outer(inner(x)) → x` */
const undo =
  (inner: OpName): Rule =>
  ([x]) =>
    operands(x, inner)?.[0]

/** `outer(inner(x)) → direct(x)` */
const through =
  (inner: OpName, direct: OpName): Rule =>
  ([x], make) => {
    const found = operands(x, inner)
    return found && make(direct, found[0])
  }

type IntCompare = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
const signed = (name: IntCompare): OpName => (name === 'eq' || name === 'ne' ? `i32.${name}` : `i32.${name}_s`)
const unsigned = (name: IntCompare): OpName => (name === 'eq' || name === 'ne' ? `i32.${name}` : `i32.${name}_u`)

/** Numbers that come from integers (or from f32) compare as what they were, since the conversion is exact. */
function comparison(name: IntCompare): readonly Rule[] {
  const both =
    (conversion: OpName, direct: OpName): Rule =>
    ([x, y], make) => {
      const left = operands(x, conversion)
      const right = operands(y, conversion)
      return left && right && make(direct, left[0], right[0])
    }
  return [
    both('f64.from_i32_s', signed(name)),
    both('f64.from_i32_u', unsigned(name)),
    both('f64.from_f32', `f32.${name}`),
    ([x, y], make) => {
      const left = operands(x, 'f64.from_i32_s')
      const bound = constantOf(y)
      return left && bound !== undefined ? compareWith(name, left[0], bound, make) : undefined
    },
  ]
}

/** `|x| > 0`, as the truth of a number is lowered: for an integer, that it is not zero. */
const truthiness: Rule = ([x, y], make) => {
  const magnitude = isConst(y, 0) ? operands(x, 'f64.abs')?.[0] : undefined
  const whole = magnitude && (operands(magnitude, 'f64.from_i32_s') ?? operands(magnitude, 'f64.from_i32_u'))
  return whole && make('i32.ne', whole[0], i32(0))
}

/** An integer against a constant that need not be one: `x < 2.5` is `x < 3`, `x <= 2.5` is `x <= 2`. */
function compareWith(name: IntCompare, x: Expr, bound: number, make: Parameters<Rule>[1]): Expr {
  const nothing = i32(name === 'ne' ? 1 : 0)
  if (Number.isNaN(bound)) return nothing
  if ((name === 'eq' || name === 'ne') && !Number.isInteger(bound)) return nothing
  const whole = name === 'lt' || name === 'ge' ? Math.ceil(bound) : Math.floor(bound)
  if (whole > 2 ** 31 - 1) return i32(name === 'lt' || name === 'le' || name === 'ne' ? 1 : 0)
  if (whole < -(2 ** 31)) return i32(name === 'gt' || name === 'ge' || name === 'ne' ? 1 : 0)
  return make(signed(name), x, i32(whole))
}

/** Sums stay exact below this, so ToInt32 of the sum is the wrapping sum. */
const EXACT = 2 ** 53

/**
 * The i32 that ToInt32 makes of a whole number computed in f64 without rounding, as asm.js has it: `(a + b) | 0` is
 * one i32.add. `bound` limits the magnitude; undefined where the computation may round.
 */
function wrapped(expr: Expr, make: Parameters<Rule>[1]): { value: Expr; bound: number } | undefined {
  const constant = constantOf(expr)
  if (constant !== undefined) {
    return Number.isInteger(constant) && Math.abs(constant) < EXACT
      ? { value: i32(constant | 0), bound: Math.abs(constant) }
      : undefined
  }
  if (expr.kind !== 'op') return undefined
  const [x, y] = expr.args as readonly [Expr, Expr]
  switch (expr.op) {
    case 'f64.from_i32_s':
      return { value: x, bound: 2 ** 31 }
    case 'f64.from_i32_u':
      return { value: x, bound: 2 ** 32 }
    case 'f64.add':
    case 'f64.sub':
    case 'f64.mul':
      return combine(expr.op, wrapped(x, make), wrapped(y, make), make)
    default:
      return undefined
  }
}

function combine(
  name: 'f64.add' | 'f64.sub' | 'f64.mul',
  left: ReturnType<typeof wrapped>,
  right: ReturnType<typeof wrapped>,
  make: Parameters<Rule>[1],
): ReturnType<typeof wrapped> {
  if (!left || !right) return undefined
  const bound = name === 'f64.mul' ? left.bound * right.bound : left.bound + right.bound
  if (bound >= EXACT) return undefined
  const direct = name === 'f64.add' ? 'i32.add' : name === 'f64.sub' ? 'i32.sub' : 'i32.mul'
  return { value: make(direct, left.value, right.value), bound }
}

/**
 * One operation on two f32 in f64, rounded to f32, is the operation in f32: double has more than 2p + 2 digits
 * (Figueroa, When is double rounding innocuous?, SIGNUM 1995).
 */
const singleRounding: Rule = ([x], make) => {
  if (x.kind !== 'op') return undefined
  const direct = SINGLE[x.op]
  if (!direct) return undefined
  const args = x.args.map(single)
  return args.every(arg => arg !== undefined) ? make(direct, ...(args as Expr[])) : undefined
}
const SINGLE: Partial<Record<OpName, OpName>> = {
  'f64.add': 'f32.add',
  'f64.sub': 'f32.sub',
  'f64.mul': 'f32.mul',
  'f64.div': 'f32.div',
  'f64.sqrt': 'f32.sqrt',
  'f64.neg': 'f32.neg',
  'f64.abs': 'f32.abs',
}
function single(expr: Expr): Expr | undefined {
  const value = constantOf(expr)
  if (value !== undefined && Object.is(Math.fround(value), value)) return { kind: 'const', type: 'f32', value }
  return operands(expr, 'f64.from_f32')?.[0]
}

/** A number that is a boolean or none. */
const asNumber = (test: Expr, make: Parameters<Rule>[1]): Expr =>
  isBoolean(test) ? make('f64.from_i32_s', test) : cond(test, f64(1), f64(0))
const asBoolean = (test: Expr, make: Parameters<Rule>[1]): Expr =>
  isBoolean(test) ? test : make('i32.ne', test, i32(0))

const answer =
  (inner: OpName, value: 0 | 1): Rule =>
  ([x]) =>
    operands(x, inner) && i32(value)

export const CONVERSIONS: RuleTable = {
  'f64.eq': comparison('eq'),
  'f64.ne': comparison('ne'),
  'f64.lt': comparison('lt'),
  'f64.le': comparison('le'),
  'f64.gt': [...comparison('gt'), truthiness],
  'f64.ge': comparison('ge'),
  'i32.from_f64_js': [([x], make) => wrapped(x, make)?.value, through('f64.trunc', 'i32.from_f64_js')],
  'i32.trunc_sat_s': [undo('f64.from_i32_s'), through('f64.trunc', 'i32.trunc_sat_s')],
  'i32.trunc_sat_u': [undo('f64.from_i32_u'), through('f64.trunc', 'i32.trunc_sat_u')],
  'i32.index_f64': [
    ([x]) => {
      const whole = operands(x, 'f64.from_i32_s') ?? operands(x, 'f64.from_i32_u')
      return whole && isNonNegative(whole[0]) ? whole[0] : undefined
    },
    through('f64.from_i64_s', 'i32.index_i64'),
  ],
  'i32.index_i64': [
    ([x]) => {
      const whole = operands(x, 'i64.from_i32_s') ?? operands(x, 'i64.from_i32_u')
      return whole && isNonNegative(whole[0]) ? whole[0] : undefined
    },
  ],
  // an index that is -1 where the number was negative is out of bounds either way
  'i32.lt_u': [
    ([x, y], make) => {
      const index = operands(x, 'i32.index_f64')
      const whole = index && operands(index[0], 'f64.from_i32_s')
      return whole && isNonNegative(y) ? make('i32.lt_u', whole[0], y) : undefined
    },
  ],
  'i64.trunc_sat_s': [through('f64.from_i32_s', 'i64.from_i32_s'), through('f64.from_i32_u', 'i64.from_i32_u')],
  'f64.from_i64_s': [through('i64.from_i32_s', 'f64.from_i32_s'), through('i64.from_i32_u', 'f64.from_i32_u')],
  'f64.from_i32_u': [([x], make) => (isNonNegative(x) ? make('f64.from_i32_s', x) : undefined)],
  'i64.from_i32_u': [([x], make) => (isNonNegative(x) ? make('i64.from_i32_s', x) : undefined)],
  'i32.wrap_i64': [undo('i64.from_i32_s'), undo('i64.from_i32_u')],
  'f32.from_f64': [undo('f64.from_f32'), singleRounding],
  'i32.extend8_s': [([x]) => (x.kind === 'load' && x.elem === 'i8' ? x : undefined)],
  'i32.extend16_s': [([x]) => (x.kind === 'load' && (x.elem === 'i8' || x.elem === 'i16') ? x : undefined)],
  'i32.clamp_u8': [
    ([x]) => {
      const whole = operands(x, 'f64.from_i32_s')?.[0]
      return whole?.kind === 'load' && (whole.elem === 'u8' || whole.elem === 'u8c') ? whole : undefined
    },
  ],

  'f64.from_box': [
    undo('box.from_f64'),
    ([x], make) => {
      const test = operands(x, 'box.from_bool')
      return test && asNumber(test[0], make)
    },
  ],
  'f64.from_box_num': [undo('box.from_f64')],
  'i32.box_truthy': [
    ([x], make) => {
      const test = operands(x, 'box.from_bool')
      return test && asBoolean(test[0], make)
    },
  ],
  'i32.box_is_undefined': [answer('box.from_f64', 0), answer('box.from_bool', 0)],
  'i32.box_is_null': [answer('box.from_f64', 0), answer('box.from_bool', 0)],
  'i32.box_is_nullish': [answer('box.from_f64', 0), answer('box.from_bool', 0)],
  'i32.box_is_bool': [answer('box.from_f64', 0), answer('box.from_bool', 1)],
  'i32.box_is_number': [answer('box.from_f64', 1), answer('box.from_bool', 0)],
}
