import { performance } from 'node:perf_hooks'
import { alloc, free, type Kernel, offload } from '../../src/index.ts'

export type NumberArray = Float64Array | Int32Array
export type Argument = number | NumberArray
export type ArrayFunction = (...args: never[]) => void

export interface Lap {
  readonly kernel: string
  /** how many elements one run computes */
  readonly elements: number
  readonly jsMs: number
  readonly irisMs: number
  /** all bits, or with `math: 'fast'` up to {@link TOLERANCE} */
  readonly equal: boolean
  /** largest relative difference; absent where bits must agree */
  readonly difference?: number
}

/** Relative: vector functions are within one unit in the last place, and a price is made of several. */
const TOLERANCE = 1e-11

/** One function in two forms: as it is, on ordinary arrays, and offloaded, on arrays in kernel memory. */
export interface Runner {
  readonly kernel: Kernel<ArrayFunction>
  readonly original: ArrayFunction
  /** bits must agree */
  readonly isExact: boolean
}

export const runner = (original: ArrayFunction, name: string, math: 'strict' | 'fast' = 'strict'): Runner => ({
  kernel: offload(original, { name: math === 'fast' ? `${name}, fast` : name, math }),
  original,
  isExact: math === 'strict',
})

/** Copies of the arrays in kernel memory, so that both sides start from the same bytes. */
export function inKernelMemory<A extends Readonly<Record<string, NumberArray>>>(arrays: A): A {
  const copies = Object.entries(arrays).map(([name, array]) => {
    const view = alloc(array.constructor as Float64ArrayConstructor, array.length)
    view.set(array)
    return [name, view]
  })
  return Object.fromEntries(copies) as A
}

export function release(arrays: Readonly<Record<string, NumberArray>>): void {
  for (const view of Object.values(arrays)) free(view)
}

function timed(fn: ArrayFunction, args: readonly Argument[]): number {
  const start = performance.now()
  Reflect.apply(fn, undefined, args)
  return performance.now() - start
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

function sameBits(a: Argument, b: Argument): boolean {
  if (typeof a === 'number' || typeof b === 'number') return Object.is(a, b)
  return a.every((value, i) => Object.is(value, b[i]))
}

/** Relative to the larger of both, and to 1 for results near zero. */
function differenceOf(a: Argument, b: Argument): number {
  if (typeof a === 'number' || typeof b === 'number') return 0
  let most = 0
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    if (!Object.is(x, y)) most = Math.max(most, Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y), 1))
  }
  return most
}

/** Runs both forms in turn, so that a busy machine hurts both alike, and compares every element of every array. */
export async function race(
  { kernel, original, isExact }: Runner,
  elements: number,
  args: readonly Argument[],
  kernelArgs: readonly Argument[],
  rounds: number,
): Promise<Lap> {
  await Reflect.apply(kernel.warmup, kernel, kernelArgs)
  timed(original, args)
  timed(kernel, kernelArgs)
  const js: number[] = []
  const iris: number[] = []
  for (let round = 0; round < rounds; round++) {
    js.push(timed(original, args))
    iris.push(timed(kernel, kernelArgs))
  }
  return {
    kernel: kernel.explain().name,
    elements,
    jsMs: median(js),
    irisMs: median(iris),
    ...comparison(isExact, args, kernelArgs),
  }
}

function comparison(
  isExact: boolean,
  args: readonly Argument[],
  kernelArgs: readonly Argument[],
): Pick<Lap, 'equal' | 'difference'> {
  if (isExact) return { equal: args.every((arg, i) => sameBits(arg, kernelArgs[i] ?? 0)) }
  const difference = Math.max(...args.map((arg, i) => differenceOf(arg, kernelArgs[i] ?? 0)))
  return { equal: difference <= TOLERANCE, difference }
}

/** Laps of the blocks of one kernel, as one lap. */
export function total(laps: readonly Lap[]): Lap {
  const [first] = laps
  if (!first) throw new Error('no laps')
  const sum = (value: (lap: Lap) => number): number => laps.reduce((all, lap) => all + value(lap), 0)
  return {
    kernel: first.kernel,
    elements: sum(lap => lap.elements),
    jsMs: sum(lap => lap.jsMs),
    irisMs: sum(lap => lap.irisMs),
    equal: laps.every(lap => lap.equal),
    ...(first.difference !== undefined && { difference: Math.max(...laps.map(lap => lap.difference ?? 0)) }),
  }
}
