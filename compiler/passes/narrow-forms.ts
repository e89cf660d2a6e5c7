import { constant, EXACT, hasZero, I32_MAX, I32_MIN, isInt, type Range, U32_MAX } from '../analysis/interval.ts'
import type { Ranges } from '../analysis/ranges.ts'
import { f64 } from '../ir/build.ts'
import type { Expr, LocalId } from '../ir/ir.ts'

/**
 * How a whole number is computed: i32 signed, i32 read as unsigned, or i64. Each loses the sign of zero, which is the
 * business of whoever asks for one.
 */
export type Rep = 'i32' | 'u32' | 'i64'
/** How a local holds it; `mod` is modulo 2^32: whoever reads it asks for no more, or knows the range there. */
export type LocalRep = Rep | 'mod'

export function repOf(range: Range): Rep | undefined {
  if (isInt(range, I32_MIN, I32_MAX)) return 'i32'
  if (isInt(range, 0, U32_MAX)) return 'u32'
  return isInt(range) ? 'i64' : undefined
}

/** Which f64 expressions can be computed in integers all the way down, without a conversion from f64. */
export interface Forms {
  readonly ranges: Ranges
  /** Locals that are held as integers. */
  readonly reps: ReadonlyMap<LocalId, LocalRep>
  /** The form of an f64 expression; undefined where it has none. */
  of(expr: Expr): Rep | undefined
}

export function createForms(ranges: Ranges, reps: ReadonlyMap<LocalId, LocalRep>): Forms {
  const known = new Map<Expr, Rep | undefined>()
  const forms: Forms = {
    ranges,
    reps,
    of(expr) {
      if (known.has(expr)) return known.get(expr)
      const form = find(forms, expr)
      known.set(expr, form)
      return form
    },
  }
  return forms
}

function find(forms: Forms, expr: Expr): Rep | undefined {
  const range = forms.ranges.at(expr)
  // what is never computed may have any form
  if (!range) return expr.kind === 'get' ? plainRep(forms.reps.get(expr.local)) : undefined
  const rep = repOf(range)
  return rep && isComputable(forms, expr) ? rep : undefined
}

const plainRep = (rep: LocalRep | undefined): Rep | undefined => (rep === 'mod' ? 'i32' : rep)

function isComputable(forms: Forms, expr: Expr): boolean {
  switch (expr.kind) {
    case 'const':
      return true
    case 'get':
      return forms.reps.has(expr.local)
    case 'cond':
      return forms.of(expr.then) !== undefined && forms.of(expr.else) !== undefined
    case 'op':
      return isComputableOp(forms, expr)
    default:
      return false
  }
}

function isComputableOp(forms: Forms, expr: Extract<Expr, { kind: 'op' }>): boolean {
  const [a, b] = expr.args
  const has = (arg: Expr | undefined): boolean => arg !== undefined && forms.of(arg) !== undefined
  switch (expr.op) {
    case 'f64.from_i32_s':
    case 'f64.from_i32_u':
    case 'f64.from_i64_s':
      return true
    // the result is exact: rounding would have led beyond 2^53, and the range says it does not
    case 'f64.add':
    case 'f64.sub':
    case 'f64.mul':
      return has(a) && has(b)
    case 'f64.rem':
      return has(a) && has(b) && !hasZero(forms.ranges.of(b as Expr))
    case 'f64.neg':
      return has(a)
    case 'f64.floor':
    case 'f64.trunc':
      return has(a) || quotient(forms, a as Expr, expr.op === 'f64.floor') !== undefined
    case 'f64.ceil':
    case 'f64.nearest':
    case 'f64.round':
      return has(a)
    case 'f64.abs':
      return has(a) && isCheap(a as Expr)
    case 'f64.min':
    case 'f64.max':
      return has(a) && has(b) && isCheap(a as Expr) && isCheap(b as Expr)
    case 'f64.select':
      return has(b) && has(expr.args[2])
    default:
      return false
  }
}

/** May be computed twice. */
export function isCheap(expr: Expr): boolean {
  if (expr.kind === 'get' || expr.kind === 'const' || expr.kind === 'len') return true
  return (
    expr.kind === 'op' &&
    expr.args.length === 1 &&
    /^f64\.(from_i|floor|trunc)/.test(expr.op) &&
    isCheap(expr.args[0] as Expr)
  )
}

export interface Quotient {
  readonly dividend: Expr
  readonly divisor: Expr
  readonly by: 'i32' | 'u32' | 'i64'
}

/** Below this the quotient of two integers never rounds up to the next integer. */
const DIVISIBLE = 2 ** 52

/**
 * a / b whose integer part is that of an integer division: the rounded quotient of integers below 2^52 lies on the
 * same side of each integer as the exact one. Floor asks that it is not negative.
 */
export function quotient(forms: Forms, expr: Expr, floor: boolean): Quotient | undefined {
  if (expr.kind !== 'op') return undefined
  const [dividend, second] = expr.args as readonly [Expr, Expr]
  const divisor = expr.op === 'f64.div' ? second : expr.op === 'f64.mul' ? inverted(second) : undefined
  if (!divisor || !forms.of(dividend) || (divisor === second && !forms.of(divisor))) return undefined
  const a = forms.ranges.of(dividend)
  const b = divisor.kind === 'const' ? constant(divisor.value) : forms.ranges.of(divisor)
  if (hasZero(b) || (floor && !(a.lo >= 0 && b.lo > 0))) return undefined
  if (isInt(a, 0, U32_MAX) && isInt(b, 1, U32_MAX)) {
    return { dividend, divisor, by: a.hi <= I32_MAX && b.hi <= I32_MAX ? 'i32' : 'u32' }
  }
  const signed = isInt(a, I32_MIN, I32_MAX) && isInt(b, I32_MIN, I32_MAX)
  if (signed && (a.lo > I32_MIN || b.lo > -1 || b.hi < -1)) return { dividend, divisor, by: 'i32' }
  const wide = isInt(a, -DIVISIBLE, DIVISIBLE) && isInt(b, -EXACT, EXACT)
  return wide ? { dividend, divisor, by: 'i64' } : undefined
}

/** x * 2^-k is x / 2^k: both are exact until they underflow, which integers do not. */
function inverted(factor: Expr): Expr | undefined {
  if (factor.kind !== 'const') return undefined
  const divisor = 1 / Number(factor.value)
  return Number.isInteger(Math.log2(divisor)) && divisor > 1 && divisor < 2 ** 31 ? f64(divisor) : undefined
}
