import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { localsSet, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { countReads } from '../vector/flow.ts'
import { reductionOf } from '../vector/reductions.ts'
import { Refusal } from '../vector/refusal.ts'
import { refuse } from './refusal.ts'

/** A value that the rounds of a loop gather. */
export interface Gathering {
  readonly local: LocalId
  readonly op: OpName
  readonly neutral: number
  /**
   * The order of the rounds matters (floating-point sums): then each round is gathered by itself, by the caller, in order,
   * and what takes its time is the computing of what is gathered.
   */
  readonly isOrdered: boolean
}

/** -0 is neutral, 0 is not: 0 + -0 is 0. */
const ORDERED: { readonly [op in OpName]?: number } = { 'f64.add': -0, 'f64.mul': 1, 'f32.add': -0, 'f32.mul': 1 }

export function gatheringOf(body: readonly Stmt[], local: LocalId, name: string): Gathering {
  try {
    const { op, neutral } = reductionOf(body, local, name, false)
    return { local, op, neutral, isOrdered: false }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return orderedOf(body, local) ?? refuse(error.message, error.span)
  }
}

/** `x = x + e`, once and always in each round, with an x that is not read elsewhere. */
function orderedOf(body: readonly Stmt[], local: LocalId): Gathering | undefined {
  const sets = body.filter(stmt => stmt.kind === 'set' && stmt.local === local)
  const [only] = sets
  if (sets.length !== 1 || only?.kind !== 'set' || setsOf(body, local) !== 1) return undefined
  const { value } = only
  if (value.kind !== 'op' || countReads(body).get(local) !== 1) return undefined
  const [first, second] = value.args
  const neutral = ORDERED[value.op]
  if (neutral === undefined || !first || !second || first.kind !== 'get' || first.local !== local) return undefined
  return mayLeave(body) ? undefined : { local, op: value.op, neutral, isOrdered: true }
}

function setsOf(body: readonly Stmt[], local: LocalId): number {
  let count = 0
  visitStmts(body, stmt => {
    if (
      localsSet([{ ...stmt, ...('body' in stmt && { body: [] }), ...('then' in stmt && { then: [], else: [] }) }]).has(
        local,
      )
    )
      count++
  })
  return count
}

/** `continue` of the loop itself would pass the set by. */
function mayLeave(body: readonly Stmt[]): boolean {
  const inside = new Set<string>()
  let leaves = false
  visitStmts(body, stmt => {
    if (stmt.kind === 'block' || stmt.kind === 'loop' || stmt.kind === 'for') inside.add(stmt.label)
    if ((stmt.kind === 'break' || stmt.kind === 'continue') && !inside.has(stmt.label)) leaves = true
  })
  return leaves
}

/** Whether computing a round takes long enough to gather each by itself. */
export function isWorthOrdering(body: readonly Stmt[]): boolean {
  let heavy = false
  visitStmts(body, stmt => {
    heavy ||= stmt.kind === 'for' || stmt.kind === 'loop' || stmt.kind === 'primitive'
  })
  return heavy || callsOut(body)
}

function callsOut(body: readonly Stmt[]): boolean {
  let calls = 0
  visitStmts(body, stmt => {
    const exprs: readonly Expr[] = stmt.kind === 'set' || stmt.kind === 'store' ? [stmt.value] : []
    for (const expr of exprs)
      visitExpr(expr, node => void ((node.kind === 'host' || node.kind === 'kernel') && calls++))
  })
  return calls >= 2
}
