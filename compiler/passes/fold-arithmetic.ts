import { f64, i32, i64 } from '../ir/build.ts'
import { equalExpr } from '../ir/equal.ts'
import type { Expr } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import {
  constantOf,
  isBoolean,
  isConst,
  isNonNegative,
  isWhole,
  operands,
  type Rule,
  type RuleTable,
} from './fold-match.ts'

/** Identities of integer operators (which wrap) and those few of floats that keep every bit. */

type Int = 'i32' | 'i64'
const constant = (type: Int, value: number): Expr => (type === 'i32' ? i32(value) : i64(BigInt(value)))
const is = (type: Int, expr: Expr, value: number): boolean => isConst(expr, type === 'i32' ? value : BigInt(value))

/** `x op c → x` */
const neutral =
  (type: Int, value: number): Rule =>
  ([x, y]) =>
    is(type, y, value) ? x : undefined
/** `x op c → c` */
const absorbing =
  (type: Int, value: number): Rule =>
  ([, y]) =>
    is(type, y, value) ? y : undefined
/** `x op x → value` */
const same =
  (type: Int, value: number): Rule =>
  ([x, y]) =>
    equalExpr(x, y) ? constant(type, value) : undefined
/** `x op x → x` */
const idempotent: Rule = ([x, y]) => (equalExpr(x, y) ? x : undefined)
/** `(x op c) op d → x op (c op d)` for operators that are associative. */
const associate =
  (name: OpName): Rule =>
  ([x, y], make) => {
    const inner = operands(x, name)
    return inner?.[1].kind === 'const' && y.kind === 'const' ? make(name, inner[0], make(name, inner[1], y)) : undefined
  }

function integers(type: Int): RuleTable {
  const yes =
    (): Rule =>
    ([x, y]) =>
      equalExpr(x, y) ? i32(1) : undefined
  const no =
    (): Rule =>
    ([x, y]) =>
      equalExpr(x, y) ? i32(0) : undefined
  return {
    [`${type}.add`]: [neutral(type, 0), associate(`${type}.add`)],
    [`${type}.sub`]: [neutral(type, 0), same(type, 0)],
    [`${type}.mul`]: [neutral(type, 1), absorbing(type, 0)],
    [`${type}.div_s`]: [neutral(type, 1)],
    [`${type}.and`]: [neutral(type, -1), absorbing(type, 0), idempotent, associate(`${type}.and`)],
    [`${type}.or`]: [neutral(type, 0), absorbing(type, -1), idempotent, associate(`${type}.or`)],
    [`${type}.xor`]: [neutral(type, 0), same(type, 0), associate(`${type}.xor`)],
    [`${type}.shl`]: [neutral(type, 0)],
    [`${type}.shr_s`]: [neutral(type, 0)],
    [`${type}.shr_u`]: [neutral(type, 0)],
    [`${type}.eq`]: [yes()],
    [`${type}.ne`]: [no()],
    [`${type}.lt_s`]: [no()],
    [`${type}.gt_s`]: [no()],
    [`${type}.le_s`]: [yes()],
    [`${type}.ge_s`]: [yes()],
  }
}

const UNSIGNED: RuleTable = {
  'i32.div_u': [neutral('i32', 1)],
  'i32.lt_u': [
    ([, y]) => (isConst(y, 0) ? i32(0) : undefined),
    ([x, y], make) => (isConst(y, 1) ? make('i32.eqz', x) : undefined),
    ([x, y]) => (equalExpr(x, y) ? i32(0) : undefined),
  ],
  'i32.gt_u': [
    ([x, y], make) => (isConst(y, 0) ? make('i32.ne', x, y) : undefined),
    ([x, y]) => (equalExpr(x, y) ? i32(0) : undefined),
  ],
  'i32.le_u': [
    ([x, y], make) => (isConst(y, 0) ? make('i32.eqz', x) : undefined),
    ([x, y]) => (equalExpr(x, y) ? i32(1) : undefined),
  ],
  'i32.ge_u': [([x, y]) => (isConst(y, 0) || equalExpr(x, y) ? i32(1) : undefined)],
  'i32.lt_s': [([x, y]) => (isConst(y, 0) && isNonNegative(x) ? i32(0) : undefined)],
  'i32.ge_s': [([x, y]) => (isConst(y, 0) && isNonNegative(x) ? i32(1) : undefined)],
  'i32.and': [
    ([x, y]) => (isConst(y, 1) && isBoolean(x) ? x : undefined),
    ([x, y]) => (isConst(y, 255) && x.kind === 'load' && (x.elem === 'u8' || x.elem === 'u8c') ? x : undefined),
    ([x, y]) => (isConst(y, 65_535) && x.kind === 'load' && (x.elem === 'u8' || x.elem === 'u16') ? x : undefined),
  ],
  'i32.xor': [([x, y], make) => (isConst(y, 1) && isBoolean(x) ? make('i32.eqz', x) : undefined)],
}

/** 1/value where it is exact: then dividing by `value` and multiplying by it round the same real number. */
function exactReciprocal(value: number | undefined): number | undefined {
  if (value === undefined || value === 0 || !Number.isFinite(value)) return undefined
  const reciprocal = 1 / value
  const power = Number.isInteger(Math.log2(Math.abs(value))) && 2 ** Math.log2(Math.abs(value)) === Math.abs(value)
  return power && Number.isFinite(reciprocal) && 1 / reciprocal === value ? reciprocal : undefined
}

const round =
  (): Rule =>
  ([x]) =>
    isWhole(x) ? x : undefined

const FLOATS: RuleTable = {
  'f64.add': [
    ([x, y]) => (isConst(y, -0) ? x : undefined),
    ([x, y], make) => {
      const negative = operands(y, 'f64.neg')
      return negative && make('f64.sub', x, negative[0])
    },
    ([x, y], make) => {
      const negative = operands(x, 'f64.neg')
      return negative && make('f64.sub', y, negative[0])
    },
  ],
  'f64.sub': [
    ([x, y]) => (isConst(y, 0) ? x : undefined),
    ([x, y], make) => {
      const negative = operands(y, 'f64.neg')
      return negative && make('f64.add', x, negative[0])
    },
  ],
  'f64.mul': [
    ([x, y]) => (isConst(y, 1) ? x : undefined),
    ([x, y], make) => (isConst(y, -1) ? make('f64.neg', x) : undefined),
  ],
  'f64.div': [
    ([x, y]) => (isConst(y, 1) ? x : undefined),
    ([x, y], make) => {
      const reciprocal = exactReciprocal(constantOf(y))
      return reciprocal === undefined ? undefined : make('f64.mul', x, f64(reciprocal))
    },
  ],
  'f64.neg': [([x]) => operands(x, 'f64.neg')?.[0]],
  'f64.abs': [
    ([x]) => (operands(x, 'f64.abs') ? x : undefined),
    ([x], make) => {
      const negative = operands(x, 'f64.neg')
      return negative && make('f64.abs', negative[0])
    },
    ([x]) => (operands(x, 'f64.from_i32_u') ? x : undefined),
    ([x]) => {
      const whole = operands(x, 'f64.from_i32_s')
      return whole && isNonNegative(whole[0]) ? x : undefined
    },
  ],
  'f64.min': [idempotent],
  'f64.max': [idempotent],
  'f64.floor': [round()],
  'f64.ceil': [round()],
  'f64.trunc': [round()],
  'f64.nearest': [round()],
  'f64.round': [round()],
  'f32.neg': [([x]) => operands(x, 'f32.neg')?.[0]],
}

const PARTS = [integers('i32'), integers('i64'), UNSIGNED, FLOATS]
const names = new Set(PARTS.flatMap(part => Object.keys(part) as OpName[]))
export const ARITHMETIC: RuleTable = Object.fromEntries(
  [...names].map(name => [name, PARTS.flatMap(part => part[name] ?? [])]),
)
