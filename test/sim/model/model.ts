import type { DeadLetterCause } from '../../../runtime/actor/dead-letters.ts'
import { Actor, type Entry, type Kind, type Outcome, type Receive } from './entities.ts'
import { Exits } from './exits.ts'
import { Mail } from './mail.ts'
import { Swaps } from './swaps.ts'
import { Timers } from './timers.ts'
import { Transactions } from './transactions.ts'

export interface Letter {
  readonly message: unknown
  readonly cause: DeadLetterCause
}

/**
 * What docs/actors.md promises, as plain data and without any of the runtime's code: mailboxes are arrays, and every
 * operation says at once what it does to all actors. Only the order of turns is the runtime's; `turns` bounds it.
 */
export class Model {
  readonly timers: Timers
  readonly exits: Exits
  readonly mail: Mail
  readonly swaps: Swaps
  readonly transactions: Transactions
  /** All that are not gone. */
  readonly actors = new Set<Actor>()
  readonly names = new Map<string, Actor>()
  readonly paths = new Map<string, Actor>()
  readonly now: () => number
  spawned = 0
  exited = 0
  sent = 0
  handled = 0
  dead = 0
  dropped = 0
  blocked = 0
  queued = 0
  restarts = 0
  capacity = Number.POSITIVE_INFINITY
  turns = 0
  /** Dead letters that are due in this step. */
  readonly letters: Letter[] = []
  readonly outcomes: Outcome[] = []
  /** Begin the time of calls that were made and may have been answered since. */
  freshCalls: (() => void)[] = []
  /** Promises of the engine have to settle before the next step. */
  unsettled = false

  get live(): number {
    return this.actors.size
  }

  constructor(now: () => number) {
    this.now = now
    this.timers = new Timers(now)
    this.exits = new Exits(this)
    this.mail = new Mail(this)
    this.swaps = new Swaps(this)
    this.transactions = new Transactions(this)
  }

  create(kind: Kind, budget: number, parent: Actor | undefined): Actor {
    const actor = new Actor(this.spawned++, kind, budget)
    this.actors.add(actor)
    if (parent !== undefined) {
      actor.parent = parent
      parent.children.add(actor)
    }
    return actor
  }

  outcome(what: string): Outcome {
    const outcome: Outcome = { what, want: undefined, got: undefined, ignored: false }
    this.outcomes.push(outcome)
    return outcome
  }

  settle(outcome: Outcome, want: string): void {
    outcome.want ??= want
    this.unsettled = true
  }

  letter(entry: Entry, cause: DeadLetterCause): void {
    if (cause === 'noproc' || cause === 'exit') this.dead++
    else this.dropped++
    this.letters.push({ message: entry.message, cause })
  }

  push(actor: Actor, entry: Entry): void {
    actor.queue.push(entry)
    if (entry.counts) {
      actor.users++
      this.queued++
    }
    this.ready(actor)
  }

  ready(actor: Actor): void {
    if (actor.readyAt >= 0 || !this.isRunnable(actor)) return
    actor.readyAt = this.turns
    actor.readyBound = this.live - this.spawned
  }

  /** A turn of that actor is over. What it used beyond its budget is paid with turns missed, if it has more to do. */
  turnOver(actor: Actor, reductions: number): void {
    actor.readyAt = -1
    actor.owed = 0
    this.ready(actor)
    if (actor.readyAt >= 0) actor.owed = Math.max(0, Math.floor(reductions / actor.budget) - 1)
  }

  /** The runtime may let others go first, but each of them once only, and once more for each turn owed. */
  waitedTooLong(actor: Actor): boolean {
    if (actor.readyAt < 0) return false
    return this.turns - actor.readyAt > (1 + actor.owed) * (actor.readyBound + this.spawned)
  }

  isRunnable(actor: Actor): boolean {
    if (actor.dead || actor.busy || actor.suspended) return false
    if (!actor.born) return true
    if (!actor.isPull) return actor.queue.length > 0
    const { receive } = actor
    if (receive === undefined) return false
    return receive.once || actor.queue.some(entry => concerns(receive, entry))
  }

  /** Takes an entry out of a mailbox. */
  take(actor: Actor, position = 0): Entry {
    const entry = position === 0 ? actor.queue.shift()! : actor.queue.splice(position, 1)[0]!
    if (entry.counts) {
      actor.users--
      this.queued--
    }
    return entry
  }
}

/** What a matcher sees. */
export function messageOf(entry: Entry): unknown {
  return entry.kind === 'system' ? entry.system : entry.message
}

/** A matcher that throws ends the receive, too. */
function concerns({ matches }: Receive, entry: Entry): boolean {
  try {
    return matches?.(messageOf(entry)) ?? true
  } catch {
    return true
  }
}
