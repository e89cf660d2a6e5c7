import { availableParallelism } from 'node:os'
import { readFlag } from '../base/env.ts'
import { builtPath } from '../base/files.ts'
import type { Dispatcher } from '../runtime/exec/dispatch.ts'
import type { Engine, ThreadLender } from '../runtime/exec/engine.ts'
import type { PooledKernel } from '../runtime/exec/pool/kernel-call.ts'
import { checkPool, checkRun, type PoolOptions, type RunSettings } from '../runtime/exec/pool/options.ts'
import type { KernelPool, PoolStats } from '../runtime/exec/pool/pool.ts'
import type { PressureLevel } from '../runtime/exec/pool/pressure.ts'
import type { Code } from '../runtime/exec/pool/work.ts'
import type { ThreadContext } from '../runtime/exec/thread-context.ts'
import { defaultEngine } from './engine.ts'

/** Number of threads for run() and parallel loops. */
export const threadCount = (): number => readFlag('IRIS_THREADS') || availableParallelism()

interface Loaded {
  readonly pool: KernelPool
  readonly kernelOf: (dispatcher: Dispatcher) => PooledKernel
}

/** The pool of one engine: piscina and the pool's own code are loaded with the first call. */
export class EnginePool implements ThreadLender {
  readonly #engine: Engine
  #options: PoolOptions = {}
  /** contexts whose loops are shared */
  readonly #lent = new Set<ThreadContext>()
  #loaded: Loaded | undefined
  #loading: Promise<Loaded> | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    engine.threads = this
  }

  get count(): number {
    return this.#options.threads ?? threadCount()
  }

  /** Lets loops of this context be shared; `now` starts the threads, else the first loop does that is worth it. */
  async lend(context: ThreadContext, now: boolean): Promise<void> {
    this.#lent.add(context)
    const pool = await this.load()
    pool.shareLoops(context)
    if (now) await pool.startThreads()
  }

  announce(code: Code): number | undefined {
    return this.current?.announce(code)
  }

  /** The pool itself, for work that is no kernel of offload() (see runtime/exec/pool/work.ts). */
  async load(): Promise<KernelPool> {
    return (await this.#load()).pool
  }

  get current(): KernelPool | undefined {
    return this.#loaded?.pool
  }

  /** @throws IrisError IRIS5002 for wrong options, or when the pool works already */
  configure(options: PoolOptions): void {
    this.#options = checkPool(options)
    this.#loaded = this.#loading = undefined
  }

  run(kernel: Dispatcher, self: unknown, values: readonly unknown[], settings: RunSettings = {}): Promise<unknown> {
    const loaded = this.#loaded
    if (loaded) return loaded.kernelOf(kernel).run(loaded.pool, self, values, settings)
    return this.#first(kernel, self, values, settings)
  }

  async #first(kernel: Dispatcher, self: unknown, values: readonly unknown[], settings: RunSettings): Promise<unknown> {
    checkRun(settings)
    settings.signal?.throwIfAborted()
    const { pool, kernelOf } = await this.#load()
    return kernelOf(kernel).run(pool, self, values, settings)
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#open().then(loaded => (this.#loaded = loaded))
    return this.#loading
  }

  async #open(): Promise<Loaded> {
    const [{ KernelPool: Pool }, { PooledKernel: Pooled }] = await Promise.all([
      import('../runtime/exec/pool/pool.ts'),
      import('../runtime/exec/pool/kernel-call.ts'),
    ])
    const file = builtPath('runtime/exec/pool/entry.cjs')
    const pool = new Pool({ memory: this.#engine.memory, file }, { threads: threadCount(), ...this.#options })
    for (const context of this.#lent) pool.shareLoops(context)
    const kernels = new WeakMap<Dispatcher, PooledKernel>()
    const kernelOf = (dispatcher: Dispatcher): PooledKernel => {
      let kernel = kernels.get(dispatcher)
      if (!kernel) kernels.set(dispatcher, (kernel = new Pooled(dispatcher)))
      return kernel
    }
    return { pool, kernelOf }
  }
}

const pools = new WeakMap<Engine, EnginePool>()

export function poolOf(engine: Engine): EnginePool {
  let pool = pools.get(engine)
  if (!pool) pools.set(engine, (pool = new EnginePool(engine)))
  return pool
}

const IDLE: PoolStats = { threads: 0, queued: 0, running: 0, completed: 0, replaced: 0, pressure: 'NORMAL' }

/** The offload pool of this process: what `kernel.run` and `strategy: 'actor'` use. */
export const pool = {
  /** Sets threads, queue and overflow policy; before the first run(), or for a new pool after close(). @throws IrisError IRIS5002 */
  configure: (options: PoolOptions): void => poolOf(defaultEngine()).configure(options),
  stats: (): PoolStats => poolOf(defaultEngine()).current?.stats ?? IDLE,
  pressure: (): PressureLevel => poolOf(defaultEngine()).current?.pressure ?? 'NORMAL',
  /** Tells when the level changes; gives a function that ends that. */
  onPressure: async (listener: (level: PressureLevel) => void): Promise<() => void> =>
    (await poolOf(defaultEngine()).load()).onPressure(listener),
  /** Takes no more calls; resolves when all are done and the threads have ended. */
  close: async (): Promise<void> => poolOf(defaultEngine()).current?.close(),
  /** Takes no more calls, rejects those that wait, stops those that run, and ends the threads. */
  destroy: async (): Promise<void> => poolOf(defaultEngine()).current?.destroy(),
}

/** Runs plain functions and kernels: what `new Runtime({ kernels })` takes, so that its offload pools use these threads. */
export const kernelExecutor = {
  run: async (kernel: unknown, args: readonly unknown[], options: RunSettings = {}): Promise<unknown> => {
    const run: unknown = typeof kernel === 'function' ? Reflect.get(kernel, 'run') : undefined
    if (typeof run === 'function') return Reflect.apply(run, kernel, [args, options])
    options.signal?.throwIfAborted()
    return (kernel as (...args: readonly unknown[]) => unknown)(...args)
  },
}
