import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import type { Outline } from '../../compiler/source/outline.ts'

/** Something that compiles: the thread of compiler-thread.ts, or a function in tests. */
export interface Compiler {
  /** Never rejects: what goes wrong inside is a miss with IRIS5003. Does not keep the process alive. */
  compile(request: CompileRequest): Promise<CompileAnswer>
  /** Reads the text of a function; undefined when that went wrong. Never rejects, and does not keep the process alive. */
  outline(text: string): Promise<Outline | undefined>
  close(): Promise<void>
}
