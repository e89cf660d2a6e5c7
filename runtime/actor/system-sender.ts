import { DEAD, DORMANT, type Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import { SystemSignal } from './signal.ts'
import type { SystemMessage } from './system-message.ts'
import type { Virtuals } from './virtual.ts'

/** Puts a system message behind everything the receiver has been sent so far; bounds do not concern it. */
export class SystemSender {
  readonly #scheduler: Scheduler
  readonly #virtuals: Virtuals

  constructor(scheduler: Scheduler, virtuals: Virtuals) {
    this.#scheduler = scheduler
    this.#virtuals = virtuals
  }

  send(process: Process, message: SystemMessage): void {
    if ((process.flags & DEAD) !== 0) return
    if ((process.flags & DORMANT) !== 0) this.#virtuals.activate(process)
    process.signals++
    process.uncounted++
    process.push(new SystemSignal(message))
    this.#scheduler.wake(process)
  }
}
