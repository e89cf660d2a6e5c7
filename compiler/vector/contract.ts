import type { Expr, Module } from '../ir/ir.ts'
import { mapAllExprs } from '../ir/rewrite.ts'
import type { VectorOpName } from '../ir/vector-ops.ts'
import { mapFuncs, type Pass } from '../passes/pass.ts'

type VectorOp = Extract<Expr, { kind: 'vop' }>
type Arguments = readonly [Expr, Expr]

/**
 * Products that are added to, or taken from, something become one instruction in lanes of floats (`contract: true`):
 * half the instructions of a dot product. Whether the product is rounded in between is up to the host
 * (WebAssembly relaxed SIMD, `relaxed_madd`).
 *
 * Requires: a valid module. Keeps: nothing of the last bits of sums of products.
 */
export const contract: Pass = {
  name: 'contract',
  run: (module: Module): Module =>
    mapFuncs(module, func => {
      const body = mapAllExprs(func.body, contracted)
      return body === func.body ? func : { ...func, body }
    }),
}

function contracted(expr: Expr): Expr {
  if (expr.kind !== 'vop') return expr
  const [lanes, name] = expr.op.split('.') as [string, string]
  if (!lanes.startsWith('f') || (name !== 'add' && name !== 'sub')) return expr
  const [left, right] = expr.args as Arguments
  const fused = (op: 'madd' | 'nmadd', product: VectorOp, other: Expr): Expr => ({
    ...expr,
    op: `${lanes}.${op}` as VectorOpName,
    args: [...product.args, other],
  })
  if (isProduct(right, lanes)) return fused(name === 'add' ? 'madd' : 'nmadd', right, left)
  return name === 'add' && isProduct(left, lanes) ? fused('madd', left, right) : expr
}

const isProduct = (expr: Expr, lanes: string): expr is VectorOp => expr.kind === 'vop' && expr.op === `${lanes}.mul`
