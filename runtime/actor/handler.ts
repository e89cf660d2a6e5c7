import type { Context } from './context.ts'
import type { PullMailbox } from './pull.ts'

/**
 * The behaviour of a push actor: one message at a time, not re-entrant across `await`. The awaited return value
 * answers a `call`; a throw or rejection is a crash.
 */
export type Handler<M = never> = (message: M, context: Context) => unknown

/** The behaviour of a pull actor: runs once; its return is the exit `Normal`. */
export type PullHandler = (mailbox: PullMailbox, context: Context) => unknown
