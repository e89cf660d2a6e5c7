import { sizeOf } from '../ir/control.ts'
import { exprKey } from '../ir/equal.ts'
import type { Expr, Func, Stmt } from '../ir/ir.ts'
import { localsSet, rootExprs, visitAllExprs, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { ELEM_BYTES, type Elem } from '../ir/types.ts'
import { leaves } from './exits.ts'
import { isSingle } from './fast-single.ts'
import { exposedReads } from './flow.ts'
import { recognised } from './prepare.ts'
import { gatheringOf } from './reductions.ts'
import { Refusal } from './refusal.ts'
import type { Choice, ForStmt } from './split.ts'

/** V8 has 16 vector registers for sums and for what is added to them. */
const REGISTERS = 16

/**
 * Expression nodes and statements of a body that may be there once more, for the rounds that no group of 8 takes: a function
 * of kernels/ costs as much for one element as for two, and short loops (a dozen maturities) are common.
 */
const REST_BUDGET = 300

/** Loops of fast sums with fewer rounds keep the order of JavaScript: there lanes gain nothing, and it may run them. */
export const FEWEST_ROUNDS = 32

/** The choice for a loop, or why it cannot be vectorised. */
export function choiceOf(func: Func, stmt: ForStmt, fast: boolean): Choice | string {
  const obstacle = obstacleIn(stmt) ?? carriedObstacle(func, stmt)
  if (obstacle) return obstacle
  const sums = fast ? floatReductions(func, stmt) : 0
  if (sums > 0 && stmt.body.some(leaves)) return 'a floating-point sum in a loop that is left early'
  if (sums > 0) return { group: partialSums(func, stmt, sums), least: FEWEST_ROUNDS }
  const { smallest, floats, loops, calls, accesses } = measure(stmt.body)
  if (accesses === 0 && localsSet(stmt.body).size === 0) return 'the loop does nothing'
  const rounds = constantRounds(stmt)
  if (rounds !== undefined && rounds < 8 && smallest >= 4) return { group: 4, least: 0 }
  // calls and inner loops of several vectors overlap in the processor, whatever is spilled
  if (calls && !loops && smallest === 8 && !stmt.body.some(leaves) && sizeOf(stmt.body) <= REST_BUDGET)
    return { group: 8, least: 0, rest: 2 }
  if (loops || calls) return { group: 8, least: 0 }
  const wide = smallest <= 2 ? 16 : 8
  if (floats === 0) return { group: smallest === 4 ? 8 : wide, least: 0 }
  const group = floats > 24 ? 4 : floats > 10 || smallest > 2 ? Math.min(wide, smallest === 8 ? 4 : 8) : wide
  return { group, least: 0 }
}

/** What no pass that runs after the split will remove. */
function obstacleIn({ body: given, label }: ForStmt): string | undefined {
  let found: string | undefined
  const body = given.map(stmt => (leaves(stmt) ? { ...stmt, then: [] } : stmt))
  visitStmts(body, stmt => {
    for (const expr of rootExprs(stmt)) found ??= hostIn(expr)
    switch (stmt.kind) {
      case 'break':
        if (stmt.label === label) found ??= 'the loop is left from an inner place'
        return
      case 'call':
        found ??= `the call of \`${stmt.func}\` was not inlined`
        return
      case 'primitive':
        found ??= `\`${stmt.name}\` works on whole arrays already`
        return
      case 'hostcall':
        found ??= `${stmt.name} is called in order`
        return
      case 'return':
        found ??= 'the loop returns'
        return
      case 'newarray':
      case 'newlist':
      case 'listset':
      case 'listpush':
      case 'listtruncate':
      case 'fill':
      case 'copy':
      case 'result':
        found ??= 'the loop works on plain arrays or whole arrays'
        return
      case 'vstore':
        found ??= 'the loop is vectorised already'
        return
      default:
    }
  })
  return found
}

function hostIn(expr: Expr): string | undefined {
  let found: string | undefined
  visitExpr(expr, node => {
    if (node.kind === 'host') found ??= `${node.name} keeps the bits of the host: use math: 'fast'`
  })
  return found
}

/** A value that goes from round to round, and is no sum or product of any kind. */
function carriedObstacle(func: Func, { body: given }: ForStmt): string | undefined {
  const body = recognised(given, new Set())
  const exposed = exposedReads(body)
  for (const local of localsSet(body)) {
    // integers may yet come to be sums: narrowing drops the conversions between
    if (!exposed.has(local) || func.locals[local]?.type !== 'f64') continue
    try {
      gatheringOf(body, local, (func.locals[local]?.name ?? '?').replace(/\..*/, ''), true)
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  }
  return undefined
}

function floatReductions(func: Func, stmt: ForStmt): number {
  const exposed = exposedReads(stmt.body)
  return [...localsSet(stmt.body)].filter(local => exposed.has(local) && /^f/.test(func.locals[local]?.type ?? ''))
    .length
}

/**
 * Fast floating-point reductions have 16 partial sums each, or 8 where the sums and the loaded elements of 16 rounds do
 * not fit the registers. Short loops take none of it. It depends on the loop alone: bits are the same everywhere.
 */
function partialSums(func: Func, { body }: ForStmt, sums: number): number {
  const lanes = isSingle(func) ? 4 : 2
  const loads = new Set<string>()
  visitAllExprs(body, expr => {
    if (expr.kind === 'load') loads.add(exprKey(expr))
  })
  return ((sums + loads.size) * 16) / lanes > REGISTERS ? 8 : 16
}

const constantRounds = ({ from, to, step }: ForStmt): number | undefined =>
  from.kind === 'const' && to.kind === 'const' ? Math.ceil((Number(to.value) - Number(from.value)) / step) : undefined

interface Measure {
  /** Bytes of the smallest elements. */
  readonly smallest: number
  readonly floats: number
  readonly loops: boolean
  /** of functions of kernels/ */
  readonly calls: boolean
  readonly accesses: number
}

function measure(body: readonly Stmt[]): Measure {
  const found = { smallest: 8, floats: 0, loops: false, calls: false, accesses: 0 }
  const see = (elem: Elem): void => {
    found.smallest = Math.min(found.smallest, ELEM_BYTES[elem])
    found.accesses++
  }
  const visit = (expr: Expr): void => {
    if (expr.kind === 'load') see(expr.elem)
    if (expr.kind === 'kernel') found.calls = true
    if (expr.type === 'f64' && expr.kind === 'op') found.floats++
  }
  visitStmts(body, stmt => {
    if (stmt.kind === 'store') see(stmt.elem)
    if (stmt.kind === 'loop' || stmt.kind === 'for') found.loops = true
    for (const expr of rootExprs(stmt)) visitExpr(expr, visit)
  })
  return found
}
