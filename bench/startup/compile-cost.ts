/** Child process: prints how long a cold first kernel and the following ones take, and the longest pause meanwhile. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { offload } from 'iris-fabric'

function first(x: Float64Array, k: number): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * k
  return sum
}

function second(x: Float64Array, y: Float64Array): number {
  let best = 0
  for (let i = 0; i < x.length; i++) best = Math.max(best, Math.abs(x[i]! - y[i]!))
  return best
}

function third(x: Float64Array, out: Float64Array): void {
  for (let i = 1; i < x.length - 1; i++) out[i] = 0.25 * x[i - 1]! + 0.5 * x[i]! + 0.25 * x[i + 1]!
}

const x = new Float64Array(1000).fill(1)
const y = new Float64Array(1000)

async function latency(warm: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await warm()
  return performance.now() - start
}

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const cold = await latency(() => offload(first, { tier: 'scalar' }).warmup(x, 2))
const next = [
  await latency(() => offload(second, { tier: 'scalar' }).warmup(x, y)),
  await latency(() => offload(third, { tier: 'scalar' }).warmup(x, y)),
]
delay.disable()
console.log(JSON.stringify({ cold, next: Math.max(...next), pause: delay.max / 1e6 }))
process.exit(0)
