import type { RestartType, SupervisorStrategy } from '../../../runtime/actor/supervisor.ts'
import type { Actor, Monitor, System } from './entities.ts'
import { exitOf } from './exits.ts'
import type { Model } from './model.ts'

export interface Child {
  readonly id: string
  readonly restart: RestartType
  readonly shutdownMs: number
  actor: Actor | undefined
  monitor: Monitor | undefined
  /** The incarnation before. */
  last: Actor | undefined
}

/** What a supervisor has still to do for one exit: stop these, youngest first, then start those, oldest first. */
interface Plan {
  readonly cause: Child
  readonly stop: Child[]
  readonly start: Child[]
  stopping: Actor | undefined
}

/** One OTP supervisor. The runtime calls `start` functions and stops children; the model says whether it may. */
export class Supervision {
  readonly actor: Actor
  children: Child[]
  plan: Plan | undefined
  readonly #model: Model
  readonly #strategy: SupervisorStrategy
  readonly #intensity: number
  readonly #periodMs: number
  #restarts: number[] = []
  /** Nothing has been restarted yet: a start that fails ends the supervisor. */
  #initial = true

  constructor(
    model: Model,
    actor: Actor,
    strategy: SupervisorStrategy,
    intensity: number,
    periodMs: number,
    children: Child[],
  ) {
    this.#model = model
    this.actor = actor
    this.#strategy = strategy
    this.#intensity = intensity
    this.#periodMs = periodMs
    this.children = children
    this.plan = { cause: children[0]!, stop: [], start: [...children], stopping: undefined }
  }

  /** The supervisor takes the DOWN of a child. */
  receive({ monitor, reason }: System): void {
    const child = this.children.find(each => each.monitor === monitor && monitor !== undefined)
    if (child === undefined) return
    child.actor = child.monitor = undefined
    const abnormal = reason !== 'Normal' && reason !== 'Shutdown'
    if (child.restart === 'permanent' || (child.restart === 'transient' && abnormal)) this.#restart(child)
    else if (child.restart === 'temporary') this.children.splice(this.children.indexOf(child), 1)
  }

  /** The child that the runtime must stop next, once the one before is gone. */
  get nextToStop(): Actor | undefined {
    const { plan } = this
    if (plan === undefined || plan.stopping?.gone === false) return undefined
    while (plan.stop.length > 0 && plan.stop.at(-1)!.actor === undefined) plan.stop.pop()
    return plan.stop.at(-1)?.actor
  }

  /** The child that the runtime must start next. */
  get nextToStart(): Child | undefined {
    const { plan } = this
    if (plan === undefined || plan.stopping?.gone === false || this.nextToStop !== undefined) return undefined
    return plan.start[0]
  }

  stopNext(): void {
    const plan = this.plan!
    const child = plan.stop.pop()!
    const actor = child.actor!
    plan.stopping = actor
    this.#model.exits.demonitor(child.monitor!)
    child.actor = child.monitor = undefined
    this.#model.exits.shutDown(actor, exitOf('Shutdown', this.actor))
  }

  started(actor: Actor): void {
    const child = this.plan!.start.shift()!
    actor.shutdownMs = child.shutdownMs
    actor.parent?.children.delete(actor)
    actor.parent = this.actor
    this.actor.children.add(actor)
    child.monitor = this.#model.exits.monitor(this.actor, actor)
    child.actor = actor
    if (child.last !== undefined) this.#replaced(child.last, actor)
    child.last = actor
    this.#finishPlan()
  }

  startFailed(): void {
    if (this.#initial) this.drop()
    else this.#restart(this.plan!.start[0]!)
  }

  /** The supervisor has ended. */
  drop(): void {
    this.plan = undefined
  }

  #replaced(old: Actor, actor: Actor): void {
    const { names, paths, swaps } = this.#model
    this.#model.restarts++
    if (old.name !== undefined && actor.name === undefined && !names.has(old.name)) {
      actor.name = old.name
      names.set(old.name, actor)
    }
    for (const path of old.paths) {
      if (paths.has(path)) continue
      paths.set(path, actor)
      actor.paths.add(path)
    }
    swaps.inherit(old, actor)
  }

  #restart(cause: Child): void {
    const now = this.#model.now()
    this.#restarts = [...this.#restarts.filter(time => now - time <= this.#periodMs), now]
    if (this.#restarts.length > this.#intensity) {
      this.plan = undefined
      this.#model.exits.exit(this.actor, exitOf('Shutdown'))
      return
    }
    const affected = this.#affectedBy(cause)
    this.plan = {
      cause,
      stop: affected.filter(child => child.actor !== undefined),
      start: affected.filter(child => child === cause || child.restart !== 'temporary'),
      stopping: undefined,
    }
  }

  #affectedBy(child: Child): Child[] {
    if (this.#strategy === 'one_for_one') return [child]
    return this.#strategy === 'one_for_all' ? [...this.children] : this.children.slice(this.children.indexOf(child))
  }

  #finishPlan(): void {
    if (this.plan!.start.length > 0) return
    this.plan = undefined
    this.#initial = false
    this.children = this.children.filter(child => child.actor !== undefined || child.restart !== 'temporary')
    const owned = this.actor.children
    for (const { actor } of this.children) if (actor !== undefined && owned.delete(actor)) owned.add(actor)
  }
}
