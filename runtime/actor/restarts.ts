import type { Behaviours } from './behaviour.ts'
import type { Paths } from './paths.ts'
import type { Process } from './process.ts'
import type { Registry } from './registry.ts'
import type { Trace } from './trace.ts'

/** What a replacement takes over from the actor it replaces: its name, its paths, the code swapped into it. */
export class Restarts {
  count = 0
  readonly #registry: Registry
  readonly #paths: Paths
  readonly #behaviours: Behaviours
  readonly #trace: Trace

  constructor(registry: Registry, paths: Paths, behaviours: Behaviours, trace: Trace) {
    this.#registry = registry
    this.#paths = paths
    this.#behaviours = behaviours
    this.#trace = trace
  }

  /** The mailbox stays behind: the replacement begins with an empty one. */
  replaced(supervisor: Process, old: Process, replacement: Process): void {
    this.count++
    this.#registry.inherit(old, replacement)
    this.#paths.inherit(old, replacement)
    this.#behaviours.inherit(old, replacement)
    this.#trace.restarted(supervisor.pid, old.pid, replacement.pid)
  }
}
