import { IrisError } from '../../../base/diagnostic.ts'

/** What a full queue does with another call; the names are those of the mailboxes of actors. */
export const OVERFLOWS = ['dropnew', 'dropold', 'redirect', 'spill', 'block'] as const
export type Overflow = (typeof OVERFLOWS)[number]

export interface PoolOptions {
  /** Threads; default: as many as the machine has cores. */
  readonly threads?: number
  /** Calls that may wait; default 65,536. */
  readonly capacity?: number
  /**
   * What happens to a call that finds `capacity` others waiting. 'dropnew': it rejects (IRIS5008). 'dropold': the oldest of the
   * least urgent rejects (IRIS5009). 'redirect': it runs on the caller's thread. 'spill': it waits, too, up to twice
   * the capacity. 'block' (default): it waits for a place in the queue, however many do.
   */
  readonly overflow?: Overflow
}

/** Of one call. */
export interface RunSettings {
  /** Rejects with `signal.reason`, and stops the kernel if it runs. */
  readonly signal?: AbortSignal
  /** From the submission: rejects with IRIS5006 when it has not begun by then, with IRIS5007 when it has, and stops it. */
  readonly timeoutMs?: number
  /** Larger runs earlier; default 0. */
  readonly priority?: number
  /** How often the call may be begun again when its thread dies (IRIS5010); default 0. */
  readonly retry?: number
  /** Told while the kernel runs in parallel chunks, and once at the end. */
  readonly onProgress?: (done: number, total: number) => void
}

const wrong = (name: string, reason: string, fix: string): IrisError => new IrisError('IRIS5002', { name, reason, fix })

/** @throws IrisError IRIS5002 */
export function checkRun(settings: RunSettings): RunSettings {
  const { signal, timeoutMs, priority, retry, onProgress } = settings
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrong('signal', 'it is no AbortSignal', 'pass controller.signal')
  if (timeoutMs !== undefined && !(timeoutMs >= 0))
    throw wrong('timeoutMs', `${timeoutMs} is not a number >= 0`, 'pass milliseconds')
  if (priority !== undefined && !Number.isFinite(priority))
    throw wrong('priority', `${priority} is not a finite number`, 'pass a number; larger runs earlier')
  if (retry !== undefined && !isCount(retry, 0))
    throw wrong('retry', `${retry} is not a whole number >= 0`, 'pass how often the call may be repeated')
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw wrong('onProgress', 'it is not a function', 'pass (done, total) => …')
  return settings
}

/** @throws IrisError IRIS5002 */
export function checkPool(options: PoolOptions): PoolOptions {
  const { threads, capacity, overflow } = options
  if (threads !== undefined && !(isCount(threads, 1) && threads <= 64))
    throw wrong('threads', `${threads} is not a whole number from 1 to 64`, 'pass a number of threads')
  if (capacity !== undefined && !isCount(capacity, 1))
    throw wrong('capacity', `${capacity} is not a whole number >= 1`, 'pass how many calls may wait')
  if (overflow !== undefined && !OVERFLOWS.includes(overflow))
    throw wrong('overflow', `'${overflow}' is no policy`, `pass one of ${OVERFLOWS.join(', ')}`)
  return options
}

const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least
