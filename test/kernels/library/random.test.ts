import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/kernels/index.ts'
import { LENGTHS, placed } from './inputs.ts'

/** Philox4x32-10 as in the paper, one block. */
function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number]
  let [k0, k1] = key as [number, number]
  for (let round = 0; round < 10; round++) {
    const [p, q] = [BigInt(c0) * 0xd2511f53n, BigInt(c2) * 0xcd9e8d57n]
    const [ph, pl, qh, ql] = [p >> 32n, p & 0xffffffffn, q >> 32n, q & 0xffffffffn].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    ;[c0, c1, c2, c3] = [(qh ^ c1 ^ k0) >>> 0, ql, (ph ^ c3 ^ k1) >>> 0, pl]
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** Word w of a stream. */
function word(seed: number, stream: number, w: number): number {
  const block = Math.floor(w / 4)
  const counter = [block >>> 0, Math.floor(block / 2 ** 32), stream >>> 0, Math.floor(stream / 2 ** 32)]
  return philox(counter, [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0])[w % 4]!
}

const hex = (words: readonly number[]): string => words.map(w => w.toString(16)).join(' ')

describe('the generator', () => {
  it('has the published answers (Random123, kat_vectors)', () => {
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
    const ones = 0xffffffff
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
    expect(hex(philox(pi, [0xa4093822, 0x299f31d0]))).toBe('d16cfe09 94fdcceb 5001e420 24126ea1')
    expect(hex([...kernels.randomBits(4, { seed: 0 })])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
  })

  it('is the same at every place of every stream', () => {
    for (const n of LENGTHS) {
      const [seed, stream, offset] = [n * 2 ** 34 + 5, n * 2 ** 33 + 1, n * 3 + (n % 7 ? 0 : 2 ** 40)]
      const found = kernels.randomBits(n, { seed, stream, offset }, placed(new Uint32Array(n), n))
      expect([...found]).toEqual(Array.from({ length: n }, (_, i) => word(seed, stream, offset + i)))
    }
  })

  it('takes negative and large seeds', () => {
    expect(kernels.randomBits(4, { seed: -1 })).toEqual(kernels.randomBits(4, { seed: 2n ** 64n - 1n }))
    expect(kernels.randomBits(4, { seed: 1 })).not.toEqual(kernels.randomBits(4, { seed: 2 }))
    expect(kernels.randomBits(4, { seed: 1, stream: 1 })).not.toEqual(kernels.randomBits(4, { seed: 1 }))
  })
})

describe('numbers are functions of words', () => {
  it('uniform', () => {
    for (const n of LENGTHS) {
      const x = kernels.uniform(n, { seed: 7, offset: n })
      const y = kernels.uniform(n, { seed: 7, offset: n }, new Float32Array(n))
      for (let i = 0; i < n; i++) {
        const [low, high] = [word(7, 0, 2 * (n + i)), word(7, 0, 2 * (n + i) + 1)]
        expect(x[i]).toBe((high * 2 ** 20 + (low >>> 12)) * 2 ** -52)
        expect(y[i]).toBe((word(7, 0, n + i) >>> 8) * 2 ** -24)
      }
    }
  })
  it('integers', () => {
    for (const [low, high] of [
      [0, 9],
      [-5, 5],
      [-(2 ** 31), 2 ** 31 - 1],
      [3, 3],
    ] as const) {
      const x = kernels.integers(50, { seed: 3, offset: 9, low, high })
      for (let i = 0; i < 50; i++) {
        const u = (BigInt(word(3, 0, 2 * (9 + i) + 1)) << 32n) | BigInt(word(3, 0, 2 * (9 + i)))
        expect(x[i]).toBe(low + Number((u * BigInt(high - low + 1)) >> 64n))
      }
    }
  })
  it('normal', () => {
    for (const n of LENGTHS) {
      const x = kernels.normal(n, { seed: 4, offset: n + 1, mean: 10, deviation: 3 })
      const u = kernels.uniform(2 * n + 4, { seed: 4, offset: n + 1 - ((n + 1) % 2) })
      for (let i = 0; i < n; i++) {
        const element = i + ((n + 1) % 2)
        const [a, b] = [u[element - (element % 2)]!, u[element - (element % 2) + 1]!]
        const radius = Math.sqrt(-2 * Math.log(1 - a))
        const z = radius * (element % 2 ? Math.sin(2 * Math.PI * b) : Math.cos(2 * Math.PI * b))
        expect(x[i], `${n} ${i}`).toBeCloseTo(10 + 3 * z, 12)
      }
    }
  })
})

describe('streams can be split (property)', () => {
  const makers: Record<string, (n: number, offset: number) => ArrayLike<number>> = {
    uniform: (n, offset) => kernels.uniform(n, { seed: 1, offset }),
    'uniform f32': (n, offset) => kernels.uniform(n, { seed: 1, offset }, new Float32Array(n)),
    normal: (n, offset) => kernels.normal(n, { seed: 1, offset }),
    integers: (n, offset) => kernels.integers(n, { seed: 1, offset, high: 1000 }),
    bits: (n, offset) => kernels.randomBits(n, { seed: 1, offset }),
  }
  it.each(Object.keys(makers))('%s', name => {
    const make = makers[name]!
    const whole = Array.from(make(9000, 0))
    fc.assert(
      fc.property(fc.nat(8999), fc.nat(9000), (from, size) => {
        const n = Math.min(size, 9000 - from)
        const part = make(n, from)
        return Array.from(part).every((v, i) => v === whole[from + i])
      }),
      { numRuns: 40 },
    )
  })
})

describe('distributions', () => {
  const n = 200_000
  it('uniform: mean 1/2, variance 1/12, even bins', () => {
    const x = kernels.uniform(n, { seed: 11 })
    expect(kernels.mean(x)).toBeCloseTo(0.5, 2)
    expect(kernels.variance(x)).toBeCloseTo(1 / 12, 3)
    const bins = kernels.histogram(x, { bins: 100, low: 0, high: 1 })
    const chi = bins.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0)
    expect(chi).toBeLessThan(160) // 99 degrees of freedom: 1 in 10,000
  })
  it('normal: moments, and the share within one deviation', () => {
    const x = kernels.normal(n, { seed: 12 })
    expect(Math.abs(kernels.mean(x))).toBeLessThan(0.01)
    expect(kernels.variance(x)).toBeCloseTo(1, 1)
    expect(x.filter(v => Math.abs(v) < 1).length / n).toBeCloseTo(0.6827, 2)
    expect(kernels.max(x)).toBeGreaterThan(4)
  })
  it('shuffle: a permutation, every element everywhere', () => {
    const counts = new Float64Array(5 * 5)
    for (let seed = 0; seed < 5000; seed++)
      kernels.permutation(5, { seed }).forEach((v, i) => {
        counts[v * 5 + i]! += 1
      })
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
    for (const kind of [Uint8Array, Int16Array, Float32Array, Float64Array]) {
      const x = new kind(90) as Float64Array
      x.forEach((_, i) => (x[i] = i))
      const y = kernels.shuffle(x, { seed: 5 })
      expect(y).not.toEqual(x)
      expect(y.slice().sort()).toEqual(x)
    }
    expect([...kernels.permutation(5000, { seed: 1 })].sort((a, b) => a - b)).toEqual([...Array(5000).keys()])
  })
})

describe('wrong arguments', () => {
  it.each([
    ['IRIS4104', () => kernels.uniform(3, {} as never)],
    ['IRIS4104', () => kernels.uniform(-1, { seed: 1 })],
    ['IRIS4104', () => kernels.uniform(3, { seed: 1.5 })],
    ['IRIS4104', () => kernels.uniform(3, { seed: 1, low: 2, high: 1 })],
    ['IRIS4104', () => kernels.uniform(3, { seed: 1, low: -1e308, high: 1e308 })],
    ['IRIS4104', () => kernels.uniform(3, { seed: 1, low: -3e38, high: 3e38 }, new Float32Array(3))],
    ['IRIS4104', () => kernels.uniform(3, { seed: 1, low: -1e39 }, new Float32Array(3))],
    ['IRIS4102', () => kernels.uniform(3, { seed: 1 }, new Float64Array(4))],
    ['IRIS4104', () => kernels.integers(3, { seed: 1, low: 2, high: 1 })],
    ['IRIS4104', () => kernels.normal(3, { seed: 1, deviation: -1 })],
    ['IRIS4104', () => kernels.randomBits(3, { seed: 1, offset: 2 ** 53 })],
  ])('%s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
})
