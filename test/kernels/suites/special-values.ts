import { describe, expect, test } from 'vitest'
import { FUNCTIONS, type MathFunction } from '../catalogue.ts'
import { type Driver, type Lanes, laneArray } from '../driver.ts'
import { exactValue } from '../measure.ts'
import { F32, F64, ulpError } from '../reference/ulp.ts'

const MAX = Number.MAX_VALUE
const MIN = Number.MIN_VALUE
const MAX_F32 = 3.4028234663852886e38
const MIN_F32 = 2 ** -149
/** Zeros, units, halves, the ends of both formats, denormals, powers, whole numbers of both parities, infinities, NaN. */
const MAGNITUDES = [
  0,
  MIN,
  5e-320,
  2 ** -1022,
  1e-300,
  MIN_F32,
  1e-40,
  2 ** -126,
  1e-30,
  2 ** -60,
  2 ** -53,
  1e-9,
  0.25,
  0.5,
  1 - 2 ** -53,
  1,
  1 + 2 ** -52,
  1.5,
  2,
  3,
  4,
  5.5,
]
const LARGE = [
  10,
  33,
  88.7,
  89,
  104,
  127,
  128,
  709.7,
  710.5,
  745.2,
  1000,
  1e5,
  2 ** 31,
  2 ** 52 + 1,
  2 ** 53 - 1,
  2 ** 53,
  1e22,
  1e100,
  MAX_F32,
  1e300,
  MAX,
  Infinity,
]
const VALUES = [...MAGNITUDES, ...LARGE].flatMap(x => [x, -x]).concat(NaN)

/** What JavaScript says; erf is not in Math, so its special values are stated here. */
function expected(fn: MathFunction, x: number, y: number): number {
  if (fn.name === 'erf')
    return Number.isFinite(x) && x !== 0 ? 1 : Number.isFinite(x) || Number.isNaN(x) ? x : Math.sign(x)
  if (fn.name === 'gamma') return gammaSpecial(x)
  if (fn.name === 'lgamma') return lgammaSpecial(x)
  const host = Math[fn.name as 'pow'] as (x: number, y?: number) => number
  return fn.arity === 1 ? host(x) : host(x, y)
}
/** Γ as in C; 1 stands for any ordinary value. */
function gammaSpecial(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x
  if (x === 0) return 1 / x
  if (x === -Infinity || (x < 0 && Number.isInteger(x))) return NaN
  if (x < -185) return Math.floor(x) % 2 === 0 ? 0 : -0
  if (Math.abs(x) < 5.562684646268003e-309) return Math.sign(x) * Infinity
  return x > 171.7 ? Infinity : 1
}
const lgammaSpecial = (x: number): number => {
  if (Number.isNaN(x)) return x
  if (x === 1 || x === 2) return 0
  return Math.abs(x) === Infinity || (x <= 0 && Number.isInteger(x)) || x > 2.6e305 ? Infinity : 1
}
const isSpecial = (v: number): boolean => Number.isNaN(v) || v === 0 || !Number.isFinite(v)

function pairs(fn: MathFunction): readonly (readonly [number, number])[] {
  return fn.arity === 1 ? VALUES.map(x => [x, 0] as const) : VALUES.flatMap(x => VALUES.map(y => [x, y] as const))
}

/** Values where kernel and JavaScript disagree on a special value, or where an ordinary one is out of the bound. */
function disagreements(driver: Driver, lanes: Lanes, fn: MathFunction): readonly string[] {
  const list = pairs(fn)
  const x = laneArray(
    lanes,
    list.map(p => p[0]),
  )
  const y = laneArray(
    lanes,
    list.map(p => p[1]),
  )
  const out = driver.map(lanes, fn, x, y)
  const wrong: string[] = []
  for (let i = 0; i < list.length; i++) {
    const host = expected(fn, x[i]!, y[i]!)
    const wanted = lanes === 'f64x2' ? host : Math.fround(host)
    const specialArguments = [x[i]!, y[i]!].slice(0, fn.arity).some(isSpecial)
    const same = Object.is(out[i], wanted)
    const fine =
      same ||
      (!specialArguments && !Number.isNaN(host) && withinBound(lanes, fn, out[i]!, x[i]!, y[i]!)) ||
      nearHost(specialArguments, out[i]!, wanted)
    if (!fine) wrong.push(`${fn.name}(${x[i]}${fn.arity === 2 ? `, ${y[i]}` : ''}) = ${out[i]}, not ${wanted}`)
  }
  return wrong
}
function withinBound(lanes: Lanes, fn: MathFunction, result: number, x: number, y: number): boolean {
  return (
    ulpError(result, exactValue(fn, x, y), lanes === 'f64x2' ? F64 : F32) <=
    (lanes === 'f64x2' ? fn.bound : fn.boundF32)
  )
}
/** An ordinary result of a special argument, such as acos(0), may differ from the host's in the last place. */
const nearHost = (special: boolean, result: number, wanted: number): boolean =>
  special &&
  !isSpecial(wanted) &&
  Math.abs(result - wanted) <= Math.abs(wanted) * 2 ** -22 &&
  Math.abs(result - wanted) <= 2.3e-16 * Math.abs(wanted)

export function specialValues(driver: Driver): void {
  describe('special values are those of JavaScript', () => {
    for (const fn of FUNCTIONS)
      for (const lanes of ['f64x2', 'f32x4'] as const)
        test(`${lanes}_${fn.name}`, () => {
          expect(disagreements(driver, lanes, fn)).toEqual([])
        })
  })

  describe('exact results', () => {
    const of = (name: string, x: number[], y?: number[]): number[] => {
      const fn = FUNCTIONS.find(f => f.name === name)!
      return [...driver.map('f64x2', fn, Float64Array.from(x), y && Float64Array.from(y))]
    }
    test('powers of two and ten, whole cubes, right triangles', () => {
      const exponents = Array.from({ length: 60 }, (_, i) => i - 30)
      expect(
        of(
          'log2',
          exponents.map(n => 2 ** n),
        ),
      ).toEqual(exponents)
      expect(
        of(
          'cbrt',
          exponents.map(n => n ** 3),
        ),
      ).toEqual(exponents)
      expect(of('log10', [1, 10, 100, 1000, 1e6, 1e15, 1e22])).toEqual([0, 1, 2, 3, 6, 15, 22])
      expect(
        of(
          'pow',
          exponents.map(() => 2),
          exponents,
        ),
      ).toEqual(exponents.map(n => 2 ** n))
      expect(of('pow', [3, 10, -3, 7, 0.5], [4, 15, 3, 2, 10])).toEqual([81, 1e15, -27, 49, 2 ** -10])
      expect(of('hypot', [3, 5, -8], [4, 12, 15])).toEqual([5, 13, 17])
    })
    test('identities at zero', () => {
      for (const name of ['exp', 'cos', 'cosh']) expect(of(name, [0, -0])).toEqual([1, 1])
      for (const name of ['sin', 'tan', 'asin', 'atan', 'expm1', 'log1p', 'sinh', 'tanh', 'cbrt', 'erf'])
        expect(of(name, [0, -0])).toEqual([0, -0])
    })
  })
}
