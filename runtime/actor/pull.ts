import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction, checkNumber } from './check.ts'
import type { Clock } from './clock.ts'
import { Context } from './context.ts'
import { exitOf, exitOfError } from './exit.ts'
import type { PullHandler } from './handler.ts'
import type { ExitStep } from './lifecycle.ts'
import type { Pid } from './pid.ts'
import { BOUNDED, BUSY, DEAD, extrasOf, PASSIVE, type Process, STOPPING, SUSPENDED, UNBORN } from './process.ts'
import type { Scheduler, TurnTaker } from './scheduler.ts'
import { CallSignal, Signal, TickSignal } from './signal.ts'
import type { ActorSystem } from './system.ts'
import { TimerNode } from './timer-wheel.ts'

export type Matcher = (message: unknown) => boolean

/** A receive that has not got its message yet. */
class Waiting extends TimerNode {
  readonly matcher: Matcher | undefined
  /** One look and no more. */
  readonly once: boolean
  readonly resolve: (message: unknown) => void
  readonly reject: (error: unknown) => void
  readonly #onTimeout: () => void

  constructor(
    matcher: Matcher | undefined,
    once: boolean,
    resolve: (message: unknown) => void,
    reject: (error: unknown) => void,
    onTimeout: () => void,
  ) {
    super()
    this.matcher = matcher
    this.once = once
    this.resolve = resolve
    this.reject = reject
    this.#onTimeout = onTimeout
  }

  fire(): void {
    this.#onTimeout()
  }
}

/** The one reader of a mailbox that is pulled from. */
export class Reader {
  /** Runs in the first turn; undefined for an observed actor, which is read from outside. */
  readonly start: PullHandler | undefined
  waiting: Waiting | undefined = undefined
  /** So many entries the waiting matcher has refused. */
  scanned = 0
  /** Messages it may take until its next turn. */
  left = 0

  constructor(start: PullHandler | undefined) {
    this.start = start
  }

  /** An entry was taken out from under the scan. */
  removed(position: number): void {
    if (position < this.scanned) this.scanned--
  }
}

/** Receives of pull and observed actors. */
export class Receiver implements TurnTaker, ExitStep {
  handled = 0
  readonly #system: ActorSystem
  readonly #scheduler: Scheduler
  readonly #clock: Clock

  constructor(system: ActorSystem) {
    this.#system = system
    this.#scheduler = system.scheduler
    this.#clock = system.clock
  }

  /** Resolves with the oldest message that matches, or null after the timeout. */
  receive(process: Process, matcher: Matcher | undefined, timeoutSeconds: number | undefined): Promise<unknown> {
    const reader = process.extras!.reader!
    if ((process.flags & (DEAD | STOPPING)) !== 0) return this.#ended(process)
    if (reader.waiting !== undefined) return Promise.reject(new IrisError('IRIS6010', { pid: String(process.pid) }))
    const held = (process.flags & SUSPENDED) !== 0
    if (matcher === undefined && process.size > 0 && !held && reader.left > 0 && this.#scheduler.spend()) {
      reader.left--
      return Promise.resolve(this.#take(process, 0))
    }
    if (matcher !== undefined) checkFunction('matcher', matcher)
    const seconds = timeoutSeconds ?? Number.POSITIVE_INFINITY
    checkNumber('timeout', seconds, 0, Number.POSITIVE_INFINITY)
    return this.#wait(process, reader, matcher, seconds)
  }

  /** A receive from outside, of an observed actor. */
  receiveFrom(process: Process, matcher: Matcher, timeoutSeconds: number | undefined): Promise<unknown> {
    requireObserved(process)
    return this.receive(process, matcher, timeoutSeconds)
  }

  /** A turn of a pull actor: its function begins, or the receive it waits in gets a message. */
  turn(process: Process): number {
    const reader = process.extras!.reader!
    if ((process.flags & UNBORN) !== 0) this.#begin(process, reader)
    else if (reader.waiting !== undefined) this.#serve(process, reader, reader.waiting)
    return 1
  }

  /** The oldest message, for a reader that blocks its thread. Requires that there is one. */
  takeNow(process: Process): unknown {
    return this.#take(process, 0)
  }

  /** Something is to be done for it even without a message. */
  isDue({ flags, extras }: Process): boolean {
    return (flags & UNBORN) !== 0 || extras?.reader?.waiting?.once === true
  }

  endIfStopping(process: Process): void {
    if ((process.flags & DEAD) === 0) this.#system.lifecycle.finishStop(process)
  }

  /** Everything that waits, oldest first; for observed actors. */
  drain(process: Process): unknown[] {
    requireObserved(process)
    const messages: unknown[] = []
    while (process.size > 0) messages.push(this.#take(process, 0))
    return messages
  }

  leave(process: Process): void {
    const reader = process.extras?.reader
    if (reader?.waiting === undefined) return
    const { waiting } = reader
    this.#finish(process, reader, waiting)
    waiting.reject(stopped(process, process.extras!.exit?.reason))
  }

  #begin(process: Process, reader: Reader): void {
    process.flags = (process.flags & ~UNBORN) | BUSY
    reader.left = process.budget
    const context = (process.context ??= new Context(this.#system, process))
    const { lifecycle } = this.#system
    this.#scheduler.beginAsync(process)
    run(() => reader.start!(new PullMailbox(this, process), context)).then(
      () => lifecycle.exit(process, process.extras!.exit ?? exitOf('Normal')),
      (error: unknown) => lifecycle.exit(process, exitOfError(error)),
    )
  }

  #wait(process: Process, reader: Reader, matcher: Matcher | undefined, seconds: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onTimeout = (): void => this.#giveNothing(process, reader)
      const waiting = new Waiting(matcher, seconds === 0, resolve, reject, onTimeout)
      reader.waiting = waiting
      reader.scanned = 0
      if (seconds !== 0 && seconds !== Number.POSITIVE_INFINITY) this.#clock.start(waiting, seconds * 1000)
      process.flags &= ~(BUSY | PASSIVE)
      this.#scheduler.endAsync(process)
      if (process.size > 0 || waiting.once) this.#scheduler.wake(process)
      else this.#scheduler.settled()
    })
  }

  #serve(process: Process, reader: Reader, waiting: Waiting): void {
    let position: number
    try {
      position = this.#find(process, reader, waiting.matcher)
    } catch (error) {
      this.#finish(process, reader, waiting)
      waiting.reject(error)
      return
    }
    if (position >= 0) {
      this.#finish(process, reader, waiting)
      reader.left = process.budget - 1
      waiting.resolve(this.#take(process, position))
    } else if (waiting.once) this.#giveNothing(process, reader)
    else reader.scanned = process.size
  }

  #find(process: Process, reader: Reader, matcher: Matcher | undefined): number {
    if (matcher === undefined) return process.size > 0 ? 0 : -1
    const matches = (entry: unknown): boolean => matcher(entry instanceof Signal ? entry.message : entry)
    return process.find(matches, reader.scanned)
  }

  #giveNothing(process: Process, reader: Reader): void {
    const waiting = reader.waiting!
    this.#finish(process, reader, waiting)
    waiting.resolve(null)
  }

  #finish(process: Process, reader: Reader, waiting: Waiting): void {
    this.#clock.cancel(waiting)
    reader.waiting = undefined
    if (reader.start === undefined) process.flags |= PASSIVE
    else {
      process.flags |= BUSY
      this.#scheduler.beginAsync(process)
    }
  }

  #take(process: Process, position: number): unknown {
    const signals = process.signals
    const entry = position === 0 ? process.shift() : process.removeAt(position)
    process.extras!.reader!.removed(position)
    let message = entry
    if (signals !== 0 && entry instanceof Signal) message = this.#open(process, entry)
    else this.handled++
    if ((process.flags & BOUNDED) !== 0) this.#system.delivery.refill(process)
    return message
  }

  #open(process: Process, signal: Signal): unknown {
    process.signals--
    if (signal.counts) this.handled++
    else process.uncounted--
    if (signal instanceof TickSignal) signal.taken()
    if (signal instanceof CallSignal) {
      if (process.call !== undefined) (extrasOf(process).deferred ??= new Set()).add(process.call)
      process.call = signal
    }
    return signal.message
  }

  /** A stopped actor ends when it comes to its next receive. */
  #ended(process: Process): Promise<never> {
    const reason = process.extras!.exit?.reason
    if ((process.flags & DEAD) === 0) this.#system.lifecycle.finishStop(process)
    return Promise.reject(stopped(process, reason))
  }
}

/** The reading end that a pull actor's function is given. Timeouts are in seconds; null means that it ran out. */
export class PullMailbox implements AsyncIterable<unknown> {
  readonly #receiver: Receiver
  readonly #process: Process

  constructor(receiver: Receiver, process: Process) {
    this.#receiver = receiver
    this.#process = process
  }

  get self(): Pid {
    return this.#process.pid
  }

  /** User messages that wait. */
  get size(): number {
    return this.#process.userSize
  }

  recv(timeoutSeconds?: number): Promise<unknown> {
    return this.#receiver.receive(this.#process, undefined, timeoutSeconds)
  }

  /** The oldest message that matches; the others stay, in order. */
  recvMatching(matcher: Matcher, timeoutSeconds?: number): Promise<unknown> {
    return this.#receiver.receive(this.#process, matcher, timeoutSeconds)
  }

  /** Answers the call that was received last. */
  reply(value: unknown): boolean {
    const { call } = this.#process
    this.#process.call = undefined
    return call?.answer(value) ?? false
  }

  /** Ends when the actor is stopped. */
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return { next: () => this.recv().then(proceed, endIfStopped) }
  }
}

/** What is read from outside has no coroutine of its own that reads. */
function requireObserved(process: Process): void {
  const reader = process.extras?.reader
  if (reader === undefined || reader.start !== undefined) throw new IrisError('IRIS6019', { pid: String(process.pid) })
}

function proceed(value: unknown): IteratorResult<unknown> {
  return { value, done: false }
}

function endIfStopped(error: unknown): IteratorResult<unknown> {
  if (error instanceof IrisError && error.code === 'IRIS6021') return { value: undefined, done: true }
  throw error
}

function stopped(process: Process, reason = 'Killed'): IrisError {
  return new IrisError('IRIS6021', { pid: String(process.pid), reason })
}

/** A throw before the first await is a rejection too. */
async function run(start: () => unknown): Promise<unknown> {
  return await start()
}
