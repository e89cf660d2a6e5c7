import { f32, f64, u8 } from '../scalar/kernel.ts'
import type { SimdKernel } from './kernels.ts'

/** Kernels whose vectors come from outer loops, from searching and from nothing at all (recurrences stay scalar). */

function matmulRows(a: Float64Array, b: Float64Array, c: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!
      c[i * n + j] = sum
    }
  }
}
/** Accelerations of bodies by all others, softened. */
function nBody(x: Float64Array, y: Float64Array, z: Float64Array, m: Float64Array, ax: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) {
      const dx = x[j]! - x[i]!
      const dy = y[j]! - y[i]!
      const dz = z[j]! - z[i]!
      const d = dx * dx + dy * dy + dz * dz + 0.01
      sum += (m[j]! * dx) / (d * Math.sqrt(d))
    }
    ax[i] = sum
  }
}
/** Four streams of Marsaglia's xorshift32. */
function monteCarlo(seeds: Int32Array, samples: number): number {
  let inside = 0
  for (let k = 0; k < 4; k++) {
    let state = seeds[k]!
    for (let i = 0; i < samples; i++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      const x = (state >>> 0) / 4294967296
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      const y = (state >>> 0) / 4294967296
      if (x * x + y * y < 1) inside++
    }
  }
  return inside / samples
}
function histogram(x: Uint8Array, counts: Uint32Array): void {
  for (let i = 0; i < x.length; i++) counts[x[i]!]!++
}
function prefixSum(x: Float64Array, out: Float64Array): void {
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!
    out[i] = sum
  }
}
function crc32(bytes: Uint8Array, table: Uint32Array): number {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}
function softmax(x: Float64Array, out: Float64Array): void {
  let most = -Infinity
  for (let i = 0; i < x.length; i++) if (x[i]! > most) most = x[i]!
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    const e = Math.exp(x[i]! - most)
    out[i] = e
    sum += e
  }
  for (let i = 0; i < x.length; i++) out[i] = out[i]! / sum
}
/** The assignment step of k-means in the plane. */
function kMeans(x: Float64Array, y: Float64Array, cx: Float64Array, cy: Float64Array, label: Int32Array): void {
  for (let i = 0; i < x.length; i++) {
    let best = 0
    let least = Infinity
    for (let c = 0; c < cx.length; c++) {
      const dx = x[i]! - cx[c]!
      const dy = y[i]! - cy[c]!
      const d = dx * dx + dy * dy
      if (d < least) {
        least = d
        best = c
      }
    }
    label[i] = best
  }
}
function movingAverage(x: Float64Array, out: Float64Array, n: number, width: number): void {
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let k = 0; k < width; k++) sum += x[i + k]!
    out[i] = sum / width
  }
}
function largest(x: Float64Array): number {
  let most = -Infinity
  for (let i = 0; i < x.length; i++) if (x[i]! > most) most = x[i]!
  return most
}
function find(x: Int32Array, wanted: number): number {
  for (let i = 0; i < x.length; i++) if (x[i] === wanted) return i
  return -1
}

const N = 100_000
function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c
  })
}

const fast = 'fast'
const strict = 'strict'
export const MORE: readonly SimdKernel[] = [
  {
    name: 'matmul 256 i-j-k',
    math: strict,
    elements: 256 ** 3,
    flops: 2,
    fn: matmulRows,
    args: () => [f64(256 ** 2), f64(256 ** 2, 2), new Float64Array(256 ** 2), 256],
  },
  {
    name: 'n-body 500²',
    math: strict,
    elements: 500 ** 2,
    flops: 15,
    fn: nBody,
    args: () => [f64(500), f64(500, 2), f64(500, 3), f64(500, 4, 0, 1), new Float64Array(500), 500],
  },
  {
    name: 'Monte-Carlo pi, 4 streams',
    math: strict,
    elements: N,
    flops: 5,
    fn: monteCarlo,
    args: () => [Int32Array.of(2463534242, 123456789, 362436069, 521288629), N / 4],
  },
  { name: 'greatest', math: strict, elements: N, bytes: 8, fn: largest, args: () => [f64(N)] },
  { name: 'find in i32', math: strict, elements: N, bytes: 4, fn: find, args: () => [new Int32Array(N), 1] },
  {
    name: 'k-means step, k = 8',
    math: strict,
    elements: 20_000 * 8,
    flops: 5,
    fn: kMeans,
    args: () => [f64(20_000), f64(20_000, 2), f64(8, 3), f64(8, 4), new Int32Array(20_000)],
  },
  {
    name: 'moving average of 16',
    math: strict,
    elements: N * 16,
    flops: 1,
    fn: movingAverage,
    args: () => [f64(N + 16), new Float64Array(N), N, 16],
  },
  {
    name: 'softmax',
    math: fast,
    elements: N,
    bytes: 40,
    fn: softmax,
    args: () => [f64(N, 1, -5, 5), new Float64Array(N)],
  },
  {
    name: 'histogram u8',
    math: strict,
    elements: N,
    bytes: 1,
    fn: histogram,
    args: () => [u8(N), new Uint32Array(256)],
  },
  {
    name: 'prefix sum',
    math: strict,
    elements: N,
    bytes: 16,
    fn: prefixSum,
    args: () => [f64(N), new Float64Array(N)],
  },
  { name: 'CRC-32', math: strict, elements: N, bytes: 1, fn: crc32, args: () => [u8(N), crcTable()] },
  {
    name: 'sum of 1 k f32',
    math: fast,
    elements: 1000,
    bytes: 4,
    fn: (x: Float32Array): number => {
      let s = 0
      for (let i = 0; i < x.length; i++) s += x[i]!
      return s
    },
    args: () => [f32(1000)],
  },
]
