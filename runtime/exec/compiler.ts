import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'

/** Something that compiles: the thread of compiler-thread.ts, or a function in tests. */
export interface Compiler {
  /** Never rejects: what goes wrong inside is a miss with IRIS5003. Does not keep the process alive. */
  compile(request: CompileRequest): Promise<CompileAnswer>
  close(): Promise<void>
}
