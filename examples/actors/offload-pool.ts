import { Runtime } from '../../runtime/actor/index.ts'
import { offload, pool } from '../../src/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Mean of a path that a linear congruential generator draws: long enough to be worth a thread. */
const simulate = offload((price: number, days: number, seed: number) => {
  let state = seed
  let value = price
  let sum = 0
  for (let day = 0; day < days; day++) {
    state = (state * 1103515245 + 12345) % 2147483648
    value *= 1 + (state / 2147483648 - 0.5) * 0.02
    sum += value
  }
  return sum / days
})

/** The first call compiles. */
const PATIENT = { timeoutMs: 60_000 }

interface Question {
  readonly price: number
  readonly days: number
}

/** Kernels on threads behind one pid: requests queue in its mailbox, results come back to the actor that asked. */
export async function offloadPool(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const kernels = runtime.offloadPool({ workers: 2, mailbox: { capacity: 100 } })
  let turns = 0
  const beat = setInterval(() => turns++, 1)
  const analyst = runtime.spawn(async ({ price, days }: Question, context) => {
    if (!(days > 0)) throw new RangeError('not a number of days')
    const seeds = [1, 2, 3, 4]
    return await Promise.all(
      seeds.map(seed => context.call<number>(kernels.pid, { kernel: simulate, args: [price, days, seed] }, PATIENT)),
    )
  })
  const prices = await runtime.call<number[]>(analyst, { price: 100, days: 1_000_000 }, PATIENT)
  clearInterval(beat)
  print(`${prices.length} prices, all finite: ${prices.every(Number.isFinite)}`)
  print(turns > 0 ? 'while they ran, the event loop went on' : 'the event loop stood still')
  await runtime.call(analyst, { price: 100, days: -1 }).catch((error: Error) => print(`refused: ${causeOf(error)}`))
  await pool.close()
}

function causeOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message
}

await runIfMain(import.meta.url, offloadPool)
