/**
 * Measures the largest error of every vector function against the reference:
 *   node dist/test/kernels/accuracy.js [--points 1000000] [--only sin,cos] [--seed 1]
 */
import { parseArgs } from 'node:util'
import { FUNCTIONS, type MathFunction } from './catalogue.ts'
import { createDriver } from './driver.ts'
import { type Measured, measure } from './measure.ts'

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const wanted = values.only?.split(',')
const functions = FUNCTIONS.filter(fn => !wanted || wanted.includes(fn.name))
const points = Number(values.points)

const row = (fn: MathFunction, f64: Measured, f32: Measured): string =>
  `| ${fn.name} | ${f64.ulp.toFixed(3)} | ${f64.at.join(', ')} | ${f32.ulp.toFixed(3)} | ${f32.at.join(', ')} | ${points} |`

const driver = await createDriver(functions)
const results = []
if (!values.json)
  console.log('| function | f64x2: ulp | at | f32x4: ulp | at | points each |\n|---|---|---|---|---|---|')
for (const fn of functions) {
  const f64 = measure(driver, 'f64x2', fn, points, Number(values.seed))
  const f32 = measure(driver, 'f32x4', fn, points, Number(values.seed))
  results.push({ name: fn.name, points, f64, f32 })
  if (!values.json) console.log(row(fn, f64, f32))
}
if (values.json) console.log(JSON.stringify(results))
