import type {
  AnyNode,
  CallExpression,
  Expression,
  FunctionNode,
  Literal,
  MemberExpression,
  SequenceExpression,
  UpdateExpression,
} from './ast.ts'
import { keyName } from './member-names.ts'
import { rewrite, walk } from './walk.ts'

/**
 * Transpilers, bundlers, minifiers and coverage tools wrap the code that people wrote. This gives the plain code back,
 * in place and with its offsets, so that later stages know nothing of tools. Each rule keeps the meaning for numeric
 * code and says which tool writes the form; test/fixtures/source/ holds the output of the real tools.
 */
export type Helper = 'name' | 'array' | 'typeof'

/** Helpers under the names that the tools give them; minified ones are recognised by capture.ts and passed in. */
const KNOWN_HELPERS: ReadonlyMap<string, Helper> = new Map([
  // esbuild, tsx (keepNames): sets the property `name`
  ['__name', 'name'],
  // Babel, swc, TypeScript for array destructuring: the code that follows only indexes the result
  ['_slicedToArray', 'array'],
  ['_sliced_to_array', 'array'],
  ['__read', 'array'],
  // Babel and swc
  ['_typeof', 'typeof'],
  ['_type_of', 'typeof'],
])

export function unwrap(fn: FunctionNode, helpers: ReadonlyMap<string, Helper> = new Map()): FunctionNode {
  rewrite(fn, (node, parent) => unwrapNode(node, parent, helpers, fn))
  rewrite(fn, node =>
    node.type === 'SequenceExpression' && node.expressions.length === 1 ? node.expressions[0] : node,
  )
  return fn
}

function unwrapNode(
  node: AnyNode,
  parent: AnyNode | undefined,
  helpers: ReadonlyMap<string, Helper>,
  root: FunctionNode,
): AnyNode | undefined {
  switch (node.type) {
    case 'UpdateExpression':
      return isCounter(node) ? literal(node, 0) : node
    case 'SequenceExpression':
      return unwrapSequence(node)
    case 'CallExpression':
      return unwrapHelper(unwrapCallee(node), parent, helpers, root)
    case 'UnaryExpression':
      return node.operator === '!' && isLiteral(node.argument, 0, 1) ? literal(node, node.argument.value === 0) : node
    case 'ExpressionStatement':
      return node.expression.type === 'Literal' && node.directive === undefined ? dropped(node, parent) : node
    case 'IfStatement':
      if (node.alternate?.type === 'BlockStatement' && node.alternate.body.length === 0) node.alternate = null
      return node
    default:
      return node
  }
}

/** A statement without effect: gone from a list, empty elsewhere. */
function dropped(node: AnyNode, parent: AnyNode | undefined): AnyNode | undefined {
  const isInList = parent?.type === 'BlockStatement' || parent?.type === 'SwitchCase'
  return isInList ? undefined : { type: 'EmptyStatement', start: node.start, end: node.end }
}

function literal(at: AnyNode, value: number | boolean): Literal {
  return { type: 'Literal', value, raw: String(value), start: at.start, end: at.end }
}

function isLiteral(node: AnyNode, ...values: readonly unknown[]): node is Literal {
  return node.type === 'Literal' && values.includes(node.value)
}

const COUNTERS = new Set(['s', 'f', 'b'])
const COUNTER_OWNER = /^(__)?cov_/

/** istanbul (nyc, jest, vitest): `cov_x().s[3]++`, `cov_x().b[0][1]++`; older ones without the call. */
function isCounter(node: UpdateExpression): boolean {
  let target: AnyNode = node.argument
  while (target.type === 'MemberExpression' && target.computed && target.property.type === 'Literal')
    target = target.object
  if (target === node.argument || target.type !== 'MemberExpression' || target.property.type !== 'Identifier')
    return false
  const owner = target.object.type === 'CallExpression' ? target.object.callee : target.object
  return COUNTERS.has(target.property.name) && owner.type === 'Identifier' && COUNTER_OWNER.test(owner.name)
}

/**
 * Values that nobody sees (counters, the 0 of `(0, f)`) go. A sequence of one stays around a member expression until
 * the call around it was seen: `(0, a.f)()` is not `a.f()`.
 */
function unwrapSequence(node: SequenceExpression): Expression {
  const last = node.expressions.length - 1
  node.expressions = node.expressions.filter((item, index) => index === last || item.type !== 'Literal')
  const [only, second] = node.expressions
  return second || !only || only.type === 'MemberExpression' ? node : only
}

/** `(0, mod.f)(x)` of TypeScript, webpack, esbuild, vite and swc; `Object(mod.f)(x)` of webpack 4. */
function unwrapCallee(node: CallExpression): CallExpression {
  const target = detachedTarget(node.callee)
  if (!target) return node
  node.callee = target
  node.detached = true
  return node
}

function detachedTarget(callee: AnyNode): Expression | undefined {
  if (callee.type === 'SequenceExpression') return callee.expressions.length === 1 ? callee.expressions[0] : undefined
  if (callee.type !== 'CallExpression' || callee.callee.type !== 'Identifier' || callee.callee.name !== 'Object')
    return undefined
  const [target, second] = callee.arguments
  return !second && target?.type === 'MemberExpression' ? target : undefined
}

function unwrapHelper(
  node: CallExpression,
  parent: AnyNode | undefined,
  helpers: ReadonlyMap<string, Helper>,
  root: FunctionNode,
): Expression {
  const helper = helperOf(node.callee, helpers)
  const [first, second] = node.arguments
  if (!helper || !first || first.type === 'SpreadElement') return node
  if (helper === 'typeof')
    return {
      type: 'UnaryExpression',
      operator: 'typeof',
      prefix: true,
      argument: first,
      start: node.start,
      end: node.end,
    }
  const wanted = helper === 'name' ? 'string' : 'number'
  if (second?.type !== 'Literal' || typeof second.value !== wanted) return node
  if (helper === 'array' && !isOnlyIndexed(root, parent, Number(second.value))) return node
  // a statement `__name(f, "f")` has no meaning left
  return parent?.type === 'ExpressionStatement' && first.type === 'Identifier' ? literal(node, 0) : first
}

/**
 * Tools keep the result in a variable `_p` and read `_p[0]` and so on of it, nothing else. A function that merely has the
 * name of such a helper is used in other ways.
 */
function isOnlyIndexed(root: FunctionNode, holder: AnyNode | undefined, count: number): boolean {
  const target =
    holder?.type === 'VariableDeclarator'
      ? holder.id
      : holder?.type === 'AssignmentExpression'
        ? holder.left
        : undefined
  if (target?.type !== 'Identifier' || !target.name.startsWith('_')) return false
  let isOnly = true
  walk(root, (node, parent) => {
    if (node.type !== 'Identifier' || node.name !== target.name) return undefined
    if (parent?.type === 'MemberExpression')
      isOnly &&= parent.object === node ? isIndexBelow(parent, count) : !parent.computed
    else isOnly &&= isTarget(node, parent)
    return undefined
  })
  return isOnly
}

const isIndexBelow = ({ computed, property }: MemberExpression, count: number): boolean =>
  computed && property.type === 'Literal' && typeof property.value === 'number' && property.value < count

const isTarget = (node: AnyNode, parent: AnyNode | undefined): boolean =>
  (parent?.type === 'VariableDeclarator' && parent.id === node) ||
  (parent?.type === 'AssignmentExpression' && parent.left === node)

/** `helper(x)`, `helpers.helper(x)`, `helper._(x)`. */
function helperOf(callee: AnyNode, helpers: ReadonlyMap<string, Helper>): Helper | undefined {
  if (callee.type === 'Identifier') return helpers.get(callee.name) ?? KNOWN_HELPERS.get(callee.name)
  if (callee.type !== 'MemberExpression') return undefined
  const name = keyName(callee.property, callee.computed)
  if (name === '_' && callee.object.type === 'Identifier') return KNOWN_HELPERS.get(callee.object.name)
  return name === undefined ? undefined : KNOWN_HELPERS.get(name)
}
