import type { RegionPlan } from '../../../compiler/abi.ts'
import type { SharingSettings } from '../parallel/sharing.ts'

/**
 * What the pool's threads and their owner share: 32-bit words in kernel memory, read and written with Atomics alone.
 * Byte offsets. All blocks are 64-byte aligned, so that two threads do not fight for one cache line.
 */

/** One for each pool. */
export const BOARD = {
  /** 1: a thread has posted a message that the owner has not seen yet */
  wake: 0,
  /** threads that look for work without sleeping */
  spinning: 4,
  bytes: 64,
} as const

/** One for each thread. */
export const SEAT = {
  /** changes whenever there may be something to do: what a sleeping thread waits for */
  bell: 0,
  /** 1: the thread sleeps */
  sleeping: 4,
  /** address of the job that it is to run, or 0 */
  mailbox: 8,
  /** 1: the thread is counted in BOARD.spinning */
  spinning: 12,
  bytes: 64,
} as const

/** One for each call on its way: the parameters follow as f64. */
export const JOB = {
  state: 0,
  /** number of the code (see {@link CodeMessage}) */
  code: 4,
  /** number of parameters */
  count: 8,
  /** positive: stands in the cancel word of the thread while the job runs */
  token: 12,
  /** address of the call's own context block: arena, status and result slots */
  context: 16,
  /** result slots to hand back */
  slots: 20,
  /** not 0: must not begin */
  cancelled: 24,
  /** f64 */
  result: 32,
  params: 64,
} as const

/** bereft: a thread that ran a part of its loop has ended */
export const STATE = {
  placed: 0,
  begun: 1,
  done: 2,
  trapped: 3,
  overflow: 4,
  stopped: 5,
  defect: 6,
  bereft: 7,
} as const
export type State = (typeof STATE)[keyof typeof STATE]

/** Bit that makes a cancel word negative. */
export const STOP = 0x8000_0000 | 0
export const LARGEST_TOKEN = 0x3fff_ffff

/** Makes code known to a thread, before its first job. */
export interface CodeMessage {
  readonly code: number
  readonly module: unknown
  /** imports from module `host` */
  readonly hosts: readonly string[]
  /** name of the export to call */
  readonly entry: string
  /** loops that may be shared among threads */
  readonly regions?: readonly RegionPlan[]
}

/** What a thread tells beside the words: only what has gone wrong within Iris. */
export interface DefectMessage {
  readonly job: number
  readonly defect: string
}

/** What a thread is told when it starts. */
export interface SeatData {
  /** a WebAssembly.Memory */
  readonly memory: unknown
  /** a MessagePort */
  readonly port: unknown
  readonly board: number
  readonly seat: number
  /** context block for what runs on the thread */
  readonly context: number
  /** longest time that it looks for work before it sleeps; microseconds */
  readonly spinUs: number
  /** threads that may do so at once */
  readonly spinners: number
  /** address of the team that runs parallel loops, its size, and which member this thread is (parallel/words.ts) */
  readonly team: number
  readonly members: number
  readonly member: number
  readonly sharing: SharingSettings
}

/** Wakes the thread of a seat if it sleeps. */
export function ring(i32: Int32Array, seat: number): void {
  const bell = (seat + SEAT.bell) >> 2
  Atomics.add(i32, bell, 1)
  if (Atomics.load(i32, (seat + SEAT.sleeping) >> 2) !== 0) Atomics.notify(i32, bell, 1)
}
