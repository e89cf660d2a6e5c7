/** One row of the table. `rate`: higher is better, per second; `size` and `time`: lower is better. */
export interface Case {
  readonly name: string
  readonly title: string
  readonly unit: 'M/s' | 'bytes' | 'ms' | 'MB'
  /** The figure promised by the documentation. */
  readonly goal: number
  /** Measured once and without a run before: a second million would stand beside the first, and the best of several latencies is none. */
  readonly once?: boolean
}

export const CASES: readonly Case[] = [
  { name: 'sink', title: 'messages to one sink', unit: 'M/s', goal: 12 },
  { name: 'roundRobin', title: 'round robin over 100,000 actors', unit: 'M/s', goal: 8 },
  { name: 'pingPong', title: 'ping-pong round trips', unit: 'M/s', goal: 6 },
  { name: 'call', title: 'calls (100 in flight)', unit: 'M/s', goal: 1 },
  { name: 'spawn', title: 'spawn', unit: 'M/s', goal: 2 },
  { name: 'recv', title: 'messages through `recv`', unit: 'M/s', goal: 3 },
  { name: 'hotSwap', title: 'hot swaps, a message after each', unit: 'M/s', goal: 3 },
  { name: 'threads', title: 'messages to another thread', unit: 'M/s', goal: 5 },
  { name: 'death', title: '100,000 linked actors die in a star', unit: 'ms', goal: 300 },
  {
    name: 'fairPing',
    title: 'p99 of a quiet actor beside a flood, 10 million messages at a time',
    unit: 'ms',
    goal: 5,
    once: true,
  },
  { name: 'fairEcho', title: 'p99 of a TCP echo beside that flood', unit: 'ms', goal: 5, once: true },
  {
    name: 'backlogPing',
    title: 'p99 of a quiet actor beside a flood by ten, 9 million of 10 waiting',
    unit: 'ms',
    goal: 5,
    once: true,
  },
  { name: 'backlogEcho', title: 'p99 of a TCP echo beside that flood', unit: 'ms', goal: 5, once: true },
  { name: 'idle', title: 'bytes per idle actor (of 1 million)', unit: 'bytes', goal: 450, once: true },
  { name: 'million', title: 'memory of the process with 1 million live actors', unit: 'MB', goal: 600, once: true },
]

/** Measures one case once; undefined when the implementation has no such thing. */
export type Workload = () => Promise<number>
export type Workloads = Readonly<Partial<Record<string, Workload>>>

export const ACTORS = 100_000

/** Million operations per second. */
export function rate(operations: number, ms: number): number {
  return operations / ms / 1000
}

export async function timed(work: () => void | Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** Heap in use after a full collection; needs `--expose-gc`. */
export function heapAfterCollection(): number {
  const { gc } = globalThis as { gc?: () => void }
  gc?.()
  gc?.()
  return process.memoryUsage().heapUsed
}
