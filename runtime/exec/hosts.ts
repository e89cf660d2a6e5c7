import { invariant } from '../../base/invariant.ts'
import { builtinValue } from '../../compiler/source/builtins.ts'

type Numeric = (...args: number[]) => number

/** `Math.hypot/3` is Math.hypot, imported for calls with three arguments. */
export const builtinOf = (name: string): string => name.replace(/\/\d+$/, '')

/** The function that a kernel imports under this name: the host's own, which V8 recognises at the call. */
export function hostFunction(name: string): Numeric {
  const found = pristine(name)
  invariant(typeof found === 'function', `no host function ${name}`)
  return found as Numeric
}

/** The value of `Math.sin` and the like when Iris was loaded; undefined when the name is not one of them. */
export const pristine = (name: string): unknown => builtinValue(builtinOf(name))

/** Built-ins that can be looked up by their path at each call: `Math.sin`, `isNaN`. */
export const isLookedUp = (name: string): boolean =>
  /^(?:(?:Math|Number)\.)?\w+$/.test(builtinOf(name)) && pristine(name) !== undefined

/** Whether `Math.sin` is still the function that was there at the start. */
export function isPristine(name: string): boolean {
  if (!isLookedUp(name)) return true
  const [first, second] = builtinOf(name).split('.')
  const found =
    second === undefined ? Reflect.get(globalThis, first!) : Reflect.get(first === 'Math' ? Math : Number, second)
  return found === pristine(name)
}
