import { type OverflowPolicy, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** A mailbox for one message, under each of the five policies. */
export async function overflow(print: Print): Promise<void> {
  for (const policy of ['dropnew', 'dropold', 'redirect', 'spill', 'block'] as const) await show(policy, print)
}

async function show(policy: OverflowPolicy, print: Print): Promise<void> {
  await using runtime = new Runtime()
  const got: string[] = []
  const fallback = runtime.spawn((message: string) => void got.push(`fallback ${message}`))
  const primary = runtime.spawnBounded((message: string) => void got.push(`primary ${message}`), 100, 1)
  runtime.setOverflowPolicy(primary, policy, fallback)
  const sent = ['one', 'two'].map(message => runtime.send(primary, message))
  const answers = sent.map(answer => (answer instanceof Promise ? 'a promise' : answer))
  await Promise.all(sent)
  await runtime.shutdown()
  print(`${policy}: send gave ${answers.join(', ')}; handled: ${got.join(', ')}`)
}

await runIfMain(import.meta.url, overflow)
