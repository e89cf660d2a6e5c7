import type { AnyNode } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import type { Value } from './value.ts'

const NODE_NAMES: Readonly<Record<string, string>> = {
  AwaitExpression: '`await`',
  YieldExpression: '`yield`',
  ClassExpression: 'a class',
  ImportExpression: '`import()`',
  TaggedTemplateExpression: 'a tagged template',
  SpreadElement: 'spread',
  Super: '`super`',
  MetaProperty: '`new.target` or `import.meta`',
}
export const describeNode = (node: AnyNode): string => NODE_NAMES[node.type] ?? `a ${node.type}`

export function closure(
  c: Cursor,
  node: AnyNode & { type: 'FunctionExpression' | 'ArrowFunctionExpression' | 'FunctionDeclaration' },
): Value {
  if (node.async || node.generator) throw c.miss(node, 'IRIS1003')
  return { k: 'closure', node: node as Extract<Value, { k: 'closure' }>['node'], activation: c.activation }
}
