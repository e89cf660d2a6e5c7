import { Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** A pid that is valid at once, an actor that exists only while it has something to do. */
export async function virtual(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const pid = runtime.spawnVirtual((message: string) => message.toUpperCase(), { idleTimeoutMs: 20 })
  const active = (): boolean => runtime.actorInfo(pid)!.active
  print(`active at first: ${active()}`)
  print(`it says ${await runtime.call(pid, 'hello')}, active: ${active()}`)
  await new Promise(resolve => setTimeout(resolve, 60))
  print(`active when idle: ${active()}`)
  print(`it says ${await runtime.call(pid, 'again')}, activations: ${runtime.actorInfo(pid)!.activations}`)
}

await runIfMain(import.meta.url, virtual)
