import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/kernels/index.ts'
import { exactSum, LENGTHS, numbers, placed, randomOf, same } from './inputs.ts'

type Floats = Float64Array | Float32Array
const KINDS = ['f64', 'f32'] as const
const EPSILON = { f64: 2 ** -52, f32: 2 ** -23 }

/** The transform by its definition. */
function slowTransform(x: Floats, sign: number): Float64Array {
  const n = x.length / 2
  const out = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    const [re, im]: [number[], number[]] = [[], []]
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      re.push(x[2 * j]! * c - x[2 * j + 1]! * s)
      im.push(x[2 * j]! * s + x[2 * j + 1]! * c)
    }
    out[2 * k] = exactSum(re)
    out[2 * k + 1] = exactSum(im)
  }
  return out
}

/** Distance in the root mean square, against the size of what is wanted. */
function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length)
  let [d, w] = [0, 1e-300]
  for (let i = 0; i < found.length; i++) {
    d += (found[i]! - wanted[i]!) ** 2
    w += wanted[i]! ** 2
  }
  return Math.sqrt(d / w)
}

const SIZES = [...LENGTHS.slice(1), 81, 97, 100, 127, 128, 243, 256, 360, 511, 512]

describe('Fourier transforms', () => {
  it('agree with the definition', () => {
    for (const kind of KINDS)
      for (const n of SIZES) {
        const x = placed(numbers(kind, 2 * n, randomOf(n)), n) as Float64Array
        const bound = (1 + Math.log2(n)) * 2 ** -52 * 2 + (kind === 'f32' ? EPSILON.f32 : 0)
        const wanted = slowTransform(x, -1)
        expect(distance(kernels.fft(x), wanted), `fft ${kind} ${n}`).toBeLessThan(bound)
        const inverse = slowTransform(x, 1).map(v => v / n)
        expect(distance(kernels.ifft(x), inverse), `ifft ${kind} ${n}`).toBeLessThan(bound)
        for (const place of [0, 2, 3]) {
          const own = placed(x, place)
          kernels.fft(own, own)
          expect(distance(own, wanted), `in place ${kind} ${n}`).toBeLessThan(bound)
        }
      }
  })

  it('of real numbers are the first half', () => {
    for (const kind of KINDS)
      for (const n of SIZES) {
        const x = placed(numbers(kind, n, randomOf(n)), n + 1) as Float64Array
        const complex = new Float64Array(2 * n)
        x.forEach((v, i) => {
          complex[2 * i] = v
        })
        const wanted = slowTransform(complex, -1).subarray(0, 2 * Math.floor(n / 2) + 2)
        const bound = (1 + Math.log2(n)) * 2 ** -51 + 2 * (kind === 'f32' ? EPSILON.f32 : 0)
        const found = kernels.rfft(x)
        expect(distance(found, wanted), `rfft ${kind} ${n}`).toBeLessThan(bound)
        expect(distance(kernels.irfft(found, n), x), `irfft ${kind} ${n}`).toBeLessThan(2 * bound)
      }
  })

  it('keep the energy (Parseval), go back, and are linear', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(1000), (n, seed) => {
        const x = numbers('f64', 2 * n, randomOf(seed)) as Float64Array
        const y = kernels.fft(x)
        const energy = kernels.dot(x, x)
        const back = distance(kernels.ifft(y), x)
        const twice = distance(kernels.fft(kernels.scale(2, x)), kernels.scale(2, y))
        return Math.abs(kernels.dot(y, y) / n / energy - 1) < 1e-13 && back < 1e-14 && twice < 1e-14
      }),
      { numRuns: 60 },
    )
  })

  it('of long signals: one wave is one line, at lengths of every kind', () => {
    for (const n of [1 << 15, 1 << 16, 30_000, 65_537]) {
      const x = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * ((5 * i) % n)) / n))
      const y = kernels.rfft(x)
      expect(y[10]! / n).toBeCloseTo(0.5, 12)
      y[10] = 0
      expect(kernels.norm(y, Infinity) / n).toBeLessThan(1e-13)
    }
  })

  it('of nothing is nothing; odd numbers of elements are refused', () => {
    expect(kernels.fft(new Float64Array(0)).length).toBe(0)
    expect(kernels.irfft(kernels.rfft(new Float64Array(0)), 0).length).toBe(0)
    expect(() => kernels.fft(new Float64Array(3))).toThrow(/IRIS4102/)
    expect(() => kernels.irfft(new Float64Array(4), 5)).toThrow(/IRIS4102/)
  })
})

function slowConvolve(x: Floats, h: Floats): Float64Array {
  const out = new Float64Array(x.length + h.length - 1)
  for (let i = 0; i < x.length; i++) for (let j = 0; j < h.length; j++) out[i + j]! += x[i]! * h[j]!
  return out
}

describe('convolution', () => {
  it('agrees with the definition, in every mode', () => {
    for (const kind of KINDS)
      for (const n of LENGTHS.slice(1))
        for (const m of [1, 2, 3, 8, 33, 70]) {
          const x = placed(numbers(kind, n, randomOf(n)), n) as Float64Array
          const h = placed(numbers(kind, m, randomOf(m + 200)), m) as Float64Array
          const full = slowConvolve(x, h)
          const bound = 50 * EPSILON[kind]
          expect(distance(kernels.convolve(x, h), full), `${kind} ${n} ${m}`).toBeLessThan(bound)
          const from = Math.floor((m - 1) / 2)
          expect(distance(kernels.convolve(x, h, 'same'), full.subarray(from, from + n))).toBeLessThan(bound)
          if (m <= n) expect(distance(kernels.convolve(x, h, 'valid'), full.subarray(m - 1, n))).toBeLessThan(bound)
          const turned = kernels.correlate(x, h.slice().reverse())
          expect(distance(turned, full)).toBeLessThan(bound)
        }
  })
  it('leaves infinities and NaN of either side where they are, and is O(n m) whichever is longer', () => {
    for (const kind of KINDS)
      for (const [n, m] of [
        [3, 3],
        [40, 7],
        [7, 40],
        [100, 90],
        [50, 30_000],
      ] as const) {
        const x = numbers(kind, n, randomOf(n), n < 50) as Float64Array
        const h = numbers(kind, m, randomOf(m), m < 100) as Float64Array
        const wanted = x.slice(0, 0).constructor as typeof Float64Array
        const full = new wanted(n + m - 1)
        for (let i = 0; i < full.length; i++)
          for (let j = Math.max(0, i - n + 1); j <= Math.min(i, m - 1); j++) {
            const product = h[j]! * x[i - j]!
            full[i] = full[i]! + (kind === 'f32' ? Math.fround(product) : product)
          }
        expect(same(kernels.convolve(x, h), full), `${kind} ${n} ${m}`).toBe(true)
        const from = Math.floor((m - 1) / 2)
        expect(same(kernels.convolve(x, h, 'same'), full.slice(from, from + n))).toBe(true)
        if (m <= n) expect(same(kernels.convolve(x, h, 'valid'), full.slice(m - 1, n))).toBe(true)
      }
  })
  it('of long inputs goes through spectra', () => {
    for (const kind of KINDS) {
      const [x, h] = [numbers(kind, 3001, randomOf(1)), numbers(kind, 500, randomOf(2))] as Float64Array[]
      expect(distance(kernels.convolve(x!, h!), slowConvolve(x!, h!))).toBeLessThan(50 * EPSILON[kind])
    }
  })
  it('commutes (property)', () => {
    const arrays = fc.float64Array({ minLength: 1, maxLength: 300, noNaN: true, min: -100, max: 100 })
    fc.assert(
      fc.property(arrays, arrays, (x, h) => {
        const [a, b] = [kernels.convolve(x, h), kernels.convolve(h, x)]
        return kernels.norm(kernels.sub(a, b), Infinity) <= 1e-8
      }),
    )
  })
  it('of pictures agrees with the definition', () => {
    for (const kind of KINDS)
      for (let width = 1; width < 24; width++)
        for (const [kernelWidth, kernelHeight] of [
          [1, 1],
          [3, 3],
          [5, 2],
          [2, 4],
        ] as const) {
          const height = 7
          const x = placed(numbers(kind, width * height, randomOf(width)), width) as Float64Array
          const h = numbers(kind, kernelWidth * kernelHeight, randomOf(9)) as Float64Array
          const at = (i: number, j: number): number =>
            i < 0 || j < 0 || i >= height || j >= width ? 0 : x[i * width + j]!
          for (const mode of ['same', 'valid'] as const) {
            if (mode === 'valid' && kernelWidth > width) continue
            const same = mode === 'same'
            const rows = same ? height : height - kernelHeight + 1
            const columns = same ? width : width - kernelWidth + 1
            const [top, left] = same
              ? [Math.floor((kernelHeight - 1) / 2), Math.floor((kernelWidth - 1) / 2)]
              : [kernelHeight - 1, kernelWidth - 1]
            const wanted = new Float64Array(rows * columns)
            for (let i = 0; i < rows; i++)
              for (let j = 0; j < columns; j++)
                for (let r = 0; r < kernelHeight; r++)
                  for (let c = 0; c < kernelWidth; c++)
                    wanted[i * columns + j]! += h[r * kernelWidth + c]! * at(i + top - r, j + left - c)
            const found = kernels.convolve2d(x, h, { width, kernelWidth, mode })
            expect(distance(found, wanted), `${kind} ${width} ${kernelWidth}×${kernelHeight} ${mode}`).toBeLessThan(
              50 * EPSILON[kind],
            )
            if (kernelWidth % 2 === 1 && kernelHeight % 2 === 1)
              expect(
                distance(kernels.correlate2d(x, h.slice().reverse(), { width, kernelWidth, mode }), wanted),
              ).toBeLessThan(50 * EPSILON[kind])
          }
        }
  })
})

describe('moving averages', () => {
  it('agree with the definition', () => {
    for (const kind of KINDS)
      for (const n of LENGTHS.slice(1))
        for (let window = 1; window <= n; window += 1 + (window >> 1)) {
          const x = placed(numbers(kind, n, randomOf(n)), n) as Float64Array
          const wanted = Float64Array.from(
            { length: n - window + 1 },
            (_, i) => exactSum(x.subarray(i, i + window)) / window,
          )
          const found = kernels.movingAverage(x, window)
          for (const [i, v] of found.entries())
            expect(Math.abs(v - wanted[i]!), `${kind} ${n} ${window}`).toBeLessThan(20 * EPSILON[kind] * 10)
        }
  })
  it('let a NaN go, and large numbers too', () => {
    const x = Float64Array.of(1, NaN, 3, 5, 1e300, 7, 9, 11)
    expect([...kernels.movingAverage(x, 2)]).toEqual([NaN, NaN, 4, 5e299, 5e299, 8, 10])
  })
})

describe('biquad', () => {
  it('has the bits of the plain loop, in pieces too', () => {
    const c = kernels.designBiquad('lowpass', 0.1)
    for (const kind of KINDS)
      for (const n of LENGTHS) {
        const x = placed(numbers(kind, n, randomOf(n)), n) as Float64Array
        let [z1, z2] = [0, 0]
        const wanted = x.map(u => {
          const v = c.b0 * u + z1
          z1 = c.b1 * u - c.a1 * v + z2
          z2 = c.b2 * u - c.a2 * v
          return v
        })
        expect(same(kernels.biquad(x, c), wanted), `${kind} ${n}`).toBe(true)
        const state = new Float64Array(2)
        const cut = n >> 1
        const first = kernels.biquad(x.subarray(0, cut), c, undefined, state)
        const second = kernels.biquad(x.subarray(cut), [c], undefined, state)
        expect(same([...first, ...second], wanted)).toBe(true)
        expect([...state]).toEqual([z1, z2])
      }
  })
  it('sections follow each other', () => {
    const [a, b] = [kernels.designBiquad('highpass', 0.05), kernels.designBiquad('notch', 0.2, 3)]
    const x = numbers('f64', 100, randomOf(1)) as Float64Array
    expect(kernels.biquad(x, [a, b])).toEqual(kernels.biquad(kernels.biquad(x, a), b))
    expect(kernels.biquad(x, [])).toEqual(x)
  })
  it('designs what it says: gain at 0, at half the sampling rate, at the frequency', () => {
    const gain = (c: ReturnType<typeof kernels.designBiquad>, f: number): number => {
      const tone = Float64Array.from({ length: 4000 }, (_, i) => Math.cos(2 * Math.PI * f * i))
      return kernels.norm(kernels.biquad(tone, c).subarray(2000), Infinity)
    }
    expect(gain(kernels.designBiquad('lowpass', 0.1), 0)).toBeCloseTo(1, 9)
    expect(gain(kernels.designBiquad('lowpass', 0.1), 0.5)).toBeCloseTo(0, 9)
    expect(gain(kernels.designBiquad('highpass', 0.1), 0.5)).toBeCloseTo(1, 9)
    expect(gain(kernels.designBiquad('bandpass', 0.1, 2), 0.1)).toBeCloseTo(1, 2)
    expect(gain(kernels.designBiquad('notch', 0.1, 2), 0.1)).toBeCloseTo(0, 6)
  })
})

const FLAT = { b0: 1, b1: 0, b2: 0, a1: 0, a2: 0 }

describe('wrong arguments', () => {
  const x = new Float64Array(8)
  it.each([
    ['IRIS4101', () => kernels.fft(new Int32Array(4) as never)],
    ['IRIS4103', () => kernels.rfft(x, x)],
    ['IRIS4102', () => kernels.convolve(x, new Float64Array(0))],
    ['IRIS4102', () => kernels.convolve(x, new Float64Array(9), 'valid')],
    ['IRIS4104', () => kernels.convolve(x, x.slice(), 'middle' as never)],
    ['IRIS4102', () => kernels.convolve2d(x, x.slice(), { width: 3, kernelWidth: 2 })],
    ['IRIS4102', () => kernels.movingAverage(x, 9)],
    ['IRIS4103', () => kernels.biquad(x, FLAT, undefined, x.subarray(0, 2))],
    ['IRIS4103', () => kernels.biquad(x.slice(), FLAT, x, x.subarray(6))],
    ['IRIS4104', () => kernels.biquad(x, { b0: 1, b1: NaN, b2: 0, a1: 0, a2: 0 })],
    ['IRIS4104', () => kernels.designBiquad('lowpass', 0.7)],
  ])('%s', (code, action) => {
    expect(action).toThrow(
      expect.objectContaining({ code: code === 'IRIS4103' ? expect.stringMatching(/IRIS410[23]/) : code }),
    )
  })
})
