import { IrisError } from '../../base/diagnostic.ts'
import type { Clock } from './clock.ts'
import type { DeadLetters } from './dead-letters.ts'
import { type Exit, exitOf, KILLED } from './exit.ts'
import type { Pid } from './pid.ts'
import { BUSY, DEAD, type Extras, extrasOf, type Process, REMOTE, STOPPING, SUPERVISOR } from './process.ts'
import { Signal } from './signal.ts'
import type { ProcessTable } from './table.ts'
import { TimerNode } from './timer-wheel.ts'

/** What must let go of a process that ends. `leave` runs when it stops existing for others, `told` once it is gone. */
export interface ExitStep {
  leave?(process: Process): void
  told?(process: Process, exit: Exit): void
}

class ShutdownTimer extends TimerNode {
  readonly #lifecycle: Lifecycle
  readonly #process: Process

  constructor(lifecycle: Lifecycle, process: Process) {
    super()
    this.#lifecycle = lifecycle
    this.#process = process
  }

  fire(): void {
    this.#lifecycle.exit(this.#process, KILLED)
  }
}

type Task = { readonly process: Process; readonly exit: Exit | undefined }

/**
 * Ends processes. An exit has two phases: the process leaves (it takes no more messages, its names and timers are
 * free, its children are asked to end), and once no child is left it is gone (links and monitors are told). All exits
 * that one exit causes run from one work list, so a chain of 100,000 links needs no stack.
 */
export class Lifecycle {
  exits = 0
  /** Called when a process is gone. */
  onGone: (() => void) | undefined = undefined
  readonly #clock: Clock
  readonly #table: ProcessTable
  readonly #deadLetters: DeadLetters
  readonly #steps: ExitStep[] = []
  #tasks: Task[] = []
  #draining = false

  constructor(clock: Clock, table: ProcessTable, deadLetters: DeadLetters) {
    this.#clock = clock
    this.#table = table
    this.#deadLetters = deadLetters
  }

  addStep(step: ExitStep): void {
    this.#steps.push(step)
  }

  /** Ends the process now, whatever it is doing. */
  exit(process: Process, exit: Exit): void {
    this.#tasks.push({ process, exit })
    if (!this.#draining) this.#drain()
  }

  /** Ends the process after the message it handles now; at once when it handles none. */
  stop(process: Process, exit: Exit): void {
    if ((process.flags & (DEAD | STOPPING)) !== 0) return
    if ((process.flags & REMOTE) !== 0) {
      process.extras!.remote!.stop(exit)
      return
    }
    if ((process.flags & BUSY) === 0) {
      this.exit(process, exit)
      return
    }
    process.flags |= STOPPING
    extrasOf(process).exit = exit
  }

  /** The handler that `stop` waited for is done. */
  finishStop(process: Process): void {
    this.exit(process, process.extras!.exit!)
  }

  /** `stop`, then `kill` after the process's own shutdown time. */
  shutDown(process: Process, exit: Exit): void {
    this.stop(process, exit)
    if ((process.flags & DEAD) !== 0 || (process.flags & (BUSY | REMOTE)) === 0) return
    const extras = extrasOf(process)
    if (extras.shutdownTimer !== undefined || extras.shutdownMs === Number.POSITIVE_INFINITY) return
    extras.shutdownTimer = new ShutdownTimer(this, process)
    this.#clock.start(extras.shutdownTimer, extras.shutdownMs)
  }

  /** Calls back once the process is gone; the links and monitors have been told by then. */
  afterExit(process: Process, callback: (exit: Exit) => void): void {
    const extras = extrasOf(process)
    extras.afterExit ??= []
    extras.afterExit.push(callback)
  }

  #drain(): void {
    this.#draining = true
    try {
      for (let i = 0; i < this.#tasks.length; i++) this.#perform(this.#tasks[i]!)
    } finally {
      this.#tasks = []
      this.#draining = false
    }
  }

  #perform({ process, exit }: Task): void {
    if (exit === undefined) this.#finish(process)
    else if ((process.flags & DEAD) === 0) this.#leave(process, exit)
  }

  #leave(process: Process, exit: Exit): void {
    process.flags |= DEAD
    this.exits++
    if (process.extras !== undefined) process.extras.exit = exit
    for (const step of this.#steps) step.leave?.(process)
    this.#emptyMailbox(process, exit)
    const { extras } = process
    if (extras !== undefined) {
      this.#cancelShutdown(extras)
      if (extras.children !== undefined && extras.children.size > 0) {
        this.#endChildren(process, extras)
        return
      }
    }
    this.#finish(process, exit)
  }

  #cancelShutdown(extras: Extras): void {
    if (extras.shutdownTimer === undefined) return
    this.#clock.cancel(extras.shutdownTimer)
    extras.shutdownTimer = undefined
  }

  /** Messages become dead letters, requests fail at once. */
  #emptyMailbox(process: Process, exit: Exit): void {
    if (process.call !== undefined) {
      process.call.refuse(exitError(process.pid, exit))
      process.call = undefined
    }
    const deferred = process.extras?.deferred
    if (deferred !== undefined) for (const call of deferred) call.refuse(exitError(process.pid, exit))
    if (process.size === 0) return
    process.clear(entry => {
      if (!(entry instanceof Signal)) this.#deadLetters.add(process.pid, entry, 'exit')
      else if (entry.counts) this.#deadLetters.add(process.pid, entry.message, 'exit')
      if (entry instanceof Signal) entry.discard(() => exitError(process.pid, exit))
    })
  }

  /** Youngest first; a supervisor ends one after the other, everybody else all at once. */
  #endChildren(process: Process, extras: Extras): void {
    if ((process.flags & SUPERVISOR) !== 0) {
      extras.ending = [...extras.children!]
      this.#endNextChild(process, extras)
      return
    }
    const children = [...extras.children!].reverse()
    const exit = exitOf('Shutdown', undefined, process.pid)
    for (const child of children) this.shutDown(child, exit)
  }

  /** Stays with the youngest until it is gone, whoever else ends meanwhile. */
  #endNextChild(process: Process, extras: Extras): void {
    const ending = extras.ending!
    while (ending.length > 0 && !extras.children!.has(ending.at(-1)!)) ending.pop()
    const youngest = ending.at(-1)
    if (youngest !== undefined) this.shutDown(youngest, exitOf('Shutdown', undefined, process.pid))
  }

  #finish(process: Process, exit: Exit = process.extras!.exit!): void {
    this.#table.release(process.pid)
    for (const step of this.#steps) step.told?.(process, exit)
    const { extras, parent } = process
    process.context = undefined
    if (parent !== undefined) this.#childGone(process, parent)
    const callbacks = extras?.afterExit
    if (callbacks !== undefined) {
      extras!.afterExit = undefined
      for (const callback of callbacks) callback(exit)
    }
    this.onGone?.()
  }

  #childGone(child: Process, parent: Process): void {
    const extras = parent.extras
    // A child whose name was taken is ended before its parent knows it.
    if (extras?.children?.delete(child) !== true) return
    if ((parent.flags & DEAD) === 0) return
    if (extras.children.size === 0) this.#tasks.push({ process: parent, exit: undefined })
    else if ((parent.flags & SUPERVISOR) !== 0) this.#endNextChild(parent, extras)
    if (!this.#draining) this.#drain()
  }
}

/** What a caller sees whose request died with the actor. */
export function exitError(pid: Pid, exit: Exit): IrisError {
  const cause = exit.metadata === undefined ? {} : { cause: exit.metadata }
  return new IrisError('IRIS6005', { pid: String(pid), reason: exit.reason }, cause)
}
