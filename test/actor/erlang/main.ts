import { program, wholeFrom } from '../../../src/cli/command.ts'
import { compare } from './compare.ts'
import { Erlang } from './on-erlang.ts'
import { scriptOf } from './script.ts'

async function run(seed: number, options: { readonly scripts: number }): Promise<void> {
  const erlang = Erlang.find()
  if (erlang === undefined) {
    console.log('not compared: there is no `erl` on this machine (Debian: apt-get install erlang-base)')
    process.exitCode = 1
    return
  }
  const { scripts, lines, differences } = await compare(erlang, seed, options.scripts)
  erlang.close()
  for (const { seed: at, iris, erlang: other } of differences.slice(0, 3)) {
    const steps = scriptOf(at).steps.map((step, i) => `${i + 1} ${JSON.stringify(step)}`)
    console.log(`seed ${at}\n${steps.join('\n')}\n── Iris\n${iris}\n── Erlang\n${other}\n`)
  }
  console.log(`${scripts} scripts, ${lines} lines against OTP ${erlang.release}: ${differences.length} differ`)
  if (differences.length > 0) process.exitCode = 1
}

await program('erlang', 'Runs random scripts in Iris and in Erlang/OTP, and shows every difference.')
  .argument('[seed]', 'of the first script', wholeFrom(0), 1)
  .option('--scripts <n>', 'how many', wholeFrom(1), 10_000)
  .action(run)
  .parseAsync()
