/** `node dist/bench/actors/main.js [--only CASE] [--rounds N] [--svg FILE] [--markdown] [--json]` */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { actorSuite, markdown } from './run.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    svg: { type: 'string' },
    markdown: { type: 'boolean' },
    json: { type: 'boolean' },
  },
})

const progress = (text: string): void => void process.stderr.write(`${text}\n`)
const result = await actorSuite.run({
  rounds: Number(values.rounds),
  progress,
  ...(values.only && { only: values.only }),
})
if (values.svg !== undefined) writeFileSync(values.svg, actorSuite.svg!(result))
if (values.json) console.log(JSON.stringify(result, undefined, 2))
else console.log(values.markdown ? markdown(result) : actorSuite.print(result))
process.stderr.write(`Node ${result.node}, ${result.cpu}, OTP ${result.erlang ?? 'not installed'}\n`)
if (!actorSuite.ok(result)) process.exitCode = 1
