import type { FunctionNode } from './ast.ts'

/** Removes the noise of transpilers, bundlers and coverage tools, in place. */
export function unwrap(fn: FunctionNode): FunctionNode {
  return fn
}
