import { alloc, free } from '../src/index.ts'

export type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
export type Argument = number | NumberArray
export type Callable = (...args: never[]) => unknown

/** The same arguments with their arrays in kernel memory, until `release`. */
export function inKernelMemory(args: readonly Argument[]): Argument[] {
  return args.map(arg => {
    if (typeof arg === 'number') return arg
    const view = alloc(arg.constructor as Float64ArrayConstructor, arg.length)
    view.set(arg as Float64Array)
    return view
  })
}

export function release(args: readonly Argument[]): void {
  for (const arg of args) if (typeof arg !== 'number') free(arg)
}

/** A call that can be repeated. */
export const call =
  (fn: Callable, args: readonly Argument[]): (() => unknown) =>
  () =>
    Reflect.apply(fn, undefined, args)
