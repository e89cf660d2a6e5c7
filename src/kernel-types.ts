import type { ExplainOptions, Explanation, Tier } from '../runtime/exec/explanation.ts'
import type { RunSettings } from '../runtime/exec/pool/options.ts'

/** Every function is one of these: parameters are contravariant. */
export type AnyFn = (...args: never[]) => unknown

export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

/** The parameters of a scalar kernel, each of which may be an array of elements instead. */
export type ElementwiseParameters<F extends AnyFn> = OrArrays<Parameters<F>>
type OrArrays<P extends readonly unknown[]> = { [K in keyof P]: P[K] | NumericArray }

/** A function of numbers is also callable with arrays: elementwise, a new Float64Array out. */
export type Elementwise<F extends AnyFn> =
  Parameters<F> extends readonly (number | undefined)[]
    ? Parameters<F> extends readonly []
      ? unknown
      : (...args: ElementwiseParameters<F>) => Float64Array
    : unknown

export type RunOptions = RunSettings

export interface KernelStats {
  readonly calls: Readonly<Record<Tier, number>>
  /** calls that ran as JavaScript for a reason, by the code of the reason */
  readonly misses: Readonly<Record<string, number>>
}

export interface KernelMethods<F extends AnyFn> extends Disposable {
  readonly original: F
  /** Compiles for arguments of these shapes without running the kernel. On methods, `warmup.call(instance, …)` gives `this`. */
  warmup(...sampleArgs: ElementwiseParameters<F>): Promise<Explanation>
  /** Runs on a thread of the pool; arrays must not change until then. What does not compile runs on this thread, later. */
  run(args: Parameters<F>, options?: RunOptions): Promise<Awaited<ReturnType<F>>>
  run(args: ElementwiseParameters<F>, options?: RunOptions): Promise<Float64Array>
  explain(options?: ExplainOptions): Explanation
  stats(): KernelStats
}

/** Callable exactly like F. */
export type Kernel<F extends AnyFn> = F & Elementwise<F> & KernelMethods<F>

/** With `strategy: 'actor'` the callable itself returns a promise. */
export type ActorKernel<F extends AnyFn> = ((...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>>) &
  KernelMethods<F>
