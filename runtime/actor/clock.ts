import { type Alarm, type Host, LONGEST_ALARM } from './host.ts'
import { type TimerEntry, TimerWheel } from './timer-wheel.ts'

/** So many timers fire before the event loop gets its turn. */
const BATCH = 1024

/** Drives the wheel with one alarm of the host. An empty wheel keeps nothing alive. */
export class Clock {
  readonly host: Host
  readonly #wheel: TimerWheel
  #alarm: Alarm | undefined = undefined
  #armedFor = Number.POSITIVE_INFINITY
  #keepsAlive = false
  readonly #fire = (): void => this.#onAlarm()

  constructor(host: Host) {
    this.host = host
    this.#wheel = new TimerWheel(host.now())
  }

  get pending(): number {
    return this.#wheel.size
  }

  now(): number {
    return this.host.now()
  }

  /** Fires the node once, `delayMs` from now. */
  start(node: TimerEntry, delayMs: number): void {
    this.startAt(node, this.host.now() + delayMs)
  }

  startAt(node: TimerEntry, deadline: number): void {
    this.#wheel.add(node, deadline)
    if (node.deadline < this.#armedFor) this.#arm(node.deadline)
    else if (!this.#keepsAlive) this.#keepAlive(true)
  }

  /** False when it was too late. */
  cancel(node: TimerEntry): boolean {
    const inTime = this.#wheel.cancel(node)
    if (this.#wheel.size === 0 && this.#keepsAlive) this.#keepAlive(false)
    return inTime
  }

  /** Drops the alarm; for shutdown, when nothing is pending any more. */
  close(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
    this.#keepsAlive = false
  }

  #arm(tick: number): void {
    this.#alarm?.cancel()
    this.#armedFor = tick
    const delay = Math.max(0, tick - this.host.now())
    this.#alarm = this.host.alarm(Math.min(Math.ceil(delay), LONGEST_ALARM), this.#fire)
    this.#keepsAlive = true
  }

  #keepAlive(on: boolean): void {
    this.#keepsAlive = on
    this.#alarm?.keepAlive(on)
  }

  #onAlarm(): void {
    this.close()
    const more = this.#wheel.advance(this.host.now(), BATCH)
    const next = more ? this.host.now() : this.#wheel.nextTick()
    if (next === undefined) {
      // What a timer has started may have fired with it.
      if (this.#keepsAlive) this.#keepAlive(false)
    } else if (next < this.#armedFor) this.#arm(next)
  }
}
