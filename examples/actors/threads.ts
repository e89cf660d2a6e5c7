import { Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** The same calls, on another thread: the event loop stays free while the actor computes. */
export async function threads(print: Print, worker = new URL('./thread-worker.js', import.meta.url)): Promise<void> {
  await using runtime = new Runtime()
  const pid = runtime.spawn(worker)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const primes = await runtime.call<number>(pid, 300_000)
  clearInterval(timer)
  print(`${primes} primes, and the event loop went on: ${turns > 0}`)
}

await runIfMain(import.meta.url, threads)
