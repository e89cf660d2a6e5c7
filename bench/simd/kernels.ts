import { type BenchKernel, f32, f64, u8 } from '../scalar/kernel.ts'

/** What vectors are for: kernels as users write them, each in the mode in which it gains. */
export interface SimdKernel extends BenchKernel {
  readonly math: 'strict' | 'fast'
  /** Bytes that one element moves, where that is what takes the time; else its floating-point operations. */
  readonly bytes?: number
  readonly flops?: number
  /** The share of the results that another rounding may change by any amount: where the kernel is chaotic. */
  readonly strays?: number
}

const N = 100_000
const M = 1_000_000

function saxpy(a: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}
function saxpy32(a: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}
function sum(x: Float64Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]!
  return s
}
function sum32(x: Float32Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]!
  return s
}
function dot(x: Float64Array, y: Float64Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]! * y[i]!
  return s
}
function dot32(x: Float32Array, y: Float32Array): number {
  let s = 0
  for (let i = 0; i < x.length; i++) s += x[i]! * y[i]!
  return s
}
function wave(x: Float64Array, y: Float64Array, z: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!) * Math.cos(y[i]!) + Math.sqrt(z[i]!) - 1.5
}
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * poly
  return x < 0 ? tail : 1 - tail
}
function blackScholes(
  spot: Float64Array,
  strike: number,
  years: number,
  rate: number,
  sigma: number,
  call: Float64Array,
): void {
  const spread = sigma * Math.sqrt(years)
  const discount = Math.exp(-rate * years)
  for (let i = 0; i < spot.length; i++) {
    const d1 = (Math.log(spot[i]! / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
    call[i] = spot[i]! * normalCdf(d1) - strike * discount * normalCdf(d1 - spread)
  }
}
function haversine(lat: Float64Array, lon: Float64Array, lat0: number, lon0: number, km: Float64Array): void {
  const toRadians = Math.PI / 180
  const phi0 = lat0 * toRadians
  for (let i = 0; i < lat.length; i++) {
    const phi = lat[i]! * toRadians
    const a = Math.sin((phi - phi0) / 2)
    const b = Math.sin(((lon[i]! - lon0) * toRadians) / 2)
    km[i] = 2 * 6371.0088 * Math.asin(Math.sqrt(a * a + Math.cos(phi) * Math.cos(phi0) * b * b))
  }
}
/** Cosine similarity of a query to every row. */
function cosine(rows: Float32Array, query: Float32Array, out: Float32Array, count: number, size: number): void {
  for (let i = 0; i < count; i++) {
    let both = 0
    let own = 0
    let other = 0
    for (let k = 0; k < size; k++) {
      const a = rows[i * size + k]!
      const b = query[k]!
      both += a * b
      own += a * a
      other += b * b
    }
    out[i] = both / Math.sqrt(own * other)
  }
}
function matmul(a: Float64Array, b: Float64Array, c: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) c[i * n + j] = 0
    for (let k = 0; k < n; k++) {
      const aik = a[i * n + k]!
      for (let j = 0; j < n; j++) c[i * n + j] = c[i * n + j]! + aik * b[k * n + j]!
    }
  }
}
function mandelbrot(out: Uint8Array, width: number, height: number, limit: number): void {
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const cx = (px / width) * 3 - 2
      const cy = (py / height) * 2 - 1
      let x = 0
      let y = 0
      let n = 0
      while (n < limit && x * x + y * y < 4) {
        const next = x * x - y * y + cx
        y = 2 * x * y + cy
        x = next
        n++
      }
      out[py * width + px] = n
    }
  }
}
function gray(rgba: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++)
    out[i] = (rgba[4 * i]! * 77 + rgba[4 * i + 1]! * 150 + rgba[4 * i + 2]! * 29) >> 8
}
function alphaBlend(a: Uint8Array, b: Uint8Array, alpha: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < a.length; i++) out[i] = (a[i]! * alpha[i]! + b[i]! * (255 - alpha[i]!) + 128) >> 8
}
function boxBlur(src: Uint8Array, dst: Uint8Array, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const up = src[i - width - 1]! + src[i - width]! + src[i - width + 1]!
      const down = src[i + width - 1]! + src[i + width]! + src[i + width + 1]!
      dst[i] = ((up + src[i - 1]! + src[i]! + src[i + 1]! + down) * 57) >> 9
    }
  }
}
function stencil(src: Float64Array, dst: Float64Array, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      dst[i] = 0.2 * (src[i]! + src[i - 1]! + src[i + 1]! + src[i - width]! + src[i + width]!)
    }
  }
}
function distances(x: Float64Array, y: Float64Array, z: Float64Array, out: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const dx = x[i]! - x[j]!
      const dy = y[i]! - y[j]!
      const dz = z[i]! - z[j]!
      out[i * n + j] = Math.sqrt(dx * dx + dy * dy + dz * dz)
    }
  }
}
function polynomial(x: Float64Array, coefficients: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let value = 0
    for (let k = coefficients.length - 1; k >= 0; k--) value = value * x[i]! + coefficients[k]!
    out[i] = value
  }
}

const fast = 'fast'
const strict = 'strict'
export const KERNELS: readonly SimdKernel[] = [
  { name: 'saxpy f64', math: fast, elements: N, bytes: 24, fn: saxpy, args: () => [0.5, f64(N), f64(N, 2)] },
  { name: 'saxpy f32', math: fast, elements: N, bytes: 12, fn: saxpy32, args: () => [0.5, f32(N), f32(N, 2)] },
  { name: 'sum f64', math: fast, elements: N, bytes: 8, fn: sum, args: () => [f64(N)] },
  { name: 'sum f32', math: fast, elements: N, bytes: 4, fn: sum32, args: () => [f32(N)] },
  { name: 'dot f64', math: fast, elements: N, bytes: 16, fn: dot, args: () => [f64(N), f64(N, 2)] },
  { name: 'dot f32', math: fast, elements: N, bytes: 8, fn: dot32, args: () => [f32(N), f32(N, 2)] },
  {
    name: 'wave',
    math: fast,
    elements: M,
    flops: 52,
    fn: wave,
    args: () => [f64(M, 1, -10, 10), f64(M, 2, -10, 10), f64(M, 3, 0, 10), new Float64Array(M)],
  },
  {
    name: 'Black-Scholes',
    math: fast,
    elements: M,
    flops: 110,
    fn: blackScholes,
    args: () => [f64(M, 1, 50, 150), 100, 0.5, 0.02, 0.3, new Float64Array(M)],
  },
  {
    name: 'haversine',
    math: fast,
    elements: M,
    flops: 130,
    fn: haversine,
    args: () => [f64(M, 1, -80, 80), f64(M, 2, -180, 180), 48.1, 11.6, new Float64Array(M)],
  },
  {
    name: 'cosine similarity',
    math: fast,
    elements: 768 * 10_000,
    flops: 6,
    fn: cosine,
    args: () => [f32(768 * 10_000), f32(768, 2), new Float32Array(10_000), 10_000, 768],
  },
  {
    name: 'matmul 512 i-k-j',
    math: fast,
    elements: 512 ** 3,
    flops: 2,
    fn: matmul,
    args: () => [f64(512 ** 2), f64(512 ** 2, 2), new Float64Array(512 ** 2), 512],
  },
  {
    name: 'Mandelbrot 256²',
    math: strict,
    elements: 256 ** 2,
    strays: 0.005,
    fn: mandelbrot,
    args: () => [new Uint8Array(256 ** 2), 256, 256, 255],
  },
  { name: 'RGBA to grey', math: strict, elements: N, bytes: 5, fn: gray, args: () => [u8(4 * N), new Uint8Array(N)] },
  {
    name: 'alpha blend u8',
    math: strict,
    elements: N,
    bytes: 4,
    fn: alphaBlend,
    args: () => [u8(N), u8(N, 2), u8(N, 3), new Uint8Array(N)],
  },
  {
    name: 'box blur 3×3 u8',
    math: strict,
    elements: 300 ** 2,
    bytes: 2,
    fn: boxBlur,
    args: () => [u8(300 ** 2), new Uint8Array(300 ** 2), 300, 300],
  },
  {
    name: 'stencil 300²',
    math: strict,
    elements: 300 ** 2,
    bytes: 16,
    fn: stencil,
    args: () => [f64(300 ** 2), new Float64Array(300 ** 2), 300, 300],
  },
  {
    name: 'distances 2 k²',
    math: strict,
    elements: 2000 ** 2,
    flops: 9,
    fn: distances,
    args: () => [f64(2000), f64(2000, 2), f64(2000, 3), new Float64Array(2000 ** 2), 2000],
  },
  {
    name: 'polynomial, degree 9',
    math: strict,
    elements: 20_000,
    flops: 20,
    fn: polynomial,
    args: () => [f64(20_000), f64(10, 3), new Float64Array(20_000)],
  },
]
