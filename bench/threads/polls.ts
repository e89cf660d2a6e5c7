import { optimise } from '../../compiler/compile.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { emit } from '../../compiler/target/emit.ts'
import { instantiate } from '../../runtime/exec/instance.ts'
import { PlanInvoker } from '../../runtime/exec/marshal.ts'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { Views } from '../../runtime/exec/views.ts'
import { formatTable } from '../format.ts'
import { geometricMean } from '../measure.ts'
import { images } from '../scalar/images.ts'
import { integers } from '../scalar/integers.ts'
import type { BenchKernel } from '../scalar/kernel.ts'
import { simulation } from '../scalar/simulation.ts'
import { vectors } from '../scalar/vectors.ts'
import { KERNELS } from '../simd/kernels.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { paired } from './paired.ts'

export interface PollRow {
  readonly kernel: string
  readonly tier: string
  /** time with polls over time without, of the best samples */
  readonly cost: number
}

const SAMPLES = 200

async function measure(kernel: BenchKernel, tier: 'scalar' | 'simd'): Promise<PollRow> {
  const memory = new KernelMemory({ initial: 1 << 24, maximum: 1 << 28 })
  const context = new ThreadContext(memory)
  const views = new Views(memory)
  const args = kernel.args().map(arg => {
    return typeof arg === 'number' ? arg : views.alloc(arg.constructor as Float64ArrayConstructor, arg)
  })
  const options = { math: 'strict', contract: false, speculateIntegers: true, tier } as const
  const { graph, profile } = captureGraph(kernel.fn).describeCall(args)
  const request = { graph, profile, options }
  const lowered = lower(request)
  const { module } = optimise(lowered.module, request)
  const captured = { free: () => undefined, func: () => undefined, isPristine: () => true }
  const [without, withPolls] = await Promise.all(
    [false, true].map(async cancellable => {
      const { wasm, hosts } = await emit(module, { cancellable })
      const plan = { ...completePlan(lowered.plan, module), hosts }
      const run = instantiate(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), plan, context)
      const invoker = new PlanInvoker(plan, run, captured, context)
      return () => invoker.call(undefined, args.length, args)
    }),
  )
  const { best } = paired(without!, withPolls!, SAMPLES)
  return { kernel: kernel.name, tier, cost: best[1] / best[0] }
}

/** What it costs that compiled loops can be stopped. */
export const pollsSuite: Suite<PollRow[]> = {
  name: 'polls',
  description: 'time of compiled loops that can be stopped, over that of loops that cannot',
  async run({ only, progress }: SuiteOptions) {
    const rows: PollRow[] = []
    const scalar = [...vectors, ...images, ...simulation, ...integers].map(kernel => [kernel, 'scalar'] as const)
    for (const [kernel, tier] of [...scalar, ...KERNELS.map(each => [each, 'simd'] as const)]) {
      if (only && !kernel.name.includes(only)) continue
      progress(kernel.name)
      rows.push(await measure(kernel, tier))
    }
    return rows
  },
  print(rows) {
    const cells = rows.map(({ kernel, tier, cost }) => [kernel, tier, cost.toFixed(3)])
    const mean = geometricMean(rows.map(({ cost }) => cost))
    return `${formatTable(['kernel', 'tier', 'cost'], cells)}\n\ngeometric mean: ${mean.toFixed(3)}`
  },
  ok: rows => geometricMean(rows.map(({ cost }) => cost)) <= 1.02,
}
