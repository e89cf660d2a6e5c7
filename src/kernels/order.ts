/**
 * Order: numbers ascend, -0 comes before 0, NaN after everything. For f64, f32, i32 and u32.
 */
import { nameKernels } from '../../base/library.ts'
import { type Call, run } from './call.ts'
import { type Floats, fresh, kindOf, number, oneOf, outputOf, whole, wrongValue } from './checks.ts'
import { entry } from './library.ts'

const SORTED = ['f64', 'f32', 'i32', 'u32'] as const
const COUNTED = ['f64', 'f32', 'i32', 'u32', 'u8', 'u8c'] as const
export type Sorted = Floats | Int32Array | Uint32Array

/** Counts of six digits of eleven bits. */
const COUNT_BYTES = 6 * 2048 * 4

/**
 * The elements in order; `out` may be x, to sort in place. Radix sort in O(n) (P. McIlroy et al., "Engineering radix sort",
 * 1993), merge sort for short arrays. @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function sort<T extends Sorted>(x: T, out?: T): T {
  const elem = kindOf('sort', 'x', x, SORTED)
  const to = outputOf('sort', out, elem, x.length, [['x', x]], true)
  return run(
    call => {
      const [keys, other, counts] = [call.room(x.byteLength), call.room(x.byteLength), call.room(COUNT_BYTES)]
      return entry('order', `sort_${elem}`)(call.in(x), x.length, call.out(to), keys, other, counts)
    },
    () => to,
  )
}

/**
 * The places of the elements in order, so that x[out[0]] ≤ x[out[1]] ≤ …; equal elements (and all NaN) stay in the order of
 * their places. O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function argsort(x: Sorted, out?: Uint32Array): Uint32Array {
  const elem = kindOf('argsort', 'x', x, SORTED)
  const n = x.length
  const to = outputOf<Uint32Array>('argsort', out, 'u32', n, [['x', x]])
  return run(
    call => {
      const [keys, other, counts] = [call.room(8 * n), call.room(8 * n), call.room(COUNT_BYTES)]
      const places = elem === 'f64' ? [call.room(4 * n), call.room(4 * n)] : []
      return entry('order', `argsort_${elem}`)(call.in(x), n, call.out(to), keys, other, counts, ...places)
    },
    () => to,
  )
}

/**
 * The element of rank k: what would be at place k (from 0) after sorting. O(n), without sorting.
 * @throws IrisError IRIS4101, IRIS4104 when k is no place of x
 */
export function select(x: Sorted, k: number): number {
  const elem = kindOf('select', 'x', x, SORTED)
  if (x.length === 0) throw wrongValue('select', 'x', x, 'an array with elements')
  whole('select', 'k', k, 0, x.length - 1)
  return run(
    call => selectIn(call, elem, x, k),
    found => (elem === 'u32' ? found >>> 0 : found),
  )
}

function selectIn(call: Call, elem: (typeof SORTED)[number], x: Sorted, k: number): number {
  const [keys, counts] = [call.room(x.byteLength), call.room(COUNT_BYTES)]
  return entry('order', `select_${elem}`)(call.in(x), x.length, k, keys, counts)
}

/**
 * The quantile q, from 0 (least) to 1 (greatest), interpolated linearly between neighbouring ranks (R. Hyndman, Y. Fan,
 * American Statistician 50, 1996, definition 7); NaN when x is empty. NaN elements count as the greatest. O(n).
 * @throws IrisError IRIS4101, IRIS4104
 */
export function quantile(x: Sorted, q: number): number {
  kindOf('quantile', 'x', x, SORTED)
  if (!(number('quantile', 'q', q) >= 0 && q <= 1)) throw wrongValue('quantile', 'q', q, 'a number from 0 to 1')
  if (x.length === 0) return NaN
  const place = (x.length - 1) * q
  const k = Math.floor(place)
  const low = select(x, k)
  if (place === k) return low
  const high = select(x, k + 1)
  const part = place - k
  const difference = high - low
  // Infinities have no difference, and those of large numbers overflow.
  return Number.isFinite(difference) ? low + difference * part : low * (1 - part) + high * part
}

/** The median: {@link quantile} 1/2. @throws IrisError IRIS4101 */
export function median(x: Sorted): number {
  return quantile(x, 0.5)
}

/**
 * For each value the place where it belongs in the sorted array x: the number of elements that come before it (`left`) or
 * come before it or are equal (`right`). -0 equals 0 here. An unsorted x gives unspecified places. O(m log n).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function searchSorted<T extends Sorted>(
  x: T,
  values: T,
  side: 'left' | 'right' = 'left',
  out?: Uint32Array,
): Uint32Array {
  const elem = kindOf('searchSorted', 'x', x, SORTED)
  kindOf('searchSorted', 'values', values, [elem])
  const right = oneOf('searchSorted', 'side', side, ['left', 'right']) === 'right' ? 1 : 0
  const inputs = [['x', x] as const, ['values', values] as const]
  const to = outputOf<Uint32Array>('searchSorted', out, 'u32', values.length, inputs)
  const ranks = entry('order', `ranks_${elem}`)
  return run(
    call => ranks(call.in(x), x.length, call.in(values), values.length, right, call.out(to)),
    () => to,
  )
}

export interface HistogramOptions {
  /** number of bins of equal width */
  readonly bins: number
  /** lower edge of the first bin */
  readonly low: number
  /** upper edge of the last bin, which belongs to it */
  readonly high: number
}

/**
 * How many elements fall into each bin: bin ⌊(x - low) · bins / (high - low)⌋; elements outside, and NaN, are not counted.
 * O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function histogram(
  x: Sorted | Uint8Array | Uint8ClampedArray,
  options: HistogramOptions,
  out?: Uint32Array,
): Uint32Array {
  const kind = kindOf('histogram', 'x', x, COUNTED)
  const elem = kind === 'u8c' ? 'u8' : kind
  const bins = whole('histogram', 'bins', options?.bins, 1, 2 ** 26)
  const { low, high } = options
  if (!Number.isFinite(low)) throw wrongValue('histogram', 'low', low, 'a finite number')
  if (!(Number.isFinite(high) && high > low)) throw wrongValue('histogram', 'high', high, 'a finite number above low')
  if (!Number.isFinite((high - low) * bins))
    throw wrongValue('histogram', 'high', high, 'a number so near low that (high - low) · bins is finite')
  const to = outputOf<Uint32Array>('histogram', out, 'u32', bins, [['x', x]])
  to.fill(0)
  return run(
    call => entry('order', `histogram_${elem}`)(call.in(x), x.length, low, high, bins, call.inOut(to)),
    () => to,
  )
}

/**
 * The distinct elements in order (one NaN; -0 and 0 are one, the first of them kept). A new array, or the beginning of `out`
 * (at least as long as x; may be x), as a subarray. O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function unique<T extends Sorted>(x: T, out?: T): T {
  const elem = kindOf('unique', 'x', x, SORTED)
  const all = sort(x, out === undefined ? fresh<T>(elem, x.length) : beginning(elem, out, x.length))
  const count = run(call => entry('order', `distinct_${elem}`)(call.inOut(all), x.length))
  return (out === undefined ? all.slice(0, count) : all.subarray(0, count)) as T
}

/** The first elements; all of an array that has no more. */
function beginning<T extends Sorted>(elem: (typeof SORTED)[number], out: T, length: number): T {
  kindOf('unique', 'out', out, [elem])
  return out.length > length ? (out.subarray(0, length) as T) : out
}

nameKernels({ sort, argsort, select, quantile, median, searchSorted, histogram, unique })
