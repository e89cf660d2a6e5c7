import type { AnyNode } from './ast.ts'
import { walk } from './walk.ts'

/**
 * All property names that a function mentions: what may be read of an object is bounded by them (a computed key that
 * is no literal is refused for objects later).
 */
export function memberNames(fn: AnyNode): Set<string> {
  const names = new Set<string>()
  walk(fn, node => {
    const name = mentioned(node)
    if (name !== undefined) names.add(name)
    return undefined
  })
  return names
}

function mentioned(node: AnyNode): string | undefined {
  if (node.type === 'MemberExpression')
    return node.property.type === 'PrivateIdentifier' ? undefined : keyName(node.property, node.computed)
  if (node.type === 'Property') return keyName(node.key, node.computed)
  if (node.type === 'BinaryExpression' && node.operator === 'in' && node.left.type !== 'PrivateIdentifier')
    return keyName(node.left, true)
  return undefined
}

/** Name of a property key that is known from the text alone. */
export function keyName(key: AnyNode, computed: boolean): string | undefined {
  if (!computed && key.type === 'Identifier') return key.name
  if (key.type === 'Literal' && (typeof key.value === 'string' || typeof key.value === 'number'))
    return String(key.value)
  if (key.type === 'TemplateLiteral' && key.expressions.length === 0) return key.quasis[0]?.value.cooked ?? undefined
  return undefined
}
