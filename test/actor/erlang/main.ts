/** `npm run erlang -- [SEED] [--scripts N]`: random scripts in Iris and in Erlang/OTP; every difference is shown. */
import { parseArgs } from 'node:util'
import { compare } from './compare.ts'
import { Erlang } from './on-erlang.ts'
import { scriptOf } from './script.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scripts: { type: 'string', default: '10000' } },
})
const erlang = Erlang.find()
if (erlang === undefined) {
  console.log('not compared: there is no `erl` on this machine (Debian: apt-get install erlang-base)')
  process.exitCode = 1
} else {
  const { scripts, lines, differences } = await compare(erlang, Number(positionals[0] ?? 1), Number(values.scripts))
  erlang.close()
  for (const { seed, iris, erlang: other } of differences.slice(0, 3)) {
    const steps = scriptOf(seed).steps.map((step, i) => `${i + 1} ${JSON.stringify(step)}`)
    console.log(`seed ${seed}\n${steps.join('\n')}\n── Iris\n${iris}\n── Erlang\n${other}\n`)
  }
  console.log(`${scripts} scripts, ${lines} lines against OTP ${erlang.release}: ${differences.length} differ`)
  if (differences.length > 0) process.exitCode = 1
}
