import type { Identifier } from './ast.ts'
import type { Binding } from './scope.ts'
import type { Scope } from './scope-declare.ts'

/** How the writes of a variable are counted: which one gives the first value, and which may come after it. */

/**
 * bound: a parameter, resolved when its scope was made; declare: a declaration without a value; initialise: one with a
 * value; assign: any other write.
 */
export type Role = 'bound' | 'declare' | 'initialise' | 'assign'

/** `writeEnd`: where the writing expression ends. */
export function noteWrite(
  binding: Binding,
  id: Identifier,
  scope: Scope,
  role: Exclude<Role, 'bound'>,
  writeEnd: number,
): void {
  const isUndeclared = binding.kind === 'var' && !binding.declaration
  if (isUndeclared && role !== 'assign') binding.declaration = id
  if (role === 'declare') return
  const isOnce = !scope.inLoop && scope.functionNode === binding.functionNode
  if (isOnce) binding.lastWrite = Math.max(binding.lastWrite, writeEnd)
  if (role === 'initialise' && isInitialiser(binding, id, isOnce)) {
    binding.initialised = true
    if (binding.assignments > 0) binding.rewrites++
    return
  }
  const isFirst =
    isOnce && !binding.initialised && binding.assignments === 0 && (binding.kind === 'var' || binding.kind === 'let')
  binding.assignments++
  if (!isFirst) binding.rewrites++
  if (!isOnce) binding.unorderedWrites++
}

/** A `let` or `const` is new each time that its declaration runs; a `var` is one variable for the whole call. */
function isInitialiser(binding: Binding, id: Identifier, isOnce: boolean): boolean {
  return binding.kind === 'var' ? !binding.initialised && isOnce : binding.declaration === id
}

/** Nothing is known of when it is written. */
export function markDoubtful(binding: Binding): void {
  binding.rewrites++
  binding.unorderedWrites++
}
