import { types } from 'node:util'
import { readsVariable } from '../../compiler/source/accessor.ts'

/** Given back where reading would run code of the user (a getter, a trap of a Proxy). */
export const ACCESSOR = Symbol('accessor')

const descriptorOf = Object.getOwnPropertyDescriptor
const prototypeOf = Object.getPrototypeOf
const { isProxy } = types

/**
 * What `object[key]` would give, read without running any code: own and inherited data properties only.
 * Costs some 20 ns, which is the price of never invoking a getter twice.
 */
export function readData(object: unknown, key: string): unknown {
  if (typeof object !== 'object' && typeof object !== 'function') return ACCESSOR
  for (let holder: unknown = object; holder !== null; holder = prototypeOf(holder)) {
    if (isProxy(holder)) return ACCESSOR
    const found = descriptorOf(holder, key)
    if (found) return Object.hasOwn(found, 'value') ? found.value : readThrough(found.get, object)
  }
  return undefined
}

/** `key in object`; true also where a Proxy would have to be asked. */
export function hasProperty(object: unknown, key: string): boolean {
  for (let holder: unknown = object; holder !== null; holder = prototypeOf(holder))
    if (isProxy(holder) || Object.hasOwn(holder as object, key)) return true
  return false
}

/** Whether `ancestor` is on the prototype chain; true also where a Proxy would have to be asked. */
export function inherits(object: unknown, ancestor: unknown): boolean {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return false
  if (isProxy(object)) return true
  for (let holder: unknown = prototypeOf(object); holder !== null; holder = prototypeOf(holder))
    if (holder === ancestor || isProxy(holder)) return true
  return false
}

const harmless = new WeakMap<object, boolean>()

/** Exports of bundlers are getters that read a variable: those may be called, no others. */
function readThrough(getter: (() => unknown) | undefined, object: unknown): unknown {
  if (!getter) return undefined
  let known = harmless.get(getter)
  if (known === undefined) harmless.set(getter, (known = readsVariable(getter)))
  return known ? Reflect.apply(getter, object, []) : ACCESSOR
}

/** Whether `object[key] = value` would do no more than store the value in a data property. */
export function isPlainlyWritable(object: unknown, key: string): boolean {
  if (typeof object !== 'object' || object === null || isProxy(object)) return false
  const own = descriptorOf(object, key)
  if (own) return own.writable === true
  return Object.isExtensible(object) && readData(prototypeOf(object), key) === undefined
}

export { isProxy }
