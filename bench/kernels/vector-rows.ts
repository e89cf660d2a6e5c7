import similarity from 'compute-cosine-similarity'
import CRC32 from 'crc-32'
import { bin, bisectLeft, cumsum, max, mean, median, rank, sum, variance } from 'd3-array'
import { Matrix } from 'ml-matrix'
import { standardDeviation } from 'simple-statistics'
import xxhash from 'xxhash-wasm'
import { kernels } from '../../src/kernels/index.ts'
import { bytes, type KernelRow, near, noise } from './row.ts'

const N = 100_000
const f64 = (seed?: number): Float64Array => noise(new Float64Array(N), seed)

const row = (name: string, peer: string, prepare: KernelRow['prepare'], elements = N): KernelRow => ({
  name,
  peer,
  elements,
  prepare,
})

/** Reductions, elementwise kernels, order and checksums at 100,000 elements. */
export const vectorRows: readonly KernelRow[] = [
  row('sum f64', 'd3-array sum', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => sum(x), ours: () => kernels.sum(y) }
  }),
  row('mean f64', 'd3-array mean', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => mean(x), ours: () => kernels.mean(y) }
  }),
  row('variance f64', 'd3-array variance', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => variance(x), ours: () => kernels.variance(y, 1) }
  }),
  row('deviation f64', 'simple-statistics standardDeviation', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => standardDeviation(x as unknown as number[]), ours: () => kernels.deviation(y) }
  }),
  row('max f64', 'd3-array max', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => max(x), ours: () => kernels.max(y) }
  }),
  row('median f64', 'd3-array median', place => {
    const [x, y] = [f64(), place(f64())]
    return { theirs: () => median(x), ours: () => kernels.median(y) }
  }),
  row('dot f64', 'ml-matrix dot', place => {
    const [a, b] = [Matrix.rowVector(Array.from(f64(1))), Matrix.rowVector(Array.from(f64(2)))]
    const [x, y] = [place(f64(1)), place(f64(2))]
    return { theirs: () => a.dot(b), ours: () => kernels.dot(x, y) }
  }),
  row('cosine f64', 'compute-cosine-similarity', place => {
    const [a, b] = [Array.from(f64(1)), Array.from(f64(2))]
    const [x, y] = [place(f64(1)), place(f64(2))]
    return { theirs: () => 1 - similarity(a, b), ours: () => kernels.cosine(x, y) }
  }),
  row('add f64', 'ml-matrix add (in place)', place => {
    const [a, b] = [Matrix.rowVector(new Array(N).fill(0)), Matrix.rowVector(Array.from(f64(2)))]
    const [x, y] = [place(new Float64Array(N)), place(f64(2))]
    const first = near(1e-9)
    return {
      theirs: () => a.add(b),
      ours: () => kernels.add(x, y, x),
      agree: (o, t) => first((o as Float64Array).slice(0, 5), (t as Matrix).getRow(0).slice(0, 5)),
    }
  }),
  row('cumsum f64', 'd3-array cumsum', place => {
    const [x, y, out] = [f64(), place(f64()), place(new Float64Array(N))]
    return { theirs: () => cumsum(x), ours: () => kernels.cumsum(y, out), agree: near(1e-9) }
  }),
  row('sort f64', 'Float64Array.prototype.sort', place => {
    const [x, y, out] = [f64(), place(f64()), place(new Float64Array(N))]
    return { theirs: () => x.slice().sort(), ours: () => kernels.sort(y, out), agree: near(0) }
  }),
  row(
    'sort f64, 1 M',
    'Float64Array.prototype.sort',
    place => {
      const x = noise(new Float64Array(1_000_000))
      const [y, out] = [place(x.slice()), place(x.slice())]
      return { theirs: () => x.slice().sort(), ours: () => kernels.sort(y, out), agree: near(0) }
    },
    1_000_000,
  ),
  row('argsort f64', 'd3-array rank', place => {
    const [x, y, out] = [f64(), place(f64()), place(new Uint32Array(N))]
    return {
      theirs: () => rank(x),
      ours: () => kernels.argsort(y, out),
      agree: (o, t) => (t as Float64Array)[(o as Uint32Array)[777]!] === 777,
    }
  }),
  row('histogram f64, 64 bins', 'd3-array bin', place => {
    const [x, y, out] = [f64(), place(f64()), place(new Uint32Array(64))]
    const thresholds = Array.from({ length: 63 }, (_, i) => -1 + (i + 1) / 32)
    const binned = bin<number, number>().domain([-1, 1]).thresholds(thresholds)
    return {
      theirs: () => binned(x),
      ours: () => kernels.histogram(y, { bins: 64, low: -1, high: 1 }, out),
      agree: (o, t) => (t as { length: number }[])[9]!.length === (o as Uint32Array)[9],
    }
  }),
  row('binary search, 100 k in 100 k', 'd3-array bisectLeft', place => {
    const sorted = f64().sort()
    const values = f64(2)
    const [x, y, out] = [place(sorted.slice()), place(values.slice()), place(new Uint32Array(N))]
    return {
      theirs: () => values.map(v => bisectLeft(sorted, v)),
      ours: () => kernels.searchSorted(x, y, 'left', out),
      agree: near(0),
    }
  }),
  row('unique f64', 'new Set, sorted', place => {
    const numbers = f64().map(v => Math.round(v * 1000))
    const [y, out] = [place(numbers.slice()), place(numbers.slice())]
    return {
      theirs: () => Float64Array.from(new Set(numbers)).sort(),
      ours: () => kernels.unique(y, out),
      agree: near(0),
    }
  }),
  row('random uniform f64', 'Math.random', place => {
    const [x, out] = [new Float64Array(N), place(new Float64Array(N))]
    return {
      theirs: () => {
        for (let i = 0; i < N; i++) x[i] = Math.random()
      },
      ours: () => kernels.uniform(N, { seed: 1 }, out),
      agree: () => true,
    }
  }),
  row('crc32, 100 kB', 'crc-32 buf', place => {
    const [x, y] = [bytes(N), place(bytes(N))]
    return { theirs: () => CRC32.buf(x) >>> 0, ours: () => kernels.crc32(y) }
  }),
  row('xxhash64, 100 kB', 'xxhash-wasm h64Raw', async place => {
    const { h64Raw } = await xxhash()
    const [x, y] = [bytes(N), place(bytes(N))]
    return { theirs: () => h64Raw(x), ours: () => kernels.xxhash64(y), agree: (o, t) => o === t }
  }),
]
