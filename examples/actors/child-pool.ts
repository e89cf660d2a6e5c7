import { Runtime } from '../../runtime/actor/index.ts'
import { offload } from '../../src/index.ts'
import { type Print, runIfMain } from './example.ts'

interface Order {
  readonly price: number
  readonly volatility: number
  readonly strike: number
}

const payoff = offload((price: number, volatility: number, strike: number) => {
  const up = price * Math.exp(volatility)
  const down = price * Math.exp(-volatility)
  return (Math.max(up - strike, 0) + Math.max(down - strike, 0)) / 2
})

/** A pool of long-lived children: work goes round robin, and the pool ends with its parent. */
export async function childPool(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const parent = runtime.spawn(() => undefined)
  const handler = ({ price, volatility, strike }: Order): number => payoff(price, volatility, strike)
  const workers = runtime.spawnChildPool(parent, handler, 4)
  const orders = Array.from({ length: 12 }, (_, i): Order => ({ price: 90 + i, volatility: 0.2, strike: 100 }))
  const values = await Promise.all(orders.map((order, i) => runtime.call<number>(workers[i % workers.length]!, order)))
  print(`at 90: ${values[0]!.toFixed(3)}, at 101: ${values[11]!.toFixed(3)}`)
  runtime.stop(parent)
  print(`workers alive: ${workers.filter(pid => runtime.isAlive(pid)).length}`)
}

await runIfMain(import.meta.url, childPool)
