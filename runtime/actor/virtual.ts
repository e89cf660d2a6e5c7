import { checkNumber } from './check.ts'
import type { Clock } from './clock.ts'
import type { ExitStep } from './lifecycle.ts'
import { BUSY, DORMANT, extrasOf, type Process, SUSPENDED, VIRTUAL } from './process.ts'
import { TimerNode } from './timer-wheel.ts'

export interface VirtualOptions {
  readonly budget?: number
  /** How long an activation may be without messages; for ever when left out. */
  readonly idleTimeoutMs?: number
}

/** What a virtual actor remembers while it has a pid. */
export class Activation {
  readonly idleMs: number
  count = 0
  lastUsed = 0
  timer: TimerNode | undefined = undefined

  constructor(idleMs: number) {
    this.idleMs = idleMs
  }
}

class IdleTimer extends TimerNode {
  readonly #virtuals: Virtuals
  readonly #process: Process

  constructor(virtuals: Virtuals, process: Process) {
    super()
    this.#virtuals = virtuals
    this.#process = process
  }

  fire(): void {
    this.#virtuals.checkIdle(this.#process)
  }
}

/**
 * Virtual actors: the pid exists from the start, the activation from the first message on. An idle activation is
 * given up and the next message makes a new one; the pid stays valid until `stop`.
 */
export class Virtuals implements ExitStep {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  prepare(process: Process, options: VirtualOptions): void {
    const idleMs = checkNumber(
      'idleTimeoutMs',
      options.idleTimeoutMs ?? Number.POSITIVE_INFINITY,
      0,
      Number.POSITIVE_INFINITY,
    )
    extrasOf(process).activation = new Activation(idleMs)
    process.flags |= DORMANT | VIRTUAL
  }

  activate(process: Process): void {
    const activation = process.extras!.activation!
    process.flags &= ~DORMANT
    activation.count++
    if (activation.idleMs === Number.POSITIVE_INFINITY) return
    this.used(process)
    this.#watch(process, activation, activation.lastUsed + activation.idleMs)
  }

  /** After a turn. */
  used(process: Process): void {
    process.extras!.activation!.lastUsed = this.#clock.now()
  }

  /** Ends the activation, unless there was something to do in the meantime. */
  checkIdle(process: Process): void {
    const activation = process.extras!.activation!
    activation.timer = undefined
    const now = this.#clock.now()
    const busy = process.size > 0 || (process.flags & (BUSY | SUSPENDED)) !== 0
    const idleAt = (busy ? now : activation.lastUsed) + activation.idleMs
    if (idleAt > now) {
      this.#watch(process, activation, idleAt)
      return
    }
    process.flags |= DORMANT
    process.context = undefined
    process.release()
  }

  leave(process: Process): void {
    const timer = process.extras?.activation?.timer
    if (timer !== undefined) this.#clock.cancel(timer)
  }

  #watch(process: Process, activation: Activation, deadline: number): void {
    activation.timer = new IdleTimer(this, process)
    this.#clock.startAt(activation.timer, deadline)
  }
}
