import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/kernels/index.ts'
import type { GemmShape } from '../../../src/kernels/matrix.ts'
import { numbers, placed, randomOf } from './inputs.ts'

type Floats = Float64Array | Float32Array
const KINDS = ['f64', 'f32'] as const
const EPSILON = { f64: 2 ** -52, f32: 2 ** -23 }

/** Element (i, j) of a matrix of n columns, or of its transpose. */
const element = (x: Floats, n: number, transposed: boolean | undefined) => (i: number, j: number) =>
  transposed ? x[j * n + i]! : x[i * n + j]!

/** The product in doubles, and the sum of magnitudes by which its error is measured. */
function slowProduct(a: Floats, b: Floats, s: GemmShape, out?: Floats): { c: Float64Array; size: Float64Array } {
  const [at, bt] = [
    element(a, s.transposeA ? s.m : s.k, s.transposeA),
    element(b, s.transposeB ? s.k : s.n, s.transposeB),
  ]
  const c = new Float64Array(s.m * s.n)
  const size = new Float64Array(s.m * s.n)
  for (let i = 0; i < s.m; i++)
    for (let j = 0; j < s.n; j++) {
      const before = s.beta ? s.beta * out![i * s.n + j]! : 0
      let [sum, magnitude] = [0, Math.abs(before)]
      for (let p = 0; p < s.k; p++) {
        sum += at(i, p) * bt(p, j)
        magnitude += Math.abs((s.alpha ?? 1) * at(i, p) * bt(p, j))
      }
      c[i * s.n + j] = before + (s.alpha ?? 1) * sum
      size[i * s.n + j] = magnitude
    }
  return { c, size }
}

function expectNear(
  found: Floats,
  wanted: ArrayLike<number>,
  size: ArrayLike<number>,
  factor: number,
  what: string,
): void {
  for (let i = 0; i < found.length; i++) {
    const error = Math.abs(found[i]! - wanted[i]!)
    if (!(error <= factor * size[i]! + 1e-300)) expect(error, `${what} [${i}]`).toBeLessThanOrEqual(factor * size[i]!)
  }
}

function checkProduct(kind: (typeof KINDS)[number], shape: GemmShape, seed: number): void {
  const { m, n, k } = shape
  const random = randomOf(seed)
  const a = placed(numbers(kind, m * k, random), seed) as Float64Array
  const b = placed(numbers(kind, k * n, random), seed >> 2) as Float64Array
  const out = placed(numbers(kind, m * n, random), seed >> 1) as Float64Array
  const { c, size } = slowProduct(a, b, shape, out)
  expect(kernels.gemm(a, b, shape, out)).toBe(out)
  expectNear(out, c, size, (k + 4) * EPSILON[kind], `${kind} ${JSON.stringify(shape)}`)
}

describe('gemm', () => {
  it('of every small shape', () => {
    for (const kind of KINDS)
      for (let m = 0; m < 10; m++)
        for (let n = 0; n < 18; n++) for (const k of [0, 1, 2, 7, 33]) checkProduct(kind, { m, n, k }, m * 31 + n)
  })
  it('of shapes around the blocks, transposed and scaled', () => {
    const shapes = [
      [70, 70, 70],
      [129, 17, 257],
      [5, 1030, 3],
      [131, 9, 513],
      [64, 64, 256],
    ] as const
    for (const kind of KINDS)
      for (const [i, [m, n, k]] of shapes.entries())
        for (const transposeA of [false, true])
          for (const transposeB of [false, true])
            checkProduct(kind, { m, n, k, transposeA, transposeB, alpha: -0.5, beta: i % 2 ? 2 : 0 }, i)
  })
  it('has the bits of the plain loop up to k = 256', () => {
    const [m, n, k] = [37, 29, 256]
    const a = numbers('f64', m * k, randomOf(1)) as Float64Array
    const b = numbers('f64', k * n, randomOf(2)) as Float64Array
    const c = new Float64Array(m * n)
    for (let i = 0; i < m; i++)
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) c[i * n + j]! += a[i * k + p]! * b[p * n + j]!
    expect(kernels.gemm(a, b, { m, n, k })).toEqual(c)
  })
  it('keeps NaN and infinities in their rows', () => {
    const a = Float64Array.of(NaN, 1, 2, 3, Infinity, 1)
    expect([...kernels.gemm(a, Float64Array.of(1, 1), { m: 3, n: 1, k: 2 })]).toEqual([NaN, 5, Infinity])
    const out = new Float64Array(1).fill(NaN)
    expect([...kernels.gemm(a.subarray(1, 2), a.subarray(2, 3), { m: 1, n: 1, k: 1 }, out)]).toEqual([2])
  })
  it('is distributive', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1000), (n, seed) => {
        const [a, b, c] = [1, 2, 3].map(
          s => numbers('f64', n * n, randomOf(seed + s)) as Float64Array,
        ) as Float64Array[]
        const shape = { m: n, n, k: n }
        const left = kernels.gemm(a!, kernels.add(b!, c!), shape)
        const right = kernels.gemm(a!, c!, { ...shape, beta: 1 }, kernels.gemm(a!, b!, shape))
        return kernels.norm(kernels.sub(left, right)) <= 1e-9
      }),
      { numRuns: 30 },
    )
  })
})

describe('gemv', () => {
  it('of every small shape', () => {
    for (const kind of KINDS)
      for (let m = 0; m < 12; m++)
        for (let n = 0; n < 40; n++) {
          const random = randomOf(m * 50 + n)
          const transpose = (m + n) % 2 === 1
          const a = placed(numbers(kind, m * n, random), m) as Float64Array
          const x = placed(numbers(kind, transpose ? m : n, random), n) as Float64Array
          const out = numbers(kind, transpose ? n : m, random) as Float64Array
          const product = transpose
            ? { m: n, n: 1, k: m, transposeA: true, alpha: 3, beta: n % 2 }
            : { m, n: 1, k: n, alpha: 3, beta: n % 2 }
          const { c, size } = slowProduct(a, x, product, out)
          kernels.gemv(a, x, { m, n, transpose, alpha: 3, beta: n % 2 }, out)
          expectNear(out, c, size, (m + n + 4) * EPSILON[kind], `${kind} ${m} ${n}`)
        }
  })
})

/** A matrix far from singular. */
function dominant(kind: (typeof KINDS)[number], n: number, seed: number): Float64Array {
  const a = numbers(kind, n * n, randomOf(seed)) as Float64Array
  for (let i = 0; i < n; i++) a[i * n + i]! += 10 * n
  return a
}
const difference = (a: Float64Array, b: Float64Array): number => {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

const SIDES = [...Array.from({ length: 71 }, (_, n) => n), 97, 128, 200]

describe('factors', () => {
  it('cholesky: L Lᵀ is A', () => {
    for (const kind of KINDS)
      for (const n of SIDES) {
        const shape = { m: n, n, k: n }
        const g = numbers(kind, n * n, randomOf(n)) as Float64Array
        const a = kernels.gemm(g, g, { ...shape, transposeB: true })
        for (let i = 0; i < n; i++) a[i * n + i]! += n
        const l = kernels.cholesky(placed(a, n))
        expect(difference(kernels.gemm(l, l, { ...shape, transposeB: true }), a)).toBeLessThanOrEqual(
          1000 * (n + 1) ** 2 * EPSILON[kind],
        )
        for (let i = 0; i < n; i++) expect(l.subarray(i * n + i + 1, i * n + n).every(v => v === 0)).toBe(true)
      }
  })
  it('cholesky refuses what is not positive definite', () => {
    expect(() => kernels.cholesky(Float64Array.of(1, 2, 2, 1))).toThrow(/IRIS4105.*row 1/)
    expect(() => kernels.cholesky(Float64Array.of(NaN))).toThrow(/IRIS4105/)
  })
  it('solve, choleskySolve, triangularSolve: A X is B', () => {
    for (const kind of KINDS)
      for (const n of SIDES.filter(side => side > 0)) {
        const r = (n % 5) + 1
        const a = dominant(kind, n, n)
        const b = numbers(kind, n * r, randomOf(n + 7)) as Float64Array
        const x = kernels.solve(placed(a, n), placed(b, n + 1))
        const tolerance = 300 * n * EPSILON[kind]
        expect(difference(kernels.gemm(a, x, { m: n, n: r, k: n }), b), `${kind} ${n}`).toBeLessThanOrEqual(tolerance)
        for (const lower of [false, true])
          for (const transpose of [false, true]) {
            const t = a.map((v, i) => ((lower ? i % n <= Math.floor(i / n) : i % n >= Math.floor(i / n)) ? v : 0))
            const y = kernels.triangularSolve(a, b, { lower, transpose })
            const back = kernels.gemm(t, y, { m: n, n: r, k: n, transposeA: transpose })
            expect(difference(back, b), `${kind} ${n} ${lower} ${transpose}`).toBeLessThanOrEqual(tolerance)
          }
      }
  })
  it('choleskySolve', () => {
    const a = Float64Array.of(4, 2, 2, 3)
    const x = kernels.choleskySolve(kernels.cholesky(a), Float64Array.of(8, 7))
    expect(x[0]).toBeCloseTo(1.25, 14)
    expect(x[1]).toBeCloseTo(1.5, 14)
  })
  it('A A⁻¹ is the unit matrix, and pivots are needed', () => {
    for (const n of [1, 2, 5, 33, 70, 130]) {
      const a = numbers('f64', n * n, randomOf(n)) as Float64Array
      a[0] = 0
      if (n === 1) a[0] = 3
      const unit = kernels.gemm(a, kernels.inverse(a), { m: n, n, k: n })
      for (let i = 0; i < n; i++) unit[i * n + i]! -= 1
      expect(kernels.norm(unit, Infinity)).toBeLessThan(1e-9)
    }
  })
  it('pivots are the largest of their columns: no factor exceeds 1', () => {
    for (const n of [2, 31, 32, 33, 70, 100]) {
      const { factors, pivots } = kernels.lu(numbers('f64', n * n, randomOf(n)) as Float64Array)
      for (let i = 0; i < n; i++) {
        expect(kernels.norm(factors.subarray(i * n, i * n + i), Infinity)).toBeLessThanOrEqual(1)
        expect(pivots[i]).toBeGreaterThanOrEqual(i)
      }
    }
    expect([...kernels.solve(Float64Array.of(1e-20, 1, 1, 1), Float64Array.of(1, 2))]).toEqual([1, 1])
  })
  it('determinants, and singular matrices', () => {
    expect(kernels.determinant(Float64Array.of(0, 1, 1, 0))).toBe(-1)
    expect(kernels.determinant(Float64Array.of(2, 0, 0, 0, 3, 0, 0, 0, 4))).toBe(24)
    expect(kernels.determinant(new Float64Array(9).fill(1))).toBe(0)
    expect(() => kernels.solve(new Float64Array(4), new Float64Array(2))).toThrow(/IRIS4105.*singular/)
  })
  it('takes options that are true in any way', () => {
    const [a, b] = [Float64Array.of(2, 0, 1, 4), Float64Array.of(3, 4)]
    const wanted = kernels.triangularSolve(a, b, { transpose: true })
    expect([...wanted]).toEqual([1, 1])
    expect(kernels.triangularSolve(a, b, { transpose: 1 as never, lower: 1 as never })).toEqual(wanted)
  })
  it('refuses pivots that lead out of the matrix', () => {
    const { factors } = kernels.lu(Float64Array.of(4, 1, 2, 3))
    for (const pivots of [Int32Array.of(0, 2), Int32Array.of(1, 0), Int32Array.of(-1, 1)])
      expect(() => kernels.luSolve({ factors, pivots, sign: 1 }, new Float64Array(2))).toThrow(/IRIS4104/)
  })
  it.each([
    ['IRIS4101', () => kernels.determinant(null as never)],
    ['IRIS4101', () => kernels.determinant([1] as never)],
    ['IRIS4101', () => kernels.luSolve(undefined as never, new Float64Array(2))],
  ])('wrong arguments: %s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
  it('solves with the unit diagonal left out', () => {
    const x = kernels.triangularSolve(Float64Array.of(9, 0, 2, 9), Float64Array.of(1, 5), { unit: true })
    expect([...x]).toEqual([1, 3])
  })
})

describe('wrong shapes', () => {
  it.each([
    ['IRIS4102', () => kernels.gemm(new Float64Array(5), new Float64Array(6), { m: 2, n: 3, k: 2 })],
    ['IRIS4101', () => kernels.gemm(new Float64Array(4), new Float32Array(4) as never, { m: 2, n: 2, k: 2 })],
    ['IRIS4104', () => kernels.gemm(new Float64Array(4), new Float64Array(4), { m: -2, n: 2, k: 2 })],
    ['IRIS4102', () => kernels.cholesky(new Float64Array(5))],
    ['IRIS4102', () => kernels.solve(new Float64Array(4), new Float64Array(3))],
    [
      'IRIS4103',
      () => {
        const a = new Float64Array(4)
        return kernels.gemm(a, new Float64Array(4), { m: 2, n: 2, k: 2 }, a)
      },
    ],
  ])('%s', (code, action) => {
    expect(action).toThrow(expect.objectContaining({ code }))
  })
})
