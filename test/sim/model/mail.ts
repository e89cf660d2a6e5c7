import { type Actor, type Blocked, type Bound, type Call, Entry, type Outcome } from './entities.ts'
import type { Model } from './model.ts'

/** What `send` gives: true, false, or a promise. */
export type Sent = boolean | Outcome

interface Journey {
  readonly sender: Actor | undefined
  readonly timeoutMs: number | undefined
  readonly hops: number
}

const MOST_HOPS = 8
const LEVELS = ['NORMAL', 'HIGH', 'CRITICAL'] as const

/** The way of messages into mailboxes and out of them. */
export class Mail {
  readonly #model: Model

  constructor(model: Model) {
    this.#model = model
  }

  send(sender: Actor | undefined, target: Actor, entry: Entry, timeoutMs?: number): Sent {
    this.#model.sent++
    if (target.gone) return this.#refuse(entry, 'noproc')
    return this.#deliver(target, entry, { sender, timeoutMs, hops: 0 })
  }

  sendNowhere(entry: Entry): false {
    this.#model.sent++
    return this.#refuse(entry, 'noproc')
  }

  /** Below half of the capacity, below nine tenths, above; a level is left a tenth below its threshold. */
  pressure(actor: Actor): (typeof LEVELS)[number] {
    const [high, critical, slack] = actor.bound
      ? [actor.bound.capacity * 0.5, actor.bound.capacity * 0.9, actor.bound.capacity * 0.1]
      : [1000, 10_000, 100]
    const size = actor.users
    const before = actor.pressure
    const reaches = (level: number, threshold: number): boolean =>
      size >= (before >= level ? threshold - slack : threshold)
    actor.pressure = reaches(2, critical) ? 2 : reaches(1, high) ? 1 : 0
    return LEVELS[actor.pressure]!
  }

  activate(actor: Actor): void {
    if (!actor.dormant) return
    actor.dormant = false
    actor.activations++
    actor.lastUsed = this.#model.now()
    this.#watchIdle(actor, actor.lastUsed + actor.idleMs)
  }

  /** Room for those who wait, oldest first. */
  refill(actor: Actor): void {
    const bound = actor.bound!
    while (bound.waiting.length > 0 && actor.users < bound.capacity && !actor.dead) {
      const blocked = bound.waiting.shift()!
      this.#release(blocked)
      this.#model.settle(blocked.outcome, 'true')
      this.#model.push(actor, blocked.entry)
    }
  }

  /** The actor ends: who waits for it fails, what it waits for is not sent, what it has is dead. */
  leave(actor: Actor): void {
    const waiting = actor.bound?.waiting.splice(0) ?? []
    for (const blocked of waiting) this.#fail(blocked)
    for (const blocked of [...actor.blocked]) this.giveUp(blocked)
    if (actor.receive !== undefined) {
      this.#model.timers.cancel(actor.receive.timer)
      this.#model.settle(actor.receive.outcome, 'IRIS6021')
      actor.receive = undefined
    }
    if (actor.call !== undefined) this.refuse(actor.call, 'IRIS6005')
    actor.call = undefined
    for (const call of actor.deferred) this.refuse(call, 'IRIS6005')
    while (actor.queue.length > 0) {
      const entry = this.#model.take(actor)
      if (entry.counts) this.#model.letter(entry, 'exit')
      this.discard(entry, 'IRIS6005')
    }
  }

  giveUp(blocked: Blocked): void {
    const { waiting } = blocked.target.bound!
    const at = waiting.indexOf(blocked)
    if (at >= 0) waiting.splice(at, 1)
    this.#fail(blocked)
  }

  answer(call: Call | undefined, value: unknown): boolean {
    if (call === undefined || call.outcome.want !== undefined) return false
    this.#model.timers.cancel(call.timer)
    this.#model.settle(call.outcome, `answer ${String(value)}`)
    return true
  }

  refuse(call: Call, code: string): boolean {
    if (call.outcome.want !== undefined) return false
    this.#model.timers.cancel(call.timer)
    this.#model.settle(call.outcome, code)
    return true
  }

  discard(entry: Entry, code: string): void {
    if (entry.call !== undefined) this.refuse(entry.call, code)
    if (entry.sending !== undefined) entry.sending.untaken = false
  }

  #deliver(target: Actor, entry: Entry, journey: Journey): Sent {
    const { live, capacity } = this.#model
    if (capacity !== Number.POSITIVE_INFINITY && live >= capacity && this.pressure(target) === 'CRITICAL')
      return this.#refuse(entry, 'shed')
    if (target.dead) return this.#refuse(entry, 'exit')
    this.activate(target)
    if (target.bound !== undefined) return this.#offer(target, target.bound, entry, journey)
    this.#model.push(target, entry)
    return true
  }

  #offer(target: Actor, bound: Bound, entry: Entry, journey: Journey): Sent {
    this.refill(target)
    if (target.users < bound.capacity) {
      this.#model.push(target, entry)
      return true
    }
    switch (bound.policy) {
      case 'dropnew':
        return this.#refuse(entry, 'overflow')
      case 'dropold':
        this.#evict(target)
        this.#model.push(target, entry)
        return true
      case 'redirect':
        return this.#redirect(bound, entry, journey)
      case 'spill':
        return this.#spill(target, bound, entry, journey)
      case 'block':
        return this.#block(target, entry, journey)
    }
  }

  #evict(target: Actor): void {
    const position = target.queue.findIndex(entry => entry.counts)
    const entry = this.#model.take(target, position)
    this.discard(entry, 'IRIS6013')
    this.#refuse(entry, 'overflow')
  }

  #redirect(bound: Bound, entry: Entry, journey: Journey): Sent {
    if (journey.hops >= MOST_HOPS) return this.#refuse(entry, 'overflow')
    const target = bound.target!
    if (target.gone) return this.#refuse(entry, 'noproc')
    return this.#deliver(target, entry, { ...journey, hops: journey.hops + 1 })
  }

  #spill(target: Actor, bound: Bound, entry: Entry, journey: Journey): Sent {
    if (target.users >= 2 * bound.capacity) return this.#redirect(bound, entry, journey)
    this.#model.sent++
    ignore(this.#redirect(bound, new Entry('user', entry.message), journey))
    this.#model.push(target, entry)
    return true
  }

  #block(target: Actor, entry: Entry, { sender, timeoutMs }: Journey): Outcome {
    const outcome = this.#model.outcome('a blocked send')
    if (sender !== undefined && waitsFor(target, sender, new Set())) {
      this.#model.letter(entry, 'overflow')
      this.#model.settle(outcome, 'IRIS6012')
      return outcome
    }
    const blocked: Blocked = { entry, sender, target, outcome, timer: undefined }
    target.bound!.waiting.push(blocked)
    sender?.blocked.add(blocked)
    this.#model.blocked++
    const wait = timeoutMs ?? target.bound!.timeoutMs
    if (wait !== Number.POSITIVE_INFINITY) blocked.timer = this.#model.timers.after(wait, () => this.giveUp(blocked))
    return outcome
  }

  #fail(blocked: Blocked): void {
    this.#release(blocked)
    this.#model.letter(blocked.entry, 'overflow')
    this.discard(blocked.entry, 'IRIS6013')
    this.#model.settle(blocked.outcome, 'IRIS6013')
  }

  #release(blocked: Blocked): void {
    this.#model.blocked--
    this.#model.timers.cancel(blocked.timer)
    blocked.sender?.blocked.delete(blocked)
  }

  #refuse(entry: Entry, cause: 'noproc' | 'exit' | 'overflow' | 'shed'): false {
    this.#model.letter(entry, cause)
    return false
  }

  #watchIdle(actor: Actor, at: number): void {
    if (actor.idleMs !== Number.POSITIVE_INFINITY)
      actor.idleTimer = this.#model.timers.at(at, () => this.#checkIdle(actor))
  }

  #checkIdle(actor: Actor): void {
    const now = this.#model.now()
    const inUse = actor.queue.length > 0 || actor.busy || actor.suspended
    const at = (inUse ? now : actor.lastUsed) + actor.idleMs
    if (at > now) this.#watchIdle(actor, at)
    else actor.dormant = true
  }
}

/** Nobody awaits the send. */
export function ignore(sent: Sent): void {
  if (typeof sent !== 'boolean') sent.ignored = true
}

function waitsFor(actor: Actor, sender: Actor, seen: Set<Actor>): boolean {
  if (actor === sender) return true
  if (seen.has(actor)) return false
  seen.add(actor)
  for (const { target } of actor.blocked) if (waitsFor(target, sender, seen)) return true
  return false
}
