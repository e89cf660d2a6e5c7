import { Behaviours } from './behaviour.ts'
import { BlockedSends } from './blocked.ts'
import { Buffers } from './buffers.ts'
import { Calls } from './calls.ts'
import { Capacity } from './capacity.ts'
import { Chunks } from './chunks.ts'
import { Clock } from './clock.ts'
import { DeadLetters } from './dead-letters.ts'
import { Delivery } from './delivery.ts'
import { type Host, nodeHost } from './host.ts'
import { Lifecycle } from './lifecycle.ts'
import { Links } from './links.ts'
import { Monitors } from './monitors.ts'
import type { KernelExecutor } from './offload-pool.ts'
import { PathSupervisors } from './path-supervisor.ts'
import { Paths } from './paths.ts'
import { Receiver } from './pull.ts'
import { PushExecutor } from './push.ts'
import { Registry } from './registry.ts'
import { Restarts } from './restarts.ts'
import type { Runtime } from './runtime.ts'
import { DEFAULT_SLICE, Scheduler, type Slice } from './scheduler.ts'
import { Shutdown } from './shutdown.ts'
import { Spawner } from './spawner.ts'
import { Supervisors } from './supervisor.ts'
import { SystemSender } from './system-sender.ts'
import { ProcessTable } from './table.ts'
import { Threads } from './threads/threads.ts'
import { Timers } from './timers.ts'
import { Trace } from './trace.ts'
import { Transactions } from './transaction.ts'
import { Virtuals } from './virtual.ts'

export interface RuntimeOptions {
  /** First part of every pid; default `0`. */
  readonly node?: string
  /** Time, turns of the event loop and randomness; default those of Node. */
  readonly host?: Host
  /** How long actors may keep the event loop busy at a time; default 1 ms. */
  readonly slice?: Partial<Slice>
  /** What the workers of `offloadPool` run kernels with; default: plain calls. */
  readonly kernels?: KernelExecutor
}

/** The parts of one runtime, each with its own state, put together. */
export class ActorSystem {
  readonly runtime: Runtime
  readonly kernels: KernelExecutor | undefined
  readonly host: Host
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly table: ProcessTable
  readonly trace = new Trace()
  readonly deadLetters = new DeadLetters()
  readonly buffers = new Buffers()
  readonly chunks = new Chunks()
  readonly lifecycle: Lifecycle
  readonly sender: SystemSender
  readonly links: Links
  readonly monitors: Monitors
  readonly registry = new Registry()
  readonly paths = new Paths()
  readonly virtuals: Virtuals
  readonly blocked: BlockedSends
  readonly delivery: Delivery
  readonly capacity: Capacity
  readonly behaviours: Behaviours
  readonly restarts: Restarts
  readonly calls: Calls
  readonly timers: Timers
  readonly receiver: Receiver
  readonly push: PushExecutor
  readonly spawner: Spawner
  readonly supervisors: Supervisors
  readonly pathSupervisors: PathSupervisors
  readonly transactions: Transactions
  readonly shutdown: Shutdown
  readonly threads: Threads

  constructor(runtime: Runtime, options: RuntimeOptions) {
    this.runtime = runtime
    this.kernels = options.kernels
    this.host = options.host ?? nodeHost
    this.clock = new Clock(this.host)
    this.scheduler = new Scheduler(this.host, { ...DEFAULT_SLICE, ...options.slice })
    this.table = new ProcessTable(options.node ?? '0')
    this.lifecycle = new Lifecycle(this.clock, this.table, this.deadLetters)
    this.virtuals = new Virtuals(this.clock)
    this.sender = new SystemSender(this.scheduler, this.virtuals)
    this.links = new Links(this.lifecycle, this.sender)
    this.monitors = new Monitors(this.sender)
    this.blocked = new BlockedSends(this.clock, this.deadLetters)
    this.delivery = new Delivery(this.scheduler, this.deadLetters, this.blocked, this.virtuals, this.trace)
    this.capacity = new Capacity(this.table, this.delivery)
    this.behaviours = new Behaviours(this.scheduler, this.trace)
    this.restarts = new Restarts(this.registry, this.paths, this.behaviours, this.trace)
    this.calls = new Calls(this.clock, this.delivery)
    this.timers = new Timers(this.clock, this.delivery, this.registry)
    this.receiver = new Receiver(this)
    this.push = new PushExecutor(this)
    this.spawner = new Spawner(this)
    this.supervisors = new Supervisors(this)
    this.pathSupervisors = new PathSupervisors(this)
    this.transactions = new Transactions(this)
    this.threads = new Threads(this)
    this.shutdown = new Shutdown(this)
    this.scheduler.connect(this.push, this.receiver)
    this.scheduler.onRun = () => this.delivery.refreshGuard()
    this.#orderExit()
  }

  /** What an exit lets go of, in order: names are free before anybody is told. */
  #orderExit(): void {
    const { lifecycle, registry, paths, timers, virtuals, blocked, receiver, links, monitors } = this
    const { supervisors, pathSupervisors, threads } = this
    const steps = [
      registry,
      paths,
      timers,
      virtuals,
      blocked,
      receiver,
      supervisors,
      pathSupervisors,
      threads,
      links,
      monitors,
    ]
    for (const step of steps) lifecycle.addStep(step)
    lifecycle.addStep({ leave: process => this.scheduler.endAsync(process) })
    lifecycle.addStep({ told: (process, exit) => this.trace.exited(process.pid, exit) })
  }
}
