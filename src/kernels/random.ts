/**
 * Random numbers that depend on seed, stream and place alone: element i of a call with `offset` o is element o + i of the
 * stream, so that a long array may be made in pieces, anywhere and in any order (Philox4x32-10: J. Salmon et al., "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011; period 2^66 words a stream). Not for secrets. The same numbers on every host.
 */
import { nameKernels } from '../../base/library.ts'
import { run } from './call.ts'
import { ALL, FLOATS, type Floats, fresh, kindOf, type Numbers, outputOf, whole, wrongValue } from './checks.ts'
import { library } from './library.ts'

export interface RandomOptions {
  /** whole number, safe, or a bigint of which 64 bits count */
  readonly seed: number | bigint
  /** number of an independent sequence of the same seed; default 0 */
  readonly stream?: number
  /** element of the stream to begin with; default 0 */
  readonly offset?: number
}

/** 64-bit whole numbers cross to Wasm as bigint. */
type Generator = (...args: (number | bigint)[]) => void
const generator = (name: string): Generator => library().entries('random')[name] as unknown as Generator

const BUFFER_BYTES = 2048 * 4
const MOST_OFFSET = 2 ** 52

/** Key, stream and offset as Wasm takes them. @throws IrisError IRIS4104 */
function position(kernel: string, options: RandomOptions): readonly [bigint, bigint, bigint] {
  const { seed, stream = 0, offset = 0 } = options ?? {}
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed))
    throw wrongValue(kernel, 'seed', seed, 'a safe whole number or a bigint')
  whole(kernel, 'stream', stream, 0, Number.MAX_SAFE_INTEGER)
  whole(kernel, 'offset', offset, 0, MOST_OFFSET)
  return [BigInt.asIntN(64, BigInt(seed)), BigInt(stream), BigInt(offset)]
}

/** Fills an array with what a generator makes: `extra` stands between the count and the addresses. */
function fill<T extends Numbers>(name: string, at: readonly bigint[], to: T, extra: readonly (number | bigint)[]): T {
  return run(
    call => generator(name)(...at, to.length, ...extra, call.out(to), call.room(BUFFER_BYTES)),
    () => to,
  )
}

/** The output given, of these kinds, or a new f64 array. */
function target<T extends Floats>(kernel: string, length: unknown, out: T | undefined): T {
  const n = whole(kernel, 'length', length, 0)
  const elem = out === undefined ? 'f64' : kindOf(kernel, 'out', out, FLOATS)
  return outputOf(kernel, out, elem, n, [])
}

export interface UniformOptions extends RandomOptions {
  /** default 0 */
  readonly low?: number
  /** default 1 */
  readonly high?: number
}

/**
 * `length` numbers, uniform in [low, high): of 52 bits (f64) or 24 bits (f32). By rounding, high itself may come out: often
 * where few numbers of the kind lie between, else hardly ever, and never for the default bounds.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4104
 */
export function uniform<T extends Floats = Float64Array>(length: number, options: UniformOptions, out?: T): T {
  const at = position('uniform', options)
  const { low = 0, high = 1 } = options
  if (!Number.isFinite(low)) throw wrongValue('uniform', 'low', low, 'a finite number')
  if (!(Number.isFinite(high) && high >= low)) throw wrongValue('uniform', 'high', high, 'a finite number from low on')
  const to = target('uniform', length, out)
  const rounded = to.BYTES_PER_ELEMENT === 8 ? high - low : Math.fround(Math.fround(low) + Math.fround(high - low))
  if (!Number.isFinite(rounded)) throw wrongValue('uniform', 'high', high, `a number near enough to low = ${low}`)
  return fill(to.BYTES_PER_ELEMENT === 8 ? 'uniform_f64' : 'uniform_f32', at, to, [low, high - low])
}

export interface NormalOptions extends RandomOptions {
  /** default 0 */
  readonly mean?: number
  /** standard deviation, default 1 */
  readonly deviation?: number
}

/**
 * `length` normally distributed numbers (G. Box, M. Muller, 1958): f64 up to 8.5 deviations from the mean.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4104
 */
export function normal(length: number, options: NormalOptions, out?: Float64Array): Float64Array {
  const at = position('normal', options)
  const { mean = 0, deviation = 1 } = options
  if (!Number.isFinite(mean)) throw wrongValue('normal', 'mean', mean, 'a finite number')
  if (!(deviation >= 0 && deviation < Infinity))
    throw wrongValue('normal', 'deviation', deviation, 'a finite number from 0')
  const to = outputOf<Float64Array>('normal', out, 'f64', whole('normal', 'length', length, 0), [])
  return fill('normal_f64', at, to, [mean, deviation])
}

export interface IntegerOptions extends RandomOptions {
  /** least value, default 0 */
  readonly low?: number
  /** greatest value */
  readonly high: number
}

/**
 * `length` whole numbers from low to high, both included and both 32-bit; each as likely as another to 2^-32 (D. Lemire, 2019).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4104
 */
export function integers(length: number, options: IntegerOptions, out?: Int32Array): Int32Array {
  const at = position('integers', options)
  const low = whole('integers', 'low', options.low ?? 0, -(2 ** 31))
  const high = whole('integers', 'high', options.high, low)
  const to = outputOf<Int32Array>('integers', out, 'i32', whole('integers', 'length', length, 0), [])
  return fill('integers', at, to, [low, BigInt(high - low + 1)])
}

/** `length` words of 32 random bits. @throws IrisError IRIS4101, IRIS4102, IRIS4104 */
export function randomBits(length: number, options: RandomOptions, out?: Uint32Array): Uint32Array {
  const at = position('randomBits', options)
  const to = outputOf<Uint32Array>('randomBits', out, 'u32', whole('randomBits', 'length', length, 0), [])
  return fill('bits_u32', at, to, [])
}

/**
 * The elements in random order (R. Durstenfeld, CACM 7, 1964); `out` may be x. `offset` is not used. O(n).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function shuffle<T extends Numbers>(x: T, options: RandomOptions, out?: T): T {
  const elem = kindOf('shuffle', 'x', x, ALL)
  const [key, stream] = position('shuffle', options)
  const to = outputOf('shuffle', out, elem, x.length, [['x', x]], true)
  if (to !== x) to.set(x)
  const log = Math.log2(x.BYTES_PER_ELEMENT)
  return run(
    call => generator('shuffle')(key, stream, x.length, call.inOut(to), log, call.room(BUFFER_BYTES)),
    () => to,
  )
}

/** The numbers 0 to length - 1 in random order. @throws IrisError IRIS4104 */
export function permutation(length: number, options: RandomOptions): Uint32Array {
  const all = fresh<Uint32Array>('u32', whole('permutation', 'length', length, 0))
  for (let i = 0; i < all.length; i++) all[i] = i
  return shuffle(all, options, all)
}

nameKernels({ uniform, normal, integers, randomBits, shuffle, permutation })
