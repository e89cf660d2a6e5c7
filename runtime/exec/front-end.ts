import type { Profile, SourceGraph } from '../../compiler/abi.ts'
import type { Captured } from './access.ts'
import type { AnyFunction } from './wrapper.ts'

/** What was read of a function: plain data for the compiler, and the live values behind it. */
export interface KernelSource {
  readonly graph: SourceGraph
  readonly captured: Captured
}

/** One call described: the arguments, and the captured values as they relate to them. */
export interface CallShape {
  readonly graph: SourceGraph
  readonly profile: Profile
}

/** Reads functions and describes calls. Loaded when a kernel is first called, since it brings the parser. */
export interface FrontEnd {
  /** `near`: URLs of files that may hold the function. @throws Miss IRIS1xxx */
  read(fn: AnyFunction, captures: Readonly<Record<string, unknown>> | undefined, near: readonly string[]): KernelSource
  /** Whether every parameter is used as a number and nothing else, so that arrays given for them mean "elementwise". */
  isScalar(fn: AnyFunction): boolean
  /** @throws Miss IRIS4xxx */
  describe(source: KernelSource, self: unknown, values: readonly unknown[]): CallShape
}
