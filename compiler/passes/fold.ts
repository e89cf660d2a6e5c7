import type { Expr, Func, Module, Stmt } from '../ir/ir.ts'
import { flatMapBody, mapBodies, mapExpr, mapRootExprs, withBody } from '../ir/rewrite.ts'
import { simplifyBlock, simplifyFor, simplifyIf, simplifyLoop, untilJump } from './fold-control.ts'
import { simplify } from './fold-rules.ts'
import { threadTests } from './fold-thread.ts'
import { mapFuncs, type Pass } from './pass.ts'

/**
 * Folds constants through the op table, applies the algebra of fold-rules.ts, and simplifies control flow.
 *
 * Requires: nothing beyond a valid module.
 * Keeps: every bit of every result (NaN bits aside), every effect and their order.
 * Breaks: nothing. Afterwards no `if` has a constant test or an empty `then`, no statement follows a jump, no block is
 * without a `break` to it, and constants are the last operand.
 */
export const fold: Pass = {
  name: 'fold',
  run: (module: Module): Module => mapFuncs(module, foldFunc),
}

export function foldFunc(func: Func): Func {
  return withBody(func, foldBody(func.body))
}

export const foldExpr = (expr: Expr): Expr => mapExpr(expr, simplify)

function foldBody(body: readonly Stmt[]): readonly Stmt[] {
  return threadTests(untilJump(flatMapBody(body, foldStmt)))
}

function foldStmt(stmt: Stmt): Stmt | readonly Stmt[] {
  const folded = mapBodies(mapRootExprs(stmt, foldExpr), foldBody)
  switch (folded.kind) {
    case 'if':
      return simplifyIf(folded)
    case 'block':
      return simplifyBlock(folded)
    case 'loop':
      return simplifyLoop(folded)
    case 'for':
      return simplifyFor(folded)
    case 'set':
      return folded.value.kind === 'get' && folded.value.local === folded.local ? [] : folded
    default:
      return folded
  }
}
