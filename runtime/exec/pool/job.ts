import { IrisError } from '../../../base/diagnostic.ts'
import type { RunSettings } from './options.ts'
import type { Queued } from './queue.ts'
import type { Seat } from './seat.ts'
import type { Placement, Work } from './work.ts'

const REPORT_MS = 10

/** One submitted call, from the submission to its end. */
export class Job implements Queued {
  readonly priority: number
  readonly owner: object
  readonly work: Work
  readonly promise: Promise<unknown>
  /** where it runs */
  seat: Seat | undefined
  placement: Placement | undefined
  /** why it is being stopped */
  stopReason: unknown
  isStopping = false
  retries: number
  readonly settings: RunSettings
  #resolve!: (value: unknown) => void
  #reject!: (reason: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #reporter: NodeJS.Timeout | undefined
  #told: readonly [done: number, total: number] = [0, 1]
  #aborted: (() => void) | undefined

  constructor(owner: object, work: Work, settings: RunSettings) {
    this.owner = owner
    this.work = work
    this.settings = settings
    this.priority = settings.priority ?? 0
    this.retries = settings.retry ?? 0
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Watches deadline and signal; `stop` is called at most once, with what the call is to reject with. */
  watch(stop: (job: Job, reason: unknown) => void): void {
    const { signal, timeoutMs } = this.settings
    if (timeoutMs !== undefined && timeoutMs <= 0x7fff_ffff)
      this.#timer = setTimeout(() => stop(this, this.#late(timeoutMs)), timeoutMs)
    if (!signal) return
    this.#aborted = () => stop(this, signal.reason)
    signal.addEventListener('abort', this.#aborted, { once: true })
  }

  /** Tells how far the call is, as long as `progress` knows. */
  report(progress: () => readonly [done: number, total: number] | undefined): void {
    const { onProgress } = this.settings
    if (!onProgress) return
    clearInterval(this.#reporter)
    this.#reporter = setInterval(() => {
      const now = progress()
      if (!now || (now[0] === this.#told[0] && now[1] === this.#told[1])) return
      this.#told = now
      onProgress(...now)
    }, REPORT_MS)
  }

  succeed(value: unknown): void {
    this.#unwatch()
    const { onProgress } = this.settings
    // apart from what the pool does, which a listener that throws must not break off; still before the promise's own listeners
    if (onProgress) queueMicrotask(() => onProgress(this.#told[1], this.#told[1]))
    this.#resolve(value)
  }

  fail(reason: unknown): void {
    this.#unwatch()
    this.#reject(reason)
  }

  #late(ms: number): IrisError {
    return new IrisError(this.seat ? 'IRIS5007' : 'IRIS5006', { ms })
  }

  #unwatch(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#reporter)
    if (this.#aborted) this.settings.signal?.removeEventListener('abort', this.#aborted)
  }
}
