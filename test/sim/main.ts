/**
 * `npm run sim -- [SEED] [--steps N] [--trace]`: runs the actor runtime against its model under a seeded scheduler with
 * virtual time. A violation names the seed of its episode; that seed alone shows it again.
 */
import { parseArgs } from 'node:util'
import { simulate } from './driver.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string', default: '5000000' }, trace: { type: 'boolean' } },
})
const seed = Number(positionals[0] ?? 1)
const steps = Number(values.steps)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(steps) || steps < 1)
  throw new Error('usage: npm run sim -- [SEED] [--steps N] [--trace]')

const begin = performance.now()
const report = await simulate(seed, steps, values.trace ? line => console.log(line) : undefined)
const seconds = (performance.now() - begin) / 1000
console.log(`${report.steps} steps in ${seconds.toFixed(1)} s, ${Math.round(report.steps / seconds / 1000)} k steps/s`)
if (report.violation === undefined) console.log('no violation')
else {
  console.log(`VIOLATION in the episode of seed ${report.seed}, step ${report.step}: ${report.violation}`)
  console.log(`again: npm run sim -- ${report.seed} --steps ${report.step} --trace`)
  process.exitCode = 1
}
