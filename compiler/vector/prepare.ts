import type { LocalId, Stmt } from '../ir/ir.ts'
import type { Scope } from '../ir/scope.ts'
import { testsFirst } from './exits.ts'
import { picksAsSelects } from './extremes.ts'
import { singleSums } from './fast-sums.ts'
import { gatherFlags } from './flags.ts'
import { exposedReads } from './flow.ts'
import { joinCopies } from './joins.ts'
import type { ForStmt } from './split.ts'

/** A main loop's body in the forms that the rewriter takes, and what belongs before and after the groups. */
export interface Prepared {
  readonly body: readonly Stmt[]
  readonly before: readonly Stmt[]
  readonly after: readonly Stmt[]
  /** f64 locals by the f32 locals that gather in their place */
  readonly into: ReadonlyMap<LocalId, LocalId>
}

interface Context {
  readonly liveOutside: ReadonlySet<LocalId>
  readonly classOf: (array: LocalId) => number
  /** Sums of f32 in f32 lanes. */
  readonly singles: boolean
}

export function prepare(scope: Scope, { body, label }: ForStmt, { liveOutside, classOf, singles }: Context): Prepared {
  const plain = recognised(body, liveOutside)
  const first = testsFirst(plain, label, exposedReads(plain), classOf)
  const flags = gatherFlags(scope, first)
  const sums = singleSums(scope, flags.body, singles)
  return { body: sums.body, into: sums.into, before: flags.before, after: flags.after }
}

/** Spellings of reductions in one form. */
export function recognised(body: readonly Stmt[], liveOutside: ReadonlySet<LocalId>): readonly Stmt[] {
  const carried = exposedReads(body)
  return picksAsSelects(joinCopies(body, carried, liveOutside), carried)
}
