import { describe, expect, it } from 'vitest'
import { gaussianTaps, resizingTaps, type Taps } from '../../../src/kernels/image.ts'
import { kernels } from '../../../src/kernels/index.ts'
import { LENGTHS, numbers, placed, randomOf } from './inputs.ts'

const bytes = (n: number, seed: number): Uint8Array => numbers('u8', n, randomOf(seed)) as Uint8Array
const clip = (v: number, most: number): number => Math.max(0, Math.min(most, v))

/** Pictures of every width up to 70, of few rows, at all places. */
function* pictures(channels: number): Generator<readonly [Uint8Array, number, number]> {
  for (const width of LENGTHS.slice(1)) {
    const height = (width % 4) + 1
    yield [placed(bytes(width * height * channels, width), width), width, height]
  }
}

/** One step of a separable filter along rows (or, transposed, columns). */
function slowRows(
  x: Uint8Array,
  width: number,
  height: number,
  columns: number,
  f: (at: (i: number) => number, column: number) => number,
): Uint8Array {
  const out = new Uint8Array(columns * height * 4)
  for (let y = 0; y < height; y++)
    for (let j = 0; j < columns; j++)
      for (let c = 0; c < 4; c++)
        out[(y * columns + j) * 4 + c] = f(i => x[(y * width + clip(i, width - 1)) * 4 + c]!, j)
  return out
}
function transpose(x: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(x.length)
  for (let y = 0; y < height; y++)
    for (let j = 0; j < width; j++)
      out.set(x.subarray((y * width + j) * 4, (y * width + j) * 4 + 4), (j * height + y) * 4)
  return out
}

const weighted =
  ({ starts, weights, count }: Taps) =>
  (at: (i: number) => number, j: number): number => {
    let sum = 1 << 13
    for (let t = 0; t < count; t++) sum += weights[j * count + t]! * at(starts[j]! + t)
    return clip(sum >> 14, 255)
  }

describe('images, exactly', () => {
  it('grayscale', () => {
    for (const [x] of pictures(4)) {
      const wanted = Uint8Array.from(
        { length: x.length / 4 },
        (_, i) => (77 * x[4 * i]! + 150 * x[4 * i + 1]! + 29 * x[4 * i + 2]! + 128) >> 8,
      )
      expect(kernels.grayscale(x)).toEqual(wanted)
    }
    expect([...kernels.grayscale(new Uint8Array(80).fill(255))]).toEqual(new Array(20).fill(255))
    expect(kernels.grayscale(new Uint8ClampedArray(8))).toBeInstanceOf(Uint8ClampedArray)
  })

  it('boxBlur', () => {
    for (const [x, width, height] of pictures(4))
      for (const radius of [0, 1, 5, 90]) {
        const size = 2 * radius + 1
        const mean = (at: (i: number) => number, j: number): number => {
          let sum = 0
          for (let i = j - radius; i <= j + radius; i++) sum += at(i)
          return Math.floor((2 * sum + size) / (2 * size))
        }
        const rows = slowRows(x, width, height, width, mean)
        const wanted = transpose(slowRows(transpose(rows, width, height), height, width, height, mean), height, width)
        expect(kernels.boxBlur(x, { width, radius })).toEqual(wanted)
      }
  })

  it('gaussianBlur', () => {
    for (const [x, width, height] of pictures(4))
      for (const sigma of [0.3, 1.2, 4]) {
        const rows = slowRows(x, width, height, width, weighted(gaussianTaps(width, sigma)))
        const turned = slowRows(
          transpose(rows, width, height),
          height,
          width,
          height,
          weighted(gaussianTaps(height, sigma)),
        )
        expect(kernels.gaussianBlur(x, { width, sigma })).toEqual(transpose(turned, height, width))
      }
  })

  it('resize', () => {
    for (const [x, width, height] of pictures(4))
      for (const filter of ['bilinear', 'lanczos'] as const)
        for (const [toWidth, toHeight] of [
          [1, 1],
          [width, height],
          [2 * width + 1, 3],
          [7, 2 * height],
        ] as const) {
          const rows = slowRows(x, width, height, toWidth, weighted(resizingTaps(width, toWidth, filter)))
          const down = weighted(resizingTaps(height, toHeight, filter))
          const turned = slowRows(transpose(rows, toWidth, height), height, toWidth, toHeight, down)
          expect(kernels.resize(x, { width, toWidth, toHeight, filter })).toEqual(transpose(turned, toHeight, toWidth))
        }
  })

  it('sobel', () => {
    for (const [x, width, height] of pictures(1)) {
      const at = (y: number, j: number): number => x[clip(y, height - 1) * width + clip(j, width - 1)]!
      const wanted = new Uint8Array(x.length)
      for (let y = 0; y < height; y++)
        for (let j = 0; j < width; j++) {
          const gx =
            at(y - 1, j + 1) +
            2 * at(y, j + 1) +
            at(y + 1, j + 1) -
            at(y - 1, j - 1) -
            2 * at(y, j - 1) -
            at(y + 1, j - 1)
          const gy =
            at(y + 1, j - 1) +
            2 * at(y + 1, j) +
            at(y + 1, j + 1) -
            at(y - 1, j - 1) -
            2 * at(y - 1, j) -
            at(y - 1, j + 1)
          wanted[y * width + j] = Math.min(255, Math.round(Math.sqrt(gx * gx + gy * gy)))
        }
      expect(kernels.sobel(x, { width })).toEqual(wanted)
    }
  })

  it('alphaBlend, within a unit of real arithmetic', () => {
    for (const n of LENGTHS) {
      const [top, bottom] = [placed(bytes(4 * n, n), n), placed(bytes(4 * n, n + 99), n + 1)]
      for (let i = 3; i < 4 * n; i += 12) top[i] = i % 24 ? 0 : 255
      const found = kernels.alphaBlend(top, bottom)
      for (let i = 0; i < n; i++) {
        const [at, ab] = [top[4 * i + 3]! / 255, bottom[4 * i + 3]! / 255]
        const a = at + ab * (1 - at)
        expect(Math.abs(found[4 * i + 3]! - 255 * a)).toBeLessThanOrEqual(0.501)
        for (let c = 0; c < 3; c++) {
          const colour = a === 0 ? 0 : (top[4 * i + c]! * at + bottom[4 * i + c]! * ab * (1 - at)) / a
          expect(Math.abs(found[4 * i + c]! - colour)).toBeLessThanOrEqual(0.501)
        }
      }
    }
  })

  it('lookUp', () => {
    const negative = kernels.tableOf(v => 1 - v)
    const four = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7) & 255)
    for (const n of LENGTHS) {
      const x = placed(bytes(4 * n, n), n)
      expect(kernels.lookUp(x.subarray(0, n), negative)).toEqual(x.slice(0, n).map(v => 255 - v))
      expect(kernels.lookUp(x, four)).toEqual(x.slice().map((v, i) => four[(i % 4) * 256 + v]!))
      kernels.lookUp(x, negative, x)
    }
  })
})

describe('laws of images', () => {
  it('a flat image stays flat', () => {
    const x = new Uint8Array(4 * 13 * 11).fill(201)
    expect(kernels.gaussianBlur(x, { width: 13, sigma: 2 })).toEqual(x)
    expect(kernels.boxBlur(x, { width: 13, radius: 3 })).toEqual(x)
    const larger = kernels.resize(x, { width: 13, toWidth: 40, toHeight: 50, filter: 'lanczos' })
    expect(larger.every(v => v === 201)).toBe(true)
    expect(kernels.sobel(x, { width: 13 }).every(v => v === 0)).toBe(true)
  })
  it('weights add up to one, each within two units of the real one, however many there are', () => {
    for (const sigma of [0.3, 1, 7.7, 60, 400]) {
      const size = Math.ceil(7 * sigma)
      const { starts, weights, count } = gaussianTaps(size, sigma)
      const j = size >> 1
      const row = weights.subarray(j * count, (j + 1) * count)
      expect(row.reduce((sum, w) => sum + w, 0)).toBe(1 << 14)
      const reach = Math.max(1, Math.ceil(3 * sigma))
      const real = Array.from(row, (_, t) => {
        const x = starts[j]! + t - j
        return Math.abs(x) > reach ? 0 : Math.exp((-x * x) / (2 * sigma * sigma))
      })
      const total = real.reduce((sum, w) => sum + w, 0)
      const errors = real.map((w, t) => Math.abs(row[t]! - (w / total) * (1 << 14)))
      expect(Math.max(...errors), `${sigma}`).toBeLessThan(2)
    }
  })
  it('the same size is the same image', () => {
    const x = bytes(4 * 30 * 20, 1)
    for (const filter of ['bilinear', 'lanczos'] as const)
      expect(kernels.resize(x, { width: 30, toWidth: 30, toHeight: 20, filter })).toEqual(x)
  })
})

describe('wrong arguments', () => {
  const x = new Uint8Array(40)
  it.each([
    ['IRIS4101', () => kernels.grayscale(new Float32Array(4) as never)],
    ['IRIS4102', () => kernels.boxBlur(x, { width: 3, radius: 1 })],
    ['IRIS4104', () => kernels.boxBlur(x, { width: 5, radius: -1 })],
    ['IRIS4104', () => kernels.gaussianBlur(x, { width: 5, sigma: 0 })],
    ['IRIS4104', () => kernels.resize(x, { width: 5, toWidth: 0, toHeight: 2 })],
    ['IRIS4102', () => kernels.lookUp(x, new Uint8Array(255))],
    ['IRIS4103', () => kernels.sobel(x, { width: 5 }, x)],
    ['IRIS4101', () => kernels.alphaBlend(x, undefined as never)],
    ['IRIS4104', () => kernels.boxBlur(x, undefined as never)],
    ['IRIS4104', () => kernels.gaussianBlur(x, undefined as never)],
    ['IRIS4104', () => kernels.sobel(x, undefined as never)],
  ])('%s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
  it('tell which argument it is', () => {
    expect(() => kernels.alphaBlend(x, new Uint8Array(36))).toThrow(/IRIS4102: alphaBlend: bottom has 36/)
  })
})
