import { OVERFLOW_POLICIES } from '../../../runtime/actor/bound.ts'
import { type Actor, type Call, Entry, type Outcome, type Sending, Timer } from '../model/entities.ts'
import { ignore, type Sent } from '../model/mail.ts'
import { NAMES } from './naming.ts'
import { matcherOf } from './receives.ts'
import type { World } from './world.ts'

/** Sends, calls, timers and what concerns mailboxes. */
export class Messages {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  send(sender: Actor | undefined): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { model, runtime, random } = this.#world
    const message = this.#world.message()
    const timeoutMs = random.chance(0.3) ? random.below(40) : undefined
    this.#world.log?.(`send ${message} to ${actor} by ${sender}`)
    const wanted = model.mail.send(sender, actor, new Entry('user', message), timeoutMs)
    this.#compare(runtime.send(actor.pid, message, timeoutMs === undefined ? undefined : { timeoutMs }), wanted)
  }

  sendMany(): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { model, runtime } = this.#world
    const messages = [this.#world.message(), this.#world.message()]
    this.#world.log?.(`send ${messages} to ${actor}`)
    const sender = this.#world.current
    const wanted = messages.map(message => model.mail.send(sender, actor, new Entry('user', message)))
    for (const sent of wanted) ignore(sent)
    this.#world.expect('sendMany', runtime.sendMany(actor.pid, messages), wanted.filter(sent => sent !== false).length)
  }

  sendNamed(): void {
    const { model, runtime, random } = this.#world
    const name = random.pick(NAMES)
    const actor = model.names.get(name)
    const message = this.#world.message()
    this.#world.log?.(`send ${message} to ${name}`)
    this.#world.attempt('sendNamed', actor === undefined ? 'IRIS6006' : undefined, () => {
      const wanted = actor && model.mail.send(this.#world.current, actor, new Entry('user', message))
      const sent = runtime.sendNamed(name, message)
      if (wanted !== undefined) this.#compare(sent, wanted)
    })
  }

  call(sender: Actor | undefined): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { model, runtime, random } = this.#world
    const message = this.#world.message()
    const timeoutMs = random.pick([5000, 10, 1, Number.POSITIVE_INFINITY])
    const outcome = model.outcome(`call ${message} of ${actor}`)
    this.#world.log?.(`call ${message} of ${actor} by ${sender}`)
    this.#expectCall(sender, actor, message, timeoutMs, outcome)
    this.#world.watch(runtime.call(actor.pid, message, { timeoutMs }), outcome, value => `answer ${String(value)}`)
  }

  answerDeferred(): void {
    const { replies, random, model } = this.#world
    if (replies.length === 0) return
    const [{ actor, call, give }] = replies.splice(random.below(replies.length), 1) as [(typeof replies)[number]]
    const value = this.#world.message()
    this.#world.log?.(`deferred answer ${value} of ${actor}`)
    this.#world.expect('a deferred reply', give(value), actor.deferred.delete(call) && model.mail.answer(call, value))
  }

  sendAfter(): void {
    const target = this.#timerTarget()
    if (target === undefined) return
    const { random, runtime, model } = this.#world
    const message = this.#world.message()
    const delay = random.pick([0, 0.3, 1, 7, 40, 200, 5000])
    this.#world.log?.(`send ${message} to ${target} after ${delay}`)
    if (typeof target !== 'string' && target.dead) {
      model.mail.send(undefined, target, new Entry('user', message))
      runtime.sendAfter(target.pid, delay, message)
      return
    }
    const sending: Sending = newSending(target, message, undefined, () => this.#fireOnce(sending))
    model.timers.start(sending.timer, model.now() + delay)
    this.#enter(sending, runtime.sendAfter(typeof target === 'string' ? target : target.pid, delay, message))
  }

  sendInterval(): void {
    const target = this.#timerTarget()
    if (target === undefined || (typeof target !== 'string' && target.dead)) return
    const { random, runtime, model } = this.#world
    const message = this.#world.message()
    const every = random.pick([1, 2.5, 10, 100])
    this.#world.log?.(`send ${message} to ${target} every ${every}`)
    const sending: Sending = newSending(target, message, every, () => this.#fireTick(sending, every))
    sending.due = model.now() + every
    model.timers.start(sending.timer, sending.due)
    this.#enter(sending, runtime.sendInterval(typeof target === 'string' ? target : target.pid, every, message))
  }

  cancelTimer(): void {
    const { sendings, random, model } = this.#world
    if (sendings.length === 0) return
    const { sending, cancel } = random.pick(sendings)
    this.#world.log?.(`cancel ${sending.message}`)
    const inTime = model.timers.cancel(sending.timer)
    if (typeof sending.target !== 'string') sending.target.timers.delete(sending)
    this.#world.expect('cancelTimer', cancel(), inTime)
  }

  setPolicy(): void {
    const actor = this.#world.known.find(each => each.bound !== undefined && !each.dead)
    const target = this.#world.pick()
    if (actor === undefined || target === undefined) return
    const policy = this.#world.random.pick(OVERFLOW_POLICIES)
    this.#world.log?.(`policy of ${actor}: ${policy} ${target}`)
    this.#world.runtime.setOverflowPolicy(actor.pid, policy, target.pid)
    actor.bound!.policy = policy
    actor.bound!.target = target
  }

  pressure(): void {
    const actor = this.#world.pick()
    if (actor === undefined) return
    const { runtime, model } = this.#world
    this.#world.expect('mailboxSize', runtime.mailboxSize(actor.pid), actor.gone ? null : actor.users)
    const level = actor.gone ? null : model.mail.pressure(actor)
    this.#world.expect('mailboxBackpressure', runtime.mailboxBackpressure(actor.pid), level)
  }

  /** Reads an observed actor. */
  observe(): void {
    const actor = this.#world.known.find(each => each.kind === 'observed' && !each.dead)
    if (actor === undefined) return
    const { random, receives } = this.#world
    if (random.chance(0.3)) receives.drain(actor)
    else
      receives.receiveFrom(actor, matcherOf(random.between(1, 4), random.below(20)), random.pick([undefined, 0, 0.01]))
  }

  #expectCall(sender: Actor | undefined, actor: Actor, message: number, timeoutMs: number, outcome: Outcome): void {
    const { model } = this.#world
    if (actor.dead) {
      model.mail.send(sender, actor, new Entry('user', message))
      model.settle(outcome, 'IRIS6002')
      return
    }
    if (actor === sender) {
      model.settle(outcome, 'IRIS6004')
      return
    }
    const call: Call = { message, outcome, timer: undefined }
    if (timeoutMs !== Number.POSITIVE_INFINITY)
      model.freshCalls.push(() => {
        if (call.outcome.want !== undefined) return
        call.timer = model.timers.after(timeoutMs, () => model.mail.refuse(call, 'IRIS6003'))
      })
    const entry = new Entry('call', message)
    entry.call = call
    const sent = model.mail.send(sender, actor, entry)
    if (sent === false) model.mail.refuse(call, 'IRIS6013')
    else if (sent !== true) this.#callFailsWith(sent, call)
  }

  /** A blocked request fails its call. */
  #callFailsWith(blocked: Outcome, call: Call): void {
    ignore(blocked)
    if (blocked.want !== undefined) this.#world.model.mail.refuse(call, blocked.want)
  }

  #fireOnce(sending: Sending): void {
    const { target } = sending
    if (typeof target !== 'string') target.timers.delete(sending)
    this.#deliver(sending, new Entry('user', sending.message))
  }

  #fireTick(sending: Sending, every: number): void {
    const { model } = this.#world
    const now = model.now()
    while (sending.due <= now) sending.due += every
    model.timers.start(sending.timer, sending.due)
    if (sending.untaken) return
    sending.untaken = true
    const entry = new Entry('tick', sending.message)
    entry.sending = sending
    if (this.#deliver(sending, entry) === false) sending.untaken = false
  }

  #deliver({ target }: Sending, entry: Entry): Sent {
    const { model } = this.#world
    const actor = typeof target === 'string' ? model.names.get(target) : target
    if (actor === undefined) return model.mail.sendNowhere(entry)
    const sent = model.mail.send(undefined, actor, entry)
    ignore(sent)
    return sent
  }

  #timerTarget(): Actor | string | undefined {
    return this.#world.random.chance(0.2) ? this.#world.random.pick(NAMES) : this.#world.pick()
  }

  #enter(sending: Sending, timer: Parameters<World['runtime']['cancelTimer']>[0]): void {
    const { sendings, runtime } = this.#world
    if (typeof sending.target !== 'string') sending.target.timers.add(sending)
    sendings.push({ sending, cancel: () => runtime.cancelTimer(timer) })
    if (sendings.length > 12) sendings.shift()
  }

  #compare(found: boolean | Promise<boolean>, wanted: Sent): void {
    if (typeof wanted === 'boolean') {
      this.#world.expect('send', found, wanted)
      if (typeof found !== 'boolean') found.catch(() => undefined)
    } else if (typeof found === 'boolean') this.#world.fail(`send gave ${found} where it should block`)
    else this.#world.watch(found, wanted, String)
  }
}

function newSending(
  target: Actor | string,
  message: unknown,
  intervalMs: number | undefined,
  fire: () => void,
): Sending {
  return { target, message, intervalMs, due: 0, untaken: false, timer: new Timer(fire) }
}
