import type { Diagnostic } from '../../base/diagnostic.ts'
import type { ScriptProgram } from './script.ts'

/**
 * What has to be known of a function's text to find what it reaches: plain data, so that the parser may be on another
 * thread, or its answer in a file. Made by read-outline.ts.
 */
export interface Outline {
  /** Every parameter is used as a number and nothing else. */
  readonly takesOnlyScalars: boolean
  /** Undefined where the text cannot be read ({@link miss}). */
  readonly fn?: FunctionOutline
  readonly miss?: Diagnostic
}

export interface FunctionOutline {
  /** its own name, where the text gives one */
  readonly name?: string
  readonly isArrow: boolean
  /** `this` of the function itself */
  readonly usesThis: boolean
  readonly free: readonly FreeName[]
  /** Property names that it mentions. */
  readonly members: readonly string[]
}

/** A variable from outside. */
export interface FreeName {
  readonly name: string
  /** Offset of a mention; of the function's own name: of one in its body, if there is one. */
  readonly at: number
  /** The properties that are read of it, where nothing else happens to it. */
  readonly members?: readonly string[]
}

/** Where texts are read; synchronous, so what is not known yet is `undefined` or 'unread'. */
export interface TextReader {
  outline(text: string): Outline | undefined
  /** A whole script; undefined when it does not parse or is too large. */
  program(text: string): ScriptProgram | undefined | 'unread'
}

/** Thrown where a text is needed that nobody has read yet: whoever catches it has it read, and begins again. */
export class Unread extends Error {
  override readonly name = 'Unread'
  /** functions whose outline is missing */
  readonly functions: readonly string[]
  /** a whole script is to be parsed here */
  readonly needsParser: boolean

  constructor(functions: readonly string[], needsParser = false) {
    super('a text has not been read yet')
    this.functions = functions
    this.needsParser = needsParser
  }
}
