/**
 * A deep copy that keeps what a call can observe: prototypes, holes, shared references, views that share one buffer.
 * Functions are values of the program and stay themselves.
 */
export function clone<T>(value: T, seen = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known as T
  return copyObject(value, seen) as T
}

function copyObject(value: object, seen: Map<unknown, unknown>): object {
  if (value instanceof ArrayBuffer) return remember(seen, value, value.slice(0))
  if (ArrayBuffer.isView(value)) return copyView(value, seen)
  if (value instanceof Date) return remember(seen, value, new Date(value))
  if (Array.isArray(value)) return copyArray(value, seen)
  if (value instanceof Map || value instanceof Set) return value
  const copy = remember(seen, value, Object.create(Object.getPrototypeOf(value)) as object)
  for (const key of Reflect.ownKeys(value)) copyProperty(copy, value, key, seen)
  return copy
}

function copyProperty(copy: object, value: object, key: string | symbol, seen: Map<unknown, unknown>): void {
  const descriptor = Object.getOwnPropertyDescriptor(value, key)
  if (!descriptor) return
  Object.defineProperty(
    copy,
    key,
    'value' in descriptor ? { ...descriptor, value: clone(descriptor.value, seen) } : descriptor,
  )
}

function copyArray(value: readonly unknown[], seen: Map<unknown, unknown>): unknown[] {
  const copy = remember(seen, value, new Array(value.length)) as unknown[]
  for (const key of Reflect.ownKeys(value)) if (key !== 'length') copyProperty(copy, value as unknown[], key, seen)
  return copy
}

type ViewClass = new (buffer: ArrayBufferLike, offset: number, length?: number) => object

function copyView(value: ArrayBufferView, seen: Map<unknown, unknown>): object {
  const buffer = clone(value.buffer, seen)
  const length = 'length' in value ? (value.length as number) : value.byteLength
  return remember(seen, value, new (value.constructor as ViewClass)(buffer, value.byteOffset, length))
}

function remember<T>(seen: Map<unknown, unknown>, original: unknown, copy: T): T {
  seen.set(original, copy)
  return copy
}
