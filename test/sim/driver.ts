import { Pid } from '../../runtime/actor/pid.ts'
import { Random } from '../fuzz/random.ts'
import type { Actor } from './model/entities.ts'
import { ThreadEpisode } from './threads/episode.ts'
import { Operations } from './world/operations.ts'
import { stackOf, World } from './world/world.ts'

/** Steps of one episode: then the world is brought to rest, and a new one begins. */
const EPISODE = 1500
/** One episode of so many is about actors on two threads. */
const THREADS_EVERY = 8
/** So many microtasks without anything happening are rest. */
const QUIET_TICKS = 12

export interface Report {
  readonly steps: number
  /** Seed of the episode that went wrong; `npm run sim -- SEED` shows it again. */
  readonly seed?: number
  readonly step?: number
  readonly violation?: string
}

/** Runs episodes from the seed on until so many steps are done, or one goes wrong. */
export async function simulate(seed: number, steps: number, log?: (line: string) => void): Promise<Report> {
  // Half of the errors are wanted, and their stacks cost more than all the rest. A traced run has them.
  const limit = Error.stackTraceLimit
  if (log === undefined) Error.stackTraceLimit = 0
  try {
    return await episodes(seed, steps, log)
  } finally {
    Error.stackTraceLimit = limit
  }
}

async function episodes(seed: number, steps: number, log: ((line: string) => void) | undefined): Promise<Report> {
  let done = 0
  for (let episode = seed; done < steps; episode++) {
    const one = episode % THREADS_EVERY === 0 ? new ThreadEpisode(episode, log) : new Episode(episode, log)
    const length = Math.min(EPISODE, steps - done)
    const violation = await one.run(length)
    done += one.steps
    if (violation !== undefined) return { steps: done, seed: episode, step: one.steps, violation }
  }
  return { steps: done }
}

/** One world from its birth to its end. */
export class Episode {
  steps = 0
  readonly #world: World
  readonly #operations: Operations
  readonly #random: Random
  readonly #log: ((line: string) => void) | undefined

  constructor(seed: number, log?: (line: string) => void) {
    this.#random = new Random(seed)
    this.#world = new World(this.#random)
    this.#log = log
    if (log !== undefined) this.#world.log = log
    this.#operations = new Operations(this.#world)
  }

  /** Returns what the runtime did wrong. */
  async run(steps: number): Promise<string | undefined> {
    const world = this.#world
    try {
      while (this.steps < steps && world.violation === undefined) {
        this.#log?.(`step ${this.steps} at ${world.host.time}`)
        await this.#step(() => this.#choose())
        if (this.steps % 32 === 0) this.#compareAll()
      }
      if (world.violation === undefined) await this.#finish()
    } catch (error) {
      world.fail(stackOf(error))
    }
    return world.violation
  }

  async #step(act: () => void): Promise<void> {
    const world = this.#world
    this.steps++
    act()
    if (world.model.unsettled) await this.#rest()
    world.check()
    this.#operations.wardens.check()
    this.#operations.transactions.check()
  }

  /** Lets the promises of the engine settle. */
  async #rest(): Promise<void> {
    const world = this.#world
    let before = -1
    for (let quiet = 0; quiet < QUIET_TICKS; quiet++) {
      await undefined
      if (world.activity !== before) {
        before = world.activity
        quiet = 0
      }
    }
    world.model.unsettled = false
    for (const { supervision } of world.model.actors) {
      if (supervision === undefined || supervision.plan === undefined) continue
      if (supervision.nextToStop !== undefined || supervision.nextToStart !== undefined)
        world.fail(`${supervision.actor} does not go on with its restart`)
    }
    for (const actor of world.model.actors)
      if (actor.finished !== undefined && !actor.dead) world.fail(`${actor} did not exit`)
  }

  #choose(): void {
    const { host, gates } = this.#world
    const choice = this.#random.below(100)
    if (choice < 45 && host.tasks.length > 0) this.#runTask()
    else if (choice < 55 && gates.length > 0) this.#openGate()
    else if (choice < 62) this.#passTime()
    else this.#operations.perform(undefined)
  }

  #runTask(): void {
    this.#log?.('task')
    this.#world.host.tasks.shift()!()
  }

  #openGate(): void {
    const { gates } = this.#world
    const at = this.#random.below(gates.length)
    const [gate] = gates.splice(at, 1)
    this.#world.model.unsettled = true
    this.#log?.(`gate of ${gate!.actor}`)
    if (this.#random.chance(this.#operations.habits.crash * 4)) gate!.fail('gate')
    else gate!.open(this.#world.message())
  }

  #passTime(): void {
    const { host, model } = this.#world
    const next = host.nextAlarm
    const jump = this.#random.chance(0.5) && next !== Number.POSITIVE_INFINITY
    host.time = jump ? Math.max(host.time, next) : host.time + this.#random.pick([0.25, 1, 10, 1000])
    const due = host.takeDue()
    this.#log?.(`time ${host.time}${due === undefined ? '' : ', alarm'}`)
    if (due === undefined) return
    model.timers.advance()
    model.unsettled = true
    due()
  }

  /** Everything at rest: nothing may be left to do; then everybody ends. */
  async #finish(): Promise<void> {
    const world = this.#world
    for (const actor of world.known) if (actor.suspended && !actor.dead) this.#resume(actor)
    while (world.host.tasks.length > 0 || world.gates.length > 0) {
      await this.#step(() => (world.host.tasks.length > 0 ? this.#runTask() : this.#openGate()))
      if (world.violation !== undefined || this.steps > 3 * EPISODE) return
    }
    this.#compareAll()
  }

  #resume(actor: Actor): void {
    actor.suspended = false
    this.#world.runtime.resume(actor.pid)
    this.#world.model.ready(actor)
  }

  #compareAll(): void {
    const world = this.#world
    for (const actor of world.model.actors) this.#compareOne(actor)
    for (const [name, actor] of world.model.names)
      world.expect(`whereis ${name}`, world.runtime.whereis(name), actor.pid)
    for (const actor of world.known) {
      world.expect(`isAlive of ${actor}`, world.runtime.isAlive(actor.pid), !actor.dead)
      if (actor.gone && Pid.process(actor.pid) !== undefined) world.fail(`${actor} is not gone`)
    }
  }

  #compareOne(actor: Actor): void {
    const world = this.#world
    const info = world.runtime.actorInfo(actor.pid)
    if (info === null) {
      world.fail(`${actor} is gone`)
      return
    }
    const mailSize = Pid.process(actor.pid)!.userSize
    const found = [mailSize, info.links.length, info.monitors, info.children.length, info.name, info.paths.length]
    const wanted = [
      actor.users,
      actor.links.size,
      actor.watchedBy.size,
      actor.children.size,
      actor.name ?? null,
      actor.paths.size,
    ]
    for (let i = 0; i < wanted.length; i++) world.expect(`${PARTS[i]} of ${actor}`, found[i], wanted[i])
    world.expect(`pressure on ${actor}`, info.backpressure, world.model.mail.pressure(actor))
    if (actor.dead) return
    for (const [key, value] of actor.committed)
      world.expect(`committed of ${actor}`, world.runtime.committed(actor.pid, key), value)
    world.expect(`trapsExits of ${actor}`, info.trapsExits, actor.traps)
    world.expect(`timers of ${actor}`, info.timers, actor.timers.size)
    world.expect(`suspended of ${actor}`, info.suspended, actor.suspended)
    if (!actor.isPull) world.expect(`busy of ${actor}`, info.busy, actor.busy)
    world.expect(`version of ${actor}`, info.behaviorVersion, world.model.swaps.planned(actor).version)
    if (actor.kind !== 'virtual') return
    world.expect(`active of ${actor}`, info.active, !actor.dormant)
    world.expect(`activations of ${actor}`, info.activations, actor.activations)
  }
}

const PARTS = ['mailbox', 'links', 'monitors', 'children', 'name', 'paths']
