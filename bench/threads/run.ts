import { availableParallelism } from 'node:os'
import { duration } from '../../base/duration.ts'
import { offload } from '../../src/index.ts'
import { type Argument, inKernelMemory, release } from '../arguments.ts'
import { formatTable } from '../format.ts'
import { geometricMean } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { THREADS, type ThreadsKernel } from './kernels.ts'
import { paired } from './paired.ts'

export interface ThreadsRow {
  readonly kernel: string
  readonly math: string
  readonly oneNs: number
  readonly manyNs: number
  readonly ratio: number
  /** the same of the best samples: the quiet moments of a machine with other work */
  readonly best: number
  /** the same bits as one thread */
  readonly equal: boolean
}

const SAMPLES_PER_ROUND = 3

const bytesOf = (args: readonly Argument[]): Buffer[] =>
  args.flatMap(arg => (typeof arg === 'number' ? [] : [Buffer.from(arg.slice().buffer)]))

async function measure({ name, math, fn, args }: ThreadsKernel, rounds: number): Promise<ThreadsRow> {
  const own = [inKernelMemory(args()), inKernelMemory(args())]
  const kernels = [offload(fn, { math, tier: 'simd', name }), offload(fn, { math, tier: 'parallel', name })]
  for (const [i, kernel] of kernels.entries()) await Reflect.apply(kernel.warmup, kernel, own[i]!)
  const calls = kernels.map((kernel, i) => () => Reflect.apply(kernel, undefined, own[i]!) as unknown)
  const results = calls.map(call => call())
  const [a = [], b = []] = own.map(bytesOf)
  const equal = Object.is(results[0], results[1]) && a.every((bytes, i) => bytes.equals(b[i]!))
  const { median, best } = paired(calls[0]!, calls[1]!, SAMPLES_PER_ROUND * rounds)
  release(own.flat())
  const [oneNs, manyNs] = median
  return { kernel: name, math, oneNs, manyNs, ratio: oneNs / manyNs, best: best[0] / best[1], equal }
}

export const threadsSuite: Suite<ThreadsRow[]> = {
  name: 'threads',
  description: `vector code on ${availableParallelism()} threads against one, arrays in kernel memory`,
  async run({ rounds, only, progress }: SuiteOptions) {
    const rows: ThreadsRow[] = []
    for (const kernel of THREADS) {
      if (only && !kernel.name.includes(only)) continue
      progress(kernel.name)
      rows.push(await measure(kernel, rounds))
    }
    return rows
  },
  print(rows) {
    const cells = rows.map(row => [
      row.kernel,
      row.math,
      duration(row.oneNs),
      duration(row.manyNs),
      row.ratio.toFixed(2),
      row.best.toFixed(2),
      row.equal ? 'yes' : 'NO',
    ])
    const mean = geometricMean(rows.map(({ ratio }) => ratio))
    return `${formatTable(['kernel', 'math', 'one thread', 'all', 'ratio', 'of best', 'same bits'], cells)}\n\ngeometric mean: ${mean.toFixed(2)}`
  },
  ok: rows => rows.every(({ equal }) => equal),
}
