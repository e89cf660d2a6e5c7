import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction, checkInteger } from './check.ts'
import type { Handler } from './handler.ts'
import type { Pid } from './pid.ts'
import { BUSY, extrasOf, type Process, PULL, REMOTE } from './process.ts'
import { liveProcessOf } from './resolve.ts'
import type { Scheduler } from './scheduler.ts'
import { type Migration, SwapSignal } from './signal.ts'
import type { Trace } from './trace.ts'

/** Versions that can be gone back to. */
export const HISTORY = 16

export interface SwapOptions {
  /** Runs in the actor at the point of the swap; what it throws keeps the old behaviour. */
  readonly migrate?: Migration
}

/** The last handlers that were replaced, at most 16: a ring, for a swap must not cost a copy. */
class History {
  readonly #ring: (Handler | undefined)[] = new Array<Handler | undefined>(HISTORY).fill(undefined)
  #next = 0
  size = 0

  push(handler: Handler): void {
    this.#ring[this.#next] = handler
    this.#next = (this.#next + 1) % HISTORY
    if (this.size < HISTORY) this.size++
  }

  pop(): Handler | undefined {
    if (this.size === 0) return undefined
    this.#next = (this.#next + HISTORY - 1) % HISTORY
    this.size--
    const handler = this.#ring[this.#next]
    this.#ring[this.#next] = undefined
    return handler
  }

  copyTo(other: History): void {
    for (let i = this.size; i > 0; i--) other.push(this.#ring[(this.#next + HISTORY - i) % HISTORY]!)
  }
}

/** The versions of one actor's code. `planned…` count the swaps that still wait in the mailbox. */
export class Behaviour {
  version = 1
  readonly history = new History()
  plannedVersion = 1
  plannedHistory = 0
}

/**
 * Hot swap in order: messages queued before it meet the old behaviour, later ones the new. The version that is
 * reported is the one that a message sent now will meet.
 */
export class Behaviours {
  readonly #scheduler: Scheduler
  readonly #trace: Trace

  constructor(scheduler: Scheduler, trace: Trace) {
    this.#scheduler = scheduler
    this.#trace = trace
  }

  /** Returns the new version. */
  hotSwap(pid: Pid, handler: Handler, options: SwapOptions | undefined): number {
    checkFunction('handler', handler)
    const process = pushProcessOf(pid)
    const behaviour = behaviourOf(process)
    behaviour.plannedHistory = Math.min(HISTORY, behaviour.plannedHistory + 1)
    const version = ++behaviour.plannedVersion
    this.#request(process, new SwapSignal(handler, options?.migrate, 0))
    return version
  }

  version(pid: Pid): number {
    return liveProcessOf(pid).extras?.behaviour?.plannedVersion ?? 1
  }

  /** Returns the version gone back to. Throws IRIS6011 past the history. */
  rollback(pid: Pid, steps = 1): number {
    checkInteger('steps', steps, 1)
    const process = pushProcessOf(pid)
    const kept = process.extras?.behaviour?.plannedHistory ?? 0
    if (steps > kept) throw new IrisError('IRIS6011', { pid: String(pid), steps, kept })
    const behaviour = behaviourOf(process)
    behaviour.plannedHistory -= steps
    const version = (behaviour.plannedVersion -= steps)
    this.#request(process, new SwapSignal(undefined, undefined, steps))
    return version
  }

  /** The swap has come to the head of the mailbox. */
  apply(process: Process, { handler, migrate, steps }: SwapSignal): void {
    const behaviour = behaviourOf(process)
    if (handler === undefined) this.#goBack(process, behaviour, steps)
    else if (migrate === undefined || this.#migrate(process, behaviour, migrate))
      this.#install(process, behaviour, handler)
  }

  /** A replacement after a crash runs the code that was swapped in, with its history. */
  inherit(from: Process, to: Process): void {
    const old = from.extras?.behaviour
    if (
      old === undefined ||
      old.version === 1 ||
      (to.flags & (PULL | REMOTE)) !== 0 ||
      to.extras?.behaviour !== undefined
    )
      return
    const behaviour = behaviourOf(to)
    behaviour.version = behaviour.plannedVersion = old.version
    old.history.copyTo(behaviour.history)
    behaviour.plannedHistory = old.history.size
    to.handler = from.handler
  }

  /** With nothing queued and no handler at work, now is the point in order. */
  #request(process: Process, swap: SwapSignal): void {
    if (process.size === 0 && (process.flags & BUSY) === 0) {
      this.apply(process, swap)
      return
    }
    process.signals++
    process.uncounted++
    process.push(swap)
    this.#scheduler.wake(process)
  }

  #install(process: Process, behaviour: Behaviour, handler: Handler): void {
    behaviour.history.push(process.handler)
    process.handler = handler
    behaviour.version++
    this.#trace.swapped(process.pid, behaviour.version, undefined)
  }

  #migrate(process: Process, behaviour: Behaviour, migrate: Migration): boolean {
    try {
      migrate(process.handler, process.pid)
      return true
    } catch (error) {
      plan(behaviour, process)
      this.#trace.swapped(process.pid, behaviour.version, error)
      return false
    }
  }

  /** A swap that failed before it may have left fewer steps than were planned; then the oldest kept is the goal. */
  #goBack(process: Process, behaviour: Behaviour, steps: number): void {
    for (let i = 0; i < steps; i++) {
      const older = behaviour.history.pop()
      if (older === undefined) break
      process.handler = older
      behaviour.version--
    }
    this.#trace.swapped(process.pid, behaviour.version, undefined)
  }
}

/** What the swaps in the mailbox will come to, now that one has failed. */
function plan(behaviour: Behaviour, process: Process): void {
  behaviour.plannedVersion = behaviour.version
  behaviour.plannedHistory = behaviour.history.size
  process.find(entry => {
    if (entry instanceof SwapSignal) planSwap(behaviour, entry)
    return false
  })
}

function planSwap(behaviour: Behaviour, { handler, steps }: SwapSignal): void {
  const back = Math.min(steps, behaviour.plannedHistory)
  behaviour.plannedVersion += handler === undefined ? -back : 1
  behaviour.plannedHistory =
    handler === undefined ? behaviour.plannedHistory - back : Math.min(HISTORY, behaviour.plannedHistory + 1)
}

function behaviourOf(process: Process): Behaviour {
  const extras = extrasOf(process)
  return (extras.behaviour ??= new Behaviour())
}

/** Only an actor that is handed its messages has a behaviour that can be replaced. */
function pushProcessOf(pid: Pid): Process {
  const process = liveProcessOf(pid)
  if ((process.flags & (PULL | REMOTE)) !== 0) throw new IrisError('IRIS6024', { pid: String(pid) })
  return process
}
