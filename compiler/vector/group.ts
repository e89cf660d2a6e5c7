import type { Expr, Func, Stmt } from '../ir/ir.ts'
import { localsSet, rootExprs, visitExpr, visitStmts } from '../ir/rewrite.ts'
import { ELEM_BYTES, type Elem } from '../ir/types.ts'
import { exposedReads } from './flow.ts'
import { reductionOf } from './reductions.ts'
import { Refusal } from './refusal.ts'
import type { Choice, ForStmt } from './split.ts'

/** Fast floating-point reductions have 16 sums, and take none of it for short loops. */
const SUMS: Choice = { group: 16, least: 32 }

/** The choice for a loop, or why it cannot be vectorised. */
export function choiceOf(func: Func, stmt: ForStmt, fast: boolean): Choice | string {
  const obstacle = obstacleIn(stmt) ?? carriedObstacle(func, stmt)
  if (obstacle) return obstacle
  if (fast && hasFloatReduction(func, stmt)) return SUMS
  const { smallest, floats, loops, accesses } = measure(stmt.body)
  if (accesses === 0 && localsSet(stmt.body).size === 0) return 'the loop does nothing'
  if (loops) return { group: 4, least: 0 }
  const wide = smallest <= 2 ? 16 : 8
  if (floats === 0) return { group: smallest === 4 ? 8 : wide, least: 0 }
  const group = floats > 24 ? 4 : floats > 10 || smallest > 2 ? Math.min(wide, smallest === 8 ? 4 : 8) : wide
  return { group, least: 0 }
}

/** What no pass that runs after the split will remove. */
function obstacleIn({ body, label }: ForStmt): string | undefined {
  let found: string | undefined
  visitStmts(body, stmt => {
    for (const expr of rootExprs(stmt)) found ??= hostIn(expr)
    switch (stmt.kind) {
      case 'break':
        if (stmt.label === label) found ??= 'the loop is left early'
        return
      case 'call':
        found ??= `the call of \`${stmt.func}\` was not inlined`
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
function carriedObstacle(func: Func, { body }: ForStmt): string | undefined {
  const exposed = exposedReads(body)
  for (const local of localsSet(body)) {
    // integers may yet come to be sums: narrowing drops the conversions between
    if (!exposed.has(local) || func.locals[local]?.type !== 'f64') continue
    try {
      reductionOf(body, local, (func.locals[local]?.name ?? '?').replace(/\..*/, ''), true)
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  }
  return undefined
}

function hasFloatReduction(func: Func, stmt: ForStmt): boolean {
  const exposed = exposedReads(stmt.body)
  return [...localsSet(stmt.body)].some(local => exposed.has(local) && /^f/.test(func.locals[local]?.type ?? ''))
}

function measure(body: readonly Stmt[]): { smallest: number; floats: number; loops: boolean; accesses: number } {
  const found = { smallest: 8, floats: 0, loops: false, accesses: 0 }
  const see = (elem: Elem): void => {
    found.smallest = Math.min(found.smallest, ELEM_BYTES[elem])
    found.accesses++
  }
  const visit = (expr: Expr): void => {
    if (expr.kind === 'load') see(expr.elem)
    if (expr.type === 'f64' && expr.kind === 'op') found.floats++
  }
  visitStmts(body, stmt => {
    if (stmt.kind === 'store') see(stmt.elem)
    if (stmt.kind === 'loop' || stmt.kind === 'for') found.loops = true
    for (const expr of rootExprs(stmt)) visitExpr(expr, visit)
  })
  return found
}
