import { availableParallelism } from 'node:os'
import { program } from '../../src/cli/command.ts'
import { MUTANTS } from './mutants.ts'
import { huntMutant, inParallel, LIMIT, type Outcome } from './run.ts'

const line = ({ name, caught, tier, programs }: Outcome, file: string): string =>
  [name.padEnd(48), file.padEnd(36), (caught ?? 'NOT CAUGHT').padEnd(20), (tier ?? '').padEnd(10), programs].join(' ')

async function run(wanted: readonly string[]): Promise<void> {
  const chosen = MUTANTS.map((mutant, index) => ({ mutant, index })).filter(
    ({ mutant }) => wanted.length === 0 || wanted.some(part => `${mutant.file} ${mutant.name}`.includes(part)),
  )
  const outcomes = await inParallel(
    Math.max(1, availableParallelism()),
    chosen.map(({ mutant, index }) => async () => {
      const outcome = await huntMutant(index)
      console.log(line(outcome, mutant.file))
      return outcome
    }),
  )
  const missed = outcomes.filter(({ caught }) => caught === undefined)
  console.log(`\n${outcomes.length - missed.length} of ${outcomes.length} caught within ${LIMIT} programs`)
  if (missed.length > 0) process.exitCode = 1
}

await program('mutants', 'Tells which planted defects of the compiler the fuzzer catches, and after how many programs.')
  .argument('[names...]', 'parts of files or names of defects (default: all)')
  .action(run)
  .parseAsync()
