import type { GhostPolicy } from '../../../runtime/actor/transaction.ts'
import { type Actor, Entry, type Outcome } from './entities.ts'
import type { Model } from './model.ts'

/** One of the two runs of a transaction: what it has staged, and how it ended. */
export interface Run {
  readonly name: 'primary' | 'ghost'
  readonly sends: { readonly target: Actor; readonly message: number }[]
  readonly names: Map<string, Actor>
  readonly values: Map<string, number>
  state: 'running' | 'finished' | 'failed'
  value: number
}

export interface Transaction {
  readonly actor: Actor
  readonly policy: GhostPolicy
  readonly outcome: Outcome
  readonly primary: Run
  readonly ghost: Run | undefined
  winner: Run | undefined
}

export function newRun(name: Run['name']): Run {
  return { name, sends: [], names: new Map(), values: new Map(), state: 'running', value: 0 }
}

/** Which run of a transaction commits, and what becomes visible then. */
export class Transactions {
  primaryWins = 0
  ghostWins = 0
  replays = 0
  /** Decided, and not committed yet. */
  readonly due = new Set<Transaction>()
  readonly #model: Model

  constructor(model: Model) {
    this.#model = model
  }

  ended(transaction: Transaction, run: Run, state: 'finished' | 'failed'): void {
    run.state = state
    this.#model.unsettled = true
    if (transaction.winner !== undefined || transaction.outcome.want !== undefined) return
    const { primary, ghost, policy } = transaction
    if (primary.state === 'finished') this.#decide(transaction, primary)
    else if (ghost?.state === 'finished' && (primary.state === 'failed' || policy === 'FirstSafePointWins')) {
      if (primary.state === 'failed') this.replays++
      this.#decide(transaction, ghost)
    } else if (primary.state === 'failed' && (ghost === undefined || ghost.state === 'failed'))
      this.#model.settle(transaction.outcome, 'IRIS6022')
  }

  /** The runtime commits: all of the winner's effects, or none. */
  commit(transaction: Transaction): void {
    this.due.delete(transaction)
    const { actor, winner, outcome } = transaction
    const run = winner!
    if (actor.dead || !this.#canRegister(run)) {
      this.#model.settle(outcome, 'IRIS6022')
      return
    }
    for (const [name, target] of run.names) {
      target.name = name
      this.#model.names.set(name, target)
    }
    for (const [key, value] of run.values) actor.committed.set(key, value)
    for (const { target, message } of run.sends) {
      const sent = this.#model.mail.send(actor, target, new Entry('user', message))
      if (typeof sent !== 'boolean') sent.ignored = true
    }
    if (run.name === 'primary') this.primaryWins++
    else this.ghostWins++
    this.#model.settle(outcome, `${run.name} ${run.value}`)
  }

  #decide(transaction: Transaction, winner: Run): void {
    transaction.winner = winner
    this.due.add(transaction)
  }

  /** One name for each, and each name once. */
  #canRegister({ names }: Run): boolean {
    const targets = [...names.values()]
    return (
      new Set(targets).size === targets.length &&
      targets.every(target => !target.dead && target.name === undefined) &&
      [...names.keys()].every(name => !this.#model.names.has(name))
    )
  }
}
