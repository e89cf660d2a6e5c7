import { invariant } from '../../base/invariant.ts'

type Numeric = (...args: number[]) => number

/** Built-ins as they were when Iris was loaded: what kernels import, and what "replaced" is measured against. */
const PRISTINE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...Object.getOwnPropertyNames(Math).map(name => [`Math.${name}`, Reflect.get(Math, name)] as const),
  ...Object.getOwnPropertyNames(Number).map(name => [`Number.${name}`, Reflect.get(Number, name)] as const),
])

/** `Math.hypot/3` is Math.hypot, imported for calls with three arguments. */
export const builtinOf = (name: string): string => name.replace(/\/\d+$/, '')

/** The function that a kernel imports under this name: the host's own, which V8 recognises at the call. */
export function hostFunction(name: string): Numeric {
  const found = PRISTINE.get(builtinOf(name))
  invariant(typeof found === 'function', `no host function ${name}`)
  return found as Numeric
}

/** The value of `Math.sin` and the like when Iris was loaded; undefined when the name is not one of them. */
export const pristine = (name: string): unknown => PRISTINE.get(builtinOf(name))

/** Whether `Math.sin` is still the function that was there at the start. */
export function isPristine(name: string): boolean {
  const [holder, key] = builtinOf(name).split('.')
  if (key === undefined || !PRISTINE.has(builtinOf(name))) return true
  return Reflect.get(holder === 'Math' ? Math : Number, key) === pristine(name)
}
