import type { PassTiming } from './abi.ts'
import type { Func, LocalId, Module } from './ir/ir.ts'
import { localSet, visitAllExprs, visitStmts } from './ir/rewrite.ts'

/** Whether code works on several elements at a time. */
export function isVectorCode(module: Module): boolean {
  let found = false
  for (const func of module.funcs) {
    visitStmts(func.body, stmt => void (found ||= stmt.kind === 'vstore'))
    visitAllExprs(func.body, expr => void (found ||= expr.kind === 'vload' || expr.kind === 'vop'))
  }
  return found
}

/**
 * Whether code compiled with `math: 'fast'` surely gives the bits of JavaScript all the same, so that calls may run in
 * either: it calls no function of kernels/, computes nothing in f32 that was f64, contracts nothing, and gathers no floats in lanes.
 */
export function isExact(module: Module, passes: readonly PassTiming[]): boolean {
  if (passes.some(({ pass, changed }) => changed && INEXACT.includes(pass))) return false
  return !module.funcs.some(func => callsKernels(func) || gathersFloats(func))
}

const INEXACT = ['fast-math', 'fast-single', 'contract']

function callsKernels(func: Func): boolean {
  let found = false
  visitAllExprs(func.body, expr => void (found ||= expr.kind === 'kernel'))
  return found
}

/** A vector of floats that is set in two places may be a sum that is begun in one and goes on in the other. */
function gathersFloats(func: Func): boolean {
  const seen = new Set<LocalId>()
  let found = false
  visitStmts(func.body, stmt => {
    const local = localSet(stmt)
    if (local === undefined || !/^f\d+x/.test(func.locals[local]?.type ?? '')) return
    found ||= seen.has(local)
    seen.add(local)
  })
  return found
}
