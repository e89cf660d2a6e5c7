import { EXIT_REASONS } from '../../../runtime/actor/exit.ts'
import type { Actor } from '../model/entities.ts'
import { exitOf, KILLED } from '../model/exits.ts'
import { Births } from './births.ts'
import { type Habits, habitsOf } from './habits.ts'
import { Handlers } from './handlers.ts'
import { Messages } from './messages.ts'
import { Naming } from './naming.ts'
import { Supervisors } from './supervisors.ts'
import { Transactions } from './transactions.ts'
import { Wardens } from './wardens.ts'
import type { World } from './world.ts'

const MOST_LIVE = 18
type Operation = (sender: Actor | undefined) => void

/** Everything that can be asked of a runtime, done to the runtime and to the model at once. */
export class Operations {
  readonly habits: Habits
  readonly births: Births
  readonly messages: Messages
  readonly wardens: Wardens
  readonly transactions: Transactions
  readonly #world: World
  readonly #naming: Naming
  readonly #supervisors: Supervisors
  /** Each operation as often as its weight. */
  readonly #urn: readonly Operation[]

  constructor(world: World) {
    this.#world = world
    this.habits = habitsOf(world.random)
    const handlers = new Handlers(world, this.habits, sender => this.perform(sender))
    this.births = new Births(world, handlers)
    this.messages = new Messages(world)
    this.#naming = new Naming(world)
    this.#supervisors = new Supervisors(world, this.births)
    this.wardens = new Wardens(world, this.births)
    this.transactions = new Transactions(world)
    this.#urn = this.#table().flatMap(([name, weight, run]) =>
      new Array<Operation>(this.habits.weight(name, weight)).fill(run),
    )
  }

  perform(sender: Actor | undefined): void {
    const { random } = this.#world
    const run = this.#urn.length > 0 ? random.pick(this.#urn) : () => this.messages.send(sender)
    run(sender)
  }

  #table(): readonly (readonly [name: string, weight: number, run: Operation])[] {
    const { messages, births } = this
    const naming = this.#naming
    return [
      ['send', 30, sender => messages.send(sender)],
      ['sendMany', 1, () => messages.sendMany()],
      ['sendNamed', 2, () => messages.sendNamed()],
      ['call', 5, sender => messages.call(sender)],
      ['answer', 2, () => messages.answerDeferred()],
      ['sendAfter', 3, () => messages.sendAfter()],
      ['sendInterval', 1, () => messages.sendInterval()],
      ['cancelTimer', 1, () => messages.cancelTimer()],
      ['policy', 1, () => messages.setPolicy()],
      ['pressure', 1, () => messages.pressure()],
      ['capacity', 1, () => this.#capacity()],
      ['observe', 2, () => messages.observe()],
      ['spawn', 3, sender => this.#spawn(() => births.any(sender))],
      ['supervise', 1, () => this.#spawn(() => this.#supervisors.supervise())],
      ['warden', 1, () => this.#spawn(() => this.wardens.act())],
      ['stop', 1, () => this.#stop()],
      ['kill', 1, () => this.#kill()],
      ['exit', 1, sender => this.#exit(sender)],
      ['link', 3, () => this.#link()],
      ['unlink', 1, () => this.#unlink()],
      ['monitor', 3, () => this.#monitor()],
      ['demonitor', 1, () => this.#demonitor()],
      ['trap', 1, () => this.#trap()],
      ['join', 1, () => this.#join()],
      ['suspend', 1, () => this.#suspend()],
      ['resume', 2, () => this.#resume()],
      ['register', 1, () => naming.register()],
      ['unregister', 1, () => naming.unregister()],
      ['path', 1, () => naming.path()],
      ['swap', 2, () => births.swap()],
      ['rollback', 1, () => births.rollback()],
      ['transaction', 1, () => this.transactions.act()],
    ]
  }

  #pick(): Actor | undefined {
    return this.#world.pick()
  }

  #spawn(make: () => void): void {
    if (this.#world.model.live < MOST_LIVE) make()
    else this.#kill()
  }

  #capacity(): void {
    const { random, model, runtime } = this.#world
    model.capacity = random.chance(0.5) ? Number.POSITIVE_INFINITY : random.between(1, MOST_LIVE)
    runtime.setSystemCapacity(model.capacity)
  }

  #stop(): void {
    const actor = this.#pick()
    if (actor === undefined) return
    const { model, runtime, random } = this.#world
    const reason = random.pick(EXIT_REASONS)
    this.#world.log?.(`stop ${actor} ${reason}`)
    if (!actor.gone) model.exits.stop(actor, exitOf(reason))
    runtime.stop(actor.pid, { reason })
  }

  #kill(): void {
    const actor = this.#pick()
    if (actor === undefined) return
    this.#world.log?.(`kill ${actor}`)
    const was = actor.gone
    if (!was) this.#world.model.exits.exit(actor, KILLED)
    this.#world.expect('kill', this.#world.runtime.kill(actor.pid), !was)
  }

  #exit(sender: Actor | undefined): void {
    const actor = this.#pick()
    if (actor === undefined) return
    const { model, runtime, random } = this.#world
    const reason = random.pick(EXIT_REASONS)
    const metadata = random.chance(0.5) ? this.#world.message() : undefined
    this.#world.log?.(`exit ${actor} ${reason} by ${sender}`)
    if (!actor.gone) {
      if (sender === actor && !actor.traps && reason === 'Normal')
        model.exits.exit(actor, exitOf(reason, undefined, metadata))
      else model.exits.signal(actor, sender ?? actor, exitOf(reason, undefined, metadata))
    }
    runtime.exit(actor.pid, reason, metadata)
  }

  #link(): void {
    const [a, b] = [this.#pick(), this.#pick()]
    if (a === undefined || b === undefined) return
    this.#world.log?.(`link ${a} ${b}`)
    this.#world.model.exits.link(a, b)
    this.#world.runtime.link(a.pid, b.pid)
  }

  #unlink(): void {
    const a = this.#pick()
    if (a === undefined) return
    const b = a.links.size > 0 ? [...a.links][0]! : this.#pick()!
    this.#world.log?.(`unlink ${a} ${b}`)
    this.#world.model.exits.unlink(a, b)
    this.#world.runtime.unlink(a.pid, b.pid)
  }

  #monitor(): void {
    const [watcher, target] = [this.#pick(), this.#pick()]
    if (watcher === undefined || target === undefined) return
    const { model, runtime, monitors } = this.#world
    this.#world.log?.(`monitor ${target} by ${watcher}`)
    this.#world.attempt('monitor', watcher.dead ? 'IRIS6002' : undefined, () => {
      const monitor = watcher.dead ? undefined : model.exits.monitor(watcher, target)
      const reference = runtime.monitor(watcher.pid, target.pid)
      if (monitor === undefined) return
      monitor.reference = reference
      monitors.push(monitor)
      if (monitors.length > 20) monitors.shift()
    })
  }

  #demonitor(): void {
    const { monitors, random, model, runtime } = this.#world
    if (monitors.length === 0) return
    const monitor = random.pick(monitors)
    this.#world.log?.(`demonitor ${monitor.target} by ${monitor.watcher}`)
    this.#world.expect('demonitor', runtime.demonitor(monitor.reference!), model.exits.demonitor(monitor))
  }

  #trap(): void {
    const actor = this.#pick()
    if (actor === undefined || actor.kind === 'supervisor') return
    this.#world.log?.(`trap ${actor}`)
    this.#world.attempt('trapExit', actor.dead ? 'IRIS6002' : undefined, () => {
      this.#world.runtime.trapExit(actor.pid, !actor.traps)
      actor.traps = !actor.traps
    })
  }

  #join(): void {
    const actor = this.#pick()
    if (actor === undefined) return
    const { model, runtime } = this.#world
    const outcome = model.outcome(`join of ${actor}`)
    if (actor.gone) model.settle(outcome, 'NoProc')
    else actor.joins.push(outcome)
    this.#world.watch(runtime.join(actor.pid), outcome, exit => (exit as { reason: string }).reason)
  }

  #suspend(): void {
    const actor = this.#pick()
    if (actor === undefined) return
    this.#world.log?.(`suspend ${actor}`)
    this.#world.attempt('suspend', actor.dead ? 'IRIS6002' : undefined, () => {
      this.#world.runtime.suspend(actor.pid)
      actor.suspended = true
      actor.readyAt = -1
    })
  }

  #resume(): void {
    const actor = this.#world.known.find(each => each.suspended && !each.dead)
    if (actor === undefined) return
    this.#world.log?.(`resume ${actor}`)
    this.#world.runtime.resume(actor.pid)
    actor.suspended = false
    this.#world.model.ready(actor)
  }
}
