import { checkNumber } from './check.ts'
import { exitOf, KILLED } from './exit.ts'
import type { ActorSystem } from './system.ts'
import { TimerNode } from './timer-wheel.ts'

export interface ShutdownOptions {
  /** How long messages and handlers may take; then everything left is killed. Default 5,000. */
  readonly deadlineMs?: number
  /** Let queued messages be handled first; default true. */
  readonly drain?: boolean
}

class Deadline extends TimerNode {
  readonly #over: () => void

  constructor(over: () => void) {
    super()
    this.#over = over
  }

  fire(): void {
    this.#over()
  }
}

/** Ends a whole runtime: no new actors, timers off, messages drained, actors stopped, threads closed. */
export class Shutdown {
  readonly #system: ActorSystem
  #done: Promise<void> | undefined

  constructor(system: ActorSystem) {
    this.#system = system
  }

  /** Once; later calls wait for the first. */
  run(options: ShutdownOptions): Promise<void> {
    const deadlineMs = checkNumber('deadlineMs', options.deadlineMs ?? 5000, 0)
    this.#done ??= this.#run(deadlineMs, options.drain ?? true)
    return this.#done
  }

  async #run(deadlineMs: number, drain: boolean): Promise<void> {
    const { capacity, table, timers, clock, threads, scheduler } = this.#system
    capacity.close()
    timers.cancelAll(table)
    const deadline = clock.now() + deadlineMs
    if (drain) await this.#until(() => scheduler.isQuiet && threads.isQuiet, deadline)
    this.#stopRoots()
    await this.#until(() => this.#system.table.live === 0, deadline)
    for (const process of [...this.#system.table]) this.#system.lifecycle.exit(process, KILLED)
    await threads.close()
    clock.close()
  }

  /** Resolves when the condition holds or the deadline has come, whichever is first. */
  #until(holds: () => boolean, deadline: number): Promise<void> {
    if (holds() || this.#system.clock.now() >= deadline) return Promise.resolve()
    const { scheduler, lifecycle, clock, threads } = this.#system
    return new Promise(resolve => {
      const finish = (): void => {
        scheduler.onIdle = lifecycle.onGone = threads.onQuiet = undefined
        clock.cancel(timer)
        resolve()
      }
      const timer = new Deadline(finish)
      const look = (): void => {
        if (holds()) finish()
      }
      scheduler.onIdle = lifecycle.onGone = threads.onQuiet = look
      clock.startAt(timer, deadline)
    })
  }

  #stopRoots(): void {
    const roots = [...this.#system.table].filter(process => process.parent === undefined)
    const exit = exitOf('Shutdown')
    for (const process of roots.reverse()) this.#system.lifecycle.shutDown(process, exit)
  }
}
