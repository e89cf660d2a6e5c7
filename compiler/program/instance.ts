import type { FunctionBuilder } from './function-builder.ts'
import type { Value } from './value.ts'

/** A helper function compiled for given kinds of arguments. */
export interface Instance {
  readonly key: string
  readonly name: string
  builder: FunctionBuilder
  /** The result's kind (its `expr` belongs to the helper); unknown while the body is being lowered. */
  result: Value | undefined
  state: 'lowering' | 'done'
  /** the helper calls itself, directly or not */
  recursive: boolean
  /** kind assumed for the result by recursive calls */
  assumed: Value
}
