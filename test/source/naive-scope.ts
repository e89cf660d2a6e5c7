import type { AnyNode, FunctionNode, Identifier } from '../../compiler/source/ast.ts'
import { boundNames } from '../../compiler/source/scope-declare.ts'
import { children } from '../../compiler/source/walk.ts'

/**
 * Scoping by definition, with no tables: to find what an identifier means, go outwards from it and ask each node on the
 * way whether it declares the name. The answer is a key of the scope; undefined: free.
 */
export function declaringScope(root: FunctionNode, id: Identifier): string | undefined {
  const path = pathTo(root, id)!
  for (let i = path.length - 1; i >= 0; i--) {
    const node = path[i]!
    const kind = isFunction(node)
      ? declaredByFunction(node, id.name, path[i + 1], node === root)
      : declaredByBlock(node, path[i - 1], id.name)
    if (kind) return `${kind} ${node.start}`
  }
  return undefined
}

function pathTo(node: AnyNode, target: AnyNode): AnyNode[] | undefined {
  if (node === target) return [node]
  for (const child of children(node)) {
    const path = pathTo(child, target)
    if (path) return [node, ...path]
  }
  return undefined
}

const isFunction = (node: AnyNode | undefined): node is FunctionNode => !!node && /^(Function|Arrow)/.test(node.type)

/** `from`: the child through which the search comes. */
function declaredByFunction(
  fn: FunctionNode,
  name: string,
  from: AnyNode | undefined,
  isRoot: boolean,
): string | undefined {
  if (from === fn.id) return fn.type === 'FunctionExpression' && !isRoot ? 'own name' : undefined
  const isParameter = fn.params.some(p => boundNames(p).some(id => id.name === name))
  if (isParameter || (from === fn.body && declaredInBody(fn, name))) return 'function'
  return fn.type === 'FunctionExpression' && !isRoot && fn.id?.name === name ? 'own name' : undefined
}

function declaredByBlock(node: AnyNode, parent: AnyNode | undefined, name: string): string | undefined {
  switch (node.type) {
    case 'BlockStatement':
      return !isFunction(parent) && node.body.some(s => declaresLexically(s, name)) ? 'block' : undefined
    case 'ForStatement':
      return node.init && declaresLexically(node.init, name) ? 'loop' : undefined
    case 'ForOfStatement':
      return declaresLexically(node.left, name) ? 'loop' : undefined
    case 'CatchClause':
      return node.param && boundNames(node.param).some(id => id.name === name) ? 'catch' : undefined
    default:
      return undefined
  }
}

function declaresLexically(node: AnyNode, name: string): boolean {
  if (node.type === 'FunctionDeclaration') return node.id?.name === name
  if (node.type !== 'VariableDeclaration' || node.kind === 'var') return false
  return node.declarations.some(d => boundNames(d.id).some(id => id.name === name))
}

function declaredInBody({ body }: FunctionNode, name: string): boolean {
  return body.type === 'BlockStatement' && (hasVar(body, name) || body.body.some(s => declaresLexically(s, name)))
}

function hasVar(node: AnyNode, name: string): boolean {
  if (isFunction(node)) return false
  const isVar = node.type === 'VariableDeclaration' && node.kind === 'var'
  if (isVar && node.declarations.some(d => boundNames(d.id).some(id => id.name === name))) return true
  return children(node).some(child => hasVar(child, name))
}
