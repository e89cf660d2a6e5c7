/**
 * Images in bytes, row by row: RGBA is four bytes a pixel, gray one. Channels are computed each for itself, alpha too. Pixels
 * outside an image are those of its edge. Inputs may be Uint8Array or Uint8ClampedArray (ImageData).
 */
import { nameKernels } from '../../base/library.ts'
import { type Call, run } from './call.ts'
import {
  type Bytes,
  fresh,
  type Input,
  kindOf,
  like,
  oneOf,
  outputOf,
  whole,
  wrongLength,
  wrongValue,
} from './checks.ts'
import { entry } from './library.ts'

const BYTES = ['u8', 'u8c'] as const

interface Picture {
  readonly elem: (typeof BYTES)[number]
  readonly width: number
  readonly height: number
}

/** @throws IrisError IRIS4101, IRIS4102 when there are no whole rows, IRIS4104 */
function pictureOf(kernel: string, x: Bytes, width: unknown, channels: number): Picture {
  const elem = kindOf(kernel, 'x', x, BYTES)
  const columns = whole(kernel, 'width', width, 1, 2 ** 24)
  if (x.length % (columns * channels) !== 0)
    throw wrongLength(kernel, 'x', x.length, `a multiple of ${columns * channels}`)
  return { elem, width: columns, height: x.length / columns / channels }
}

/**
 * Brightness of RGBA pixels, one byte each: (77 R + 150 G + 29 B + 128) >> 8, the weights of ITU-R BT.601 in 256ths. Alpha is
 * ignored. O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function grayscale<T extends Bytes>(x: T, out?: T): T {
  const { elem, height } = pictureOf('grayscale', x, 1, 4)
  const to = outputOf('grayscale', out, elem, height, [['x', x]])
  return run(
    call => entry('image', 'grayscale')(call.in(x), height, call.out(to)),
    () => to,
  )
}

/**
 * Means over squares of 2 `radius` + 1 pixels, rows first, each of the two steps to nearest with halves up. `out` may be x.
 * O(n) whatever the radius. @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function boxBlur<T extends Bytes>(x: T, options: { width: number; radius: number }, out?: T): T {
  const { elem, width, height } = pictureOf('boxBlur', x, options?.width, 4)
  const radius = whole('boxBlur', 'radius', options.radius, 0, 16_000)
  const to = outputOf('boxBlur', out, elem, x.length, [['x', x]], true)
  if (height === 0) return to
  return run(
    call => {
      const [between, sums] = [call.room(x.length), call.room(16 * width)]
      entry('image', 'boxRows')(call.in(x), width, height, radius, between)
      return entry('image', 'boxColumns')(between, width, height, radius, call.out(to), sums)
    },
    () => to,
  )
}

/**
 * Gaussian blur of standard deviation `sigma` pixels, cut off at 3 sigma, with weights of 14 bits; rows first, each of the two
 * steps to nearest with halves up. `out` may be x. O(n · sigma). @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function gaussianBlur<T extends Bytes>(x: T, options: { width: number; sigma: number }, out?: T): T {
  const { elem, width, height } = pictureOf('gaussianBlur', x, options?.width, 4)
  const { sigma } = options
  if (!(sigma > 0 && sigma <= 1000)) throw wrongValue('gaussianBlur', 'sigma', sigma, 'a number above 0, at most 1000')
  const to = outputOf('gaussianBlur', out, elem, x.length, [['x', x]], true)
  if (height === 0) return to
  return resample(x, width, height, to, gaussianTaps(width, sigma), gaussianTaps(height, sigma))
}

export interface ResizeOptions {
  /** columns of x */
  readonly width: number
  readonly toWidth: number
  readonly toHeight: number
  /** `bilinear` (default) or `lanczos` (three lobes); both widened when the image shrinks, so that nothing is skipped */
  readonly filter?: 'bilinear' | 'lanczos'
}

/**
 * The image at another size, with weights of 14 bits; rows first, each of the two steps to nearest with halves up. O(n · taps).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function resize<T extends Bytes>(x: T, options: ResizeOptions, out?: T): T {
  const { elem, width, height } = pictureOf('resize', x, options?.width, 4)
  const columns = whole('resize', 'toWidth', options.toWidth, 1, 2 ** 15)
  const rows = whole('resize', 'toHeight', options.toHeight, 1, 2 ** 15)
  const filter = oneOf('resize', 'filter', options.filter ?? 'bilinear', ['bilinear', 'lanczos'])
  if (height === 0) throw wrongLength('resize', 'x', 0, `a multiple of ${4 * width} above 0`)
  const to = outputOf('resize', out, elem, 4 * columns * rows, [['x', x]])
  return resample(x, width, height, to, resizingTaps(width, columns, filter), resizingTaps(height, rows, filter))
}

function resample<T extends Bytes>(x: T, width: number, height: number, to: T, across: Taps, down: Taps): T {
  const columns = across.starts.length
  return run(
    call => {
      const between = call.room(4 * columns * height)
      const [starts, weights] = place(call, across)
      const rows = entry('image', 'resampleRows')
      rows(call.in(x), width, height, between, columns, across.count, starts, weights)
      const [tops, lines] = place(call, down)
      const columnsOf = entry('image', 'resampleColumns')
      return columnsOf(between, columns, call.out(to), down.starts.length, down.count, tops, lines)
    },
    () => to,
  )
}

const place = (call: Call, { starts, weights }: Taps): readonly [number, number] => [call.in(starts), call.in(weights)]

/**
 * Magnitude √(gx² + gy²) of Sobel's gradient of a gray image, to nearest, at most 255. O(n).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104
 */
export function sobel<T extends Bytes>(x: T, options: { width: number }, out?: T): T {
  const { elem, width, height } = pictureOf('sobel', x, options?.width, 1)
  const to = outputOf('sobel', out, elem, x.length, [['x', x]])
  return run(
    call => entry('image', 'sobel')(call.in(x), width, height, call.out(to)),
    () => to,
  )
}

/**
 * `top` over `bottom`, RGBA with straight alpha (T. Porter, T. Duff, SIGGRAPH 1984), in floats and to nearest. `out` may be
 * either. O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function alphaBlend<T extends Bytes>(top: T, bottom: T, out?: T): T {
  const { elem, height } = pictureOf('alphaBlend', top, 1, 4)
  const inputs: Input[] = [
    ['top', top],
    ['bottom', bottom],
  ]
  like('alphaBlend', 'bottom', bottom, elem, top.length)
  const to = outputOf('alphaBlend', out, elem, top.length, inputs, true)
  return run(
    call => entry('image', 'over')(call.in(top), call.in(bottom), height, call.out(to)),
    () => to,
  )
}

/**
 * table[x[i]] for each byte; a table of 256 bytes serves all channels, one of 1024 is four, for R, G, B and A. `out` may be x.
 * O(n). @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function lookUp<T extends Bytes>(x: T, table: Bytes, out?: T): T {
  const elem = kindOf('lookUp', 'x', x, BYTES)
  kindOf('lookUp', 'table', table, BYTES)
  if (table.length !== 256 && table.length !== 1024) throw wrongLength('lookUp', 'table', table.length, '256 or 1024')
  const byChannel = table.length === 1024
  if (byChannel) pictureOf('lookUp', x, 1, 4)
  const to = outputOf('lookUp', out, elem, x.length, [['x', x]], true)
  outputOf('lookUp', to, elem, x.length, [['table', table]])
  const kernel = entry('image', byChannel ? 'lookUpChannels' : 'lookUp')
  return run(
    call => kernel(call.in(x), byChannel ? x.length / 4 : x.length, call.in(table), call.out(to)),
    () => to,
  )
}

/** The table of a function of brightness: round(f(v / 255) · 255), kept within a byte. */
export function tableOf(f: (value: number) => number): Uint8Array {
  const table = fresh<Uint8Array>('u8', 256)
  for (let v = 0; v < 256; v++) table[v] = Math.max(0, Math.min(255, Math.round(f(v / 255) * 255)))
  return table
}

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

/**
 * Real weights as fractions that add up to 1 exactly: what rounding leaves goes to the largest and its neighbours, a unit to
 * each, so that many small weights do not make a peak of one.
 */
function fixed(real: Float64Array): Int16Array {
  const total = real.reduce((sum, w) => sum + w, 0)
  const out = Int16Array.from(real, w => Math.round((w / total) * ONE))
  let largest = 0
  for (let t = 1; t < out.length; t++) if (out[t]! > out[largest]!) largest = t
  let left = ONE - out.reduce((sum, w) => sum + w, 0)
  for (let away = 0; left !== 0; away = away > 0 ? -away : 1 - away) {
    const t = largest + away
    if (t < 0 || t >= out.length) continue
    out[t]! += Math.sign(left)
    left -= Math.sign(left)
  }
  return out
}

nameKernels({ grayscale, boxBlur, gaussianBlur, resize, sobel, alphaBlend, lookUp })
