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
  readonly frontEnd: FrontEndLoader
  readonly memoryLimits: () => MemoryLimits
  /** The memory that others use too; without it the engine makes one of its own. */
  readonly sharedMemory?: () => { readonly memory: KernelMemory; readonly views: Views }
  readonly profileLimit: number
  /** Nanoseconds, for finding out which tier is the fastest; without a clock compiled code is taken for that. */
  readonly clock?: () => number
  /** Compiles while the caller waits, for texts in explanations; without it they are made with each compilation. */
  readonly compileNow?: (request: CompileRequest) => CompileAnswer | undefined
}

type NewFrontEnd = (texts: TextReader) => FrontEnd

/** What is loaded when a kernel is first called; `…Now`: at once, where the host can, which takes some 15 ms the first time. */
export interface FrontEndLoader {
  load(): Promise<NewFrontEnd>
  loadNow(): NewFrontEnd | undefined
  loadParser(): Promise<TextReader>
  loadParserNow(): TextReader | undefined
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
  #memory: KernelMemory | undefined
  #views: Views | undefined
  #context: ThreadContext | undefined
  #frontEnd: FrontEnd | undefined
  #loading: Promise<FrontEnd> | undefined

  constructor(parts: EngineParts) {
    this.#parts = parts
    const { loadParser, loadParserNow } = parts.frontEnd
    this.outlines = new Outlines({ ask: text => parts.compiler.outline(text), loadParser, loadParserNow })
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

  /** The front end if it is there. */
  get frontEnd(): FrontEnd | undefined {
    return this.#frontEnd
  }

  loadFrontEnd(): Promise<FrontEnd> {
    this.#loading ??= this.#parts.frontEnd.load().then(create => (this.#frontEnd ??= create(this.outlines)))
    return this.#loading
  }

  /** From now on nothing is read on other threads: for who cannot wait. */
  loadFrontEndNow(): FrontEnd | undefined {
    this.#frontEnd ??= this.#parts.frontEnd.loadNow()?.(this.outlines)
    this.outlines.readNow()
    return this.#frontEnd
  }
}
