import { writeFileSync } from 'node:fs'
import { program, wholeFrom } from '../../src/cli/command.ts'
import { CASES } from './case.ts'
import { actorSuite, markdown } from './run.ts'

interface Options {
  readonly only?: string
  readonly rounds: number
  readonly svg?: string
  readonly markdown?: boolean
  readonly json?: boolean
}

async function run(options: Options): Promise<void> {
  const progress = (text: string): void => void process.stderr.write(`${text}\n`)
  const result = await actorSuite.run({
    rounds: options.rounds,
    progress,
    ...(options.only && { only: options.only }),
  })
  if (options.svg !== undefined) writeFileSync(options.svg, actorSuite.svg!(result))
  if (options.json) console.log(JSON.stringify(result, undefined, 2))
  else console.log(options.markdown ? markdown(result) : actorSuite.print(result))
  process.stderr.write(`Node ${result.node}, ${result.cpu}, OTP ${result.erlang ?? 'not installed'}\n`)
  if (!actorSuite.ok(result)) process.exitCode = 1
}

await program(
  'bench/actors',
  'Measures actors against plain JavaScript, nact and, when `erl` is installed, Erlang/OTP.',
)
  .option('--only <text>', `cases whose name contains this text: ${CASES.map(({ name }) => name).join(', ')}`)
  .option('--rounds <n>', 'runs of each case; the best counts', wholeFrom(1), 5)
  .option('--svg <file>', 'write a chart into this file')
  .option('--markdown', 'print the table as Markdown')
  .option('--json', 'print JSON')
  .addHelpText('after', '\nExit codes: 0 every goal kept, 1 otherwise, 2 wrong usage.')
  .action(run)
  .parseAsync()
