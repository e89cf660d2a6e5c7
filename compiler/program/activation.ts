import type { FunctionNode } from '../source/ast.ts'
import type { ScopeInfo } from '../source/scope.ts'
import type { Target } from './cursor.ts'
import type { FieldBinding, Value } from './value.ts'

/** One call of a JavaScript function while its body is lowered: what `this`, its arguments and `return` mean there. */
export interface Activation {
  readonly source: number
  readonly fn: FunctionNode
  readonly scope: ScopeInfo
  readonly thisValue: Value
  readonly args: readonly Value[]
  /** arguments.length */
  readonly count: number
  readonly returns: Target
  /** where the returned value is kept until the end of the body */
  readonly result: FieldBinding
  /** of a closure: the activation that it was created in */
  readonly outer?: Activation
  /** the activation that called this one, when it is inlined */
  readonly caller?: Activation
  readonly depth: number
  /** function and call sites that lead here: the same text inlined at two places is two different activations */
  readonly path: string
  readonly labels: Map<string, LabelTargets>
  readonly breaks: Target[]
  readonly continues: Target[]
}

export interface LabelTargets {
  readonly onBreak: Target
  readonly onContinue?: Target
}
