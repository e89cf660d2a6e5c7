import type { AnyNode, Identifier } from './ast.ts'
import { parsedFunction } from './parse.ts'
import { children, walk } from './walk.ts'

/**
 * Whether a function takes nothing but numbers, read from the uses of its parameters: each is an operand of
 * arithmetic or of Math somewhere, and none is indexed, asked for a property, iterated, spread, or handed to code
 * that might do so. Only then can arrays in place of numbers mean "for each element".
 */
export function takesOnlyScalars(text: string): boolean {
  const fn = parsedFunction(text)
  if (!fn || fn.params.length === 0) return false
  const names = fn.params.map(parameterName)
  return names.every(name => name !== undefined && isScalar(name, fn.body))
}

function parameterName(param: AnyNode): string | undefined {
  if (param.type === 'Identifier') return param.name
  return param.type === 'AssignmentPattern' && param.left.type === 'Identifier' ? param.left.name : undefined
}

type Use = 'number' | 'neutral' | 'other'

function isScalar(name: string, body: AnyNode): boolean {
  const uses: Use[] = []
  const parents = new Map<AnyNode, AnyNode>()
  walk(body, (node, parent) => {
    if (parent) parents.set(node, parent)
    if (node.type === 'Identifier' && node.name === name && !isMemberName(node, parent)) uses.push(useOf(node, parents))
    return undefined
  })
  return uses.includes('number') && !uses.includes('other')
}

/** `a.name` and `{ name: … }` do not mention the variable. */
function isMemberName(node: Identifier, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  return parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand
}

const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>', '<', '>', '<=', '>='])

function useOf(node: AnyNode, parents: ReadonlyMap<AnyNode, AnyNode>): Use {
  const parent = parents.get(node)
  switch (parent?.type) {
    case 'BinaryExpression':
      return ARITHMETIC.has(parent.operator) ? 'number' : 'neutral'
    case 'UpdateExpression':
      return 'number'
    case 'UnaryExpression':
      return parent.operator === '!' || parent.operator === 'typeof' ? 'neutral' : 'number'
    case 'CallExpression':
      return parent.arguments.includes(node as never) && isNumeric(parent.callee) ? 'number' : 'other'
    case 'AssignmentExpression':
      return parent.left === node || parent.operator !== '=' ? 'neutral' : aliasUse(parent.left, parents)
    case 'VariableDeclarator':
      return parent.init === node ? aliasUse(parent.id, parents) : 'neutral'
    case 'MemberExpression':
      return parent.property === node ? 'number' : 'other'
    case 'ConditionalExpression':
    case 'LogicalExpression':
    case 'SequenceExpression':
      return useOf(parent, parents)
    case 'ReturnStatement':
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'SwitchStatement':
    case 'SwitchCase':
    case 'ExpressionStatement':
    case 'ArrayExpression':
    case 'AssignmentPattern':
      return 'neutral'
    case undefined:
      return 'neutral'
    default:
      return 'other'
  }
}

/** `let t = x`: what happens to `t` happens to `x`. */
function aliasUse(target: AnyNode, parents: ReadonlyMap<AnyNode, AnyNode>): Use {
  if (target.type !== 'Identifier') return 'other'
  let root = target as AnyNode
  for (let up = parents.get(root); up; up = parents.get(root)) root = up
  const { name } = target
  return children(root).some(child => hasOtherUse(name, child)) ? 'other' : 'neutral'
}

function hasOtherUse(name: string, root: AnyNode): boolean {
  let found = false
  walk(root, (node, parent) => {
    if (node.type !== 'Identifier' || node.name !== name || isMemberName(node, parent)) return undefined
    const isObject = parent?.type === 'MemberExpression' && parent.object === node
    const isArgument = parent?.type === 'CallExpression' && !isNumeric(parent.callee)
    found ||= isObject || isArgument || parent?.type === 'SpreadElement' || parent?.type === 'ForOfStatement'
    return undefined
  })
  return found
}

/** Functions that take numbers: `Math.f`, `Number`, and the like. */
function isNumeric(callee: AnyNode): boolean {
  if (callee.type === 'MemberExpression') return callee.object.type === 'Identifier' && callee.object.name === 'Math'
  return callee.type === 'Identifier' && ['Number', 'isNaN', 'isFinite'].includes(callee.name)
}
