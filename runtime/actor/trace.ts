import { channel } from 'node:diagnostics_channel'
import { messageOf } from './blocked.ts'
import type { Exit } from './exit.ts'
import type { Pid } from './pid.ts'

/**
 * Tracing hooks: `node:diagnostics_channel` channels named `iris.actor.*`. A channel without subscribers costs nothing
 * but a test; that for sends is made once per run, not per message.
 */
export class Trace {
  readonly #spawn = channel('iris.actor.spawn')
  readonly #exit = channel('iris.actor.exit')
  readonly #send = channel('iris.actor.send')
  readonly #restart = channel('iris.actor.restart')
  readonly #swap = channel('iris.actor.swap')

  get tracesSends(): boolean {
    return this.#send.hasSubscribers
  }

  spawned(pid: Pid, parent: Pid | undefined): void {
    if (this.#spawn.hasSubscribers) this.#spawn.publish({ pid, parent })
  }

  exited(pid: Pid, exit: Exit): void {
    if (this.#exit.hasSubscribers) this.#exit.publish({ pid, reason: exit.reason, metadata: exit.metadata })
  }

  sent(from: Pid | undefined, to: Pid, entry: unknown): void {
    if (this.#send.hasSubscribers) this.#send.publish({ from, to, message: messageOf(entry) })
  }

  restarted(supervisor: Pid, old: Pid, replacement: Pid): void {
    if (this.#restart.hasSubscribers) this.#restart.publish({ supervisor, old, replacement })
  }

  swapped(pid: Pid, version: number, error: unknown): void {
    if (this.#swap.hasSubscribers) this.#swap.publish({ pid, version, error })
  }
}
