import type { Profile, SourceGraph } from '../../compiler/abi.ts'
import type { Captured } from './access.ts'
import type { AnyFunction } from './wrapper.ts'

/** What was read of a function: plain data for the compiler, and the live values behind it. */
export interface KernelSource {
  readonly graph: SourceGraph
  readonly captured: Captured
  /** @throws Miss IRIS4xxx, Unread */
  describe(self: unknown, values: readonly unknown[]): CallShape
  /** Where a part of function `index` stands. May take 15 ms. */
  locate(index: number, range: Range): Place
  /** The variable that the kernel is assigned to, where the script shows one: `const wave = offload((x) => …)`. */
  variable(): string | undefined
}

export interface Range {
  readonly start: number
  readonly end: number
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

/** Reads functions and describes calls. */
export interface FrontEnd {
  /** `near`: URLs of files that may hold the function. @throws Miss IRIS1xxx, Unread */
  read(fn: AnyFunction, captures: Readonly<Record<string, unknown>> | undefined, near: readonly string[]): KernelSource
  /** Where a part of a function stands that could not be read. May take 15 ms. */
  locate(fn: AnyFunction, range: Range, near: readonly string[]): Place
}
