import { types } from 'node:util'
import { IrisError } from '../base/diagnostic.ts'
import { originalOf, registerOriginal } from '../compiler/source/builtins.ts'
import { Dispatcher } from '../runtime/exec/dispatch.ts'
import type { Engine } from '../runtime/exec/engine.ts'
import { type ExplainOptions, explain } from '../runtime/exec/explanation.ts'
import { type KernelOptions, type OffloadOptions, resolveOptions } from '../runtime/exec/options.ts'
import type { AnyFunction } from '../runtime/exec/wrapper.ts'
import { callerFile } from './caller.ts'
import { defaultEngine } from './engine.ts'
import type { ActorKernel, AnyFn, Kernel, KernelMethods, KernelStats, RunOptions } from './kernel-types.ts'
import { type EnginePool, poolOf } from './pool.ts'
import { register } from './registry.ts'

/** What offload(options) gives: a decorator for methods (TC39 and legacy), and a plain wrapper. */
export interface OffloadDecorator {
  <F extends AnyFn>(fn: F): Kernel<F>
  <F extends AnyFn>(method: F, context: ClassMethodDecoratorContext): F
  (field: undefined, context: ClassFieldDecoratorContext): <F>(initial: F) => F
  <F>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F>): void
}

/**
 * Wraps a hot numeric function: callable exactly like it, compiled to WebAssembly where that is possible and pays.
 * `offload(options)` gives a decorator.
 * @throws IrisError IRIS5002 for wrong options
 */
export function offload<F extends AnyFn>(
  fn: F,
  options: OffloadOptions & { readonly strategy: 'actor' },
): ActorKernel<F>
export function offload<F extends AnyFn>(fn: F, options?: OffloadOptions): Kernel<F>
export function offload(options?: OffloadOptions): OffloadDecorator
export function offload(...args: readonly unknown[]): unknown {
  return offloadWith(defaultEngine, args)
}

type EngineSource = () => Engine

/** offload() of another engine (tests). */
export const offloadOf = (engine: Engine): typeof offload =>
  ((...args: unknown[]) => offloadWith(() => engine, args)) as typeof offload

function offloadWith(engine: EngineSource, [first, second, third]: readonly unknown[]): unknown {
  if (isDecoration(second, third)) return decorate(engine, {}, first, second, third)
  if (typeof first === 'function')
    return makeKernel(first as AnyFunction, resolveOptions((second ?? {}) as OffloadOptions), engine())
  if (first !== undefined && (typeof first !== 'object' || first === null)) throw notAFunction(first)
  const options = (first ?? {}) as OffloadOptions
  resolveOptions(options)
  return (target: unknown, context: unknown, descriptor: unknown) =>
    decorate(engine, options, target, context, descriptor)
}

/** `@offload` without a call, in either kind of decorators. */
function isDecoration(second: unknown, third: unknown): boolean {
  if (typeof third === 'object' && third !== null && (typeof second === 'string' || typeof second === 'symbol'))
    return true
  return isContext(second)
}

const isContext = (value: unknown): value is { readonly kind: string } =>
  typeof value === 'object' && value !== null && 'kind' in value && 'addInitializer' in value

function decorate(
  engine: EngineSource,
  options: OffloadOptions,
  target: unknown,
  context: unknown,
  descriptor: unknown,
): unknown {
  const wrap = (fn: unknown): unknown => {
    if (typeof fn !== 'function') throw notAFunction(fn)
    return makeKernel(fn as AnyFunction, resolveOptions(options), engine())
  }
  if (isContext(context)) {
    if (context.kind === 'method') return wrap(target)
    if (context.kind === 'field') return wrap
    throw new IrisError('IRIS5002', {
      name: '@offload',
      reason: `it stands on a ${context.kind}`,
      fix: 'put it on a method',
    })
  }
  if (typeof context === 'string' || typeof context === 'symbol') {
    const property = (descriptor ?? {}) as PropertyDescriptor
    return { ...property, value: wrap(property.value) }
  }
  return wrap(target)
}

function notAFunction(found: unknown): IrisError {
  const what = found === null ? 'null' : typeof found
  return new IrisError('IRIS5002', {
    name: 'fn',
    reason: `${what} is not a function`,
    fix: 'pass the function to compile',
  })
}

function makeKernel(given: AnyFunction, options: KernelOptions, engine: Engine): AnyFunction {
  const original = types.isProxy(given) ? given : (originalOf(given) as AnyFunction)
  const dispatcher = new Dispatcher(original, options, engine, callerFile())
  const kernel = options.strategy === 'actor' ? actorOf(dispatcher, poolOf(engine)) : dispatcher.kernel
  equip(kernel, dispatcher, poolOf(engine))
  registerOriginal(kernel, original)
  register(kernel, dispatcher)
  return kernel
}

function actorOf(dispatcher: Dispatcher, pool: EnginePool): AnyFunction {
  return function kernel(this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    return pool.run(dispatcher, this, args)
  }
}

/** Name, length and properties of the original, and the methods of a kernel. */
function equip(kernel: AnyFunction, dispatcher: Dispatcher, pool: EnginePool): void {
  const { original } = dispatcher.subject
  if (!types.isProxy(original)) copyProperties(kernel, original)
  const methods = methodsOf(kernel, dispatcher, pool)
  for (const key of Reflect.ownKeys(methods)) {
    Object.defineProperty(kernel, key, { value: Reflect.get(methods, key), configurable: true, writable: true })
  }
}

function copyProperties(kernel: AnyFunction, original: AnyFunction): void {
  const { prototype, ...own } = Object.getOwnPropertyDescriptors(original as AnyFunction & { prototype?: unknown })
  const skipped = new Set(['arguments', 'caller'])
  const copied = Object.fromEntries(Object.entries(own).filter(([key]) => !skipped.has(key)))
  Object.defineProperties(kernel, copied)
  if (prototype && 'prototype' in kernel) kernel.prototype = prototype.value
}

function methodsOf(kernel: AnyFunction, dispatcher: Dispatcher, pool: EnginePool): KernelMethods<AnyFn> {
  const selfOf = (self: unknown): unknown => (self === kernel ? undefined : self)
  return {
    original: dispatcher.subject.original,
    async warmup(this: unknown, ...args: unknown[]) {
      await dispatcher.warmup(selfOf(this), args)
      return explain(dispatcher)
    },
    run(this: unknown, args: readonly unknown[], options?: RunOptions) {
      return pool.run(dispatcher, selfOf(this), [...args], options) as Promise<never>
    },
    explain: (options?: ExplainOptions) => explain(dispatcher, options),
    stats: () => statsOf(dispatcher),
    [Symbol.dispose]: () => dispatcher.dispose(),
  }
}

function statsOf(dispatcher: Dispatcher): KernelStats {
  const { misses, ...calls } = dispatcher.stats()
  return { calls, misses }
}
