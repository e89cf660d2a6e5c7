import { Miss } from '../../base/diagnostic.ts'
import type { CallPlan, CompileRequest } from '../../compiler/abi.ts'
import { optimise } from '../../compiler/compile.ts'
import { createInterpreter, ExitSignal } from '../../compiler/ir/interp.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { completePlan, type Lowered, lower } from '../../compiler/program/lower.ts'
import type { Captured } from '../../runtime/exec/access.ts'
import { ABANDONED, NOT_TAKEN } from '../../runtime/exec/failure.ts'
import { hostFunction } from '../../runtime/exec/hosts.ts'
import type { WasmFunction } from '../../runtime/exec/instance.ts'
import { PlanInvoker } from '../../runtime/exec/marshal.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { primitivesOver } from '../conformance/primitives.ts'
import type { Seen } from './compare.ts'
import { moveIn } from './in-place.ts'
import { type AnyFn, type Call, type Loaded, preludeValue, type World } from './world.ts'

/** A program as IR, and the plan of its call. */
export interface Compiled {
  readonly lowered: Lowered
  readonly module: Module
  readonly plan: CallPlan
}

/** A run of compiled code: what was seen, or why JavaScript has to run (then nothing may have changed). */
export type Run = Seen & { readonly declined?: string }

/** @returns the diagnostic's text where the program does not compile */
export function compileIr(request: CompileRequest, verify: boolean): Compiled | string {
  try {
    const lowered = lower(request)
    const { module } = optimise(lowered.module, request, { verify })
    return { lowered, module, plan: completePlan(lowered.plan, module) }
  } catch (error) {
    if (error instanceof Miss) return `${error.diagnostic.code} ${error.diagnostic.message}`
    throw error
  }
}

/** Runs programs in one memory, as a process would. */
export class Engine {
  readonly memory = new KernelMemory({ initial: 1 << 20, maximum: 1 << 26 })
  readonly context = new ThreadContext(this.memory)
  readonly #primitives = primitivesOver(this.memory)

  reference(loaded: Loaded, index: number): Seen {
    const world = loaded.world()
    const call = loaded.calls[index]!()
    try {
      const value = world.kernel.apply(call.self, [...call.args])
      return { value, args: call.args, self: call.self, captured: world.values }
    } catch (error) {
      return { error, args: call.args, self: call.self, captured: world.values }
    }
  }

  /** IR in the reference interpreter, behind the interface of an instance. */
  interpreter(module: Module, plan: CallPlan): WasmFunction {
    const hosts = Object.fromEntries(plan.hosts.map(name => [name, hostFunction(name) as HostFunction]))
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

  /** `inPlace`: the arrays among the arguments lie in kernel memory, as alloc() would give them. */
  run(loaded: Loaded, index: number, plan: CallPlan, run: WasmFunction, inPlace = false): Run {
    if (!inPlace) return this.#call(loaded.world(), loaded.calls[index]!(), plan, run)
    const moved = moveIn(loaded.calls[index]!(), this.memory)
    try {
      const seen = this.#call(loaded.world(), moved.call, plan, run)
      return { ...seen, value: moved.copyOut(seen.value), args: moved.copyOut(seen.args) as unknown[] }
    } finally {
      moved.free()
    }
  }

  #call(world: World, call: Call, plan: CallPlan, run: WasmFunction): Run {
    const invoker = new PlanInvoker(plan, run, capturedOf(world), this.context)
    const value = invoker.call(call.self, call.args.length, call.args)
    const seen = { args: call.args, self: call.self, captured: world.values }
    if (value === NOT_TAKEN || value === ABANDONED) return { ...seen, declined: reasonOf(invoker) }
    return { ...seen, value }
  }

  /** The same call before it runs. */
  untouched(loaded: Loaded, index: number): Seen {
    const call: Call = loaded.calls[index]!()
    return { args: call.args, self: call.self, captured: loaded.world().values }
  }
}

function reasonOf({ failure, speculation }: PlanInvoker): string {
  return JSON.stringify(speculation ? [speculation, failure] : failure)
}

type HostFunction = (...args: number[]) => number

function capturedOf(world: World): Captured {
  const functions: readonly AnyFn[] = [world.kernel, ...Object.values(world.functions)]
  return {
    free: (_func, name) =>
      Object.hasOwn(world.values, name) ? world.values[name] : (world.functions[name] ?? preludeValue(name)),
    func: index => functions[index],
    isPristine: () => true,
  }
}
