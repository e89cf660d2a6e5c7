/** Weights of separable filters over pixels: output j is Σ weights[j · count + t] · pixel starts[j] + t. */
export interface Taps {
  readonly starts: Int32Array
  /** 14-bit fractions; those of one output add up to 1 */
  readonly weights: Int16Array
  /** of each output */
  readonly count: number
}

const ONE = 1 << 14

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x))
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
/** C. Duchon, "Lanczos filtering in one and two dimensions", J. Applied Meteorology 18, 1979. */
const lanczos = (x: number): number => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0)

const FILTERS = {
  bilinear: { shape: triangle, reach: 1 },
  lanczos: { shape: lanczos, reach: 3 },
} as const

/** From `size` pixels to `wanted`. */
export function resizingTaps(size: number, wanted: number, filter: keyof typeof FILTERS): Taps {
  const { shape, reach } = FILTERS[filter]
  const step = size / wanted
  const widened = Math.max(1, step)
  return makeTaps(
    size,
    wanted,
    reach * widened,
    j => (j + 0.5) * step - 0.5,
    x => shape(x / widened),
  )
}

export function gaussianTaps(size: number, sigma: number): Taps {
  const reach = Math.max(1, Math.ceil(3 * sigma))
  return makeTaps(
    size,
    size,
    reach + 0.5,
    j => j,
    x => Math.exp((-x * x) / (2 * sigma * sigma)),
  )
}

/** Weights of pixels beyond the edges are given to the pixels of the edges. */
function makeTaps(
  size: number,
  wanted: number,
  reach: number,
  centre: (output: number) => number,
  shape: (distance: number) => number,
): Taps {
  const count = Math.min(size, 2 * Math.ceil(reach) + 1)
  const starts = new Int32Array(wanted)
  const weights = new Int16Array(wanted * count)
  for (let j = 0; j < wanted; j++) {
    const middle = centre(j)
    const start = Math.max(0, Math.min(size - count, Math.round(middle) - Math.ceil(reach)))
    const real = new Float64Array(count)
    for (let i = Math.ceil(middle - reach); i <= middle + reach; i++)
      real[Math.max(0, Math.min(size - 1, i)) - start]! += shape(i - middle)
    starts[j] = start
    weights.set(fixed(real), j * count)
  }
  return { starts, weights, count }
}

/** Real weights as fractions that add up to 1 exactly: what rounding leaves goes to the largest. */
function fixed(real: Float64Array): Int16Array {
  const total = real.reduce((sum, w) => sum + w, 0)
  const out = Int16Array.from(real, w => Math.round((w / total) * ONE))
  let largest = 0
  for (let t = 1; t < out.length; t++) if (out[t]! > out[largest]!) largest = t
  out[largest]! += ONE - out.reduce((sum, w) => sum + w, 0)
  return out
}
