import { IrisError } from '../../base/diagnostic.ts'
import { checkNumber } from './check.ts'
import type { Clock } from './clock.ts'
import type { Delivery } from './delivery.ts'
import type { Pid } from './pid.ts'
import { DEAD, type Process } from './process.ts'
import { processOf } from './resolve.ts'
import { CallSignal } from './signal.ts'
import type { TimerEntry } from './timer-wheel.ts'

export const DEFAULT_CALL_MS = 5000

export interface CallOptions {
  /** Default 5,000; `Infinity` waits as long as the actor lives. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * One request, and its own timer. It settles once; what comes later goes nowhere, least of all into a mailbox.
 */
class PendingCall extends CallSignal implements TimerEntry {
  override readonly message: unknown
  deadline = 0
  previous: TimerEntry | undefined = undefined
  next: TimerEntry | undefined = undefined
  slot = -1
  unsubscribe: (() => void) | undefined = undefined
  readonly #clock: Clock
  readonly #target: Pid
  readonly #ms: number
  #resolve: ((value: unknown) => void) | undefined
  #reject: (error: unknown) => void

  constructor(
    clock: Clock,
    target: Pid,
    ms: number,
    message: unknown,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super()
    this.#clock = clock
    this.#target = target
    this.#ms = ms
    this.message = message
    this.#resolve = resolve
    this.#reject = reject
  }

  get isPending(): boolean {
    return this.#resolve !== undefined
  }

  /** Begins the time in which an answer counts. */
  startClock(now: number): void {
    if (this.#ms !== Number.POSITIVE_INFINITY) this.#clock.startAt(this, now + this.#ms)
  }

  fire(): void {
    this.refuse(new IrisError('IRIS6003', { pid: String(this.#target), ms: this.#ms }))
  }

  override answer(value: unknown): boolean {
    const resolve = this.#resolve
    if (resolve === undefined) return false
    this.#settle()
    resolve(value)
    return true
  }

  override refuse(error: unknown): boolean {
    if (this.#resolve === undefined) return false
    this.#settle()
    this.#reject(error)
    return true
  }

  #settle(): void {
    this.#resolve = undefined
    if (this.slot >= 0) this.#clock.cancel(this)
    this.unsubscribe?.()
  }
}

/**
 * Request and reply. The time of a call begins when the job that made it is over, for before that nobody can answer:
 * the clock is read once for all calls of a job, and those that were answered by then have never been timers.
 */
export class Calls {
  readonly #clock: Clock
  readonly #delivery: Delivery
  /** Their time has not begun. */
  #fresh: PendingCall[] = []
  #resolve!: (value: unknown) => void
  #reject!: (error: unknown) => void
  /** One function for all promises, where one for each would be the third that a promise costs. */
  readonly #capture = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    this.#resolve = resolve
    this.#reject = reject
  }

  readonly #jobOver = (): void => this.startClocks()

  constructor(clock: Clock, delivery: Delivery) {
    this.#clock = clock
    this.#delivery = delivery
  }

  call(caller: Process | undefined, pid: Pid, message: unknown, options: CallOptions | undefined): Promise<unknown> {
    const process = processOf(pid)
    if (process === undefined || (process.flags & DEAD) !== 0) {
      this.#delivery.sendFrom(caller, pid, message)
      return Promise.reject(new IrisError('IRIS6002', { pid: String(pid) }))
    }
    if (process === caller) return Promise.reject(new IrisError('IRIS6004', { pid: String(pid) }))
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason)
    return this.#begin(caller, process, message, options)
  }

  /** Begins the time of the calls made since it was last called. */
  startClocks(): void {
    const fresh = this.#fresh
    this.#fresh = []
    let now: number | undefined
    for (const call of fresh) if (call.isPending) call.startClock((now ??= this.#clock.now()))
  }

  #begin(caller: Process | undefined, process: Process, message: unknown, options: CallOptions | undefined) {
    const ms = options?.timeoutMs ?? DEFAULT_CALL_MS
    if (ms !== DEFAULT_CALL_MS) checkNumber('timeoutMs', ms, 0, Number.POSITIVE_INFINITY)
    const promise = new Promise<unknown>(this.#capture)
    const call = new PendingCall(this.#clock, process.pid, ms, message, this.#resolve, this.#reject)
    if (options?.signal !== undefined) listen(call, options.signal)
    this.#send(caller, process, call)
    if (this.#fresh.push(call) === 1) this.#clock.host.microtask(this.#jobOver)
    return promise
  }

  #send(caller: Process | undefined, process: Process, call: PendingCall): void {
    const sent = this.#delivery.sendEntry(caller, process, call)
    if (sent === false)
      call.refuse(new IrisError('IRIS6013', { pid: String(process.pid), reason: 'the message was refused' }))
    else if (sent !== true) sent.then(undefined, (error: unknown) => call.refuse(error))
  }
}

function listen(call: PendingCall, signal: AbortSignal): void {
  const abort = (): void => void call.refuse(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  call.unsubscribe = () => signal.removeEventListener('abort', abort)
}
