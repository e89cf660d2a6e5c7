import { Timer } from './entities.ts'

/** Pending timers in the order in which they fire: by millisecond, then by the order in which they were started. */
export class Timers {
  readonly #now: () => number
  readonly pending: Timer[] = []
  /** The millisecond that has been dealt with. */
  #reached = 0

  constructor(now: () => number) {
    this.#now = now
  }

  after(delayMs: number, fire: () => void): Timer {
    return this.at(this.#now() + delayMs, fire)
  }

  at(due: number, fire: () => void): Timer {
    const timer = new Timer(fire)
    this.start(timer, due)
    return timer
  }

  start(timer: Timer, due: number): void {
    timer.tick = Math.max(Math.ceil(due), this.#reached + 1)
    timer.pending = true
    let at = this.pending.length
    while (at > 0 && this.pending[at - 1]!.tick > timer.tick) at--
    this.pending.splice(at, 0, timer)
  }

  cancel(timer: Timer | undefined): boolean {
    if (timer === undefined || !timer.pending) return false
    timer.pending = false
    this.pending.splice(this.pending.indexOf(timer), 1)
    return true
  }

  advance(): void {
    const now = Math.floor(this.#now())
    while (this.pending.length > 0 && this.pending[0]!.tick <= now) {
      const timer = this.pending.shift()!
      timer.pending = false
      this.#reached = timer.tick
      timer.fire()
    }
    if (this.#reached < now) this.#reached = now
  }
}
