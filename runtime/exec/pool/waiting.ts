import { IrisError } from '../../../base/diagnostic.ts'
import type { Job } from './job.ts'
import type { Overflow } from './options.ts'
import { Pressure, type PressureLevel } from './pressure.ts'
import { FairQueue } from './queue.ts'

/** What becomes of a call that is submitted. */
export type Admission = 'waits' | 'runs here' | IrisError

/** The calls that wait for a thread: a bounded queue, what it does when it is full, and how full it is. */
export class WaitingCalls {
  readonly #capacity: number
  readonly #overflow: Overflow
  readonly #queue = new FairQueue<Job>()
  /** calls without a place in the queue (overflow 'block') */
  readonly #outside = new FairQueue<Job>()
  readonly #pressure: Pressure
  readonly #listeners = new Set<(level: PressureLevel) => void>()
  readonly #dropped: (job: Job, reason: IrisError) => void

  /** `dropped` is called with a call that gives way to another. */
  constructor(capacity: number, overflow: Overflow, dropped: (job: Job, reason: IrisError) => void) {
    this.#capacity = capacity
    this.#overflow = overflow
    this.#dropped = dropped
    this.#pressure = new Pressure(capacity)
  }

  get size(): number {
    return this.#queue.size + this.#outside.size
  }

  get pressure(): PressureLevel {
    return this.#pressure.level
  }

  onPressure(listener: (level: PressureLevel) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  admit(job: Job): Admission {
    const isFull = this.#queue.size >= this.#capacity
    const overflow = isFull ? this.#overflow : undefined
    if (overflow === 'redirect') return 'runs here'
    if (overflow === 'dropnew' || (overflow === 'spill' && this.#queue.size >= 2 * this.#capacity))
      return new IrisError('IRIS5008', { queued: this.#queue.size, capacity: this.#capacity })
    if (overflow === 'dropold') {
      const oldest = this.#queue.shiftLeast()
      if (oldest) this.#dropped(oldest, new IrisError('IRIS5009'))
    }
    if (overflow === 'block') this.#outside.push(job)
    else this.#queue.push(job)
    return 'waits'
  }

  /** The call whose turn it is; another one takes its place in the queue. */
  next(): Job | undefined {
    const job = this.#queue.shift()
    if (job) this.#admitNext()
    return job
  }

  /** A call that has to be begun again. */
  putBack(job: Job): void {
    this.#queue.pushFirst(job)
  }

  remove(job: Job): void {
    if (this.#queue.remove(job)) this.#admitNext()
    else this.#outside.remove(job)
  }

  #admitNext(): void {
    const admitted = this.#outside.shift()
    if (admitted) this.#queue.push(admitted)
  }

  clear(): Job[] {
    return [...this.#queue.clear(), ...this.#outside.clear()]
  }

  /** Tells the listeners when the level of pressure has changed. */
  judge(): void {
    const level = this.#pressure.judge(this.size)
    if (level) for (const listener of this.#listeners) listener(level)
  }
}
