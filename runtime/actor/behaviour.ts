import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction, checkInteger } from './check.ts'
import type { Handler } from './handler.ts'
import type { Pid } from './pid.ts'
import { BUSY, extrasOf, type Process, PULL, REMOTE } from './process.ts'
import { liveProcessOf } from './resolve.ts'
import type { Scheduler } from './scheduler.ts'
import { type Migration, type Swap, SwapSignal } from './signal.ts'
import type { Trace } from './trace.ts'

/** Versions that can be gone back to. */
export const HISTORY = 16

export interface SwapOptions {
  /** Runs in the actor at the point of the swap; what it throws keeps the old behaviour. */
  readonly migrate?: Migration
}

/** The versions of one actor's code. `planned…` count the swaps that still wait in the mailbox. */
export class Behaviour {
  version = 1
  /** Older handlers, the newest last. */
  readonly history: Handler[] = []
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
    this.#request(process, { kind: 'install', handler, migrate: options?.migrate })
    return version
  }

  version(pid: Pid): number {
    return liveProcessOf(pid).extras?.behaviour?.plannedVersion ?? 1
  }

  /** Returns the version gone back to. Throws IRIS6011 past the history. */
  rollback(pid: Pid, steps = 1): number {
    checkInteger('steps', steps, 1)
    const process = pushProcessOf(pid)
    const behaviour = behaviourOf(process)
    const kept = behaviour.plannedHistory
    if (steps > kept) throw new IrisError('IRIS6011', { pid: String(pid), steps, kept })
    behaviour.plannedHistory -= steps
    const version = (behaviour.plannedVersion -= steps)
    this.#request(process, { kind: 'rollback', steps })
    return version
  }

  /** The swap has come to the head of the mailbox. */
  apply(process: Process, swap: Swap): void {
    const behaviour = behaviourOf(process)
    if (swap.kind === 'install') this.#install(process, behaviour, swap)
    else this.#goBack(process, behaviour, swap.steps)
  }

  /** A replacement after a crash runs the code that was swapped in, with its history. */
  inherit(from: Process, to: Process): void {
    const old = from.extras?.behaviour
    if (old === undefined || (to.flags & (PULL | REMOTE)) !== 0 || to.extras?.behaviour !== undefined) return
    const behaviour = behaviourOf(to)
    behaviour.version = behaviour.plannedVersion = old.version
    behaviour.history.push(...old.history)
    behaviour.plannedHistory = old.history.length
    if (old.version > 1 || old.history.length > 0) to.handler = from.handler
  }

  /** With nothing queued and no handler at work, now is the point in order. */
  #request(process: Process, swap: Swap): void {
    if (process.size === 0 && (process.flags & BUSY) === 0) {
      this.apply(process, swap)
      return
    }
    process.signals++
    process.uncounted++
    process.push(new SwapSignal(swap))
    this.#scheduler.wake(process)
  }

  #install(process: Process, behaviour: Behaviour, swap: Extract<Swap, { kind: 'install' }>): void {
    if (swap.migrate !== undefined && !this.#migrate(process, behaviour, swap.migrate)) return
    const { history } = behaviour
    history.push(process.handler)
    if (history.length > HISTORY) history.shift()
    process.handler = swap.handler
    behaviour.version++
    this.#trace.swapped(process.pid, behaviour.version, undefined)
  }

  #migrate(process: Process, behaviour: Behaviour, migrate: Migration): boolean {
    try {
      migrate(process.handler, process.pid)
      return true
    } catch (error) {
      behaviour.plannedVersion--
      behaviour.plannedHistory = Math.max(0, behaviour.plannedHistory - 1)
      this.#trace.swapped(process.pid, behaviour.version, error)
      return false
    }
  }

  /** A swap that failed before it may have left fewer steps than were planned; then the oldest kept is the goal. */
  #goBack(process: Process, behaviour: Behaviour, steps: number): void {
    for (let i = 0; i < steps && behaviour.history.length > 0; i++) {
      process.handler = behaviour.history.pop()!
      behaviour.version--
    }
    this.#trace.swapped(process.pid, behaviour.version, undefined)
  }
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
