import { createRequire } from 'node:module'
import { readFlag } from '../base/env.ts'
import { builtFile, builtPath } from '../base/files.ts'
import type { CompileAnswer, CompileRequest } from '../compiler/abi.ts'
import type { compileNow } from '../runtime/exec/compile-now.ts'
import type { Compiler } from '../runtime/exec/compiler.ts'
import type { Thread } from '../runtime/exec/compiler-thread.ts'
import { Engine, type ParserLoader } from '../runtime/exec/engine.ts'
import { createFrontEnd } from '../runtime/exec/reader.ts'
import { cached } from './cache.ts'
import { publish } from './jit-log.ts'
import { memoryLimits, type SharedMemory, sharedMemory } from './shared-memory.ts'

/** Hardly ever needed; synchronously where the host can require ES modules. */
const parser: ParserLoader = {
  load: async () => (await import('../compiler/source/in-process.ts')).parser,
  loadNow: () =>
    requireBuilt<typeof import('../compiler/source/in-process.ts')>('compiler/source/in-process.js')?.parser,
}

/** Tests run the sources from the checkout, through a loader that is asynchronous. */
const isBuilt = !import.meta.url.endsWith('.ts')

/** Undefined while an import() of the same files is under way, or where ES modules cannot be required. */
function requireBuilt<M>(path: string): M | undefined {
  if (!isBuilt) return undefined
  const load = createRequire(import.meta.url) as (path: string) => M
  try {
    return load(builtPath(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_REQUIRE')) return undefined
    throw error
  }
}

async function startThread(): Promise<Thread> {
  const { Worker } = await import('node:worker_threads')
  const file = builtFile('runtime/exec/compiler-worker.js')
  // it prints nothing; to be joined to this process's streams would make those, which takes 2 ms
  return new Worker(file, { name: 'iris-compiler', execArgv: [], stdout: true, stderr: true })
}

export function createEngine(compiler: Compiler = newCompiler(), shared?: () => SharedMemory): Engine {
  const engine = new Engine({
    compiler,
    createFrontEnd,
    parser,
    memoryLimits,
    ...(shared && { sharedMemory: shared }),
    profileLimit: readFlag('IRIS_PROFILE_LIMIT'),
    clock: () => performance.now() * 1e6,
    ...(isBuilt && { compileNow: compileTexts }),
  })
  publish(engine.events, line => process.stderr.write(`${line}\n`))
  return engine
}

const compileTexts = (request: CompileRequest): CompileAnswer | undefined =>
  requireBuilt<{ readonly compileNow: typeof compileNow }>('runtime/exec/compile-now.js')?.compileNow(request)

/** Tests that run the sources have no build that a cache could name. */
const newCompiler = (): Compiler => (isBuilt ? cached(newCompilerThread()) : newCompilerThread())

/** The thread and the code that runs it are loaded with the first request. */
function newCompilerThread(): Compiler {
  let thread: Promise<Compiler> | undefined
  const start = async (): Promise<Compiler> => {
    const { CompilerThread } = await import('../runtime/exec/compiler-thread.ts')
    return new CompilerThread(startThread, readFlag('IRIS_COMPILER_IDLE_MS'))
  }
  const compiler = (): Promise<Compiler> => (thread ??= start())
  return {
    compile: async request => (await compiler()).compile(request),
    outline: async text => (await compiler()).outline(text),
    close: async () => (await thread)?.close(),
  }
}

let shared: Engine | undefined

/** The engine of this process: one memory, one compiler. */
export function defaultEngine(): Engine {
  shared ??= createEngine(undefined, sharedMemory)
  return shared
}
