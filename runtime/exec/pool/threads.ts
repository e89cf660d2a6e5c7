import type { MessagePort, ResourceLimits, Worker } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { invariant } from '../../../base/invariant.ts'
import type { SeatData } from './words.ts'

export interface ThreadSettings {
  readonly size: number
  /** Path of the file whose export `serve` a thread runs. */
  readonly file: string
  readonly resourceLimits?: ResourceLimits
}

/**
 * The threads themselves. piscina starts, owns and ends them; each is given one task, to serve, and then takes its work
 * from shared memory (thread-loop.ts), which is faster than a message for each call and also serves parallel loops.
 */
export class Threads {
  readonly #settings: ThreadSettings
  readonly #taken = new Set<number>()
  /** starts that have not been answered */
  readonly #starting = new Set<AbortController>()
  #owner: Promise<Piscina> | undefined
  #isForbidden = false

  constructor(settings: ThreadSettings) {
    this.#settings = settings
  }

  /** A new thread that serves. Rejects when it could not be started, or ended before it was ready. */
  async start(data: SeatData): Promise<Worker> {
    const owner = await (this.#owner ??= this.#open())
    const controller = new AbortController()
    this.#starting.add(controller)
    try {
      const id = await this.#ask(owner, data, controller.signal)
      const worker = owner.threads.find(({ threadId }) => threadId === id)
      invariant(worker, `thread ${id} has ended already`)
      return worker
    } finally {
      this.#starting.delete(controller)
    }
  }

  /** Ends all threads, whatever they do. */
  async destroy(): Promise<void> {
    const owner = await this.#owner
    if (this.#isForbidden) await Promise.all((owner?.threads ?? []).map(thread => thread.terminate()))
    else await owner?.destroy()
  }

  /**
   * Where threads are not allowed piscina throws at once, and keeps a task that nobody can wait for: then it is not used
   * any more, not even to destroy what there is, since that would reject it.
   */
  #ask(owner: Piscina, data: SeatData, signal: AbortSignal): Promise<number> {
    if (this.#isForbidden) throw new Error('threads are not allowed here')
    try {
      return owner.run(data, { name: 'serve', transferList: [data.port as MessagePort], signal }) as Promise<number>
    } catch (error) {
      this.#isForbidden = true
      throw error
    }
  }

  async #open(): Promise<Piscina> {
    const { Piscina: Owner } = await import('piscina')
    const { size, file, resourceLimits } = this.#settings
    const owner = new Owner({
      filename: file,
      minThreads: 0,
      maxThreads: size,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      recordTiming: false,
      workerHistogram: false,
      execArgv: [],
      ...(resourceLimits && { resourceLimits }),
      loadBalancer: (_, workers) => this.#choose(workers),
    })
    owner.on('workerDestroy', () => queueMicrotask(() => this.#giveUpStarts(owner)))
    // a thread that dies is told by its exit event (Seat); piscina tells of it here, too
    owner.on('error', () => undefined)
    return owner
  }

  /** piscina lets tasks wait whose thread has ended before it was ready: those are more than threads that get ready. */
  #giveUpStarts(owner: Piscina): void {
    const gettingReady = owner.threads.filter(({ threadId }) => !this.#taken.has(threadId)).length
    const unserved = [...this.#starting].slice(gettingReady)
    for (const controller of unserved) controller.abort()
  }

  /** A thread that serves is never given anything else. */
  #choose<T extends { readonly id: number }>(workers: readonly T[]): T | null {
    const free = workers.find(({ id }) => !this.#taken.has(id))
    if (free) this.#taken.add(free.id)
    return free ?? null
  }
}
