import { monitorEventLoopDelay } from 'node:perf_hooks'
import { offload, pool } from '../../src/index.ts'
import { formatTable } from '../format.ts'
import type { Suite, SuiteOptions } from '../suite.ts'

export interface PoolRow {
  readonly what: string
  readonly found: number
  readonly unit: string
  readonly limit: string
  readonly ok: boolean
}

const square = offload((x: number) => x * x + 1)
const iterate = offload((x: number, n: number) => {
  for (let i = 0; i < n; i++) x = x * 3.7 * (1 - x)
  return x
})

const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN

/** Calls a second, the best of some rounds, with so many under way. */
async function throughput(rounds: number, calls: number): Promise<number> {
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await Promise.all(Array.from({ length: calls }, (_, i) => square.run([i])))
    best = Math.max(best, (calls / (performance.now() - start)) * 1000)
  }
  return best
}

async function latency(calls: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < calls; i++) {
    const start = performance.now()
    await square.run([i])
    times.push((performance.now() - start) * 1000)
  }
  return times
}

/** Rounds of `iterate` that take about so long. */
async function roundsFor(ms: number): Promise<number> {
  const probe = 2_000_000
  await iterate.run([0.5, probe])
  const start = performance.now()
  await iterate.run([0.5, probe])
  return Math.round((probe * ms) / (performance.now() - start))
}

async function loopDelay(): Promise<number> {
  const rounds = await roundsFor(100)
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await Promise.all(Array.from({ length: 8 }, () => iterate.run([0.5, rounds])))
  histogram.disable()
  return Math.max(0, histogram.percentile(99) / 1e6 - 1)
}

async function abortTimes(count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const controller = new AbortController()
    const end = iterate.run([0.5, 2e9], { signal: controller.signal }).then(
      () => Number.NaN,
      () => performance.now(),
    )
    await new Promise(resolve => setTimeout(resolve, 5))
    const start = performance.now()
    controller.abort()
    times.push((await end) - start)
  }
  return times
}

export const poolSuite: Suite<PoolRow[]> = {
  name: 'pool',
  description: 'the offload pool: kernel.run()',
  async run({ progress }: SuiteOptions) {
    progress('pool')
    await square.run([1])
    await throughput(3, 20_000)
    const perSecond = await throughput(5, 40_000)
    const times = await latency(20_000)
    const aborts = await abortTimes(30)
    const delay = await loopDelay()
    const { replaced } = pool.stats()
    return [
      { what: 'run() of a trivial kernel', found: perSecond, unit: '/s', limit: '≥ 40000', ok: perSecond >= 40_000 },
      { what: 'the same one by one, p50', found: at(times, 0.5), unit: 'µs', limit: '≤ 25', ok: at(times, 0.5) <= 25 },
      { what: 'the same, p99', found: at(times, 0.99), unit: 'µs', limit: '', ok: true },
      {
        what: 'abort of a running kernel, p50',
        found: at(aborts, 0.5),
        unit: 'ms',
        limit: '≤ 20',
        ok: at(aborts, 0.5) <= 20,
      },
      { what: 'abort of a running kernel, worst of 30', found: at(aborts, 1), unit: 'ms', limit: '', ok: true },
      { what: 'threads lost by that', found: replaced, unit: '', limit: '0', ok: replaced === 0 },
      {
        what: 'delay of the event loop, 8 kernels of 100 ms, p99',
        found: delay,
        unit: 'ms',
        limit: '≤ 5',
        ok: delay <= 5,
      },
    ]
  },
  print: rows =>
    formatTable(
      ['what', 'found', '', 'wanted', 'ok'],
      rows.map(({ what, found, unit, limit, ok }) => [
        what,
        found.toFixed(found < 100 ? 2 : 0),
        unit,
        limit,
        ok ? 'yes' : 'NO',
      ]),
    ),
  ok: rows => rows.every(({ ok }) => ok),
}
