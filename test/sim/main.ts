import { program, wholeFrom } from '../../src/cli/command.ts'
import { simulate } from './driver.ts'

interface Options {
  readonly steps: number
  readonly trace?: boolean
}

async function run(seed: number, { steps, trace }: Options): Promise<void> {
  const begin = performance.now()
  const report = await simulate(seed, steps, trace ? line => console.log(line) : undefined)
  const seconds = (performance.now() - begin) / 1000
  console.log(
    `${report.steps} steps in ${seconds.toFixed(1)} s, ${Math.round(report.steps / seconds / 1000)} k steps/s`,
  )
  if (report.violation === undefined) {
    console.log('no violation')
    return
  }
  console.log(`VIOLATION in the episode of seed ${report.seed}, step ${report.step}: ${report.violation}`)
  console.log(`again: npm run sim -- ${report.seed} --steps ${report.step} --trace`)
  process.exitCode = 1
}

await program('sim', 'Runs the actor runtime against its model under a seeded scheduler with virtual time.')
  .argument('[seed]', 'of the first episode', wholeFrom(0), 1)
  .option('--steps <n>', 'steps of all episodes together', wholeFrom(1), 5_000_000)
  .option('--trace', 'print each step')
  .addHelpText('after', '\nA violation names the seed of its episode; that seed alone shows it again.')
  .action(run)
  .parseAsync()
