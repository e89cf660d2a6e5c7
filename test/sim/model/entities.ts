import type { OverflowPolicy } from '../../../runtime/actor/bound.ts'
import type { ExitReason } from '../../../runtime/actor/exit.ts'
import type { Pid } from '../../../runtime/actor/pid.ts'
import type { MonitorReference } from '../../../runtime/actor/system-message.ts'
import type { Supervision } from './supervision.ts'

/** What the model knows of one exit. */
export interface Exit {
  readonly reason: ExitReason
  /** Undefined when the actor itself is the cause. */
  readonly origin: Actor | undefined
  readonly metadata: unknown
}

export type Kind = 'push' | 'virtual' | 'pull' | 'observed' | 'supervisor' | 'warden'

/** A promise the runtime has given out: what it should settle with, and what it did. */
export interface Outcome {
  readonly what: string
  want: string | undefined
  got: string | undefined
  /** Nobody holds the promise. */
  ignored: boolean
}

export class Timer {
  /** The millisecond at which it is due. */
  tick = 0
  pending = false
  readonly fire: () => void

  constructor(fire: () => void) {
    this.fire = fire
  }
}

export interface Call {
  readonly message: unknown
  readonly outcome: Outcome
  timer: Timer | undefined
}

export interface Monitor {
  readonly watcher: Actor
  readonly target: Actor
  reference: MonitorReference | undefined
}

/** `sendAfter` or `sendInterval`. */
export interface Sending {
  readonly target: Actor | string
  readonly message: unknown
  readonly intervalMs: number | undefined
  due: number
  untaken: boolean
  timer: Timer
}

export interface Blocked {
  readonly entry: Entry
  readonly sender: Actor | undefined
  readonly target: Actor
  readonly outcome: Outcome
  timer: Timer | undefined
}

/** One version of an actor's code. */
export interface Code {
  readonly id: number
}

export interface Swap {
  readonly code: Code | undefined
  readonly steps: number
  readonly migrate: 'none' | 'works' | 'throws'
}

/** What waits in a mailbox. */
export class Entry {
  readonly kind: 'user' | 'call' | 'tick' | 'system' | 'swap'
  readonly message: unknown
  call: Call | undefined = undefined
  sending: Sending | undefined = undefined
  system: System | undefined = undefined
  swap: Swap | undefined = undefined

  constructor(kind: Entry['kind'], message: unknown) {
    this.kind = kind
    this.message = message
  }

  /** Bounds and dead letters concern these only. */
  get counts(): boolean {
    return this.kind !== 'system' && this.kind !== 'swap'
  }
}

export interface System {
  readonly typeName: 'EXIT' | 'DOWN'
  readonly from: Actor
  readonly target: Actor
  readonly reason: ExitReason
  readonly metadata: unknown
  readonly monitor: Monitor | undefined
}

export interface Bound {
  readonly capacity: number
  policy: OverflowPolicy
  target: Actor | undefined
  readonly timeoutMs: number
  waiting: Blocked[]
}

/** The receive of a pull or observed actor that waits. */
export interface Receive {
  readonly matches: ((message: unknown) => boolean) | undefined
  readonly once: boolean
  readonly outcome: Outcome
  timer: Timer | undefined
}

export class Actor {
  readonly id: number
  readonly kind: Kind
  readonly budget: number
  pid!: Pid
  /** Takes no more part; `gone` once its links and monitors were told. */
  dead = false
  gone = false
  exit: Exit | undefined = undefined
  stopping: Exit | undefined = undefined
  busy = false
  suspended = false
  traps = false
  queue: Entry[] = []
  users = 0
  bound: Bound | undefined = undefined
  /** Turns of the scheduler when it became runnable, or -1. */
  readyAt = -1
  readyBound = 0
  /** Turns it has to miss for having used more than its budget in the last. */
  owed = 0
  call: Call | undefined = undefined
  readonly deferred = new Set<Call>()
  readonly links = new Set<Actor>()
  readonly watchedBy = new Set<Monitor>()
  readonly watching = new Set<Monitor>()
  parent: Actor | undefined = undefined
  readonly children = new Set<Actor>()
  /** Of a supervisor that ends: the children, the youngest last. */
  ending: Actor[] | undefined = undefined
  shutdownMs = 5000
  shutdownTimer: Timer | undefined = undefined
  name: string | undefined = undefined
  readonly paths = new Set<string>()
  readonly timers = new Set<Sending>()
  readonly blocked = new Set<Blocked>()
  /** What transactions have set. */
  readonly committed = new Map<string, number>()
  code: Code = { id: 0 }
  version = 1
  history: Code[] = []
  pressure = 0
  // virtual
  idleMs = Number.POSITIVE_INFINITY
  dormant = false
  activations = 1
  lastUsed = 0
  idleTimer: Timer | undefined = undefined
  // pull and observed
  born = true
  receive: Receive | undefined = undefined
  /** The coroutine has ended; the exit follows in a microtask. */
  finished: Exit | undefined = undefined
  supervision: Supervision | undefined = undefined
  /** Told once it is gone. */
  readonly joins: Outcome[] = []

  constructor(id: number, kind: Kind, budget: number) {
    this.id = id
    this.kind = kind
    this.budget = budget
  }

  get isPull(): boolean {
    return this.kind === 'pull' || this.kind === 'observed'
  }

  toString(): string {
    return `${this.kind} ${this.id}`
  }
}
