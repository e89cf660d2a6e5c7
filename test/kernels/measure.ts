import type { MathFunction } from './catalogue.ts'
import type { Driver, Lanes } from './driver.ts'
import { seeded } from './random.ts'
import { binaryReference, type Exact, unaryReference } from './reference/elementary.ts'
import { gammaOf, lgammaOf } from './reference/gamma.ts'
import { F32, F64, ulpError } from './reference/ulp.ts'

export interface Measured {
  readonly ulp: number
  /** The arguments of the largest error. */
  readonly at: readonly number[]
}

export function exactValue(fn: MathFunction, x: number, y: number): Exact {
  if (fn.name === 'gamma') return gammaOf(x)
  if (fn.name === 'lgamma') return lgammaOf(x)
  return fn.arity === 1 ? unaryReference[fn.name]!(x) : binaryReference[fn.name]!(x, y)
}

/** Largest error over `points` arguments drawn as the catalogue says. */
export function measure(driver: Driver, lanes: Lanes, fn: MathFunction, points: number, seed: number): Measured {
  const random = seeded(seed)
  const Kind = lanes === 'f64x2' ? Float64Array : Float32Array
  const format = lanes === 'f64x2' ? F64 : F32
  const x = new Kind(points)
  const y = new Kind(points)
  for (let i = 0; i < points; i++) {
    const [a = 0, b = 0] = inRange(fn, random, lanes)
    x[i] = a
    y[i] = b
  }
  const out = driver.map(lanes, fn, x, y)
  let worst = 0
  let at = 0
  for (let i = 0; i < points; i++) {
    const ulp = ulpError(out[i]!, exactValue(fn, x[i]!, y[i]!), format)
    if (ulp > worst) [worst, at] = [ulp, i]
  }
  return { ulp: worst, at: fn.arity === 1 ? [x[at]!] : [x[at]!, y[at]!] }
}

/** Draws again until the arguments are finite floats and not zero, which are special cases. */
function inRange(fn: MathFunction, random: ReturnType<typeof seeded>, lanes: Lanes): readonly number[] {
  for (;;) {
    const drawn = fn.sample(random)
    const rounded = lanes === 'f64x2' ? drawn : drawn.map(Math.fround)
    if (rounded.every(x => Number.isFinite(x) && x !== 0) && !isPole(fn, rounded[0]!)) return rounded
  }
}

const isPole = (fn: MathFunction, x: number): boolean =>
  fn.module === 'math-gamma' && Number.isInteger(x) && (x <= 0 || (fn.name === 'lgamma' && x <= 2))
