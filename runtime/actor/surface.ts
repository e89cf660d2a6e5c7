import type { DeadLetter } from './dead-letters.ts'
import type { RestartFailure } from './path-supervisor.ts'
import type { BackpressureLevel } from './pressure.ts'
import type { SpawnOptions } from './spawner.ts'
import type { SystemMessage } from './system-message.ts'

/** What an observed actor was sent: one of the two. */
export interface ObservedMessage {
  readonly data?: unknown
  readonly system?: SystemMessage
}

export interface ThreadSpawnOptions extends SpawnOptions {
  /** With a URL: a thread for this actor alone. */
  readonly thread?: boolean
}

export interface SendOutcome {
  readonly sent: boolean | Promise<boolean>
  readonly level: BackpressureLevel | null
}

export interface RuntimeEvents {
  deadLetter: [letter: DeadLetter]
  /** A factory of a path supervisor has failed three times. */
  restartFailed: [failure: RestartFailure]
  /** A scheduler thread has ended by an error that no handler caught; its actors exit with `Disconnected`. */
  threadFailed: [error: Error]
}
