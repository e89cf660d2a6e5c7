import { performance } from 'node:perf_hooks'

const WARM_UP_MS = 120
const SAMPLE_MS = 6

export interface Timing {
  /** median of the samples, nanoseconds per call */
  readonly ns: number
  /** half the distance of the quartiles, as a share of the median */
  readonly spread: number
}

type Action = () => unknown

function repeat(action: Action, times: number): number {
  const start = performance.now()
  for (let i = 0; i < times; i++) action()
  return performance.now() - start
}

/** How many calls make one sample long enough for the clock. */
function calibrate(action: Action): number {
  let times = 1
  for (let ms = repeat(action, times); ms < SAMPLE_MS; ms = repeat(action, times)) {
    times = Math.ceil(times * Math.min(10, Math.max(1.5, (1.2 * SAMPLE_MS) / Math.max(ms, 0.001))))
  }
  return times
}

function warmUp(action: Action): void {
  const until = performance.now() + WARM_UP_MS
  while (performance.now() < until) action()
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN

/** What samples, nanoseconds per call, say together. */
export function timingOf(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b)
  const ns = at(sorted, 0.5)
  return { ns, spread: (at(sorted, 0.75) - at(sorted, 0.25)) / 2 / ns }
}

/** Samples of all actions in turn: what else the machine does hurts all alike. */
export function interleaved(actions: readonly Action[], rounds: number): Timing[] {
  for (const action of actions) warmUp(action)
  const times = actions.map(calibrate)
  const samples: number[][] = actions.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, action] of actions.entries()) {
      const calls = times[i] ?? 1
      samples[i]?.push((repeat(action, calls) / calls) * 1e6)
    }
  }
  return samples.map(timingOf)
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
