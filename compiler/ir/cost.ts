import type { Expr } from './ir.ts'
import type { OpName } from './ops.ts'
import { children } from './rewrite.ts'

/**
 * Rough cost of one node in machine operations, for deciding what is worth a local. Reading a local, a constant and
 * the length of an array (a local of the Wasm function) are free; whatever the emitter expands counts as its parts.
 */
const EXPENSIVE: Partial<Record<OpName, number>> = {
  'f64.div': 6,
  'f32.div': 5,
  'f64.sqrt': 8,
  'f32.sqrt': 6,
  'f64.rem': 30,
  'i32.div_s': 8,
  'i32.div_u': 8,
  'i32.rem_s': 8,
  'i32.rem_u': 8,
  'i64.div_s': 12,
  'i64.rem_s': 12,
  'f64.round': 4,
  'f64.sign': 4,
  'i32.from_f64_js': 4,
  'i32.index_f64': 4,
  'i32.index_i64': 2,
  'i32.clamp_u8': 4,
  'box.from_f64': 3,
  'f64.from_box': 6,
  'i32.box_truthy': 6,
  'i32.box_loose_eq': 8,
  'i32.box_strict_eq': 6,
}

export function nodeCost(expr: Expr): number {
  switch (expr.kind) {
    case 'const':
    case 'get':
    case 'len':
      return 0
    case 'op':
      return EXPENSIVE[expr.op] ?? 1
    case 'host':
      return 40
    case 'cond':
    case 'load':
    case 'subarray':
      return 2
    case 'listlen':
    case 'isnull':
      return 1
    case 'listview':
      return 2
    case 'listget':
      return 3
    case 'vconst':
      return 1
    case 'vop':
      return /div|sqrt/.test(expr.op) ? 8 : 1
    case 'vmove':
      return expr.move === 'cast' ? 0 : 1
    case 'vload':
      return 2
    case 'kernel':
      return 30
  }
}

const costs = new WeakMap<Expr, number>()

/** Cost of a whole expression. */
export function costOf(expr: Expr): number {
  let cost = costs.get(expr)
  if (cost === undefined) {
    cost = children(expr).reduce((sum, child) => sum + costOf(child), nodeCost(expr))
    costs.set(expr, cost)
  }
  return cost
}
