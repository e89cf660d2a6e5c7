import { type Pid, Runtime } from '../../runtime/actor/index.ts'
import { type Print, runIfMain } from './example.ts'

/** Actors grouped by path; the supervisor of a path replaces what crashes below it. */
export async function pathSupervisor(print: Print): Promise<void> {
  await using runtime = new Runtime()
  const payments = (message: string): string => {
    if (message === 'poison') throw new Error('cannot pay that')
    return `paid ${message}`
  }
  const start = (): Pid => runtime.spawn(payments)
  const first = runtime.spawn(payments, { path: '/svc/payments/one' })
  runtime.createPathSupervisor('/svc/payments')
  runtime.pathSuperviseWithFactory('/svc/payments', first, start, 'restartone')
  const watcher = runtime.spawnObserved()
  runtime.monitor(watcher, first)

  await runtime.call(first, 'poison').catch(error => print(`${error.code}: ${error.cause.message}`))
  await runtime.selectiveRecv(watcher, () => true)
  const second = runtime.whereisPath('/svc/payments/one')!
  print(`replaced: ${second !== first}`)
  print(await runtime.call<string>(second, 'bill 7'))
  print(`supervised: ${runtime.pathSupervisorChildren('/svc/payments').length}`)
}

await runIfMain(import.meta.url, pathSupervisor)
