import type { Handler } from '../../../runtime/actor/handler.ts'
import { Pid } from '../../../runtime/actor/pid.ts'
import type { ChildSpec, SupervisorStrategy } from '../../../runtime/actor/supervisor.ts'
import type { Actor } from '../model/entities.ts'
import { exitOf } from '../model/exits.ts'
import { type Child, Supervision } from '../model/supervision.ts'
import type { Births } from './births.ts'
import type { World } from './world.ts'

const STRATEGIES: readonly SupervisorStrategy[] = ['one_for_one', 'one_for_all', 'rest_for_one']
const REFUSED = 'start failed'

/** OTP supervisors, whose every start and stop the model must have expected. */
export class Supervisors {
  readonly #world: World
  readonly #births: Births

  constructor(world: World, births: Births) {
    this.#world = world
    this.#births = births
  }

  supervise(): void {
    const { model, random, runtime } = this.#world
    const strategy = random.pick(STRATEGIES)
    const intensity = random.below(4)
    const periodMs = random.pick([5000, 20])
    const children = Array.from({ length: random.between(1, 4) }, (_, i) => this.#child(i))
    const fullUp = model.live >= model.capacity
    const actor = fullUp ? undefined : model.create('supervisor', 100, undefined)
    this.#world.log?.(`supervise ${actor} ${strategy} ${intensity} ${children.map(child => child.restart)}`)
    if (actor !== undefined) {
      actor.traps = true
      actor.shutdownMs = Number.POSITIVE_INFINITY
      actor.supervision = new Supervision(model, actor, strategy, intensity, periodMs, children)
    }
    const specs = children.map(child => this.#spec(actor, child))
    try {
      const pid = runtime.supervise({ strategy, intensity, periodMs, children: specs })
      if (actor === undefined || actor.dead) this.#world.fail('a supervisor that should not have started')
      else this.#adopt(actor, pid)
    } catch (error) {
      if (actor !== undefined && !actor.dead) this.#world.fail(`supervise: ${String(error)}`)
    }
  }

  #adopt(actor: Actor, pid: Pid): void {
    this.#world.add(actor, pid)
    const process = Pid.process(pid)!
    process.handler = this.#observed(actor, process.handler)
  }

  #observed(actor: Actor, inner: Handler): Handler<unknown> {
    const { model } = this.#world
    return (message, context) => {
      const entry = this.#world.takeHead(actor, message)
      actor.busy = true
      if (entry.call !== undefined) model.mail.answer(entry.call, undefined)
      if (entry.system !== undefined && entry.system.typeName === 'DOWN') actor.supervision!.receive(entry.system)
      const result = inner(message as never, context)
      if (result instanceof Promise) result.then(() => model.exits.settle(actor))
      else {
        this.#expectDone(actor)
        model.exits.settle(actor)
      }
      return result
    }
  }

  #expectDone({ supervision }: Actor): void {
    if (supervision!.plan !== undefined) this.#world.fail(`${supervision!.actor} leaves a restart unfinished`)
  }

  #child(i: number): Child {
    const { random } = this.#world
    return {
      id: `child ${i}`,
      restart: random.pick(['permanent', 'permanent', 'transient', 'temporary'] as const),
      shutdownMs: random.pick([5000, 0, 20, Number.POSITIVE_INFINITY]),
      actor: undefined,
      monitor: undefined,
      last: undefined,
    }
  }

  #spec(actor: Actor | undefined, child: Child): ChildSpec {
    const { id, restart, shutdownMs } = child
    return { id, restart, shutdownMs, start: () => this.#start(actor, child) }
  }

  #start(actor: Actor | undefined, child: Child): Pid {
    const { model, random } = this.#world
    const supervision = actor?.supervision
    if (supervision === undefined || supervision.nextToStart !== child) {
      this.#world.fail(`${actor} starts ${child.id} instead of ${supervision?.nextToStart?.id}`)
      throw REFUSED
    }
    if (model.live >= model.capacity || random.chance(0.05)) {
      const initial = actor!.pid === undefined
      supervision.startFailed()
      if (initial) model.exits.exit(actor!, exitOf('Shutdown'))
      throw REFUSED
    }
    const made = this.#births.plain()
    supervision.started(made)
    return made.pid
  }
}
