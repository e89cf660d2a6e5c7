import { diagnostic } from '../../base/diagnostic.ts'
import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import type { Outline } from '../../compiler/source/outline.ts'
import type { Compiler } from './compiler.ts'

/** A program to compile, or the text of a function to read. */
export type CompileJob =
  | { readonly id: number; readonly request: CompileRequest }
  | { readonly id: number; readonly text: string }

export type CompileReply =
  | { readonly id: number; readonly answer: CompileAnswer }
  | { readonly id: number; readonly outline: Outline }
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
  readonly #pending = new Map<number, (reply: CompileReply) => void>()
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

  async compile(request: CompileRequest): Promise<CompileAnswer> {
    const reply = await this.#ask(id => ({ id, request }))
    return 'answer' in reply ? reply.answer : failed('defect' in reply ? reply.defect : 'the answer has no program')
  }

  async outline(text: string): Promise<Outline | undefined> {
    const reply = await this.#ask(id => ({ id, text }))
    return 'outline' in reply ? reply.outline : undefined
  }

  #ask(job: (id: number) => CompileJob): Promise<CompileReply> {
    this.#idle?.cancel()
    const id = this.#serial++
    const reply = new Promise<CompileReply>(resolve => this.#pending.set(id, resolve))
    this.#send(job(id)).catch((error: unknown) =>
      this.#settle({ id, defect: `the compiler thread did not start: ${messageOf(error)}` }),
    )
    return reply
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
    this.#settle(reply)
    if (this.#pending.size === 0) this.#idle = this.#delay(this.#idleMs, () => void this.close())
  }

  #settle(reply: CompileReply): void {
    this.#pending.get(reply.id)?.(reply)
    this.#pending.delete(reply.id)
  }

  /** The end of a thread that was let go on purpose concerns nobody. */
  #lose(thread: Thread, reason: string): void {
    if (this.#live !== thread) return
    this.#thread = this.#live = undefined
    this.#failAll(reason)
  }

  #failAll(defect: string): void {
    for (const id of [...this.#pending.keys()]) this.#settle({ id, defect })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
