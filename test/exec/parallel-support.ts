import { expect } from 'vitest'
import type { CompiledKernel, CompileOptions } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { ABANDONED, NOT_TAKEN } from '../../runtime/exec/failure.ts'
import { instantiate } from '../../runtime/exec/instance.ts'
import { PlanInvoker } from '../../runtime/exec/marshal.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import type { Sharing, SharingSettings } from '../../runtime/exec/parallel/sharing.ts'
import type { KernelPool } from '../../runtime/exec/pool/pool.ts'
import { STATE } from '../../runtime/exec/pool/words.ts'
import type { Code, Ended, Work } from '../../runtime/exec/pool/work.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { endingWith } from '../../runtime/exec/transaction.ts'
import { Views } from '../../runtime/exec/views.ts'
import { OPTIONS } from '../program/support.ts'
import { newPool } from './pool-support.ts'
import { NOTHING_CAPTURED } from './support.ts'

type Fn = (...args: never[]) => unknown

/** Every loop is shared, in parts of one round or more. */
export const TINY: SharingSettings = { leastUs: 0, leastRounds: 1, partsPerThread: 8 }

export class World {
  readonly memory = new KernelMemory({ initial: 8 << 20, maximum: 64 << 20 })
  readonly views = new Views(this.memory)
  readonly context = new ThreadContext(this.memory)
  readonly pool: KernelPool

  constructor(threads: number, sharing = TINY) {
    this.pool = newPool({ threads }, { memory: this.memory, sharing })
  }

  /** loops of this thread that were shared */
  get shared(): number {
    return (this.context.sharing as Sharing).count
  }

  async kernel(fn: Fn, args: readonly unknown[], options: Partial<CompileOptions> = {}): Promise<SharedKernel> {
    const request = { ...captureGraph(fn).describeCall([...args]) }
    const answer = await compile({ ...request, options: { ...OPTIONS, tier: 'parallel', grain: 1, ...options } })
    if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('\n'))
    this.pool.shareLoops(this.context)
    await this.pool.startThreads()
    return new SharedKernel(this, answer)
  }
}

/** A kernel whose loops are shared, called on this thread or on one of the pool. */
export class SharedKernel {
  readonly #world: World
  readonly #compiled: CompiledKernel
  readonly #code: Code
  readonly #invoker: PlanInvoker

  constructor(world: World, compiled: CompiledKernel) {
    const { plan, wasm } = compiled
    const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)
    this.#world = world
    this.#compiled = compiled
    this.#code = { module, hosts: plan.hosts, entry: 'run', regions: plan.regions ?? [] }
    const number = (): number | undefined => world.pool.announce(this.#code)
    const run = instantiate(module, plan, world.context, { number, limit: Number.POSITIVE_INFINITY })
    this.#invoker = new PlanInvoker(plan, run, NOTHING_CAPTURED, world.context)
  }

  call(...args: readonly unknown[]): unknown {
    const result = this.#invoker.call(undefined, args.length, args)
    if (result === NOT_TAKEN || result === ABANDONED) return `left: ${JSON.stringify(this.#invoker.failure)}`
    return result
  }

  /** The same as work for the pool. */
  work(...args: readonly unknown[]): Work {
    const { plan } = this.#compiled
    return {
      place: () => {
        const context = new ThreadContext(this.#world.memory)
        const invoker = new PlanInvoker(plan, () => expect.fail(), NOTHING_CAPTURED, context)
        const params = invoker.place(undefined, args.length, args)
        if (!params) throw new Error(JSON.stringify(invoker.failure))
        return {
          code: this.#code,
          params,
          context,
          slots: plan.slots,
          finish: ({ state, value, status, message }: Ended) => {
            if (state === STATE.done) return invoker.complete({ kind: 'done', value })
            if (state === STATE.trapped) return invoker.complete(endingWith(status, plan, message))
            throw new Error(`state ${state} ${message}`)
          },
          release: () => undefined,
        }
      },
      runHere: () => 'here',
    }
  }
}
