/**
 * Deep equality in the sense of the contract: numbers by Object.is, prototypes, keys and their order, holes, and the
 * same sharing of objects on both sides (a result that *is* an argument must be that argument again).
 *
 * Returns the path of the first difference, or undefined.
 */
export function difference(
  a: unknown,
  b: unknown,
  path = 'result',
  pairs = new Map<unknown, unknown>(),
): string | undefined {
  if (Object.is(a, b)) return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${show(a)} ≠ ${show(b)}`
  if (pairs.has(a) || pairs.has(b)) return pairs.get(a) === b ? undefined : `${path}: objects are shared differently`
  pairs.set(a, b)
  pairs.set(b, a)
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: ${className(a)} ≠ ${className(b)}`
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return viewDifference(a, b, path)
  return membersDifference(a, b, path, pairs)
}

const className = (value: object): string => value.constructor?.name ?? 'object'

function show(value: unknown): string {
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'object' && value !== null) return className(value)
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value).slice(0, 80)
}

function viewDifference(a: ArrayBufferView, b: ArrayBufferView, path: string): string | undefined {
  const [left, right] = [elements(a), elements(b)]
  if (left.length !== right.length) return `${path}.length: ${left.length} ≠ ${right.length}`
  for (let i = 0; i < left.length; i++) {
    if (!Object.is(left[i], right[i])) return `${path}[${i}]: ${show(left[i])} ≠ ${show(right[i])}`
  }
  return undefined
}

const elements = (view: ArrayBufferView): ArrayLike<unknown> =>
  'length' in view
    ? (view as unknown as ArrayLike<unknown>)
    : new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

function membersDifference(a: object, b: object, path: string, pairs: Map<unknown, unknown>): string | undefined {
  const [left, right] = [Reflect.ownKeys(a), Reflect.ownKeys(b)]
  if (left.length !== right.length || left.some((key, i) => key !== right[i])) {
    return `${path}: keys {${left.map(String).join()}} ≠ {${right.map(String).join()}}`.slice(0, 200)
  }
  for (const key of left) {
    const [x, y] = [Object.getOwnPropertyDescriptor(a, key), Object.getOwnPropertyDescriptor(b, key)]
    const found = difference(x?.value, y?.value, `${path}.${String(key)}`, pairs)
    if (found !== undefined) return found
  }
  return undefined
}
