import { duration } from '../../base/duration.ts'
import { offload } from '../../src/index.ts'
import { agree, close } from '../agree.ts'
import { type Argument, type Callable, call, inKernelMemory, release } from '../arguments.ts'
import { ratioChart } from '../chart.ts'
import { formatTable } from '../format.ts'
import { geometricMean, interleaved } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { KERNELS as BASIC, type SimdKernel } from './kernels.ts'
import { type Limits, limitsOf } from './limits.ts'
import { MORE } from './more-kernels.ts'
import { type Peers, peersOf } from './peers.ts'

const KERNELS = [...BASIC, ...MORE]

export interface Row {
  readonly kernel: string
  readonly math: string
  readonly elements: number
  readonly jsNs: number
  readonly scalarNs: number
  readonly simdNs: number
  readonly compileMs: number
  /** GB/s or GFLOP/s, with the unit */
  readonly rate?: { readonly value: number; readonly unit: 'GB/s' | 'GFLOP/s' }
  /** of what this core moves in as large a working set, or multiplies and adds */
  readonly shareOfLimit?: number
  /** hand-written AssemblyScript with SIMD */
  readonly handNs?: number
  readonly spread: number
  /** strict: the bits are JavaScript's; fast: near them */
  readonly right: boolean
}

async function measure(kernel: SimdKernel, rounds: number, limits: Limits, peers: Peers): Promise<Row> {
  const { name, math, elements, fn, args } = kernel
  const own = args()
  const inMemory = inKernelMemory(own)
  const hand = peers.hand(name, own)
  const kernels = (['scalar', 'simd'] as const).map(tier =>
    offload(fn as Callable, { name, tier, math: tier === 'simd' ? math : 'strict' }),
  )
  for (const one of kernels) await Reflect.apply(one.warmup, one, inMemory)
  const [scalar, simd] = kernels as [(typeof kernels)[number], (typeof kernels)[number]]
  const bound = math === 'strict' ? 0 : own.some(arg => arg instanceof Float32Array) ? 1e-5 : 1e-11
  const wanted = call(fn, own)()
  const right = close(call(simd, inMemory)(), wanted, bound) && agree(own, inMemory, bound)
  const [js, one, two, three] = interleaved(
    [call(fn, own), call(scalar, inMemory), call(simd, inMemory), ...(hand ? [hand] : [])],
    rounds,
  )
  const { profiles } = simd.explain()
  release(inMemory)
  for (const one of kernels) one[Symbol.dispose]()
  return {
    kernel: name,
    math,
    elements,
    jsNs: js?.ns ?? Number.NaN,
    scalarNs: one?.ns ?? Number.NaN,
    simdNs: two?.ns ?? Number.NaN,
    compileMs: profiles[0]?.compileMs ?? Number.NaN,
    ...rateOf(kernel, own, two?.ns ?? Number.NaN, limits),
    ...(three && { handNs: three.ns }),
    spread: two?.spread ?? 0,
    right,
  }
}

function rateOf(
  { elements, bytes, flops }: SimdKernel,
  args: readonly Argument[],
  ns: number,
  limits: Limits,
): Partial<Row> {
  const size = args.reduce<number>((sum, arg) => sum + (typeof arg === 'number' ? 0 : arg.byteLength), 0)
  if (bytes !== undefined) {
    const value = (elements * bytes) / ns
    return { rate: { value, unit: 'GB/s' }, shareOfLimit: value / limits.bandwidth(size) }
  }
  if (flops === undefined) return {}
  const value = (elements * flops) / ns
  const single = args.some(arg => arg instanceof Float32Array)
  return { rate: { value, unit: 'GFLOP/s' }, shareOfLimit: value / (single ? 2 * limits.gflops : limits.gflops) }
}

const HEADINGS = [
  'kernel',
  'math',
  'elements',
  'JS',
  'scalar',
  'SIMD',
  'JS/scalar',
  'JS/SIMD',
  'by hand',
  'rate',
  'of limit',
  '±',
  'compiled in',
  'right',
]

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

export const simdSuite: Suite<Row[]> = {
  name: 'simd',
  description: 'vector code on one thread, arrays in kernel memory, against plain JS and scalar Wasm',
  async run({ rounds, only, progress }: SuiteOptions) {
    const rows: Row[] = []
    const limits = await limitsOf()
    const peers = await peersOf()
    for (const kernel of KERNELS) {
      if (only && !kernel.name.includes(only)) continue
      progress(kernel.name)
      rows.push(await measure(kernel, rounds, limits, peers))
    }
    return rows
  },
  print(rows) {
    const cells = rows.map(row => [
      row.kernel,
      row.math,
      row.elements,
      duration(row.jsNs),
      duration(row.scalarNs),
      duration(row.simdNs),
      (row.jsNs / row.scalarNs).toFixed(2),
      (row.jsNs / row.simdNs).toFixed(2),
      row.handNs === undefined ? '' : (row.jsNs / row.handNs).toFixed(2),
      row.rate ? `${row.rate.value.toPrecision(3)} ${row.rate.unit}` : '',
      row.shareOfLimit === undefined ? '' : `${(row.shareOfLimit * 100).toFixed(0)} %`,
      `${(row.spread * 100).toFixed(0)} %`,
      `${row.compileMs.toFixed(0)} ms`,
      row.right ? 'yes' : 'NO',
    ])
    const mean = geometricMean(rows.map(row => row.jsNs / row.simdNs))
    return `${formatTable(HEADINGS, cells)}\n\ngeometric mean of JS time / SIMD time: ${mean.toFixed(2)}; compiled in ${median(rows.slice(1).map(row => row.compileMs)).toFixed(0)} ms (median without the first)`
  },
  svg: rows =>
    ratioChart(
      'JS time / Iris time, SIMD Wasm on one thread, arrays in kernel memory',
      rows.map(({ kernel, jsNs, simdNs }) => ({ label: kernel, value: jsNs / simdNs })),
    ),
  ok: rows => rows.every(row => row.right),
}
