/** Convolution, correlation, moving averages and recursive filters of f64 and f32. */
import { nameKernels } from '../../base/library.ts'
import { type Call, run } from './call.ts'
import {
  apart,
  FLOATS,
  type Floats,
  kindOf,
  number,
  oneOf,
  outputOf,
  whole,
  wrongKind,
  wrongLength,
  wrongValue,
} from './checks.ts'
import { spectrum, unspectrum } from './fourier.ts'
import { entry } from './library.ts'

const MODES = ['full', 'same', 'valid'] as const
/** `full`: every overlap, n + m - 1 elements; `same`: the middle n of them; `valid`: where h lies within x, n - m + 1. */
export type ConvolutionMode = (typeof MODES)[number]

/** From this many elements of both inputs on, transforms beat the definition. */
const LONG = 192

/**
 * Σ h[j] x[i - j]. Below 192 elements of h (or x) by definition, in the order of j; longer ones as a product of spectra, with
 * an error relative to the largest |x| · Σ|h| rather than to each element. O(n m), or O(n log n).
 * @throws IrisError IRIS4101, IRIS4102 when an input is empty, or x is shorter than h for `valid`, IRIS4103, IRIS4104
 */
export function convolve<T extends Floats>(x: T, h: T, mode: ConvolutionMode = 'full', out?: T): T {
  return convolution('convolve', x, h, mode, out, false)
}

/** Σ h[j] x[i + j]: {@link convolve} with h reversed. @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104 */
export function correlate<T extends Floats>(x: T, h: T, mode: ConvolutionMode = 'full', out?: T): T {
  return convolution('correlate', x, h, mode, out, true)
}

function convolution<T extends Floats>(
  kernel: string,
  x: T,
  h: T,
  mode: ConvolutionMode,
  out: T | undefined,
  reversed: boolean,
): T {
  const elem = kindOf(kernel, 'x', x, FLOATS)
  kindOf(kernel, 'h', h, [elem])
  oneOf(kernel, 'mode', mode, MODES)
  const [n, m] = [x.length, h.length]
  if (n === 0) throw wrongLength(kernel, 'x', 0, '1 or more')
  if (m === 0 || (mode === 'valid' && m > n)) throw wrongLength(kernel, 'h', m, `from 1 to ${n}`)
  const from = mode === 'full' ? 0 : mode === 'same' ? Math.floor((m - 1) / 2) : m - 1
  const size = mode === 'full' ? n + m - 1 : mode === 'same' ? n : n - m + 1
  const inputs = [['x', x] as const, ['h', h] as const]
  const to = outputOf(kernel, out, elem, size, inputs)
  const taps = reversed ? (h.slice().reverse() as T) : h
  return run(
    call => {
      const target = call.out(to)
      if (Math.min(n, m) < LONG)
        return entry('signal', `convolve_${elem}`)(call.in(x), n, call.in(taps), m, from, size, target)
      const bytes = x.BYTES_PER_ELEMENT
      return entry('signal', 'copy')(bySpectra(call, x, taps, elem) + from * bytes, size * bytes, target)
    },
    () => to,
  )
}

/** Address of the full convolution. */
function bySpectra(call: Call, x: Floats, h: Floats, elem: 'f64' | 'f32'): number {
  const size = x.length + h.length - 1
  const n = 2 ** Math.ceil(Math.log2(size))
  const [a, b] = [paddedSpectrum(call, x, n), paddedSpectrum(call, h, n)]
  entry('signal', 'multiply')(a, b, n / 2 + 1, a)
  const result = call.room(8 * n)
  unspectrum(call, n, a, result)
  if (elem === 'f64') return result
  const narrow = call.room(4 * size)
  entry('signal', 'narrow')(result, size, narrow)
  return narrow
}

function paddedSpectrum(call: Call, x: Floats, n: number): number {
  const padded = call.room(8 * n)
  const view = call.view('f64', padded, n)
  view.set(x)
  view.fill(0, x.length)
  const to = call.room(8 * n + 16)
  spectrum(call, n, padded, to)
  return to
}

export interface Convolve2dShape {
  /** columns of x */
  readonly width: number
  /** columns of h */
  readonly kernelWidth: number
  /** `same` (default): the size of x, which counts as zero outside; `valid`: where h lies within x */
  readonly mode?: 'same' | 'valid'
}

/**
 * Σ h[r][c] x[i - r][j - c] over a picture x and a kernel h, both row-major, centred for `same`. O(pixels · elements of h).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function convolve2d<T extends Floats>(x: T, h: T, shape: Convolve2dShape, out?: T): T {
  const turned = kindOf('convolve2d', 'h', h, FLOATS) ? (h.slice().reverse() as T) : h
  return correlation2d('convolve2d', x, h, turned, shape, out)
}

/** Σ h[r][c] x[i + r][j + c]: {@link convolve2d} with h turned by 180°. @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104 */
export function correlate2d<T extends Floats>(x: T, h: T, shape: Convolve2dShape, out?: T): T {
  return correlation2d('correlate2d', x, h, h, shape, out)
}

function correlation2d<T extends Floats>(
  kernel: string,
  x: T,
  h: T,
  taps: T,
  shape: Convolve2dShape,
  out: T | undefined,
): T {
  const elem = kindOf(kernel, 'x', x, FLOATS)
  kindOf(kernel, 'h', h, [elem])
  const width = whole(kernel, 'width', shape?.width, 1)
  const hc = whole(kernel, 'kernelWidth', shape.kernelWidth, 1)
  const isSame = oneOf(kernel, 'mode', shape.mode ?? 'same', ['same', 'valid']) === 'same'
  if (x.length % width !== 0) throw wrongLength(kernel, 'x', x.length, `a multiple of ${width}`)
  if (h.length === 0 || h.length % hc !== 0) throw wrongLength(kernel, 'h', h.length, `a multiple of ${hc}`)
  const [height, hr] = [x.length / width, h.length / hc]
  const [rows, columns] = isSame ? [height, width] : [height - hr + 1, width - hc + 1]
  if (rows < 0 || columns < 0) throw wrongLength(kernel, 'h', h.length, 'at most the size of x')
  // Convolution is centred on the other side of the middle when h has an even number of rows or columns.
  const lean = kernel === 'convolve2d' ? 0 : 1
  const [top, left] = isSame ? [Math.floor((hr - lean) / 2), Math.floor((hc - lean) / 2)] : [0, 0]
  const to = outputOf(kernel, out, elem, rows * columns, [['x', x] as const, ['h', h] as const])
  return run(
    call => {
      const stride = columns + hc - 1
      const padded = call.room((rows + hr - 1) * stride * x.BYTES_PER_ELEMENT + 64)
      const view = call.view(elem, padded, (rows + hr - 1) * stride)
      view.fill(0)
      for (let i = 0; i < height; i++) view.set(x.subarray(i * width, (i + 1) * width), (i + top) * stride + left)
      const kernelOf = entry('signal', `correlate2_${elem}`)
      return kernelOf(padded, stride, call.in(taps), hr, hc, call.out(to), rows, columns)
    },
    () => to,
  )
}

/**
 * Means of each `window` neighbouring elements: n - window + 1 of them, the first of x[0] … x[window - 1]. Nothing is
 * subtracted on the way, so that a NaN spoils only the windows it is in (M. van Herk, 1992). O(n) whatever the window.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function movingAverage<T extends Floats>(x: T, window: number, out?: T): T {
  const elem = kindOf('movingAverage', 'x', x, FLOATS)
  whole('movingAverage', 'window', window, 1)
  if (window > x.length) throw wrongLength('movingAverage', 'x', x.length, `at least window = ${window}`)
  const to = outputOf('movingAverage', out, elem, x.length - window + 1, [['x', x]])
  return run(
    call => {
      const work = call.room(8 * x.length)
      return entry('signal', `movingAverage_${elem}`)(call.in(x), x.length, window, call.out(to), work)
    },
    () => to,
  )
}

/** y[i] = b0 x[i] + b1 x[i-1] + b2 x[i-2] - a1 y[i-1] - a2 y[i-2] */
export interface Biquad {
  readonly b0: number
  readonly b1: number
  readonly b2: number
  readonly a1: number
  readonly a2: number
}

const COEFFICIENTS = ['b0', 'b1', 'b2', 'a1', 'a2'] as const

/**
 * x through second-order sections, one after the other, in transposed direct form II and doubles. `state` (two doubles a
 * section) is read and updated, to filter a stream in pieces; default zeros. `out` may be x. O(n · sections).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function biquad<T extends Floats>(x: T, sections: Biquad | readonly Biquad[], out?: T, state?: Float64Array): T {
  const elem = kindOf('biquad', 'x', x, FLOATS)
  const all = Array.isArray(sections) ? (sections as readonly Biquad[]) : [sections as Biquad]
  const values = all.map(section => {
    if (typeof section !== 'object' || section === null) throw wrongKind('biquad', 'sections', section, 'an object')
    return COEFFICIENTS.map(name => number('biquad', name, section[name]))
  })
  if (state !== undefined) {
    kindOf('biquad', 'state', state, ['f64'])
    if (state.length !== 2 * all.length) throw wrongLength('biquad', 'state', state.length, 2 * all.length)
  }
  const to = outputOf('biquad', out, elem, x.length, [['x', x]], true)
  if (state !== undefined) {
    apart('biquad', 'state', state, 'x', x, false)
    apart('biquad', 'state', state, 'out', to, false)
  }
  return run(
    call => {
      const target = call.out(to)
      let from = call.in(x)
      for (const [i, coefficients] of values.entries()) {
        const at = call.room(56)
        const section = call.view('f64', at, 7)
        section.set([...coefficients, state?.[2 * i] ?? 0, state?.[2 * i + 1] ?? 0])
        entry('signal', `biquad_${elem}`)(from, x.length, target, at)
        state?.set(section.subarray(5) as Float64Array, 2 * i)
        from = target
      }
      if (all.length === 0) call.view(elem, target, x.length).set(x)
    },
    () => to,
  )
}

const SHAPES = ['lowpass', 'highpass', 'bandpass', 'notch'] as const

/**
 * Coefficients of a filter (R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients"). `frequency` is
 * in cycles per sample, between 0 and 1/2; `q` is the quality, 1/√2 for the flattest pass band.
 * @throws IrisError IRIS4104
 */
export function designBiquad(shape: (typeof SHAPES)[number], frequency: number, q = Math.SQRT1_2): Biquad {
  oneOf('designBiquad', 'shape', shape, SHAPES)
  if (!(frequency > 0 && frequency < 0.5))
    throw wrongValue('designBiquad', 'frequency', frequency, 'cycles per sample between 0 and 1/2')
  if (!(q > 0)) throw wrongValue('designBiquad', 'q', q, 'a number above 0')
  const w = 2 * Math.PI * frequency
  const [cos, alpha] = [Math.cos(w), Math.sin(w) / (2 * q)]
  const numerators = {
    lowpass: [(1 - cos) / 2, 1 - cos, (1 - cos) / 2],
    highpass: [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2],
    bandpass: [alpha, 0, -alpha],
    notch: [1, -2 * cos, 1],
  } as const
  const [b0, b1, b2] = numerators[shape]
  const a0 = 1 + alpha
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: (-2 * cos) / a0, a2: (1 - alpha) / a0 }
}

nameKernels({ convolve, correlate, convolve2d, correlate2d, movingAverage, biquad })
