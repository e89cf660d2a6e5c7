import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TypedArray } from '../../../runtime/exec/elements.ts'
import { kernels } from '../../../src/kernels/index.ts'
import { LENGTHS, numbers, placed, randomOf, same } from './inputs.ts'

const KINDS = ['f64', 'f32', 'i32', 'u32'] as const
type Kind = (typeof KINDS)[number]

/** Order of the library: as in typed arrays' own sort. */
const compare = (a: number, b: number): number => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a === b ? Number(Object.is(b, -0)) - Number(Object.is(a, -0)) : a - b
}

/** Arrays of all lengths up to 70 and some beyond, where merging becomes counting; many equal elements in some. */
function* arrays(): Generator<readonly [Kind, Float64Array]> {
  for (const kind of KINDS)
    for (const n of [...LENGTHS, 255, 499, 500, 501, 5000]) {
      const x = numbers(kind, n, randomOf(n + 5), true) as Float64Array
      if (n % 3 === 1) for (let i = 0; i < n; i++) x[i] = Math.round(x[i]! % 7)
      yield [kind, placed(x, n)]
    }
}
const sorted = (x: Float64Array): Float64Array => x.slice().sort(compare)

describe('sort', () => {
  it('agrees with the sort of typed arrays', () => {
    for (const [kind, x] of arrays()) {
      const wanted = sorted(x)
      expect(same(kernels.sort(x), wanted), `${kind} ${x.length}`).toBe(true)
      const out = placed(x.slice(), x.length + 1)
      kernels.sort(x, out)
      expect(same(out, wanted)).toBe(true)
      kernels.sort(x, x)
      expect(same(x, wanted)).toBe(true)
    }
  })
  it('gives an ordered permutation (property)', () => {
    fc.assert(
      fc.property(fc.float64Array({ maxLength: 4000 }), x => {
        const y = kernels.sort(x)
        return same(y, sorted(x)) && y.every((v, i) => i === 0 || compare(y[i - 1]!, v) <= 0)
      }),
      { numRuns: 60 },
    )
  })
  it('leaves out digits in which all agree, and keeps the rest', () => {
    for (const spread of [1, 1e-9, 1e9]) {
      const x = Float64Array.from({ length: 3000 }, (_, i) => 1 + ((i * 7919) % 3000) * spread)
      expect(same(kernels.sort(x), sorted(x))).toBe(true)
    }
    expect(same(kernels.sort(new Int32Array(2000).fill(-5)), new Int32Array(2000).fill(-5))).toBe(true)
  })
})

describe('argsort', () => {
  it('is stable, NaN last', () => {
    for (const [kind, x] of arrays()) {
      const wanted = Array.from(x, (_, i) => i).sort((a, b) => compare(x[a]!, x[b]!) || a - b)
      expect([...kernels.argsort(x)], `${kind} ${x.length}`).toEqual(wanted)
    }
  })
})

describe('select, quantile, median', () => {
  it('of every rank', () => {
    for (const [kind, x] of arrays()) {
      const wanted = sorted(x)
      for (let k = 0; k < x.length; k += Math.max(1, x.length >> 5))
        expect(kernels.select(x, k), `${kind} ${x.length} ${k}`).toBe(wanted[k])
    }
  })
  it('interpolates', () => {
    const x = Float64Array.of(4, 1, 3, 2)
    expect([0, 0.25, 0.5, 1].map(q => kernels.quantile(x, q))).toEqual([1, 1.75, 2.5, 4])
    expect(kernels.median(Uint32Array.of(2 ** 32 - 1, 2 ** 31, 0))).toBe(2 ** 31)
    expect(kernels.median(new Float64Array(0))).toBeNaN()
  })
})

describe('quantiles of infinities and of the largest numbers', () => {
  it.each([
    [[Infinity, Infinity], 0.5, Infinity],
    [[-Infinity, -Infinity, 1], 0.25, -Infinity],
    [[-Infinity, 3], 0.5, -Infinity],
    [[-Infinity, Infinity], 0.5, NaN],
    [[1, Infinity], 0.75, Infinity],
    [[-1.7e308, 1.7e308], 0.5, 0],
    [[-(2 ** 1023), 2 ** 1023], 0.75, 2 ** 1022],
  ])('%j at %d: %d', (x, q, wanted) => {
    expect(kernels.quantile(Float64Array.from(x), q)).toBe(wanted)
  })
})

describe('searchSorted', () => {
  it('agrees with counting', () => {
    for (const [kind, unsorted] of arrays()) {
      if (unsorted.length > 300) continue
      const x = kernels.sort(unsorted)
      const values = numbers(kind, 40, randomOf(x.length), true) as Float64Array
      values.set(x.subarray(0, 10))
      const less = (a: number, b: number): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a))
      const left = Array.from(values, v => x.filter(a => less(a, v)).length)
      const right = Array.from(values, v => x.filter(a => !less(v, a)).length)
      expect([...kernels.searchSorted(x, values)], `${kind} ${x.length}`).toEqual(left)
      expect([...kernels.searchSorted(x, values, 'right')], `${kind} ${x.length}`).toEqual(right)
    }
  })
})

describe('histogram', () => {
  it('counts what is inside', () => {
    for (const [kind, x] of arrays()) {
      const [low, high, bins] = kind === 'f64' || kind === 'f32' ? [-5, 5, 7] : [-1000, 2 ** 30, 16]
      const wanted = new Uint32Array(bins!)
      for (const v of x)
        if (v >= low! && v <= high!)
          wanted[Math.min(bins! - 1, Math.floor(((v - low!) * bins!) / (high! - low!)))]! += 1
      expect([...kernels.histogram(x, { bins: bins!, low: low!, high: high! })]).toEqual([...wanted])
    }
  })
  it('puts whole numbers on an edge into the bin that begins there', () => {
    for (let width = 1; width <= 120; width++) {
      const edges = Int32Array.from({ length: 7 }, (_, i) => i * width)
      expect([...kernels.histogram(edges, { bins: 7, low: 0, high: 7 * width })]).toEqual(new Array(7).fill(1))
    }
  })
  it('takes bytes, and writes over what was in out', () => {
    const out = new Uint32Array(4).fill(9)
    kernels.histogram(Uint8Array.of(0, 63, 64, 255, 255), { bins: 4, low: 0, high: 256 }, out)
    expect([...out]).toEqual([2, 1, 0, 2])
  })
})

describe('unique', () => {
  it('agrees with a set', () => {
    for (const [, x] of arrays()) {
      const wanted = sorted(x).filter(
        (v, i, all) => i === 0 || !(v === all[i - 1] || (Number.isNaN(v) && Number.isNaN(all[i - 1]))),
      )
      expect(same(kernels.unique(x), wanted)).toBe(true)
      const within = kernels.unique(x, x)
      expect(same(within as TypedArray, wanted)).toBe(true)
    }
  })
  it('fills the beginning of a longer output', () => {
    for (const out of [new Float64Array(5).fill(9), kernels.alloc(Float64Array, [9, 9, 9, 9, 9])]) {
      const found = kernels.unique(Float64Array.of(2, 1, 2), out)
      expect([...found]).toEqual([1, 2])
      expect(found.buffer).toBe(out.buffer)
      expect([...out.subarray(3)]).toEqual([9, 9])
    }
  })
})

describe('wrong arguments', () => {
  it.each([
    ['IRIS4101', () => kernels.sort(new Uint8Array(2) as never)],
    ['IRIS4102', () => kernels.sort(new Float64Array(2), new Float64Array(3))],
    ['IRIS4104', () => kernels.select(new Float64Array(2), 2)],
    ['IRIS4104', () => kernels.select(new Float64Array(0), 0)],
    ['IRIS4104', () => kernels.quantile(new Float64Array(2), 1.5)],
    ['IRIS4104', () => kernels.histogram(new Float64Array(2), { bins: 3, low: 1, high: 1 })],
    ['IRIS4104', () => kernels.histogram(new Float64Array(2), { bins: 3, low: -1e308, high: 1e308 })],
    ['IRIS4102', () => kernels.unique(new Float64Array(3), new Float64Array(2))],
    ['IRIS4101', () => kernels.unique(new Float64Array(3), new Float32Array(3) as never)],
    ['IRIS4104', () => kernels.searchSorted(new Float64Array(2), new Float64Array(2), 'middle' as never)],
  ])('%s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
})
