import type { Pid } from './pid.ts'
import { type BackpressureLevel, pressureOf } from './pressure.ts'
import { BUSY, DORMANT, type Process, PULL, REMOTE, SUPERVISOR, SUSPENDED, TRAPS_EXITS, VIRTUAL } from './process.ts'
import type { ActorSystem } from './system.ts'

export type ActorKind = 'push' | 'pull' | 'observed' | 'virtual' | 'supervisor' | 'remote'

/** What can be seen of one live actor. */
export interface ActorInfo {
  readonly pid: Pid
  readonly kind: ActorKind
  readonly name: string | null
  readonly paths: readonly string[]
  readonly parent: Pid | null
  readonly children: readonly Pid[]
  readonly links: readonly Pid[]
  /** Monitors that watch it. */
  readonly monitors: number
  readonly mailboxSize: number
  readonly capacity: number | null
  readonly backpressure: BackpressureLevel
  readonly budget: number
  readonly behaviorVersion: number
  /** In a handler, also while it awaits; of a pull actor: not in a receive. */
  readonly busy: boolean
  readonly suspended: boolean
  readonly trapsExits: boolean
  /** False for a virtual actor without activation. */
  readonly active: boolean
  readonly activations: number
  readonly timers: number
  readonly health: string | null
}

export interface Metrics {
  /** Live actors. */
  readonly actors: number
  readonly spawned: number
  readonly exited: number
  /** `sent = handled + queued + deadLetters + dropped + blocked + forwarded`, with calls, ticks and spilled copies. */
  readonly sent: number
  readonly handled: number
  readonly queued: number
  readonly deadLetters: number
  readonly dropped: number
  readonly blocked: number
  /** Passed on to actors of other threads, which count them in their turn. */
  readonly forwarded: number
  readonly restarts: number
  readonly timers: number
  /** Actors in the run queue. */
  readonly runnable: number
}

export function actorInfo(process: Process): ActorInfo {
  const { flags, extras } = process
  return {
    pid: process.pid,
    kind: kindOf(process),
    name: extras?.name ?? null,
    paths: [...(extras?.paths ?? [])],
    parent: process.parent?.pid ?? null,
    children: pidsOf(extras?.children),
    links: pidsOf(extras?.links),
    monitors: extras?.watchedBy?.size ?? 0,
    mailboxSize: process.userSize,
    capacity: extras?.bound?.capacity ?? null,
    backpressure: pressureOf(process),
    budget: process.budget,
    behaviorVersion: extras?.behaviour?.plannedVersion ?? 1,
    busy: (flags & BUSY) !== 0,
    suspended: (flags & SUSPENDED) !== 0,
    trapsExits: (flags & TRAPS_EXITS) !== 0,
    active: (flags & DORMANT) === 0,
    activations: extras?.activation?.count ?? 1,
    timers: extras?.timers?.size ?? 0,
    health: extras?.health ?? null,
  }
}

function kindOf({ flags, extras }: Process): ActorKind {
  if ((flags & REMOTE) !== 0) return 'remote'
  if ((flags & SUPERVISOR) !== 0) return 'supervisor'
  if ((flags & VIRTUAL) !== 0) return 'virtual'
  if ((flags & PULL) === 0) return 'push'
  return extras?.reader?.start === undefined ? 'observed' : 'pull'
}

function pidsOf(processes: Iterable<Process> | undefined): Pid[] {
  return processes === undefined ? [] : Array.from(processes, process => process.pid)
}

/** Counts the whole system; walks over all actors. */
export function metricsOf(system: ActorSystem): Metrics {
  let queued = 0
  for (const process of system.table) queued += process.userSize
  return {
    actors: system.table.live,
    spawned: system.spawner.spawned,
    exited: system.lifecycle.exits,
    sent: system.scheduler.totalSent,
    handled: system.push.handled + system.receiver.handled,
    queued,
    deadLetters: system.deadLetters.dead,
    dropped: system.deadLetters.dropped,
    blocked: system.blocked.waiting,
    forwarded: system.delivery.forwarded,
    restarts: system.restarts.count,
    timers: system.clock.pending,
    runnable: system.scheduler.queued,
  }
}
