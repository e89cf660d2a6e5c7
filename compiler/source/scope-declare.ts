import type { AnyNode, FunctionNode, Identifier, Pattern, Statement } from './ast.ts'
import type { Binding, BindingKind } from './scope.ts'
import { children } from './walk.ts'

/** Declaration instantiation: which names a scope binds, before any code in it runs. */
export interface Scope {
  readonly kind: 'own name' | 'parameters' | 'body' | 'block'
  readonly functionNode: FunctionNode
  readonly outer: Scope | undefined
  readonly bindings: Map<string, Binding>
  /** whether code here can run more than once per call of the function */
  readonly inLoop: boolean
  /** body: functions in blocks that sloppy code would also bind here (Annex B.3.3) */
  hoistedBlockFunctions?: Set<string>
  /** parameters: names that the body declares again with `var` */
  shadowedByBody?: Set<string>
}

export function newScope(functionNode: FunctionNode, outer: Scope | undefined, kind: Scope['kind']): Scope {
  return {
    kind,
    functionNode,
    outer,
    bindings: new Map(),
    inLoop: outer?.functionNode === functionNode && outer.inLoop,
  }
}

export function loopScope(outer: Scope): Scope {
  return { ...newScope(outer.functionNode, outer, 'block'), inLoop: true }
}

export function newBinding(
  name: string,
  kind: BindingKind,
  functionNode: FunctionNode,
  declaration?: AnyNode,
): Binding {
  return {
    name,
    kind,
    functionNode,
    initialised: false,
    assignments: 0,
    rewrites: 0,
    unorderedWrites: 0,
    lastWrite: -1,
    capturedByInner: false,
    ...(declaration && { declaration }),
  }
}

export function addBinding(scope: Scope, name: string, kind: BindingKind, declaration?: AnyNode): Binding {
  const binding = scope.bindings.get(name) ?? newBinding(name, kind, scope.functionNode, declaration)
  scope.bindings.set(name, binding)
  return binding
}

/** Identifiers that a pattern binds, in source order. */
export function boundNames(pattern: Pattern): Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap(p => boundNames(p.type === 'RestElement' ? p.argument : p.value))
    case 'ArrayPattern':
      return pattern.elements.flatMap(element => (element ? boundNames(element) : []))
    case 'RestElement':
      return boundNames(pattern.argument)
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    default:
      return []
  }
}

export function declarePattern(
  scope: Scope,
  pattern: Pattern,
  kind: BindingKind,
  bindingOf: Map<Identifier, Binding>,
): void {
  for (const id of boundNames(pattern)) bindingOf.set(id, addBinding(scope, id.name, kind, id))
}

/** `let`, `const`, `class` and `function` of one statement list. In a block, functions are lexical too. */
export function declareLexical(scope: Scope, statements: readonly AnyNode[]): void {
  for (const statement of statements) {
    const target = unlabelled(statement)
    if (target.type === 'VariableDeclaration' && target.kind !== 'var') {
      const kind = target.kind === 'let' ? 'let' : 'const'
      for (const declarator of target.declarations)
        for (const id of boundNames(declarator.id)) addBinding(scope, id.name, kind, id)
    } else if (target.type === 'ImportDeclaration') {
      for (const specifier of target.specifiers) addBinding(scope, specifier.local.name, 'const', specifier)
    } else if (target.type === 'ClassDeclaration' && target.id) addBinding(scope, target.id.name, 'let', target.id)
    else if (target.type === 'FunctionDeclaration' && target.id)
      declareFunction(scope, target.id.name, target as FunctionNode)
  }
}

/** Of several functions of one name the last is the value from the start. */
function declareFunction(scope: Scope, name: string, fn: FunctionNode): void {
  const binding = addBinding(scope, name, 'function', fn)
  binding.kind = 'function'
  binding.initialised = true
  binding.declaration = fn
}

/** The statement within labels and `export`. */
function unlabelled(statement: AnyNode): AnyNode {
  if (statement.type === 'LabeledStatement') return unlabelled(statement.body)
  const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
  return isExport && statement.declaration ? statement.declaration : statement
}

/**
 * Everything that the body binds. A `var` or function with the name of a parameter is the parameter's own variable
 * (where there are default values the two are distinct, so a default value that mentions one is refused: shadowedByBody).
 */
export function declareFunctionBody(body: Scope, fn: FunctionNode): void {
  if (fn.body.type !== 'BlockStatement') return
  const parameters = body.outer!
  const hasExpressions = fn.params.some(p => p.type !== 'Identifier')
  const { vars, blockFunctions } = hoisted(fn.body.body)
  for (const id of vars) {
    const parameter = parameters.bindings.get(id.name)
    // `var arguments` declares nothing new
    if (id.name === 'arguments' && fn.type !== 'ArrowFunctionExpression') continue
    if (!parameter) addBinding(body, id.name, 'var')
    else if (hasExpressions) (parameters.shadowedByBody ??= new Set()).add(id.name)
  }
  declareFunctions(body, parameters, fn.body.body, hasExpressions)
  declareLexical(
    body,
    fn.body.body.filter(s => unlabelled(s).type !== 'FunctionDeclaration'),
  )
  if (!isStrict(fn))
    body.hoistedBlockFunctions = new Set(blockFunctions.filter(name => isHoistable(name, body, parameters)))
}

/** Annex B.3.3 leaves names alone that a parameter or a `let` takes. */
function isHoistable(name: string, body: Scope, parameters: Scope): boolean {
  const taken = body.bindings.get(name)?.kind
  return !parameters.bindings.has(name) && (taken === undefined || taken === 'var' || taken === 'function')
}

function declareFunctions(
  body: Scope,
  parameters: Scope,
  statements: readonly Statement[],
  hasExpressions: boolean,
): void {
  for (const statement of statements) {
    const target = unlabelled(statement)
    if (target.type !== 'FunctionDeclaration' || !target.id) continue
    const { name } = target.id
    const isParameter = parameters.bindings.has(name)
    declareFunction(isParameter ? parameters : body, name, target as FunctionNode)
    if (isParameter && hasExpressions) (parameters.shadowedByBody ??= new Set()).add(name)
  }
}

function isStrict(fn: FunctionNode): boolean {
  if (fn.body.type !== 'BlockStatement') return false
  return fn.body.body.some(s => s.type === 'ExpressionStatement' && s.directive === 'use strict')
}

/** Whether code is known to be strict: by a directive of a function or script around it, or because it is a module. */
export function isStrictAt(from: Scope): boolean {
  for (let scope: Scope | undefined = from; scope; scope = scope.outer)
    if (isStrict(scope.functionNode) || (!scope.outer && isModule(scope.functionNode))) return true
  return false
}

function isModule({ body }: FunctionNode): boolean {
  return body.type === 'BlockStatement' && body.body.some(statement => /^(?:Import|Export)/.test(statement.type))
}

const isFunction = (node: AnyNode): boolean =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'ClassBody'

interface Hoisted {
  /** Identifiers that `var` declares. */
  readonly vars: Identifier[]
  /** Functions declared in blocks, but for those that a `let` of a block around takes. */
  readonly blockFunctions: string[]
}

/** What rises to the top of a function from anywhere in it, nested functions left out. */
function hoisted(statements: readonly AnyNode[]): Hoisted {
  const found: Hoisted = { vars: [], blockFunctions: [] }
  const around: AnyNode[] = []
  const collect = (node: AnyNode): void => {
    if (node.type === 'FunctionDeclaration' && node.id && isInBlock(node.id.name, around))
      found.blockFunctions.push(node.id.name)
    if (isFunction(node)) return
    if (node.type === 'VariableDeclaration' && node.kind === 'var')
      for (const { id } of node.declarations) found.vars.push(...boundNames(id))
    around.push(node)
    for (const child of children(node)) collect(child)
    around.pop()
  }
  for (const statement of statements) collect(statement)
  return found
}

function isInBlock(name: string, around: readonly AnyNode[]): boolean {
  const blocks = around.filter(node => node.type !== 'LabeledStatement' && !/^Export/.test(node.type))
  return blocks.length > 0 && !blocks.some(block => lexicalNames(block).includes(name))
}

/** `let`, `const` and `class` of the statement lists and loop heads that start at this node. */
function lexicalNames(node: AnyNode): string[] {
  const list =
    node.type === 'BlockStatement'
      ? node.body
      : node.type === 'SwitchStatement'
        ? node.cases.flatMap(c => c.consequent)
        : []
  const head =
    node.type === 'ForStatement'
      ? node.init
      : node.type === 'ForInStatement' || node.type === 'ForOfStatement'
        ? node.left
        : undefined
  return [...list, ...(head ? [head] : [])].flatMap(item => {
    if (item.type === 'ClassDeclaration' && item.id) return [item.id.name]
    if (item.type !== 'VariableDeclaration' || item.kind === 'var') return []
    return item.declarations.flatMap(d => boundNames(d.id).map(id => id.name))
  })
}
