import { alloc, free, offload } from '../../src/index.ts'
import { duration, formatTable } from '../format.ts'
import { geometricMean, interleaved } from '../measure.ts'
import type { Argument } from '../scalar/kernel.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { KERNELS, type SimdKernel } from './kernels.ts'

export interface Row {
  readonly kernel: string
  readonly math: string
  readonly elements: number
  readonly jsNs: number
  readonly scalarNs: number
  readonly simdNs: number
  readonly compileMs: number
  readonly spread: number
  /** strict: the bits are JavaScript's; fast: near them */
  readonly right: boolean
}

type AnyCallable = (...args: never[]) => unknown

function inKernelMemory(args: readonly Argument[]): Argument[] {
  return args.map(arg => {
    if (typeof arg === 'number') return arg
    const view = alloc(arg.constructor as Float64ArrayConstructor, arg.length)
    view.set(arg as Float64Array)
    return view
  })
}

const call =
  (fn: AnyCallable, args: readonly Argument[]): (() => unknown) =>
  () =>
    Reflect.apply(fn, undefined, args)

const close = (a: unknown, b: unknown, bound: number): boolean =>
  Object.is(a, b) || Math.abs(Number(a) - Number(b)) <= bound * Math.max(1, Math.abs(Number(b)))

function agree(args: readonly Argument[], others: readonly Argument[], bound: number): boolean {
  return args.every((arg, i) => {
    const other = others[i]
    return (
      typeof arg === 'number' || (typeof other === 'object' && arg.every((value, k) => close(other[k], value, bound)))
    )
  })
}

async function measure({ name, math, elements, fn, args }: SimdKernel, rounds: number): Promise<Row> {
  const own = args()
  const inMemory = inKernelMemory(own)
  const kernels = (['scalar', 'simd'] as const).map(tier =>
    offload(fn as AnyCallable, { name, tier, math: tier === 'simd' ? math : 'strict' }),
  )
  for (const kernel of kernels) await Reflect.apply(kernel.warmup, kernel, inMemory)
  const [scalar, simd] = kernels as [(typeof kernels)[number], (typeof kernels)[number]]
  const bound = math === 'strict' ? 0 : own.some(arg => arg instanceof Float32Array) ? 1e-5 : 1e-11
  const wanted = call(fn, own)()
  const right = close(call(simd, inMemory)(), wanted, bound) && agree(own, inMemory, bound)
  const [js, one, two] = interleaved([call(fn, own), call(scalar, inMemory), call(simd, inMemory)], rounds)
  const { profiles } = simd.explain()
  for (const arg of inMemory) if (typeof arg !== 'number') free(arg)
  for (const kernel of kernels) kernel[Symbol.dispose]()
  return {
    kernel: name,
    math,
    elements,
    jsNs: js?.ns ?? Number.NaN,
    scalarNs: one?.ns ?? Number.NaN,
    simdNs: two?.ns ?? Number.NaN,
    compileMs: profiles[0]?.compileMs ?? Number.NaN,
    spread: two?.spread ?? 0,
    right,
  }
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
  '±',
  'compiled in',
  'right',
]

export const simdSuite: Suite<Row[]> = {
  name: 'simd',
  description: 'vector code on one thread, arrays in kernel memory, against plain JS and scalar Wasm',
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
      row.math,
      row.elements,
      duration(row.jsNs),
      duration(row.scalarNs),
      duration(row.simdNs),
      (row.jsNs / row.scalarNs).toFixed(2),
      (row.jsNs / row.simdNs).toFixed(2),
      `${(row.spread * 100).toFixed(0)} %`,
      `${row.compileMs.toFixed(0)} ms`,
      row.right ? 'yes' : 'NO',
    ])
    const mean = geometricMean(rows.map(row => row.jsNs / row.simdNs))
    return `${formatTable(HEADINGS, cells)}\n\ngeometric mean of JS time / SIMD time: ${mean.toFixed(2)}`
  },
  ok: rows => rows.every(row => row.right),
}
