import { get } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { isScalar, listElement } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { toBox } from './environment.ts'
import { materialise } from './materialise.ts'
import { BOOLEAN, describe, type ListValue, maskOf, NULL, NUMBER, UNDEFINED, type Value } from './value.ts'

/** The value as this list's element type; a list created here that is too narrow is made wider, from the start. */
export function listElementValue(c: Cursor, list: ListValue, value: Value, node: Node): Expr {
  const type = listElement(list.type)
  if (list.records) throw c.unsupported(node, 'storing in an array of objects')
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

function widenBoxes(c: Cursor, node: Node): never {
  if (c.program.hints.anyBox) throw c.unsupported(node, 'storing this value in an array')
  return c.program.addHint(() => void (c.program.hints.anyBox = true))
}

function widen(c: Cursor, list: ListValue, value: Value, node: Node): never {
  if (list.origin.from !== 'fresh') throw c.unsupported(node, `storing a ${describe(value)} in an array of numbers`)
  const { site } = list.origin
  const known = c.program.hints.lists.get(site as Node)
  const wanted =
    value.k === 'array'
      ? (`list.arr.${value.elem}` as const)
      : value.k === 'list'
        ? (`list.${value.type}` as const)
        : maskOf(value) !== 0
          ? ('list.box' as const)
          : undefined
  if (!wanted || (known !== undefined && (known === wanted || !isScalar(listElement(known)))))
    throw c.miss(node, 'IRIS3001', { name: 'an array', kinds: `numbers and ${describe(value)}` })
  return c.program.addHint(() => c.program.hints.lists.set(site as Node, wanted))
}

/** Kinds that elements of lists of boxes made by this program may have. */
export const freshMask = (c: Cursor): number =>
  c.program.hints.anyBox ? NUMBER | UNDEFINED | BOOLEAN | NULL : NUMBER | UNDEFINED
