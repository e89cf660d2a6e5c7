import { Pid } from '../../../runtime/actor/pid.ts'
import type { PullMailbox } from '../../../runtime/actor/pull.ts'
import { isSystemMessage } from '../../../runtime/actor/system-message.ts'
import type { Actor, Entry, Outcome, Receive } from '../model/entities.ts'
import { messageOf } from '../model/model.ts'
import { isOf, type World } from './world.ts'

/** What a matcher of the simulation throws at a message. */
const THROWN = 'bad matcher'
type Matcher = (message: unknown) => boolean

/** Receives of pull and observed actors. */
export class Receives {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** The runtime gives the actor a turn: its coroutine begins, or its receive is served. */
  turn(actor: Actor): void {
    if (!actor.born) {
      actor.born = true
      actor.busy = true
    } else if (actor.receive !== undefined) this.#serve(actor, actor.receive)
  }

  receive(actor: Actor, mailbox: PullMailbox, matcher: Matcher | undefined, seconds: number | undefined) {
    const { model } = this.#world
    const outcome = model.outcome(`a receive of ${actor}`)
    const ends = actor.dead || actor.stopping !== undefined
    if (ends) {
      model.settle(outcome, 'IRIS6021')
      if (!actor.dead) model.exits.exit(actor, actor.stopping!)
    }
    const promise = matcher === undefined ? mailbox.recv(seconds) : mailbox.recvMatching(matcher, seconds)
    if (!ends) this.#begin(actor, outcome, matcher, seconds)
    return this.#watched(promise, outcome)
  }

  receiveFrom(actor: Actor, matcher: Matcher, seconds: number | undefined): void {
    const { model, runtime } = this.#world
    const outcome = model.outcome(`a receive of ${actor}`)
    const promise = runtime.selectiveRecv(actor.pid, matcher, seconds)
    if (actor.receive !== undefined) model.settle(outcome, 'IRIS6010')
    else this.#begin(actor, outcome, matcher, seconds)
    this.#watched(promise, outcome).catch(() => undefined)
  }

  /** Everything that an observed actor has. */
  drain(actor: Actor): void {
    const { runtime, model } = this.#world
    const found = runtime.getMessages(actor.pid)
    this.#world.expect(`messages of ${actor}`, found.length >= actor.queue.length, true)
    for (const { data, system } of found) {
      const entry = actor.queue.length > 0 ? this.#take(actor, 0) : undefined
      const same =
        entry?.system !== undefined ? system !== undefined && isOf(system, entry.system) : data === entry?.message
      if (!same) this.#world.fail(`getMessages of ${actor} gives something else`)
    }
    model.ready(actor)
  }

  #begin(actor: Actor, outcome: Outcome, matcher: Matcher | undefined, seconds = Number.POSITIVE_INFINITY): void {
    const { model } = this.#world
    const waits = Pid.process(actor.pid)?.extras?.reader?.waiting !== undefined
    if (!waits) {
      if (actor.suspended || matcher !== undefined || actor.queue.length === 0)
        this.#world.fail(`${actor} receives without a turn`)
      else model.settle(outcome, showEntry(this.#take(actor, 0)))
      return
    }
    const receive: Receive = { matches: matcher, once: seconds === 0, outcome, timer: undefined }
    actor.receive = receive
    actor.busy = false
    if (seconds !== 0 && seconds !== Number.POSITIVE_INFINITY)
      receive.timer = model.timers.after(seconds * 1000, () => this.#finish(actor, receive, 'null'))
    model.ready(actor)
  }

  #serve(actor: Actor, receive: Receive): void {
    let position: number
    try {
      position = actor.queue.findIndex(entry => receive.matches?.(messageOf(entry)) ?? true)
    } catch {
      this.#finish(actor, receive, `thrown ${THROWN}`)
      return
    }
    if (position >= 0) {
      this.#finish(actor, receive, undefined)
      this.#world.model.settle(receive.outcome, showEntry(this.#take(actor, position)))
    } else if (receive.once) this.#finish(actor, receive, 'null')
  }

  #finish(actor: Actor, receive: Receive, want: string | undefined): void {
    this.#world.model.timers.cancel(receive.timer)
    actor.receive = undefined
    actor.readyAt = -1
    if (actor.kind === 'pull') actor.busy = true
    if (want !== undefined) this.#world.model.settle(receive.outcome, want)
  }

  #take(actor: Actor, position: number): Entry {
    const { model } = this.#world
    const entry = model.take(actor, position)
    if (actor.bound !== undefined) model.mail.refill(actor)
    if (entry.counts) model.handled++
    if (entry.sending !== undefined) entry.sending.untaken = false
    if (entry.call !== undefined) {
      if (actor.call !== undefined) actor.deferred.add(actor.call)
      actor.call = entry.call
    }
    return entry
  }

  #watched(promise: Promise<unknown>, outcome: Outcome): Promise<unknown> {
    const world = this.#world
    world.activity++
    world.model.unsettled = true
    world.watch(promise, outcome, show)
    return promise
  }
}

/** Matches by the number of the message; some throw. System messages match, too. */
export function matcherOf(divisor: number, throwsAt: number): Matcher {
  return message => {
    if (typeof message !== 'number') return divisor % 2 === 0
    if (throwsAt > 0 && message % throwsAt === 0) throw THROWN
    return message % divisor === 0
  }
}

function showEntry(entry: Entry): string {
  const { system } = entry
  return system === undefined
    ? String(entry.message)
    : `${system.typeName} ${system.target.pid} ${system.from.pid} ${system.reason}`
}

function show(message: unknown): string {
  if (!isSystemMessage(message)) return String(message)
  return `${message.typeName} ${message.targetPid} ${message.fromPid} ${message.reason}`
}
