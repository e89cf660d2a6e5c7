import type { AnyNode, FunctionNode } from './ast.ts'
import type { Binding } from './scope.ts'
import type { ScriptProgram } from './script.ts'
import { children } from './walk.ts'

/**
 * `function make(e) { e = +e; return x => x ** e }`: the variable is written, but only before the function that uses it
 * can exist, so that function sees one value for ever. Outside of loops, the order of the text is the order of time.
 */
export function isWrittenOnlyBefore(binding: Binding, mention: number, program: ScriptProgram): boolean {
  if (binding.kind === 'free' || binding.unorderedWrites > 0) return false
  const owner = binding.functionNode
  const inner = functionAround(owner, mention)
  if (!inner) return false
  if (inner.type !== 'FunctionDeclaration') return inner.start >= binding.lastWrite
  return !isProgram(owner) && !mentionsFunctionBefore(owner, binding.lastWrite, program)
}

/** The outermost function within `owner` that contains an offset. */
function functionAround(owner: AnyNode, offset: number): FunctionNode | undefined {
  const child = children(owner).find(node => node.start <= offset && offset < node.end)
  if (!child) return undefined
  return isFunction(child) ? child : functionAround(child, offset)
}

function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  )
}

/** Functions declared at the top of a module exist before it runs, and modules that import each other can call them then. */
const isProgram = (owner: FunctionNode): boolean => owner.body.start === owner.start

/** Declared functions exist from the start of the call, but who does not name one cannot call any. */
function mentionsFunctionBefore(owner: FunctionNode, offset: number, { bindingAt }: ScriptProgram): boolean {
  for (const [start, binding] of bindingAt) {
    if (start < offset && start >= owner.body.start && binding.kind === 'function' && binding.functionNode === owner)
      return true
  }
  return false
}
