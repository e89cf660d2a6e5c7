import type { MailboxOptions } from '../bound.ts'
import type { Exit } from '../exit.ts'
import type { Pid } from '../pid.ts'

/** What a record asks for. The position is the code on the wire; 0 marks padding. */
export const OPS = [
  'padding',
  'send',
  'call',
  'reply',
  'fail',
  'spawn',
  'watch',
  'exited',
  'signal',
  'linkExit',
  'link',
  'unlink',
  'stop',
  'kill',
  'idle',
] as const
export type Op = (typeof OPS)[number]
export const CODE = Object.fromEntries(OPS.map((op, code) => [op, code])) as Record<Op, number>

/** In whose table an address is meant. */
export const MAIN = 0
export const THREAD = 1
export type Side = typeof MAIN | typeof THREAD

export interface Address {
  readonly side: number
  readonly index: number
  readonly generation: number
}

/** Of records that concern no actor. */
export const NOBODY: Address = { side: MAIN, index: 0, generation: 0 }

/** How an actor is to be made on the other side. */
export interface SpawnRequest {
  readonly url: string
  readonly kind: 'push' | 'pull'
  readonly budget: number | undefined
  readonly mailbox: MailboxOptions | undefined
}

export interface WireExit {
  readonly reason: Exit['reason']
  readonly metadata: unknown
  readonly origin: Pid | undefined
  readonly from: Pid | undefined
}

export function wireExit({ reason, metadata, origin }: Exit, from?: Pid): WireExit {
  return { reason, metadata, origin, from }
}

/** What a caller needs of an error; the rest may not be clonable. */
export interface WireError {
  readonly message: string
  readonly code: string | undefined
  readonly cause: string | undefined
}

export function wireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, cause: undefined }
  const { cause } = error
  const code = (error as { code?: unknown }).code
  return {
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    cause: cause instanceof Error ? cause.message : undefined,
  }
}

export function errorFromWire({ message, code, cause }: WireError): Error {
  const error = new Error(message, cause === undefined ? {} : { cause: new Error(cause) })
  return code === undefined ? error : Object.assign(error, { code })
}
