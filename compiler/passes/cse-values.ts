import { type Aliases, aliasesOf } from '../ir/alias.ts'
import { detail } from '../ir/equal.ts'
import type { ConstExpr, Expr, Func, LocalId, Module } from '../ir/ir.ts'
import { type OpName, opInfo } from '../ir/ops.ts'
import { children } from '../ir/rewrite.ts'
import { operands } from './fold-match.ts'
import { evaluateConstant, NEGATED } from './fold-rules.ts'

/**
 * Value numbers: two expressions with one number have the same value wherever both stand. Numbers are never reused
 * and never change their meaning; what changes along the way is which number a local holds (`Versions`).
 */
export type ValueNumber = number

/** What is known at one point of the program. */
export interface Versions {
  /** Number of the value that each local holds. */
  readonly locals: Int32Array
  /** Number of the state of the elements, and of the lengths, of each alias class. */
  readonly elements: Int32Array
  readonly lengths: Int32Array
}

export interface Values {
  readonly aliases: Aliases
  fresh(): ValueNumber
  /** Number of an expression whose children are numbered by `of`. */
  number(expr: Expr, versions: Versions, of: (child: Expr) => ValueNumber): ValueNumber
  constant(value: ValueNumber): ConstExpr | undefined
  /** After a store, a load of the same element gives the stored value. */
  forward(key: ElementKey, value: ValueNumber): void
  /** Number of the comparison with the opposite answer. */
  negation(expr: Expr, of: (child: Expr) => ValueNumber): ValueNumber | undefined
  /** Number of `a op b` for operands that are numbers already. */
  comparison(op: 'i32.lt_s' | 'i32.lt_u' | 'i32.ge_s' | 'i32.ge_u', a: ValueNumber, b: ValueNumber): ValueNumber
  /** The operator of one operand that made this value, if one did. */
  definition(value: ValueNumber): Definition | undefined
}

export interface ElementKey {
  readonly what: string
  readonly memory: ValueNumber
  readonly elements: ValueNumber
  readonly index: ValueNumber
}

const elementKey = ({ what, memory, elements, index }: ElementKey): string => `[${what} ${memory} ${elements} ${index}`

export function createValues(module: Module, func: Func): Values {
  const aliases = aliasesOf(module, func)
  const numbers = new Map<string, ValueNumber>()
  const constants = new Map<ValueNumber, ConstExpr>()
  const definitions = new Map<ValueNumber, Definition>()
  let count = 0
  const fresh = (): ValueNumber => count++
  const lookup = (key: string): ValueNumber => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    const value = count++
    numbers.set(key, value)
    return value
  }
  const folded = (op: OpName, parts: readonly ValueNumber[]): ValueNumber | undefined => {
    const args = parts.map(part => constants.get(part))
    if (!args.every(arg => arg !== undefined)) return undefined
    const constant = evaluateConstant(op, args)
    if (!constant) return undefined
    const value = lookup(`${constant.type} ${detail(constant)}`)
    constants.set(value, constant)
    return value
  }
  return {
    aliases,
    fresh,
    constant: value => constants.get(value),
    forward: (key, value) => void numbers.set(elementKey(key), value),
    definition: value => definitions.get(value),
    comparison: (op, a, b) => lookup(operatorKey(op, [a, b])),
    negation: (expr, of) => {
      const inner = operands(expr, 'i32.eqz')
      if (inner) return of(inner[0])
      const opposite = expr.kind === 'op' ? NEGATED[expr.op] : undefined
      if (!opposite || expr.kind !== 'op') return undefined
      return lookup(operatorKey(opposite, ordered(opposite, expr.args.map(of))))
    },
    number: (expr, versions, of) => {
      const parts = children(expr).map(of)
      if (expr.kind === 'get') return versions.locals[expr.local] as number
      if (expr.kind === 'op') {
        const known = undone(expr.op, definitions.get(parts[0] as number)) ?? folded(expr.op, parts)
        if (known !== undefined) return known
      }
      const value = lookup(keyOf(expr, parts, versions, aliases))
      if (expr.kind === 'const') constants.set(value, expr)
      if (expr.kind === 'op' && parts.length === 1) definitions.set(value, { op: expr.op, of: parts[0] as number })
      return value
    },
  }
}

/** The operator of one operand that made a value. */
export interface Definition {
  readonly op: OpName
  readonly of: ValueNumber
}

/** Conversions that give back what another has converted (as in fold-conversions.ts, but seen through locals). */
const UNDOES: Partial<Record<OpName, readonly OpName[]>> = {
  'i32.from_f64_js': ['f64.from_i32_s', 'f64.from_i32_u'],
  'i32.trunc_sat_s': ['f64.from_i32_s'],
  'i32.trunc_sat_u': ['f64.from_i32_u'],
  'i32.wrap_i64': ['i64.from_i32_s', 'i64.from_i32_u'],
  'f32.from_f64': ['f64.from_f32'],
  'f64.from_box': ['box.from_f64'],
  'f64.from_box_num': ['box.from_f64'],
}

function undone(op: OpName, made: Definition | undefined): ValueNumber | undefined {
  return made && UNDOES[op]?.includes(made.op) ? made.of : undefined
}

/** Operands of a commutative operator in one order. */
function ordered(op: OpName, parts: readonly ValueNumber[]): readonly ValueNumber[] {
  return opInfo(op).commutative ? [...parts].sort((a, b) => a - b) : parts
}

function operatorKey(op: string, parts: readonly ValueNumber[]): string {
  return `${op} ${parts.join(' ')}`
}

function keyOf(expr: Expr, parts: readonly ValueNumber[], versions: Versions, aliases: Aliases): string {
  const held = (local: LocalId): number => versions.locals[local] as number
  const elements = (local: LocalId): number => versions.elements[aliases.classOf(local)] as number
  const lengths = (local: LocalId): number => versions.lengths[aliases.classOf(local)] as number
  switch (expr.kind) {
    case 'const':
      return `${expr.type} ${detail(expr)}`
    case 'op':
      return operatorKey(expr.op, ordered(expr.op, parts))
    case 'cond':
    case 'host':
      return `${expr.kind} ${detail(expr)} ${parts.join(' ')}`
    case 'len':
      return `len ${held(expr.array)}`
    case 'load':
      return elementKey({
        what: expr.elem,
        memory: held(expr.array),
        elements: elements(expr.array),
        index: parts[0] as number,
      })
    case 'listget':
      return elementKey({
        what: 'list',
        memory: held(expr.list),
        elements: elements(expr.list),
        index: parts[0] as number,
      })
    case 'vload':
      return elementKey({
        what: `${expr.elem} ${expr.count} ${expr.type}`,
        memory: held(expr.array),
        elements: elements(expr.array),
        index: parts[0] as number,
      })
    case 'vconst':
    case 'vop':
    case 'vmove':
    case 'kernel':
      return `${expr.kind} ${expr.type} ${detail(expr)} ${parts.join(' ')}`
    case 'subarray':
      return `subarray ${held(expr.array)} ${parts.join(' ')}`
    case 'listview':
    case 'listlen':
      return `${expr.kind} ${held(expr.list)} ${lengths(expr.list)}`
    case 'isnull':
      return `isnull ${held(expr.local)}`
    case 'get':
      return `get ${held(expr.local)}`
  }
}

/**
 * At the entry of a function. Locals begin as zero, but no use is made of that: `i = 0` before a loop must stay, since
 * passes that look for counted loops need to see it.
 */
export function initialVersions(func: Func, values: Values): Versions {
  const classes = (): Int32Array => Int32Array.from({ length: values.aliases.count }, values.fresh)
  return { locals: Int32Array.from(func.locals, values.fresh), elements: classes(), lengths: classes() }
}

export function copyVersions({ locals, elements, lengths }: Versions): Versions {
  return { locals: locals.slice(), elements: elements.slice(), lengths: lengths.slice() }
}

/** Where two paths meet, what they agree on stays, the rest is new. */
export function mergeVersions(into: Versions, other: Versions, values: Values): void {
  for (const part of ['locals', 'elements', 'lengths'] as const) {
    const target = into[part]
    const source = other[part]
    for (let index = 0; index < target.length; index++) {
      if (target[index] !== source[index]) target[index] = values.fresh()
    }
  }
}

export function assignVersions(into: Versions, from: Versions): void {
  into.locals.set(from.locals)
  into.elements.set(from.elements)
  into.lengths.set(from.lengths)
}
