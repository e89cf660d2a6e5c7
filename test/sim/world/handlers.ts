import type { Context } from '../../../runtime/actor/context.ts'
import type { PullMailbox } from '../../../runtime/actor/pull.ts'
import type { Actor, Code, Entry } from '../model/entities.ts'
import { exitOf, NORMAL } from '../model/exits.ts'
import type { Habits } from './habits.ts'
import { matcherOf } from './receives.ts'
import { codeOf, stackOf, type World } from './world.ts'

/** What actors do with their messages: whatever the seed says. */
export class Handlers {
  readonly #world: World
  readonly #habits: Habits
  /** Lets the actor do something to others. */
  readonly #act: (actor: Actor | undefined) => void
  #lastCode = 0
  #lastError = 0

  constructor(world: World, habits: Habits, act: (actor: Actor | undefined) => void) {
    this.#world = world
    this.#habits = habits
    this.#act = act
  }

  newCode(): Code {
    return { id: ++this.#lastCode }
  }

  /** The handler of one version. The actor is found by its pid: a replacement may run the code of another. */
  push(code: Code): (message: unknown, context: Context) => unknown {
    return (message, context) => {
      const actor = this.#world.current
      if (actor === undefined || context.self !== actor.pid) {
        this.#world.fail(`a handler of ${context.self} runs in the turn of ${actor}`)
        return undefined
      }
      try {
        return this.#handle(actor, code, message, context)
      } catch (error) {
        this.#world.log?.(`${actor} throws ${String(error)}`)
        if (typeof error !== 'string') this.#world.fail(stackOf(error))
        throw error
      }
    }
  }

  /** The coroutine of a pull actor. */
  pull(actor: Actor): (mailbox: PullMailbox, context: Context) => Promise<void> {
    return async mailbox => {
      try {
        await this.#read(actor, mailbox)
        actor.finished = NORMAL
      } catch (error) {
        actor.finished = codeOf(error) === 'IRIS6021' ? NORMAL : exitOf('Crash', undefined, error)
        if (actor.finished !== NORMAL) throw error
      } finally {
        this.#world.activity++
      }
    }
  }

  #handle(actor: Actor, code: Code, message: unknown, context: Context): unknown {
    const world = this.#world
    const entry = world.takeHead(actor, message)
    world.log?.(`${actor} handles ${entry.kind} ${String(entry.message)}`)
    world.expect(`version of ${actor}`, code.id, actor.code.id)
    actor.busy = true
    actor.call = entry.call
    this.#burnTime()
    for (let i = world.random.below(3); i > 0; i--) this.#act(actor)
    return this.#outcome(actor, entry, context)
  }

  /** A slow handler: the slice runs out, timers come late. */
  #burnTime(): void {
    if (this.#world.random.chance(this.#habits.slow)) this.#world.host.time += this.#world.random.pick([0.25, 1, 3.5])
  }

  #outcome(actor: Actor, entry: Entry, context: Context): unknown {
    const { random, model } = this.#world
    if (random.chance(this.#habits.stop)) {
      model.exits.stop(actor, exitOf('Timeout'))
      context.stop('Timeout')
    }
    if (entry.call !== undefined) this.#maybeReply(actor, context)
    if (random.chance(this.#habits.async)) return this.#later(actor)
    if (random.chance(this.#habits.crash)) {
      const error = `error ${++this.#lastError}`
      actor.busy = false
      model.exits.exit(actor, exitOf('Crash', undefined, error))
      throw error
    }
    const value = this.#world.message()
    model.mail.answer(actor.call, value)
    actor.call = undefined
    model.exits.settle(actor)
    return value
  }

  #maybeReply(actor: Actor, context: Context): void {
    const { random, model } = this.#world
    const { call } = actor
    if (call === undefined || random.chance(0.5)) return
    actor.call = undefined
    if (random.chance(0.5)) {
      const value = this.#world.message()
      this.#world.expect('reply', context.reply(value), model.mail.answer(call, value))
    } else {
      actor.deferred.add(call)
      this.#world.replies.push({ actor, call, give: context.deferReply() })
    }
  }

  #later(actor: Actor): Promise<unknown> {
    const world = this.#world
    const { model } = world
    const promise = this.#gate(actor)
    const begunDead = actor.dead
    promise.then(
      value => {
        if (begunDead) return
        model.mail.answer(actor.call, value)
        actor.call = undefined
        model.exits.settle(actor)
      },
      error => {
        if (begunDead) return
        actor.busy = false
        model.exits.exit(actor, exitOf('Crash', undefined, error))
      },
    )
    return promise
  }

  #gate(actor: Actor): Promise<unknown> {
    return new Promise((open, fail) => this.#world.gates.push({ actor, open, fail }))
  }

  async #read(actor: Actor, mailbox: PullMailbox): Promise<void> {
    const world = this.#world
    const { random } = world
    while (!random.chance(0.05)) {
      world.activity++
      const choice = random.below(10)
      if (choice < 5) await this.#receive(actor, mailbox)
      else if (choice === 5) await this.#gate(actor)
      else if (choice === 6) this.#reply(actor, mailbox)
      else this.#act(undefined)
    }
    if (random.chance(this.#habits.crash)) throw `error ${++this.#lastError}`
  }

  async #receive(actor: Actor, mailbox: PullMailbox): Promise<void> {
    const { random, receives } = this.#world
    const matcher = random.chance(0.4) ? matcherOf(random.between(1, 4), random.below(20)) : undefined
    const seconds = random.pick([undefined, undefined, 0, 0.005, 0.25])
    try {
      await receives.receive(actor, mailbox, matcher, seconds)
    } catch (error) {
      if (typeof error !== 'string') throw error
    } finally {
      this.#world.activity++
    }
  }

  #reply(actor: Actor, mailbox: PullMailbox): void {
    const { call } = actor
    actor.call = undefined
    const value = this.#world.message()
    this.#world.expect('mailbox.reply', mailbox.reply(value), this.#world.model.mail.answer(call, value))
  }
}
