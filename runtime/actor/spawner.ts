import { boundOf, type MailboxOptions } from './bound.ts'
import type { Capacity } from './capacity.ts'
import { checkFunction, checkInteger } from './check.ts'
import type { Handler, PullHandler } from './handler.ts'
import type { Pid } from './pid.ts'
import {
  BOUNDED,
  DEAD,
  DEFAULT_BUDGET,
  extrasOf,
  PASSIVE,
  Process,
  PULL,
  REMOTE,
  TRAPS_EXITS,
  UNBORN,
} from './process.ts'
import { Reader } from './pull.ts'
import type { Remote } from './remote.ts'
import { liveProcessOf } from './resolve.ts'
import type { ActorSystem } from './system.ts'
import type { VirtualOptions } from './virtual.ts'

export interface SpawnOptions {
  /** Messages per turn, default 100. */
  readonly budget?: number
  readonly name?: string
  readonly path?: string
  /** The actor that owns this one: when it exits, this one is stopped. */
  readonly parent?: Pid
  readonly mailbox?: MailboxOptions
  /** How long a stop by the owner may take before it is a kill; default 5,000. */
  readonly shutdownMs?: number
}

/** Makes actors. */
export class Spawner {
  readonly #system: ActorSystem
  readonly #capacity: Capacity
  spawned = 0

  constructor(system: ActorSystem) {
    this.#system = system
    this.#capacity = system.capacity
  }

  push(handler: Handler, options: SpawnOptions | undefined): Pid {
    checkFunction('handler', handler)
    return this.create(handler, 0, options).pid
  }

  pull(start: PullHandler, options: SpawnOptions | undefined): Pid {
    checkFunction('handler', start)
    const process = this.create(pulled, PULL | UNBORN, options)
    extrasOf(process).reader = new Reader(start)
    this.#system.scheduler.wake(process)
    return process.pid
  }

  /** Keeps its messages until somebody outside takes them. */
  observed(options: SpawnOptions | undefined): Pid {
    const process = this.create(pulled, PULL | PASSIVE | TRAPS_EXITS, options)
    extrasOf(process).reader = new Reader(undefined)
    return process.pid
  }

  virtual(handler: Handler, options: VirtualOptions & SpawnOptions): Pid {
    checkFunction('handler', handler)
    const process = this.create(handler, 0, options)
    this.#system.virtuals.prepare(process, options)
    return process.pid
  }

  /** A local pid for an actor that lives elsewhere. Not refused over capacity: the actor exists already. */
  standIn(remote: Remote): Process {
    const { table, chunks } = this.#system
    const process = new Process(chunks, table.reserve(), pulled, DEFAULT_BUDGET, REMOTE, undefined)
    extrasOf(process).remote = remote
    table.place(process)
    return process
  }

  /** The stand-in of an actor that is to be made on another thread. */
  placed(options: SpawnOptions | undefined): Process {
    return this.create(pulled, REMOTE, options)
  }

  create(handler: Handler, flags: number, options: SpawnOptions | undefined): Process {
    this.#capacity.admit()
    const budget = options?.budget === undefined ? DEFAULT_BUDGET : checkInteger('budget', options.budget, 1)
    const parent = options?.parent === undefined ? undefined : liveProcessOf(options.parent)
    const bound = options?.mailbox && boundOf(options.mailbox)
    const { table, trace, chunks } = this.#system
    const process = new Process(chunks, table.reserve(), handler, budget, flags, parent)
    table.place(process)
    this.spawned++
    if (options !== undefined) this.#apply(process, options)
    if (bound !== undefined) {
      process.flags |= BOUNDED
      extrasOf(process).bound = bound
    }
    if (parent !== undefined) adopt(parent, process)
    trace.spawned(process.pid, parent?.pid)
    return process
  }

  /** A name that is taken leaves no nameless actor behind. */
  #apply(process: Process, options: SpawnOptions): void {
    const { registry, paths, lifecycle } = this.#system
    try {
      if (options.name !== undefined) registry.register(options.name, process.pid)
      if (options.path !== undefined) paths.register(options.path, process.pid)
      if (options.shutdownMs !== undefined) extrasOf(process).shutdownMs = options.shutdownMs
    } catch (error) {
      lifecycle.exit(process, { reason: 'Normal', metadata: undefined, origin: undefined })
      throw error
    }
  }
}

/** Makes `parent` the owner of a process that has none. */
export function adopt(parent: Process, process: Process): void {
  if ((process.flags & DEAD) !== 0) return
  process.parent = parent
  const extras = extrasOf(parent)
  extras.children ??= new Set()
  extras.children.add(process)
}

/** The behaviour of actors that are not handed their messages. */
const pulled: Handler = () => undefined
