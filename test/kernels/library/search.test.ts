import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/kernels/index.ts'
import type { Metric } from '../../../src/kernels/search.ts'
import { numbers, placed, randomOf } from './inputs.ts'

const METRICS: readonly Metric[] = ['dot', 'cosine', 'euclidean']

function score(metric: Metric, x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [xy, xx, yy, dd] = [0, 0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    xy += x[i]! * y[i]!
    xx += x[i]! ** 2
    yy += y[i]! ** 2
    dd += (x[i]! - y[i]!) ** 2
  }
  return metric === 'dot' ? xy : metric === 'cosine' ? xy / Math.sqrt(xx * yy) : Math.sqrt(dd)
}

/** Rows in order of score in doubles. */
function ranked(metric: Metric, rows: readonly ArrayLike<number>[], query: ArrayLike<number>): number[] {
  const scores = rows.map(row => score(metric, row, query))
  const sign = metric === 'euclidean' ? 1 : -1
  const key = (i: number): number => (Number.isNaN(scores[i]) ? Infinity : sign * scores[i]!)
  return rows.map((_, i) => i).sort((a, b) => (key(a) === key(b) ? a - b : key(a) - key(b)))
}

const rowsOf = (x: Float32Array | Int8Array, d: number): ArrayLike<number>[] =>
  Array.from({ length: x.length / d }, (_, i) => x.subarray(i * d, i * d + d))

/** Whole numbers, for which sums are exact, so that ties are real. */
const wholes = (n: number, seed: number, most = 3): Float32Array => {
  const random = randomOf(seed)
  return Float32Array.from({ length: n }, () => Math.floor(random.uniform(-most, most + 1)))
}

describe('topK of floats', () => {
  it('of every dimension, with ties in the order of rows', () => {
    for (const metric of METRICS)
      for (let d = 1; d <= 70; d++) {
        const matrix = placed(wholes(37 * d, d), d)
        const query = placed(wholes(d, d + 100), d + 1)
        const k = (d % 40) + 1
        const { indices, scores } = kernels.topK(matrix, query, { k, metric })
        const wanted = ranked(metric, rowsOf(matrix, d), query).slice(0, k)
        if (metric === 'cosine') {
          // Roots and quotients round, so that only scores can be compared.
          for (const [i, row] of wanted.entries()) {
            const exact = score(metric, rowsOf(matrix, d)[row]!, query)
            if (Number.isNaN(exact)) expect(scores[i]).toBe(-Infinity)
            else expect(scores[i]).toBeCloseTo(exact, 5)
          }
        } else expect([...indices], `${metric} ${d}`).toEqual(wanted)
      }
  })

  it('scores as documented', () => {
    for (const metric of METRICS) {
      const matrix = numbers('f32', 50 * 20, randomOf(3)) as Float32Array
      const query = numbers('f32', 20, randomOf(4)) as Float32Array
      const { indices, scores } = kernels.topK(matrix, query, { k: 50, metric })
      for (const [i, row] of indices.entries())
        expect(scores[i]).toBeCloseTo(score(metric, rowsOf(matrix, 20)[row]!, query), metric === 'dot' ? 2 : 4)
      expect(new Set(indices).size).toBe(50)
    }
  })

  it('keeps the order of rows among scores that are told as equal', () => {
    for (const metric of METRICS)
      for (let seed = 0; seed < 300; seed++) {
        // Multiples of one row: cosines that are equal but for rounding; near ones: distances that become equal.
        const base = Float32Array.from(wholes(7, seed, 9))
        const matrix = new Float32Array(16 * 7)
        for (let r = 0; r < 16; r++)
          for (let c = 0; c < 7; c++)
            matrix[7 * r + c] = base[c]! * (metric === 'cosine' ? r + 1 : 1 + ((7 * r) % 16) * 2 ** -23)
        const query = metric === 'cosine' ? base : base.map(v => v + 3)
        for (const rows of [matrix, kernels.quantize(matrix, 7)]) {
          const { indices, scores } = kernels.topK(rows, query, { k: 16, metric })
          for (let i = 1; i < 16; i++)
            if (scores[i] === scores[i - 1]) expect(indices[i]).toBeGreaterThan(indices[i - 1]!)
        }
      }
  })

  it('answers many queries as one after the other', () => {
    const [matrix, query] = [wholes(500 * 9, 1), wholes(7 * 9, 2)]
    for (const metric of METRICS) {
      const all = kernels.topK(matrix, query, { k: 12, metric, dimensions: 9 })
      for (let q = 0; q < 7; q++) {
        const one = kernels.topK(matrix, query.subarray(q * 9, q * 9 + 9), { k: 12, metric })
        expect(all.indices.subarray(q * 12, q * 12 + 12)).toEqual(one.indices)
        expect(all.scores.subarray(q * 12, q * 12 + 12)).toEqual(one.scores)
      }
    }
  })

  it('ranks NaN last, gives no more rows than there are, and writes into arrays of the caller', () => {
    const matrix = Float32Array.of(NaN, 1, 2, Infinity, -1)
    const found = kernels.topK(matrix, Float32Array.of(1), { k: 9, metric: 'dot' })
    expect([...found.indices]).toEqual([3, 2, 1, 4, 0])
    const out = { indices: kernels.alloc(Uint32Array, 2), scores: new Float32Array(2) }
    expect(kernels.topK(matrix, Float32Array.of(1), { k: 2, metric: 'dot' }, out)).toEqual(out)
    expect([...out.indices]).toEqual([3, 2])
    expect(kernels.topK(new Float32Array(0), Float32Array.of(1), { k: 3 }).indices.length).toBe(0)
  })

  it('has the best of any scores (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20 }), fc.nat(1000), (rows, k, seed) => {
        const matrix = wholes(rows * 3, seed, 1)
        const query = wholes(3, seed + 1)
        const { indices } = kernels.topK(matrix, query, { k, metric: 'dot' })
        return [...indices].join() === ranked('dot', rowsOf(matrix, 3), query).slice(0, k).join()
      }),
    )
  })
})

describe('topK of bytes', () => {
  it('of every dimension: the ranking of the quantised numbers', () => {
    for (const metric of METRICS)
      for (let d = 1; d <= 70; d++) {
        const matrix = numbers('f32', 31 * d, randomOf(d)) as Float32Array
        const query = numbers('f32', d, randomOf(d + 9)) as Float32Array
        const quantized = kernels.quantize(placed(matrix, d), d)
        const own = kernels.quantize(query, d)
        const real = ({ values, scales }: typeof own): number[][] =>
          rowsOf(values, d).map((row, i) => Array.from(row, v => v * scales[i]!))
        const { indices, scores } = kernels.topK(quantized, query, { k: 10, metric })
        const wanted = ranked(metric, real(quantized), real(own)[0]!).slice(0, 10)
        for (const [i, row] of wanted.entries()) {
          const exact = score(metric, real(quantized)[row]!, real(own)[0]!)
          expect(Math.abs(scores[i]! - exact) / (1 + Math.abs(exact)), `${metric} ${d}`).toBeLessThan(1e-4)
        }
        expect(indices.length).toBe(10)
      }
  })

  it('quantises within half a step', () => {
    const x = numbers('f32', 700, randomOf(1)) as Float32Array
    const { values, scales } = kernels.quantize(x, 7)
    for (let i = 0; i < x.length; i++) {
      const scale = scales[Math.floor(i / 7)]!
      expect(Math.abs(values[i]! * scale - x[i]!)).toBeLessThanOrEqual(0.5001 * scale)
    }
    expect([...kernels.quantize(Float32Array.of(0, 0, NaN, -3, 3, 1), 3).values]).toEqual([0, 0, 0, -127, 127, 42])
  })

  it('quantises rows of the smallest numbers, too', () => {
    for (const greatest of [1e-36, 1e-38, 1e-40, 3e-43, 1e-44, 2 ** -149]) {
      const x = Float32Array.of(greatest, -greatest / 2, greatest / 3, 0, -greatest)
      const { values, scales } = kernels.quantize(x, 5)
      for (const [i, v] of x.entries())
        expect(Math.abs(values[i]! * scales[0]! - v), `${greatest}`).toBeLessThanOrEqual(0.5 * scales[0]! * (1 + 1e-12))
    }
  })

  it('finds most of what floats find', () => {
    const [matrix, query] = [numbers('f32', 2000 * 64, randomOf(7)), numbers('f32', 64, randomOf(8))] as Float32Array[]
    const exact = new Set(kernels.topK(matrix!, query!, { k: 50 }).indices)
    const found = kernels.topK(kernels.quantize(matrix!, 64), query!, { k: 50 }).indices
    expect(found.filter(i => exact.has(i)).length).toBeGreaterThan(45)
  })
})

describe('wrong arguments of topK', () => {
  const x = new Float32Array(12)
  it.each([
    ['IRIS4101', () => kernels.topK(new Float64Array(12) as never, x, { k: 1 })],
    ['IRIS4101', () => kernels.topK(5 as never, x, { k: 1 })],
    ['IRIS4101', () => kernels.topK(null as never, x, { k: 1 })],
    ['IRIS4104', () => kernels.topK(x, x, undefined as never)],
    ['IRIS4102', () => kernels.topK(x, new Float32Array(5), { k: 1 })],
    ['IRIS4104', () => kernels.topK(x, new Float32Array(4), { k: -1 })],
    ['IRIS4104', () => kernels.topK(x, new Float32Array(4), { k: 1, metric: 'manhattan' as never })],
    ['IRIS4102', () => kernels.topK(kernels.quantize(x, 3), new Float32Array(4), { k: 1 })],
  ])('%s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
  it('outputs that overlap each other, or the scales', () => {
    const { buffer } = new Float32Array(4)
    const out = { indices: new Uint32Array(buffer), scores: new Float32Array(buffer) }
    const rows = Float32Array.of(1, 2, 3, 4)
    expect(() => kernels.topK(rows, Float32Array.of(1), { k: 4 }, out)).toThrow(/IRIS4103/)
    const quantized = kernels.quantize(rows, 1)
    const over = { indices: new Uint32Array(4), scores: quantized.scales }
    expect(() => kernels.topK(quantized, Float32Array.of(1), { k: 4 }, over)).toThrow(/IRIS4103/)
  })
})
