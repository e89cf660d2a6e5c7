import { neverEnds } from '../ir/control.ts'
import { equalExpr } from '../ir/equal.ts'
import type { Expr, LocalId, Stmt } from '../ir/ir.ts'
import { bodies, visitStmts } from '../ir/rewrite.ts'
import { isPartial } from '../ir/traps.ts'
import { isConst } from './fold-match.ts'

/**
 * Whether an expression may be evaluated anywhere, also where the program would not have come to it: it has no
 * operator that can trap, and each of its loads stands under its own bounds test. `isParam` tells lists that surely
 * exist; `tests` are those that hold here.
 */
export function isSafe(expr: Expr, isParam: (local: LocalId) => boolean, tests: readonly Expr[] = []): boolean {
  const safe = (part: Expr): boolean => isSafe(part, isParam, tests)
  switch (expr.kind) {
    case 'const':
    case 'get':
    case 'len':
    case 'isnull':
      return true
    case 'op':
      return !isPartial(expr) && expr.args.every(safe)
    case 'host':
      return expr.args.every(safe)
    case 'cond':
      return safe(expr.test) && isSafe(expr.then, isParam, [...tests, ...conjuncts(expr.test)]) && safe(expr.else)
    case 'load':
      return safe(expr.index) && tests.some(test => isBoundsTest(test, 'len', expr.array, expr.index))
    case 'listget':
      return safe(expr.index) && tests.some(test => isBoundsTest(test, 'listlen', expr.list, expr.index))
    case 'listlen':
    case 'listview':
      return isParam(expr.list)
    case 'subarray':
    case 'vload':
      return false
    case 'vconst':
      return true
    case 'vop':
    case 'vmove':
    case 'kernel':
      return expr.args.every(safe)
  }
}

/** Tests that all hold when this one does: `x && y` is `(cond x y 0)`. */
function conjuncts(test: Expr): readonly Expr[] {
  if (test.kind === 'op' && test.op === 'i32.and') return test.args.flatMap(conjuncts)
  if (test.kind === 'cond' && isConst(test.else, 0)) return [...conjuncts(test.test), ...conjuncts(test.then)]
  return [test]
}

function isBoundsTest(test: Expr, kind: 'len' | 'listlen', local: LocalId, index: Expr): boolean {
  if (test.kind !== 'op' || test.op !== 'i32.lt_u') return false
  const [tested, bound] = test.args as readonly [Expr, Expr]
  const own = bound.kind === 'len' ? bound.array : bound.kind === 'listlen' ? bound.list : undefined
  return bound.kind === kind && own === local && equalExpr(tested, index)
}

/**
 * Whether these statements surely leave the loop `label`: jumps to one of `inside`, the blocks around the statements
 * within the loop, and further rounds do not.
 */
export function leavesLoop(body: readonly Stmt[], label: string, inside: readonly string[]): boolean {
  if (!neverEnds(body)) return false
  let leaves = true
  visitStmts(body, stmt => {
    if (stmt.kind === 'break' && inside.includes(stmt.label)) leaves = false
    if (stmt.kind === 'continue' && stmt.label === label) leaves = false
  })
  return leaves
}

/** Whether control surely comes to the end of this statement: nothing leaves the call or jumps past it. */
export function alwaysEnds(stmt: Stmt, inside: readonly string[] = []): boolean {
  switch (stmt.kind) {
    case 'break':
    case 'continue':
      return inside.includes(stmt.label)
    case 'return':
    case 'exit':
    case 'call':
    case 'loop':
    // the arena may be full
    case 'newarray':
    case 'newlist':
    case 'listpush':
      return false
    case 'block':
    case 'for':
      return stmt.body.every(inner => alwaysEnds(inner, [...inside, stmt.label]))
    default:
      return bodies(stmt).every(body => body.every(inner => alwaysEnds(inner, inside)))
  }
}
