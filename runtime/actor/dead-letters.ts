import type { Pid } from './pid.ts'

/**
 * Why a user message was not delivered: `noproc` the receiver was gone, `exit` it ended with the message in its
 * mailbox, `overflow` its mailbox refused or evicted the message, `shed` the system was over capacity.
 */
export type DeadLetterCause = 'noproc' | 'exit' | 'overflow' | 'shed'

export interface DeadLetter {
  /** The receiver, or the name that nobody had. */
  readonly target: Pid | string
  readonly message: unknown
  readonly cause: DeadLetterCause
}

/** Counts every user message that no actor will handle; nothing is lost without a trace. */
export class DeadLetters {
  /** The receiver was dead or died. */
  dead = 0
  /** The receiver or the system refused. */
  dropped = 0
  /** Told of each letter, when set. */
  listener: ((letter: DeadLetter) => void) | undefined = undefined

  add(target: Pid | string, message: unknown, cause: DeadLetterCause): void {
    if (cause === 'noproc' || cause === 'exit') this.dead++
    else this.dropped++
    this.listener?.({ target, message, cause })
  }
}
