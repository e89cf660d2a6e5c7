import { type BenchKernel, f64 } from './kernel.ts'

/** n-body step, as in the benchmarks game: positions, velocities and masses in separate arrays. */
function nBody(
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  vx: Float64Array,
  vy: Float64Array,
  vz: Float64Array,
  mass: Float64Array,
  steps: number,
  dt: number,
): void {
  const n = x.length
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const dx = x[i]! - x[j]!
        const dy = y[i]! - y[j]!
        const dz = z[i]! - z[j]!
        const d2 = dx * dx + dy * dy + dz * dz
        const mag = dt / (d2 * Math.sqrt(d2))
        vx[i] = vx[i]! - dx * mass[j]! * mag
        vy[i] = vy[i]! - dy * mass[j]! * mag
        vz[i] = vz[i]! - dz * mass[j]! * mag
        vx[j] = vx[j]! + dx * mass[i]! * mag
        vy[j] = vy[j]! + dy * mass[i]! * mag
        vz[j] = vz[j]! + dz * mass[i]! * mag
      }
    }
    for (let i = 0; i < n; i++) {
      x[i] = x[i]! + dt * vx[i]!
      y[i] = y[i]! + dt * vy[i]!
      z[i] = z[i]! + dt * vz[i]!
    }
  }
}

const RADIUS_KM = 6371.0088

function haversine(lat: Float64Array, lon: Float64Array, lat0: number, lon0: number, km: Float64Array): void {
  const toRadians = Math.PI / 180
  const phi0 = lat0 * toRadians
  for (let i = 0; i < lat.length; i++) {
    const phi = lat[i]! * toRadians
    const a = Math.sin((phi - phi0) / 2)
    const b = Math.sin(((lon[i]! - lon0) * toRadians) / 2)
    km[i] = 2 * RADIUS_KM * Math.asin(Math.sqrt(a * a + Math.cos(phi) * Math.cos(phi0) * b * b))
  }
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

/** Monte-Carlo pi with Marsaglia's xorshift32. */
function monteCarlo(samples: number, seed: number): number {
  let state = seed | 0
  let inside = 0
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
  return (4 * inside) / samples
}

/** Explicit Euler of a Lorenz attractor. */
function lorenz(steps: number, dt: number, out: Float64Array): void {
  let x = 1
  let y = 1
  let z = 1
  for (let i = 0; i < steps; i++) {
    const dx = 10 * (y - x)
    const dy = x * (28 - z) - y
    const dz = x * y - (8 / 3) * z
    x += dx * dt
    y += dy * dt
    z += dz * dt
  }
  out[0] = x
  out[1] = y
  out[2] = z
}

const bodies = (): Float64Array[] => [
  f64(5, 1, -30, 30),
  f64(5, 2, -30, 30),
  f64(5, 3, -3, 3),
  f64(5, 4, -0.01, 0.01),
  f64(5, 5, -0.01, 0.01),
  f64(5, 6, -0.01, 0.01),
  f64(5, 7, 0.001, 0.01),
]

export const simulation: readonly BenchKernel[] = [
  { name: 'n-body, 1 k steps', elements: 1000, fn: nBody, args: () => [...bodies(), 1000, 0.01] },
  {
    name: 'haversine',
    elements: 10_000,
    fn: haversine,
    args: () => [f64(10_000, 1, -90, 90), f64(10_000, 2, -180, 180), 47, 8, f64(10_000)],
  },
  {
    name: 'Black-Scholes',
    elements: 10_000,
    fn: blackScholes,
    args: () => [f64(10_000, 1, 50, 150), 100, 0.5, 0.03, 0.2, f64(10_000)],
  },
  { name: 'Monte-Carlo pi', elements: 100_000, fn: monteCarlo, args: () => [100_000, 2463534242] },
  { name: 'Lorenz attractor', elements: 50_000, fn: lorenz, args: () => [50_000, 0.001, f64(3)] },
]
