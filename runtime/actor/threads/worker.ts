import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import { invariant } from '../../../base/invariant.ts'
import type { Context } from '../context.ts'
import { exitOfError } from '../exit.ts'
import type { Handler } from '../handler.ts'
import { extrasOf, type Process, PULL, SUSPENDED, UNBORN } from '../process.ts'
import { Reader } from '../pull.ts'
import { Runtime } from '../runtime.ts'
import { Bridge } from './bridge.ts'
import { ThreadMailbox } from './mailbox.ts'
import { type SpawnRequest, THREAD } from './wire.ts'

/** What the main thread gives a scheduler thread. */
export interface ThreadData {
  readonly node: string
  readonly input: SharedArrayBuffer
  readonly output: SharedArrayBuffer
  readonly port: MessagePort
}

invariant(parentPort !== null, 'this module runs on a worker thread only')
const parent = parentPort
const { node, input, output, port } = workerData as ThreadData
const system = Runtime.systemOf(new Runtime({ node }))
const bridge = new Bridge({ system, side: THREAD, input, output, port, wake: () => parent.postMessage(0), spawn })

system.scheduler.onIdle = () => {
  if (system.scheduler.isQuiet) bridge.reportIdle()
}
parent.on('message', () => bridge.poll())
bridge.poll()

function spawn(request: SpawnRequest): Process {
  return request.kind === 'pull' ? spawnPull(request) : spawnPush(request)
}

/** Messages wait in the mailbox while the module loads. */
function spawnPush(request: SpawnRequest): Process {
  const process = system.spawner.create(() => undefined, SUSPENDED, optionsOf(request))
  const { scheduler } = system
  scheduler.beginAsync(process)
  load(request.url).then(
    handler => {
      process.handler = handler as Handler
      process.flags &= ~SUSPENDED
      scheduler.endAsync(process)
      if (process.size > 0) scheduler.wake(process)
      else scheduler.settled()
    },
    (error: unknown) => system.lifecycle.exit(process, exitOfError(error)),
  )
  return process
}

function spawnPull(request: SpawnRequest): Process {
  const process = system.spawner.create(() => undefined, PULL | UNBORN, optionsOf(request))
  const start = async (_mailbox: unknown, context: Context): Promise<unknown> => {
    const run = await load(request.url)
    return run(new ThreadMailbox(system.receiver, process, bridge, system.clock), context)
  }
  extrasOf(process).reader = new Reader(start)
  system.scheduler.wake(process)
  return process
}

function optionsOf({ budget, mailbox }: SpawnRequest) {
  return { ...(budget !== undefined && { budget }), ...(mailbox !== undefined && { mailbox }) }
}

type Default = (first: unknown, context: Context) => unknown

async function load(url: string): Promise<Default> {
  const module = (await import(url)) as { default?: unknown }
  if (typeof module.default === 'function') return module.default as Default
  throw new IrisError('IRIS6018', { reason: `${url} has no function as default export` })
}
