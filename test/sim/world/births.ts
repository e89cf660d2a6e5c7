import { type MailboxOptions, OVERFLOW_POLICIES } from '../../../runtime/actor/bound.ts'
import type { Pid } from '../../../runtime/actor/pid.ts'
import type { SpawnOptions } from '../../../runtime/actor/spawner.ts'
import type { Actor, Bound, Kind } from '../model/entities.ts'
import type { Handlers } from './handlers.ts'
import { NAMES } from './naming.ts'
import type { World } from './world.ts'

const KINDS: readonly Kind[] = ['push', 'push', 'push', 'push', 'virtual', 'pull', 'pull', 'observed']

interface Wishes {
  readonly budget: number
  readonly parent: Actor | undefined
  readonly name: string | undefined
  readonly bound: Bound | undefined
  readonly shutdownMs: number
}

/** Makes actors and swaps their code. */
export class Births {
  readonly #world: World
  readonly #handlers: Handlers

  constructor(world: World, handlers: Handlers) {
    this.#world = world
    this.#handlers = handlers
  }

  /** Some kind of actor with some options. */
  any(sender: Actor | undefined): void {
    const { random } = this.#world
    const parent = random.chance(0.4) ? (random.chance(0.5) ? sender : this.#world.pick()) : undefined
    const wishes: Wishes = {
      budget: random.pick([100, 1, 3]),
      parent,
      name: random.chance(0.2) ? random.pick(NAMES) : undefined,
      bound: random.chance(0.3) ? this.#bound() : undefined,
      shutdownMs: random.pick([5000, 0, 20]),
    }
    this.#make(random.pick(KINDS), wishes)
  }

  /** A push actor without options, as a supervisor's child. */
  plain(): Actor {
    return this.#make('push', { budget: 100, parent: undefined, name: undefined, bound: undefined, shutdownMs: 5000 })!
  }

  /** Once, or oftener than the history remembers. */
  swap(): void {
    const actor = this.#world.pick()
    if (actor === undefined || actor.kind === 'supervisor') return
    for (let times = this.#world.random.chance(0.05) ? 18 : 1; times > 0; times--) this.#swapOnce(actor)
  }

  #swapOnce(actor: Actor): void {
    const { model, runtime, random } = this.#world
    const error = actor.dead ? 'IRIS6002' : actor.isPull ? 'IRIS6024' : undefined
    const migrate = random.pick(['none', 'works', 'throws'] as const)
    const code = this.#handlers.newCode()
    this.#world.log?.(`swap ${actor} to ${code.id}, migration ${migrate}`)
    this.#world.attempt('hotSwap', error, () => {
      if (error === undefined) model.swaps.request(actor, { code, steps: 0, migrate })
      const options = migrate === 'none' ? undefined : { migrate: () => fails(migrate === 'throws') }
      runtime.hotSwap(actor.pid, this.#handlers.push(code), options)
      if (error === undefined) this.#compareVersion(actor)
    })
  }

  rollback(): void {
    const actor = this.#world.pick()
    if (actor === undefined || actor.kind === 'supervisor') return
    const { model, runtime, random } = this.#world
    const steps = random.pick([1, 1, 2, 16, 17])
    const enough = actor.dead || model.swaps.planned(actor).kept >= steps
    const error = actor.dead ? 'IRIS6002' : actor.isPull ? 'IRIS6024' : enough ? undefined : 'IRIS6011'
    this.#world.log?.(`rollback ${actor} by ${steps}`)
    this.#world.attempt('rollbackBehavior', error, () => {
      if (error === undefined) model.swaps.request(actor, { code: undefined, steps, migrate: 'none' })
      runtime.rollbackBehavior(actor.pid, steps)
      if (error === undefined) this.#compareVersion(actor)
    })
  }

  #compareVersion(actor: Actor): void {
    const { model, runtime } = this.#world
    this.#world.expect('behaviorVersion', runtime.behaviorVersion(actor.pid), model.swaps.planned(actor).version)
  }

  #make(kind: Kind, wishes: Wishes): Actor | undefined {
    const { model } = this.#world
    const code = this.#refusal(wishes)
    let made: Actor | undefined
    this.#world.attempt(`spawn ${kind}`, code, () => {
      const admitted = code === undefined || code === 'IRIS6007'
      if (admitted) made = this.#prepare(kind, wishes)
      if (code === 'IRIS6007') model.exits.exit(made!, { reason: 'Normal', origin: undefined, metadata: undefined })
      const pid = this.#spawn(kind, made, wishes)
      if (made !== undefined) this.#world.add(made, pid)
    })
    if (made !== undefined && code === undefined) this.#begin(made)
    return made
  }

  #refusal({ parent, name }: Wishes): string | undefined {
    const { model } = this.#world
    if (model.live >= model.capacity) return 'IRIS6014'
    if (parent?.dead) return 'IRIS6002'
    return name !== undefined && model.names.has(name) ? 'IRIS6007' : undefined
  }

  #prepare(kind: Kind, wishes: Wishes): Actor {
    const { model, random } = this.#world
    const refused = wishes.name !== undefined && model.names.has(wishes.name)
    const actor = model.create(kind, wishes.budget, refused ? undefined : wishes.parent)
    this.#world.log?.(`spawn ${actor}, parent ${wishes.parent}, name ${wishes.name}, bound ${wishes.bound?.policy}`)
    if (refused) return actor
    actor.shutdownMs = wishes.shutdownMs
    actor.bound = wishes.bound
    if (wishes.name !== undefined) {
      actor.name = wishes.name
      model.names.set(wishes.name, actor)
    }
    if (kind === 'observed') actor.traps = true
    if (kind === 'pull') actor.born = false
    if (kind === 'virtual') {
      actor.dormant = true
      actor.activations = 0
      actor.idleMs = random.pick([3, 50, Number.POSITIVE_INFINITY])
    }
    actor.code = this.#handlers.newCode()
    return actor
  }

  #spawn(kind: Kind, actor: Actor | undefined, wishes: Wishes): Pid {
    const { runtime } = this.#world
    const options = optionsOf(wishes)
    const handler = this.#handlers.push(actor?.code ?? { id: -1 })
    if (kind === 'virtual') return runtime.spawnVirtual(handler, { ...options, idleTimeoutMs: actor?.idleMs ?? 1 })
    if (kind === 'pull') return runtime.spawnWithMailbox(this.#handlers.pull(actor!), options)
    return kind === 'observed' ? runtime.spawnObserved(options) : runtime.spawn(handler, options)
  }

  #begin(actor: Actor): void {
    const { model, random, runtime } = this.#world
    model.ready(actor)
    if (actor.kind !== 'push' || random.chance(0.6)) return
    runtime.trapExit(actor.pid, true)
    actor.traps = true
  }

  #bound(): Bound {
    const { random } = this.#world
    const target = this.#world.pick()
    return {
      capacity: random.pick([1, 2, 5, 10]),
      policy: target === undefined ? 'dropnew' : random.pick(OVERFLOW_POLICIES),
      target,
      timeoutMs: random.pick([Number.POSITIVE_INFINITY, 5, 100]),
      waiting: [],
    }
  }
}

function optionsOf({ budget, parent, name, bound, shutdownMs }: Wishes): SpawnOptions {
  return {
    budget,
    shutdownMs,
    ...(parent && { parent: parent.pid }),
    ...(name !== undefined && { name }),
    ...(bound && { mailbox: mailboxOf(bound) }),
  }
}

function mailboxOf({ capacity, policy, target, timeoutMs }: Bound): MailboxOptions {
  return { capacity, overflow: policy, timeoutMs, ...(target && { target: target.pid }) }
}

function fails(now: boolean): void {
  if (now) throw new Error('migration')
}
