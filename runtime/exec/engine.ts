import type { CompileAnswer, CompileRequest } from '../../compiler/abi.ts'
import type { TextReader } from '../../compiler/source/outline.ts'
import type { Compiler } from './compiler.ts'
import { JitEventHub } from './events.ts'
import type { FrontEnd } from './front-end.ts'
import { KernelMemory, type MemoryLimits } from './memory.ts'
import { Outlines } from './outlines.ts'
import type { Code } from './pool/work.ts'
import { ThreadContext } from './thread-context.ts'
import { Views } from './views.ts'

/** What an engine is made of; tests hand in their own. */
export interface EngineParts {
  readonly compiler: Compiler
  readonly createFrontEnd: (texts: TextReader) => FrontEnd
  readonly parser: ParserLoader
  readonly memoryLimits: () => MemoryLimits
  /** The memory that others use too; without it the engine makes one of its own. */
  readonly sharedMemory?: () => { readonly memory: KernelMemory; readonly views: Views }
  readonly profileLimit: number
  /** Nanoseconds, for finding out which tier is the fastest; without a clock compiled code is taken for that. */
  readonly clock?: () => number
  /** Compiles while the caller waits, for texts in explanations; without it they are made with each compilation. */
  readonly compileNow?: (request: CompileRequest) => CompileAnswer | undefined
}

/** Brings the parser to this thread; `loadNow`: at once, where the host can, which takes some 15 ms the first time. */
export interface ParserLoader {
  load(): Promise<TextReader>
  loadNow(): TextReader | undefined
}

/** The threads that may work on loops of compiled calls. */
export interface ThreadLender {
  /** at most; 1: there are none to lend */
  readonly count: number
  /** Lets the loops of this context be shared; `now` starts the threads, else the first loop does that is worth it. */
  lend(context: ThreadContext, now: boolean): Promise<void>
  /** Makes code known to them; gives the number by which they know it. */
  announce(code: Code): number | undefined
}

/** What all kernels of a process share. Everything in it is made when it is first needed. */
export class Engine {
  readonly compiler: Compiler
  readonly events = new JitEventHub()
  readonly profileLimit: number
  readonly compileNow: EngineParts['compileNow']
  readonly clock: EngineParts['clock']
  /** set by whoever owns a pool */
  threads: ThreadLender | undefined
  readonly #parts: EngineParts
  /** what is known of function texts */
  readonly outlines: Outlines
  readonly frontEnd: FrontEnd
  #memory: KernelMemory | undefined
  #views: Views | undefined
  #context: ThreadContext | undefined

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.outlines = new Outlines(text => parts.compiler.outline(text), parts.parser)
    this.frontEnd = parts.createFrontEnd(this.outlines)
    this.compiler = parts.compiler
    this.profileLimit = parts.profileLimit
    this.compileNow = parts.compileNow
    this.clock = parts.clock
  }

  get memory(): KernelMemory {
    this.#memory ??= this.#parts.sharedMemory?.().memory ?? new KernelMemory(this.#parts.memoryLimits())
    return this.#memory
  }

  get views(): Views {
    this.#views ??= this.#parts.sharedMemory?.().views ?? new Views(this.memory)
    return this.#views
  }

  get context(): ThreadContext {
    this.#context ??= new ThreadContext(this.memory)
    return this.#context
  }
}
