import type { Expression, Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import type { Value } from './value.ts'

/**
 * The mutually recursive heart of the lowering: an expression holds calls, a call lowers a body, a body holds
 * expressions. They are handed to the program by lower.ts, so that modules depend on this file and not on each
 * other in a circle.
 */
export interface Handlers {
  readonly expression: (c: Cursor, node: Node) => Value
  /** calls any callable value */
  readonly callValue: (c: Cursor, callee: Value, thisValue: Value, args: readonly Value[], node: Node) => Value
  /** calls a reduction or loop control of src/intrinsics.ts */
  readonly intrinsic: (c: Cursor, name: string, args: readonly Value[], node: Node) => Value
  /** calls a function of the kernel library */
  readonly kernelCall: (c: Cursor, name: string, args: readonly Value[], node: Node) => Value
  /** binds the parameters of the current activation and lowers its body */
  readonly runBody: (c: Cursor) => void
}

/** Lowers an expression; statements that it needs go before it. Control may not come back (`c.env` null after an exit). */
export function expression(c: Cursor, node: Expression | Node): Value {
  return c.program.handlers.expression(c, node)
}

export function callValue(c: Cursor, callee: Value, thisValue: Value, args: readonly Value[], node: Node): Value {
  return c.program.handlers.callValue(c, callee, thisValue, args, node)
}

export function runBody(c: Cursor): void {
  c.program.handlers.runBody(c)
}

export function intrinsic(c: Cursor, name: string, args: readonly Value[], node: Node): Value {
  return c.program.handlers.intrinsic(c, name, args, node)
}

export function kernelCall(c: Cursor, name: string, args: readonly Value[], node: Node): Value {
  return c.program.handlers.kernelCall(c, name, args, node)
}
