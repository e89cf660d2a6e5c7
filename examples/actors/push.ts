import { Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Push actors: a thousand workers, each handler called once per message. */
export async function push(print: Print): Promise<void> {
  await using runtime = new Runtime()
  let processed = 0
  const worker = (message: string): void => {
    if (processed++ === 0) print(`Processed: ${message}`)
  }
  const workers = Array.from({ length: 1000 }, () => runtime.spawn(worker, { budget: 50 }))
  for (const pid of workers) runtime.send(pid, 'a message')
  await runtime.shutdown()
  print(`${processed} messages processed by ${workers.length} actors`)
}

await runIfMain(import.meta.url, push)
