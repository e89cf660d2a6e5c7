import { program, wholeFrom } from '../../src/cli/command.ts'
import { FUNCTIONS, type MathFunction } from './catalogue.ts'
import { createDriver } from './driver.ts'
import { type Measured, measure } from './measure.ts'

interface Options {
  readonly points: number
  readonly only?: string
  readonly seed: number
  readonly json?: boolean
}

async function run({ points, only, seed, json }: Options): Promise<void> {
  const wanted = only?.split(',')
  const functions = FUNCTIONS.filter(fn => !wanted || wanted.includes(fn.name))
  const row = (fn: MathFunction, f64: Measured, f32: Measured): string =>
    `| ${fn.name} | ${f64.ulp.toFixed(3)} | ${f64.at.join(', ')} | ${f32.ulp.toFixed(3)} | ${f32.at.join(', ')} | ${points} |`
  const driver = await createDriver(functions)
  const results = []
  if (!json) console.log('| function | f64x2: ulp | at | f32x4: ulp | at | points each |\n|---|---|---|---|---|---|')
  for (const fn of functions) {
    const f64 = measure(driver, 'f64x2', fn, points, seed)
    const f32 = measure(driver, 'f32x4', fn, points, seed)
    results.push({ name: fn.name, points, f64, f32 })
    if (!json) console.log(row(fn, f64, f32))
  }
  if (json) console.log(JSON.stringify(results))
}

await program('accuracy', 'Measures the largest error of every vector function against the reference.')
  .option('--points <n>', 'points of each function', wholeFrom(1), 1_000_000)
  .option('--only <names>', 'these functions, with commas between them')
  .option('--seed <n>', 'of the points', wholeFrom(0), 1)
  .option('--json', 'print JSON')
  .action(run)
  .parseAsync()
