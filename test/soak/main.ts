import { positive, program, wholeFrom } from '../../src/cli/command.ts'
import { defaultEngine } from '../../src/engine.ts'
import { pool } from '../../src/index.ts'
import { poolOf } from '../../src/pool.ts'
import { Load } from './load.ts'

const MB = 1024 * 1024
/** More than the noise of the collector. */
const FLAT_MB = 64

interface Sample {
  readonly rss: number
  readonly heap: number
  readonly kernel: number
}

function sample(): Sample {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss: rss / MB, heap: heapUsed / MB, kernel: defaultEngine().memory.usedBytes / MB }
}

const text = ({ rss, heap, kernel }: Sample): string =>
  `rss ${rss.toFixed(0)} MB, heap ${heap.toFixed(1)} MB, kernel memory ${kernel.toFixed(2)} MB`

async function kill(): Promise<void> {
  await (await poolOf(defaultEngine()).load()).killOne()
}

async function soak({ minutes, seed }: { readonly minutes: number; readonly seed: number }): Promise<void> {
  const load = new Load(seed)
  const end = performance.now() + minutes * 60_000
  const settled = performance.now() + minutes * 6_000
  let first: Sample | undefined
  let told = performance.now()
  for (let round = 0; performance.now() < end; round++) {
    await load.round(round % 5 === 4 ? kill : undefined)
    if (!first && performance.now() >= settled) first = sample()
    if (performance.now() - told < 60_000) continue
    told = performance.now()
    console.log(`${JSON.stringify(load.counts)}  ${text(sample())}`)
  }
  const last = sample()
  const { queued, running, replaced } = pool.stats()
  console.log(`${JSON.stringify(load.counts)}, threads replaced: ${replaced}`)
  console.log(`after a tenth: ${text(first ?? last)}`)
  console.log(`at the end:    ${text(last)}`)
  const isFlat = first !== undefined && last.rss - first.rss < FLAT_MB && last.kernel - first.kernel < 1
  if (!isFlat || queued + running > 0) process.exitCode = 1
  console.log(isFlat ? 'memory is flat, and nothing was lost' : 'MEMORY GREW')
}

await program('soak', 'Mixed load with checked results: calls, runs, parallel loops, aborts, threads that are ended.')
  .option('--minutes <n>', 'how long', positive, 60)
  .option('--seed <n>', 'of the load', wholeFrom(0), 1)
  .addHelpText('after', '\nAt the end memory must be as flat as it was after the first tenth, and nothing may be lost.')
  .action(soak)
  .parseAsync()
