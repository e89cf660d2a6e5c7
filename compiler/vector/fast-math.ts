import type { Expr, Module } from '../ir/ir.ts'
import { mapAllExprs, withBody } from '../ir/rewrite.ts'
import { mapFuncs, type Pass } from '../passes/pass.ts'

/**
 * With `math: 'fast'` the functions of Math are those of kernels/: their vector and scalar forms give the same bits, on
 * every machine, within the bound that docs/kernels states.
 */
export const fastMath: Pass = {
  name: 'fast-math',
  run: (module: Module): Module => mapFuncs(module, func => withBody(func, mapAllExprs(func.body, toKernel))),
}

const KERNELS: Readonly<Record<string, string>> = Object.fromEntries(
  ['sin cos tan asin acos atan atan2 exp expm1 log log1p log2 log10 pow cbrt sinh cosh tanh'.split(' '), ['hypot/2']]
    .flat()
    .map(name => [`Math.${name}`, `f64_${name.replace('/2', '')}`]),
)

function toKernel(expr: Expr): Expr {
  if (expr.kind !== 'host' || !Object.hasOwn(KERNELS, expr.name)) return expr
  return { kind: 'kernel', type: 'f64', name: KERNELS[expr.name] as string, args: expr.args }
}
