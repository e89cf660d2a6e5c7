import type { AnyNode, FunctionNode, Node } from '../source/ast.ts'
import type { Binding, ScopeInfo } from '../source/scope.ts'
import { children } from '../source/walk.ts'
import { propertyName } from './syntax.ts'

/**
 * Which number parameters are used as counts and indices, and so are worth the assumption that they are 32-bit
 * integers: `n` in `for (let i = 0; i < n; i++)`, `w` in `a[y * w + x]`, `n` in `new Float64Array(n)`; also through
 * variables and through the parameters of functions that the kernel calls. A guess only: a wrong one costs an exit.
 */
export function integerParameters(
  fn: FunctionNode,
  scope: ScopeInfo,
  calleeUses: (name: string, argument: number) => boolean,
): Set<Binding> {
  const wanted = new Set<Binding>()
  const note = (node: Node): boolean => noteVariables(node as AnyNode, scope, wanted)
  for (let changed = true; changed; ) {
    changed = false
    visit(fn.body as AnyNode, node => {
      for (const expr of integerPlaces(node, scope, wanted, calleeUses)) if (note(expr)) changed = true
    })
  }
  return new Set([...wanted].filter(binding => binding.kind === 'param' && binding.functionNode === fn))
}

function visit(node: AnyNode, see: (node: AnyNode) => void): void {
  see(node)
  for (const child of children(node)) visit(child, see)
}

/** Expressions under this node that must be integers for the node to make sense. */
function integerPlaces(
  node: AnyNode,
  scope: ScopeInfo,
  wanted: ReadonlySet<Binding>,
  calleeUses: (name: string, argument: number) => boolean,
): Node[] {
  switch (node.type) {
    case 'MemberExpression':
      return node.computed && propertyName(node) === undefined ? [node.property] : []
    case 'ForStatement':
      return node.test && steps(node.update) ? comparedSides(node.test as AnyNode) : []
    case 'WhileStatement':
    case 'DoWhileStatement':
      return countsWith(node, scope) ? comparedSides(node.test as AnyNode) : []
    case 'NewExpression':
      return node.callee.type === 'Identifier' && /Array$/.test(node.callee.name) && node.arguments.length === 1
        ? [node.arguments[0] as Node]
        : []
    case 'VariableDeclarator':
      return node.init && node.id.type === 'Identifier' && isWanted(node.id, scope, wanted) ? [node.init] : []
    case 'AssignmentExpression':
      return node.left.type === 'Identifier' && isWanted(node.left, scope, wanted) && /^[-+*]?=$/.test(node.operator)
        ? [node.right]
        : []
    case 'CallExpression':
      return callPlaces(node, calleeUses)
    default:
      return []
  }
}

function callPlaces(
  node: AnyNode & { type: 'CallExpression' },
  calleeUses: (name: string, argument: number) => boolean,
): Node[] {
  const callee = node.callee as AnyNode
  const name = callee.type === 'Identifier' ? callee.name : propertyName(callee)
  if (name === 'range') return node.arguments.length < 3 ? [...node.arguments] : []
  if (callee.type === 'Identifier') return node.arguments.filter((_, i) => calleeUses(callee.name, i))
  return name === 'subarray' || name === 'slice' ? [...node.arguments] : []
}

const steps = (update: Node | null | undefined): boolean =>
  update?.type === 'UpdateExpression' ||
  (update as AnyNode | undefined)?.type === 'AssignmentExpression' ||
  (update as AnyNode | undefined)?.type === 'SequenceExpression'

/** `while (i < n) { …; i++ }`: a compared variable is incremented in the body. */
function countsWith(node: AnyNode & { test: Node; body: Node }, scope: ScopeInfo): boolean {
  const counters = new Set(
    comparedSides(node.test as AnyNode).flatMap(side =>
      side.type === 'Identifier' ? [scope.bindingOf.get(side as never)] : [],
    ),
  )
  let found = false
  visit(node.body as AnyNode, inner => {
    if (
      inner.type === 'UpdateExpression' &&
      inner.argument.type === 'Identifier' &&
      counters.has(scope.bindingOf.get(inner.argument))
    )
      found = true
  })
  return found
}

function comparedSides(test: AnyNode): Node[] {
  if (test.type === 'LogicalExpression')
    return [...comparedSides(test.left as AnyNode), ...comparedSides(test.right as AnyNode)]
  if (test.type === 'BinaryExpression' && /^([<>]=?|[!=]==?)$/.test(test.operator)) return [test.left, test.right]
  return []
}

const isWanted = (node: AnyNode & { type: 'Identifier' }, scope: ScopeInfo, wanted: ReadonlySet<Binding>): boolean => {
  const binding = scope.bindingOf.get(node)
  return binding !== undefined && wanted.has(binding)
}

/** Variables that take part in sums, differences and products; `x | 0`, `x >> 1`, floor and division make their own integers. */
function noteVariables(node: AnyNode, scope: ScopeInfo, wanted: Set<Binding>): boolean {
  switch (node.type) {
    case 'Identifier': {
      const binding = scope.bindingOf.get(node)
      if (!binding || wanted.has(binding)) return false
      wanted.add(binding)
      return true
    }
    case 'BinaryExpression':
      if (!/^[-+*]$/.test(node.operator)) return false
      return [node.left, node.right].map(side => noteVariables(side as AnyNode, scope, wanted)).some(Boolean)
    case 'ParenthesizedExpression':
      return noteVariables(node.expression as AnyNode, scope, wanted)
    case 'ConditionalExpression':
      return [node.consequent, node.alternate].map(side => noteVariables(side as AnyNode, scope, wanted)).some(Boolean)
    default:
      return false
  }
}
