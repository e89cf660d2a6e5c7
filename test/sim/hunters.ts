import { program } from '../../src/cli/command.ts'
import { inParallel } from '../mutants/run.ts'
import { hunt } from './hunt.ts'
import { MUTANTS } from './mutants.ts'

async function run(wanted: readonly string[]): Promise<void> {
  const indices = MUTANTS.flatMap(({ name }, i) =>
    wanted.length === 0 || wanted.some(part => name.includes(part)) ? [i] : [],
  )
  const found = await inParallel(
    2,
    indices.map(i => async () => {
      const hunted = await hunt(i)
      console.log(hunted.name.padEnd(60), String(hunted.steps).padStart(8), hunted.caught ?? 'NOT CAUGHT')
      return hunted
    }),
  )
  const missed = found.filter(({ caught }) => caught === undefined)
  console.log(`\n${found.length - missed.length} of ${found.length} caught`)
  if (missed.length > 0) process.exitCode = 1
}

await program('hunters', 'Tells which planted defects of the actor runtime the simulation catches, and when.')
  .argument('[names...]', 'parts of names of defects (default: all)')
  .action(run)
  .parseAsync()
