import { type BenchKernel, f32, f64 } from './kernel.ts'

const N = 100_000

function saxpy(a: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}

function saxpy32(a: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
  return sum
}

function total(x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]!
  return sum
}

function largest(x: Float64Array): number {
  let best = Number.NEGATIVE_INFINITY
  for (let i = 0; i < x.length; i++) if (x[i]! > best) best = x[i]!
  return best
}

function prefixSum(x: Float64Array, out: Float64Array): void {
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!
    out[i] = sum
  }
}

/** Horner's rule. */
function polynomial(x: Float64Array, coefficients: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let value = 0
    for (let k = coefficients.length - 1; k >= 0; k--) value = value * x[i]! + coefficients[k]!
    out[i] = value
  }
}

/** Finite impulse response filter. */
function fir(signal: Float64Array, taps: Float64Array, out: Float64Array): void {
  for (let i = 0; i + taps.length <= signal.length; i++) {
    let sum = 0
    for (let k = 0; k < taps.length; k++) sum += signal[i + k]! * taps[k]!
    out[i] = sum
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

function stencil(src: Float64Array, dst: Float64Array, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      dst[i] = 0.2 * (src[i]! + src[i - 1]! + src[i + 1]! + src[i - width]! + src[i + width]!)
    }
  }
}

function transpose(src: Float64Array, dst: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) dst[j * n + i] = src[i * n + j]!
  }
}

/** Squared distance to every point of a set, and which is nearest. */
function nearestPoint(points: Float64Array, dimensions: number, query: Float64Array): number {
  let best = Number.POSITIVE_INFINITY
  let at = -1
  for (let p = 0; p * dimensions < points.length; p++) {
    let sum = 0
    for (let k = 0; k < dimensions; k++) {
      const d = points[p * dimensions + k]! - query[k]!
      sum += d * d
    }
    if (sum < best) {
      best = sum
      at = p
    }
  }
  return at
}

export const vectors: readonly BenchKernel[] = [
  { name: 'saxpy f64', elements: N, fn: saxpy, args: () => [0.5, f64(N, 1), f64(N, 2)] },
  { name: 'saxpy f32', elements: N, fn: saxpy32, args: () => [0.5, f32(N, 1), f32(N, 2)] },
  { name: 'dot', elements: N, fn: dot, args: () => [f64(N, 1), f64(N, 2)] },
  { name: 'sum', elements: N, fn: total, args: () => [f64(N)] },
  { name: 'max', elements: N, fn: largest, args: () => [f64(N)] },
  { name: 'prefix sum', elements: N, fn: prefixSum, args: () => [f64(N), f64(N)] },
  {
    name: 'polynomial, degree 9',
    elements: 20_000,
    fn: polynomial,
    args: () => [f64(20_000), f64(10, 3), f64(20_000)],
  },
  { name: 'FIR filter, 32 taps', elements: 20_000, fn: fir, args: () => [f64(20_031), f64(32, 4), f64(20_000)] },
  {
    name: 'matmul 128',
    elements: 128 ** 3,
    fn: matmul,
    args: () => [f64(128 ** 2), f64(128 ** 2, 2), f64(128 ** 2), 128],
  },
  { name: 'stencil 300²', elements: 90_000, fn: stencil, args: () => [f64(90_000), f64(90_000), 300, 300] },
  { name: 'transpose 300', elements: 90_000, fn: transpose, args: () => [f64(90_000), f64(90_000), 300] },
  { name: 'nearest of 10 k points', elements: 10_000, fn: nearestPoint, args: () => [f64(80_000), 8, f64(8, 5)] },
]
