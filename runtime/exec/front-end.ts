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

/** A place in the user's file, through source maps where there are some. Lines and columns count from 1. */
export interface Place {
  /** path, or URL where it is no file; empty when unknown */
  readonly file: string
  readonly line: number
  readonly column: number
  /** the lines around it, the place underlined */
  readonly frame: string
}

/** Reads functions and describes calls. Loaded when a kernel is first called, since it brings the parser. */
export interface FrontEnd {
  /** `near`: URLs of files that may hold the function. @throws Miss IRIS1xxx */
  read(fn: AnyFunction, captures: Readonly<Record<string, unknown>> | undefined, near: readonly string[]): KernelSource
  /** Whether every parameter is used as a number and nothing else, so that arrays given for them mean "elementwise". */
  isScalar(fn: AnyFunction): boolean
  /** Where a part of function `index` stands; without a source, as if `text` were the whole file. May take 15 ms. */
  locate(
    source: KernelSource | undefined,
    index: number,
    text: string,
    range: { readonly start: number; readonly end: number },
  ): Place
  /** @throws Miss IRIS4xxx */
  describe(source: KernelSource, self: unknown, values: readonly unknown[]): CallShape
}
