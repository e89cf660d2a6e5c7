import type { Alarm, Host } from '../../../runtime/actor/host.ts'
import type { Random } from '../../fuzz/random.ts'

class SimAlarm implements Alarm {
  readonly due: number
  readonly task: () => void
  keepsAlive = true
  readonly #host: SimHost

  constructor(host: SimHost, due: number, task: () => void) {
    this.#host = host
    this.due = due
    this.task = task
  }

  cancel(): void {
    if (this.#host.alarms.has(this)) this.#host.alarms.delete(this)
  }

  keepAlive(on: boolean): void {
    this.keepsAlive = on
  }
}

/** Time and turns of the event loop as the driver hands them out. */
export class SimHost implements Host {
  time = 0
  readonly tasks: (() => void)[] = []
  readonly alarms = new Set<SimAlarm>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  now(): number {
    return this.time
  }

  microtask(task: () => void): void {
    this.tasks.push(task)
  }

  macrotask(task: () => void): void {
    this.tasks.push(task)
  }

  alarm(delayMs: number, task: () => void): Alarm {
    const alarm = new SimAlarm(this, this.time + delayMs, task)
    this.alarms.add(alarm)
    return alarm
  }

  random(): number {
    return this.#random.next() / 2 ** 32
  }

  get nextAlarm(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { due } of this.alarms) if (due < next) next = due
    return next
  }

  get keepsAlive(): boolean {
    for (const alarm of this.alarms) if (alarm.keepsAlive) return true
    return false
  }

  /** The task of an alarm that is due now. */
  takeDue(): (() => void) | undefined {
    for (const alarm of this.alarms) {
      if (alarm.due > this.time) continue
      this.alarms.delete(alarm)
      return alarm.task
    }
    return undefined
  }
}
