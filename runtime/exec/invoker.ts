import type { Failure } from './failure.ts'

/** Something that can run a call compiled. */
export interface Invoker {
  /** The result, or NOT_TAKEN or ABANDONED; then `failure` tells why. */
  call(self: unknown, count: number, values: readonly unknown[]): unknown
  readonly failure: Failure
  /** the assumption that failed, after ABANDONED */
  readonly speculation: string | undefined
}
