import type { Process } from './process.ts'
import { DEAD } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import { SystemSignal } from './signal.ts'
import type { SystemMessage } from './system-message.ts'

/** Puts a system message behind everything the receiver has been sent so far; bounds do not concern it. */
export class SystemSender {
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  send(process: Process, message: SystemMessage): void {
    if ((process.flags & DEAD) !== 0) return
    process.signals++
    process.uncounted++
    process.push(new SystemSignal(message))
    this.#scheduler.wake(process)
  }
}
