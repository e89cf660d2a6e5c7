import { IrisError } from '../../../base/diagnostic.ts'
import type { DeadLetter } from '../../../runtime/actor/dead-letters.ts'
import { Pid } from '../../../runtime/actor/pid.ts'
import type { Process } from '../../../runtime/actor/process.ts'
import { Runtime } from '../../../runtime/actor/runtime.ts'
import type { TurnTaker } from '../../../runtime/actor/scheduler.ts'
import type { ActorSystem } from '../../../runtime/actor/system.ts'
import { isSystemMessage, type SystemMessage } from '../../../runtime/actor/system-message.ts'
import type { Random } from '../../fuzz/random.ts'
import {
  type Actor,
  type Call,
  Entry,
  type Monitor,
  type Outcome,
  type Sending,
  type System,
} from '../model/entities.ts'
import { NORMAL } from '../model/exits.ts'
import { Model } from '../model/model.ts'
import { SimHost } from './host.ts'
import { Receives } from './receives.ts'

/** The runtime did what the model does not allow. */
export class Violation extends Error {}

/** An async handler, or a pull actor between receives, that waits for the driver. */
export interface Gate {
  readonly actor: Actor
  open(value: unknown): void
  fail(error: unknown): void
}

/** One runtime under the seeded scheduler, beside its model. */
export class World {
  readonly random: Random
  readonly host: SimHost
  readonly runtime: Runtime
  readonly system: ActorSystem
  readonly model: Model
  /** Actors that operations may choose, some of them dead. */
  known: Actor[] = []
  readonly byProcess = new Map<Process, Actor>()
  gates: Gate[] = []
  readonly monitors: Monitor[] = []
  readonly sendings: { readonly sending: Sending; readonly cancel: () => boolean }[] = []
  readonly replies: { readonly actor: Actor; readonly call: Call; readonly give: (value: unknown) => boolean }[] = []
  /** The actor whose handler is on the stack. */
  current: Actor | undefined = undefined
  /** Grows with everything that coroutines do, so that the driver sees when they have come to rest. */
  activity = 0
  violation: string | undefined = undefined
  log: ((line: string) => void) | undefined = undefined
  lastCreated: Process | undefined = undefined
  #lastMessage = 0
  #turnOf: Actor | undefined = undefined
  #turnMessages = 0
  #sentBefore = 0
  readonly #letters: DeadLetter[] = []
  readonly receives: Receives

  constructor(random: Random) {
    this.random = random
    this.host = new SimHost(random)
    const reductions = random.pick([1, 1, 2, 5, 50, 1000])
    this.runtime = new Runtime({ host: this.host, slice: { ms: 1, reductions } })
    this.system = Runtime.systemOf(this.runtime)
    this.model = new Model(() => this.host.time)
    this.system.deadLetters.listener = letter => void this.#letters.push(letter)
    this.system.scheduler.connect(this.#observed(this.system.push), this.#observed(this.system.receiver))
    this.receives = new Receives(this)
    this.#observeSpawner()
    this.#observeLifecycle()
    this.#observeSwaps()
    this.#observeCalls()
  }

  /** Mostly one that lives. */
  pick(): Actor | undefined {
    if (this.known.length === 0) return undefined
    const actor = this.random.pick(this.known)
    return actor.gone && this.random.chance(0.8) ? this.random.pick(this.known) : actor
  }

  message(): number {
    return ++this.#lastMessage
  }

  /** Only the first counts: what follows from it is confusion. */
  fail(text: string): void {
    this.violation ??= text
    this.log?.(`VIOLATION ${text}`)
  }

  expect(what: string, found: unknown, wanted: unknown): void {
    if (found !== wanted) this.fail(`${what}: ${String(found)} instead of ${String(wanted)}`)
  }

  /** Runs what should throw an IrisError of that code, or nothing. */
  attempt(what: string, code: string | undefined, run: () => void): void {
    let found: string | undefined
    try {
      run()
    } catch (error) {
      found = codeOf(error)
    }
    this.expect(what, found, code)
  }

  add(actor: Actor, pid: Pid): void {
    actor.pid = pid
    this.byProcess.set(Pid.process(pid)!, actor)
    this.known.push(actor)
    if (this.known.length > 30) this.known = this.known.filter((each, i) => !each.gone || i > 22)
  }

  watch(promise: Promise<unknown>, outcome: Outcome, show: (value: unknown) => string): void {
    promise.then(
      value => {
        outcome.got = show(value)
      },
      error => {
        outcome.got = codeOf(error)
      },
    )
  }

  /** What the runtime hands to the actor must be the head of its mailbox. */
  takeHead(actor: Actor, message: unknown): Entry {
    this.#turnMessages++
    this.activity++
    if (this.#turnOf !== actor) this.fail(`${actor} handles a message outside its turn`)
    if (actor.dead || actor.busy || actor.suspended || actor.stopping !== undefined)
      this.fail(`${actor} handles a message: ${stateOf(actor)}`)
    if (actor.queue.length === 0) {
      this.fail(`${actor} handles a message, but its mailbox is empty`)
      return new Entry('user', message)
    }
    const entry = this.model.take(actor)
    this.#compare(actor, entry, message)
    if (entry.counts) this.model.handled++
    if (entry.sending !== undefined) entry.sending.untaken = false
    return entry
  }

  /** Between two steps, when no promise of the engine is pending: nothing may differ. */
  check(): void {
    this.#compareCounters()
    this.#compareLetters()
    this.#compareOutcomes()
    this.#compareAlarm()
    if (this.host.tasks.length > 0) return
    for (const actor of this.model.actors) if (this.model.isRunnable(actor)) this.fail(`${actor} was not woken`)
  }

  #compare(actor: Actor, entry: Entry, message: unknown): void {
    if (entry.kind === 'swap') this.fail(`${actor}: a message overtook a hot swap`)
    else if (entry.system !== undefined)
      this.expect(`${actor} receives`, isSystemMessage(message) && isOf(message, entry.system), true)
    else this.expect(`${actor} receives`, message, entry.message)
  }

  #compareCounters(): void {
    const { model, system } = this
    const found = [
      system.table.live,
      system.spawner.spawned,
      system.lifecycle.exits,
      system.scheduler.totalSent,
      system.push.handled + system.receiver.handled,
      system.deadLetters.dead,
      system.deadLetters.dropped,
      system.blocked.waiting,
      system.restarts.count,
      system.clock.pending,
    ]
    const wanted = [
      model.live,
      model.spawned,
      model.exited,
      model.sent,
      model.handled,
      model.dead,
      model.dropped,
      model.blocked,
      model.restarts,
      model.timers.pending.length,
    ]
    for (let i = 0; i < COUNTERS.length; i++) {
      if (found[i] !== wanted[i]) this.fail(`${COUNTERS[i]}: ${found[i]} instead of ${wanted[i]}`)
    }
    const sum = model.handled + model.queued + model.dead + model.dropped + model.blocked
    if (sum !== model.sent)
      this.fail(`sent ${model.sent} is not the sum ${sum} of handled, queued, dead, dropped, blocked`)
  }

  #compareLetters(): void {
    const { letters } = this.model
    this.expect('dead letters', this.#letters.length, letters.length)
    for (let i = 0; i < letters.length; i++) {
      const found = this.#letters[i]
      if (found?.message !== letters[i]!.message || found?.cause !== letters[i]!.cause)
        this.fail(
          `dead letter ${found?.message} ${found?.cause} instead of ${letters[i]!.message} ${letters[i]!.cause}`,
        )
    }
    this.#letters.length = letters.length = 0
  }

  #compareOutcomes(): void {
    const { outcomes } = this.model
    let kept = 0
    for (const outcome of outcomes) {
      if (outcome.ignored) continue
      if (outcome.want !== outcome.got) this.fail(`${outcome.what}: ${outcome.got} instead of ${outcome.want}`)
      if (outcome.want === undefined) outcomes[kept++] = outcome
    }
    outcomes.length = kept
  }

  #compareAlarm(): void {
    const next = this.model.timers.pending[0]
    if (next === undefined) this.expect('an idle runtime keeps the process alive', this.host.keepsAlive, false)
    else if (this.host.nextAlarm >= Math.max(next.tick, this.host.time) + 1) this.fail('a timer without an alarm')
    else if (!this.host.keepsAlive) this.fail('a timer does not keep the process alive')
  }

  #observed(inner: TurnTaker): TurnTaker {
    return {
      turn: process => {
        const actor = this.byProcess.get(process)
        if (actor === undefined) throw new Violation('a turn of an unknown process')
        this.#turnBegins(actor)
        const used = inner.turn(process)
        this.#turnEnds(actor, used)
        return used
      },
    }
  }

  #turnBegins(actor: Actor): void {
    const { model } = this
    if (this.#turnOf !== undefined) this.fail(`${actor} takes a turn in that of ${this.#turnOf}`)
    if (actor.dead || actor.busy || actor.suspended) this.fail(`${actor} takes a turn: ${stateOf(actor)}`)
    if (model.waitedTooLong(actor)) this.fail(`${actor} was kept waiting for ${model.turns - actor.readyAt} turns`)
    model.turns++
    actor.readyAt = -1
    this.#turnOf = actor
    this.#turnMessages = 0
    this.#sentBefore = model.sent
    this.log?.(`turn of ${actor}`)
    if (actor.isPull) this.receives.turn(actor)
    else this.current = actor
  }

  #turnEnds(actor: Actor, used: number): void {
    const { model } = this
    const reductions = actor.isPull ? 1 : this.#turnMessages + model.sent - this.#sentBefore
    this.expect(`reductions of ${actor}`, used, reductions)
    if (this.#turnMessages > actor.budget) this.fail(`${actor} handled ${this.#turnMessages} messages in one turn`)
    this.#turnOf = this.current = undefined
    if (actor.isPull) model.unsettled = true
    else {
      if (actor.bound !== undefined) model.mail.refill(actor)
      if (actor.kind === 'virtual') actor.lastUsed = model.now()
    }
    model.turnOver(actor, reductions)
  }

  #observeSpawner(): void {
    const { spawner } = this.system
    const create = spawner.create.bind(spawner)
    spawner.create = (handler, flags, options) => (this.lastCreated = create(handler, flags, options))
  }

  /** Two things that the runtime does in microtasks: the exit of a finished coroutine, and a supervisor's next stop. */
  #observeLifecycle(): void {
    const { lifecycle } = this.system
    const exit = lifecycle.exit.bind(lifecycle)
    const shutDown = lifecycle.shutDown.bind(lifecycle)
    lifecycle.exit = (process, why) => {
      const actor = this.byProcess.get(process)
      if (actor?.finished !== undefined && !actor.dead) {
        const stopped = actor.finished === NORMAL ? actor.stopping : undefined
        this.model.exits.exit(actor, stopped ?? actor.finished)
      }
      exit(process, why)
    }
    lifecycle.shutDown = (process, why) => {
      const actor = this.byProcess.get(process)
      for (const { supervision } of this.model.actors) {
        if (supervision?.nextToStop === actor && why.origin === supervision?.actor.pid) supervision?.stopNext()
      }
      shutDown(process, why)
    }
  }

  #observeSwaps(): void {
    const { behaviours } = this.system
    const apply = behaviours.apply.bind(behaviours)
    behaviours.apply = (process, signal) => {
      const actor = this.byProcess.get(process)
      if (actor !== undefined && this.#turnOf === actor) this.#swapInTurn(actor)
      apply(process, signal)
    }
  }

  #observeCalls(): void {
    const { calls } = this.system
    const startClocks = calls.startClocks.bind(calls)
    calls.startClocks = () => {
      const begun = this.model.freshCalls
      this.model.freshCalls = []
      for (const begin of begun) begin()
      startClocks()
    }
  }

  #swapInTurn(actor: Actor): void {
    this.#turnMessages++
    const entry = actor.queue.length > 0 ? this.model.take(actor) : undefined
    if (entry?.swap === undefined) this.fail(`${actor}: a swap out of order`)
    else this.model.swaps.apply(actor, entry.swap)
  }
}

const COUNTERS = ['live', 'spawned', 'exited', 'sent', 'handled', 'dead', 'dropped', 'blocked', 'restarts', 'timers']

export function codeOf(error: unknown): string {
  if (error instanceof IrisError) return error.code
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${String(error)}`
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

export function isOf(message: SystemMessage, system: System): boolean {
  const reference = system.monitor?.reference
  return (
    message.typeName === system.typeName &&
    message.fromPid === system.from.pid &&
    message.targetPid === system.target.pid &&
    message.reason === system.reason &&
    message.metadata === system.metadata &&
    (reference === undefined || message.reference === reference)
  )
}

function stateOf({ dead, busy, suspended, stopping }: Actor): string {
  return `dead ${dead}, busy ${busy}, suspended ${suspended}, stopping ${stopping !== undefined}`
}
