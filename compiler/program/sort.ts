import type { FunctionNode, Node } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import { callValue } from './dispatch.ts'
import { comparatorOrder, libraryFunction } from './library.ts'
import type { ArrayValue, ListValue, Value } from './value.ts'

/** `xs.sort((a, b) => a - b)` of numbers, and `xs.sort()` of a typed array. */
export function sort(c: Cursor, array: ArrayValue | ListValue, args: readonly Value[], node: Node): Value {
  const order = args[0] && args[0].k !== 'undefined' ? orderOf(c, args[0]) : naturalOrder(array)
  if (!order) throw c.unsupported(node, '`sort` with this comparator (other than the difference of two numbers)')
  const call = (name: string): Value => callValue(c, libraryFunction(c, name), { k: 'undefined' }, [array], node)
  if (!args[0] && array.k === 'array' && array.elem.startsWith('f')) call('leaveNegativeZero')
  if (c.env) call(order === 'ascending' ? 'sortAscending' : 'sortDescending')
  return array
}

/** Without a comparator a plain array is sorted by the spelling of its elements. */
const naturalOrder = (array: ArrayValue | ListValue): 'ascending' | undefined =>
  array.k === 'array' ? 'ascending' : undefined

function orderOf(c: Cursor, comparator: Value): 'ascending' | 'descending' | undefined {
  if (comparator.k === 'closure') return comparatorOrder(comparator.node as FunctionNode)
  return comparator.k === 'function' ? comparatorOrder(c.program.parse(comparator.index).fn) : undefined
}
