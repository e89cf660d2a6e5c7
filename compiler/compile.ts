import { performance } from 'node:perf_hooks'
import { type Diagnostic, diagnostic, Miss } from '../base/diagnostic.ts'
import type { CompileAnswer, CompileRequest, PassTiming } from './abi.ts'
import { exactnessOf, isVectorCode } from './exactness.ts'
import type { Module } from './ir/ir.ts'
import { printModule } from './ir/text.ts'
import { verifyOrThrow } from './ir/verify.ts'
import type { PassContext } from './passes/pass.ts'
import { pipelineFor } from './pipeline.ts'
import { completePlan, type Lowered, lower } from './program/lower.ts'
import { checkReturns } from './returns.ts'
import { emit } from './target/emit.ts'

export interface CompileSettings {
  /** Verify the IR after every pass and the Wasm after emission: on in tests. */
  readonly verify?: boolean
}

/** Source and profile in, Wasm and the plan of the call out; the whole compiler on one screen. */
export async function compile(request: CompileRequest, settings: CompileSettings = {}): Promise<CompileAnswer> {
  const started = performance.now()
  try {
    const lowered = lower(request)
    const { module, passes, remarks } = optimise(lowered.module, request, settings)
    checkReturns(request.options.returns, lowered.plan, module)
    const wat = request.options.dump?.wat === true
    const plan = completePlan(lowered.plan, module)
    const emitted = await emit(module, { wat, validate: settings.verify === true, cancellable: true })
    return {
      ok: true,
      wasm: emitted.wasm,
      plan: {
        ...plan,
        hosts: emitted.hosts,
        isVector: isVectorCode(module),
        ...(request.options.math === 'fast' ? exactnessOf(module, passes, plan) : { isInexact: false }),
      },
      remarks: [...lowered.remarks, ...remarks],
      ...(request.options.dump?.ir && { ir: printModule(module) }),
      ...(emitted.wat !== undefined && { wat: emitted.wat }),
      passes,
      compileMs: performance.now() - started,
    }
  } catch (error) {
    if (error instanceof Miss) return { ok: false, diagnostics: [error.diagnostic] }
    if (isStackOverflow(error))
      return { ok: false, diagnostics: [diagnostic('IRIS1006', { limit: 'the stack of the compiler' })] }
    throw error
  }
}

/** Deeply nested programs recurse deeply here too. */
const isStackOverflow = (error: unknown): boolean => error instanceof RangeError && /call stack/i.test(error.message)

interface Optimised {
  readonly module: Module
  readonly passes: readonly PassTiming[]
  readonly remarks: readonly Diagnostic[]
}

/** Runs the passes in order, timing each; a dump holds the text after every pass that changed something. */
export function optimise(
  input: Module,
  request: Pick<CompileRequest, 'options'>,
  settings: CompileSettings = {},
): Optimised {
  const passes: PassTiming[] = []
  const remarks: Diagnostic[] = []
  const context: PassContext = {
    remark: what => typeof what !== 'string' && remarks.push(what),
    verify: settings.verify === true,
  }
  const dump = request.options.dump?.passes === true
  if (settings.verify) verifyOrThrow(input, 'lowered')
  let module = input
  if (dump) passes.push({ pass: 'lower', ms: 0, changed: true, text: printModule(module) })
  for (const pass of pipelineFor(request.options)) {
    const before = performance.now()
    const after = pass.run(module, context)
    const changed = after !== module
    passes.push({
      pass: pass.name,
      ms: performance.now() - before,
      changed,
      ...(dump && changed && { text: printModule(after) }),
    })
    if (settings.verify && changed) verifyAfter(pass.name, after)
    module = after
  }
  return { module, passes, remarks }
}

function verifyAfter(name: string, module: Module): void {
  try {
    verifyOrThrow(module, 'optimised')
  } catch (error) {
    throw new Error(`after pass ${name}: ${(error as Error).message}`, { cause: error })
  }
}

export type { Lowered }
