import type { Behaviour } from './behaviour.ts'
import type { BlockedSend } from './blocked.ts'
import type { Bound } from './bound.ts'
import type { Chunks } from './chunks.ts'
import type { Context } from './context.ts'
import type { Exit } from './exit.ts'
import type { Handler } from './handler.ts'
import { Mailbox } from './mailbox.ts'
import type { Monitor } from './monitors.ts'
import type { Pid } from './pid.ts'
import type { Reader } from './pull.ts'
import type { Remote } from './remote.ts'
import type { CallSignal } from './signal.ts'
import type { TimerNode } from './timer-wheel.ts'
import type { Activation } from './virtual.ts'

/** Bits of `Process.flags`. */
export const DEAD = 1 << 0
/** The mailbox has a capacity. */
export const BOUNDED = 1 << 1
/** A virtual actor that is not active. */
export const DORMANT = 1 << 2
/** Lives on another thread or node; the mailbox stays empty. */
export const REMOTE = 1 << 3
/** Waits in the run queue. */
export const QUEUED = 1 << 4
/** In a handler, also while it awaits; of a pull actor: not in a receive. */
export const BUSY = 1 << 5
export const SUSPENDED = 1 << 6
/** Ends after the message it handles now. */
export const STOPPING = 1 << 7
export const TRAPS_EXITS = 1 << 8
/** Takes messages itself instead of being handed them. */
export const PULL = 1 << 9
/** Stops its children one by one, the youngest first. */
export const SUPERVISOR = 1 << 10
/** Has a pid for good and an activation at times. */
export const VIRTUAL = 1 << 11
/** Has a reader's coroutine still to be started. */
export const UNBORN = 1 << 12

/** Observed, and nobody receives at the moment. */
export const PASSIVE = 1 << 13

/** Counted among those whose work goes on outside the scheduler. */
export const AWAITING = 1 << 14

/** Has used more than its budget, and lets others go first: `extras.debt`. */
export const INDEBTED = 1 << 15

/** With none of these a message goes straight into the mailbox. */
export const SPECIAL_DELIVERY = DEAD | BOUNDED | DORMANT | REMOTE
/** With none of these a process with messages belongs into the run queue. */
export const NOT_RUNNABLE = DEAD | QUEUED | BUSY | SUSPENDED | PASSIVE
/** Somebody wants to know when messages were taken out. */
export const WATCHED_TURNS = BOUNDED | VIRTUAL
/** Any of these ends a turn. */
export const TURN_OVER = DEAD | STOPPING | SUSPENDED

export const DEFAULT_BUDGET = 100
export const DEFAULT_SHUTDOWN_MS = 5000

/**
 * One actor: its mailbox, its behaviour and what the scheduler needs at every message. It extends the mailbox so that
 * a delivery touches one object only; everything rare sits in `extras`, made on first use.
 */
export class Process extends Mailbox {
  flags: number
  readonly budget: number
  readonly pid: Pid
  handler: Handler
  context: Context | undefined = undefined
  /** The request that is being handled. */
  call: CallSignal | undefined = undefined
  parent: Process | undefined
  extras: Extras | undefined = undefined

  constructor(chunks: Chunks, pid: Pid, handler: Handler, budget: number, flags: number, parent: Process | undefined) {
    super(chunks)
    this.pid = pid
    this.handler = handler
    this.budget = budget
    this.flags = flags
    this.parent = parent
  }
}

/** What few actors have. Each field belongs to the module that declares its type. */
export class Extras {
  links: Set<Process> | undefined = undefined
  /** Monitors that watch this actor, and those it has set itself. */
  watchedBy: Set<Monitor> | undefined = undefined
  watching: Set<Monitor> | undefined = undefined
  children: Set<Process> | undefined = undefined
  timers: Set<TimerNode> | undefined = undefined
  /** Kept after death, so that a supervisor can bind it again. */
  name: string | undefined = undefined
  paths: Set<string> | undefined = undefined
  bound: Bound | undefined = undefined
  /** Sends of this actor that wait for room elsewhere. */
  blocked: Set<BlockedSend> | undefined = undefined
  behaviour: Behaviour | undefined = undefined
  reader: Reader | undefined = undefined
  activation: Activation | undefined = undefined
  remote: Remote | undefined = undefined
  /** Called once the actor is gone, after its links and monitors were told. */
  afterExit: ((exit: Exit) => void)[] | undefined = undefined
  /** What a stop asked for, or how the actor ended. */
  exit: Exit | undefined = undefined
  /** Children of a leaving supervisor, the youngest last. */
  ending: Process[] | undefined = undefined
  /** Calls whose answer the actor has put off. */
  deferred: Set<CallSignal> | undefined = undefined
  /** Reductions beyond the budget that have not been made up for. */
  debt = 0
  shutdownMs = DEFAULT_SHUTDOWN_MS
  shutdownTimer: TimerNode | undefined = undefined
  /** What transactions have committed. */
  committed: ReadonlyMap<string, unknown> | undefined = undefined
  /** Index of the last level of pressure that was reported. */
  pressure = 0
  health: string | undefined = undefined
  label: string | undefined = undefined
}

export function extrasOf(process: Process): Extras {
  return (process.extras ??= new Extras())
}
