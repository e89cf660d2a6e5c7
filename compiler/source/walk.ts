import type { AnyNode } from './ast.ts'

/**
 * Generic traversal of ESTree: the children of a node are its properties that hold nodes, in source order as the
 * parser makes them. Everything here is iterative or bounded by the depth limit of parse.ts.
 */
const NOT_CHILDREN = new Set(['type', 'start', 'end', 'loc', 'range', 'value', 'regex', 'raw', 'name', 'operator'])

export function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

type Fields = Record<string, unknown>
export const fieldsOf = (node: AnyNode): Fields => node as unknown as Fields

function childKeys(node: AnyNode): string[] {
  return Object.keys(node).filter(key => !NOT_CHILDREN.has(key) || (key === 'value' && isNode(fieldsOf(node)[key])))
}

/** Child nodes in source order; holes of array patterns are skipped. */
export function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = []
  const fields = fieldsOf(node)
  for (const key of childKeys(node)) {
    const value = fields[key]
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) found.push(item)
    } else if (isNode(value) && !isShorthandKey(node, key)) found.push(value)
  }
  return found
}

/** In `{ a }` key and value are one identifier: only the value counts. */
function isShorthandKey(node: AnyNode, key: string): boolean {
  return key === 'key' && node.type === 'Property' && node.shorthand
}

/** Pre-order visit; return 'skip' to leave out the children. */
export function walk(root: AnyNode, visit: (node: AnyNode, parent: AnyNode | undefined) => 'skip' | undefined): void {
  const stack: [node: AnyNode, parent: AnyNode | undefined][] = [[root, undefined]]
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [node, parent] = top
    if (visit(node, parent) === 'skip') continue
    const below = children(node)
    for (let i = below.length - 1; i >= 0; i--) stack.push([below[i]!, node])
  }
}

/** Number of nodes on the longest path from the root, without recursion (the tree may be hostile). */
export function depthOf(root: AnyNode): number {
  let deepest = 0
  const stack: [node: AnyNode, depth: number][] = [[root, 1]]
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [node, depth] = top
    deepest = Math.max(deepest, depth)
    for (const child of children(node)) stack.push([child, depth + 1])
  }
  return deepest
}

/** What a rewriting step gives for a node: itself, another node, or undefined where a list may drop it. */
export type Rewrite = (node: AnyNode, parent: AnyNode | undefined) => AnyNode | undefined

/**
 * Rewrites a tree in place, children first. `undefined` removes an element of a list (a statement, an item of a
 * sequence) and clears an optional child.
 */
export function rewrite(node: AnyNode, step: Rewrite, parent?: AnyNode): AnyNode | undefined {
  const fields = fieldsOf(node)
  for (const key of childKeys(node)) {
    const value = fields[key]
    if (Array.isArray(value)) fields[key] = rewriteList(value, step, node)
    else if (isNode(value) && !isShorthandKey(node, key)) fields[key] = rewrite(value, step, node) ?? null
  }
  return step(node, parent)
}

function rewriteList(list: readonly unknown[], step: Rewrite, parent: AnyNode): unknown[] {
  return list.flatMap(item => {
    if (!isNode(item)) return [item]
    const result = rewrite(item, step, parent)
    return result ? [result] : []
  })
}
