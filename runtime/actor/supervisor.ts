import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction, checkInteger, checkNumber, checkOneOf } from './check.ts'
import { type ExitReason, exitOf } from './exit.ts'
import type { ExitStep } from './lifecycle.ts'
import { Pid } from './pid.ts'
import { DEAD, DEFAULT_SHUTDOWN_MS, extrasOf, type Process, SUPERVISOR, TRAPS_EXITS } from './process.ts'
import { liveProcessOf } from './resolve.ts'
import { RestartWindow } from './restart-window.ts'
import { adopt, type SpawnOptions } from './spawner.ts'
import type { ActorSystem } from './system.ts'
import { isSystemMessage, type MonitorReference } from './system-message.ts'

const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const RESTARTS = ['permanent', 'transient', 'temporary'] as const

/** Which children are restarted with the one that died: itself, all, or itself and those started after it. */
export type SupervisorStrategy = (typeof STRATEGIES)[number]
/** `permanent` always, `transient` after an abnormal exit, `temporary` never. */
export type RestartType = (typeof RESTARTS)[number]

export interface ChildSpec {
  readonly id: string
  /** Returns the pid of a new actor. A throw counts as a restart. */
  readonly start: () => Pid
  /** Default `permanent`. */
  readonly restart?: RestartType
  /** How long it may take to stop before it is killed; default 5,000. */
  readonly shutdownMs?: number
}

export interface SupervisorSpec extends Pick<SpawnOptions, 'name' | 'path' | 'parent'> {
  /** Default `one_for_one`. */
  readonly strategy?: SupervisorStrategy
  /** So many restarts within the period are borne, one more ends the supervisor with `Shutdown`; default 1. */
  readonly intensity?: number
  /** Default 5,000. */
  readonly periodMs?: number
  /** Started in this order, stopped in the reverse. */
  readonly children: readonly ChildSpec[]
}

export interface SupervisedChild {
  readonly id: string
  /** Null when it has ended and is not to be restarted. */
  readonly pid: Pid | null
}

class Child {
  readonly spec: ChildSpec
  process: Process | undefined = undefined
  monitor: MonitorReference | undefined = undefined
  /** The incarnation that a replacement takes over from. */
  last: Process | undefined = undefined

  constructor(spec: ChildSpec) {
    this.spec = spec
  }
}

/** One supervisor, as in OTP: an actor whose only messages are the DOWNs of its children. */
class Supervisor {
  children: Child[]
  readonly #system: ActorSystem
  readonly #process: Process
  readonly #strategy: SupervisorStrategy
  readonly #window: RestartWindow

  constructor(system: ActorSystem, process: Process, spec: SupervisorSpec) {
    this.#system = system
    this.#process = process
    this.#strategy = spec.strategy ?? 'one_for_one'
    this.#window = new RestartWindow(spec.intensity ?? 1, spec.periodMs ?? 5000)
    this.children = spec.children.map(child => new Child(child))
  }

  /** Throws what the first child that does not start throws; those before it are stopped by the caller. */
  startAll(): void {
    for (const child of this.children) this.#start(child)
  }

  /** A promise only when a child takes its time to stop. */
  receive(message: unknown): void | Promise<void> {
    if (!isSystemMessage(message) || message.typeName !== 'DOWN') return
    const child = this.children.find(each => each.monitor === message.reference)
    if (child === undefined) return
    forget(child)
    if (needsRestart(child.spec, message.reason)) return this.#restart(child)
    if (child.spec.restart === 'temporary') this.children.splice(this.children.indexOf(child), 1)
  }

  #restart(child: Child): void | Promise<void> {
    if (!this.#window.admit(this.#system.clock.now())) {
      this.#giveUp()
      return
    }
    const affected = this.#affectedBy(child)
    const stopped = this.#stopAll(affected)
    if (stopped === undefined) return this.#startAgain(affected, child)
    return stopped.then(() => this.#startAgain(affected, child))
  }

  /** Temporary children that go down with others do not come back. */
  #affectedBy(child: Child): Child[] {
    if (this.#strategy === 'one_for_one') return [child]
    const from = this.#strategy === 'one_for_all' ? 0 : this.children.indexOf(child)
    return this.children.slice(from)
  }

  /** Youngest first, one after the other. */
  #stopAll(children: readonly Child[]): Promise<void> | undefined {
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i]!
      const { process } = child
      if (process === undefined) continue
      this.#stop(child, process)
      if (Pid.process(process.pid) === undefined) continue
      const gone = new Promise<void>(resolve => this.#system.lifecycle.afterExit(process, () => resolve()))
      return gone.then(() => this.#stopAll(children.slice(0, i)))
    }
    return undefined
  }

  #stop(child: Child, process: Process): void {
    if (child.monitor !== undefined) this.#system.monitors.demonitor(child.monitor)
    forget(child)
    this.#system.lifecycle.shutDown(process, exitOf('Shutdown', undefined, this.#process.pid))
  }

  #startAgain(children: readonly Child[], cause: Child): void | Promise<void> {
    if ((this.#process.flags & DEAD) !== 0) return
    for (const child of children) {
      if (child.process !== undefined || (child !== cause && child.spec.restart === 'temporary')) continue
      try {
        this.#start(child)
      } catch {
        // A start that fails is one more restart of that child; the window ends the series.
        return this.#restart(child)
      }
    }
    this.children = this.children.filter(({ spec, process }) => process !== undefined || spec.restart !== 'temporary')
    this.#keepOrder()
  }

  #start(child: Child): void {
    const { id, start, shutdownMs } = child.spec
    const process = startedProcess(id, start)
    extrasOf(process).shutdownMs = shutdownMs ?? DEFAULT_SHUTDOWN_MS
    process.parent?.extras?.children?.delete(process)
    adopt(this.#process, process)
    child.monitor = this.#system.monitors.monitor(this.#process.pid, process.pid)
    child.process = process
    if (child.last !== undefined) this.#system.restarts.replaced(this.#process, child.last, process)
    child.last = process
  }

  /** Children end in the reverse of the order of their specs, also after restarts. */
  #keepOrder(): void {
    const owned = extrasOf(this.#process).children
    for (const { process } of this.children) {
      if (process !== undefined && owned?.delete(process)) owned.add(process)
    }
  }

  #giveUp(): void {
    this.#system.lifecycle.exit(this.#process, exitOf('Shutdown'))
  }
}

function forget(child: Child): void {
  child.monitor = undefined
  child.process = undefined
}

function needsRestart({ restart = 'permanent' }: ChildSpec, reason: ExitReason): boolean {
  if (restart === 'temporary') return false
  return restart === 'permanent' || (reason !== 'Normal' && reason !== 'Shutdown')
}

function startedProcess(id: string, start: () => Pid): Process {
  let pid: Pid
  try {
    pid = start()
  } catch (cause) {
    throw new IrisError('IRIS6020', { id, reason: 'start threw' }, { cause })
  }
  const process = Pid.is(pid) ? Pid.process(pid) : undefined
  if (process === undefined)
    throw new IrisError('IRIS6020', { id, reason: 'start did not return the pid of a live actor' })
  return process
}

/** All supervisors of a runtime. */
export class Supervisors implements ExitStep {
  readonly #system: ActorSystem
  readonly #byProcess = new Map<Process, Supervisor>()

  constructor(system: ActorSystem) {
    this.#system = system
  }

  supervise(spec: SupervisorSpec): Pid {
    checkSpec(spec)
    const { name, path, parent } = spec
    const options = {
      ...(name !== undefined && { name }),
      ...(path !== undefined && { path }),
      ...(parent && { parent }),
    }
    const receive = (message: unknown): unknown => supervisor.receive(message)
    const process = this.#system.spawner.create(receive, SUPERVISOR | TRAPS_EXITS, options)
    const supervisor = new Supervisor(this.#system, process, spec)
    extrasOf(process).shutdownMs = Number.POSITIVE_INFINITY
    this.#byProcess.set(process, supervisor)
    try {
      supervisor.startAll()
    } catch (error) {
      this.#system.lifecycle.exit(process, exitOf('Shutdown', error))
      throw error
    }
    return process.pid
  }

  /** In the order of the specs. */
  children(pid: Pid): SupervisedChild[] {
    const supervisor = this.#byProcess.get(liveProcessOf(pid))
    if (supervisor === undefined) {
      throw new IrisError('IRIS5002', {
        name: 'pid',
        reason: `${pid} is no supervisor`,
        fix: 'pass what supervise returned',
      })
    }
    return supervisor.children.map(({ spec, process }) => ({ id: spec.id, pid: process?.pid ?? null }))
  }

  /** Every actor that a supervisor looks after. */
  *supervised(): Generator<Process> {
    for (const { children } of this.#byProcess.values()) {
      for (const { process } of children) if (process !== undefined) yield process
    }
  }

  leave(process: Process): void {
    this.#byProcess.delete(process)
  }
}

function checkSpec(spec: SupervisorSpec): void {
  checkOneOf('strategy', spec.strategy ?? 'one_for_one', STRATEGIES)
  checkInteger('intensity', spec.intensity ?? 1, 0)
  checkNumber('periodMs', spec.periodMs ?? 5000, 0)
  const ids = new Set<string>()
  for (const { id, start, restart, shutdownMs } of spec.children) {
    checkFunction(`children.${id}.start`, start)
    checkOneOf(`children.${id}.restart`, restart ?? 'permanent', RESTARTS)
    checkNumber(`children.${id}.shutdownMs`, shutdownMs ?? 0, 0, Number.POSITIVE_INFINITY)
    if (ids.has(id))
      throw new IrisError('IRIS5002', {
        name: 'children',
        reason: `two have the id ${id}`,
        fix: 'give each child its own id',
      })
    ids.add(id)
  }
}
