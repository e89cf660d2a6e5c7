import { performance } from 'node:perf_hooks'
import { compileHand } from './hand.ts'

/** What one core of this machine does at best, measured with hand-written loops. */
export interface Limits {
  /** GB/s of a triad (two loads, one store) whose arrays have this many bytes in all. */
  bandwidth(bytes: number): number
  /** GFLOP/s of independent f64x2 multiplications and additions. */
  readonly gflops: number
}

const LARGEST = 48 << 20
const MEASURE_MS = 150
/** V8 optimises the loop after some 300 ms where the machine has other work. */
const PEAK_MS = 800
const PEAK_ROUNDS = 4000
/** Independent chains of `peak`: with more, Node 20 spills registers. */
const CHAINS = 10

export async function limitsOf(): Promise<Limits> {
  const hand = await compileHand()
  const known = new Map<number, number>()
  const measured = (bytes: number): number => {
    const n = Math.max(64, Math.floor(Math.min(bytes, LARGEST) / 24 / 8) * 8)
    const [x, y, out] = [64, 64 + 8 * n, 64 + 16 * n]
    return (24 * n) / best(() => hand.triad(n, x, y, out))
  }
  const peak = best(() => hand.peak(PEAK_ROUNDS, 0.999), PEAK_MS)
  return {
    bandwidth: bytes => {
      const size = Math.ceil(bytes / 1024) * 1024
      const value = known.get(size) ?? measured(size)
      known.set(size, value)
      return value
    },
    gflops: (PEAK_ROUNDS * CHAINS * 2 * 2) / peak,
  }
}

/** The shortest of many calls, ns: a limit is what nothing disturbs. */
function best(action: () => unknown, ms = MEASURE_MS): number {
  let least = Infinity
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const start = performance.now()
    action()
    least = Math.min(least, performance.now() - start)
  }
  return least * 1e6
}
