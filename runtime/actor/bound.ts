import { IrisError } from '../../base/diagnostic.ts'
import type { BlockedSend } from './blocked.ts'
import { checkInteger, checkNumber, checkOneOf } from './check.ts'
import type { Pid } from './pid.ts'
import { processOf } from './resolve.ts'

export const OVERFLOW_POLICIES = ['dropnew', 'dropold', 'redirect', 'spill', 'block'] as const

/**
 * What happens to a user message that meets a full mailbox: `dropnew` refuses it, `dropold` evicts the oldest user
 * message, `redirect` passes it to the target, `spill` copies it to the target and keeps it, up to twice the capacity,
 * `block` makes `send` return a promise.
 */
export type OverflowPolicy = (typeof OVERFLOW_POLICIES)[number]

export interface MailboxOptions {
  /** User messages that may wait. */
  readonly capacity: number
  /** Default `dropnew`. */
  readonly overflow?: OverflowPolicy
  /** Of `redirect` and `spill`. */
  readonly target?: Pid
  /** How long `block` waits by default; unlimited when left out. */
  readonly timeoutMs?: number
}

export interface SendOptions {
  /** How long a blocked send waits. */
  readonly timeoutMs?: number
}

/** The bound of one mailbox, and the sends that wait for room in it. */
export class Bound {
  readonly capacity: number
  policy: OverflowPolicy
  target: Pid | undefined
  readonly timeoutMs: number
  /** Oldest first. */
  waiting: BlockedSend[] = []

  constructor(capacity: number, policy: OverflowPolicy, target: Pid | undefined, timeoutMs: number) {
    this.capacity = capacity
    this.policy = policy
    this.target = target
    this.timeoutMs = timeoutMs
  }
}

export function boundOf(options: MailboxOptions): Bound {
  const capacity = checkInteger('mailbox.capacity', options.capacity, 1)
  const timeoutMs = checkNumber(
    'mailbox.timeoutMs',
    options.timeoutMs ?? Number.POSITIVE_INFINITY,
    0,
    Number.POSITIVE_INFINITY,
  )
  const bound = new Bound(capacity, 'dropnew', undefined, timeoutMs)
  setPolicy(bound, options.overflow ?? 'dropnew', options.target)
  return bound
}

export function setPolicy(bound: Bound, policy: OverflowPolicy, target: Pid | undefined): void {
  checkOneOf('overflow', policy, OVERFLOW_POLICIES)
  const needsTarget = policy === 'redirect' || policy === 'spill'
  if (needsTarget && target === undefined) {
    throw new IrisError('IRIS5002', {
      name: 'target',
      reason: `${policy} needs one`,
      fix: 'pass the pid of the fallback actor',
    })
  }
  if (target !== undefined) processOf(target)
  bound.policy = policy
  bound.target = target
}
