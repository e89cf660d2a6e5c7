import { IrisError } from '../../base/diagnostic.ts'
import { isTypedArray } from './shape-key.ts'
import type { AnyFunction } from './wrapper.ts'

/** Which arguments are arrays, where a scalar kernel is called with some; undefined when there is none. */
export function arraysAmong(values: readonly unknown[]): boolean[] | undefined {
  const arrays = values.map(isTypedArray)
  return arrays.includes(true) ? arrays : undefined
}

/**
 * The common length of the arrays given for scalar parameters.
 * @throws IrisError IRIS4004 when they differ
 */
export function commonLength(values: readonly unknown[]): number {
  const lengths = values.filter(isTypedArray).map(array => array.length)
  if (lengths.some(length => length !== lengths[0])) throw new IrisError('IRIS4004', { lengths: lengths.join(', ') })
  return lengths[0] ?? 0
}

/** Elementwise in plain JavaScript: the definition of what the compiled loop gives. */
export function broadcastInJs(original: AnyFunction, self: unknown, values: readonly unknown[]): Float64Array {
  const length = commonLength(values)
  const result = new Float64Array(length)
  const row = [...values]
  const arrays = values.flatMap((value, index) =>
    isTypedArray(value) ? [{ index, array: value as unknown as ArrayLike<number> }] : [],
  )
  for (let i = 0; i < length; i++) {
    for (const { index, array } of arrays) row[index] = array[i]
    result[i] = original.apply(self, row) as number
  }
  return result
}
