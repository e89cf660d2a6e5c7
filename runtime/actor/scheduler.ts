import type { Host } from './host.ts'
import {
  AWAITING,
  BUSY,
  DEAD,
  extrasOf,
  INDEBTED,
  NOT_RUNNABLE,
  type Process,
  PULL,
  QUEUED,
  SUSPENDED,
} from './process.ts'
import { RunQueue } from './run-queue.ts'

/** How long actors may keep the event loop from its I/O and timers. */
export interface Slice {
  readonly ms: number
  readonly reductions: number
}

export const DEFAULT_SLICE: Slice = { ms: 1, reductions: 1_000_000 }

/** The clock is read at most once in so many reductions: a reading costs as much as a message. */
const LONGEST_INTERVAL = 128
/** … and often enough that this many milliseconds lie between two readings. */
const WANTED_INTERVAL_MS = 0.1
/** So many async actors may start before their continuations, which are microtasks, get their turn. */
const GRANTS_PER_RUN = 256

/** With one of these a process may have to be passed over. */
const EXCEPTIONAL = DEAD | BUSY | SUSPENDED | INDEBTED

export interface TurnTaker {
  /** Lets the process handle messages: at most its budget and `scheduler.allowance`. Returns the reductions used. */
  turn(process: Process): number
}

/**
 * Cooperative reduction scheduler. A process with messages waits in one FIFO run queue; its turn ends with its budget,
 * then it goes to the back. While a slice lasts, runs follow each other as microtasks, so that actors and promises
 * alternate without a trip through the event loop; when it is over, the next run waits for a macrotask.
 *
 * A handler that sends a thousand messages cannot be interrupted, so its actor pays afterwards: it misses as many turns
 * as it has used budgets too many (surplus round robin; Adiseshu, Parulkar and Varghese, "A Reliable and Scalable
 * Striping Protocol", SIGCOMM 1996). Thus who floods another gets no more than its share, and the mailbox it floods
 * does not grow by what the receiver could not handle for want of turns.
 */
export class Scheduler {
  /** The process whose handler is on the JS stack. */
  current: Process | undefined = undefined
  /** Messages sent in this run: a send costs a reduction. */
  sent = 0
  /** Reductions until the clock is read. */
  allowance = 1
  /** Async work may go on without a turn of its own: false once the slice is over. */
  sliceOpen = false
  /** Actors whose handler or coroutine is at work outside the scheduler. */
  asyncWork = 0
  /** Called before each run. */
  onRun: (() => void) | undefined = undefined
  /** Called when a run leaves nothing to do. */
  onIdle: (() => void) | undefined = undefined

  readonly #queue = new RunQueue()
  readonly #host: Host
  readonly #slice: Slice
  #push!: TurnTaker
  #pull!: TurnTaker
  #pending = false
  #grants = 0
  #interval = 1
  #lastReading = 0
  #sliceEnd = Number.NEGATIVE_INFINITY
  #reductionsLeft = 0
  #sentBefore = 0
  readonly #continue = (): void => this.#run()
  readonly #begin = (): void => this.#beginSlice()

  constructor(host: Host, slice: Slice) {
    this.#host = host
    this.#slice = slice
  }

  connect(push: TurnTaker, pull: TurnTaker): void {
    this.#push = push
    this.#pull = pull
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Messages sent since the runtime began. */
  get totalSent(): number {
    return this.#sentBefore + this.sent
  }

  /** Requires that the process is runnable. */
  enqueue(process: Process): void {
    process.flags |= QUEUED
    this.#queue.push(process)
    if (!this.#pending) this.#schedule()
  }

  /** Puts the process into the run queue if it has something to do and may do it. */
  wake(process: Process): void {
    if ((process.flags & NOT_RUNNABLE) === 0) this.enqueue(process)
  }

  /** The actor goes on outside the run, in a microtask or later. */
  beginAsync(process: Process): void {
    this.#grants++
    if ((process.flags & AWAITING) !== 0) return
    process.flags |= AWAITING
    this.asyncWork++
  }

  endAsync(process: Process): void {
    if ((process.flags & AWAITING) === 0) return
    process.flags &= ~AWAITING
    this.asyncWork--
  }

  /** Something has ended outside a run that may have been the last thing to do. */
  settled(): void {
    if (!this.#pending) this.onIdle?.()
  }

  /** Nobody has anything to do. */
  get isQuiet(): boolean {
    return !this.#pending && this.asyncWork === 0
  }

  /** Takes one reduction for work outside a turn. False when that work must wait for a turn. */
  spend(): boolean {
    if (!this.sliceOpen) return false
    this.allowance--
    this.#reductionsLeft--
    return !this.#isExhausted()
  }

  /** A turn has used up the allowance but not its budget. Returns how many reductions it may reach: no more when the time is up. */
  prolong(used: number, budget: number): number {
    if (used >= budget) return budget
    const left = this.#reductionsLeft - used
    this.allowance = used + (left > 0 && !this.#timeIsUp() ? Math.min(this.#interval, left) : 0)
    return Math.min(budget, this.allowance)
  }

  #schedule(): void {
    this.#pending = true
    if (this.#reductionsLeft > 0 && this.#host.now() < this.#sliceEnd) this.#host.microtask(this.#continue)
    else this.#host.macrotask(this.#begin)
  }

  #beginSlice(): void {
    this.#lastReading = this.#host.now()
    this.#sliceEnd = this.#lastReading + this.#slice.ms
    this.#reductionsLeft = this.#slice.reductions
    this.#resetAllowance()
    this.#run()
  }

  #run(): void {
    this.sliceOpen = true
    this.#grants = 0
    this.#foldCounters()
    this.onRun?.()
    const queue = this.#queue
    let open = true
    while (open) {
      const process = queue.shift()
      if (process === undefined) break
      open = this.#takeTurn(process)
    }
    this.#pending = false
    if (queue.size > 0) this.#schedule()
    else this.onIdle?.()
  }

  /** Returns whether the run may go on. */
  #takeTurn(process: Process): boolean {
    process.flags &= ~QUEUED
    if ((process.flags & EXCEPTIONAL) !== 0 && !this.#mayTakeTurn(process)) return !this.#isExhausted()
    const used = (process.flags & PULL) === 0 ? this.#push.turn(process) : this.#pull.turn(process)
    if (used > process.budget && (process.flags & QUEUED) !== 0) indebt(process, used - process.budget)
    this.allowance -= used
    this.#reductionsLeft -= used
    return !this.#isExhausted() && this.#grants < GRANTS_PER_RUN
  }

  #mayTakeTurn(process: Process): boolean {
    if ((process.flags & (DEAD | BUSY | SUSPENDED)) !== 0) return false
    const extras = process.extras!
    extras.debt -= process.budget
    if (extras.debt < 0 || this.#queue.size === 0) {
      process.flags &= ~INDEBTED
      return true
    }
    this.allowance--
    this.#reductionsLeft--
    this.enqueue(process)
    return false
  }

  #isExhausted(): boolean {
    if (this.#reductionsLeft > 0 && (this.allowance > 0 || !this.#timeIsUp())) return false
    this.#reductionsLeft = 0
    this.sliceOpen = false
    return true
  }

  #timeIsUp(): boolean {
    const now = this.#host.now()
    this.#adapt(now - this.#lastReading)
    this.#lastReading = now
    this.#resetAllowance()
    return now >= this.#sliceEnd
  }

  /** Fast handlers are measured rarely, slow ones after each message. */
  #adapt(elapsedMs: number): void {
    if (elapsedMs > WANTED_INTERVAL_MS) {
      this.#interval = Math.max(1, Math.floor((this.#interval * WANTED_INTERVAL_MS) / elapsedMs))
    } else this.#interval = Math.min(this.#interval * 2, LONGEST_INTERVAL)
  }

  #resetAllowance(): void {
    this.allowance = Math.min(this.#interval, this.#reductionsLeft)
  }

  /** Keeps the hot counter a small integer. */
  #foldCounters(): void {
    this.#sentBefore += this.sent
    this.sent = 0
  }
}

/** Who has used more than its budget and has still something to do lets the others go first for as many turns. */
function indebt(process: Process, reductions: number): void {
  process.flags |= INDEBTED
  extrasOf(process).debt = reductions
}
