import { duration } from '../../base/duration.ts'
import { offload } from '../../src/index.ts'
import { type Argument, type Callable, call, inKernelMemory, release } from '../arguments.ts'
import { ratioChart } from '../chart.ts'
import { formatTable } from '../format.ts'
import { geometricMean, interleaved } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { images } from './images.ts'
import { integers } from './integers.ts'
import type { BenchKernel } from './kernel.ts'
import { simulation } from './simulation.ts'
import { vectors } from './vectors.ts'

const KERNELS: readonly BenchKernel[] = [...vectors, ...images, ...simulation, ...integers]

export interface Row {
  readonly kernel: string
  readonly elements: number
  readonly jsNs: number
  readonly irisNs: number
  readonly ratio: number
  readonly spread: number
  readonly equal: boolean
  /** where the compiled code did not run: code and message */
  readonly miss?: string
}

/** One run on fresh arguments: results and all arrays must have the same bits. */
function equalBits(js: Callable, iris: Callable, args: readonly Argument[], kernelArgs: readonly Argument[]): boolean {
  if (!Object.is(call(js, args)(), call(iris, kernelArgs)())) return false
  return args.every((arg, i) => {
    const other = kernelArgs[i]
    return typeof arg === 'number' || (typeof other === 'object' && arg.every((value, k) => Object.is(value, other[k])))
  })
}

function missOf(kernel: { explain(): unknown; stats(): { calls: unknown } }): string | undefined {
  const calls = kernel.stats().calls as Record<string, number>
  if (Object.entries(calls).some(([tier, count]) => tier !== 'js' && count > 0)) return undefined
  const { profiles } = kernel.explain() as { profiles: { diagnostics: { code: string; message: string }[] }[] }
  const found = profiles.flatMap(profile => profile.diagnostics)[0]
  return found ? `${found.code} ${found.message}` : 'runs as JavaScript'
}

async function measure({ name, elements, fn, args }: BenchKernel, rounds: number): Promise<Row> {
  const kernel = offload(fn as (...args: never[]) => unknown, { name, tier: 'scalar' })
  const own = args()
  const inMemory = inKernelMemory(own)
  await Reflect.apply(kernel.warmup, kernel, inMemory)
  const equal = equalBits(fn, kernel, own, inMemory)
  const [js, iris] = interleaved([call(fn, own), call(kernel, inMemory)], rounds)
  const miss = missOf(kernel)
  release(inMemory)
  kernel[Symbol.dispose]()
  const [jsNs, irisNs] = [js?.ns ?? Number.NaN, iris?.ns ?? Number.NaN]
  return {
    kernel: name,
    elements,
    jsNs,
    irisNs,
    ratio: jsNs / irisNs,
    spread: iris?.spread ?? 0,
    equal,
    ...(miss && { miss }),
  }
}

const HEADINGS = ['kernel', 'elements', 'JS', 'Iris', 'JS/Iris', '±', 'bits equal', '']

export const scalarSuite: Suite<Row[]> = {
  name: 'scalar',
  description: 'kernels as users write them, arrays in kernel memory, scalar Wasm against JS',
  async run({ rounds, only, progress }: SuiteOptions) {
    const rows: Row[] = []
    for (const kernel of KERNELS) {
      if (only && !kernel.name.includes(only)) continue
      progress(kernel.name)
      rows.push(await measure(kernel, rounds))
    }
    return rows
  },
  print(rows) {
    const cells = rows.map(row => [
      row.kernel,
      row.elements,
      duration(row.jsNs),
      duration(row.irisNs),
      row.ratio.toFixed(2),
      `${(row.spread * 100).toFixed(0)} %`,
      row.equal ? 'yes' : 'NO',
      row.miss ?? '',
    ])
    const mean = geometricMean(rows.map(row => row.ratio))
    return `${formatTable(HEADINGS, cells)}\n\ngeometric mean of JS time / Iris time: ${mean.toFixed(2)} over ${rows.length} kernels`
  },
  svg: rows =>
    ratioChart(
      'JS time / Iris time, scalar Wasm, arrays in kernel memory',
      rows.map(({ kernel, ratio }) => ({ label: kernel, value: ratio })),
    ),
  ok: rows => rows.every(row => row.equal),
}
