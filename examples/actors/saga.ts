import { type PullMailbox, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Pull actors: control flow reads from top to bottom, and waits with a timeout in the middle. */
export async function saga(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const coordinator = async (mailbox: PullMailbox): Promise<void> => {
    const order = await mailbox.recv()
    print(`Starting saga for ${order}...`)
    const confirmation = await mailbox.recv(0.05)
    print(confirmation === null ? 'Timed out' : 'Confirmed')
  }
  const lucky = runtime.spawnWithMailbox(coordinator)
  runtime.sendMany(lucky, ['order 1', 'yes'])
  await runtime.join(lucky)
  const unlucky = runtime.spawnWithMailbox(coordinator)
  runtime.send(unlucky, 'order 2')
  await runtime.join(unlucky)
}

await runIfMain(import.meta.url, saga)
