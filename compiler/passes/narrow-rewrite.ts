import { I32_MAX, I32_MIN, isInt, single, within } from '../analysis/interval.ts'
import { cond, get, i32, i64, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { mapChildren } from '../ir/rewrite.ts'
import { type Choice, isFarIndex, isIndexPosition } from './narrow-choose.ts'
import { type LocalRep, type Quotient, quotient, type Rep } from './narrow-forms.ts'
import { argumentSign } from './narrow-sign.ts'

/**
 * Rewrites expressions for locals that became integers. Every function takes expressions as they were and gives new
 * ones: `bits` the number modulo 2^32, `wide` the number as i64, `float` the number as f64.
 */
type Op = Extract<Expr, { kind: 'op' }>

/** The expression in its own type. `sign`: whether the sign of a zero counts. */
export function rewrite(choice: Choice, expr: Expr, sign = true): Expr {
  return expr.type === 'f64' ? float(choice, expr, sign) : other(choice, expr)
}

// ---- integers

const INTEGER: { readonly [op in OpName]?: readonly [i32: OpName, i64: OpName] } = {
  'f64.add': ['i32.add', 'i64.add'],
  'f64.sub': ['i32.sub', 'i64.sub'],
  'f64.mul': ['i32.mul', 'i64.mul'],
}

/** An expression with a form, modulo 2^32: the bits of an i32 or u32. */
export function bits(choice: Choice, expr: Expr): Expr {
  switch (expr.kind) {
    case 'const':
      return i32(Number(expr.value) | 0)
    case 'get':
      return choice.forms.reps.get(expr.local) === 'i64'
        ? op('i32.wrap_i64', get(expr.local, 'i64'))
        : get(expr.local, 'i32')
    case 'cond':
      return cond(rewrite(choice, expr.test), bits(choice, expr.then), bits(choice, expr.else))
    case 'op':
      return bitsOfOp(choice, expr)
    default:
      return op('i32.from_f64_js', rewrite(choice, expr, false))
  }
}

function bitsOfOp(choice: Choice, expr: Op): Expr {
  const [a, b, c] = expr.args as readonly [Expr, Expr, Expr]
  const modular = INTEGER[expr.op]
  if (modular) return op(modular[0], bits(choice, a), bits(choice, b))
  switch (expr.op) {
    case 'f64.from_i32_s':
    case 'f64.from_i32_u':
      return rewrite(choice, a)
    case 'f64.from_i64_s':
      return op('i32.wrap_i64', rewrite(choice, a))
    case 'f64.neg':
      return op('i32.sub', i32(0), bits(choice, a))
    case 'f64.select':
      return op('i32.select', rewrite(choice, a), bits(choice, b), bits(choice, c))
    case 'f64.rem':
      return remainderBits(choice, a, b)
    case 'f64.abs':
    case 'f64.min':
    case 'f64.max':
      return unify(choice, expr.args) === 'i64'
        ? op('i32.wrap_i64', chosen(choice, expr, true))
        : chosen(choice, expr, false)
    default:
      return rounded(choice, expr, a)
  }
}

/** floor, trunc, ceil … of what is whole already, or of a quotient. */
function rounded(choice: Choice, expr: Op, arg: Expr): Expr {
  if (choice.forms.of(arg)) return bits(choice, arg)
  const found = quotient(choice.forms, arg, expr.op === 'f64.floor')
  return found ? divided(choice, found) : op('i32.from_f64_js', rewrite(choice, expr, false))
}

function divided(choice: Choice, { dividend, divisor, by }: Quotient): Expr {
  if (by === 'i32') return op('i32.div_s', bits(choice, dividend), bits(choice, divisor))
  if (by === 'u32') return op('i32.div_u', bits(choice, dividend), bits(choice, divisor))
  return op('i32.wrap_i64', op('i64.div_s', wide(choice, dividend), wide(choice, divisor)))
}

function remainderBits(choice: Choice, a: Expr, b: Expr): Expr {
  const shared = unify(choice, [a, b])
  if (shared === 'i32') return op('i32.rem_s', bits(choice, a), bits(choice, b))
  if (shared === 'u32') return op('i32.rem_u', bits(choice, a), bits(choice, b))
  return op('i32.wrap_i64', op('i64.rem_s', wide(choice, a), wide(choice, b)))
}

/** The narrowest type in which all of these are what they are. */
function unify(choice: Choice, exprs: readonly Expr[]): Rep {
  const ranges = exprs.map(expr => choice.forms.ranges.of(expr))
  if (ranges.every(range => within(range, I32_MIN, I32_MAX))) return 'i32'
  return ranges.every(range => within(range, 0, 2 ** 32 - 1)) ? 'u32' : 'i64'
}

/** |a|, min and max by comparison; operands are cheap and whole. */
function chosen(choice: Choice, expr: Op, widely: boolean): Expr {
  const [a, b] = expr.args as readonly [Expr, Expr]
  const part = (arg: Expr): Expr => (widely ? wide(choice, arg) : bits(choice, arg))
  const type = widely ? 'i64' : 'i32'
  if (expr.op === 'f64.abs') {
    // bits of a u32 are negative from 2^31 on; the value is not
    if (!widely && unify(choice, [a]) === 'u32') return part(a)
    const zero = widely ? i64(0n) : i32(0)
    return op(`${type}.select`, op(`${type}.lt_s`, part(a), zero), op(`${type}.sub`, zero, part(a)), part(a))
  }
  const unsigned = !widely && unify(choice, expr.args) === 'u32'
  const test: OpName = unsigned ? 'i32.lt_u' : `${type}.lt_s`
  const [first, second] = expr.op === 'f64.min' ? [a, b] : [b, a]
  return op(`${type}.select`, op(test, part(a), part(b)), part(first), part(second))
}

/** An expression with a form, or a far one, as i64. */
export function wide(choice: Choice, expr: Expr): Expr {
  const form = choice.forms.of(expr)
  if (expr.kind === 'const') return i64(BigInt(Number(expr.value)))
  if (expr.kind === 'get') return wideGet(choice, expr)
  if (form === 'i32') return op('i64.from_i32_s', bits(choice, expr))
  if (form === 'u32') return op('i64.from_i32_u', bits(choice, expr))
  if (expr.kind === 'cond') return cond(rewrite(choice, expr.test), wide(choice, expr.then), wide(choice, expr.else))
  return expr.kind === 'op' ? wideOp(choice, expr) : op('i64.trunc_sat_s', rewrite(choice, expr, false))
}

function wideGet(choice: Choice, expr: Extract<Expr, { kind: 'get' }>): Expr {
  if (choice.far.has(expr.local) || choice.forms.reps.get(expr.local) === 'i64') return get(expr.local, 'i64')
  return op(choice.forms.of(expr) === 'u32' ? 'i64.from_i32_u' : 'i64.from_i32_s', get(expr.local, 'i32'))
}

function wideOp(choice: Choice, expr: Op): Expr {
  const [a, b, c] = expr.args as readonly [Expr, Expr, Expr]
  const modular = INTEGER[expr.op]
  if (modular) return op(modular[1], wide(choice, a), wide(choice, b))
  switch (expr.op) {
    case 'f64.rem':
      return op('i64.rem_s', wide(choice, a), wide(choice, b))
    case 'f64.neg':
      return op('i64.sub', i64(0n), wide(choice, a))
    case 'f64.select':
      return op('i64.select', rewrite(choice, a), wide(choice, b), wide(choice, c))
    case 'f64.from_i64_s':
      return rewrite(choice, a)
    case 'f64.abs':
    case 'f64.min':
    case 'f64.max':
      return chosen(choice, expr, true)
    case 'f64.floor':
    case 'f64.trunc':
    case 'f64.ceil':
    case 'f64.nearest':
    case 'f64.round':
      return wideRounded(choice, expr, a)
    default:
      return op('i64.trunc_sat_s', rewrite(choice, expr, false))
  }
}

function wideRounded(choice: Choice, expr: Op, arg: Expr): Expr {
  if (choice.forms.of(arg)) return wide(choice, arg)
  const found = quotient(choice.forms, arg, expr.op === 'f64.floor')
  if (!found) return op('i64.trunc_sat_s', rewrite(choice, expr, false))
  return op('i64.div_s', wide(choice, found.dividend), wide(choice, found.divisor))
}

/** A value for a local that is held as `rep`; its range says that it fits. */
export function held(choice: Choice, expr: Expr, rep: LocalRep): Expr {
  if (choice.forms.of(expr)) return rep === 'i64' ? wide(choice, expr) : bits(choice, expr)
  const value = float(choice, expr, false)
  if (rep === 'i32') return op('i32.trunc_sat_s', value)
  if (rep === 'mod') return op('i32.wrap_i64', op('i64.trunc_sat_s', value))
  return op(rep === 'u32' ? 'i32.trunc_sat_u' : 'i64.trunc_sat_s', value)
}

// ---- floats

function float(choice: Choice, expr: Expr, sign: boolean): Expr {
  if (expr.kind === 'get') return floatGet(choice, expr)
  if (isConversionCheaper(choice, expr, sign)) return fromInteger(choice, expr)
  if (expr.kind === 'cond') return mapChildren(expr, child => rewrite(choice, child, sign || child === expr.test))
  return expr.kind === 'op' ? plain(choice, expr, sign) : mapChildren(expr, child => rewrite(choice, child))
}

function floatGet(choice: Choice, expr: Extract<Expr, { kind: 'get' }>): Expr {
  const rep = choice.forms.reps.get(expr.local)
  if (!rep) return expr
  if (rep === 'i64') return op('f64.from_i64_s', get(expr.local, 'i64'))
  return op(choice.forms.of(expr) === 'u32' ? 'f64.from_i32_u' : 'f64.from_i32_s', get(expr.local, 'i32'))
}

/** One conversion of the result instead of those of the operands; and fmod is a call, i64.rem_s is none. */
function isConversionCheaper({ forms }: Choice, expr: Expr, sign: boolean): boolean {
  if (expr.kind !== 'op' || /^f64\.from_/.test(expr.op)) return false
  const form = forms.of(expr)
  if (!form || (sign && forms.ranges.of(expr).negZero)) return false
  return form !== 'i64' || expr.op === 'f64.rem'
}

function fromInteger(choice: Choice, expr: Expr): Expr {
  const form = choice.forms.of(expr)
  if (form === 'i64') return op('f64.from_i64_s', wide(choice, expr))
  return op(form === 'u32' ? 'f64.from_i32_u' : 'f64.from_i32_s', bits(choice, expr))
}

// ---- where floats become integers and tests

function other(choice: Choice, expr: Expr): Expr {
  const only = onlyValue(choice, expr)
  if (only !== undefined) return i32(only)
  if (expr.kind === 'op') {
    const [a, b] = expr.args
    if (a?.type === 'f64') return consumer(choice, expr, a, b)
  }
  let position = 0
  return mapChildren(expr, child => {
    const place = position++
    const asIndex = isIndexPosition(expr, place) && isIndexOp(child)
    return asIndex ? kept(child, index(choice, child, true)) : rewrite(choice, child)
  })
}

/** Tests that always or never hold become constants on the way. */
function onlyValue({ forms }: Choice, expr: Expr): number | undefined {
  const range = expr.type === 'i32' && expr.kind !== 'const' ? forms.ranges.at(expr) : undefined
  return range && single(range)
}

export type IndexOp = Op & { readonly op: 'i32.index_f64' }
const isIndexOp = (expr: Expr): expr is IndexOp => expr.kind === 'op' && expr.op === 'i32.index_f64'

function consumer(choice: Choice, expr: Op, a: Expr, b: Expr | undefined): Expr {
  const formed = choice.forms.of(a)
  switch (expr.op) {
    case 'i32.from_f64_js':
      return kept(expr, toInt32(choice, a))
    case 'i32.index_f64':
      return kept(expr, index(choice, expr as IndexOp, false))
    case 'i32.trunc_sat_s':
      return formed === 'i32' ? bits(choice, a) : plain(choice, expr)
    case 'i64.trunc_sat_s':
      return formed ? wide(choice, a) : plain(choice, expr)
    case 'i32.clamp_u8':
      return formed && isInt(choice.forms.ranges.of(a), 0, 255) ? bits(choice, a) : plain(choice, expr)
    default:
      return b && COMPARE.test(expr.op) ? compared(choice, expr, a, b) : plain(choice, expr)
  }
}

/** `expr` itself where the new expression is the same. */
export function kept(expr: Op, made: Expr): Expr {
  const same =
    made.kind === 'op' && made.op === expr.op && made.args.every((arg, position) => arg === expr.args[position])
  return same ? expr : made
}

/** The same operator on rewritten operands. */
function plain(choice: Choice, expr: Op, sign = true): Expr {
  let position = 0
  return mapChildren(expr, arg => {
    const argument = argumentSign(expr, position++, sign, choice.forms.ranges)
    return rewrite(choice, arg, argument)
  })
}

const COMPARE = /^f64\.(eq|ne|lt|le|gt|ge)$/

/** Integers compare as integers, in the narrowest type that holds both. */
function compared(choice: Choice, expr: Op, a: Expr, b: Expr): Expr {
  if (!choice.forms.of(a) || !choice.forms.of(b)) return plain(choice, expr)
  const name = expr.op.slice(4)
  const equality = name === 'eq' || name === 'ne'
  const shared = unify(choice, [a, b])
  if (shared === 'i64') {
    if (name === 'le' || name === 'lt' || name === 'gt' || name === 'ge' || equality) {
      return op(`i64.${name}${equality ? '' : '_s'}` as OpName, wide(choice, a), wide(choice, b))
    }
  }
  const suffix = equality ? '' : shared === 'u32' ? '_u' : '_s'
  return op(`i32.${name}${suffix}` as OpName, bits(choice, a), bits(choice, b))
}

/** ToInt32: modulo 2^32, and 0 for NaN. */
function toInt32(choice: Choice, expr: Expr): Expr {
  const { forms } = choice
  if (forms.of(expr)) return bits(choice, expr)
  if (expr.kind === 'const') return i32(Number(expr.value) | 0)
  if (expr.kind === 'cond') {
    return cond(rewrite(choice, expr.test), toInt32(choice, expr.then), toInt32(choice, expr.else))
  }
  const found = quotient(forms, expr, false)
  if (found) return divided(choice, found)
  const range = forms.ranges.of(expr)
  const value = float(choice, expr, false)
  // truncation agrees while nothing wraps; both make NaN 0
  if (within(range, I32_MIN, I32_MAX)) return op('i32.trunc_sat_s', value)
  if (within(range, -(2 ** 62), 2 ** 62)) return op('i32.wrap_i64', op('i64.trunc_sat_s', value))
  return op('i32.from_f64_js', value)
}

/** `raw`: any negative number will do for "no index". */
export function index(choice: Choice, expr: IndexOp, raw: boolean): Expr {
  const [arg] = expr.args as readonly [Expr]
  return isFarIndex(choice.forms, choice.far, expr)
    ? op('i32.index_i64', wideFar(choice, arg))
    : indexOf(choice, arg, raw)
}

function indexOf(choice: Choice, expr: Expr, raw: boolean): Expr {
  const { forms } = choice
  const form = forms.of(expr)
  const range = forms.ranges.of(expr)
  if (form === 'i32' && (raw || range.lo >= -1)) return bits(choice, expr)
  if (form === 'u32' && raw) return bits(choice, expr)
  if (form) return op('i32.index_i64', wide(choice, expr))
  if (expr.kind === 'const') return i32(-1)
  if (expr.kind === 'cond') {
    return cond(rewrite(choice, expr.test), indexOf(choice, expr.then, raw), indexOf(choice, expr.else, raw))
  }
  const value = float(choice, expr, false)
  return isInt(range, raw ? I32_MIN : -1, I32_MAX) ? op('i32.trunc_sat_s', value) : op('i32.index_f64', value)
}

/** The exact value, which the f64 has unless both are no index. */
export function wideFar(choice: Choice, expr: Expr): Expr {
  if (choice.forms.of(expr) || expr.kind === 'get') return wide(choice, expr)
  if (expr.kind !== 'op') return wide(choice, expr)
  const name = INTEGER[expr.op]
  const [a, b] = expr.args as readonly [Expr, Expr]
  return name ? op(name[1], wideFar(choice, a), wideFar(choice, b)) : wide(choice, expr)
}
