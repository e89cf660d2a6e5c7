import { createRequire } from 'node:module'
import { builtPath } from '../base/files.ts'
import type { Runtime as ActorRuntime } from '../runtime/actor/runtime.ts'

type RuntimeClass = typeof ActorRuntime

let loaded: RuntimeClass | undefined

/** The actor runtime is half of the package: it is read when the class is first used. */
function actual(): RuntimeClass {
  const load = createRequire(import.meta.url) as (path: string) => { readonly Runtime: RuntimeClass }
  loaded ??= load(builtPath('runtime/actor/index.js')).Runtime
  return loaded
}

/** The class of `iris-fabric/actors`, under a name that costs nothing until somebody says `new Runtime`. */
export const Runtime: RuntimeClass = new Proxy(function Runtime() {} as unknown as RuntimeClass, {
  construct: (_, args, target) =>
    Reflect.construct(actual(), args, target === (Runtime as unknown) ? actual() : target) as object,
  get: (_, key) => Reflect.get(actual(), key) as unknown,
  has: (_, key) => Reflect.has(actual(), key),
  getPrototypeOf: () => Reflect.getPrototypeOf(actual()),
})
export type Runtime = ActorRuntime
