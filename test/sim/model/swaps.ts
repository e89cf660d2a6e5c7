import { type Actor, type Code, Entry, type Swap } from './entities.ts'
import type { Model } from './model.ts'

const HISTORY = 16

interface Versions {
  version: number
  kept: number
}

/** Versions of code, in the order of the mailbox. */
export class Swaps {
  readonly #model: Model

  constructor(model: Model) {
    this.#model = model
  }

  /** The version that a message sent now will meet, if no migration fails until then. */
  planned(actor: Actor): Versions {
    const plan = { version: actor.version, kept: actor.history.length }
    for (const { swap } of actor.queue) if (swap !== undefined) advance(plan, swap)
    return plan
  }

  request(actor: Actor, swap: Swap): void {
    if (actor.queue.length === 0 && !actor.busy) {
      this.apply(actor, swap)
      return
    }
    const entry = new Entry('swap', undefined)
    entry.swap = swap
    this.#model.push(actor, entry)
  }

  apply(actor: Actor, { code, steps, migrate }: Swap): void {
    if (code === undefined) {
      for (let i = 0; i < steps && actor.history.length > 0; i++) {
        actor.code = actor.history.pop()!
        actor.version--
      }
    } else if (migrate !== 'throws') {
      actor.history.push(actor.code)
      if (actor.history.length > HISTORY) actor.history.shift()
      actor.code = code
      actor.version++
    }
  }

  inherit(from: Actor, to: Actor): Code | undefined {
    if (from.version === 1 || to.isPull) return undefined
    to.version = from.version
    to.history = [...from.history]
    return (to.code = from.code)
  }
}

function advance(plan: Versions, { code, steps }: Swap): void {
  if (code !== undefined) {
    plan.version++
    plan.kept = Math.min(HISTORY, plan.kept + 1)
  } else {
    const back = Math.min(steps, plan.kept)
    plan.version -= back
    plan.kept -= back
  }
}
