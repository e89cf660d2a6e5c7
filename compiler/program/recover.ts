import { Miss } from '../../base/diagnostic.ts'
import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'

/**
 * Lowers a part that may never run. Where it cannot be compiled it becomes an exit: a call that gets there is rerun in
 * JavaScript (design.md: cold paths). Only where control is not certain to come: the caller sees to that.
 */
export function orExit<T>(c: Cursor, node: Node, lower: () => T): T | undefined {
  const { out, env, activation } = c
  const length = out.length
  const before = env && new Map(env)
  try {
    return lower()
  } catch (error) {
    if (!(error instanceof Miss) || error.diagnostic.code === 'IRIS1010') throw error
    c.out = out
    out.length = length
    c.env = before
    c.activation = activation
    c.program.coldMisses.push(error.diagnostic)
    c.exit(node, error.diagnostic.message)
    return undefined
  }
}
