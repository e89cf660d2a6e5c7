import { performance } from 'node:perf_hooks'

/** Times of two actions that take turns, nanoseconds. */
export interface Paired {
  readonly median: readonly [number, number]
  /** the best of each: on a machine with other work, the quiet moments */
  readonly best: readonly [number, number]
}

const WARM_UP_MS = 150

function time(action: () => unknown): number {
  const start = performance.now()
  action()
  return (performance.now() - start) * 1e6
}

export function paired(first: () => unknown, second: () => unknown, samples: number): Paired {
  for (const action of [first, second]) {
    const until = performance.now() + WARM_UP_MS
    do action()
    while (performance.now() < until)
  }
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < samples; i++) {
    times[0].push(time(first))
    times[1].push(time(second))
  }
  const sorted = times.map(each => each.sort((a, b) => a - b))
  const at = (share: number): [number, number] => {
    const [a, b] = sorted.map(each => each[Math.floor(share * (each.length - 1))] ?? Number.NaN)
    return [a ?? Number.NaN, b ?? Number.NaN]
  }
  return { median: at(0.5), best: at(0) }
}
