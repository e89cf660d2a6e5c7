import type { Span } from '../../base/diagnostic.ts'
import { unreachable } from '../../base/invariant.ts'
import type { ConstExpr, Expr, Func, LocalId, Module, Stmt } from './ir.ts'
import { f64OfBits } from './ops.ts'
import { uniqueNames } from './scope.ts'
import { BOX } from './types.ts'

/**
 * Prints the text form of the IR (docs/ir.md). Every print is input for `readModule`: constants are exact, local
 * names are made unique, and the form of a constant tells its type.
 */
export interface PrintOptions {
  /** Also print where statements come from: `@source:start-end`. */
  readonly spans?: boolean
}

interface Printer {
  readonly name: (local: LocalId) => string
  readonly spans: boolean
}

export function printModule(module: Module, options: PrintOptions = {}): string {
  const head = [`module ${nameToken(module.entry)} slots ${module.slots}`]
  const exits = module.exits.map((site, index) => {
    const speculation = site.speculation === undefined ? '' : ` speculation ${JSON.stringify(site.speculation)}`
    const span = options.spans ? printSpan(site.span) : ''
    return `exit ${index} ${JSON.stringify(site.reason)}${speculation}${span}`
  })
  const funcs = module.funcs.map(func => `\n${printFunc(func, options)}`)
  return [...head, ...exits, ...funcs].join('\n') + '\n'
}

export function printFunc(func: Func, options: PrintOptions = {}): string {
  const printer = newPrinter(func, options)
  const params = func.params.map((param, id) => {
    const group = param.group === undefined ? '' : ` group ${param.group}`
    return `${printer.name(id)}: ${param.type}${group}`
  })
  const locals = func.locals
    .slice(func.params.length)
    .map((local, index) => `  local ${printer.name(func.params.length + index)}: ${local.type}`)
  const head = `func ${nameToken(func.name)}(${params.join(', ')}) -> ${func.result} {`
  return [head, ...locals, ...printBody(func.body, printer, '  '), '}'].join('\n')
}

/** One expression or statement of a function, for messages. */
export const printExpr = (func: Func, expr: Expr): string => expression(expr, newPrinter(func, {}))
export const printStmt = (func: Func, stmt: Stmt): string => statement(stmt, newPrinter(func, {}), '').join('\n')

function newPrinter(func: Func, options: PrintOptions): Printer {
  const unique = uniqueNames([])
  const names = func.locals.map(local => `%${unique(clean(local.name))}`)
  return { name: local => names[local] ?? `%unknown${local}`, spans: options.spans === true }
}

/** Characters that end a token of the text form cannot stand in a name. */
const clean = (name: string): string => name.replace(/[\s()[\]{},:"%@;]/g, '_') || '_'
const nameToken = (name: string): string => (/^[\w$./-]+$/.test(name) ? name : JSON.stringify(name))

// ---- constants

function constant({ type, value }: ConstExpr): string {
  switch (type) {
    case 'i32':
      return String(value)
    case 'i64':
      return `${value}n`
    case 'f32':
      return `${float(value as number)}f`
    case 'f64':
      return float(value as number)
    case 'box':
      return boxConstant(value as bigint)
  }
}

/** Always with a point, an exponent or letters, so that it cannot be taken for an i32. Shortest digits that are exact. */
function float(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function boxConstant(bits: bigint): string {
  const special = Object.entries(BOX).find(([name, value]) => value === bits && name !== 'canonicalNaN')
  if (special) return special[0]
  const value = f64OfBits(bits)
  if (bits === BOX.canonicalNaN) return 'box:NaN'
  return Number.isNaN(value) ? `box:0x${bits.toString(16)}` : `box:${float(value)}`
}

const laneText = (lane: number | bigint): string => (typeof lane === 'bigint' ? `${lane}n` : float(lane))

// ---- expressions

function expression(expr: Expr, printer: Printer): string {
  const list = (head: string, ...rest: readonly (Expr | string)[]): string =>
    `(${[head, ...rest.map(part => (typeof part === 'string' ? part : expression(part, printer)))].join(' ')})`
  switch (expr.kind) {
    case 'const':
      return constant(expr)
    case 'get':
      return printer.name(expr.local)
    case 'op':
      return list(expr.op, ...expr.args)
    case 'cond':
      return list('cond', expr.test, expr.then, expr.else)
    case 'len':
      return list('len', printer.name(expr.array))
    case 'load':
      return list(`load.${expr.elem}`, printer.name(expr.array), expr.index)
    case 'host':
      return list('host', nameToken(expr.name), ...expr.args)
    case 'subarray':
      return list('subarray', printer.name(expr.array), expr.begin, expr.end)
    case 'listview':
    case 'listlen':
      return list(expr.kind, printer.name(expr.list))
    case 'isnull':
      return list('isnull', printer.name(expr.local))
    case 'listget':
      return list('listget', printer.name(expr.list), expr.index)
    case 'vconst':
      return list('vconst', expr.type, ...expr.lanes.map(laneText))
    case 'vop':
      return list(expr.op, ...expr.args)
    case 'vload':
      return list('vload', expr.type, expr.elem, String(expr.count), printer.name(expr.array), expr.index)
    case 'vmove':
      return list(expr.move, expr.type, String(expr.lanes.length), ...expr.lanes.map(String), ...expr.args)
    case 'kernel':
      return list('kernel', expr.type, nameToken(expr.name), ...expr.args)
    default:
      return unreachable(expr, 'print')
  }
}

// ---- statements

function printBody(body: readonly Stmt[], printer: Printer, indent: string): string[] {
  return body.flatMap(stmt => statement(stmt, printer, indent))
}

const printSpan = (span: Span | undefined): string => (span ? ` @${span.source}:${span.start}-${span.end}` : '')

function statement(stmt: Stmt, printer: Printer, indent: string): string[] {
  const span = printer.spans && 'span' in stmt ? printSpan(stmt.span) : ''
  const inner = (body: readonly Stmt[]): string[] => printBody(body, printer, `${indent}  `)
  const nest = (head: string, body: readonly Stmt[]): string[] => [
    `${indent}${head}${span} {`,
    ...inner(body),
    `${indent}}`,
  ]
  switch (stmt.kind) {
    case 'if': {
      const then = nest(`if ${expression(stmt.test, printer)}`, stmt.then)
      if (stmt.else.length === 0) return then
      return [...then.slice(0, -1), `${indent}} else {`, ...inner(stmt.else), `${indent}}`]
    }
    case 'block':
    case 'loop':
      return nest(`${stmt.kind} ${nameToken(stmt.label)}`, stmt.body)
    case 'for': {
      const range = `${expression(stmt.from, printer)} to ${expression(stmt.to, printer)} step ${stmt.step}`
      return nest(`for ${nameToken(stmt.label)} ${printer.name(stmt.local)} = ${range}`, stmt.body)
    }
    default:
      return [`${indent}${simple(stmt, printer)}${span}`]
  }
}

type SimpleStmt = Exclude<Stmt, { kind: 'if' | 'block' | 'loop' | 'for' }>

function simple(stmt: SimpleStmt, printer: Printer): string {
  const { name } = printer
  const text = (expr: Expr): string => expression(expr, printer)
  switch (stmt.kind) {
    case 'set':
      return `${name(stmt.local)} = ${text(stmt.value)}`
    case 'store':
      return `store.${stmt.elem} ${name(stmt.array)} ${text(stmt.index)} ${text(stmt.value)}`
    case 'vstore':
      return `vstore ${stmt.elem} ${stmt.count} ${name(stmt.array)} ${text(stmt.index)} ${text(stmt.value)}`
    case 'break':
    case 'continue':
      return `${stmt.kind} ${nameToken(stmt.label)}`
    case 'return':
      return stmt.value ? `return ${text(stmt.value)}` : 'return'
    case 'exit':
      return `exit ${stmt.site}`
    case 'call':
      return `${target(stmt.result, printer)}call ${nameToken(stmt.func)}(${stmt.args.map(text).join(', ')})`
    case 'primitive':
    case 'hostcall':
      return `${target(stmt.result, printer)}${stmt.kind} ${nameToken(stmt.name)}(${stmt.args.map(text).join(', ')})`
    case 'newarray':
      return `${name(stmt.local)} = newarray.${stmt.elem} ${text(stmt.length)}`
    case 'newlist':
      return `${name(stmt.local)} = newlist ${text(stmt.length)} ${text(stmt.capacity)}`
    case 'listset':
      return `listset ${name(stmt.list)} ${text(stmt.index)} ${text(stmt.value)}`
    case 'listpush':
      return `listpush ${name(stmt.list)} ${text(stmt.value)}`
    case 'listtruncate':
      return `listtruncate ${name(stmt.list)} ${text(stmt.length)}`
    case 'fill':
      return `fill ${name(stmt.array)} ${text(stmt.begin)} ${text(stmt.end)} ${text(stmt.value)}`
    case 'copy':
      return `copy ${name(stmt.target)} ${text(stmt.targetIndex)} ${name(stmt.source)} ${text(stmt.sourceIndex)} ${text(stmt.count)}`
    case 'result':
      return `result ${stmt.slot} ${text(stmt.value)}`
    default:
      return unreachable(stmt, 'print')
  }
}

const target = (result: LocalId | undefined, printer: Printer): string =>
  result === undefined ? '' : `${printer.name(result)} = `
