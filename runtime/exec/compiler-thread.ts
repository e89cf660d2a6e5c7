import { diagnostic } from '../../base/diagnostic.ts'
import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import type { Compiler } from './compiler.ts'

export interface CompileJob {
  readonly id: number
  readonly request: CompileRequest
}

export type CompileReply =
  | { readonly id: number; readonly answer: CompileAnswer }
  | { readonly id: number; readonly defect: string }

/** The part of worker_threads.Worker that is used here. */
export interface Thread {
  postMessage(job: CompileJob): void
  on(event: 'message', listener: (reply: CompileReply) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  unref(): void
  terminate(): Promise<number>
}

/** Timer of the idle time; handed in so that tests need not wait. */
export type Delay = (ms: number, then: () => void) => { cancel(): void }

const afterUnref: Delay = (ms, then) => {
  const timer = setTimeout(then, ms).unref()
  return { cancel: () => clearTimeout(timer) }
}

const failed = (reason: string): CompileAnswer => ({ ok: false, diagnostics: [diagnostic('IRIS5003', { reason })] })

/**
 * The compiler in a thread of its own, started with the first request and let go when it has been idle: binaryen
 * costs 350 ms and 100 MB. The thread holds the process open only while somebody awaits an answer. When it dies, what
 * it was asked is a miss, and the next request starts another one.
 */
export class CompilerThread implements Compiler {
  readonly #start: () => Promise<Thread>
  readonly #idleMs: number
  readonly #delay: Delay
  readonly #pending = new Map<number, (answer: CompileAnswer) => void>()
  #thread: Promise<Thread> | undefined
  #live: Thread | undefined
  #idle: { cancel(): void } | undefined
  #serial = 0

  constructor(start: () => Promise<Thread>, idleMs: number, delay: Delay = afterUnref) {
    this.#start = start
    this.#idleMs = idleMs
    this.#delay = delay
  }

  get isRunning(): boolean {
    return this.#thread !== undefined
  }

  compile(request: CompileRequest): Promise<CompileAnswer> {
    this.#idle?.cancel()
    const id = this.#serial++
    const answer = new Promise<CompileAnswer>(resolve => this.#pending.set(id, resolve))
    this.#send({ id, request }).catch((error: unknown) =>
      this.#settle(id, failed(`the compiler thread did not start: ${messageOf(error)}`)),
    )
    return answer
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = this.#live = undefined
    this.#idle?.cancel()
    this.#failAll('the compiler was closed')
    await (await thread)?.terminate()
  }

  async #send(job: CompileJob): Promise<void> {
    this.#thread ??= this.#launch().catch((error: unknown) => {
      this.#thread = undefined
      throw error
    })
    const thread = await this.#thread
    thread.postMessage(job)
  }

  async #launch(): Promise<Thread> {
    const thread = await this.#start()
    this.#live = thread
    thread.on('message', reply => this.#receive(reply))
    thread.on('error', error => this.#lose(thread, messageOf(error)))
    thread.on('exit', code => this.#lose(thread, `the compiler thread ended with code ${code}`))
    thread.unref() // last: a new listener makes the thread hold the process open again
    return thread
  }

  #receive(reply: CompileReply): void {
    this.#settle(reply.id, 'answer' in reply ? reply.answer : failed(reply.defect))
    if (this.#pending.size === 0) this.#idle = this.#delay(this.#idleMs, () => void this.close())
  }

  #settle(id: number, answer: CompileAnswer): void {
    this.#pending.get(id)?.(answer)
    this.#pending.delete(id)
  }

  /** The end of a thread that was let go on purpose concerns nobody. */
  #lose(thread: Thread, reason: string): void {
    if (this.#live !== thread) return
    this.#thread = this.#live = undefined
    this.#failAll(reason)
  }

  #failAll(reason: string): void {
    for (const resolve of this.#pending.values()) resolve(failed(reason))
    this.#pending.clear()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
