import type { RegionPlan } from '../../../compiler/abi.ts'
import type { ThreadContext } from '../thread-context.ts'
import type { State } from './words.ts'

/** Wasm that threads of the pool can run; known by identity, and sent to each thread once. */
export interface Code {
  readonly module: WebAssembly.Module
  /** functions of the host that it imports from module `host` (`Math.sin`) */
  readonly hosts: readonly string[]
  /** the export that is called */
  readonly entry: string
  /** loops that may be shared among threads */
  readonly regions?: readonly RegionPlan[]
}

/** How a run on a thread ended. */
export interface Ended {
  readonly state: State
  /** what the Wasm function returned */
  readonly value: number
  /** of a trap: what the code left in its context block */
  readonly status: number
  /** of a defect */
  readonly message: string
}

/** A call that has been made ready: its arrays are in kernel memory. */
export interface Placement {
  readonly code: Code
  readonly params: readonly number[]
  /** Arena, status and result slots of the call; owned by it until {@link release}. */
  readonly context: ThreadContext
  readonly slots: number
  /** The result of the call, or what it throws; {@link AGAIN}: it must be placed once more. */
  finish(ended: Ended): unknown
  /** Called once, when no thread works on it any more. */
  release(): void
}

export const AGAIN = Symbol('again')

/** What the pool runs. */
export interface Work {
  /**
   * Called when a thread is free for it. Undefined: it cannot run on a thread, {@link runHere} is called instead.
   * @throws what the call is to throw
   */
  place(): Placement | undefined
  /** Runs it on the caller's thread. */
  runHere(): unknown
}
