import { IrisError } from '../../base/diagnostic.ts'
import type { MailboxOptions } from './bound.ts'
import { checkInteger } from './check.ts'
import type { Context } from './context.ts'
import { exitOf } from './exit.ts'
import type { Handler } from './handler.ts'
import { exitError } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { liveProcessOf, processOf } from './resolve.ts'
import type { ActorSystem } from './system.ts'

export interface OffloadRunOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly priority?: number
}

/** What runs kernels; handed in through `RuntimeOptions`, so that the actors need not know the compiler. */
export interface KernelExecutor {
  run(kernel: unknown, args: readonly unknown[], options: OffloadRunOptions): Promise<unknown>
}

/** The request that the pool's pid takes by `call`. */
export interface OffloadRequest extends OffloadRunOptions {
  readonly kernel: unknown
  readonly args: readonly unknown[]
}

export interface OffloadPoolOptions {
  /** Kernels at work at once. */
  readonly workers: number
  /** The queue in front of them. */
  readonly mailbox?: MailboxOptions
  /** Restarts of workers that are borne within 5 s; default 10. */
  readonly intensity?: number
}

export interface OffloadPool {
  /** Takes `{ kernel, args }` by `call`. */
  readonly pid: Pid
  readonly workers: readonly Pid[]
  run<T = unknown>(kernel: unknown, args: readonly unknown[], options?: OffloadRunOptions): Promise<T>
  close(): void
}

/** Without an executor a kernel runs where its own `run` puts it: that of `offload` on a thread. A plain function runs here. */
const plainExecutor: KernelExecutor = {
  run: async (kernel, args, options) => {
    if (typeof kernel === 'function') {
      const run: unknown = Reflect.get(kernel, 'run')
      if (typeof run === 'function') return Reflect.apply(run, kernel, [args, options])
      return Reflect.apply(kernel, undefined, args)
    }
    throw new IrisError('IRIS5002', {
      name: 'kernel',
      reason: 'it is not a function',
      fix: 'pass a function or a kernel',
    })
  },
}

/**
 * Supervised worker actors that run kernels. Each takes one request at a time; the front actor hands requests to the
 * worker with the fewest. An error that the kernel throws is the caller's, and does not harm the worker.
 */
export function offloadPool(
  system: ActorSystem,
  executor: KernelExecutor = plainExecutor,
  options: OffloadPoolOptions,
): OffloadPool {
  const count = checkInteger('workers', options.workers, 1, 1024)
  const children = Array.from({ length: count }, (_, i) => ({
    id: `worker ${i}`,
    start: () => startWorker(system, executor),
  }))
  const supervisor = system.supervisors.supervise({ intensity: options.intensity ?? 10, children })
  const workers = (): Pid[] => system.supervisors.children(supervisor).flatMap(({ pid }) => pid ?? [])
  const pid = system.spawner.push(front(workers), options.mailbox && { mailbox: options.mailbox })
  return {
    pid,
    get workers() {
      return workers()
    },
    run: <T>(kernel: unknown, args: readonly unknown[], run: OffloadRunOptions = {}) => {
      const timeoutMs = run.timeoutMs ?? Number.POSITIVE_INFINITY
      const signal = run.signal && { signal: run.signal }
      const request: OffloadRequest = { ...run, kernel, args }
      return system.calls.call(system.scheduler.current, pid, request, { timeoutMs, ...signal }) as Promise<T>
    },
    close: () => {
      for (const each of [pid, supervisor]) {
        const process = processOf(each)
        if (process !== undefined) system.lifecycle.stop(process, exitOf('Shutdown'))
      }
    },
  }
}

/** One request at a time; the end of the worker stops the kernel that it runs. */
function startWorker(system: ActorSystem, executor: KernelExecutor): Pid {
  let running: AbortController | undefined
  const work: Handler<OffloadRequest> = async ({ kernel, args, ...options }, context) => {
    const reply = context.deferReply()
    running = new AbortController()
    const release = follow(running, options.signal)
    await attempt(() => executor.run(kernel, args, { ...options, signal: running!.signal })).then(reply, reply.fail)
    release()
    running = undefined
  }
  const pid = system.spawner.push(work, undefined)
  system.lifecycle.afterExit(liveProcessOf(pid), exit => running?.abort(exitError(pid, exit)))
  return pid
}

/** An executor that throws at once fails the request, not the worker. */
async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  return await run()
}

/** Aborts with the signal; the result ends that. */
function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}

/** Hands each request to the worker with the fewest in hand, and its answer back. */
function front(workers: () => readonly Pid[]): Handler<OffloadRequest> {
  const inHand = new WeakMap<Pid, number>()
  const load = (pid: Pid): number => inHand.get(pid) ?? 0
  return (request, context: Context) => {
    const reply = context.deferReply()
    const worker = workers().reduce((least, pid) => (load(pid) < load(least) ? pid : least))
    inHand.set(worker, load(worker) + 1)
    context
      .call(worker, request, { timeoutMs: Number.POSITIVE_INFINITY })
      .finally(() => inHand.set(worker, load(worker) - 1))
      .then(reply, reply.fail)
  }
}
