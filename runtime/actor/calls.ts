import { IrisError } from '../../base/diagnostic.ts'
import { checkNumber } from './check.ts'
import type { Clock } from './clock.ts'
import type { Delivery } from './delivery.ts'
import type { Pid } from './pid.ts'
import { DEAD, type Process } from './process.ts'
import { processOf } from './resolve.ts'
import { CallSignal } from './signal.ts'
import { TimerNode } from './timer-wheel.ts'

export const DEFAULT_CALL_MS = 5000

export interface CallOptions {
  /** Default 5,000; `Infinity` waits as long as the actor lives. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

class CallTimer extends TimerNode {
  readonly #call: PendingCall
  readonly #target: Process
  readonly #ms: number

  constructor(call: PendingCall, target: Process, ms: number) {
    super()
    this.#call = call
    this.#target = target
    this.#ms = ms
  }

  fire(): void {
    this.#call.refuse(new IrisError('IRIS6003', { pid: String(this.#target.pid), ms: this.#ms }))
  }
}

/** One request. It settles once; what comes later goes nowhere, least of all into a mailbox. */
class PendingCall extends CallSignal {
  override readonly message: unknown
  timer: CallTimer | undefined = undefined
  unsubscribe: (() => void) | undefined = undefined
  readonly #clock: Clock
  #resolve: ((value: unknown) => void) | undefined
  #reject: (error: unknown) => void

  constructor(clock: Clock, message: unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    super()
    this.#clock = clock
    this.message = message
    this.#resolve = resolve
    this.#reject = reject
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
    if (this.timer !== undefined) this.#clock.cancel(this.timer)
    this.unsubscribe?.()
  }
}

/** Request and reply. */
export class Calls {
  readonly #clock: Clock
  readonly #delivery: Delivery

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

  #begin(caller: Process | undefined, process: Process, message: unknown, options: CallOptions | undefined) {
    const ms = options?.timeoutMs ?? DEFAULT_CALL_MS
    checkNumber('timeoutMs', ms, 0, Number.POSITIVE_INFINITY)
    return new Promise<unknown>((resolve, reject) => {
      const call = new PendingCall(this.#clock, message, resolve, reject)
      if (ms !== Number.POSITIVE_INFINITY) {
        call.timer = new CallTimer(call, process, ms)
        this.#clock.start(call.timer, ms)
      }
      if (options?.signal !== undefined) listen(call, options.signal)
      this.#send(caller, process, call)
    })
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
