import { checkOneOf } from './check.ts'
import { EXIT_REASONS, type Exit, type ExitReason, exitOf, KILLED, NO_PROCESS } from './exit.ts'
import type { ExitStep, Lifecycle } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { DEAD, extrasOf, type Process, REMOTE, TRAPS_EXITS } from './process.ts'
import { liveProcessOf, processOf } from './resolve.ts'
import { SystemMessage } from './system-message.ts'
import type { SystemSender } from './system-sender.ts'

/** Links and exit signals, as on the BEAM: symmetric, one per pair, `Normal` ignored unless exits are trapped. */
export class Links implements ExitStep {
  readonly #lifecycle: Lifecycle
  readonly #sender: SystemSender

  constructor(lifecycle: Lifecycle, sender: SystemSender) {
    this.#lifecycle = lifecycle
    this.#sender = sender
  }

  /** A link to a dead pid is an exit signal `NoProc`. */
  link(a: Pid, b: Pid): void {
    if (a === b) return
    const [first, second] = [processOf(a), processOf(b)]
    if (first !== undefined && second !== undefined) {
      join(first, second)
      join(second, first)
      if ((first.flags & REMOTE) !== 0) first.extras!.remote!.linked(b)
      if ((second.flags & REMOTE) !== 0) second.extras!.remote!.linked(a)
    } else if (first !== undefined) this.signal(first, b, NO_PROCESS)
    else if (second !== undefined) this.signal(second, a, NO_PROCESS)
  }

  unlink(a: Pid, b: Pid): void {
    const [first, second] = [processOf(a), processOf(b)]
    if (first === undefined || second === undefined) return
    part(first, second)
    part(second, first)
    for (const [process, other] of [
      [first, b],
      [second, a],
    ] as const) {
      if ((process.flags & REMOTE) !== 0) process.extras!.remote!.unlinked(other)
    }
  }

  /** The other end, elsewhere, has linked. */
  linkLocally(process: Process, other: Pid): void {
    const second = processOf(other)
    if (second === undefined) this.signal(process, other, NO_PROCESS)
    else {
      join(process, second)
      join(second, process)
    }
  }

  /** The other end of the link, elsewhere, has unlinked. */
  unlinkLocally(process: Process, other: Pid): void {
    const second = processOf(other)
    if (second === undefined) return
    part(process, second)
    part(second, process)
  }

  /** The exit of a linked actor elsewhere, unless it was told here before. */
  arrive(process: Process, from: Pid, exit: Exit): void {
    const other = processOf(from)
    if (other === undefined || !process.extras?.links?.has(other)) return
    part(process, other)
    part(other, process)
    this.signal(process, from, exit)
  }

  trapExit(pid: Pid, on: boolean): void {
    const process = liveProcessOf(pid)
    if (on) process.flags |= TRAPS_EXITS
    else process.flags &= ~TRAPS_EXITS
  }

  /** The exit of `from` reaches `process`: as a message when it traps exits, else as its own end. */
  signal(process: Process, from: Pid, exit: Exit): void {
    if ((process.flags & DEAD) !== 0) return
    const origin = exit.origin ?? from
    if ((process.flags & REMOTE) !== 0) process.extras!.remote!.signal(from, exit)
    else if ((process.flags & TRAPS_EXITS) !== 0) {
      this.#sender.send(process, new SystemMessage('EXIT', origin, from, exit.reason, exit.metadata))
    } else if (exit.reason !== 'Normal') {
      this.#lifecycle.exit(process, exit.origin === origin ? exit : exitOf(exit.reason, exit.metadata, origin))
    }
  }

  /** False when nobody is there. */
  send(sender: Process | undefined, pid: Pid, reason: ExitReason, metadata: unknown): boolean {
    const process = processOf(pid)
    if (process === undefined) return false
    this.exit(process, sender, exitOf(checkOneOf('reason', reason, EXIT_REASONS), metadata))
    return true
  }

  /** `exit(pid, reason)`: a signal that can be trapped. `Normal` ends only the sender itself. */
  exit(process: Process, sender: Process | undefined, exit: Exit): void {
    const traps = (process.flags & TRAPS_EXITS) !== 0
    if (sender === process && !traps && exit.reason === 'Normal') this.#lifecycle.exit(process, exit)
    else this.signal(process, sender?.pid ?? process.pid, exit)
  }

  /** Cannot be trapped; arrives at others as `Killed`. */
  kill(process: Process): void {
    this.#lifecycle.exit(process, KILLED)
  }

  told(process: Process, exit: Exit): void {
    const links = process.extras?.links
    if (links === undefined) return
    process.extras!.links = undefined
    for (const other of links) {
      part(other, process)
      const remote = (other.flags & DEAD) === 0 ? other.extras?.remote : undefined
      if (remote !== undefined) remote.linkExit(process.pid, exit)
      else this.signal(other, process.pid, exit)
    }
  }
}

function join(process: Process, other: Process): void {
  const extras = extrasOf(process)
  extras.links ??= new Set()
  extras.links.add(other)
}

function part(process: Process, other: Process): void {
  process.extras?.links?.delete(other)
}
