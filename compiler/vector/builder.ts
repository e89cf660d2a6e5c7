import type { Range } from '../analysis/interval.ts'
import { get } from '../ir/build.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { localRead } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import type { Type } from '../ir/types.ts'
import { LANES, type VectorType } from '../ir/vector-types.ts'
import type { WaitingRow } from './interleave.ts'
import type { LinearLoop } from './linear.ts'
import { every } from './make.ts'
import type { Reduction } from './reductions.ts'
import { refuse } from './refusal.ts'
import type { Bound } from './split.ts'

/**
 * The values of one scalar expression in all rounds of a group: as many vectors as it takes, lowest rounds first. Each
 * part is cheap to repeat (a local or a constant). `mask`: lanes are all ones or zero, and stand for 1 and 0.
 */
export interface Value {
  readonly type: VectorType
  readonly parts: readonly Expr[]
  readonly mask?: true
  /** An i32 in lanes of 16 bits (narrow-lanes.ts): how they are widened. */
  readonly widened?: 's' | 'u'
}

/** A loop that goes on until no lane is active. */
export interface LanesLoop {
  readonly label: string
  /** Locals that hold which lanes are still in the loop. */
  readonly parts: readonly Expr[]
  /** Lanes still in the loop, at its top level. */
  active: Value
  /** How deep in conditions its body is. */
  readonly depth: number
  /** Locals whose value nobody reads after the loop: lanes that left may hold anything. */
  readonly dead: ReadonlySet<LocalId>
  tested: boolean
}

export interface Builder {
  readonly scope: Scope
  readonly loop: LinearLoop
  /** Rounds that one round of the vector loop does. */
  readonly group: number
  /** What the counter of the scalar loop goes up by. */
  readonly step: number
  /** Keys of what is in bounds in all rounds (split.ts). */
  readonly assured: ReadonlySet<string>
  /** What must be, too, before the vector loop does a group, by key. */
  readonly bounds: Map<string, Bound>
  /** Statements before the vector loop. */
  readonly hoisted: Stmt[]
  readonly hoistedAt: Map<string, Expr>
  /** Vector values of the locals that a round sets. */
  values: Map<LocalId, Value>
  /** Integer locals as values of the counter, see linear.ts. */
  readonly forms: Map<LocalId, Expr>
  /** Where statements go. */
  out: Stmt[]
  /** Rounds that take part, in a conditional statement. */
  mask: Value | undefined
  /** How many arms of conditional expressions are around the current place: all lanes compute them, some in vain. */
  arms: number
  /** Vectors computed in this round of the vector loop that several places want, by key. */
  readonly shared: Map<string, readonly Expr[]>
  /** Locals whose value is the same in all rounds of a group, kept as scalars. */
  readonly uniform: ReadonlySet<LocalId>
  /** Stores that wait for the rest of their row (interleave.ts). */
  readonly rows: Map<string, WaitingRow>
  /** Alias class of an array. */
  readonly classOf: (array: LocalId) => number
  readonly reductions: ReadonlyMap<LocalId, Reduction>
  /** Locals of the vectors that a scalar local became. */
  readonly storage: Map<LocalId, Value>
  /** Locals read outside of the loop. */
  readonly liveOutside: ReadonlySet<LocalId>
  /** Locals that each round of the uniform inner loop around sets before it reads them, and that nothing reads after it. */
  fresh: ReadonlySet<LocalId>
  /** Label of the main loop, which tests that leave the loop break. */
  readonly leave: string
  /** Conditions and blocks around the current place. */
  depth: number
  /** The loop with lanes that leave at different times around the current place. */
  lanesLoop: LanesLoop | undefined
  /** Statements that follow the current ones in the round, innermost list last; undefined where they repeat. */
  rest: readonly (readonly Stmt[])[] | undefined
  /** What the expression can be in rounds that take part. */
  readonly rangeOf: (expr: Expr) => Range
  /** What locals can be that were set to narrow values. */
  readonly ranges: Map<LocalId, Range>
  /** Which expressions have their low 16 bits in narrow lanes, as far as that was asked. */
  readonly narrow: Map<Expr, boolean>
  /** Whether i32 lanes may be packed for them. */
  packs: boolean
  /** A comparison in narrow lanes (narrow-lanes.ts). */
  readonly narrowComparison: (builder: Builder, relation: string, a: Expr, b: Expr) => Value | undefined
  /** The vector value of an expression (expressions.ts, handed in: conditions and expressions contain each other). */
  readonly vectorOf: (builder: Builder, expr: Expr) => Value
}

/** The expression in a local, unless it is one or a constant. */
export function hold(builder: Builder, expr: Expr, name = 'v'): Expr {
  if (expr.kind === 'get') return expr
  const local = builder.scope.local(name, expr.type)
  builder.out.push({ kind: 'set', local, value: expr })
  return get(local, expr.type)
}

export const holdAll = (builder: Builder, parts: readonly Expr[], name?: string): readonly Expr[] =>
  parts.map(part => hold(builder, part, name))

/**
 * A value that no round changes, computed once before the loop. Constants too: V8 makes the bytes of a vector constant
 * anew at each use.
 */
export function hoist(builder: Builder, expr: Expr, name = 'k'): Expr {
  const key = exprKey(expr)
  const known = builder.hoistedAt.get(key)
  if (known) return known
  const local = builder.scope.local(name, expr.type as Type)
  builder.hoisted.push({ kind: 'set', local, value: expr })
  const made = get(local, expr.type)
  builder.hoistedAt.set(key, made)
  return made
}

/** Vectors of this type for a group; some groups have fewer rounds than some types have lanes. */
export function partsOf({ group }: Builder, type: VectorType): number {
  return group < LANES[type] ? refuse(`a group of ${group} rounds does not fill an ${type}`) : group / LANES[type]
}

/** The same vector for every part. */
export const uniform = (builder: Builder, type: VectorType, part: Expr): Value => ({
  type,
  parts: Array.from({ length: partsOf(builder, type) }, () => part),
})

export const constant = (builder: Builder, type: VectorType, lane: number): Value =>
  uniform(builder, type, hoist(builder, every(type, lane)))

/** One vector from the parts of each operand at the same place. */
export function zip(
  builder: Builder,
  type: VectorType,
  operands: readonly Value[],
  make: (...parts: Expr[]) => Expr,
): Value {
  const parts = Array.from({ length: partsOf(builder, type) }, (_, i) =>
    make(...operands.map(({ parts: own }) => own[i] as Expr)),
  )
  return { type, parts }
}

/** The value with each of its parts in a local: within one statement, that may be the local of a scalar's vector. */
export const held = (builder: Builder, value: Value, name?: string): Value => ({
  ...value,
  parts: value.parts.map(part => hold(builder, part, name)),
})

/** The same for later statements: what a scalar's vector holds now, though it may be set in between. */
export function kept(builder: Builder, value: Value, name = 'v'): Value {
  const vectors = new Set([...builder.storage.values()].flatMap(({ parts }) => parts.map(localRead)))
  const copied = (part: Expr): Expr => {
    if (part.kind !== 'get' || !vectors.has(part.local)) return hold(builder, part, name)
    const local = builder.scope.local(name, part.type)
    builder.out.push({ kind: 'set', local, value: part })
    return get(local, part.type)
  }
  return { ...value, parts: value.parts.map(copied) }
}

/** Builds an arm of a conditional expression. */
export function inArm<T>(builder: Builder, build: () => T): T {
  builder.arms++
  const built = build()
  builder.arms--
  return built
}
