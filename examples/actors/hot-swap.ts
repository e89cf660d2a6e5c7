import { Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Code is replaced in order with the messages: what was sent before the swap meets the old code. */
export async function hotSwap(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const pid = runtime.spawn(() => print('Logic A'))
  runtime.send(pid, 'test')
  runtime.hotSwap(pid, () => print('Logic B (Upgraded!)'))
  runtime.send(pid, 'test')
  await runtime.call(pid, 'test')
  print(`version ${runtime.behaviorVersion(pid)}`)
  print(`back to version ${runtime.rollbackBehavior(pid)}`)
  await runtime.call(pid, 'test')
}

await runIfMain(import.meta.url, hotSwap)
