import type { Pid } from './pid.ts'

export const EXIT_REASONS = [
  'Normal',
  'Killed',
  'Panic',
  'Crash',
  'Shutdown',
  'NoProc',
  'Disconnected',
  'Timeout',
] as const

/**
 * Why an actor ended: `Normal` it finished, `Killed` it was asked or forced to, `Panic` the engine or Wasm trapped,
 * `Crash` user code threw, `Shutdown` its supervisor or owner ended it, `NoProc` it was not there, `Disconnected` its
 * thread or node was lost, `Timeout` it did not finish in time.
 */
export type ExitReason = (typeof EXIT_REASONS)[number]

/** One exit as it travels along links: the origin is the actor whose exit began the cascade. */
export interface Exit {
  readonly reason: ExitReason
  readonly metadata: unknown
  /** Undefined when the actor itself is the cause. */
  readonly origin: Pid | undefined
}

export const NORMAL: Exit = { reason: 'Normal', metadata: undefined, origin: undefined }
export const KILLED: Exit = { reason: 'Killed', metadata: undefined, origin: undefined }
export const NO_PROCESS: Exit = { reason: 'NoProc', metadata: undefined, origin: undefined }

export function exitOf(reason: ExitReason, metadata?: unknown, origin?: Pid): Exit {
  return { reason, metadata, origin }
}

/** A stack overflow or a Wasm trap is the engine's doing (`Panic`); everything else that is thrown is user code's. */
export function exitOfError(error: unknown): Exit {
  return exitOf(isPanic(error) ? 'Panic' : 'Crash', error)
}

function isPanic(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true
  return error instanceof RangeError && error.message.startsWith('Maximum call stack size exceeded')
}
