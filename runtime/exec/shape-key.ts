import { plainElemOf } from './elements.ts'

/**
 * A coarse and cheap signature of the arguments, one character each: enough to remember "calls like this were looked
 * at already", not enough to compile for. Profiles (compiler/abi.ts) tell the rest.
 */
export function shapeKey(self: unknown, values: ArrayLike<unknown>): string {
  let key = keyOf(self)
  for (let i = 0; i < values.length; i++) key += keyOf(values[i])
  return key
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  number: 'n',
  boolean: 'b',
  undefined: 'u',
  string: 's',
  function: 'f',
  bigint: 'i',
  symbol: 'y',
}

function keyOf(value: unknown): string {
  if (typeof value !== 'object') return PRIMITIVES[typeof value]!
  if (value === null) return '0'
  if (Array.isArray(value)) return 'L'
  const elem = ArrayBuffer.isView(value) ? plainElemOf(value) : undefined
  return elem ? `<${elem}>` : 'O'
}

export const isTypedArray = (value: unknown): value is ArrayBufferView & { readonly length: number } =>
  ArrayBuffer.isView(value) && 'length' in value
