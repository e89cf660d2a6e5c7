import type { Aliases } from '../ir/alias.ts'
import { i32, op } from '../ir/build.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, localsSet, rootExprs, visitExpr } from '../ir/rewrite.ts'
import { closed, distance, type Linear, type LinearLoop, linearOf } from './linear.ts'
import { refuse } from './refusal.ts'
import { recordValue } from './split.ts'

/**
 * Whether the rounds of a group may run statement by statement: each statement for all rounds, then the next. They may
 * when no round needs what an earlier round of the group does later in its body (Allen & Kennedy, ch. 2: a statement
 * must not come to depend on a later one).
 */
interface Access {
  readonly array: LocalId
  readonly writes: boolean
  /** In the counter and values that no round changes. */
  readonly index: Expr
  readonly form: Linear | undefined
}

interface Rounds {
  /** What the counter goes up by. */
  readonly step: number
  readonly group: number
  readonly names: (local: LocalId) => string
}

/** Gives conditions that must hold when the loop begins: distances known only then. */
export function checkDependences(
  body: readonly Stmt[],
  loop: LinearLoop,
  aliases: Aliases,
  rounds: Rounds,
): readonly Expr[] {
  const accesses = accessesOf(body, loop)
  const conditions = new Map<string, Expr>()
  for (const [at, one] of accesses.entries()) {
    if (!one.writes) continue
    for (const [otherAt, other] of accesses.entries()) {
      if (other === one || (other.writes && otherAt < at)) continue
      if (aliases.classOf(one.array) !== aliases.classOf(other.array)) continue
      const needed = checkPair(one, other, otherAt < at, rounds)
      if (needed) conditions.set(exprKey(needed), needed)
    }
  }
  return [...conditions.values()]
}

function checkPair(store: Access, other: Access, before: boolean, { step, group, names }: Rounds): Expr | undefined {
  const [a, b] = [names(store.array), names(other.array)]
  if (store.array !== other.array) return refuse(`\`${a}\` and \`${b}\` may overlap`)
  const apart = store.form && other.form && distance(store.form, other.form)
  const side = before && !other.writes ? -1 : 1
  if (apart === undefined && isNeighbourly(store, step) && store.form?.step === other.form?.step)
    return farApart(store, other, side, (store.form?.step ?? 1) * step, group)
  if (apart === undefined || store.form?.step === 0) {
    return refuse(`\`${a}\` is read and written at places whose distance is not known`)
  }
  const stride = (store.form?.step ?? 1) * step
  if (apart % stride !== 0) return undefined
  // the other access meets in its round r what the store meets in round r + rounds
  const rounds = apart / stride
  if (rounds === 0 || Math.abs(rounds) >= group || rounds * side < 0) return undefined
  return refuse(`a round of the loop needs what the round ${Math.abs(rounds)} before it writes to \`${a}\``)
}

const isNeighbourly = ({ form }: Access, step: number): boolean => Math.abs((form?.step ?? 0) * step) === 1

/**
 * That no round of a group needs what another writes further down: the other access meets the store's place that many
 * rounds later (`side` 1) or earlier (-1), and that must not be 1 to group - 1.
 */
function farApart(store: Access, other: Access, side: 1 | -1, stride: number, group: number): Expr {
  const [from, to] = stride * side > 0 ? [store.index, other.index] : [other.index, store.index]
  return op('i32.ge_u', op('i32.sub', op('i32.sub', to, from), i32(1)), i32(group - 1))
}

function accessesOf(body: readonly Stmt[], loop: LinearLoop): readonly Access[] {
  const found: Access[] = []
  const values = new Map<LocalId, Expr>()
  const access = (array: LocalId, given: Expr, writes: boolean): Access => {
    const index = closed(given, values)
    return { array, writes, index, form: linearOf(index, loop) }
  }
  const visit = (stmts: readonly Stmt[], conditional: boolean): void => {
    for (const stmt of stmts) {
      for (const expr of rootExprs(stmt)) {
        visitExpr(expr, node => {
          if (node.kind === 'load') found.push(access(node.array, node.index, false))
        })
      }
      if (stmt.kind === 'store') found.push(access(stmt.array, stmt.index, true))
      if (stmt.kind === 'loop' || stmt.kind === 'for') for (const local of localsSet([stmt])) values.delete(local)
      if (stmt.kind === 'set') recordValue({ loop, values }, stmt.local, stmt.value, conditional)
      for (const inner of bodies(stmt)) visit(inner, true)
    }
  }
  visit(body, false)
  return found
}
