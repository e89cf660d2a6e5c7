import type { SourceFunction } from '../abi.ts'
import type { AnyNode, FunctionNode } from '../source/ast.ts'
import type { Cursor } from './cursor.ts'
import type { Value } from './value.ts'

/**
 * Built-in methods that are easier said in JavaScript than in IR: they are appended to the program and compiled like
 * helpers of the user's. What they cannot do exactly they leave by `throw`, so that the original method does it.
 */

/**
 * Array.prototype.sort by a - b or b - a. The order of a stable sort by a consistent comparator is unique, so any
 * stable sort will do: a bottom-up merge sort. NaN makes the comparator inconsistent, and undefined goes last unasked.
 */
const mergeSort = (name: string, inOrder: string): SourceFunction => ({
  name,
  text: `function ${name}(xs) {
  const n = xs.length
  let from = new Float64Array(n)
  let to = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const x = xs[i]
    if (typeof x !== 'number' || x !== x) throw xs
    from[i] = x
  }
  for (let width = 1; width < n; width *= 2) {
    for (let begin = 0; begin < n; begin += 2 * width) {
      const middle = begin + width < n ? begin + width : n
      const end = begin + 2 * width < n ? begin + 2 * width : n
      let left = begin
      let right = middle
      for (let at = begin; at < end; at++) {
        if (left < middle && (right >= end || ${inOrder})) to[at] = from[left++]
        else to[at] = from[right++]
      }
    }
    const sorted = to
    to = from
    from = sorted
  }
  for (let i = 0; i < n; i++) xs[i] = +from[i]
}`,
  free: { Float64Array: { k: 'builtin', name: 'Float64Array' } },
})

/** %TypedArray%.prototype.sort without a comparator puts -0 before 0, which are equal to the comparisons above. */
const leaveZeros: SourceFunction = {
  name: 'leaveNegativeZero',
  text: `function leaveNegativeZero(xs) {
  for (let i = 0; i < xs.length; i++) if (xs[i] === 0 && 1 / xs[i] < 0) throw xs
}`,
  free: {},
}

export const LIBRARY: readonly SourceFunction[] = [
  mergeSort('sortAscending', 'from[left] <= from[right]'),
  mergeSort('sortDescending', 'from[left] >= from[right]'),
  leaveZeros,
]

/** A function of the library as a value that can be called. */
export function libraryFunction(c: Cursor, name: string): Value {
  const own = c.program.request.graph.functions.length - LIBRARY.length
  return { k: 'function', index: own + LIBRARY.findIndex(fn => fn.name === name) }
}

/** Whether a comparator is `(a, b) => a - b`, or the reverse. */
export function comparatorOrder(fn: FunctionNode): 'ascending' | 'descending' | undefined {
  const [a, b] = fn.params as AnyNode[]
  const difference = returned(fn)
  if (fn.params.length !== 2 || a?.type !== 'Identifier' || b?.type !== 'Identifier' || a.name === b.name)
    return undefined
  if (difference?.type !== 'BinaryExpression' || difference.operator !== '-') return undefined
  const { left, right } = difference as { left: AnyNode; right: AnyNode }
  if (left.type !== 'Identifier' || right.type !== 'Identifier') return undefined
  if (left.name === a.name && right.name === b.name) return 'ascending'
  return left.name === b.name && right.name === a.name ? 'descending' : undefined
}

/** The expression that a function returns where it does nothing else. */
function returned(fn: FunctionNode): AnyNode | undefined {
  const body = fn.body as AnyNode
  if (body.type !== 'BlockStatement') return unwrapped(body)
  const [only] = body.body as AnyNode[]
  return body.body.length === 1 && only?.type === 'ReturnStatement' && only.argument
    ? unwrapped(only.argument as AnyNode)
    : undefined
}

const unwrapped = (node: AnyNode): AnyNode =>
  node.type === 'ParenthesizedExpression' ? unwrapped(node.expression as AnyNode) : node
