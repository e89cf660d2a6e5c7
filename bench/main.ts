import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { listOf, program, wholeFrom } from '../src/cli/command.ts'
import { actorSuite } from './actors/run.ts'
import { kernelSuite } from './kernels/run.ts'
import { matrixSuite } from './matrix/run.ts'
import { PEERS } from './peers/all.ts'
import { peersSuite } from './peers/run.ts'
import { scalarSuite } from './scalar/run.ts'
import { simdSuite } from './simd/run.ts'
import { startupSuite } from './startup/run.ts'
import type { Suite } from './suite.ts'
import { pollsSuite } from './threads/polls.ts'
import { poolSuite } from './threads/pool.ts'
import { threadsSuite } from './threads/run.ts'
import { wrapperSuite } from './wrapper/run.ts'

const SUITES: readonly Suite<unknown>[] = [
  scalarSuite,
  simdSuite,
  threadsSuite,
  pollsSuite,
  poolSuite,
  kernelSuite,
  peersSuite,
  matrixSuite,
  wrapperSuite,
  startupSuite,
  actorSuite,
] as readonly Suite<unknown>[]
const PEER_NAMES = PEERS.map(peer => peer.name)
const NAMES = SUITES.map(suite => suite.name)

interface Options {
  readonly rounds: number
  readonly only?: string
  readonly peers?: readonly string[]
  readonly svg?: string
  readonly json?: boolean
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function save(folder: string, suite: Suite<unknown>, result: unknown): void {
  if (!suite.svg) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${suite.name}.svg`), suite.svg(result))
}

async function run(wanted: readonly string[], options: Options): Promise<void> {
  const results: Record<string, unknown> = {}
  for (const suite of SUITES) {
    if (wanted.length > 0 && !wanted.includes(suite.name)) continue
    const { rounds, only, peers } = options
    const result = await suite.run({ rounds, progress, ...(only && { only }), ...(peers && { peers }) })
    progress('')
    results[suite.name] = result
    if (options.svg) save(options.svg, suite, result)
    if (!options.json) console.log(`${suite.name}: ${suite.description}\n\n${suite.print(result)}\n`)
    if (!suite.ok(result)) process.exitCode = 1
  }
  const machine = { node: process.version, arch: process.arch, cpu: cpus()[0]?.model, cores: cpus().length }
  if (options.json) console.log(JSON.stringify({ machine, ...results }, undefined, 2))
  else console.log(`Node ${machine.node}, ${machine.arch}, ${machine.cores} × ${machine.cpu}`)
}

const command = program(
  'bench',
  'Measurements of Iris against plain JavaScript. Medians of interleaved samples; only ratios within one run count.',
)
  .argument('[suites...]', `which of ${NAMES.join(', ')} (default: all)`)
  .option('--rounds <n>', 'samples of each', wholeFrom(1), 15)
  .option('--only <text>', 'kernels whose name contains this text')
  .option('--peers <names>', `of the suite peers: which of ${PEER_NAMES.join(', ')} (default: all)`, listOf(PEER_NAMES))
  .option('--svg <folder>', 'write charts into this folder')
  .option('--json', 'print results as JSON')
  .addHelpText('after', '\nExit codes: 0 all limits kept and all bits equal, 1 otherwise.')
  .action(async (wanted: string[], options: Options) => {
    const unknown = wanted.find(name => !NAMES.includes(name))
    if (unknown !== undefined) command.error(`there is no suite "${unknown}"; there are ${NAMES.join(', ')}`)
    await run(wanted, options)
  })

await command.parseAsync()
