import { GHOST_POLICIES, type Transaction as Staged, type Staging } from '../../../runtime/actor/transaction.ts'
import type { Actor } from '../model/entities.ts'
import { newRun, type Run, type Transaction } from '../model/transactions.ts'
import { NAMES } from './naming.ts'
import type { World } from './world.ts'

const KEYS: readonly string[] = ['a', 'b']

/** Transactions: two runs that stage whatever the seed says and end at once or at a gate. */
export class Transactions {
  readonly #world: World
  /** By what the runtime stages. */
  readonly #runs = new Map<Staged, { readonly transaction: Transaction; readonly run: Run }>()

  constructor(world: World) {
    this.#world = world
    this.#observeCommits()
  }

  act(): void {
    const { random, runtime, model } = this.#world
    const actor = this.#world.pick()
    if (actor === undefined) return
    const policy = random.pick(GHOST_POLICIES)
    const outcome = model.outcome(`transaction of ${actor}`)
    const ghost = random.chance(0.7) ? newRun('ghost') : undefined
    const transaction: Transaction = { actor, policy, outcome, primary: newRun('primary'), ghost, winner: undefined }
    this.#world.log?.(`transaction of ${actor}, ${policy}${ghost === undefined ? '' : ', with a ghost'}`)
    if (actor.dead) model.settle(outcome, 'IRIS6002')
    runtime.vortexSetAutoGhostPolicy(policy)
    const promise = runtime.transaction(actor.pid, {
      primary: tx => this.#run(transaction, transaction.primary, tx),
      ...(ghost && { ghost: (tx: Staged) => this.#run(transaction, ghost, tx) }),
    })
    this.#world.watch(promise, outcome, result => {
      const { winner, value } = result as { readonly winner: string; readonly value: unknown }
      return `${winner} ${value}`
    })
    model.unsettled = true
  }

  /** After each step: what was decided is committed, and the runtime counts as the model does. */
  check(): void {
    const { runtime, model } = this.#world
    const { due, primaryWins, ghostWins, replays } = model.transactions
    if (due.size > 0) this.#world.fail('a transaction was decided and not committed')
    const [primary, ghost] = runtime.vortexGetAutoResolutionCounts()
    this.#world.expect('wins of primaries', primary, primaryWins)
    this.#world.expect('wins of ghosts', ghost, ghostWins)
    this.#world.expect('replays', runtime.vortexGetAutoReplayCount(), replays)
  }

  #run(transaction: Transaction, run: Run, tx: Staged): number | Promise<number> {
    const { random, model } = this.#world
    this.#runs.set(tx, { transaction, run })
    this.#world.expect('tx.self', tx.self, transaction.actor.pid)
    for (let i = random.below(4); i > 0; i--) this.#stage(transaction.actor, run, tx)
    run.value = this.#world.message()
    const choice = random.below(4)
    if (choice === 0) {
      model.transactions.ended(transaction, run, 'failed')
      throw new Error('run')
    }
    if (choice === 1) {
      model.transactions.ended(transaction, run, 'finished')
      return run.value
    }
    return this.#later(transaction, run)
  }

  #stage(actor: Actor, run: Run, tx: Staged): void {
    const { random } = this.#world
    const key = random.pick(KEYS)
    const target = this.#world.pick()!
    const message = this.#world.message()
    const choice = random.below(4)
    if (choice === 0) {
      run.sends.push({ target, message })
      tx.send(target.pid, message)
    } else if (choice === 1) {
      const name = random.pick(NAMES)
      run.names.set(name, target)
      tx.register(name, target.pid)
    } else if (choice === 2) {
      run.values.set(key, message)
      tx.set(key, message)
    } else this.#world.expect(`tx.get of ${actor}`, tx.get(key), run.values.get(key) ?? actor.committed.get(key))
  }

  async #later(transaction: Transaction, run: Run): Promise<number> {
    const { gates, model } = this.#world
    const { actor } = transaction
    try {
      await new Promise((open, fail) => gates.push({ actor, open, fail }))
    } catch (error) {
      model.transactions.ended(transaction, run, 'failed')
      throw error
    }
    model.transactions.ended(transaction, run, 'finished')
    return run.value
  }

  #observeCommits(): void {
    const { transactions } = this.#world.system
    const commit = transactions.commit.bind(transactions)
    transactions.commit = (pid, staging: Staging) => {
      this.#world.activity++
      const { transaction, run } = this.#runs.get(staging)!
      if (transaction.winner !== run) this.#world.fail(`the ${run.name} of ${transaction.actor} commits`)
      else this.#world.model.transactions.commit(transaction)
      commit(pid, staging)
    }
  }
}
