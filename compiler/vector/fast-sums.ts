import { get, op } from '../ir/build.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import type { OpName } from '../ir/ops.ts'
import { localsSet, mapStmts, visitExpr } from '../ir/rewrite.ts'
import type { Scope } from '../ir/scope.ts'
import { type Singles, setOnce, single, withTwins } from './fast-single.ts'
import { exposedReads } from './flow.ts'
import { isSumOf } from './reductions.ts'

/**
 * Sums of f32 in f32 lanes. With `math: 'fast'`, in a function all of whose arrays hold f32, what a sum adds is computed
 * and summed in f32 within a block (see BLOCK_OF_SINGLES), and the blocks are added in f64. Minima and maxima of f32
 * values are the same in f32: for them this holds in strict mode too.
 */
export interface SingleSums {
  readonly body: readonly Stmt[]
  /** The f64 local for each f32 local that gathers in its place. */
  readonly into: ReadonlyMap<LocalId, LocalId>
}

const SAME: { readonly [op in OpName]?: OpName } = { 'f64.min': 'f32.min', 'f64.max': 'f32.max' }
const SUMS: { readonly [op in OpName]?: OpName } = { 'f64.add': 'f32.add', 'f64.sub': 'f32.sub' }

export function singleSums(scope: Scope, body: readonly Stmt[], sums: boolean): SingleSums {
  const exposed = exposedReads(body)
  const singles: Singles = { scope, once: setOnce(body), twins: new Map() }
  const into = new Map<LocalId, LocalId>()
  let made = body
  for (const local of localsSet(body)) {
    if (!exposed.has(local) || scope.locals[local]?.type !== 'f64') continue
    const tables = sums ? [SAME, SUMS] : [SAME]
    for (const table of tables) {
      if (into.size > 0 && [...into.values()].includes(local)) break
      if (!isSumOf(made, local, Object.keys(table) as OpName[])) continue
      const twin = scope.local(scope.locals[local]?.name ?? 's', 'f32')
      const next = inTwin(singles, made, local, twin, table)
      if (!next) continue
      made = next
      into.set(twin, local)
    }
  }
  return into.size === 0 ? { body, into } : { body: withTwins(singles, made), into }
}

/** Sets of the f64 local as sets of its twin, or undefined where an operand has no f32 form. */
function inTwin(
  singles: Singles,
  body: readonly Stmt[],
  local: LocalId,
  twin: LocalId,
  table: { readonly [op in OpName]?: OpName },
): readonly Stmt[] | undefined {
  let possible = true
  const convert = (expr: Expr): Expr | undefined => {
    if (expr.kind === 'get' && expr.local === local) return get(twin, 'f32')
    const own = expr.kind === 'op' && reads(expr, local) ? table[expr.op] : undefined
    if (expr.kind === 'op' && own) {
      const args = expr.args.map(convert)
      return args.every(arg => arg !== undefined) ? op(own, ...args) : undefined
    }
    if (table === SAME) return expr.kind === 'op' && expr.op === 'f64.from_f32' ? expr.args[0] : undefined
    return ofSingles(singles, expr) ? single(singles, expr) : undefined
  }
  const made = mapStmts(body, stmt => {
    if (stmt.kind !== 'set' || stmt.local !== local) return stmt
    const value = convert(stmt.value)
    possible &&= value !== undefined
    return value ? { ...stmt, local: twin, value } : stmt
  })
  return possible ? made : undefined
}

/** Whether only f32 elements, constants and values from before the loop are in it. */
function ofSingles({ once }: Singles, expr: Expr): boolean {
  let found = true
  visitExpr(expr, node => {
    if (node.kind === 'op' && /^f64\.from_i/.test(node.op)) found = false
    const value = node.kind === 'get' ? once.get(node.local) : undefined
    if (value && !ofSingles({ once } as Singles, value)) found = false
  })
  return found
}

function reads(expr: Expr, local: LocalId): boolean {
  let found = false
  visitExpr(expr, node => {
    found ||= node.kind === 'get' && node.local === local
  })
  return found
}
