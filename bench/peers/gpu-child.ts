/**
 * Times one kernel in gpu.js, as protocol.ts asks: both a synchronous call, on one thread, and an asynchronous one,
 * which splits large outputs among threads; the faster counts. Its arguments are floats already, as its users keep
 * them: what it would convert to floats costs it nothing here.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Argument, NumberArray } from '../arguments.ts'
import { timingOf } from '../measure.ts'
import { GPU_KERNELS, type GpuKernel, type Rows } from './gpu-kernels.ts'
import { type Answer, readArgument } from './protocol.ts'

/** The part of its interface that is used. */
interface GpuJs {
  readonly GPU: new (settings: { mode: 'webasm' }) => Gpu
  readonly input: (elements: Float32Array, size: readonly number[]) => unknown
}
interface Gpu {
  createKernel(cell: GpuKernel['cell'], settings: object): Kernel
  destroy(): Promise<void>
}
interface Kernel {
  (...args: readonly unknown[]): Cells | Promise<Cells>
  readonly kernel: { readonly fallbackReason: string | null }
}
type Cells = Float32Array | readonly Float32Array[]

const WARM_UP_MS = 120
const SAMPLE_MS = 6

async function milliseconds(run: () => unknown, times: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < times; i++) await run()
  return performance.now() - start
}

async function samplesOf(run: () => unknown, rounds: number): Promise<number[]> {
  if (rounds === 0) return []
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) await run()
  let times = 1
  while ((await milliseconds(run, times)) < SAMPLE_MS) times *= 2
  const samples: number[] = []
  for (let i = 0; i < rounds; i++) samples.push(((await milliseconds(run, times)) / times) * 1e6)
  return samples
}

const floats = (arg: Argument | undefined): Float32Array => Float32Array.from(arg as NumberArray)

interface Timed {
  /** of the first call */
  readonly cells: Float32Array
  readonly samples: readonly number[]
}

/** One kernel in one of the two modes. */
async function timed(gpu: Gpu, kernel: GpuKernel, settings: object, inputs: unknown[], rounds: number): Promise<Timed> {
  const compiled = gpu.createKernel(kernel.cell, settings)
  const run = (): Cells | Promise<Cells> => compiled(...inputs)
  const cells = flat(await run())
  const { fallbackReason } = compiled.kernel
  if (fallbackReason) throw new Error(`gpu.js runs it as JavaScript: ${fallbackReason}`)
  const { result } = kernel
  const whole = typeof result === 'function' ? async () => result(flat(await run())) : run
  return { cells, samples: await samplesOf(whole, rounds) }
}

/** The better of the two modes; its results go into the arguments. */
async function measure(kernel: GpuKernel, args: readonly Argument[], rounds: number): Promise<Answer> {
  const { GPU, input } = createRequire(import.meta.url)('gpu.js') as GpuJs
  const gpu = new GPU({ mode: 'webasm' })
  const rows: Rows = (elements, width, height) => input(floats(elements), [width, height])
  const inputs = kernel.inputs(args, rows).map(each => (ArrayBuffer.isView(each) ? floats(each as NumberArray) : each))
  const settings = { output: kernel.output(args), ...(kernel.constants && { constants: kernel.constants(args) }) }
  const modes: Timed[] = []
  for (const asyncMode of [false, true])
    modes.push(await timed(gpu, kernel, { ...settings, asyncMode }, inputs, rounds))
  await gpu.destroy()
  const [{ cells, samples }] = modes.sort((a, b) => timingOf(a.samples).ns - timingOf(b.samples).ns) as [Timed]
  if (typeof kernel.result === 'function') return { value: kernel.result(cells), samples }
  ;(args[kernel.result] as NumberArray).set(cells)
  return { value: 0, samples }
}

function flat(cells: Cells): Float32Array {
  if (cells instanceof Float32Array) return cells.slice()
  const width = cells[0]?.length ?? 0
  const all = new Float32Array(width * cells.length)
  for (const [y, row] of cells.entries()) all.set(row, y * width)
  return all
}

async function answer(name: string, rounds: number, texts: readonly string[]): Promise<Answer | null> {
  const kernel = GPU_KERNELS[name]
  if (!kernel) return null
  const args = await Promise.all(texts.map(readArgument))
  const measured = await measure(kernel, args, rounds)
  for (const [i, arg] of args.entries()) if (typeof arg !== 'number') writeFileSync(texts[i]!, arg)
  return measured
}

const [name = '', rounds = '', ...texts] = process.argv.slice(2)
console.log(JSON.stringify(await answer(name, Number(rounds), texts)))
