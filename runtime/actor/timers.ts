import { checkNumber } from './check.ts'
import type { Clock } from './clock.ts'
import { accountedFor, type Delivery } from './delivery.ts'
import type { ExitStep } from './lifecycle.ts'
import { Pid } from './pid.ts'
import { DEAD, extrasOf, type Process } from './process.ts'
import { checkName, type Registry } from './registry.ts'
import { processOf } from './resolve.ts'
import { TickSignal } from './signal.ts'
import { TimerNode } from './timer-wheel.ts'

/** Longest delay: about 8,900 years. */
const LONGEST_DELAY = 2 ** 48 - 1

/** What `sendAfter` and `sendInterval` return: opaque, for `cancelTimer`. */
export class Timer extends TimerNode {
  readonly #timers: Timers
  /** A pid's timer dies with it; a name is looked up when the timer fires. */
  readonly target: Pid | string
  readonly message: unknown
  /** Undefined for a single message. */
  readonly intervalMs: number | undefined
  /** When it should fire, exactly. */
  due = 0
  /** The last tick is still in the mailbox: intervals do not pile up. */
  untaken = false

  constructor(timers: Timers, target: Pid | string, message: unknown, intervalMs: number | undefined) {
    super()
    this.#timers = timers
    this.target = target
    this.message = message
    this.intervalMs = intervalMs
  }

  fire(): void {
    this.#timers.fired(this)
  }
}

/** Messages that the clock sends. */
export class Timers implements ExitStep {
  readonly #clock: Clock
  readonly #delivery: Delivery
  readonly #registry: Registry
  /** Those that wait for a name; the others hang on their process. */
  readonly #named = new Set<Timer>()

  constructor(clock: Clock, delivery: Delivery, registry: Registry) {
    this.#clock = clock
    this.#delivery = delivery
    this.#registry = registry
  }

  sendAfter(target: Pid | string, delayMs: number, message: unknown): Timer {
    checkNumber('delayMs', delayMs, 0, LONGEST_DELAY)
    return this.#start(new Timer(this, target, message, undefined), delayMs)
  }

  sendInterval(target: Pid | string, intervalMs: number, message: unknown): Timer {
    checkNumber('intervalMs', intervalMs, 1, LONGEST_DELAY)
    return this.#start(new Timer(this, target, message, intervalMs), intervalMs)
  }

  /** Whether the cancellation was in time. */
  cancel(timer: Timer): boolean {
    const inTime = this.#clock.cancel(timer)
    this.#forget(timer)
    return inTime
  }

  /** An interval keeps to its own rhythm: ticks that nobody could take in time are left out. */
  fired(timer: Timer): void {
    const { intervalMs } = timer
    if (intervalMs === undefined) {
      this.#forget(timer)
      this.#deliver(timer, timer.message)
      return
    }
    const now = this.#clock.now()
    timer.due += (Math.floor(Math.max(0, now - timer.due) / intervalMs) + 1) * intervalMs
    this.#clock.startAt(timer, timer.due)
    if (timer.untaken) return
    timer.untaken = true
    const tick = new TickSignal(timer.message, () => {
      timer.untaken = false
    })
    if (!this.#deliver(timer, tick)) timer.untaken = false
  }

  /** For shutdown: nothing is sent by the clock any more. */
  cancelAll(processes: Iterable<Process>): void {
    for (const timer of this.#named) this.#clock.cancel(timer)
    this.#named.clear()
    for (const process of processes) this.leave(process)
  }

  leave(process: Process): void {
    const timers = process.extras?.timers
    if (timers === undefined) return
    for (const timer of timers) this.#clock.cancel(timer)
    process.extras!.timers = undefined
  }

  #start(timer: Timer, delayMs: number): Timer {
    const { target } = timer
    if (typeof target === 'string') {
      checkName(target, 'name')
      this.#named.add(timer)
    } else {
      const process = processOf(target)
      if (process === undefined || (process.flags & DEAD) !== 0) {
        this.#delivery.sendFrom(undefined, target, timer.message)
        return timer
      }
      const extras = extrasOf(process)
      extras.timers ??= new Set()
      extras.timers.add(timer)
    }
    timer.due = this.#clock.now() + delayMs
    this.#clock.startAt(timer, timer.due)
    return timer
  }

  #forget(timer: Timer): void {
    if (typeof timer.target === 'string') this.#named.delete(timer)
    else Pid.process(timer.target)?.extras?.timers?.delete(timer)
  }

  /** False when the message was not enqueued. */
  #deliver(timer: Timer, entry: unknown): boolean {
    const { target } = timer
    const process = typeof target === 'string' ? this.#registry.find(target) : Pid.process(target)
    if (process === undefined) return this.#delivery.sendNowhere(String(target), entry)
    return accountedFor(this.#delivery.sendEntry(undefined, process, entry))
  }
}
