import { analyzeRanges } from '../analysis/ranges.ts'
import { unshare } from '../analysis/unshare.ts'
import type { Expr, Func, Local, Module, Stmt } from '../ir/ir.ts'
import { mapBodies, mapList, mapRootExprs } from '../ir/rewrite.ts'
import { lowBits } from './low-bits.ts'
import { type Choice, chooseNarrow } from './narrow-choose.ts'
import { held, type IndexOp, index, kept, rewrite, wideFar } from './narrow-rewrite.ts'
import { mapFuncs, type Pass } from './pass.ts'

/**
 * Turns f64 locals that always hold integers into i32 or i64 locals, and f64 arithmetic on integers into integer
 * arithmetic, wherever ranges prove that every result is the same.
 *
 * Requires: a valid module; best after `counted`, which makes counters known integers. Run it again after `bounds`:
 * what is read without a bounds check can no longer be NaN.
 * Keeps: every value; the sign of zero where anyone could see it.
 * Breaks: types of locals.
 */
export const narrow: Pass = {
  name: 'narrow',
  run: (module: Module): Module => mapFuncs(module, narrowFunc),
}

function narrowFunc(func: Func): Func {
  const own = unshare(func)
  const choice = chooseNarrow(own, analyzeRanges(own))
  const body = mapList(own.body, stmt => rewriteStmt(choice, stmt))
  if (body === own.body) return func
  return lowBits({ ...func, locals: func.locals.map((local, id) => retype(choice, local, id)), body })
}

function retype(choice: Choice, local: Local, id: number): Local {
  const rep = choice.far.has(id) ? 'i64' : choice.forms.reps.get(id)
  return rep ? { ...local, type: rep === 'i64' ? 'i64' : 'i32' } : local
}

function rewriteStmt(choice: Choice, stmt: Stmt): Stmt {
  const own = stmt.kind === 'set' ? rewriteSet(choice, stmt) : mapRootExprs(stmt, expr => rewrite(choice, expr))
  return mapBodies(own, body => mapList(body, one => rewriteStmt(choice, one)))
}

function rewriteSet(choice: Choice, stmt: Extract<Stmt, { kind: 'set' }>): Stmt {
  const value = newValue(choice, stmt)
  return value === stmt.value ? stmt : { ...stmt, value }
}

function newValue(choice: Choice, { local, value }: Extract<Stmt, { kind: 'set' }>): Expr {
  if (choice.far.has(local)) return wideFar(choice, value)
  const rep = choice.forms.reps.get(local)
  if (rep) return held(choice, value, rep)
  const isIndex = value.kind === 'op' && value.op === 'i32.index_f64'
  if (isIndex && choice.indexOnly.has(local)) return kept(value as IndexOp, index(choice, value as IndexOp, true))
  return rewrite(choice, value)
}
