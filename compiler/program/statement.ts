import { i32, op } from '../ir/build.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import type { AnyNode, Expression, Node, Pattern } from '../source/ast.ts'
import { children } from '../source/walk.ts'
import type { LabelTargets } from './activation.ts'
import { bindPattern, declare } from './assign.ts'
import { test } from './choose.ts'
import { closure, describeNode } from './closure.ts'
import { held, negate, settle, snapshot, stable } from './convert.ts'
import type { Cursor, Target } from './cursor.ts'
import { expression } from './dispatch.ts'
import { materialise } from './materialise.ts'
import { elementInBounds, isArguments, lengthOf } from './member.ts'
import { strictEqual } from './operators.ts'
import { orExit } from './recover.ts'
import { refine } from './refine.ts'
import { type ArrayValue, describe, type ListValue, type Value } from './value.ts'

/** The body of the function that is being lowered; a `return` jumps to the activation's target. */
export function functionBody(c: Cursor): void {
  const { fn } = c.activation
  const body = fn.body as AnyNode
  if (body.type !== 'BlockStatement') return returnStatement(c, body, body)
  hoist(c, body, fn as AnyNode)
  statements(c, body.body as AnyNode[])
  if (c.env) returnValue(c, { k: 'undefined' }, body)
}

/** `var` begins as undefined at every call, also of a function that was inlined before. */
function hoist(c: Cursor, body: AnyNode, fn: AnyNode): void {
  for (const [id, binding] of c.activation.scope.bindingOf) {
    if (binding.kind === 'var' && binding.functionNode === fn && within(id, body)) c.put(binding, { k: 'undefined' })
  }
}

const within = (id: AnyNode, body: AnyNode): boolean => id.start >= body.start && id.end <= body.end

function statements(c: Cursor, list: readonly AnyNode[]): void {
  for (const node of list) if (node.type === 'FunctionDeclaration') declareFunction(c, node)
  for (const node of list) {
    if (!c.env) return
    statement(c, node)
  }
}

function declareFunction(c: Cursor, node: AnyNode & { type: 'FunctionDeclaration' }): void {
  const binding = node.id && c.activation.scope.bindingOf.get(node.id)
  if (binding)
    c.put(
      binding,
      node.async || node.generator
        ? { k: 'opaque', what: 'an async function or generator', name: binding.name }
        : closure(c, node),
    )
}

export function statement(c: Cursor, node: AnyNode): void {
  switch (node.type) {
    case 'ExpressionStatement':
      if (!('directive' in node && node.directive)) expression(c, node.expression)
      return
    case 'VariableDeclaration':
      return variableDeclaration(c, node)
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'DebuggerStatement':
      return
    case 'BlockStatement':
      return statements(c, node.body as AnyNode[])
    case 'IfStatement':
      return ifStatement(c, node)
    case 'ForStatement':
      return forStatement(c, node)
    case 'WhileStatement':
      return whileStatement(c, node)
    case 'DoWhileStatement':
      return doWhileStatement(c, node)
    case 'ForOfStatement':
      return forOfStatement(c, node)
    case 'SwitchStatement':
      return switchStatement(c, node)
    case 'LabeledStatement':
      return labeledStatement(c, node)
    case 'BreakStatement':
      return c.jump(targetOf(c, node, node.label?.name, 'onBreak'))
    case 'ContinueStatement':
      return c.jump(targetOf(c, node, node.label?.name, 'onContinue'))
    case 'ReturnStatement':
      return returnStatement(c, node.argument as AnyNode | null | undefined, node)
    case 'ThrowStatement':
      return c.exit(node, 'a `throw` was reached')
    case 'TryStatement':
      return tryStatement(c, node)
    default:
      throw c.unsupported(node, describeStatement(node))
  }
}

function describeStatement(node: AnyNode): string {
  return node.type === 'ForInStatement' ? '`for…in`' : node.type === 'ClassDeclaration' ? 'a class' : describeNode(node)
}

/** An exit reruns the call in JavaScript, `catch` included: so only the way without an error is lowered. */
function tryStatement(c: Cursor, node: AnyNode & { type: 'TryStatement' }): void {
  if (node.finalizer) throw c.unsupported(node, '`finally`')
  statement(c, node.block)
}

/** `return test ? a : b` returns twice: the two values may be of kinds that no variable can hold. */
function returnStatement(c: Cursor, argument: AnyNode | null | undefined, node: Node): void {
  if (argument?.type === 'ParenthesizedExpression') return returnStatement(c, argument.expression as AnyNode, node)
  if (argument?.type !== 'ConditionalExpression')
    return returnValue(c, argument ? expression(c, argument) : { k: 'undefined' }, node)
  const { consequent, alternate } = argument
  const arm = (value: Expression, sense: boolean) => (): void => {
    refine(c, argument.test, sense)
    orExit(c, value, () => returnStatement(c, value as AnyNode, node))
  }
  c.branch(test(c, argument.test), arm(consequent, true), arm(alternate, false))
}

function returnValue(c: Cursor, value: Value, node: Node): void {
  if (!c.env) return
  const { result, returns } = c.activation
  const settled = settle(c, value, node)
  c.put(
    result,
    settled.k === 'number' || settled.k === 'boolean' || settled.k === 'box'
      ? { ...settled, expr: c.temp(settled.expr, 'result') }
      : settled,
  )
  c.jump(returns)
}

function variableDeclaration(c: Cursor, node: AnyNode & { type: 'VariableDeclaration' }): void {
  for (const declarator of node.declarations) {
    const id = declarator.id as AnyNode
    if (declarator.init) bindPattern(c, id as Pattern, expression(c, declarator.init), declare)
    else if (node.kind !== 'var' && id.type === 'Identifier') {
      const binding = c.activation.scope.bindingOf.get(id)
      if (binding) c.put(binding, { k: 'undefined' })
    }
  }
}

/** A part that control may never reach: what cannot be compiled there becomes an exit. */
function rare(c: Cursor, node: AnyNode): void {
  orExit(c, node, () => statement(c, node))
}

function ifStatement(c: Cursor, node: AnyNode & { type: 'IfStatement' }): void {
  const decided = test(c, node.test)
  const consequent = (): void => {
    refine(c, node.test, true)
    rare(c, node.consequent as AnyNode)
  }
  const alternate = (): void => {
    refine(c, node.test, false)
    if (node.alternate) rare(c, node.alternate as AnyNode)
  }
  if (decided.kind === 'const') {
    const chosen = decided.value ? node.consequent : node.alternate
    refine(c, node.test, !!decided.value)
    if (chosen) statement(c, chosen as AnyNode)
    return
  }
  c.branch(decided, consequent, alternate, node)
}

function targetOf(c: Cursor, node: Node, label: string | undefined, which: 'onBreak' | 'onContinue'): Target {
  const { labels, breaks, continues } = c.activation
  const target =
    label !== undefined ? labels.get(label)?.[which] : which === 'onBreak' ? breaks.at(-1) : continues.at(-1)
  if (!target) throw c.unsupported(node, 'this jump')
  return target
}

/** Runs `lower` with the targets that unlabelled and labelled jumps reach. */
function withTargets(c: Cursor, node: AnyNode, targets: LabelTargets, lower: () => void): void {
  const { labels, breaks, continues } = c.activation
  const names = labelsOf.get(node) ?? []
  for (const name of names) labels.set(name, targets)
  breaks.push(targets.onBreak)
  if (targets.onContinue) continues.push(targets.onContinue)
  try {
    lower()
  } finally {
    breaks.pop()
    if (targets.onContinue) continues.pop()
    for (const name of names) labels.delete(name)
  }
}

/** Labels that stand directly before a statement. */
const labelsOf = new WeakMap<AnyNode, string[]>()

function labeledStatement(c: Cursor, node: AnyNode & { type: 'LabeledStatement' }): void {
  const body = node.body as AnyNode
  labelsOf.set(body, [...new Set([...(labelsOf.get(node) ?? []), node.label.name])])
  if (/^(For|While|DoWhile|Labeled)/.test(body.type)) return statement(c, body)
  c.block(node.label.name, target => {
    c.activation.labels.set(node.label.name, { onBreak: target })
    try {
      statement(c, body)
    } finally {
      c.activation.labels.delete(node.label.name)
    }
  })
}

/** `body` is lowered inside block `cont`, so that `continue` goes on with what follows it. */
function loopBody(c: Cursor, node: AnyNode, onBreak: Target, body: AnyNode): void {
  c.block('next', onContinue => withTargets(c, node, { onBreak, onContinue }, () => statement(c, body)))
}

function leaveUnless(c: Cursor, condition: Expression, exit: Target): void {
  const decided = test(c, condition)
  c.branch(
    negate(decided),
    () => c.jump(exit),
    () => refine(c, condition, true),
  )
}

/** Each round has variables of its own (14.7.4.2): a closure made in the head keeps those of the head, which no round changes. */
function refuseHeadClosures(c: Cursor, head: AnyNode & { type: 'VariableDeclaration' }): void {
  const visit = (node: AnyNode, isInner: boolean): void => {
    if (isInner && node.type === 'Identifier') {
      const binding = c.activation.scope.bindingOf.get(node)
      if (
        binding?.kind === 'let' &&
        binding.assignments > 0 &&
        binding.declaration &&
        within(binding.declaration, head)
      )
        throw c.unsupported(node, 'a closure over the variables of a loop, made in its head,')
    }
    for (const child of children(node)) visit(child, isInner || /Function/.test(node.type))
  }
  visit(head, false)
}

function forStatement(c: Cursor, node: AnyNode & { type: 'ForStatement' }): void {
  if (node.init?.type === 'VariableDeclaration') refuseHeadClosures(c, node.init)
  if (node.init?.type === 'VariableDeclaration')
    variableDeclaration(c, node.init as AnyNode & { type: 'VariableDeclaration' })
  else if (node.init) expression(c, node.init)
  if (walksArguments(c, node)) return unrolled(c, node)
  c.block('end', exit =>
    c.loop(node, c.program.assignedIn(c, node), () => {
      if (node.test) leaveUnless(c, node.test, exit)
      loopBody(c, node, exit, node.body as AnyNode)
      if (c.env && node.update) expression(c, node.update)
    }),
  )
}

/** `for (…; i < arguments.length; i++) … arguments[i]`: how many there are is part of the profile. */
function walksArguments(c: Cursor, node: AnyNode & { type: 'ForStatement' }): boolean {
  const visit = (inner: AnyNode): boolean =>
    (inner.type === 'MemberExpression' && inner.computed && isArguments(c, inner.object)) ||
    (inner.type !== 'FunctionExpression' && children(inner).some(visit))
  return c.activation.scope.usesArguments && visit(node.body as AnyNode)
}

const MAX_ROUNDS = 32

/** A loop whose test is known before each round, as the rounds after each other. */
function unrolled(c: Cursor, node: AnyNode & { type: 'ForStatement' }): void {
  c.block('end', exit => {
    for (let round = 0; c.env; round++) {
      const decided = node.test ? test(c, node.test) : i32(1)
      if (decided.kind !== 'const' || round > MAX_ROUNDS) throw c.miss(node, 'IRIS2005')
      if (!decided.value) return
      loopBody(c, node, exit, node.body as AnyNode)
      if (c.env && node.update) expression(c, node.update)
    }
  })
}

function whileStatement(c: Cursor, node: AnyNode & { type: 'WhileStatement' }): void {
  c.block('end', exit =>
    c.loop(node, c.program.assignedIn(c, node), () => {
      leaveUnless(c, node.test, exit)
      loopBody(c, node, exit, node.body as AnyNode)
    }),
  )
}

function doWhileStatement(c: Cursor, node: AnyNode & { type: 'DoWhileStatement' }): void {
  c.block('end', exit =>
    c.loop(node, c.program.assignedIn(c, node), () => {
      loopBody(c, node, exit, node.body as AnyNode)
      if (c.env) leaveUnless(c, node.test, exit)
    }),
  )
}

function forOfStatement(c: Cursor, node: AnyNode & { type: 'ForOfStatement' }): void {
  const right = expression(c, node.right)
  if (right.k === 'object' && right.object.tuple !== undefined) materialise(c, right.object)
  if (right.k !== 'array' && right.k !== 'list') throw c.unsupported(node, `\`for…of\` over a ${describe(right)}`)
  c.block('end', exit => eachElement(c, node, right, exit, element => bindLoopVariable(c, node, element, exit)))
}

function bindLoopVariable(c: Cursor, node: AnyNode & { type: 'ForOfStatement' }, element: Value, exit: Target): void {
  const { left } = node
  if (left.type === 'VariableDeclaration') bindPattern(c, left.declarations[0]!.id, element, declare)
  else throw c.unsupported(node, 'this loop variable')
  loopBody(c, node, exit, node.body as AnyNode)
}

/** Walks the elements by index, as the array iterator does: the length is asked again each time. */
function eachElement(
  c: Cursor,
  node: AnyNode,
  walked: ArrayValue | ListValue,
  exit: Target,
  visit: (element: Value) => void,
): void {
  const array = held(c, walked)
  const index = c.tempLocal('i', 'i32')
  const at: Expr = { kind: 'get', type: 'i32', local: index }
  c.emit({ kind: 'set', local: index, value: i32(0) })
  c.loop(node, c.program.assignedIn(c, node), () => {
    c.branch(
      op('i32.ge_u', at, lengthOf(array)),
      () => c.jump(exit),
      () => undefined,
    )
    visit(elementInBounds(c, array, at))
    if (c.env) c.emit({ kind: 'set', local: index, value: op('i32.add', at, i32(1)) })
  })
}

/** Cases are tested in order by strict equality; bodies fall through. */
function switchStatement(c: Cursor, node: AnyNode & { type: 'SwitchStatement' }): void {
  const evaluated = expression(c, node.discriminant)
  const isWritten = node.cases.some(one => one.test && c.hasEffects(one.test))
  const subject = isWritten ? snapshot(c, evaluated, node.discriminant) : stable(c, evaluated)
  c.block('switch', exit => {
    const entries: Target[] = node.cases.map(() => ({ label: c.builder.label('case'), edges: [] }))
    const dispatch = c.capture(() => {
      node.cases.forEach((one, i) => {
        if (!one.test || !c.env) return
        const matches = strictEqual(c, subject, expression(c, one.test), one.test) as Value & { expr: Expr }
        c.branch(
          matches.expr,
          () => c.jump(entries[i]!),
          () => undefined,
        )
      })
      const fallback = node.cases.findIndex(one => !one.test)
      c.jump(fallback < 0 ? exit : entries[fallback]!)
    })
    caseBodies(c, node, entries, exit, dispatch)
  })
}

/** block caseN { … block case0 { dispatch } body0 … } bodyN: each body falls into the next block's end. */
function caseBodies(
  c: Cursor,
  node: AnyNode & { type: 'SwitchStatement' },
  entries: readonly Target[],
  exit: Target,
  dispatch: Stmt[],
): void {
  let inner = dispatch
  c.env = null
  node.cases.forEach((one, i) => {
    const entry = entries[i]!
    inner = c.capture(() => {
      c.joinBlock(entry, inner)
      if (!c.env) return
      withTargets(c, node, { onBreak: exit }, () => orExit(c, one, () => statements(c, one.consequent as AnyNode[])))
    })
  })
  c.out.push(...inner)
}
