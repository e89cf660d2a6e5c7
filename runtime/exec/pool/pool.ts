import type { ResourceLimits } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import type { KernelMemory } from '../memory.ts'
import { type LoopSharing, SHARING, Sharing, type SharingSettings } from '../parallel/sharing.ts'
import { TeamMember } from '../parallel/team.ts'
import { CLOSED, MEMBER, memberAt, teamBytes } from '../parallel/words.ts'
import type { ThreadContext } from '../thread-context.ts'
import { Job } from './job.ts'
import { checkPool, checkRun, type PoolOptions, type RunSettings } from './options.ts'
import type { PressureLevel } from './pressure.ts'
import { awake, Seat, type SeatListener, zeroed } from './seat.ts'
import { Threads } from './threads.ts'
import { WaitingCalls } from './waiting.ts'
import { BOARD } from './words.ts'
import { AGAIN, type Code, type Ended, type Work } from './work.ts'

export interface PoolParts {
  readonly memory: KernelMemory
  /** path of the built file that a thread runs */
  readonly file: string
  readonly resourceLimits?: ResourceLimits
  /** longest time that an idle thread looks for work before it sleeps; microseconds */
  readonly spinUs?: number
  /** A thread that has not stopped so long after it was asked is ended. */
  readonly graceMs?: number
  /** when loops are shared among threads */
  readonly sharing?: SharingSettings
}

const DEFAULT_CAPACITY = 65_536
const DEFAULT_SPIN_US = 50
const DEFAULT_GRACE_MS = 1000
/** Threads that ended before they were ready, in a row, until the pool does without. */
const MOST_FAILED_STARTS = 3

export interface PoolStats {
  readonly threads: number
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly replaced: number
  readonly pressure: PressureLevel
}

/**
 * Runs calls of kernels on threads. The queue is bounded and fair, the work of a dead thread fails with a clear code and
 * harms nobody else, and an idle pool does not hold the process open. Everything here runs on the thread that owns it.
 */
export class KernelPool {
  readonly #parts: PoolParts
  readonly #size: number
  readonly #threads: Threads
  readonly #waiting: WaitingCalls
  readonly #seats: Seat[] = []
  readonly #idle: Seat[] = []
  readonly #running = new Map<Seat, Job>()
  readonly #numbers = new WeakMap<WebAssembly.Module, Map<string, number>>()
  readonly #board: number
  readonly #team: number
  readonly #members: number
  /** seats without a thread */
  readonly #spare: Seat[]
  readonly #all: Seat[]
  readonly #listener: SeatListener = { awake: () => this.#collect(), died: (seat, why) => this.#lose(seat, why) }
  /** contexts of the owner's thread whose loops are shared */
  readonly #shared = new Map<ThreadContext, LoopSharing>()
  #codes = 0
  #starting = 0
  #failedStarts = 0
  #completed = 0
  #replaced = 0
  #isClosed = false
  #whenEmpty: (() => void)[] = []
  #whenStarted: (() => void)[] = []

  constructor(parts: PoolParts, options: PoolOptions & { readonly threads: number }) {
    const { threads, capacity = DEFAULT_CAPACITY, overflow = 'block' } = checkPool(options)
    this.#parts = parts
    this.#size = threads ?? 1
    this.#waiting = new WaitingCalls(capacity, overflow, (job, reason) => job.fail(reason))
    this.#board = zeroed(parts.memory, BOARD.bytes)
    this.#members = 1 + this.#size
    this.#team = newTeam(parts.memory, this.#members)
    const { file, resourceLimits } = parts
    // all at once: threads know their words from the start, also where memory has grown since
    this.#all = Array.from({ length: this.#size }, (_, index) => this.#newSeat(index + 1))
    this.#spare = this.#all.toReversed()
    this.#threads = new Threads({ size: this.#size, file, ...(resourceLimits && { resourceLimits }) })
  }

  /**
   * Runs work on a thread, when its turn has come. `owner`: works of different owners take turns.
   * Rejects with `signal.reason`, IRIS5006 to IRIS5011, or what the work throws; with IRIS5002 for wrong settings.
   */
  submit(owner: object, work: Work, settings: RunSettings = {}): Promise<unknown> {
    try {
      checkRun(settings)
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.#isClosed) return Promise.reject(new IrisError('IRIS5011'))
    if (settings.signal?.aborted) return Promise.reject(settings.signal.reason)
    const job = new Job(owner, work, settings)
    if (settings.timeoutMs === 0) job.fail(new IrisError('IRIS5006', { ms: 0 }))
    else this.#admit(job)
    return job.promise
  }

  #admit(job: Job): void {
    const admission = this.#waiting.admit(job)
    if (admission === 'runs here') this.#runHere(job)
    else if (admission !== 'waits') job.fail(admission)
    else {
      job.watch((late, reason) => this.#stop(late, reason))
      this.#pump()
    }
  }

  get stats(): PoolStats {
    return {
      threads: this.#seats.length,
      queued: this.#waiting.size,
      running: this.#running.size,
      completed: this.#completed,
      replaced: this.#replaced,
      pressure: this.#waiting.pressure,
    }
  }

  get pressure(): PressureLevel {
    return this.#waiting.pressure
  }

  /** Calls the listener whenever the level changes; gives a function that ends that. */
  onPressure(listener: (level: PressureLevel) => void): () => void {
    return this.#waiting.onPressure(listener)
  }

  /** Takes no more calls, and ends the threads when those that it has are done. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#isBusy) await new Promise<void>(resolve => this.#whenEmpty.push(resolve))
    await this.#end()
  }

  /** Takes no more calls, rejects those that wait (IRIS5011), stops those that run, and ends the threads. */
  async destroy(): Promise<void> {
    this.#isClosed = true
    const reason = new IrisError('IRIS5011')
    for (const job of this.#waiting.clear()) job.fail(reason)
    for (const job of this.#running.values()) this.#stop(job, reason)
    if (this.#isBusy) await new Promise<void>(resolve => this.#whenEmpty.push(resolve))
    await this.#end()
  }

  /** Lets loops on the owner's thread be shared; the threads start when the first one is worth it. */
  shareLoops(context: ThreadContext): void {
    const { memory, sharing } = this.#parts
    const place = { team: this.#team, members: this.#members, index: 0, context: context.address }
    const member = new TeamMember(place, () => memory.heap.i32)
    if (this.#isClosed || this.#shared.has(context)) return
    context.sharing = new Sharing(member, this.#size, sharing, () => void this.startThreads())
    this.#shared.set(context, context.sharing)
  }

  /** Starts all threads. Resolves when they run, or could not be started. */
  async startThreads(): Promise<void> {
    if (this.#isClosed || this.#failedStarts >= MOST_FAILED_STARTS) return
    while (this.#seats.length + this.#starting < this.#size) this.#addSeat()
    if (this.#starting > 0) await new Promise<void>(resolve => this.#whenStarted.push(resolve))
  }

  /** Makes code with shared loops known to all threads; gives its number. */
  announce(code: Code): number | undefined {
    if (this.#isClosed) return undefined
    for (const seat of this.#seats) seat.know(code)
    return this.#numberOf(code)
  }

  /** Ends the thread of a running call, or an idle one: for tests of what happens then. */
  async killOne(choose: (seats: readonly Seat[]) => Seat | undefined = seats => seats.at(0)): Promise<void> {
    await choose(this.#seats.filter(seat => seat.isRunning))?.kill()
  }

  get #isBusy(): boolean {
    return this.#running.size + this.#waiting.size > 0
  }

  async #end(): Promise<void> {
    await this.#threads.destroy()
    const seats = this.#all.splice(0)
    for (const seat of seats) seat.free()
    if (seats.length === 0) return
    for (const [context, sharing] of this.#shared) if (context.sharing === sharing) context.sharing = undefined
    for (const address of [this.#board, this.#team]) this.#parts.memory.give(address)
  }

  // ---- running

  /** Gives waiting calls to idle threads, and starts threads while there are fewer than wanted. */
  #pump(): void {
    while (this.#waiting.size > 0) {
      if (this.#failedStarts >= MOST_FAILED_STARTS && this.#seats.length === 0) this.#runHere(this.#waiting.next()!)
      else {
        const seat = this.#idle.pop()
        if (!seat) break
        this.#begin(this.#waiting.next()!, seat)
      }
    }
    const wanted = Math.min(this.#waiting.size - this.#starting, this.#size - this.#seats.length - this.#starting)
    for (let i = 0; i < wanted; i++) this.#addSeat()
    this.#waiting.judge()
  }

  #begin(job: Job, seat: Seat): void {
    try {
      job.placement = job.work.place()
    } catch (error) {
      this.#idle.push(seat)
      this.#settle(() => job.fail(error))
      return
    }
    if (!job.placement) {
      this.#idle.push(seat)
      this.#runHere(job)
      return
    }
    job.seat = seat
    this.#running.set(seat, job)
    if (job.placement.code.regions) this.announce(job.placement.code)
    seat.hold()
    seat.give(job.placement)
    job.report(() => seat.progress)
  }

  #collect(): void {
    this.#finishDone()
    this.#pump()
  }

  /** Looks at all threads: one message may stand for several. */
  #finishDone(): void {
    awake(this.#parts.memory.heap.i32, this.#board)
    for (const [seat, job] of this.#running) if (seat.isDone) this.#finish(seat, job, seat.take())
  }

  #finish(seat: Seat, job: Job, ended: Ended): void {
    this.#leave(seat)
    this.#idle.push(seat)
    const { placement } = job
    job.seat = job.placement = undefined
    let result: unknown
    try {
      if (job.isStopping) throw job.stopReason
      result = placement?.finish(ended)
    } catch (error) {
      placement?.release()
      this.#settle(() => job.fail(error))
      return
    }
    placement?.release()
    if (result === AGAIN) this.#waiting.putBack(job)
    else this.#settle(() => job.succeed(result))
  }

  #leave(seat: Seat): void {
    this.#running.delete(seat)
    seat.release()
  }

  #settle(how: () => void): void {
    this.#completed++
    how()
    if (this.#isBusy) return
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** In a later turn of the event loop: whoever submits does not wait for it. */
  #runHere(job: Job): void {
    setImmediate(() => {
      if (job.isStopping) return
      try {
        const result = job.work.runHere()
        this.#settle(() => job.succeed(result))
      } catch (error) {
        this.#settle(() => job.fail(error))
      }
    })
  }

  /** A call that waits rejects at once; one that runs when its thread has stopped, so that nobody writes after that. */
  #stop(job: Job, reason: unknown): void {
    if (job.isStopping) return
    job.isStopping = true
    job.stopReason = reason
    const { seat } = job
    if (!seat) {
      this.#waiting.remove(job)
      this.#settle(() => job.fail(reason))
      this.#pump()
      return
    }
    seat.cancel()
    setTimeout(() => {
      if (this.#running.get(seat) === job) void seat.kill()
    }, this.#parts.graceMs ?? DEFAULT_GRACE_MS).unref()
  }

  // ---- threads

  #addSeat(): void {
    const seat = this.#spare.pop()
    if (seat) this.#start(seat)
  }

  #newSeat(member: number): Seat {
    const { memory, spinUs = DEFAULT_SPIN_US, sharing = SHARING } = this.#parts
    const team = { team: this.#team, members: this.#members, member, sharing }
    const spinning = { spinUs: this.#size > 1 ? spinUs : 0, spinners: Math.max(1, this.#size - 1) }
    return new Seat(memory, { board: this.#board, ...spinning, ...team }, code => this.#numberOf(code))
  }

  #start(seat: Seat): void {
    this.#starting++
    seat.start(this.#threads, this.#listener).then(
      () => {
        this.#starting--
        this.#failedStarts = 0
        this.#seats.push(seat)
        this.#idle.push(seat)
        this.#tellStarted()
        this.#pump()
      },
      () => {
        this.#starting--
        this.#failedStarts++
        this.#spare.push(seat)
        this.#tellStarted()
        if (!this.#isClosed || this.#isBusy) this.#pump()
      },
    )
  }

  #tellStarted(): void {
    if (this.#starting === 0) for (const resolve of this.#whenStarted.splice(0)) resolve()
  }

  /** The call that the dead thread ran fails, or is begun again if it may be; a new thread comes when one is needed. */
  #lose(seat: Seat, reason: string): void {
    this.#finishDone() // also what the dead thread had done, and what others wait to tell through a message that it owed
    const job = this.#running.get(seat)
    this.#leave(seat)
    remove(this.#seats, seat)
    remove(this.#idle, seat)
    seat.bury()
    this.#spare.push(seat)
    this.#replaced++
    if (job) this.#fail(job, reason)
    this.#pump()
  }

  #fail(job: Job, reason: string): void {
    job.placement?.release()
    job.seat = job.placement = undefined
    if (job.isStopping) this.#settle(() => job.fail(job.stopReason))
    else if (job.retries > 0 && !this.#isClosed) {
      job.retries--
      this.#waiting.putBack(job)
    } else this.#settle(() => job.fail(new IrisError('IRIS5010', { reason })))
  }

  #numberOf({ module, entry }: Code): number {
    let entries = this.#numbers.get(module)
    if (!entries) this.#numbers.set(module, (entries = new Map()))
    let number = entries.get(entry)
    if (number === undefined) entries.set(entry, (number = ++this.#codes))
    return number
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}

/** Nobody offers a loop yet. */
function newTeam(memory: KernelMemory, members: number): number {
  const team = zeroed(memory, teamBytes(members))
  for (let each = 0; each < members; each++) memory.heap.i32[(memberAt(team, each) + MEMBER.state) >> 2] = CLOSED
  return team
}
