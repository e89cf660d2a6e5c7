import type { AnyNode, Expression, FunctionNode, Identifier, Node, Pattern } from '../source/ast.ts'
import type { Binding, ScopeInfo } from '../source/scope.ts'
import { children } from '../source/walk.ts'

const EFFECTS = new Set([
  'AssignmentExpression',
  'UpdateExpression',
  'CallExpression',
  'NewExpression',
  'YieldExpression',
  'AwaitExpression',
  'TaggedTemplateExpression',
])
const FUNCTIONS = new Set(['FunctionExpression', 'ArrowFunctionExpression', 'FunctionDeclaration'])

/** Pure calls are so common in arithmetic that they are worth telling apart. */
const PURE_CALL = /^(Math\.(?!random)\w+|Number\.\w+|isNaN|isFinite|Number|Boolean)$/

/** Of those, the only one that tells undefined from NaN. */
const TELLS_NAN = 'Number.isNaN'

/** Whether a name means the built-in function or object of that name here, not a variable of the program. */
export type IsBuiltin = (id: Identifier) => boolean

/** Whether evaluating the expression may write a variable or memory. */
export function hasEffects(node: Node, isBuiltin: IsBuiltin): boolean {
  const any = node as AnyNode
  const within = (inner: Node): boolean => hasEffects(inner, isBuiltin)
  if (FUNCTIONS.has(any.type)) return false
  if (any.type === 'CallExpression' && isPureCall(any.callee, isBuiltin)) return any.arguments.some(within)
  return EFFECTS.has(any.type) || children(any).some(within)
}

function isPureCall(callee: Node, isBuiltin: IsBuiltin): boolean {
  if (!PURE_CALL.test(calleeText(callee))) return false
  const node = callee as AnyNode
  return isBuiltin((node.type === 'MemberExpression' ? node.object : node) as Identifier)
}

function calleeText(callee: Node): string {
  const node = callee as AnyNode
  if (node.type === 'Identifier') return node.name
  if (
    node.type === 'MemberExpression' &&
    !node.computed &&
    node.object.type === 'Identifier' &&
    node.property.type === 'Identifier'
  )
    return `${node.object.name}.${node.property.name}`
  return ''
}

/** Variables that are assigned anywhere in the tree, functions inside included. */
export function assignedBindings(root: Node, scope: ScopeInfo): Set<Binding> {
  const found = new Set<Binding>()
  const note = (pattern: Node): void => {
    for (const id of identifiersOf(pattern)) {
      const binding = scope.bindingOf.get(id)
      if (binding) found.add(binding)
    }
  }
  const visit = (node: AnyNode): void => {
    if (node.type === 'AssignmentExpression') note(node.left)
    else if (node.type === 'UpdateExpression') note(node.argument)
    else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') note(node.left)
    for (const child of children(node)) visit(child)
  }
  visit(root as AnyNode)
  return found
}

function identifiersOf(pattern: Node): Identifier[] {
  const node = pattern as AnyNode
  if (node.type === 'Identifier') return [node]
  if (node.type === 'MemberExpression') return []
  return children(node).flatMap(child => identifiersOf(child))
}

/** `x` and `(x)` alike. */
export function isIdentifier(node: Node | null | undefined, name?: string): node is Identifier {
  return node?.type === 'Identifier' && (name === undefined || (node as Identifier).name === name)
}

export function propertyName(node: AnyNode): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  const property = node.property
  if (!node.computed) return property.type === 'Identifier' ? property.name : undefined
  if (property.type === 'Literal' && typeof property.value === 'string') return property.value
  return undefined
}

export type { Expression, FunctionNode, Pattern }

/**
 * Whether no use of the variable can tell NaN from undefined: it is only an operand of arithmetic, an argument of
 * Math, an index, or stored into a typed array. Then a read out of bounds may hand it NaN.
 */
export function onlyNumericUses(root: Node, binding: Binding, scope: ScopeInfo, isBuiltin: IsBuiltin): boolean {
  let numeric = true
  const visit = (node: AnyNode, parent: AnyNode | undefined, grand: AnyNode | undefined): void => {
    if (!numeric) return
    if (
      node.type === 'Identifier' &&
      scope.bindingOf.get(node) === binding &&
      node !== binding.declaration &&
      !isNumericUse(node, parent, grand, isBuiltin)
    )
      numeric = false
    for (const child of children(node)) visit(child, node, parent)
  }
  visit(root as AnyNode, undefined, undefined)
  return numeric
}

const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>', '<', '>', '<=', '>='])

function isNumericUse(
  node: AnyNode,
  parent: AnyNode | undefined,
  grand: AnyNode | undefined,
  isBuiltin: IsBuiltin,
): boolean {
  switch (parent?.type) {
    case 'BinaryExpression':
      return ARITHMETIC.has(parent.operator) || comparesWithNumber(parent)
    case 'UnaryExpression':
      return parent.operator !== 'typeof' && parent.operator !== 'delete'
    case 'UpdateExpression':
      return true
    case 'VariableDeclarator':
      return parent.id === node
    case 'AssignmentExpression':
      if (parent.left === node && parent.operator === '??=') return false
      // `x = v` writes x, which is no use of it, yet it is an expression that has the value of v
      if (parent.left === node) return !HANDS_ON.has(parent.operator) || isUnusedOrNumeric(parent, grand, isBuiltin)
      return !HANDS_ON.has(parent.operator)
    case 'MemberExpression':
      return parent.computed === true && parent.property === node
    case 'CallExpression':
      return parent.callee !== node && isPureCall(parent.callee, isBuiltin) && calleeText(parent.callee) !== TELLS_NAN
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
      return parent.test === node
    case 'LogicalExpression':
      return parent.left === node && parent.operator === '||' && grand?.type !== undefined
    case 'ForOfStatement':
      return parent.left === node
    default:
      return false
  }
}

/** Assignments that may give a variable something else than a number. */
const HANDS_ON = new Set(['=', '||=', '&&=', '??='])

function isUnusedOrNumeric(node: AnyNode, parent: AnyNode | undefined, isBuiltin: IsBuiltin): boolean {
  switch (parent?.type) {
    case 'ExpressionStatement':
      return true
    case 'ForStatement':
      return parent.test !== node
    case 'SequenceExpression':
      return parent.expressions.at(-1) !== node
    default:
      return isNumericUse(node, parent, undefined, isBuiltin)
  }
}

function comparesWithNumber(parent: AnyNode & { type: 'BinaryExpression' }): boolean {
  const isNumber = (side: AnyNode): boolean => side.type === 'Literal' && typeof side.value === 'number'
  return /^[=!]==?$/.test(parent.operator) && (isNumber(parent.left as AnyNode) || isNumber(parent.right as AnyNode))
}
