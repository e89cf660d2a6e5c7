import type { Random } from './random.ts'
import type { ParamKind, TypedName } from './values.ts'

/** A variable that generated code may use. */
export interface Variable {
  readonly name: string
  readonly kind: VariableKind
  /** may be assigned */
  readonly mutable: boolean
}
export type VariableKind =
  | { readonly k: 'num' | 'int' | 'bool' | 'maybe' | 'list' | 'records' | 'record' }
  | { readonly k: 'typed'; readonly type: TypedName }
  | { readonly k: 'object'; readonly fields: Readonly<Record<string, ParamKind>>; readonly live: boolean }
  | { readonly k: 'fn'; readonly params: readonly ParamKind[]; readonly returns: 'num' | 'bool'; readonly cost: number }

export type KindName = VariableKind['k']
export type VariableOf<K extends KindName> = Variable & { readonly kind: Extract<VariableKind, { k: K }> }

/** Steps that one call may take: bounds the nesting of loops and calls. */
export const BUDGET = 500

/** Where code is generated: what is visible, which jumps are possible, how often this place runs. */
export interface Context {
  readonly random: Random
  readonly variables: Variable[]
  /** how often this place runs at most in one call */
  readonly weight: number
  /** labels of the loops around, innermost last; '' for loops without one */
  readonly loops: readonly string[]
  /** labels of blocks around */
  readonly blocks: readonly string[]
  readonly inSwitch: boolean
  /** the innermost loop is closer than the innermost switch */
  readonly mayBreak: boolean
  /** plain arrays must keep their length here */
  readonly fixedLists: boolean
  /** what a return here gives; undefined: no return is possible */
  readonly returns: 'num' | 'bool' | 'any' | undefined
  /** no assignments in expressions: the place is evaluated in an order that the generator does not control */
  readonly depth: number
  readonly names: { next: number }
  /** how deep expressions may nest */
  readonly expressionDepth: number
  /** calls the kernel library */
  readonly library: boolean
  /** the function around: how often it runs at most, and what the calls in it cost */
  readonly frame: { readonly weight: number; cost: number }
}

export const inner = (c: Context, change: Partial<Context> = {}): Context => ({
  ...c,
  variables: [...c.variables],
  depth: c.depth + 1,
  ...change,
})

export function fresh(c: Context, prefix: string): string {
  return `${prefix}${c.names.next++}`
}

export function declareVariable(c: Context, name: string, kind: VariableKind, mutable = true): string {
  c.variables.push({ name, kind, mutable })
  return name
}

export function visible<K extends KindName>(c: Context, ...kinds: readonly K[]): VariableOf<K>[] {
  const last = new Map(c.variables.map(variable => [variable.name, variable]))
  return [...last.values()].filter(({ kind }) => kinds.includes(kind.k as K)) as VariableOf<K>[]
}

export function assignable<K extends KindName>(c: Context, ...kinds: readonly K[]): VariableOf<K>[] {
  return visible(c, ...kinds).filter(({ mutable }) => mutable)
}
