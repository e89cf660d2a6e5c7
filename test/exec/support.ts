import type { CallPlan, CompileAnswer, CompiledKernel, CompileRequest, Input } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { parser } from '../../compiler/source/in-process.ts'
import type { Outline } from '../../compiler/source/outline.ts'
import type { Captured } from '../../runtime/exec/access.ts'
import type { Compiler } from '../../runtime/exec/compiler.ts'
import { Engine } from '../../runtime/exec/engine.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import { createFrontEnd } from '../../runtime/exec/reader.ts'

/** The real compiler, on this thread. */
export const inProcess: Compiler = {
  compile: request => compile(request, { verify: true }),
  outline: async text => parser.outline(text),
  close: async () => undefined,
}

export const SMALL_MEMORY = { initial: 1 << 20, maximum: 16 << 20 }

/** An engine of its own that reads at once. With a clock it measures. */
export async function newEngine(
  compiler: Compiler = inProcess,
  profileLimit = 6,
  clock?: () => number,
): Promise<Engine> {
  const engine = new Engine({
    compiler,
    createFrontEnd,
    parser: { load: async () => parser, loadNow: () => parser },
    memoryLimits: () => SMALL_MEMORY,
    profileLimit,
    ...(clock && { clock }),
  })
  engine.outlines.readNow()
  return engine
}

export const newMemory = (maximum = SMALL_MEMORY.maximum): KernelMemory =>
  new KernelMemory({ initial: 1 << 20, maximum })

export const PLAN: CallPlan = {
  inputs: [],
  result: { kind: 'void' },
  writeBacks: [],
  mayExit: false,
  exitsAfterEffect: false,
  usesArena: false,
  hosts: [],
  slots: 0,
  exits: [],
}

export const arg = (index: number, ...path: string[]): Input['access'] => ({ root: { arg: index }, path })
export const numberAt = (index: number, ...path: string[]): Input => ({
  kind: 'number',
  access: arg(index, ...path),
  param: true,
})
export const typedAt = (index: number, over: Partial<Extract<Input, { kind: 'typed' }>> = {}): Input => ({
  kind: 'typed',
  access: arg(index),
  param: true,
  elem: 'f64',
  reads: true,
  writes: true,
  group: index,
  ...over,
})
export const listAt = (index: number, over: Partial<Extract<Input, { kind: 'list' }>> = {}): Input => ({
  kind: 'list',
  access: arg(index),
  param: true,
  element: 'f64',
  reads: true,
  writes: true,
  resizes: false,
  ...over,
})

export const NOTHING_CAPTURED: Captured = { free: () => undefined, func: () => undefined, isPristine: () => false }

/** A kernel written by hand: the body of a module that sees the memory and the context. */
export async function watKernel(body: string, plan: Partial<CallPlan> = {}): Promise<CompiledKernel> {
  const { default: binaryen } = await import('binaryen')
  const module = binaryen.parseText(`(module
    (import "env" "memory" (memory 0 65536 shared))
    (import "env" "context" (global $context i32))
    ${body})`)
  const { Features } = binaryen
  module.setFeatures(Features.Atomics | Features.BulkMemory | Features.MutableGlobals | Features.SignExt)
  const wasm = module.emitBinary()
  module.dispose()
  return { ok: true, wasm, plan: { ...PLAN, ...plan }, remarks: [], passes: [], compileMs: 0 }
}

/** A compiler that gives prepared answers when it is told to. */
export class ScriptedCompiler implements Compiler {
  readonly requests: CompileRequest[] = []
  readonly #waiting: ((answer: CompileAnswer) => void)[] = []
  isClosed = false

  compile(request: CompileRequest): Promise<CompileAnswer> {
    this.requests.push(request)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Answers the oldest request. */
  answer(answer: CompileAnswer): void {
    this.#waiting.shift()!(answer)
  }

  async outline(text: string): Promise<Outline | undefined> {
    return parser.outline(text)
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}
