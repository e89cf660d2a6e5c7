import type { MessagePort } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import { CONTEXT } from '../../../compiler/abi.ts'
import type { CodeTable } from './code-table.ts'
import type { SharedViews } from './shared-views.ts'
import { type DefectMessage, JOB, STATE, type State } from './words.ts'

/** Runs jobs on a thread: parameters and arena from the job, status, slots and result back to it. */
export class JobRunner {
  readonly #views: SharedViews
  readonly #codes: CodeTable
  readonly #port: MessagePort
  readonly #context: number
  readonly #params: number[] = []

  constructor(views: SharedViews, codes: CodeTable, port: MessagePort, context: number) {
    this.#views = views
    this.#codes = codes
    this.#port = port
    this.#context = context
  }

  run(job: number): void {
    this.#views.reach(job + JOB.params)
    const state = this.#attempt(job)
    Atomics.store(this.#views.i32, (this.#context + CONTEXT.cancel) >> 2, 0)
    Atomics.store(this.#views.i32, (job + JOB.state) >> 2, state)
  }

  /** The cancel word is set before the job is asked whether it was cancelled: whoever cancels does it the other way round. */
  #attempt(job: number): State {
    const { i32 } = this.#views
    Atomics.store(i32, (job + JOB.state) >> 2, STATE.begun)
    Atomics.store(i32, (this.#context + CONTEXT.cancel) >> 2, i32[(job + JOB.token) >> 2]!)
    if (Atomics.load(i32, (job + JOB.cancelled) >> 2) !== 0) return STATE.stopped
    try {
      return this.#call(job)
    } catch (error) {
      return this.#caught(error, job)
    }
  }

  #call(job: number): State {
    const words = this.#views.i32
    const own = words[(job + JOB.context) >> 2]!
    const entry = this.#codes.entry(words[(job + JOB.code) >> 2]!)
    const count = words[(job + JOB.count) >> 2]!
    this.#views.reach(Math.max(own + CONTEXT.bytes, job + JOB.params + 8 * count))
    const { i32, f64 } = this.#views
    const params = this.#params
    params.length = count
    for (let i = 0; i < count; i++) params[i] = f64[((job + JOB.params) >> 3) + i]!
    this.#move(own, this.#context, CONTEXT.arenaTop, 8)
    i32[(this.#context + CONTEXT.status) >> 2] = 0
    const value = entry(...params)
    f64[(job + JOB.result) >> 3] = value === undefined ? 0 : Number(value)
    this.#move(this.#context, own, CONTEXT.slots, 8 * i32[(job + JOB.slots) >> 2]!)
    return STATE.done
  }

  #caught(error: unknown, job: number): State {
    if (error instanceof RangeError) return STATE.overflow
    if (error instanceof IrisError) return STATE.bereft
    const { i32 } = this.#views
    const status = i32[(this.#context + CONTEXT.status) >> 2]!
    if (error instanceof WebAssembly.RuntimeError && status !== 0) {
      i32[(i32[(job + JOB.context) >> 2]! + CONTEXT.status) >> 2] = status
      return STATE.trapped
    }
    const message: DefectMessage = { job, defect: error instanceof Error ? error.message : String(error) }
    this.#port.postMessage(message)
    return STATE.defect
  }

  #move(from: number, to: number, offset: number, bytes: number): void {
    const { i32 } = this.#views
    for (let at = offset >> 2; at < (offset + bytes) >> 2; at++) i32[(to >> 2) + at] = i32[(from >> 2) + at]!
  }
}
