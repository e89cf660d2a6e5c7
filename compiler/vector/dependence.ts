import type { Aliases } from '../ir/alias.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, rootExprs, visitExpr } from '../ir/rewrite.ts'
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
  readonly form: Linear | undefined
}

export function checkDependences(
  body: readonly Stmt[],
  loop: LinearLoop,
  step: number,
  aliases: Aliases,
  names: (local: LocalId) => string,
  group: number,
): void {
  const accesses = accessesOf(body, loop)
  for (const [at, one] of accesses.entries()) {
    if (!one.writes) continue
    for (const [otherAt, other] of accesses.entries()) {
      if (other === one || (other.writes && otherAt < at)) continue
      if (aliases.classOf(one.array) !== aliases.classOf(other.array)) continue
      checkPair(one, other, otherAt < at, step, names, group)
    }
  }
}

function checkPair(
  store: Access,
  other: Access,
  before: boolean,
  step: number,
  names: (local: LocalId) => string,
  group: number,
): void {
  const [a, b] = [names(store.array), names(other.array)]
  if (store.array !== other.array) return refuse(`\`${a}\` and \`${b}\` may overlap`)
  const apart = store.form && other.form && distance(store.form, other.form)
  if (apart === undefined || store.form?.step === 0) {
    return refuse(`\`${a}\` is read and written at places whose distance is not known`)
  }
  const stride = (store.form?.step ?? 1) * step
  if (apart % stride !== 0) return
  // the other access meets in its round r what the store meets in round r + rounds
  const rounds = apart / stride
  if (rounds === 0 || Math.abs(rounds) >= group) return
  const carried = before && !other.writes ? rounds < 0 : rounds > 0
  if (carried) refuse(`a round of the loop needs what the round ${Math.abs(rounds)} before it writes to \`${a}\``)
}

function accessesOf(body: readonly Stmt[], loop: LinearLoop): readonly Access[] {
  const found: Access[] = []
  const values = new Map<LocalId, Expr>()
  const formOf = (index: Expr): Linear | undefined => linearOf(closed(index, values), loop)
  const visit = (stmts: readonly Stmt[], conditional: boolean): void => {
    for (const stmt of stmts) {
      for (const expr of rootExprs(stmt)) {
        visitExpr(expr, node => {
          if (node.kind === 'load') found.push({ array: node.array, writes: false, form: formOf(node.index) })
        })
      }
      if (stmt.kind === 'store') found.push({ array: stmt.array, writes: true, form: formOf(stmt.index) })
      if (stmt.kind === 'set') recordValue({ loop, values }, stmt.local, stmt.value, conditional)
      for (const inner of bodies(stmt)) visit(inner, true)
    }
  }
  visit(body, false)
  return found
}
