import { createRequire } from 'node:module'
import type { tsPlugin } from '@sveltejs/acorn-typescript'
import { type Options, Parser } from 'acorn'
import { Miss, type Span } from '../../base/diagnostic.ts'
import type { SourceFunction } from '../abi.ts'
import type { Expression, FunctionNode, Program } from './ast.ts'
import { NAME_HELPER } from './name-helper.ts'
import { stripTypes } from './strip-types.ts'
import { type Helper, unwrap } from './unwrap.ts'
import { depthOf, walk } from './walk.ts'

/**
 * From the text of Function.prototype.toString to a tree. The text has no context: it may come from a script or a
 * module, from an object literal or a class. So it is parsed under several readings, the likely one first; offsets of
 * nodes are always offsets of the given text.
 */
export const SOURCE_LIMITS = {
  /** characters of one function */
  size: 256 * 1024,
  /** nodes on a path from the root: what the recursive stages after the parser are safe with */
  depth: 500,
  /** the TypeScript reading backtracks at brackets, so it is tried on small and shallow text only */
  typedSize: 64 * 1024,
  typedNesting: 14,
} as const

/** What stands around the text so that it becomes an expression. */
const SHAPES = {
  expression: { before: '', after: '' },
  method: { before: '{', after: '\n}' },
  classMember: { before: 'class extends null{', after: '\n}' },
} as const
type Shape = keyof typeof SHAPES

interface Reading {
  readonly shape: Shape
  readonly goal: 'script' | 'module'
  readonly typed: boolean
}

const shapes: readonly Shape[] = ['expression', 'method', 'classMember']
const plainReadings: readonly Reading[] = (['script', 'module'] as const).flatMap(goal =>
  shapes.map(shape => ({ shape, goal, typed: false })),
)
const typedReadings: readonly Reading[] = shapes.map(shape => ({ shape, goal: 'module', typed: true }))

let typedParser: typeof Parser | undefined

/** The parser of TypeScript is loaded when a text with types is met, which is rare: it costs 5 ms. */
function loadTypedParser(): typeof Parser {
  if (typedParser) return typedParser
  const plugin = createRequire(import.meta.url)('@sveltejs/acorn-typescript') as { tsPlugin: typeof tsPlugin }
  typedParser = Parser.extend(plugin.tsPlugin() as unknown as (base: typeof Parser) => typeof Parser)
  return typedParser
}
const OPTIONS: Options = {
  ecmaVersion: 'latest',
  allowSuperOutsideMethod: true,
  allowHashBang: false,
  checkPrivateFields: false,
}

interface Failure {
  readonly at: number
  readonly reason: string
}

/**
 * The function whose source text is `text`, without types and without the noise of transpilers and coverage tools.
 * @throws Miss IRIS1001–1006
 */
export function readFunction(text: string, source: number, helpers?: ReadonlyMap<string, Helper>): FunctionNode {
  return unwrap(parseFunction(text, source), helpers)
}

/** A function of a request: its free variables tell which names stand for helpers of tools (see capture.ts). */
export function readSource(fn: SourceFunction, source: number): FunctionNode {
  const helpers = new Map<string, Helper>()
  for (const [name, shape] of Object.entries(fn.free)) {
    if (shape.k === 'builtin' && shape.name === NAME_HELPER) helpers.set(name, 'name')
  }
  return readFunction(fn.text, source, helpers)
}

/** Like {@link readFunction}, before unwrapping. */
export function parseFunction(text: string, source: number): FunctionNode {
  refuseUnreadable(text, source)
  const failures: Failure[] = []
  const plain = firstThatReads(plainReadings, text, source, failures)
  if (plain) return accept(plain, text, source)
  const typed = mayBeTyped(text) ? firstThatReads(typedReadings, text, source, failures) : undefined
  if (typed) return accept(stripTypes(typed, source), text, source)
  throw syntaxMiss(failures, text, source)
}

/** The same, or undefined where the text is not read. */
export function parsedFunction(text: string): FunctionNode | undefined {
  try {
    return parseFunction(text, 0)
  } catch (error) {
    if (error instanceof Miss) return undefined
    throw error
  }
}

/** A whole script or module, for questions about the bindings around a function; undefined when it does not parse. */
export function parseProgram(text: string): Program | undefined {
  const lenient: Options = { ...OPTIONS, allowReturnOutsideFunction: true, allowHashBang: true }
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return Parser.parse(text, { ...lenient, sourceType })
    } catch (error) {
      if (!(error instanceof SyntaxError) && !isStackOverflow(error)) throw error
    }
  }
  return undefined
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/

function refuseUnreadable(text: string, source: number): void {
  const size = text.length
  if (size > SOURCE_LIMITS.size) throw new Miss('IRIS1005', { size, limit: SOURCE_LIMITS.size }, head(text, source))
  if (NATIVE.test(text)) throw new Miss('IRIS1001', {}, head(text, source))
}

function firstThatReads(
  readings: readonly Reading[],
  text: string,
  source: number,
  failures: Failure[],
): FunctionNode | undefined {
  for (const reading of readings) {
    const node = attempt(reading, text, source, failures)
    if (node) return node
  }
  return undefined
}

function attempt(reading: Reading, text: string, source: number, failures: Failure[]): FunctionNode | undefined {
  const { before, after } = SHAPES[reading.shape]
  try {
    const expression = parseExpression(reading, before + text + after, text, source)
    const found = expression && functionIn(expression, reading.shape, head(text, source))
    if (found) shift(found, -before.length)
    return found
  } catch (error) {
    if (isStackOverflow(error)) throw tooDeep(text, source)
    if (!(error instanceof SyntaxError)) throw error
    failures.push(failureOf(error, before.length))
    return undefined
  }
}

function parseExpression(reading: Reading, wrapped: string, text: string, source: number): Expression | undefined {
  const parser = reading.typed ? loadTypedParser() : Parser
  const node = parser.parseExpressionAt(wrapped, 0, {
    ...OPTIONS,
    sourceType: reading.goal,
    locations: reading.typed,
    ...(reading.goal === 'script' && hasHtmlComment(text) && { onComment: refuseHtmlComment(wrapped, text, source) }),
  })
  return wrapped.slice(node.end).trim() === '' ? node : undefined
}

const hasHtmlComment = (text: string): boolean => text.includes('<!--') || text.includes('-->')

/** `<!--` is a comment in a script and two operators in a module, and the text does not tell which it came from. */
function refuseHtmlComment(wrapped: string, text: string, source: number) {
  return (_block: boolean, _text: string, start: number): void => {
    if (!/^(<!--|-->)/.test(wrapped.slice(start, start + 4))) return
    throw new Miss(
      'IRIS1002',
      { reason: 'an HTML-like comment means different things in scripts and modules' },
      head(text, source),
    )
  }
}

function functionIn(node: Expression, shape: Shape, whole: Span): FunctionNode | undefined {
  if (node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression') return node
  if (node.type === 'ClassExpression' && shape === 'expression') throw new Miss('IRIS1004', {}, whole)
  const [member, second] =
    node.type === 'ObjectExpression' ? node.properties : node.type === 'ClassExpression' ? node.body.body : []
  if (second || (member?.type !== 'Property' && member?.type !== 'MethodDefinition')) return undefined
  if (member.kind !== 'init' && member.kind !== 'method') throw new Miss('IRIS1004', {}, whole)
  const isMethod = member.type === 'MethodDefinition' || member.method
  return isMethod && member.value.type === 'FunctionExpression' ? member.value : undefined
}

function shift(root: FunctionNode, by: number): void {
  walk(root, node => {
    node.start += by
    node.end += by
    return undefined
  })
}

/** Checks that hold for every reading. */
function accept(node: FunctionNode, text: string, source: number): FunctionNode {
  if (node.async || node.generator) throw new Miss('IRIS1003', {}, head(text, source))
  if (depthOf(node) > SOURCE_LIMITS.depth) throw tooDeep(text, source)
  return node
}

/** The first line, for diagnostics that concern the whole function. */
function head(text: string, source: number): Span {
  const line = text.slice(0, 120).indexOf('\n')
  return { source, start: 0, end: line > 0 ? line : Math.min(text.length, 120) }
}

/** Recursive descent has no bound but the stack, so its overflow is the test for nesting. acorn rewords it in places. */
function isStackOverflow(error: unknown): boolean {
  if (error instanceof RangeError) return /call stack/i.test(error.message)
  return error instanceof SyntaxError && error.message.startsWith('Not enough stack space')
}

function tooDeep(text: string, source: number): Miss {
  return new Miss('IRIS1006', { limit: SOURCE_LIMITS.depth }, head(text, source))
}

function failureOf(error: SyntaxError, prefix: number): Failure {
  const at = (error as SyntaxError & { pos?: number }).pos ?? prefix
  return { at: at - prefix, reason: error.message.replace(/ \(\d+:\d+\)$/, '') }
}

/** The reading that got furthest names the fault. */
function syntaxMiss(failures: readonly Failure[], text: string, source: number): Miss {
  const best = failures.reduce((a, b) => (b.at > a.at ? b : a), { at: -1, reason: 'this is no function' })
  const start = Math.min(Math.max(best.at, 0), text.length)
  return new Miss('IRIS1002', { reason: best.reason }, { source, start, end: Math.min(start + 1, text.length) })
}

/** A cheap test before the reading with types, whose cost can grow exponentially with nesting. */
function mayBeTyped(text: string): boolean {
  return (
    text.length <= SOURCE_LIMITS.typedSize &&
    /[:<!]|\bas\b|\bsatisfies\b|\benum\b/.test(text) &&
    nesting(text) <= SOURCE_LIMITS.typedNesting
  )
}

function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  for (const char of text) {
    if ('([{<'.includes(char)) deepest = Math.max(deepest, ++depth)
    else if (')]}>'.includes(char)) depth--
  }
  return deepest
}
