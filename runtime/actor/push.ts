import type { Behaviours } from './behaviour.ts'
import { Context } from './context.ts'
import { exitOfError } from './exit.ts'
import type { Lifecycle } from './lifecycle.ts'
import { BOUNDED, BUSY, DEAD, type Process, STOPPING, TURN_OVER, VIRTUAL, WATCHED_TURNS } from './process.ts'
import type { Scheduler, TurnTaker } from './scheduler.ts'
import { CallSignal, Signal, SwapSignal, TickSignal } from './signal.ts'
import type { ActorSystem } from './system.ts'

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Hands messages to the handlers of push actors. A handler that returns no promise costs none. */
export class PushExecutor implements TurnTaker {
  readonly #system: ActorSystem
  readonly #scheduler: Scheduler
  readonly #lifecycle: Lifecycle
  readonly #behaviours: Behaviours
  /** Messages that handlers have finished or begun. */
  handled = 0

  constructor(system: ActorSystem) {
    this.#system = system
    this.#scheduler = system.scheduler
    this.#lifecycle = system.lifecycle
    this.#behaviours = system.behaviours
  }

  turn(process: Process): number {
    const scheduler = this.#scheduler
    const context = (process.context ??= new Context(this.#system, process))
    let limit = Math.min(process.budget, scheduler.allowance)
    const sentBefore = scheduler.sent
    let messages = 0
    scheduler.current = process
    process.flags |= BUSY
    try {
      for (;;) {
        messages++
        const signals = process.signals
        const entry = process.shift()
        const result =
          signals !== 0 && entry instanceof Signal
            ? this.#open(process, entry, context)
            : process.handler(entry as never, context)
        if (result !== undefined && isThenable(result)) {
          this.#await(process, result)
          break
        }
        if (process.call !== undefined) this.#answer(process, result)
        if (process.size === 0 || (process.flags & TURN_OVER) !== 0) {
          this.#settle(process)
          break
        }
        if (messages + scheduler.sent - sentBefore >= limit) {
          const used = messages + scheduler.sent - sentBefore
          limit = scheduler.prolong(used, process.budget)
          if (used < limit) continue
          process.flags &= ~BUSY
          scheduler.enqueue(process)
          break
        }
      }
    } catch (error) {
      this.#crash(process, error)
    }
    scheduler.current = undefined
    if ((process.flags & WATCHED_TURNS) !== 0) this.#afterTurn(process)
    this.handled += messages
    return messages + scheduler.sent - sentBefore
  }

  #afterTurn(process: Process): void {
    if ((process.flags & BOUNDED) !== 0) this.#system.delivery.refill(process)
    if ((process.flags & VIRTUAL) !== 0) this.#system.virtuals.used(process)
  }

  #open(process: Process, signal: Signal, context: Context): unknown {
    process.signals--
    if (!signal.counts) process.uncounted--
    if (signal instanceof SwapSignal) {
      this.handled--
      this.#behaviours.apply(process, signal)
      return undefined
    }
    if (signal instanceof CallSignal) process.call = signal
    else if (signal instanceof TickSignal) signal.taken()
    else this.handled--
    return process.handler(signal.message as never, context)
  }

  /** One message at a time: the process stays busy until the promise settles. */
  #await(process: Process, result: PromiseLike<unknown>): void {
    if ((process.flags & DEAD) !== 0) {
      // The handler has ended its own actor: nobody is left to be told how the rest went.
      Promise.resolve(result).then(undefined, () => undefined)
      return
    }
    this.#scheduler.beginAsync(process)
    Promise.resolve(result).then(
      value => {
        this.#scheduler.endAsync(process)
        this.#answer(process, value)
        this.#settle(process)
        this.#scheduler.settled()
      },
      (error: unknown) => {
        this.#crash(process, error)
        this.#scheduler.settled()
      },
    )
  }

  #answer(process: Process, value: unknown): void {
    const { call } = process
    process.call = undefined
    call?.answer(value)
  }

  #settle(process: Process): void {
    process.flags &= ~BUSY
    if ((process.flags & STOPPING) !== 0) this.#lifecycle.finishStop(process)
    else if (process.size > 0) this.#scheduler.wake(process)
  }

  #crash(process: Process, error: unknown): void {
    process.flags &= ~BUSY
    this.#lifecycle.exit(process, exitOfError(error))
  }
}
