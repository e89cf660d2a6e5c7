import type { CallPlan, CompiledKernel } from '../../compiler/abi.ts'
import { createInterpreter, ExitSignal } from '../../compiler/ir/interp.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import type { CaptureRefs } from '../../compiler/source/capture.ts'
import type { Captured } from '../../runtime/exec/access.ts'
import { ABANDONED, NOT_TAKEN } from '../../runtime/exec/failure.ts'
import { hostFunction } from '../../runtime/exec/hosts.ts'
import { instantiate, type WasmFunction } from '../../runtime/exec/instance.ts'
import { PlanInvoker } from '../../runtime/exec/marshal.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { primitivesOver } from './primitives.ts'

/** What one call did: its result or error, and the arguments afterwards. */
export interface Outcome {
  readonly value?: unknown
  readonly error?: unknown
  readonly args: readonly unknown[]
}

/** `declined`: the compiled code did not take the call (JavaScript would have run). */
export type Attempt = Outcome | { readonly declined: string }

/** Calls compiled or interpreted IR through the real marshalling. */
export class Machine {
  readonly memory = new KernelMemory({ initial: 1 << 20, maximum: 1 << 28 })
  readonly context = new ThreadContext(this.memory)
  readonly captured: Captured
  readonly #primitives = primitivesOver(this.memory)

  constructor(values: CaptureRefs) {
    this.captured = {
      free: (func, name) => values.free[func]?.get(name)?.value,
      func: index => values.functions[index],
      isPristine: () => true,
    }
  }

  wasm(compiled: CompiledKernel): WasmFunction {
    return instantiate(new WebAssembly.Module(compiled.wasm as Uint8Array<ArrayBuffer>), compiled.plan, this.context)
  }

  /** IR in the reference interpreter, behind the interface of an instance. */
  interpreter(module: Module, plan: CallPlan): WasmFunction {
    const hosts = Object.fromEntries(
      plan.hosts.map(name => [name, hostFunction(name) as (...args: number[]) => number]),
    )
    return (...params) => {
      const { run } = createInterpreter(module, {
        memory: this.memory.wasm.buffer,
        context: this.context.address,
        hosts,
        primitives: this.#primitives,
      })
      try {
        return run(...params)
      } catch (error) {
        if (error instanceof ExitSignal) throw new WebAssembly.RuntimeError('exit')
        throw error
      }
    }
  }

  attempt(plan: CallPlan, run: WasmFunction, args: readonly unknown[]): Attempt {
    const invoker = new PlanInvoker(plan, run, this.captured, this.context)
    const value = invoker.call(undefined, args.length, args)
    if (value === NOT_TAKEN || value === ABANDONED) return { declined: JSON.stringify(invoker.failure) }
    return { value, args }
  }
}

/** Any thrown value is an outcome; arguments are compared as they are left. */
export function reference(fn: (...args: never[]) => unknown, args: readonly unknown[]): Outcome {
  try {
    return { value: (fn as (...values: unknown[]) => unknown)(...args), args }
  } catch (error) {
    return { error, args }
  }
}

/** Deep equality by Object.is; typed arrays by kind and elements (any NaN equals any NaN). */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  if (ArrayBuffer.isView(a) || Array.isArray(a))
    if ((a as { length?: number }).length !== (b as { length?: number }).length) return false
  return keys.every(
    key => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

export function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}[${[...(value as unknown as Iterable<number>)].map(show)}]`
  if (Array.isArray(value)) return `[${value.map(show)}]`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value).map(([k, v]) => `${k}: ${show(v)}`)}}`
  return String(value)
}
