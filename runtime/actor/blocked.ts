import { IrisError } from '../../base/diagnostic.ts'
import type { Clock } from './clock.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { ExitStep } from './lifecycle.ts'
import { extrasOf, type Process } from './process.ts'
import { Signal } from './signal.ts'
import { TimerNode } from './timer-wheel.ts'

/** A send that waits for room. Its message is in no mailbox yet. */
export class BlockedSend extends TimerNode {
  readonly entry: unknown
  readonly sender: Process | undefined
  readonly target: Process
  readonly resolve: (sent: boolean) => void
  readonly reject: (error: unknown) => void
  readonly #owner: BlockedSends

  constructor(
    owner: BlockedSends,
    entry: unknown,
    sender: Process | undefined,
    target: Process,
    resolve: (sent: boolean) => void,
    reject: (error: unknown) => void,
  ) {
    super()
    this.#owner = owner
    this.entry = entry
    this.sender = sender
    this.target = target
    this.resolve = resolve
    this.reject = reject
  }

  fire(): void {
    this.#owner.giveUp(this, 'no room came in time')
  }
}

/** The senders that policy `block` holds back, and who waits for whom. */
export class BlockedSends implements ExitStep {
  readonly #clock: Clock
  readonly #deadLetters: DeadLetters
  waiting = 0

  constructor(clock: Clock, deadLetters: DeadLetters) {
    this.#clock = clock
    this.#deadLetters = deadLetters
  }

  /** Resolves once the entry is in the mailbox. Rejects at once when the sender would wait for itself. */
  wait(entry: unknown, sender: Process | undefined, target: Process, timeoutMs: number): Promise<boolean> {
    const cycle = sender && cycleThrough(sender, target)
    if (cycle) {
      this.#deadLetters.add(target.pid, messageOf(entry), 'overflow')
      return Promise.reject(new IrisError('IRIS6012', { pid: String(sender.pid), cycle }))
    }
    return new Promise((resolve, reject) => {
      const blocked = new BlockedSend(this, entry, sender, target, resolve, reject)
      target.extras!.bound!.waiting.push(blocked)
      if (sender !== undefined) (extrasOf(sender).blocked ??= new Set()).add(blocked)
      if (timeoutMs !== Number.POSITIVE_INFINITY) this.#clock.start(blocked, timeoutMs)
      this.waiting++
    })
  }

  /** The oldest waiting send of a mailbox that has room; the caller puts its entry in. */
  next(target: Process): BlockedSend | undefined {
    const blocked = target.extras!.bound!.waiting.shift()
    if (blocked === undefined) return undefined
    this.#release(blocked)
    blocked.resolve(true)
    return blocked
  }

  giveUp(blocked: BlockedSend, reason: string): void {
    const waiting = blocked.target.extras!.bound!.waiting
    const at = waiting.indexOf(blocked)
    if (at >= 0) waiting.splice(at, 1)
    this.#fail(blocked, reason)
  }

  /** A dead target fails what waits for it; a dead sender's messages are not sent any more. */
  leave(process: Process): void {
    const { extras } = process
    const bound = extras?.bound
    if (bound !== undefined && bound.waiting.length > 0) {
      const { waiting } = bound
      bound.waiting = []
      for (const blocked of waiting) this.#fail(blocked, 'the receiver exited')
    }
    if (extras?.blocked === undefined) return
    for (const blocked of [...extras.blocked]) this.giveUp(blocked, 'the sender exited')
  }

  #fail(blocked: BlockedSend, reason: string): void {
    this.#release(blocked)
    this.#deadLetters.add(blocked.target.pid, messageOf(blocked.entry), 'overflow')
    const error = new IrisError('IRIS6013', { pid: String(blocked.target.pid), reason })
    if (blocked.entry instanceof Signal) blocked.entry.discard(() => error)
    blocked.reject(error)
  }

  #release(blocked: BlockedSend): void {
    this.waiting--
    this.#clock.cancel(blocked)
    blocked.sender?.extras?.blocked?.delete(blocked)
  }
}

/** The user message of a mailbox entry. */
export function messageOf(entry: unknown): unknown {
  return entry instanceof Signal ? entry.message : entry
}

/** `a → b → a` when waiting for the target closes a circle of blocked senders. */
function cycleThrough(sender: Process, target: Process): string | undefined {
  const seen = new Set<Process>()
  const follow = (process: Process, path: string): string | undefined => {
    if (process === sender) return path
    if (seen.has(process)) return undefined
    seen.add(process)
    for (const blocked of process.extras?.blocked ?? []) {
      const found = follow(blocked.target, `${path} → ${blocked.target.pid}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return follow(target, `${sender.pid} → ${target.pid}`)
}
