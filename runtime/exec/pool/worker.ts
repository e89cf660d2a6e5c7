import { threadId } from 'node:worker_threads'
import { ThreadLoop } from './thread-loop.ts'
import type { SeatData } from './words.ts'

/**
 * The task that a thread of the pool is given once: it answers with the number of the thread, and works from then on.
 * (The answer leaves before the loop begins, so that for piscina the thread is idle and does not hold the process open.)
 */
export function serve(data: SeatData): number {
  setImmediate(() => new ThreadLoop(data).run())
  return threadId
}
