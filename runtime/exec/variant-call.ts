import { IrisError } from '../../base/diagnostic.ts'
import type { CallPlan, CompiledKernel } from '../../compiler/abi.ts'
import { compiledCall } from './direct.ts'
import type { Engine } from './engine.ts'
import { ABANDONED, type Failure, NOT_TAKEN } from './failure.ts'
import type { KernelSource } from './front-end.ts'
import { compileModule, instantiate, type RegionSharing } from './instance.ts'
import { PlanInvoker } from './marshal.ts'
import { isTypedArray } from './shape-key.ts'
import { endingOf } from './transaction.ts'
import type { Variant } from './variant.ts'
import type { CompiledCall, WrapperState } from './wrapper.ts'

/** What a variant needs of its kernel. */
export interface VariantHost {
  readonly name: string
  readonly state: WrapperState
  /** The original, counted. */
  runOriginal(self: unknown, values: readonly unknown[], isElementwise: boolean): unknown
  noteExit(variant: Variant, failure: Failure, speculation: string | undefined): void
  noteRefusal(variant: Variant, failure: Failure): void
  abandon(variant: Variant, error: unknown): void
}

/** How parallel loops may use threads. */
export interface ThreadUse {
  /** most of them in one loop */
  readonly limit: number
  /** they are started at once, not when the first loop is worth it */
  readonly isNow: boolean
}

/**
 * Turns Wasm and a plan into something that calls: guards, the run, and the original where the run gives up.
 */
export async function bindVariant(
  variant: Variant,
  compiled: CompiledKernel,
  source: KernelSource,
  kernel: VariantHost,
  engine: Engine,
  use: ThreadUse,
): Promise<CompiledCall> {
  const { plan } = compiled
  const { context } = engine
  const { state } = kernel
  const module = await compileModule(compiled.wasm)
  const run = instantiate(module, plan, context, await shareRegions(module, plan, engine, use))
  const invoker = new PlanInvoker(plan, run, source.captured, context)
  const tier = codeTier(plan)
  const fallBack = (self: unknown, values: readonly unknown[]): unknown =>
    kernel.runOriginal(self, values, variant.broadcast !== undefined)

  const general: CompiledCall = (self, count, ...values) => {
    if (count !== variant.profile.count || (variant.broadcast && !isElementwise(values, variant.broadcast)))
      return NOT_TAKEN
    let result: unknown
    try {
      result = invoker.call(self, count, values)
    } catch (error) {
      if (isStackOverflow(error) || error instanceof IrisError) throw error
      if (invoker.isDirty) throw new IrisError('IRIS5003', { reason: String(error) }, { cause: error })
      kernel.abandon(variant, error)
      return fallBack(self, values)
    }
    if (result === ABANDONED) {
      kernel.noteExit(variant, invoker.failure, invoker.speculation)
      return fallBack(self, values)
    }
    if (result === NOT_TAKEN) kernel.noteRefusal(variant, invoker.failure)
    else state[tier]++
    return result
  }

  /** A trap of the direct call, which writes nothing before it can trap, unless the stack ran out. */
  const trapped = (error: unknown, self: unknown, values: readonly unknown[]): unknown => {
    if (writes && isStackOverflow(error)) throw error
    try {
      const ending = endingOf(error, plan, context)
      const reason = 'the stack was exhausted'
      if (ending.kind === 'exit') kernel.noteExit(variant, ending.failure, ending.speculation)
      else kernel.noteExit(variant, { code: 'IRIS4006', values: { reason } }, undefined)
    } catch (defect) {
      if (defect instanceof IrisError) throw defect // it was stopped
      if (writes) throw new IrisError('IRIS5003', { reason: String(defect) }, { cause: defect })
      kernel.abandon(variant, defect)
    }
    return fallBack(self, values)
  }
  const writes = plan.inputs.some(input => input.kind === 'typed' && input.writes)

  if (variant.broadcast) return general
  return compiledCall({
    plan,
    count: variant.profile.count,
    run,
    memory: engine.memory,
    captured: source.captured,
    state,
    general,
    trapped,
    name: kernel.name,
    tier,
  })
}

/** What the compiled code of a plan is called in counts and explanations. */
export const codeTier = (plan: CallPlan): 'scalar' | 'simd' | 'parallel' =>
  plan.regions ? 'parallel' : plan.isVector ? 'simd' : 'scalar'

/** Where code has loops to share, threads are started for them. */
async function shareRegions(
  module: WebAssembly.Module,
  { hosts, regions }: CallPlan,
  { threads, context }: Engine,
  { limit, isNow }: ThreadUse,
): Promise<RegionSharing | undefined> {
  if (!regions || !threads || threads.count < 2) return undefined
  await threads.lend(context, isNow)
  const code = { module, hosts, entry: 'run', regions }
  return { number: () => threads.announce(code), limit }
}

const isStackOverflow = (error: unknown): boolean => error instanceof RangeError && /call stack/i.test(error.message)

/** Arrays where the variant has arrays, all of one length. */
export function isElementwise(values: readonly unknown[], broadcast: readonly boolean[]): boolean {
  let length = -1
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (isTypedArray(value) !== (broadcast[i] ?? false)) return false
    if (!isTypedArray(value)) continue
    if (length >= 0 && value.length !== length) return false
    length = value.length
  }
  return true
}
