import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction, checkOneOf } from './check.ts'
import { exitOf } from './exit.ts'
import type { ExitStep } from './lifecycle.ts'
import { type Paths, PathTree } from './paths.ts'
import { Pid } from './pid.ts'
import { DEAD, type Process, TRAPS_EXITS } from './process.ts'
import { liveProcessOf } from './resolve.ts'
import type { ActorSystem } from './system.ts'
import { isSystemMessage, type MonitorReference, type SystemMessage } from './system-message.ts'
import { TimerNode } from './timer-wheel.ts'

const PATH_STRATEGIES = ['restartone', 'restartall'] as const
/** What an abnormal exit restarts: that child alone, or every child of the supervisor that has a factory. */
export type PathStrategy = (typeof PATH_STRATEGIES)[number]

/** Makes a replacement; may take its time, for example to reconnect. */
export type ActorFactory = () => Pid | Promise<Pid>

/** Pauses before the second and the third attempt. */
const RETRY_MS = [100, 200] as const

export interface RestartFailure {
  readonly path: string
  /** The actor that was not replaced. */
  readonly pid: Pid
  readonly error: unknown
}

interface Factory {
  readonly make: ActorFactory
  readonly strategy: PathStrategy
}

interface Ward {
  readonly process: Process
  readonly monitor: MonitorReference
  readonly factory: Factory | undefined
}

class Pause extends TimerNode {
  readonly #over: () => void

  constructor(over: () => void) {
    super()
    this.#over = over
  }

  fire(): void {
    this.#over()
  }
}

/** Watches actors below one path, and replaces those that have a factory and ended abnormally. */
class PathSupervisor {
  readonly path: string
  readonly process: Process
  readonly wards = new Map<MonitorReference, Ward>()
  readonly #system: ActorSystem
  readonly #failed: (failure: RestartFailure) => void

  constructor(system: ActorSystem, path: string, failed: (failure: RestartFailure) => void) {
    this.path = path
    this.#system = system
    this.#failed = failed
    const receive = (message: unknown): void => {
      if (isSystemMessage(message) && message.typeName === 'DOWN') this.#down(message)
    }
    this.process = system.spawner.create(receive, TRAPS_EXITS, undefined)
  }

  /** Watching twice replaces the first. */
  watch(process: Process, factory: Factory | undefined): void {
    for (const ward of this.wards.values()) {
      if (ward.process !== process) continue
      this.#system.monitors.demonitor(ward.monitor)
      this.wards.delete(ward.monitor)
    }
    const monitor = this.#system.monitors.monitor(this.process.pid, process.pid)
    this.wards.set(monitor, { process, monitor, factory })
  }

  /** The wards go on without supervision. */
  close(): void {
    this.#system.lifecycle.exit(this.process, exitOf('Normal'))
  }

  #down(message: SystemMessage): void {
    const ward = message.reference && this.wards.get(message.reference)
    if (ward === undefined) return
    this.wards.delete(ward.monitor)
    const { factory } = ward
    if (factory === undefined || message.reason === 'Normal' || message.reason === 'Shutdown') return
    if (factory.strategy === 'restartone') void this.#replace(ward, factory)
    else this.#replaceAll(ward)
  }

  #replaceAll(first: Ward): void {
    const others = [...this.wards.values()].filter(ward => ward.factory !== undefined)
    for (const { process, monitor } of others.reverse()) {
      this.wards.delete(monitor)
      this.#system.monitors.demonitor(monitor)
      this.#system.lifecycle.shutDown(process, exitOf('Shutdown', undefined, this.process.pid))
    }
    for (const ward of [first, ...others.reverse()]) void this.#replaceWhenGone(ward)
  }

  async #replaceWhenGone(ward: Ward): Promise<void> {
    if (Pid.process(ward.process.pid) !== undefined) {
      await new Promise<void>(resolve => this.#system.lifecycle.afterExit(ward.process, () => resolve()))
      if (this.#isClosed) return
    }
    await this.#replace(ward, ward.factory!)
  }

  /** Three attempts; then the actor is given up, and the runtime says so. */
  async #replace(ward: Ward, factory: Factory): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const made = factory.make()
        const pid = Pid.is(made) ? made : await made
        this.#adopt(ward, factory, pid)
        return
      } catch (error) {
        const pause = RETRY_MS[attempt]
        if (pause === undefined || this.#isClosed) {
          this.#failed({ path: this.path, pid: ward.process.pid, error })
          return
        }
        await new Promise<void>(resolve => this.#system.clock.start(new Pause(resolve), pause))
        if (this.#isClosed) return
      }
    }
  }

  #adopt(ward: Ward, factory: Factory, pid: Pid): void {
    const replacement = liveProcessOf(pid)
    this.#system.restarts.replaced(this.process, ward.process, replacement)
    if (!this.#isClosed) this.watch(replacement, factory)
  }

  get #isClosed(): boolean {
    return (this.process.flags & DEAD) !== 0
  }
}

/** Supervisors by path. The one with the longest prefix of a path is responsible for it. */
export class PathSupervisors implements ExitStep {
  /** Told when an actor could not be replaced. */
  onFailure: ((failure: RestartFailure) => void) | undefined = undefined
  readonly #system: ActorSystem
  readonly #paths: Paths
  readonly #tree = new PathTree<PathSupervisor>()
  /** Actors that `watchPath` has entered. */
  readonly #watched = new Set<Process>()

  constructor(system: ActorSystem) {
    this.#system = system
    this.#paths = system.paths
  }

  create(path: string): void {
    if (this.#tree.get(path) !== undefined) throw new IrisError('IRIS6023', { path })
    this.#tree.set(path, new PathSupervisor(this.#system, path, failure => this.onFailure?.(failure)))
  }

  remove(path: string): boolean {
    const supervisor = this.#tree.get(path)
    if (supervisor === undefined) return false
    this.#tree.delete(path)
    supervisor.close()
    return true
  }

  watch(path: string, pid: Pid): void {
    this.#responsibleFor(path).watch(liveProcessOf(pid), undefined)
  }

  superviseWithFactory(path: string, pid: Pid, make: ActorFactory, strategy: PathStrategy): void {
    checkFunction('factory', make)
    checkOneOf('strategy', strategy, PATH_STRATEGIES)
    this.#responsibleFor(path).watch(liveProcessOf(pid), { make, strategy })
  }

  children(path: string): Pid[] {
    return [...this.#responsibleFor(path).wards.values()].map(ward => ward.process.pid)
  }

  /** Enters the actors that stand directly below the prefix now. */
  watchPath(prefix: string): void {
    for (const [, pid] of this.#paths.directChildren(prefix)) this.#watched.add(liveProcessOf(pid))
  }

  *supervised(): Generator<Process> {
    yield* this.#watched
    const root = this.#tree.get('/')
    const supervisors = this.#tree.below('/').map(([, supervisor]) => supervisor)
    for (const supervisor of root === undefined ? supervisors : [root, ...supervisors]) {
      for (const ward of supervisor.wards.values()) yield ward.process
    }
  }

  leave(process: Process): void {
    this.#watched.delete(process)
  }

  #responsibleFor(path: string): PathSupervisor {
    const supervisor = this.#tree.nearest(path)
    if (supervisor === undefined) throw new IrisError('IRIS6016', { path })
    return supervisor
  }
}
