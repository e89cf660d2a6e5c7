import type { Failure } from './failure.ts'

/** Something that can run a call compiled. */
export interface Invoker {
  /** The result, or NOT_TAKEN or ABANDONED; then `failure` tells why. */
  call(self: unknown, count: number, values: readonly unknown[]): unknown
  readonly failure: Failure
  /** after an exception: arrays may hold what was written before it */
  readonly isDirty: boolean
  /** the assumption that failed, after ABANDONED */
  readonly speculation: string | undefined
}
