import { expose } from '../analysis/expose.ts'
import { single } from '../analysis/interval.ts'
import { analyzeRanges } from '../analysis/ranges.ts'
import { unshare } from '../analysis/unshare.ts'
import { i32 } from '../ir/build.ts'
import type { Func, Module } from '../ir/ir.ts'
import { withBody } from '../ir/rewrite.ts'
import { mapFuncs, type Pass } from './pass.ts'
import { replaceExprs } from './replace.ts'

/**
 * Puts constants for i32 expressions that have only one value: tests that always or never hold, lengths of arrays made
 * here, values under a condition that fixes them.
 *
 * Requires: a valid module; finds most after `narrow`.
 * Keeps: every value.
 * Breaks: leaves constant tests (`fold`).
 */
export const range: Pass = {
  name: 'range',
  run: (module: Module): Module => mapFuncs(module, rangeFunc),
}

function rangeFunc(func: Func): Func {
  const own = unshare(withBody(func, expose(func.body)))
  const ranges = analyzeRanges(own)
  const body = replaceExprs(own.body, expr => {
    const found = expr.type === 'i32' && expr.kind !== 'const' ? ranges.at(expr) : undefined
    const value = found && single(found)
    return value === undefined ? undefined : i32(value)
  })
  return body === own.body ? func : withBody(func, body)
}
