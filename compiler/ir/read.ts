import type { Span } from '../../base/diagnostic.ts'
import * as build from './build.ts'
import type { ExitSite, Expr, Func, Local, LocalId, Module, Param, Stmt } from './ir.ts'
import { bitsOfF64, OPS, type OpName } from './ops.ts'
import { TextError, type Token, tokenize } from './tokens.ts'
import { type ArrayType, BOX, ELEMS, type Elem, isArray, isList, isVector, type Type } from './types.ts'
import { VECTOR_OPS, type VectorOpName } from './vector-ops.ts'
import { LANES, type Lane, VECTOR_TYPES, type VectorType } from './vector-types.ts'

/** Reads the text form of the IR (docs/ir.md): recursive descent, one function for each production. */

interface Reader {
  readonly tokens: readonly Token[]
  at: number
}
/** A reader inside a function: its locals by name. */
interface FuncReader extends Reader {
  readonly ids: ReadonlyMap<string, LocalId>
  readonly locals: readonly Local[]
}

/** module := 'module' name 'slots' int exit* func* */
export function readModule(text: string): Module {
  const reader: Reader = { tokens: tokenize(text), at: 0 }
  expect(reader, 'module')
  const entry = word(reader)
  expect(reader, 'slots')
  const slots = integer(reader)
  const exits: ExitSite[] = []
  while (peek(reader) === 'exit') exits.push(exitSite(reader, exits.length))
  const funcs: Func[] = []
  while (reader.at < reader.tokens.length) funcs.push(readFunc(reader))
  return { funcs, entry, exits, slots }
}

/** exit := 'exit' int string ('speculation' string)? span? */
function exitSite(reader: Reader, index: number): ExitSite {
  expect(reader, 'exit')
  if (integer(reader) !== index) fail(reader, `exit ${index} comes next`)
  const reason = word(reader)
  const speculation = accept(reader, 'speculation') ? { speculation: word(reader) } : {}
  return { reason, ...optionalSpan(reader), ...speculation }
}

/** func := 'func' name '(' (param (',' param)*)? ')' '->' type '{' ('local' %name ':' type)* stmt* '}' */
function readFunc(reader: Reader): Func {
  expect(reader, 'func')
  const name = word(reader)
  const params = list(reader, param)
  expect(reader, '->')
  const result = peek(reader) === 'void' ? (word(reader) as 'void') : type(reader)
  expect(reader, '{')
  const locals: Local[] = params.map(one => ({ name: one.name, type: one.type }))
  while (accept(reader, 'local')) locals.push(local(reader))
  const inner = { tokens: reader.tokens, at: reader.at, locals, ids: idsOf(reader, locals) }
  const stmts = statementsUntilBrace(inner)
  reader.at = inner.at
  return { name, params, locals, result, body: stmts }
}

function idsOf(reader: Reader, locals: readonly Local[]): Map<string, LocalId> {
  const ids = new Map(locals.map((one, id) => [one.name, id]))
  if (ids.size !== locals.length) fail(reader, 'two locals have one name')
  return ids
}

/** param := %name ':' type ('group' int)? */
function param(reader: Reader): Param {
  const one = local(reader)
  return accept(reader, 'group') ? { ...one, group: integer(reader) } : one
}

function local(reader: Reader): Local {
  const name = localName(reader)
  expect(reader, ':')
  return { name, type: type(reader) }
}

// ---- statements

/** body := '{' stmt* '}' */
function body(reader: FuncReader): Stmt[] {
  expect(reader, '{')
  return statementsUntilBrace(reader)
}

function statementsUntilBrace(reader: FuncReader): Stmt[] {
  const stmts: Stmt[] = []
  while (!accept(reader, '}')) stmts.push(statement(reader))
  return stmts
}

function statement(reader: FuncReader): Stmt {
  if (peek(reader)?.startsWith('%')) return assignment(reader)
  const head = word(reader)
  const [name, suffix] = split(head)
  const read = STATEMENTS[name]
  if (!read) fail(reader, `unknown statement ${head}`)
  return read(reader, suffix)
}

/** %name '=' (call | primitive | hostcall | newarray | newlist | expr) */
function assignment(reader: FuncReader): Stmt {
  const id = localId(reader)
  expect(reader, '=')
  const [name, suffix] = split(peek(reader) ?? '')
  if (name === 'call' || name === 'hostcall' || name === 'primitive') return { ...called(reader, name), result: id }
  if (name === 'newarray') {
    word(reader)
    return { kind: 'newarray', local: id, elem: elem(reader, suffix), length: expression(reader) }
  }
  if (accept(reader, 'newlist')) {
    return { kind: 'newlist', local: id, length: expression(reader), capacity: expression(reader) }
  }
  return { kind: 'set', local: id, value: expression(reader), ...optionalSpan(reader) }
}

type Called = Extract<Stmt, { kind: 'call' | 'primitive' | 'hostcall' }>

function called(reader: FuncReader, kind: Called['kind']): Called {
  expect(reader, kind)
  const name = word(reader)
  const args = list(reader, () => expression(reader))
  if (kind === 'hostcall') return { kind, name, args }
  if (kind === 'primitive') return { kind, name, args, ...optionalSpan(reader) }
  return { kind, func: name, args, ...optionalSpan(reader) }
}

const STATEMENTS: Readonly<Record<string, (reader: FuncReader, suffix: string) => Stmt>> = {
  store: (reader, suffix) => ({
    kind: 'store',
    elem: elem(reader, suffix),
    array: localId(reader),
    index: expression(reader),
    value: expression(reader),
    ...optionalSpan(reader),
  }),
  vstore: reader => ({
    kind: 'vstore',
    elem: elem(reader, word(reader)),
    count: integer(reader),
    array: localId(reader),
    index: expression(reader),
    value: expression(reader),
    ...optionalSpan(reader),
  }),
  if: reader => {
    const test = expression(reader)
    const span = optionalSpan(reader)
    const then = body(reader)
    return { kind: 'if', test, then, else: accept(reader, 'else') ? body(reader) : [], ...span }
  },
  block: reader => ({ kind: 'block', label: word(reader), body: body(reader) }),
  loop: reader => {
    const label = word(reader)
    const span = optionalSpan(reader)
    return { kind: 'loop', label, body: body(reader), ...span }
  },
  for: reader => {
    const label = word(reader)
    const id = localId(reader)
    expect(reader, '=')
    const from = expression(reader)
    expect(reader, 'to')
    const to = expression(reader)
    expect(reader, 'step')
    const step = integer(reader)
    const span = optionalSpan(reader)
    return { kind: 'for', label, local: id, from, to, step, body: body(reader), ...span }
  },
  break: reader => ({ kind: 'break', label: word(reader) }),
  continue: reader => ({ kind: 'continue', label: word(reader) }),
  return: reader => (startsValue(reader) ? { kind: 'return', value: expression(reader) } : { kind: 'return' }),
  exit: reader => ({ kind: 'exit', site: integer(reader) }),
  call: reader => calledAgain(reader, 'call'),
  primitive: reader => calledAgain(reader, 'primitive'),
  hostcall: reader => calledAgain(reader, 'hostcall'),
  listset: reader => ({
    kind: 'listset',
    list: localId(reader),
    index: expression(reader),
    value: expression(reader),
  }),
  listpush: reader => ({ kind: 'listpush', list: localId(reader), value: expression(reader) }),
  listtruncate: reader => ({ kind: 'listtruncate', list: localId(reader), length: expression(reader) }),
  fill: reader => ({
    kind: 'fill',
    array: localId(reader),
    begin: expression(reader),
    end: expression(reader),
    value: expression(reader),
  }),
  copy: reader => ({
    kind: 'copy',
    target: localId(reader),
    targetIndex: expression(reader),
    source: localId(reader),
    sourceIndex: expression(reader),
    count: expression(reader),
  }),
  result: reader => ({ kind: 'result', slot: integer(reader), value: expression(reader) }),
}

/** The keyword was read as the head of the statement already. */
function calledAgain(reader: FuncReader, kind: Called['kind']): Stmt {
  reader.at--
  return called(reader, kind)
}

/** A value follows `return` on the same line only. */
function startsValue(reader: Reader): boolean {
  const token = reader.tokens[reader.at]
  return token !== undefined && !token.first && token.text !== '}'
}

// ---- expressions

/** expr := constant | %name | '(' head ... ')' */
function expression(reader: FuncReader): Expr {
  const token = peek(reader)
  if (token?.startsWith('%')) return readGet(reader)
  if (!accept(reader, '(')) return constant(reader)
  const head = word(reader)
  const expr = form(reader, head)
  expect(reader, ')')
  return expr
}

function readGet(reader: FuncReader): Expr {
  const id = localId(reader)
  return build.get(id, typeOf(reader, id))
}

function form(reader: FuncReader, head: string): Expr {
  if (Object.hasOwn(OPS, head)) return build.op(head as OpName, ...operands(reader))
  if (Object.hasOwn(VECTOR_OPS, head)) return vectorOp(head as VectorOpName, operands(reader))
  const [name, suffix] = split(head)
  switch (name) {
    case 'cond':
      return build.cond(expression(reader), expression(reader), expression(reader))
    case 'len':
      return build.len(localId(reader))
    case 'load':
      return build.load(elem(reader, suffix), localId(reader), expression(reader))
    case 'host':
      return build.host(word(reader), ...operands(reader))
    case 'subarray': {
      const array = localId(reader)
      return build.subarray(arrayType(reader, array), array, expression(reader), expression(reader))
    }
    case 'listview':
      return build.listview(localId(reader))
    case 'listlen':
      return build.listlen(localId(reader))
    case 'isnull':
      return build.isnull(localId(reader))
    case 'listget': {
      const id = localId(reader)
      const listType = typeOf(reader, id)
      if (!isList(listType)) fail(reader, 'listget of what is no list')
      return build.listget(listType, id, expression(reader))
    }
    case 'vconst': {
      const type = vectorType(reader)
      return { kind: 'vconst', type, lanes: Array.from({ length: LANES[type] }, () => lane(reader)) }
    }
    case 'vload': {
      const type = vectorType(reader)
      const kind = elem(reader, word(reader))
      const count = integer(reader)
      return { kind: 'vload', type, elem: kind, count, array: localId(reader), index: expression(reader) }
    }
    case 'extract':
    case 'replace':
    case 'shuffle':
    case 'cast': {
      const type = word(reader) as Extract<Expr, { kind: 'vmove' }>['type']
      const lanes = Array.from({ length: integer(reader) }, () => integer(reader))
      return { kind: 'vmove', move: name, type, lanes, args: operands(reader) }
    }
    case 'kernel': {
      const type = word(reader) as Extract<Expr, { kind: 'kernel' }>['type']
      return { kind: 'kernel', type, name: word(reader), args: operands(reader) }
    }
    default:
      return fail(reader, `unknown expression ${head}`)
  }
}

function vectorOp(name: VectorOpName, args: readonly Expr[]): Expr {
  return { kind: 'vop', type: VECTOR_OPS[name].result, op: name, args }
}

function vectorType(reader: Reader): VectorType {
  const text = word(reader)
  return (VECTOR_TYPES as readonly string[]).includes(text)
    ? (text as VectorType)
    : fail(reader, `no vector type: ${text}`)
}

function lane(reader: Reader): Lane {
  const text = word(reader)
  return /^-?\d+n$/.test(text) ? BigInt(text.slice(0, -1)) : float(reader, text)
}

function operands(reader: FuncReader): Expr[] {
  const args: Expr[] = []
  while (peek(reader) !== ')') args.push(expression(reader))
  return args
}

function constant(reader: Reader): Expr {
  const text = word(reader)
  if (/^-?\d+$/.test(text)) return build.i32(Number(text))
  if (/^-?\d+n$/.test(text)) return build.i64(BigInt(text.slice(0, -1)))
  if (Object.hasOwn(BOX, text)) return build.box(BOX[text as keyof typeof BOX])
  if (text.startsWith('box:0x')) return build.box(BigInt(text.slice(4)))
  if (text.startsWith('box:')) return build.box(bitsOfF64(float(reader, text.slice(4))))
  if (/^[-.\w+]+f$/.test(text)) return build.f32(float(reader, text.slice(0, -1)))
  return build.f64(float(reader, text))
}

function float(reader: Reader, text: string): number {
  if (!/^(NaN|-?Infinity|-?\d+(\.\d+)?(e[-+]?\d+)?)$/.test(text)) fail(reader, `no constant: ${text}`)
  return Number(text)
}

// ---- tokens

function fail(reader: Reader, message: string): never {
  throw new TextError(message, (reader.tokens[reader.at - 1] ?? reader.tokens.at(-1))?.line ?? 1)
}

const peek = (reader: Reader): string | undefined => {
  const token = reader.tokens[reader.at]
  return token?.quoted ? `"${token.text}` : token?.text
}

function word(reader: Reader): string {
  const token = reader.tokens[reader.at++]
  return token ? token.text : fail(reader, 'the text ends too early')
}

function accept(reader: Reader, text: string): boolean {
  if (peek(reader) !== text) return false
  reader.at++
  return true
}

function expect(reader: Reader, text: string): void {
  if (!accept(reader, text)) fail(reader, `expected ${text}, found ${peek(reader) ?? 'the end'}`)
}

function list<T>(reader: Reader, item: (reader: Reader) => T): T[] {
  expect(reader, '(')
  const items: T[] = []
  while (!accept(reader, ')')) {
    if (items.length > 0) expect(reader, ',')
    items.push(item(reader))
  }
  return items
}

function integer(reader: Reader): number {
  const text = word(reader)
  return /^-?\d+$/.test(text) ? Number(text) : fail(reader, `expected an integer, found ${text}`)
}

function localName(reader: Reader): string {
  const text = word(reader)
  return text.startsWith('%') ? text.slice(1) : fail(reader, `expected a local, found ${text}`)
}

function localId(reader: FuncReader): LocalId {
  const name = localName(reader)
  return reader.ids.get(name) ?? fail(reader, `unknown local %${name}`)
}

const typeOf = (reader: FuncReader, id: LocalId): Type => reader.locals[id]?.type as Type

function arrayType(reader: FuncReader, id: LocalId): ArrayType {
  const found = typeOf(reader, id)
  return isArray(found) ? found : fail(reader, 'an array was expected')
}

function type(reader: Reader): Type {
  const text = word(reader)
  const scalar = ['i32', 'i64', 'f32', 'f64', 'box'].includes(text) || isVector(text as Type)
  const array = text.startsWith('arr.') && (ELEMS as readonly string[]).includes(text.slice(4))
  return scalar || array || text.startsWith('list.') ? (text as Type) : fail(reader, `unknown type ${text}`)
}

function elem(reader: Reader, text: string): Elem {
  return (ELEMS as readonly string[]).includes(text) ? (text as Elem) : fail(reader, `unknown element ${text}`)
}

/** `store.f64` → `store`, `f64`. */
function split(head: string): [name: string, suffix: string] {
  const dot = head.indexOf('.')
  return dot < 0 ? [head, ''] : [head.slice(0, dot), head.slice(dot + 1)]
}

/** span := '@' source ':' start '-' end */
function optionalSpan(reader: Reader): { span?: Span } {
  const match = /^@(\d+):(\d+)-(\d+)$/.exec(peek(reader) ?? '')
  if (!match) return {}
  reader.at++
  return { span: { source: Number(match[1]), start: Number(match[2]), end: Number(match[3]) } }
}
