import type { AnyNode, FunctionNode, Node } from '../source/ast.ts'
import { children } from '../source/walk.ts'
import { propertyName } from './syntax.ts'

/**
 * Names of the fields that any function of the program assigns (`this.x = …`, `p.count++`). A helper that touches such
 * a field shares it with its caller, so it is inlined. Functions that do not parse are reported when they are called.
 */
export function assignedMembers(functions: readonly (() => FunctionNode)[]): Set<string> {
  const names = new Set<string>()
  for (const parse of functions) collect(tryParse(parse), names)
  return names
}

function tryParse(parse: () => FunctionNode): AnyNode | undefined {
  try {
    return parse() as AnyNode
  } catch (error) {
    if (error instanceof Error && error.name === 'Miss') return undefined
    throw error
  }
}

function collect(node: AnyNode | undefined, names: Set<string>): void {
  if (!node) return
  const target =
    node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : undefined
  if (target) note(target, names)
  for (const child of children(node)) collect(child, names)
}

function note(target: Node, names: Set<string>): void {
  const name = propertyName(target as AnyNode)
  if (name !== undefined) names.add(name)
  else if ((target as AnyNode).type.endsWith('Pattern'))
    for (const child of children(target as AnyNode)) note(child, names)
}
