import { KERNELS } from '../simd/kernels.ts'

type Fn = (...args: never[]) => unknown

import type { Argument } from '../arguments.ts'

/** A kernel at a size at which two threads should pay. */
export interface ThreadsKernel {
  readonly name: string
  readonly math: 'strict' | 'fast'
  readonly fn: Fn
  readonly args: () => readonly Argument[]
}

const f64 = (length: number, at: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => at(i))
const named = (start: string): (typeof KERNELS)[number] => {
  const found = KERNELS.find(({ name }) => name.startsWith(start))
  if (!found) throw new Error(`no kernel ${start}`)
  return found
}

const wave = (x: Float64Array, y: Float64Array, z: Float64Array, out: Float64Array): void => {
  for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!) * Math.cos(y[i]!) + Math.sqrt(z[i]!) - 1.5
}
const total = (x: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]!
  return sum
}
const countAbove = (x: Float64Array, limit: number): number => {
  let count = 0
  for (let i = 0; i < x.length; i++) if (x[i]! > limit) count++
  return count
}

const M = 1_000_000
const wide = (length: number): readonly Argument[] =>
  named('Black-Scholes')
    .args()
    .map(value =>
      typeof value === 'number' ? value : f64(length, i => (value as unknown as Float64Array)[i % value.length]!),
    )

export const THREADS: readonly ThreadsKernel[] = [
  {
    name: 'Mandelbrot 1024²',
    math: 'strict',
    fn: named('Mandelbrot').fn,
    args: () => [new Uint8Array(1024 * 1024), 1024, 1024, 255],
  },
  {
    name: 'wave 1 M',
    math: 'fast',
    fn: wave as Fn,
    args: () => [f64(M, i => Math.sin(i)), f64(M, i => Math.cos(i)), f64(M, i => i % 7), new Float64Array(M)],
  },
  { name: 'Black-Scholes 1 M', math: 'fast', fn: named('Black-Scholes').fn, args: () => wide(M) },
  {
    name: 'stencil 2000²',
    math: 'strict',
    fn: named('stencil').fn,
    args: () => [f64(4 * M, i => i % 17), new Float64Array(4 * M), 2000, 2000],
  },
  {
    name: 'matmul 512',
    math: 'strict',
    fn: named('matmul').fn,
    args: () => [f64(512 * 512, i => i % 5), f64(512 * 512, i => i % 3), new Float64Array(512 * 512), 512],
  },
  { name: 'sum f64 4 M', math: 'fast', fn: total as Fn, args: () => [f64(4 * M, i => Math.sin(i))] },
  { name: 'count 4 M', math: 'strict', fn: countAbove as Fn, args: () => [f64(4 * M, i => Math.sin(i)), 0.25] },
  { name: 'sum f64 10 k (short)', math: 'fast', fn: total as Fn, args: () => [f64(10_000, i => Math.sin(i))] },
]
