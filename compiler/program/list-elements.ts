import { get, i32 } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { isScalar, listElement } from '../ir/types.ts'
import type { AnyNode, Node } from '../source/ast.ts'
import { children } from '../source/walk.ts'
import type { Cursor } from './cursor.ts'
import { toBox } from './environment.ts'
import { materialise } from './materialise.ts'
import { BOOLEAN, describe, type ListValue, maskOf, NULL, NUMBER, UNDEFINED, type Value } from './value.ts'

/** The value as this list's element type; a list created here that is too narrow is made wider, from the start. */
export function listElementValue(c: Cursor, list: ListValue, value: Value, node: Node): Expr {
  const type = listElement(list.type)
  if (list.records) return recordElement(c, list, list.records, value, node)
  if (type === 'f64' && value.k === 'number') return value.expr
  const mask = maskOf(value)
  if (type === 'box' && mask !== 0) {
    if (mask & ~list.mask) widenBoxes(c, node)
    return toBox(value)
  }
  if (value.k === 'array' && type === `arr.${value.elem}`) return get(value.local, type)
  if (value.k === 'list' && type === value.type && !value.records) {
    if (c.program.hints.holes && list.origin.from !== 'fresh')
      throw c.unsupported(node, 'storing an array that may have holes')
    return get(value.local, type)
  }
  if (value.k === 'object' && value.object.tuple !== undefined) materialise(c, value.object)
  return widen(c, list, value, node)
}

/** An object of an argument stays itself; a literal that nobody else can see becomes a row with its fields. */
function recordElement(c: Cursor, list: ListValue, fields: readonly string[], value: Value, node: Node): Expr {
  const own = recordFields(c, value, node)
  if (list.origin.from !== 'fresh' || !own || own.length !== fields.length || own.some((name, k) => name !== fields[k]))
    throw c.unsupported(node, `storing this ${describe(value)} in an array of objects`)
  if (value.k === 'record') return get(value.local, 'list.f64')
  const { object } = value as Value & { k: 'object' }
  const local = c.tempLocal('record', 'list.f64')
  c.emit({ kind: 'newlist', local, length: i32(0), capacity: i32(Math.max(fields.length, 1)) })
  for (const name of fields) {
    const field = c.get(object.fields.get(name)!) as Value & { k: 'number' }
    c.emit({ kind: 'listpush', list: local, value: field.expr })
  }
  return get(local, 'list.f64')
}

/** The fields of a value that an array of objects may hold. */
function recordFields(c: Cursor, value: Value, node: Node): readonly string[] | undefined {
  if (value.k === 'record') return value.fields
  if (value.k !== 'object' || value.object.live || value.object.tuple !== undefined) return undefined
  const { fields, site } = value.object
  if (!site || !handsOver(node as AnyNode, site)) return undefined
  return [...fields.values()].every(slot => c.get(slot)?.k === 'number') ? [...fields.keys()] : undefined
}

/**
 * Whether the object that the literal `site` makes goes nowhere but into the array: it stands in the call itself
 * (`out.push({ x })`), in the array literal, or is what the callback returns (`xs.map(x => ({ x }))`).
 */
function handsOver(node: AnyNode, site: object): boolean {
  const parts = node.type === 'CallExpression' ? node.arguments : node.type === 'ArrayExpression' ? node.elements : []
  return parts.some(part => part === site || (part !== null && returnsItself(part as AnyNode, site)))
}

function returnsItself(fn: AnyNode, site: object): boolean {
  if (fn.type !== 'FunctionExpression' && fn.type !== 'ArrowFunctionExpression') return false
  const visit = (node: AnyNode): boolean =>
    node.type === 'ReturnStatement' ? node.argument === site : !/Function/.test(node.type) && children(node).some(visit)
  return fn.body === site || visit(fn.body as AnyNode)
}

function widenBoxes(c: Cursor, node: Node): never {
  if (c.program.hints.anyBox) throw c.unsupported(node, 'storing this value in an array')
  return c.program.addHint(() => void (c.program.hints.anyBox = true))
}

function widen(c: Cursor, list: ListValue, value: Value, node: Node): never {
  if (list.origin.from !== 'fresh') throw c.unsupported(node, `storing a ${describe(value)} in an array of numbers`)
  const { site } = list.origin
  const known = c.program.hints.lists.get(site as Node)
  const records = recordFields(c, value, node)
  const wanted = records
    ? 'list.list.f64'
    : value.k === 'array'
      ? (`list.arr.${value.elem}` as const)
      : value.k === 'list'
        ? (`list.${value.type}` as const)
        : maskOf(value) !== 0
          ? ('list.box' as const)
          : undefined
  if (!wanted || (known !== undefined && (known === wanted || !isScalar(listElement(known)))))
    throw c.miss(node, 'IRIS3001', { name: 'an array', kinds: `numbers and ${describe(value)}` })
  return c.program.addHint(() => {
    c.program.hints.lists.set(site as Node, wanted)
    if (records) c.program.hints.records.set(site as Node, records)
  })
}

/** Kinds that elements of lists of boxes made by this program may have. */
export const freshMask = (c: Cursor): number =>
  c.program.hints.anyBox ? NUMBER | UNDEFINED | BOOLEAN | NULL : NUMBER | UNDEFINED
