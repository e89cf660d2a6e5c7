import { Miss, type Span } from '../../base/diagnostic.ts'
import type {
  AnyNode,
  BlockStatement,
  CallExpression,
  CatchClause,
  FunctionNode,
  Identifier,
  Pattern,
  Program,
  Statement,
  VariableDeclaration,
} from './ast.ts'
import {
  addBinding,
  declareFunctionBody,
  declareLexical,
  declarePattern,
  isStrictAt,
  loopScope,
  newBinding,
  newScope,
  type Scope,
} from './scope-declare.ts'
import { blockFunction, shadowed } from './scope-misses.ts'
import { markDoubtful, noteWrite, type Role } from './scope-writes.ts'
import { children } from './walk.ts'

export type BindingKind = 'param' | 'var' | 'let' | 'const' | 'function' | 'catch' | 'free' | 'arguments'

export interface Binding {
  readonly name: string
  kind: BindingKind
  /** The declaring Identifier; for kind 'function' the function itself. Absent for free variables and `arguments`. */
  declaration?: AnyNode
  /** The function that the variable lives in (for a free variable, the kernel). */
  readonly functionNode: FunctionNode
  /** Whether a declaration gives it a value. Note that a `var` is undefined before that. */
  initialised: boolean
  /** Writes besides the initialiser of its declaration; the initialiser of a `var` in a loop counts, too. */
  assignments: number
  /**
   * Writes after the one that gives the first value: that is the initialiser, or the first assignment of an
   * uninitialised variable where it stands in the function of the variable and in no loop. 0: once it has a value, it keeps it.
   */
  rewrites: number
  /** Of the assignments, those in loops and in other functions than that of the variable: nothing is known of their order. */
  unorderedWrites: number
  /** Where the last of the other writes ends in the text. */
  lastWrite: number
  /** Whether a function nested in `functionNode` mentions it. */
  capturedByInner: boolean
}

export interface ScopeInfo {
  /** Every identifier that declares or mentions a variable (property names and labels are not among them). */
  readonly bindingOf: ReadonlyMap<Identifier, Binding>
  /**
   * Variables from outside, by name. The kernel's own name is among them when it is mentioned: the text does not tell
   * a declaration (whose name may be bound to something else later) from a named function expression.
   */
  readonly free: ReadonlyMap<string, Binding>
  /** `this` of the function itself (arrows within share it). */
  readonly usesThis: boolean
  /** `arguments` of the function itself. */
  readonly usesArguments: boolean
}

interface Resolver {
  readonly root: FunctionNode
  /** Whole programs: what would be a miss makes the variables concerned unsure instead. */
  readonly lenient: boolean
  /** where the assignments and declarators visited so far end */
  writeEnd: number
  /** lenient: `with` or a direct `eval` was met, so any variable may be written */
  unsure: boolean
  readonly source: number
  readonly bindingOf: Map<Identifier, Binding>
  readonly free: Map<string, Binding>
  /** functions that mention `this` / `arguments`, arrows resolved to their owner */
  readonly thisOwners: Set<FunctionNode>
  readonly argumentsOf: Map<FunctionNode, Binding>
}

/**
 * Resolves names as ECMA-262 does (declaration instantiation, 10.2.11), without regard to the temporal dead zone.
 * @throws Miss IRIS2003 for `with` and direct `eval`, IRIS2001 where the meaning depends on the strictness around the text
 */
export function resolveScopes(root: FunctionNode, source = 0): ScopeInfo {
  const resolver = newResolver(root, source, false)
  visitFunction(resolver, root, undefined)
  const own = root.id && resolver.free.get(root.id.name)
  if (root.id && own) resolver.bindingOf.set(root.id, own)
  return {
    bindingOf: resolver.bindingOf,
    free: resolver.free,
    usesThis: resolver.thisOwners.has(root),
    usesArguments: resolver.argumentsOf.has(root),
  }
}

export interface ProgramScopes {
  readonly bindingOf: ReadonlyMap<Identifier, Binding>
  /** `with` or `eval` may write any variable that is no `const` */
  readonly unsure: boolean
}

/** The same for a whole script or module, seen as the body of a function; nothing is refused. */
export function resolveProgram(program: Program): ProgramScopes {
  const { start, end, body } = program
  const block: BlockStatement = { type: 'BlockStatement', start, end, body: body as Statement[] }
  const root: FunctionNode = {
    type: 'ArrowFunctionExpression',
    start,
    end,
    params: [],
    body: block,
    expression: false,
    generator: false,
    async: false,
  }
  const resolver = newResolver(root, 0, true)
  visitFunction(resolver, root, undefined)
  return { bindingOf: resolver.bindingOf, unsure: resolver.unsure }
}

function newResolver(root: FunctionNode, source: number, lenient: boolean): Resolver {
  return {
    root,
    lenient,
    writeEnd: 0,
    unsure: false,
    source,
    bindingOf: new Map(),
    free: new Map(),
    thisOwners: new Set(),
    argumentsOf: new Map(),
  }
}

function visitFunction(r: Resolver, fn: FunctionNode, outer: Scope | undefined): void {
  let scope = outer
  const isNamedExpression = fn.type === 'FunctionExpression' && fn.id && fn !== r.root
  if (isNamedExpression && fn.id) {
    scope = newScope(fn, outer, 'own name')
    r.bindingOf.set(fn.id, addBinding(scope, fn.id.name, 'function', fn))
  }
  const parameters = newScope(fn, scope, 'parameters')
  for (const pattern of fn.params) declarePattern(parameters, pattern, 'param', r.bindingOf)
  const body = newScope(fn, parameters, 'body')
  declareFunctionBody(body, fn)
  for (const pattern of fn.params) visitPattern(r, pattern, parameters, 'bound')
  if (fn.body.type === 'BlockStatement') {
    for (const statement of fn.body.body) visit(r, statement, body)
  } else visit(r, fn.body, body)
}

function visit(r: Resolver, node: AnyNode, scope: Scope): void {
  switch (node.type) {
    case 'Identifier':
      if (mention(r, node, scope).kind === 'arguments') doubtParameters(r, scope)
      return
    case 'FunctionDeclaration':
      if (node.id) r.bindingOf.set(node.id, lookup(r, node.id.name, scope, node))
      visitFunction(r, node as FunctionNode, scope)
      return
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      visitFunction(r, node, scope)
      return
    case 'ThisExpression':
    case 'Super':
      r.thisOwners.add(thisOwner(scope))
      return
    case 'VariableDeclaration':
      visitDeclaration(r, node, scope, false)
      return
    case 'AssignmentExpression':
      visit(r, node.right, scope)
      r.writeEnd = Math.max(r.writeEnd, node.end)
      visitPattern(r, node.left, scope, 'assign')
      return
    case 'UpdateExpression':
      r.writeEnd = Math.max(r.writeEnd, node.end)
      visitPattern(r, node.argument as Pattern, scope, 'assign')
      return
    case 'CatchClause':
      visitCatch(r, node, scope)
      return
    case 'WithStatement':
      refuseOrDoubt(r, node)
      visitAll(r, children(node), scope)
      return
    case 'CallExpression':
      visitCall(r, node, scope)
      return
    default:
      visitStructure(r, node, scope)
      return
  }
}

function visitStructure(r: Resolver, node: AnyNode, scope: Scope): void {
  switch (node.type) {
    case 'BlockStatement':
    case 'StaticBlock': {
      const block = newScope(scope.functionNode, scope, 'block')
      declareLexical(block, node.body)
      visitAll(r, node.body, block)
      return
    }
    case 'SwitchStatement': {
      visit(r, node.discriminant, scope)
      const block = newScope(scope.functionNode, scope, 'block')
      declareLexical(
        block,
        node.cases.flatMap(c => c.consequent),
      )
      visitAll(r, node.cases, block)
      return
    }
    case 'ForStatement': {
      const loop = newScope(scope.functionNode, scope, 'block')
      if (node.init?.type === 'VariableDeclaration') declareLexical(loop, [node.init])
      if (node.init) visit(r, node.init, loop)
      for (const part of [node.test, node.update, node.body]) if (part) visit(r, part, loopScope(loop))
      return
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
      visitAll(r, children(node), loopScope(scope))
      return
    case 'ForInStatement':
    case 'ForOfStatement': {
      const loop = loopScope(scope)
      if (node.left.type === 'VariableDeclaration') {
        declareLexical(loop, [node.left])
        visitDeclaration(r, node.left, loop, true)
      } else visitPattern(r, node.left, loop, 'assign')
      visitAll(r, [node.right, node.body], loop)
      return
    }
    case 'ImportDeclaration':
      for (const { local } of node.specifiers) mention(r, local, scope)
      return
    case 'ExportSpecifier':
      if (node.local.type === 'Identifier') mention(r, node.local, scope)
      return
    case 'ExportAllDeclaration':
      return
    case 'ExportNamedDeclaration':
      if (!node.source) visitAll(r, node.declaration ? [node.declaration] : node.specifiers, scope)
      return
    case 'LabeledStatement':
      visit(r, node.body, scope)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return
    case 'MemberExpression':
      // `arguments[0]`, only read
      if (node.object.type === 'Identifier' && node.object.name === 'arguments') mention(r, node.object, scope)
      else visit(r, node.object, scope)
      if (node.computed) visit(r, node.property, scope)
      return
    case 'Property':
    case 'MethodDefinition':
      if (node.computed) visit(r, node.key, scope)
      visit(r, node.value, scope)
      return
    case 'PropertyDefinition':
      if (node.computed) visit(r, node.key, scope)
      // runs with each instance
      if (node.value) visit(r, node.value, node.static ? scope : loopScope(scope))
      return
    case 'ClassDeclaration':
    case 'ClassExpression':
      visitClass(r, node, scope)
      return
    default:
      visitAll(r, children(node), scope)
      return
  }
}

function visitAll(r: Resolver, nodes: readonly AnyNode[], scope: Scope): void {
  for (const node of nodes) visit(r, node, scope)
}

function visitClass(r: Resolver, node: AnyNode & { type: 'ClassDeclaration' | 'ClassExpression' }, scope: Scope): void {
  const own = newScope(scope.functionNode, scope, 'own name')
  if (node.id) {
    const binding =
      node.type === 'ClassDeclaration'
        ? lookup(r, node.id.name, scope, node)
        : addBinding(own, node.id.name, 'const', node)
    binding.initialised = true
    r.bindingOf.set(node.id, binding)
  }
  if (node.superClass) visit(r, node.superClass, own)
  visit(r, node.body, own)
}

/** `inHead`: of a for-in or for-of, which gives the value. */
function visitDeclaration(r: Resolver, node: VariableDeclaration, scope: Scope, inHead: boolean): void {
  for (const { id, init, end } of node.declarations) {
    if (init) visit(r, init, scope)
    r.writeEnd = Math.max(r.writeEnd, end)
    visitPattern(r, id, scope, init || inHead ? 'initialise' : 'declare')
  }
}

function refuseOrDoubt(r: Resolver, node: AnyNode): void {
  if (!r.lenient) throw new Miss('IRIS2003', {}, spanOf(r, node))
  r.unsure = true
}

function visitCatch(r: Resolver, node: CatchClause, scope: Scope): void {
  const parameter = newScope(scope.functionNode, scope, 'block')
  if (node.param) {
    declarePattern(parameter, node.param, 'catch', r.bindingOf)
    visitPattern(r, node.param, parameter, 'bound')
  }
  visit(r, node.body, parameter)
}

function visitCall(r: Resolver, node: CallExpression, scope: Scope): void {
  if (node.callee.type === 'Identifier' && node.callee.name === 'eval') refuseOrDoubt(r, node)
  visit(r, node.callee, scope)
  visitAll(r, node.arguments, scope)
}

function visitPattern(r: Resolver, pattern: Pattern, scope: Scope, role: Role): void {
  switch (pattern.type) {
    case 'Identifier':
      if (role !== 'bound') write(r, pattern, scope, role)
      return
    case 'MemberExpression':
      visit(r, pattern.object, scope)
      if (pattern.computed) visit(r, pattern.property, scope)
      return
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') visitPattern(r, property.argument, scope, role)
        else {
          if (property.computed) visit(r, property.key, scope)
          visitPattern(r, property.value, scope, role)
        }
      }
      return
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) visitPattern(r, element, scope, role)
      return
    case 'RestElement':
      visitPattern(r, pattern.argument, scope, role)
      return
    case 'AssignmentPattern':
      visitPattern(r, pattern.left, scope, role)
      visit(r, pattern.right, scope)
      return
    default:
      visit(r, pattern, scope)
      return
  }
}

function write(r: Resolver, id: Identifier, scope: Scope, role: Exclude<Role, 'bound'>): void {
  noteWrite(mention(r, id, scope), id, scope, role, r.writeEnd)
}

function mention(r: Resolver, id: Identifier, scope: Scope): Binding {
  const binding = lookup(r, id.name, scope, id)
  r.bindingOf.set(id, binding)
  if (binding.functionNode !== scope.functionNode) binding.capturedByInner = true
  return binding
}

function lookup(r: Resolver, name: string, from: Scope, node: AnyNode): Binding {
  let inner: Scope | undefined
  let doubtful = false
  for (let scope: Scope | undefined = from; scope; inner = scope, scope = scope.outer) {
    if (scope.hoistedBlockFunctions?.has(name)) doubtful = doubt(r, blockFunction(name, spanOf(r, node)))
    const found = scope.bindings.get(name)
    if (found && scope.shadowedByBody?.has(name) && inner?.kind !== 'body')
      doubtful = doubt(r, shadowed(name, spanOf(r, node)))
    if (found && doubtful) markDoubtful(found)
    if (found) return found
    if (name === 'arguments' && scope.kind === 'parameters' && scope.functionNode.type !== 'ArrowFunctionExpression') {
      return argumentsBinding(r, scope.functionNode)
    }
  }
  return freeBinding(r, name, doubtful)
}

function doubt(r: Resolver, miss: Miss): true {
  if (!r.lenient) throw miss
  return true
}

/** In sloppy code whoever has the `arguments` object can write the parameters through it (10.4.4). */
function doubtParameters(r: Resolver, from: Scope): void {
  if (!r.lenient || isStrictAt(from)) return
  for (const param of thisOwner(from).params) {
    const binding = param.type === 'Identifier' ? r.bindingOf.get(param) : undefined
    if (binding) markDoubtful(binding)
  }
}

function freeBinding(r: Resolver, name: string, doubtful: boolean): Binding {
  const binding = r.free.get(name) ?? newBinding(name, 'free', r.root)
  r.free.set(name, binding)
  if (doubtful) markDoubtful(binding)
  return binding
}

function argumentsBinding(r: Resolver, fn: FunctionNode): Binding {
  const known = r.argumentsOf.get(fn)
  if (known) return known
  const binding = newBinding('arguments', 'arguments', fn)
  r.argumentsOf.set(fn, binding)
  return binding
}

/** The innermost function around that is no arrow; the kernel itself when it is one. */
function thisOwner(from: Scope): FunctionNode {
  let owner = from.functionNode
  for (let scope: Scope | undefined = from; scope && owner.type === 'ArrowFunctionExpression'; scope = scope.outer)
    owner = scope.functionNode
  return owner
}

const spanOf = (r: Resolver, node: AnyNode): Span => ({ source: r.source, start: node.start, end: node.end })
