/**
 * Vectors. Unless a function says otherwise: inputs are typed arrays of one kind and length; f32, i32 and u32 are
 * computed as doubles; reductions of n elements are added pairwise in blocks of 512, in an order that depends on n
 * alone, with an error of at most (40 + log2(n / 512)) · 2^-53 · Σ|terms|; time is O(n). A reduction that meets NaN is NaN.
 */

import { nameKernels } from '../../base/library.ts'
import {
  ALL,
  bytesOf,
  FLOATS,
  type Floats,
  kindOf,
  like,
  type Numbers,
  number,
  outputOf,
  wrongValue,
} from './checks.ts'
import { compute, reduceByHalves, write, writeParts } from './ordinary.ts'

const SUMMED = ['f64', 'f32', 'i32', 'u32', 'i8', 'u8', 'u8c'] as const
const MULTIPLIED = ['f64', 'f32', 'i32', 'i8', 'u8', 'u8c'] as const
const ARITHMETIC = ['f64', 'f32', 'i32'] as const
const CLAMPED = ['f64', 'f32', 'i32', 'i8', 'u8', 'u8c'] as const

type Summed = Floats | Int32Array | Uint32Array | Int8Array | Uint8Array | Uint8ClampedArray
type Multiplied = Floats | Int32Array | Int8Array | Uint8Array | Uint8ClampedArray
type Arithmetic = Floats | Int32Array
type Clamped = Multiplied

/**
 * Σ x[i], by pairwise summation (N. Higham, SIAM J. Sci. Comput. 14, 1993). Integers: exact below 2^53. Empty: 0.
 * @throws IrisError IRIS4101 for another kind of array
 */
export function sum(x: Summed): number {
  const elem = bytesOf(kindOf('sum', 'x', x, SUMMED))
  return reduceByHalves(`sum_${elem}`, [x, x.length], same)
}

/** Σ x[i] / n; NaN when empty. @throws IrisError IRIS4101 */
export function mean(x: Summed): number {
  const elem = bytesOf(kindOf('mean', 'x', x, SUMMED))
  return reduceByHalves(`sum_${elem}`, [x, x.length], total => total / x.length)
}

/**
 * Mean squared deviation from the mean, divided by n - `freedom` (1 for a sample), in two passes. NaN when n ≤ freedom.
 * @throws IrisError IRIS4101, IRIS4104
 */
export function variance(x: Arithmetic, freedom = 0): number {
  return spread('variance', x, freedom)
}

/** Square root of {@link variance}. @throws IrisError IRIS4101, IRIS4104 */
export function deviation(x: Arithmetic, freedom = 0): number {
  return spread('deviation', x, freedom, Math.sqrt)
}

function spread(kernel: string, x: Arithmetic, freedom: number, result = same): number {
  const elem = kindOf(kernel, 'x', x, ARITHMETIC)
  number(kernel, 'freedom', freedom)
  return compute('vectors', `variance_${elem}`, [x, x.length, freedom], result)
}

/**
 * Σ x[i] y[i]. Bytes: exact. i32: products as doubles. Empty: 0.
 * @throws IrisError IRIS4101, IRIS4102
 */
export function dot<T extends Multiplied>(x: T, y: T): number {
  return reduceTwo('dot', x, y)
}

/** Euclidean distance √Σ (x[i] - y[i])². @throws IrisError IRIS4101, IRIS4102 */
export function euclidean<T extends Multiplied>(x: T, y: T): number {
  return reduceTwo('euclidean', x, y, Math.sqrt)
}

/** Manhattan distance Σ |x[i] - y[i]|. @throws IrisError IRIS4101, IRIS4102 */
export function manhattan<T extends Multiplied>(x: T, y: T): number {
  return reduceTwo('manhattan', x, y)
}

function reduceTwo(kernel: string, x: Multiplied, y: Multiplied, result = same): number {
  const elem = kindOf(kernel, 'x', x, MULTIPLIED)
  like(kernel, 'y', y, elem, x.length)
  return reduceByHalves(`${kernel}_${bytesOf(elem)}`, [x, y, x.length], result)
}

const same = (value: number): number => value

/**
 * Cosine distance 1 - x·y / (|x| |y|), from 0 (same direction) to 2; NaN where a vector is zero.
 * @throws IrisError IRIS4101, IRIS4102
 */
export function cosine<T extends Floats>(x: T, y: T): number {
  const elem = kindOf('cosine', 'x', x, FLOATS)
  like('cosine', 'y', y, elem, x.length)
  return compute('vectors', `cosine_${elem}`, [x, y, x.length], same)
}

const BITS = { f64: 'f64', f32: 'f32', i32: 'i32', u32: 'i32', i16: 'i16', u16: 'i16', i8: 'i8', u8: 'i8', u8c: 'i8' }

/** Number of positions at which x and y differ (`!==`: NaN differs from NaN, -0 not from 0). @throws IrisError IRIS4101, IRIS4102 */
export function hamming<T extends Numbers>(x: T, y: T): number {
  const elem = kindOf('hamming', 'x', x, ALL)
  like('hamming', 'y', y, elem, x.length)
  return reduceByHalves(`hamming_${BITS[elem]}`, [x, y, x.length], same)
}

/** Number of bits in which two arrays of bytes differ. @throws IrisError IRIS4101, IRIS4102 */
export function hammingBits(x: Uint8Array, y: Uint8Array): number {
  like('hammingBits', 'y', y, kindOf('hammingBits', 'x', x, ['u8']), x.length)
  return reduceByHalves('hammingBits', [x, y, x.length], same)
}

const NORMS = { 1: 'magnitude', 2: 'norm', [Infinity]: 'maxAbs' } as const

/**
 * Norm of order 1 (Σ|x[i]|), 2 (√Σx[i]², without overflow or underflow on the way) or Infinity (greatest magnitude).
 * Empty: 0. @throws IrisError IRIS4101, IRIS4104
 */
export function norm(x: Floats, order: 1 | 2 | typeof Infinity = 2): number {
  const elem = kindOf('norm', 'x', x, FLOATS)
  if (order !== 1 && order !== 2 && order !== Infinity) throw wrongValue('norm', 'order', order, '1, 2 or Infinity')
  if (x.length === 0) return 0
  return compute('vectors', `${NORMS[order as 2]}_${elem}`, [x, x.length], same)
}

/** Least element; NaN where there is one, -0 below 0, Infinity when empty (as Math.min). @throws IrisError IRIS4101 */
export function min(x: Numbers): number {
  return extreme('min', x, Infinity)
}

/** Greatest element; NaN where there is one, 0 above -0, -Infinity when empty (as Math.max). @throws IrisError IRIS4101 */
export function max(x: Numbers): number {
  return extreme('max', x, -Infinity)
}

/** Index of the first least element; of the first NaN where there is one; -1 when empty. @throws IrisError IRIS4101 */
export function argmin(x: Numbers): number {
  return extreme('argmin', x, -1)
}

/** Index of the first greatest element; of the first NaN where there is one; -1 when empty. @throws IrisError IRIS4101 */
export function argmax(x: Numbers): number {
  return extreme('argmax', x, -1)
}

function extreme(kernel: string, x: Numbers, empty: number): number {
  const elem = bytesOf(kindOf(kernel, 'x', x, ALL))
  if (x.length === 0) return empty
  const unsigned = elem === 'u32' && !kernel.startsWith('arg')
  const result = (found: number): number => (unsigned ? found >>> 0 : found)
  return compute('vectors', `${kernel}_${elem}`, [x, x.length], result)
}

/**
 * x + y, element by element; `y` may be a number (rounded to the kind of x first). i32 wraps. `out` may be x or y.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function add<T extends Arithmetic>(x: T, y: T | number, out?: T): T {
  return elementwise('add', x, y, out)
}

/** x - y, like {@link add}. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function sub<T extends Arithmetic>(x: T, y: T | number, out?: T): T {
  return elementwise('sub', x, y, out)
}

/** x · y element by element, like {@link add}; i32 as Math.imul. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function mul<T extends Arithmetic>(x: T, y: T | number, out?: T): T {
  return elementwise('mul', x, y, out)
}

/** x / y, like {@link add}. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function div<T extends Floats>(x: T, y: T | number, out?: T): T {
  kindOf('div', 'x', x, FLOATS)
  return elementwise('div', x, y, out)
}

/** a · x, rounded once. `out` may be x. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function scale<T extends Arithmetic>(a: number, x: T, out?: T): T {
  kindOf('scale', 'x', x, ARITHMETIC)
  if (typeof a !== 'number') throw wrongValue('scale', 'a', a, 'a number')
  return elementwise('mul', x, a, out, 'scale')
}

function elementwise<T extends Arithmetic>(
  op: string,
  x: T,
  y: T | number,
  out: T | undefined,
  kernel: string = op,
): T {
  const elem = kindOf(kernel, 'x', x, ARITHMETIC)
  const n = x.length
  if (typeof y === 'number') {
    const to = outputOf(kernel, out, elem, n, [['x', x]], true)
    return writeParts(`${op}Number_${elem}`, [x, y, to, n], to)
  }
  like(kernel, 'y', y, elem, n)
  const inputs = [['x', x] as const, ['y', y] as const]
  const to = outputOf(kernel, out, elem, n, inputs, true)
  return writeParts(`${op}_${elem}`, [x, y, to, n], to)
}

/**
 * a · x + y, product and sum rounded to the kind of x (as BLAS axpy without fused operations). `out` may be y or x.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function axpy<T extends Floats>(a: number, x: T, y: T, out?: T): T {
  const elem = kindOf('axpy', 'x', x, FLOATS)
  if (typeof a !== 'number') throw wrongValue('axpy', 'a', a, 'a number')
  like('axpy', 'y', y, elem, x.length)
  const inputs = [['x', x] as const, ['y', y] as const]
  const to = outputOf('axpy', out, elem, x.length, inputs, true)
  return writeParts(`axpy_${elem}`, [a, x, y, to, x.length], to)
}

/**
 * Elements below `low` become low, those above `high` high; NaN stays. `out` may be x. Bounds are rounded to the kind.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104 when low > high, or an integer kind cannot hold a bound
 */
export function clamp<T extends Clamped>(x: T, low: number, high: number, out?: T): T {
  const elem = kindOf('clamp', 'x', x, CLAMPED)
  number('clamp', 'low', low)
  if (!(number('clamp', 'high', high) >= low)) throw wrongValue('clamp', 'high', high, `a number from low = ${low}`)
  const to = outputOf('clamp', out, elem, x.length, [['x', x]], true)
  const range = RANGES[bytesOf(elem)]
  const [from, until] = range ? [Math.max(Math.ceil(low), range[0]), Math.min(Math.floor(high), range[1])] : [low, high]
  if (from > until) throw wrongValue('clamp', 'low', low, `a bound that ${x.constructor.name} can hold`)
  return writeParts(`clamp_${bytesOf(elem)}`, [x, from, until, to, x.length], to)
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i8: [-128, 127],
  u8: [0, 255],
}

/**
 * Running sums: out[i] = x[0] + … + x[i], added in order in a double, the bits of the plain loop (i32: modulo 2^32).
 * `out` may be x. @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function cumsum<T extends Arithmetic>(x: T, out?: T): T {
  const elem = kindOf('cumsum', 'x', x, ARITHMETIC)
  const to = outputOf('cumsum', out, elem, x.length, [['x', x]], true)
  return write(`cumsum_${elem}`, [x, to, x.length], to)
}

nameKernels({
  sum,
  mean,
  variance,
  deviation,
  dot,
  euclidean,
  manhattan,
  cosine,
  hamming,
  hammingBits,
  norm,
  min,
  max,
  argmin,
  argmax,
  add,
  sub,
  mul,
  div,
  scale,
  axpy,
  clamp,
  cumsum,
})
