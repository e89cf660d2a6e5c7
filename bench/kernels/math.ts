/**
 * Time of the vector math functions per element against a plain JavaScript loop over Math.*, one thread, arrays of
 * 65536 elements: node dist/bench/kernels/math.js [--json]
 */
import { parseArgs } from 'node:util'
import { FUNCTIONS, type MathFunction } from '../../test/kernels/catalogue.ts'
import { createDriver, type Driver, type Lanes, laneArray } from '../../test/kernels/driver.ts'
import { seeded } from '../../test/kernels/random.ts'

const SIZE = 65536
const ROUNDS = 60

interface Row {
  readonly name: string
  readonly js: number
  readonly f64x2: number
  readonly f32x4: number
}

/** Best of many rounds, in nanoseconds per element. */
function nanoseconds(run: () => void): number {
  let best = Infinity
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return (best * 1e6) / SIZE
}

/** A loop of its own for each function, so that each stays monomorphic. */
function hostLoop(fn: MathFunction): (x: Float64Array, y: Float64Array, out: Float64Array) => void {
  const call = fn.arity === 1 ? `Math.${fn.name}(x[i])` : `Math.${fn.name}(x[i], y[i])`
  return new Function('x', 'y', 'out', `for (let i = 0; i < out.length; i++) out[i] = ${call}`) as ReturnType<
    typeof hostLoop
  >
}

/** Ordinary arguments, in the domain of every function. */
function argumentsOf(fn: MathFunction): readonly (readonly number[])[] {
  const random = seeded(1)
  const unit = fn.name === 'asin' || fn.name === 'acos'
  const positive = fn.name.startsWith('log') || fn.name === 'pow'
  const draw = () => (unit ? random.uniform(-1, 1) : random.uniform(positive ? 0.01 : -10, 10))
  return [Array.from({ length: SIZE }, draw), Array.from({ length: SIZE }, () => random.uniform(-10, 10))]
}

function measure(driver: Driver, fn: MathFunction): Row {
  const [a, b] = argumentsOf(fn) as [number[], number[]]
  const kernel = (lanes: Lanes) => nanoseconds(driver.prepare(lanes, fn, laneArray(lanes, a), laneArray(lanes, b)))
  const host = fn.name in Math ? hostLoop(fn) : undefined
  const x = Float64Array.from(a)
  const y = Float64Array.from(b)
  const out = new Float64Array(SIZE)
  return {
    name: fn.name,
    js: host ? nanoseconds(() => host(x, y, out)) : NaN,
    f64x2: kernel('f64x2'),
    f32x4: kernel('f32x4'),
  }
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const driver = await createDriver(FUNCTIONS)
const rows = FUNCTIONS.map(fn => measure(driver, fn))
if (values.json) console.log(JSON.stringify({ node: process.version, rows }))
else {
  console.log(
    `| function (${process.version}) | JS, ns | f64x2, ns | ratio | f32x4, ns | ratio |\n|---|---|---|---|---|---|`,
  )
  for (const { name, js, f64x2, f32x4 } of rows)
    console.log(
      `| ${name} | ${js.toFixed(1)} | ${f64x2.toFixed(1)} | ${(js / f64x2).toFixed(1)} | ${f32x4.toFixed(1)} | ${(js / f32x4).toFixed(1)} |`,
    )
}
