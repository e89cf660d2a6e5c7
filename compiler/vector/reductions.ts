import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { visitExpr, visitStmts } from '../ir/rewrite.ts'
import { LANES, type VectorType } from '../ir/vector-types.ts'
import { pickOf, type Relation } from './extremes.ts'
import { countReads } from './flow.ts'
import { every, extract, shuffle, vop } from './make.ts'
import { Refusal, refuse } from './refusal.ts'

/**
 * Locals that only gather: `x = x op e`, with an operator whose order does not matter (or, in fast mode, may be
 * chosen). Each lane gathers for itself, and the lanes are gathered at the end.
 */
export interface Reduction {
  readonly local: LocalId
  readonly op: OpName
  readonly neutral: number
  /** Gathers by comparison (extremes.ts): lanes begin with the value before the loop. */
  readonly pick?: Relation
  /** `x = x ? t : 0` with conditions t: what x was before the loop counts as true or false only (it may be 2). */
  readonly isTruth?: true
}

const NEUTRAL: { readonly [op in OpName]?: number } = {
  'i32.add': 0,
  'i32.mul': 1,
  'i32.and': -1,
  'i32.or': 0,
  'i32.xor': 0,
  'i64.add': 0,
  'i64.and': -1,
  'i64.or': 0,
  'i64.xor': 0,
  'f64.min': Number.POSITIVE_INFINITY,
  'f64.max': Number.NEGATIVE_INFINITY,
  'f32.min': Number.POSITIVE_INFINITY,
  'f32.max': Number.NEGATIVE_INFINITY,
}
/** -0 is neutral, 0 is not: 0 + -0 is 0. */
const FAST: { readonly [op in OpName]?: number } = { 'f64.add': -0, 'f64.mul': 1, 'f32.add': -0, 'f32.mul': 1 }
const SUBTRACTS: { readonly [op in OpName]?: OpName } = {
  'f64.sub': 'f64.add',
  'f32.sub': 'f32.add',
  'i32.sub': 'i32.add',
  'i64.sub': 'i64.add',
}

export const isFastReduction = ({ op }: Reduction): boolean => Object.hasOwn(FAST, op)

type SetStmt = Extract<Stmt, { kind: 'set' }>

function setsOf(body: readonly Stmt[], local: LocalId): readonly SetStmt[] {
  const sets: SetStmt[] = []
  visitStmts(body, stmt => {
    if (stmt.kind === 'set' && stmt.local === local) sets.push(stmt)
  })
  return sets
}

/** As `reductionOf`, and what gathers by comparison. */
export function gatheringOf(body: readonly Stmt[], local: LocalId, name: string, fast: boolean): Reduction {
  const sets = setsOf(body, local)
  return pickReduction(body, local, sets) ?? truthReduction(body, local, sets) ?? reductionOf(body, local, name, fast)
}

export function reductionOf(body: readonly Stmt[], local: LocalId, name: string, fast: boolean): Reduction {
  const sets = setsOf(body, local)
  const carries = `\`${name}\` carries a value from one round to the next`
  if (sets.length === 0 || sets.length > 8) return refuse(carries)
  const ops = new Set(sets.map(set => chainOf(set.value, local)))
  const [op] = ops
  if (!op || ops.size !== 1) return refuse(carries, sets[0]?.span)
  if ((countReads(body).get(local) ?? 0) !== sets.length) return refuse(`${carries}, which is also read`, sets[0]?.span)
  const neutral = NEUTRAL[op] ?? FAST[op]
  if (neutral === undefined) return refuse(carries, sets[0]?.span)
  if (!fast && Object.hasOwn(FAST, op)) {
    return refuse(
      `the ${op.endsWith('add') ? 'sum' : 'product'} \`${name}\` keeps its order in strict mode: use math: 'fast'`,
      sets[0]?.span,
    )
  }
  return { local, op, neutral }
}

/** All sets keep what is greatest (or least), and nothing else reads the local. */
function pickReduction(body: readonly Stmt[], local: LocalId, sets: readonly SetStmt[]): Reduction | undefined {
  const picks = sets.map(set => pickOf(set.value, local))
  const relation = picks[0]?.relation
  if (!relation || picks.some(pick => pick?.relation !== relation)) return undefined
  if ((countReads(body).get(local) ?? 0) !== 2 * sets.length) return undefined
  const type = sets[0]?.value.type
  const name = `${type}.${relation.startsWith('g') ? 'max' : 'min'}` as OpName
  return { local, op: name, neutral: 0, pick: relation }
}

/** Whether all conditions hold: lanes begin as all ones, and hold 0 or 1 from their first round on. */
function truthReduction(body: readonly Stmt[], local: LocalId, sets: readonly SetStmt[]): Reduction | undefined {
  if (sets.length === 0 || !sets.every(set => conditionOf(set.value, local))) return undefined
  if ((countReads(body).get(local) ?? 0) !== sets.length) return undefined
  return { local, op: 'i32.and', neutral: -1, isTruth: true }
}

/** t of `x ? t : 0`. */
export function conditionOf(value: Expr, local: LocalId): Expr | undefined {
  if (value.kind !== 'cond' || value.type !== 'i32' || value.test.kind !== 'get') return undefined
  const zero = value.else.kind === 'const' && value.else.value === 0
  return zero && value.test.local === local && isCondition(value.then) ? value.then : undefined
}

const isCondition = (expr: Expr): boolean => expr.kind === 'op' && /\.(eq|ne|lt|le|gt|ge)(_[su])?$/.test(expr.op)

/** Whether the local only gathers by one of these operators. */
export function isSumOf(body: readonly Stmt[], local: LocalId, ops: readonly OpName[]): boolean {
  try {
    return ops.includes(reductionOf(body, local, '', true).op)
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** The operator that all nodes between the value and the local's only read have. */
function chainOf(value: Expr, local: LocalId): OpName | undefined {
  if (value.kind !== 'op') return undefined
  const [a, b] = value.args
  if (!a || !b || value.args.length !== 2) return undefined
  const own = SUBTRACTS[value.op] ?? value.op
  const inner = reads(a, local) ? a : value.op === own ? b : undefined
  if (!inner || (inner === a ? reads(b, local) : !reads(b, local))) return undefined
  if (inner.kind === 'get') return own
  return chainOf(inner, local) === own ? own : undefined
}

function reads(expr: Expr, local: LocalId): boolean {
  let found = false
  visitExpr(expr, node => {
    found ||= node.kind === 'get' && node.local === local
  })
  return found
}

/**
 * All lanes of all parts as one scalar: lane i and i + n/2 of the n lanes, then the halves again (so the tree depends on
 * n alone).
 */
export function gatherLanes(op: OpName, parts: readonly Expr[], hold: (expr: Expr) => Expr): Expr {
  let current = parts
  const type = parts[0]?.type as VectorType
  const name = `${type}.${op.split('.')[1]}`
  while (current.length > 1) {
    const half = current.length / 2
    current = current.slice(0, half).map((part, i) => hold(vop(name, part, current[half + i] as Expr)))
  }
  let last = current[0] as Expr
  let lanes = LANES[type]
  for (; lanes > 2; lanes /= 2) {
    const order = Array.from({ length: LANES[type] }, (_, i) => (i + lanes / 2) % LANES[type])
    last = hold(vop(name, last, shuffle(order, last, last)))
  }
  return { kind: 'op', type: scalarType(op), op, args: [extract(last, 0), extract(last, 1)] }
}

/** One lane for each of the given vectors' lanes, compared in turn. */
export function pickLanes(relation: Relation, parts: readonly Expr[], hold: (expr: Expr) => Expr): Expr {
  const type = parts[0]?.type as VectorType
  const best = parts.reduce((a, b) => hold(pickVector(type, relation, a, b)))
  const lanes = Array.from({ length: LANES[type] }, (_, lane) => hold(extract(best, lane)))
  return lanes.reduce((a, b) => {
    const scalar = a.type as 'f64'
    const test: Expr = { kind: 'op', type: 'i32', op: `${scalar}.${relation}` as OpName, args: [b, a] }
    return hold({ kind: 'op', type: scalar, op: `${scalar}.select`, args: [test, b, a] })
  })
}

/** `b` where it relates so to `a`, else `a`. */
export function pickVector(type: VectorType, relation: Relation, a: Expr, b: Expr): Expr {
  if (relation === 'gt') return vop(`${type}.pmax`, a, b)
  if (relation === 'lt') return vop(`${type}.pmin`, a, b)
  return vop(`${type}.select`, vop(`${type}.${relation}`, b, a), b, a)
}

const scalarType = (op: OpName): 'f64' | 'f32' | 'i32' | 'i64' => op.split('.')[0] as 'f64'

export const neutralLanes = (type: VectorType, { neutral }: Reduction): Expr => every(type, neutral)
