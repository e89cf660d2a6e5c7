import { availableParallelism } from 'node:os'
import { MessageChannel, Worker } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import { builtFile } from '../../../base/files.ts'
import { checkInteger } from '../check.ts'
import { exitOf } from '../exit.ts'
import type { ExitStep } from '../lifecycle.ts'
import type { Pid } from '../pid.ts'
import { type Process, REMOTE } from '../process.ts'
import type { SpawnOptions } from '../spawner.ts'
import type { ActorSystem } from '../system.ts'
import { Bridge } from './bridge.ts'
import { newRingMemory } from './ring.ts'
import { MAIN, type SpawnRequest } from './wire.ts'
import type { ThreadData } from './worker.ts'

interface ThreadEvents {
  quiet(): void
  failed(error: Error): void
  gone(thread: Thread): void
}

/** One worker thread and the bridge to it. It keeps the process alive only while it has something to do. */
class Thread {
  readonly bridge: Bridge
  actors = 0
  readonly #worker: Worker
  #failure: unknown

  constructor(system: ActorSystem, node: string, events: ThreadEvents) {
    const { port1, port2 } = new MessageChannel()
    const [toThread, toMain] = [newRingMemory(), newRingMemory()]
    const data: ThreadData = { node, input: toThread, output: toMain, port: port2 }
    const worker = new Worker(builtFile('runtime/actor/threads/worker.js'), {
      workerData: data,
      transferList: [port2],
      ...flagsForThreads(),
    })
    this.#worker = worker
    const wake = (): void => worker.postMessage(0)
    const spawn = (): never => {
      throw new IrisError('IRIS6018', { reason: 'a thread cannot place actors on the main thread' })
    }
    this.bridge = new Bridge({ system, side: MAIN, input: toMain, output: toThread, port: port1, wake, spawn })
    this.bridge.outbox.onBusy = () => worker.ref()
    this.bridge.onQuiet = () => {
      worker.unref()
      events.quiet()
    }
    worker.unref()
    worker.on('message', () => this.bridge.poll())
    worker.on('error', error => {
      this.#failure = error
      events.failed(error)
    })
    worker.on('exit', () => {
      this.#disconnect()
      events.gone(this)
    })
    this.bridge.poll()
  }

  async close(): Promise<void> {
    this.#disconnect()
    await this.#worker.terminate()
  }

  /** One exit for each actor of the thread, whatever the reason. */
  #disconnect(): void {
    const cause = this.#failure
    const reason = cause instanceof Error ? cause.message : 'it was ended'
    this.bridge.close(exitOf('Disconnected', cause), () => new IrisError('IRIS6018', { reason }, { cause }))
  }
}

/** Flags that say what the main thread's program is; a worker refuses to start with them. */
const PROGRAM_FLAG = /^(--input-type|--eval|-e|--print|-p|-pe|--check|-c|--test)\b/

/** Flags are inherited as they are where possible: given explicitly, a worker also refuses those of V8. */
function flagsForThreads(): { execArgv?: string[] } {
  if (!process.execArgv.some(flag => PROGRAM_FLAG.test(flag))) return {}
  return { execArgv: process.execArgv.filter(flag => !PROGRAM_FLAG.test(flag)) }
}

export interface ThreadLimits {
  /** Threads that actors share. */
  readonly pool: number
  /** Actors that may have a thread to themselves. */
  readonly dedicated: number
  /** Refuse an actor beyond `dedicated` instead of placing it in the pool. */
  readonly strict: boolean
}

/** Actors on other threads: a pool of scheduler threads, and threads of their own for those that ask. */
export class Threads implements ExitStep {
  onQuiet: (() => void) | undefined = undefined
  /** Told of what ended a thread. */
  onFailure: ((error: Error) => void) | undefined = undefined
  readonly #system: ActorSystem
  #limits: ThreadLimits = { pool: Math.max(1, availableParallelism() - 1), dedicated: 256, strict: false }
  readonly #pool: Thread[] = []
  readonly #dedicated = new Map<Process, Thread>()
  #started = 0

  constructor(system: ActorSystem) {
    this.#system = system
  }

  setLimits(limits: Partial<ThreadLimits>): void {
    checkInteger('poolSize', limits.pool ?? 1, 1)
    checkInteger('maxThreads', limits.dedicated ?? 0, 0)
    this.#limits = { ...this.#limits, ...limits }
  }

  get isQuiet(): boolean {
    return this.#threads().every(thread => thread.bridge.outbox.isQuiet)
  }

  spawn(url: URL, options: SpawnOptions | undefined, alone: boolean): Pid {
    const room = this.#dedicated.size < this.#limits.dedicated
    if (alone && !room && this.#limits.strict) throw limitReached(this.#limits.dedicated)
    const request: SpawnRequest = { url: url.href, kind: 'push', budget: options?.budget, mailbox: options?.mailbox }
    return this.#place(request, options, alone && room)
  }

  /** A pull actor may block, so it always has its own thread. */
  spawnPull(url: URL, options: SpawnOptions | undefined): Pid {
    if (this.#dedicated.size >= this.#limits.dedicated) throw limitReached(this.#limits.dedicated)
    const request: SpawnRequest = { url: url.href, kind: 'pull', budget: options?.budget, mailbox: options?.mailbox }
    return this.#place(request, options, true)
  }

  leave(process: Process): void {
    if ((process.flags & REMOTE) === 0) return
    process.extras?.remote?.kill()
    const thread = this.#dedicated.get(process)
    if (thread === undefined) return
    this.#dedicated.delete(process)
    void thread.close()
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads().map(thread => thread.close()))
  }

  /** The thread comes first: when it cannot be started there is no stand-in without an actor. */
  #place(request: SpawnRequest, options: SpawnOptions | undefined, alone: boolean): Pid {
    this.#system.capacity.admit()
    const thread = alone ? this.#start() : this.#leastLoaded()
    const standIn = this.#system.spawner.placed(options)
    if (alone) this.#dedicated.set(standIn, thread)
    thread.actors++
    this.#system.lifecycle.afterExit(standIn, () => thread.actors--)
    thread.bridge.spawn(standIn, request)
    return standIn.pid
  }

  #leastLoaded(): Thread {
    const idle = this.#pool.find(thread => thread.actors === 0)
    if (idle !== undefined) return idle
    if (this.#pool.length < this.#limits.pool) {
      const thread = this.#start()
      this.#pool.push(thread)
      return thread
    }
    return this.#pool.reduce((least, thread) => (thread.actors < least.actors ? thread : least))
  }

  #start(): Thread {
    const node = `${this.#system.table.node}/${++this.#started}`
    return new Thread(this.#system, node, {
      quiet: () => this.onQuiet?.(),
      failed: error => this.onFailure?.(error),
      gone: thread => this.#forget(thread),
    })
  }

  #forget(thread: Thread): void {
    const at = this.#pool.indexOf(thread)
    if (at >= 0) this.#pool.splice(at, 1)
  }

  #threads(): Thread[] {
    return [...this.#pool, ...this.#dedicated.values()]
  }
}

function limitReached(limit: number): IrisError {
  return new IrisError('IRIS6014', { live: limit, capacity: `${limit} threads for single` })
}
