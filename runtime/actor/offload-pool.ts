import { IrisError } from '../../base/diagnostic.ts'
import type { MailboxOptions } from './bound.ts'
import { checkInteger } from './check.ts'
import type { Context } from './context.ts'
import { exitOf } from './exit.ts'
import type { Handler } from './handler.ts'
import type { Pid } from './pid.ts'
import { processOf } from './resolve.ts'
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

/** Without an executor a kernel is the plain function that it was written as. */
const plainExecutor: KernelExecutor = {
  run: async (kernel, args) => {
    if (typeof kernel === 'function') return (kernel as (...args: readonly unknown[]) => unknown)(...args)
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
  const work: Handler<OffloadRequest> = async ({ kernel, args, ...run }, context) => {
    const reply = context.deferReply()
    await executor.run(kernel, args, run).then(reply, reply.fail)
  }
  const children = Array.from({ length: count }, (_, i) => ({
    id: `worker ${i}`,
    start: () => system.spawner.push(work, undefined),
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
