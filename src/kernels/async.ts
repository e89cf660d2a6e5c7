/**
 * Promise forms of all primitives: `kernels.async.gemm(a, b, shape)`, or with options `kernels.async.gemm.run([a, b, shape],
 * { signal, timeoutMs, parallel })`, as for kernels of offload(). Those in THREADED run on the threads of the pool, the others
 * on this thread in a later turn of the event loop.
 */
import { IrisError } from '../../base/diagnostic.ts'
import { nameKernels } from '../../base/library.ts'
import type { RunSettings } from '../../runtime/exec/pool/options.ts'
import * as primitives from './primitives.ts'

export interface AsyncOptions extends RunSettings {
  /**
   * Also cut into parts that run at once: true for one a thread, or how many. The result has the same bits. Ignored by
   * primitives that cannot be cut.
   */
  readonly parallel?: boolean | number
}

type AnyFunction = (...args: never[]) => unknown

/** A primitive whose result comes later. Its arrays must not change until then. */
export type Promised<F extends AnyFunction> = ((...args: Parameters<F>) => Promise<ReturnType<F>>) & {
  /** Rejects with `signal.reason`, IRIS5006 or IRIS5007 (timeoutMs), and like the primitive. */
  run(args: Parameters<F>, options?: AsyncOptions): Promise<ReturnType<F>>
}

type Primitives = Omit<typeof primitives, 'alloc' | 'free' | 'tableOf' | 'designBiquad'>
export type PromisedKernels = { readonly [N in keyof Primitives]: Promised<Primitives[N]> }

/** Primitives whose steps do not depend on what this thread does in between. */
const THREADED = new Set(
  `sum mean variance deviation norm cosine dot euclidean manhattan hamming hammingBits min max argmin argmax add sub mul div scale axpy clamp cumsum
  crc32 adler32 gemm gemv cholesky lu triangularSolve topK quantize sort argsort select searchSorted histogram fft ifft rfft
  irfft convolve correlate convolve2d correlate2d movingAverage grayscale boxBlur gaussianBlur resize sobel alphaBlend
  lookUp`.split(/\s+/),
)
const PLAIN = new Set(['alloc', 'free', 'tableOf', 'designBiquad'])

export const promised: PromisedKernels = Object.fromEntries(
  Object.entries(primitives)
    .filter(([name]) => !PLAIN.has(name))
    .map(([name, primitive]) => [name, promisedForm(name, primitive as AnyFunction)]),
) as unknown as PromisedKernels

nameKernels(promised, 'kernels.async')

function promisedForm(name: string, primitive: AnyFunction): Promised<AnyFunction> {
  const runOf = THREADED.has(name) ? onThreads : inLaterTurn
  const runWith = async (args: readonly unknown[], options: AsyncOptions = {}): Promise<unknown> => {
    const { checkRun } = await import('../../runtime/exec/pool/options.ts')
    checkRun(options)
    const { parallel } = options
    if (parallel !== undefined && typeof parallel !== 'boolean' && !(Number.isInteger(parallel) && parallel >= 1))
      throw new IrisError('IRIS5002', {
        name: 'parallel',
        reason: `${parallel} is neither a boolean nor a whole number from 1`,
        fix: 'pass true, false or how many parts',
      })
    options.signal?.throwIfAborted()
    return runOf(primitive, args, options)
  }
  return Object.assign((...args: unknown[]) => runWith(args), { run: runWith })
}

const apply = (primitive: AnyFunction, args: readonly unknown[]): unknown => Reflect.apply(primitive, undefined, args)

async function inLaterTurn(primitive: AnyFunction, args: readonly unknown[], options: AsyncOptions): Promise<unknown> {
  const started = performance.now()
  await new Promise<void>(resolve => setImmediate(resolve))
  options.signal?.throwIfAborted()
  const { timeoutMs } = options
  if (timeoutMs !== undefined && performance.now() - started >= timeoutMs)
    throw new IrisError('IRIS5006', { ms: timeoutMs })
  return apply(primitive, args)
}

/** What threads need is loaded with the first call. */
async function onThreads(primitive: AnyFunction, args: readonly unknown[], options: AsyncOptions): Promise<unknown> {
  const { runOnThreads } = await import('./threads.ts')
  return runOnThreads(() => apply(primitive, args), options)
}
