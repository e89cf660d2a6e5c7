import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { exitOf } from '../../../runtime/actor/exit.ts'
import type { Pid } from '../../../runtime/actor/pid.ts'
import type { Process } from '../../../runtime/actor/process.ts'
import { Runtime } from '../../../runtime/actor/runtime.ts'
import type { ActorSystem } from '../../../runtime/actor/system.ts'
import { Bridge } from '../../../runtime/actor/threads/bridge.ts'
import { newRingMemory } from '../../../runtime/actor/threads/ring.ts'
import { MAIN, type Side, type SpawnRequest, THREAD } from '../../../runtime/actor/threads/wire.ts'
import type { Random } from '../../fuzz/random.ts'
import { SimHost } from '../world/host.ts'

/** One runtime, and its end of the bridge. */
export class End {
  readonly host: SimHost
  readonly runtime: Runtime
  readonly system: ActorSystem
  bridge!: Bridge

  constructor(random: Random, node: string) {
    this.host = new SimHost(random)
    this.runtime = new Runtime({ host: this.host, node, slice: { ms: 1, reductions: random.pick([1, 5, 1000]) } })
    this.system = Runtime.systemOf(this.runtime)
  }
}

interface Channel {
  readonly input: SharedArrayBuffer
  readonly output: SharedArrayBuffer
  readonly port: MessagePort
}

/**
 * Two runtimes joined as a main thread and a worker are, by the rings and the port that cross threads, but both in this
 * process: a driver decides whose turn of the event loop is next.
 */
export class Pair {
  readonly main: End
  readonly thread: End
  /** The worker has died: nothing of it runs any more. */
  isCut = false

  constructor(random: Random, spawn: (request: SpawnRequest) => Process) {
    this.main = new End(random, '0')
    this.thread = new End(random, '0/1')
    const { port1, port2 } = new MessageChannel()
    const [toThread, toMain] = [newRingMemory(), newRingMemory()]
    const refuse = (): never => {
      throw new Error('a thread places no actors on the main thread')
    }
    this.#join(this.main, this.thread, MAIN, { input: toMain, output: toThread, port: port1 }, refuse)
    this.#join(this.thread, this.main, THREAD, { input: toThread, output: toMain, port: port2 }, spawn)
    const { bridge, system } = this.thread
    system.scheduler.onIdle = () => {
      if (system.scheduler.isQuiet) bridge.reportIdle()
    }
    this.main.bridge.poll()
    bridge.poll()
  }

  /** An actor on the thread, as `Threads` places it; the url names what the thread is to run. */
  place(url: string): Pid {
    const { system, bridge } = this.main
    const standIn = system.spawner.placed(undefined)
    bridge.spawn(standIn, { url, kind: 'push', budget: undefined, mailbox: undefined })
    return standIn.pid
  }

  /** The worker dies. */
  cut(): void {
    this.isCut = true
    this.thread.host.tasks.length = 0
    this.main.bridge.close(exitOf('Disconnected'), () => Object.assign(new Error('cut'), { code: 'IRIS6018' }))
  }

  close(): void {
    this.main.bridge.close(exitOf('Disconnected'), () => new Error('closed'))
    this.thread.bridge.close(exitOf('Disconnected'), () => new Error('closed'))
  }

  #join(end: End, other: End, side: Side, channel: Channel, spawn: (request: SpawnRequest) => Process): void {
    const wake = (): void => {
      if (!this.isCut) other.host.macrotask(() => other.bridge.poll())
    }
    end.bridge = new Bridge({ system: end.system, side, ...channel, wake, spawn })
  }
}
