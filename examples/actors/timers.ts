import { type PullMailbox, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** One-shot and repeating messages; both can be cancelled, and both end with their actor. */
export async function timers(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const pid = runtime.spawnWithMailbox(async (mailbox: PullMailbox) => {
    for (let beats = 0; beats < 3; beats++) print(String(await mailbox.recvMatching(message => message === 'beat')))
    print(String(await mailbox.recv()))
  })
  const cancelled = runtime.sendAfter(pid, 50, 'never')
  runtime.sendAfter(pid, 1, 'tick')
  runtime.sendInterval(pid, 5, 'beat')
  print(`cancelled in time: ${runtime.cancelTimer(cancelled)}`)
  await runtime.join(pid)
  print(`timers left: ${runtime.getMetrics().timers}`)
}

await runIfMain(import.meta.url, timers)
