import { IrisError } from '../../base/diagnostic.ts'
import { type BlockedSends, messageOf } from './blocked.ts'
import type { Bound, SendOptions } from './bound.ts'
import { checkNumber } from './check.ts'
import type { DeadLetterCause, DeadLetters } from './dead-letters.ts'
import { Pid } from './pid.ts'
import { pressureOf } from './pressure.ts'
import { BOUNDED, DEAD, DORMANT, NOT_RUNNABLE, type Process, REMOTE, SPECIAL_DELIVERY } from './process.ts'
import { describe, processOf } from './resolve.ts'
import type { Scheduler } from './scheduler.ts'
import { Signal } from './signal.ts'
import type { Trace } from './trace.ts'
import type { Virtuals } from './virtual.ts'

const MOST_HOPS = 8

export type Delivered = boolean | Promise<boolean>

/** A message on its way through overflow policies. */
interface Journey {
  readonly sender: Process | undefined
  readonly options: SendOptions | undefined
  readonly hops: number
}

/** The way of a user message from `send` into a mailbox, or to the dead letters. */
export class Delivery {
  /** Set when sends must be looked at one by one: shedding or tracing is on. */
  guarded = false
  /** While a capacity is set: over it, mailboxes under critical pressure refuse. */
  limits: { readonly isOver: boolean } | undefined = undefined
  /** Messages passed on to other threads. */
  forwarded = 0
  readonly #scheduler: Scheduler
  readonly #deadLetters: DeadLetters
  readonly #blocked: BlockedSends
  readonly #virtuals: Virtuals
  readonly #trace: Trace

  constructor(scheduler: Scheduler, deadLetters: DeadLetters, blocked: BlockedSends, virtuals: Virtuals, trace: Trace) {
    this.#scheduler = scheduler
    this.#deadLetters = deadLetters
    this.#blocked = blocked
    this.#virtuals = virtuals
    this.#trace = trace
  }

  refreshGuard(): void {
    this.guarded = this.limits !== undefined || this.#trace.tracesSends
  }

  /** The hot path: one check for everything that is not an ordinary local actor. */
  send(pid: Pid, message: unknown, options: SendOptions | undefined): Delivered {
    const scheduler = this.#scheduler
    const process = Pid.is(pid) ? Pid.process(pid) : processOf(pid)
    if (process === undefined || (process.flags & SPECIAL_DELIVERY) !== 0 || this.guarded) {
      return this.sendFrom(scheduler.current, pid, message, options)
    }
    scheduler.sent++
    process.push(message)
    if ((process.flags & NOT_RUNNABLE) === 0) scheduler.enqueue(process)
    return true
  }

  sendFrom(sender: Process | undefined, pid: Pid, message: unknown, options?: SendOptions): Delivered {
    const process = processOf(pid)
    this.#scheduler.sent++
    if (process === undefined) return this.refuse(pid, message, 'noproc')
    return this.deliver(process, message, { sender, options, hops: 0 })
  }

  /** Sends a message, or a signal that stands for one. */
  sendEntry(sender: Process | undefined, process: Process, entry: unknown): Delivered {
    this.#scheduler.sent++
    if ((process.flags & SPECIAL_DELIVERY) === 0 && !this.guarded) return this.#accept(process, entry)
    return this.deliver(process, entry, { sender, options: undefined, hops: 0 })
  }

  sendMany(pid: Pid, messages: Iterable<unknown>): number {
    if (messages === null || messages === undefined || typeof messages[Symbol.iterator] !== 'function') {
      throw new IrisError('IRIS5002', {
        name: 'messages',
        reason: `${describe(messages)} is not iterable`,
        fix: 'pass an array',
      })
    }
    let accepted = 0
    for (const message of messages) if (accountedFor(this.send(pid, message, undefined))) accepted++
    return accepted
  }

  /** A message to a name that nobody has. */
  sendNowhere(name: string, entry: unknown): false {
    this.#scheduler.sent++
    return this.refuse(name, entry, 'noproc')
  }

  refuse(target: Pid | string, entry: unknown, cause: DeadLetterCause): false {
    this.#deadLetters.add(target, messageOf(entry), cause)
    return false
  }

  deliver(process: Process, entry: unknown, journey: Journey): Delivered {
    const { flags } = process
    if (this.guarded) {
      this.#trace.sent(journey.sender?.pid, process.pid, entry)
      if (this.limits?.isOver && pressureOf(process) === 'CRITICAL') return this.refuse(process.pid, entry, 'shed')
    }
    if ((flags & DEAD) !== 0) return this.refuse(process.pid, entry, 'exit')
    if ((flags & DORMANT) !== 0) this.#virtuals.activate(process)
    if ((flags & REMOTE) !== 0) return this.#forward(process, entry)
    if ((flags & BOUNDED) !== 0) return this.#offer(process, entry, process.extras!.bound!, journey)
    return this.#accept(process, entry)
  }

  /** Lets waiting senders in after messages were taken out. */
  refill(process: Process): void {
    const bound = process.extras!.bound!
    while (bound.waiting.length > 0 && process.userSize < bound.capacity && (process.flags & DEAD) === 0) {
      this.#accept(process, this.#blocked.next(process)!.entry)
    }
  }

  #forward(process: Process, entry: unknown): boolean {
    if (!process.extras!.remote!.send(entry)) return this.refuse(process.pid, entry, 'noproc')
    this.forwarded++
    return true
  }

  #accept(process: Process, entry: unknown): true {
    if (entry instanceof Signal) process.signals++
    process.push(entry)
    this.#scheduler.wake(process)
    return true
  }

  #offer(process: Process, entry: unknown, bound: Bound, journey: Journey): Delivered {
    // Who waits already comes first; then either nobody waits or there is no room.
    if (bound.waiting.length > 0) this.refill(process)
    if (process.userSize < bound.capacity) return this.#accept(process, entry)
    switch (bound.policy) {
      case 'dropnew':
        return this.refuse(process.pid, entry, 'overflow')
      case 'dropold':
        this.#evict(process)
        return this.#accept(process, entry)
      case 'redirect':
        return this.#redirect(process, entry, bound, journey)
      case 'spill':
        return this.#spill(process, entry, bound, journey)
      case 'block': {
        const timeoutMs = checkNumber(
          'timeoutMs',
          journey.options?.timeoutMs ?? bound.timeoutMs,
          0,
          Number.POSITIVE_INFINITY,
        )
        return this.#blocked.wait(entry, journey.sender, process, timeoutMs)
      }
    }
  }

  /** The oldest user message makes room; system messages stay. */
  #evict(process: Process): void {
    const position = process.find(entry => !(entry instanceof Signal) || entry.counts)
    const entry = process.removeAt(position)
    process.extras?.reader?.removed(position)
    if (entry instanceof Signal) {
      process.signals--
      entry.discard(() => new IrisError('IRIS6013', { pid: String(process.pid), reason: 'the mailbox overflowed' }))
    }
    this.refuse(process.pid, entry, 'overflow')
  }

  #redirect(process: Process, entry: unknown, bound: Bound, journey: Journey): Delivered {
    if (journey.hops >= MOST_HOPS) return this.refuse(process.pid, entry, 'overflow')
    const target = processOf(bound.target!)
    if (target === undefined) return this.refuse(bound.target!, entry, 'noproc')
    return this.deliver(target, entry, { ...journey, hops: journey.hops + 1 })
  }

  /** Beyond twice the capacity only the target gets the message. */
  #spill(process: Process, entry: unknown, bound: Bound, journey: Journey): Delivered {
    if (process.userSize >= 2 * bound.capacity) return this.#redirect(process, entry, bound, journey)
    this.#scheduler.sent++
    accountedFor(this.#redirect(process, messageOf(entry), bound, journey))
    return this.#accept(process, entry)
  }
}

/** A blocked send that nobody awaits: when it fails, its message is a dead letter already, and no rejection is due. */
export function accountedFor(delivered: Delivered): boolean {
  if (typeof delivered === 'boolean') return delivered
  delivered.then(undefined, () => false)
  return true
}
