import { IrisError } from '../../base/diagnostic.ts'
import { checkFunction } from './check.ts'
import { accountedFor } from './delivery.ts'
import type { Pid } from './pid.ts'
import { DEAD, extrasOf, type Process } from './process.ts'
import { liveProcessOf, processOf } from './resolve.ts'
import type { ActorSystem } from './system.ts'

export const GHOST_POLICIES = ['FirstSafePointWins', 'PreferPrimary'] as const
/** Which of two runs commits: the first that finishes, or the primary unless it fails. */
export type GhostPolicy = (typeof GHOST_POLICIES)[number]

/** The staging area of one run: nothing it does is visible before the commit. */
export interface Transaction {
  /** The actor that the transaction belongs to. */
  readonly self: Pid
  send(pid: Pid, message: unknown): void
  register(name: string, pid: Pid): void
  set(key: string, value: unknown): void
  /** What this run has set, else what was committed. */
  get(key: string): unknown
}

export interface TransactionRuns<P, G> {
  primary(tx: Transaction): P | Promise<P>
  ghost?(tx: Transaction): G | Promise<G>
}

export interface TransactionResult<V> {
  readonly winner: 'primary' | 'ghost'
  readonly value: V
}

export class Staging implements Transaction {
  readonly self: Pid
  readonly sends: [pid: Pid, message: unknown][] = []
  readonly names = new Map<string, Pid>()
  readonly values = new Map<string, unknown>()
  readonly #committed: ReadonlyMap<string, unknown> | undefined

  constructor(process: Process) {
    this.self = process.pid
    this.#committed = process.extras?.committed
  }

  send(pid: Pid, message: unknown): void {
    processOf(pid)
    this.sends.push([pid, message])
  }

  register(name: string, pid: Pid): void {
    this.names.set(name, pid)
  }

  set(key: string, value: unknown): void {
    this.values.set(key, value)
  }

  get(key: string): unknown {
    return this.values.has(key) ? this.values.get(key) : this.#committed?.get(key)
  }
}

interface Run {
  readonly name: 'primary' | 'ghost'
  readonly staging: Staging
  readonly value: Promise<unknown>
}

/** Two speculative runs of which exactly one commits. */
export class Transactions {
  policy: GhostPolicy = 'FirstSafePointWins'
  primaryWins = 0
  ghostWins = 0
  /** Times a ghost stood in for a primary that failed. */
  replays = 0
  readonly #system: ActorSystem

  constructor(system: ActorSystem) {
    this.#system = system
  }

  async run(pid: Pid, runs: TransactionRuns<unknown, unknown>): Promise<TransactionResult<unknown>> {
    const process = liveProcessOf(pid)
    checkFunction('primary', runs.primary)
    const primary = begin('primary', process, runs.primary)
    const ghost = runs.ghost && begin('ghost', process, runs.ghost)
    const winner = await this.#winner(primary, ghost).catch((cause: unknown) => {
      throw new IrisError('IRIS6022', { pid: String(pid), reason: 'no run finished' }, { cause })
    })
    const value = await winner.value
    this.commit(pid, winner.staging)
    if (winner.name === 'primary') this.primaryWins++
    else this.ghostWins++
    return { winner: winner.name, value }
  }

  /** What transactions have committed to an actor. */
  committed(pid: Pid, key: string): unknown {
    return liveProcessOf(pid).extras?.committed?.get(key)
  }

  reset(): void {
    this.primaryWins = this.ghostWins = this.replays = 0
  }

  /** Rejects with the primary's error when every run failed. */
  #winner(primary: Run, ghost: Run | undefined): Promise<Run> {
    if (ghost === undefined) return primary.value.then(() => primary)
    const waitsForPrimary = this.policy === 'PreferPrimary'
    return new Promise((resolve, reject) => {
      let isDecided = false
      let hasFailed = false
      const ghostWins = (): void => {
        if (!isDecided && hasFailed) this.replays++
        isDecided = true
        resolve(ghost)
      }
      primary.value.then(
        () => {
          isDecided = true
          resolve(primary)
        },
        (error: unknown) => {
          hasFailed = true
          ghost.value.then(ghostWins, () => reject(error))
        },
      )
      if (!waitsForPrimary) ghost.value.then(ghostWins, ignore)
    })
  }

  /** All or nothing: whatever can fail is tested before anything becomes visible. */
  commit(pid: Pid, staging: Staging): void {
    const process = processOf(pid)
    if (process === undefined || (process.flags & DEAD) !== 0)
      throw new IrisError('IRIS6022', { pid: String(pid), reason: 'the actor exited before the commit' })
    this.#register(pid, staging)
    if (staging.values.size > 0) {
      const extras = extrasOf(process)
      extras.committed = new Map([...(extras.committed ?? []), ...staging.values])
    }
    for (const [target, message] of staging.sends)
      accountedFor(this.#system.delivery.sendFrom(process, target, message))
  }

  #register(pid: Pid, staging: Staging): void {
    const { registry } = this.#system
    const done: string[] = []
    try {
      for (const [name, target] of staging.names) {
        registry.register(name, target)
        done.push(name)
      }
    } catch (cause) {
      for (const name of done) registry.unregister(name)
      throw new IrisError('IRIS6022', { pid: String(pid), reason: 'a name could not be registered' }, { cause })
    }
  }
}

function begin(name: Run['name'], process: Process, run: (tx: Transaction) => unknown): Run {
  const staging = new Staging(process)
  const value = new Promise<unknown>(resolve => resolve(run(staging)))
  value.catch(ignore)
  return { name, staging, value }
}

/** The run that failed has lost; the winner, or the error of both, is told elsewhere. */
function ignore(): void {}
