import { Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** What a linked observer is told about four different ends. */
export async function exitReasons(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const observer = runtime.spawnObserved()
  const dive = (): number => dive() + 1
  const actors = {
    finishes: runtime.spawn((_, context) => context.stop()),
    crashes: runtime.spawn(() => {
      throw new Error('out of stock')
    }),
    panics: runtime.spawn(dive),
    stopped: runtime.spawn(() => undefined),
  }
  for (const pid of Object.values(actors)) runtime.link(observer, pid)
  runtime.stop(actors.stopped)
  const ends = Object.values(actors).map(pid => runtime.join(pid))
  for (const pid of Object.values(actors)) runtime.send(pid, 'go')
  await Promise.all(ends)

  const names = new Map(Object.entries(actors).map(([name, pid]) => [pid, name]))
  for (const { system } of runtime.getMessages(observer)) {
    const cause = system?.metadata instanceof Error ? ` (${system.metadata.message})` : ''
    if (system) print(`${system.typeName} of the one that ${names.get(system.targetPid)}: ${system.reason}${cause}`)
  }
}

await runIfMain(import.meta.url, exitReasons)
