/** Exact search for the nearest rows of a matrix of embeddings, in floats or quantised to bytes. */
import { nameKernels } from '../../base/library.ts'
import { type Call, run } from './call.ts'
import { fresh, type Input, kindOf, like, oneOf, outputOf, whole, wrongLength } from './checks.ts'
import { atOnce, type Entry, entry } from './library.ts'

export type Metric = 'dot' | 'cosine' | 'euclidean'
const METRICS = ['dot', 'cosine', 'euclidean'] as const

/** Most dimensions of rows of bytes, for which products fit 32 bits. */
const MOST_DIMENSIONS = 65536
/** Rows scored for one query before the next query: they stay in the cache. */
const ROWS_AT_A_TIME = 128

export interface TopKOptions {
  /** how many rows are wanted; fewer come where the matrix has fewer */
  readonly k: number
  /** `cosine` similarity (default) and `dot` product: larger is nearer; `euclidean` distance: smaller is */
  readonly metric?: Metric
  /** columns of the matrix; default: the length of the query, which is then one */
  readonly dimensions?: number
}

/** The nearest rows of each query in turn, k' = min(k, rows) for each, the nearest first. */
export interface Neighbours {
  /** row numbers */
  readonly indices: Uint32Array
  /** similarities, products or distances */
  readonly scores: Float32Array
}

/** A matrix in bytes: row r is scales[r] · values. */
export interface Quantized {
  readonly values: Int8Array
  readonly scales: Float32Array
  readonly dimensions: number
}

/**
 * Rows of floats as bytes, each row with its own scale (greatest magnitude / 127, rounded to nearest even): a quarter of the
 * memory; an element is off by at most scale / 2. NaN becomes 0. O(n).
 * @throws IrisError IRIS4101, IRIS4102 when the length is no multiple of `dimensions`, IRIS4104
 */
export function quantize(matrix: Float32Array, dimensions: number): Quantized {
  const d = whole('quantize', 'dimensions', dimensions, 1, MOST_DIMENSIONS)
  const rows = rowsOf('quantize', matrix, d)
  const values = fresh<Int8Array>('i8', matrix.length)
  const scales = fresh<Float32Array>('f32', rows)
  return run(
    call => entry('search', 'quantize')(call.in(matrix), rows, d, call.out(values), call.out(scales)),
    () => ({ values, scales, dimensions: d }),
  )
}

function rowsOf(kernel: string, matrix: Float32Array, d: number): number {
  kindOf(kernel, 'matrix', matrix, ['f32'])
  if (matrix.length % d !== 0) throw wrongLength(kernel, 'matrix', matrix.length, `a multiple of ${d}`)
  return matrix.length / d
}

/**
 * The k rows of `matrix` (row-major, rows × dimensions) that are nearest to each query (queries × dimensions): exact, every
 * row is scored; equal scores in the order of rows. Floats are scored in f32 (sixteen partial sums), bytes in exact whole
 * numbers. A score that is NaN (also the cosine of a zero row) counts as -Infinity. `out` takes the results.
 * O(queries · (rows · dimensions + k log k)).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function topK(
  matrix: Float32Array | Quantized,
  query: Float32Array,
  options: TopKOptions,
  out?: Neighbours,
): Neighbours {
  kindOf('topK', 'query', query, ['f32'])
  const metric = METRICS.indexOf(oneOf('topK', 'metric', options?.metric ?? 'cosine', METRICS))
  const quantized = typeof matrix === 'object' && matrix !== null && 'scales' in matrix ? matrix : undefined
  const d = whole('topK', 'dimensions', options?.dimensions ?? query.length, 1, quantized ? MOST_DIMENSIONS : undefined)
  const rows = quantized ? checkQuantized(quantized, d) : rowsOf('topK', matrix as Float32Array, d)
  if (query.length % d !== 0) throw wrongLength('topK', 'query', query.length, `a multiple of ${d}`)
  const queries = query.length / d
  const k = Math.min(whole('topK', 'k', options?.k, 0), rows)
  const inputs: Input[] = [
    ['matrix', quantized?.values ?? (matrix as Float32Array)],
    ['query', query],
  ]
  if (quantized) inputs.push(['matrix.scales', quantized.scales])
  const indices = outputOf<Uint32Array>('topK', out?.indices, 'u32', queries * k, inputs)
  const scores = outputOf<Float32Array>('topK', out?.scores, 'f32', queries * k, [...inputs, ['out.indices', indices]])
  if (k === 0) return { indices, scores }
  return run(
    call => {
      const scans = quantized
        ? bytesScans(call, quantized, query, d, queries, metric)
        : floatScans(call, matrix as Float32Array, query, d, queries, metric)
      const heaps = scanAll(call, scans, rows, k)
      const [to, at] = [call.out(scores), call.out(indices)]
      for (const [i, heap] of heaps.entries()) entry('search', 'drain')(heap, to + 4 * k * i, at + 4 * k * i)
    },
    () => {
      if (metric === 2) for (let i = 0; i < scores.length; i++) scores[i] = -scores[i]!
      return { indices, scores }
    },
  )
}

function checkQuantized({ values, scales, dimensions }: Quantized, d: number): number {
  kindOf('topK', 'matrix.values', values, ['i8'])
  if (dimensions !== d) throw wrongLength('topK', 'query', d, `a multiple of ${dimensions}`)
  if (values.length % d !== 0) throw wrongLength('topK', 'matrix.values', values.length, `a multiple of ${d}`)
  like('topK', 'matrix.scales', scales, 'f32', values.length / d)
  return values.length / d
}

/** Scores rows [from, to) for one query into its heap. */
type Scan = (from: number, to: number, heap: number, k: number) => void

function scanAll(call: Call, scans: readonly Scan[], rows: number, k: number): number[] {
  const heaps = scans.map(() => {
    const heap = call.room(16 * (k + 1))
    call.view('i32', heap, 1)[0] = 0
    return heap
  })
  const step = scans.length === 1 ? rows : ROWS_AT_A_TIME
  for (let from = 0; from < rows; from += step)
    for (const [i, scan] of scans.entries()) scan(from, Math.min(rows, from + step), heaps[i]!, k)
  return heaps
}

function floatScans(
  call: Call,
  matrix: Float32Array,
  query: Float32Array,
  d: number,
  queries: number,
  metric: number,
): Scan[] {
  const scan = entry('search', 'scan_f32')
  const dot = atOnce(() => entry('search', 'dot_f32'))
  const [at, first] = [call.in(matrix), call.in(query)]
  return Array.from({ length: queries }, (_, i) => {
    const q = first + 4 * d * i
    const norm = Math.sqrt(dot(q, q, d))
    return (from, to, heap, k) => scan(metric, at, from, to, d, q, norm, heap, k)
  })
}

function bytesScans(
  call: Call,
  { values, scales }: Quantized,
  query: Float32Array,
  d: number,
  queries: number,
  metric: number,
): Scan[] {
  const scan: Entry = entry('search', 'scan_i8')
  const bytes = call.room(d * queries)
  const widened = call.room(2 * d * queries)
  const own = call.room(4 * queries)
  atOnce(() => {
    entry('search', 'quantize')(call.in(query), queries, d, bytes, own)
    entry('search', 'widen')(bytes, d * queries, widened)
  })
  const ownScales = Array.from(call.view('f32', own, queries))
  const whole = call.view('i8', bytes, d * queries) as Int8Array
  const [at, scaleAt] = [call.in(values), call.in(scales)]
  return ownScales.map((scale, i) => {
    const norm = Math.sqrt(whole.subarray(i * d, i * d + d).reduce((sum, v) => sum + v * v, 0))
    return (from, to, heap, k) => scan(metric, at, scaleAt, from, to, d, widened + 2 * d * i, scale, norm, heap, k)
  })
}

nameKernels({ quantize, topK })
