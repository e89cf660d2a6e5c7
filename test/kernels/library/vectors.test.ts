import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Elem } from '../../../compiler/ir/types.ts'
import { CONSTRUCTORS, type TypedArray } from '../../../runtime/exec/elements.ts'
import { kernels } from '../../../src/kernels/index.ts'
import { exactSum, LENGTHS, numbers, PLACES, placed, randomOf, same } from './inputs.ts'

type Reduce = (x: TypedArray) => number
type ReduceTwo = (x: TypedArray, y: TypedArray) => number
const FLOATS: readonly Elem[] = ['f64', 'f32']
const SUMMED: readonly Elem[] = ['f64', 'f32', 'i32', 'u32', 'i8', 'u8', 'u8c']
const MULTIPLIED: readonly Elem[] = ['f64', 'f32', 'i32', 'i8', 'u8', 'u8c']
const ARITHMETIC: readonly Elem[] = ['f64', 'f32', 'i32']
const ALL = Object.keys(CONSTRUCTORS) as Elem[]

/** Pairs of arrays of a kind at every length and place; floats with awkward values in every other case. */
function* pairs(kinds: readonly Elem[], awkward: boolean): Generator<readonly [Elem, TypedArray, TypedArray]> {
  for (const elem of kinds) {
    for (const n of LENGTHS) {
      const random = randomOf(n + 1)
      for (let place = 0; place < 4; place++) {
        const x = placed(numbers(elem, n, random, awkward), place)
        yield [elem, x, placed(numbers(elem, n, random, awkward), place + (n & 1))]
      }
    }
  }
}

const terms = (x: TypedArray, f: (a: number, i: number) => number): number[] => Array.from(x, f)

/** Largest error of a reduction of these terms, as documented. */
const bound = (all: readonly number[]): number => 40 * 2 ** -53 * exactSum(all.map(Math.abs)) + 1e-320

function near(actual: number, all: readonly number[], what: string): void {
  const wanted = exactSum(all)
  if (Number.isFinite(wanted)) expect(Math.abs(actual - wanted), what).toBeLessThanOrEqual(bound(all))
}

describe('reductions are near the exact value', () => {
  const one: readonly [string, Reduce, readonly Elem[], (a: number) => number][] = [
    ['sum', kernels.sum as Reduce, SUMMED, a => a],
    ['norm 1', x => kernels.norm(x as Float64Array, 1), FLOATS, Math.abs],
    ['norm 2, squared', x => kernels.norm(x as Float64Array) ** 2, FLOATS, a => a * a],
  ]
  it.each(one)('%s', (name, kernel, kinds, term) => {
    for (const [elem, x] of pairs(kinds, false)) near(kernel(x), terms(x, term), `${name} ${elem} ${x.length}`)
  })

  const two: readonly [string, ReduceTwo, readonly Elem[], (a: number, b: number) => number][] = [
    ['dot', kernels.dot as ReduceTwo, MULTIPLIED, (a, b) => a * b],
    ['manhattan', kernels.manhattan as ReduceTwo, MULTIPLIED, (a, b) => Math.abs(a - b)],
    [
      'euclidean, squared',
      (x, y) => kernels.euclidean(x as Float64Array, y as Float64Array) ** 2,
      MULTIPLIED,
      (a, b) => (a - b) ** 2,
    ],
  ]
  it.each(two)('%s', (name, kernel, kinds, term) => {
    for (const [elem, x, y] of pairs(kinds, false))
      near(
        kernel(x, y),
        terms(x, (a, i) => term(a, y[i]!)),
        `${name} ${elem} ${x.length}`,
      )
  })

  it('cosine', () => {
    for (const [, x, y] of pairs(FLOATS, false)) {
      const [xy, xx, yy] = [terms(x, (a, i) => a * y[i]!), terms(x, a => a * a), terms(y, a => a * a)].map(exactSum)
      const wanted = 1 - xy! / Math.sqrt(xx! * yy!)
      if (x.length === 0) expect(kernels.cosine(x as Float64Array, y as Float64Array)).toBeNaN()
      else expect(kernels.cosine(x as Float64Array, y as Float64Array)).toBeCloseTo(wanted, 12)
    }
  })

  it('cosine stays from 0 to 2', () => {
    for (let seed = 0; seed < 500; seed++)
      for (const elem of FLOATS) {
        const x = numbers(elem, 7, randomOf(seed)) as Float64Array
        expect(kernels.cosine(x, x)).toBeGreaterThanOrEqual(0)
        expect(kernels.cosine(x, kernels.scale(-1, x))).toBeLessThanOrEqual(2)
      }
    expect(kernels.cosine(new Float64Array(2), Float64Array.of(1, 2))).toBeNaN()
  })

  it('mean, variance and deviation', () => {
    for (const [, x] of pairs(ARITHMETIC, false)) {
      const mean = exactSum(terms(x, a => a)) / x.length
      const squares = exactSum(terms(x, a => (a - mean) ** 2))
      const scale = Math.max(1, Math.abs(mean))
      if (x.length === 0) expect(kernels.mean(x as Float64Array)).toBeNaN()
      else expect(kernels.mean(x as Float64Array) / scale).toBeCloseTo(mean / scale, 9)
      if (x.length < 2) expect(kernels.variance(x as Float64Array, 1)).toBe(NaN)
      else {
        const variance = squares / (x.length - 1)
        expect(kernels.variance(x as Float64Array, 1) / variance).toBeCloseTo(1, 9)
        expect(kernels.deviation(x as Float64Array, 1) / Math.sqrt(variance)).toBeCloseTo(1, 9)
      }
    }
  })

  it('long arrays: the error does not grow with the length', () => {
    const x = numbers('f64', 1_000_003, randomOf(5)).map(a => a + 11) as Float64Array
    const wanted = exactSum(x)
    expect(Math.abs(kernels.sum(x) - wanted) / wanted).toBeLessThan(51 * 2 ** -53)
    let plain = 0
    for (const a of x) plain += a
    expect(Math.abs(kernels.sum(x) - wanted)).toBeLessThan(Math.abs(plain - wanted))
  })

  it('long arrays of bytes are exact', () => {
    const x = numbers('u8', 200_003, randomOf(6)).fill(255, 0, 150_000) as Uint8Array
    const y = x.map(a => 255 - a)
    expect(kernels.sum(x)).toBe(x.reduce((s, a) => s + a, 0))
    expect(kernels.dot(x, x)).toBe(x.reduce((s, a) => s + a * a, 0))
    expect(kernels.euclidean(x, y) ** 2).toBeCloseTo(
      x.reduce((s, a, i) => s + (a - y[i]!) ** 2, 0),
      3,
    )
  })

  it('norm neither overflows nor underflows on the way', () => {
    expect(kernels.norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -190)
    expect(kernels.norm(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 14)
    expect(kernels.norm(Float64Array.of(3e-320, 4e-320)) / 5e-320).toBeCloseTo(1, 3)
    expect(kernels.norm(Float64Array.of(1, Infinity))).toBe(Infinity)
    expect(kernels.norm(Float64Array.of(1, NaN))).toBe(NaN)
    expect(kernels.norm(new Float64Array(3))).toBe(0)
    expect(kernels.norm(Float64Array.of(-7, 3), Infinity)).toBe(7)
  })
})

describe('the value of a reduction depends on the elements alone', () => {
  it.each(FLOATS)('%s', elem => {
    for (const n of [0, 1, 7, 70, 513, 1025, 5000]) {
      const x = numbers(elem, n, randomOf(n)) as Float64Array
      const y = numbers(elem, n, randomOf(n + 1)) as Float64Array
      for (const f of [kernels.dot, kernels.euclidean, kernels.manhattan, kernels.cosine]) {
        const values = Object.values(PLACES).map(place => f(place(x), place(y)))
        expect(new Set(values).size).toBe(1)
      }
    }
  })
})

describe('extremes', () => {
  const slow: Record<string, (x: TypedArray) => number> = {
    min: x => Math.min(...x),
    max: x => Math.max(...x),
    argmin: x => {
      const nan = x.findIndex((a: number) => Number.isNaN(a))
      return nan >= 0 ? nan : x.findIndex((a: number) => a === Math.min(...x))
    },
    argmax: x => {
      const nan = x.findIndex((a: number) => Number.isNaN(a))
      return nan >= 0 ? nan : x.findIndex((a: number) => a === Math.max(...x))
    },
  }
  it.each(Object.keys(slow))('%s', name => {
    const kernel = kernels[name as 'min']
    for (const awkward of [false, true])
      for (const [elem, x] of pairs(ALL, awkward)) expect(kernel(x), `${name} ${elem} [${x}]`).toBe(slow[name]!(x))
  })
  it('tells the sign of zero at every position', () => {
    for (const kind of [Float64Array, Float32Array])
      for (const n of LENGTHS.slice(1))
        for (let at = 0; at < n; at += 3) {
          const [x, y] = [new kind(n), new kind(n).fill(-0)]
          x[at] = -0
          y[at] = 0
          expect([kernels.min(x), kernels.max(y)]).toEqual([-0, 0])
          expect([kernels.max(x), kernels.min(y)]).toEqual(n === 1 ? [-0, 0] : [0, -0])
        }
  })
  it('tells NaN at every position', () => {
    for (const kind of [Float64Array, Float32Array])
      for (const n of LENGTHS)
        for (let at = 0; at < n; at += 5) {
          const x = new kind(n).fill(1)
          x[at] = NaN
          expect([kernels.min(x), kernels.max(x), kernels.argmin(x)]).toEqual([NaN, NaN, at])
        }
  })
})

describe('elementwise kernels have the bits of the plain loop', () => {
  const ops: Record<string, (a: number, b: number, elem: Elem) => number> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b, elem) => (elem === 'i32' ? Math.imul(a, b) : a * b),
    div: (a, b) => a / b,
  }
  it.each(Object.keys(ops))('%s', name => {
    const kernel = kernels[name as 'add']
    for (const [elem, x, y] of pairs(name === 'div' ? FLOATS : ARITHMETIC, true)) {
      const op = ops[name]!
      const [a, b] = [x, y] as [Float64Array, Float64Array]
      const wanted = a.map((v, i) => op(v, b[i]!, elem))
      expect(same(kernel(a, b), wanted), `${name} ${elem} ${x.length}`).toBe(true)
      const number = elem === 'i32' ? 77 : -2.5
      expect(
        same(
          kernel(a, number),
          a.map(v => op(v, number, elem)),
        ),
      ).toBe(true)
      const out = placed(wanted.slice().fill(0), x.length)
      expect(kernel(a, b, out)).toBe(out)
      expect(same(out, wanted)).toBe(true)
      expect(kernel(a, b, a)).toBe(a) // in place
      expect(same(a, wanted)).toBe(true)
    }
  })

  it('scale, axpy', () => {
    for (const [elem, x, y] of pairs(FLOATS, true)) {
      const [a, b] = [x, y] as [Float64Array, Float64Array]
      const round = elem === 'f32' ? Math.fround : (v: number) => v
      expect(
        same(
          kernels.scale(-1.5, a),
          a.map(v => -1.5 * v),
        ),
      ).toBe(true)
      const wanted = a.map((v, i) => round(round(0.1) * v) + b[i]!)
      expect(same(kernels.axpy(0.1, a, b), wanted)).toBe(true)
      kernels.axpy(0.1, a, b, b)
      expect(same(b, wanted)).toBe(true)
    }
  })

  it('clamp', () => {
    for (const [elem, x] of pairs(MULTIPLIED, true)) {
      const [low, high] = elem === 'u8' || elem === 'u8c' ? [20, 200] : [-100, 100]
      const a = x as Float64Array
      expect(
        same(
          kernels.clamp(a, low!, high!),
          a.map(v => (v < low! ? low! : v > high! ? high! : v)),
        ),
      ).toBe(true)
    }
    expect([...kernels.clamp(Uint8Array.of(0, 100, 255), -5, 1000)]).toEqual([0, 100, 255])
    expect([...kernels.clamp(Int32Array.of(-5, 0, 5), -1.5, 1.5)]).toEqual([-1, 0, 1])
  })

  it('cumsum', () => {
    for (const [, x] of pairs(ARITHMETIC, false)) {
      let s = 0
      const a = x as Float64Array
      expect(
        same(
          kernels.cumsum(a),
          a.map(v => (s += v)),
        ),
      ).toBe(true)
    }
  })
})

describe('hamming', () => {
  it('counts positions', () => {
    for (const [, x, y] of pairs(ALL, true)) {
      const mixed = x.slice().map((a: number, i: number) => (i % 3 ? a : y[i]!)) as Float64Array
      const wanted = mixed.filter((a, i) => a !== x[i]).length
      expect(kernels.hamming(mixed, x as Float64Array)).toBe(wanted)
    }
  })
  it('counts bits', () => {
    for (const [, x, y] of pairs(['u8'], false)) {
      const wanted = terms(x, (a, i) => (a ^ y[i]!).toString(2).replaceAll('0', '').length).reduce((s, a) => s + a, 0)
      expect(kernels.hammingBits(x as Uint8Array, y as Uint8Array)).toBe(wanted)
    }
  })
})

describe('laws', () => {
  const arrays = fc.float64Array({ noNaN: true, min: -1e6, max: 1e6, maxLength: 2000 })
  it('reversing changes a sum by no more than the bound', () => {
    fc.assert(
      fc.property(arrays, x => {
        const difference = Math.abs(kernels.sum(x) - kernels.sum(x.slice().reverse()))
        return difference <= 2 * bound([...x])
      }),
    )
  })
  it('x + y - y is near x, and a vector is at distance 0 of itself', () => {
    fc.assert(
      fc.property(arrays, x => {
        const y = x.slice().reverse()
        const back = kernels.sub(kernels.add(x, y), y)
        return back.every((v, i) => Math.abs(v - x[i]!) <= 2e-10) && kernels.manhattan(x, x) === 0
      }),
    )
  })
})
