import { duration } from '../../base/duration.ts'
import { offload } from '../../src/index.ts'
import { type Argument, type Callable, inKernelMemory, release } from '../arguments.ts'
import { formatTable } from '../format.ts'
import { geometricMean } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { KERNELS, type SizedKernel } from './kernels.ts'

/** "Never slower": the default dispatch against the bare function, for small and large, in kernel memory and not. */

const SIZES = [1, 16, 1_000, 100_000, 4_000_000] as const
const WARM_UP_CALLS = 50
const SAMPLE_NS = 2e6
/** Calls from here on are long enough for a limit of 5 per cent. */
const LONG_NS = 5_000
const LIMIT = { long: 1.05, short: 1.3 }

export interface Cell {
  readonly kernel: string
  readonly n: number
  readonly memory: 'kernel' | 'ordinary'
  readonly jsNs: number
  readonly irisNs: number
  /** JS time / Iris time */
  readonly ratio: number
  readonly tier: string
}

/** A function of its own for each cell: V8 specialises the call site, as it would in a user's program. */
function repeater(args: readonly Argument[]): (fn: Callable, times: number) => number {
  const names = args.map((_, i) => `a${i}`)
  const text = `return (fn, times) => {
    const start = performance.now()
    for (let i = 0; i < times; i++) fn(${names.join(', ')})
    return (performance.now() - start) * 1e6 / times
  }`
  return new Function(...names, text)(...args) as (fn: Callable, times: number) => number
}

/** The same function as an object of its own, so that the two contenders share no feedback of V8. */
const copyOf = (fn: Callable): Callable => {
  const text = Function.prototype.toString.call(fn)
  return new Function(`return ${text.startsWith('fn(') ? `function ${text}` : text}`)() as Callable
}

/** How often a call fits into the time of a sample, once V8 has optimised what it will. */
function timesFor(repeat: (fn: Callable, times: number) => number, fn: Callable): number {
  let times = 1
  let inARow = 0
  while (inARow < 3) {
    const isLong = repeat(fn, times) * times >= SAMPLE_NS
    inARow = isLong ? inARow + 1 : 0
    if (!isLong) times *= 2
  }
  return times
}

async function measure(kernel: SizedKernel, n: number, memory: Cell['memory'], rounds: number): Promise<Cell> {
  const { name, math = 'strict' } = kernel
  const offloaded = offload(copyOf(kernel.fn), { name, math })
  const own = kernel.args(n)
  const given = memory === 'kernel' ? inKernelMemory(kernel.args(n)) : kernel.args(n)
  await Reflect.apply(offloaded.warmup, offloaded, given as never)
  const js = repeater(own)
  const iris = repeater(given)
  const bare = copyOf(kernel.fn)
  js(bare, WARM_UP_CALLS)
  iris(offloaded as Callable, WARM_UP_CALLS)
  const times = [timesFor(js, bare), timesFor(iris, offloaded as Callable)] as const
  const samples: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    samples[0].push(js(bare, times[0]))
    samples[1].push(iris(offloaded as Callable, times[1]))
  }
  const [jsNs, irisNs] = samples.map(median) as [number, number]
  const tier = tierOf(offloaded)
  offloaded[Symbol.dispose]()
  if (memory === 'kernel') release(given)
  return { kernel: name, n, memory, jsNs, irisNs, ratio: jsNs / irisNs, tier }
}

function tierOf(kernel: { explain(): { tier: string } }): string {
  return kernel.explain().tier
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const isBad = ({ jsNs, ratio }: Cell): boolean => 1 / ratio > (jsNs >= LONG_NS ? LIMIT.long : LIMIT.short)

const inMemory = (cell: Cell): boolean => cell.memory === 'kernel' && cell.n >= 1_000

export const matrixSuite: Suite<Cell[]> = {
  name: 'matrix',
  description: 'default dispatch against JS, kernels × sizes × memory, after 50 calls of warm-up',
  async run({ rounds, only, progress }: SuiteOptions) {
    const cells: Cell[] = []
    for (const kernel of KERNELS) {
      if (only && !kernel.name.includes(only)) continue
      for (const n of SIZES) {
        if (n > (kernel.most ?? Number.POSITIVE_INFINITY)) continue
        for (const memory of ['kernel', 'ordinary'] as const) {
          progress(`${kernel.name} ${n} ${memory}`)
          cells.push(await measure(kernel, n, memory, rounds))
        }
      }
    }
    return cells
  },
  print(cells) {
    const rows = cells.map(cell => [
      cell.kernel,
      cell.n,
      cell.memory,
      duration(cell.jsNs),
      duration(cell.irisNs),
      cell.ratio.toFixed(2),
      cell.tier,
      isBad(cell) ? 'SLOWER' : '',
    ])
    const mean = geometricMean(cells.filter(inMemory).map(cell => cell.ratio))
    const worst = [...cells].sort((a, b) => a.ratio - b.ratio)[0]
    return [
      formatTable(['kernel', 'n', 'memory', 'JS', 'Iris', 'JS/Iris', 'tier', ''], rows),
      '',
      `geometric mean from 1,000 elements on in kernel memory: ${mean.toFixed(2)}`,
      `worst: ${worst ? `${(1 / worst.ratio).toFixed(2)}× JS time in ${worst.kernel}, n = ${worst.n}, ${worst.memory}` : 'none'}`,
      `cells beyond the limits: ${cells.filter(isBad).length} of ${cells.length}`,
    ].join('\n')
  },
  ok: () => true,
}
