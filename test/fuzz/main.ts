import { Option } from 'commander'
import { positive, program, wholeFrom } from '../../src/cli/command.ts'
import { type CheckOptions, check, newTally, type Tally, type Tier } from './check.ts'
import { diagnose, diagnoseFast } from './diagnose.ts'
import { Engine } from './engine.ts'
import { checkFast } from './fast.ts'
import { runOffloaded } from './offloaded.ts'
import { generate } from './program.ts'

const TIERS = ['all', 'lowered', 'optimised', 'wasm', 'offload', 'fast'] as const

interface Flags {
  readonly minutes?: number
  readonly programs?: number
  readonly from: number
  readonly batch: number
  readonly tier: (typeof TIERS)[number]
}

interface Options {
  readonly seed: number
  readonly from: number
  readonly programs: number
  readonly minutes: number
  readonly tiers: readonly Tier[]
  readonly tier: Flags['tier']
  readonly batch: number
}

function optionsOf(seed: number, { minutes, programs, from, batch, tier }: Flags): Options {
  const count = programs ?? (minutes === undefined ? 10_000 : Number.POSITIVE_INFINITY)
  return {
    seed,
    from,
    programs: count,
    minutes: minutes ?? Number.POSITIVE_INFINITY,
    tiers: tier === 'all' || tier === 'offload' || tier === 'fast' ? ['lowered', 'optimised', 'wasm'] : [tier],
    tier,
    batch: Math.min(batch, count),
  }
}

/** Every so many batches the interpreter runs too, and the verifier after every pass. */
const THOROUGH = 8

function settingOf({ tiers, batch, from }: Options, index: number): CheckOptions {
  const isThorough = tiers.length === 1 || ((index - from) / batch) % THOROUGH === 0
  return { tiers: isThorough ? tiers : ['wasm'], verify: isThorough, optimize: 1, ms: 30_000 }
}

const WAYS = [{}, { tier: 'scalar' }, { tier: 'simd' }, { tier: 'parallel' }] as const

/** Every program in one of the tiers, or with measured dispatch, in turn. */
async function throughOffload({ seed, from, programs, minutes }: Options): Promise<number> {
  const end = performance.now() + minutes * 60_000
  let index = from
  for (; index < from + programs && performance.now() < end; index++) {
    const way = WAYS[index % WAYS.length]!
    const { difference } = await runOffloaded(generate(seed, index), way, 8)
    if (difference === undefined) continue
    console.log(`MISMATCH in program ${index} of seed ${seed} (${JSON.stringify(way)}): ${difference}`)
    console.log(`\nreplay: npm run fuzz -- ${seed} --from ${index} --programs 1 --tier offload`)
    return 1
  }
  console.log(`${(index - from).toLocaleString('en')} programs through offload(), none different`)
  return 0
}

async function throughTiers(options: Options): Promise<number> {
  const { seed, from, batch, tier } = options
  const tally = newTally()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const end = started + options.minutes * 60_000
  let engine = new Engine()
  let shown = started
  for (let index = from; index < from + options.programs && performance.now() < end; index += batch) {
    const size = Math.min(batch, from + options.programs - index)
    const samples = Array.from({ length: size }, (_, i) => generate(seed, index + i))
    const mismatch = await (tier === 'fast'
      ? checkFast(engine, samples, 30_000, tally)
      : check(engine, samples, settingOf(options, index), tally))
    if (mismatch) {
      const at = index + samples.indexOf(mismatch.sample)
      console.log(progress(tally, started, cpu))
      console.log(`\nMISMATCH in program ${at} of seed ${seed} (${mismatch.tier}); shrinking…\n`)
      console.log(await (tier === 'fast' ? diagnoseFast : diagnose)(mismatch, { attempts: 4000, ms: 60_000 }))
      console.log(`\nreplay: npm run fuzz -- ${seed} --from ${at} --programs 1${tier === 'fast' ? ' --tier fast' : ''}`)
      return 1
    }
    if (performance.now() - shown > 5000) {
      shown = performance.now()
      console.log(progress(tally, started, cpu))
      engine = new Engine()
    }
  }
  console.log(progress(tally, started, cpu))
  console.log(reasons(tally))
  return 0
}

function progress(tally: Tally, started: number, cpu: NodeJS.CpuUsage): string {
  const seconds = (performance.now() - started) / 1000
  const used = process.cpuUsage(cpu)
  const cpuSeconds = (used.user + used.system) / 1e6
  const perMinute = (time: number): string => Math.round((tally.programs / time) * 60).toLocaleString('en')
  const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
  return [
    `${tally.programs.toLocaleString('en')} programs in ${seconds.toFixed(0)} s`,
    `${perMinute(seconds)}/min (${perMinute(cpuSeconds)}/min of CPU)`,
    `compiled ${percent(tally.compiled, tally.programs)}`,
    `calls kept ${percent(tally.kept, tally.calls - tally.thrown)}`,
    `threw ${percent(tally.thrown, tally.calls)}`,
  ].join(', ')
}

function reasons({ misses, declines }: Tally): string {
  const top = (map: ReadonlyMap<string, number>): string[] =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 15)
      .map(([reason, count]) => `  ${String(count).padStart(7)} ${reason}`)
  return ['not compiled:', ...top(misses), 'calls declined:', ...top(declines)].join('\n')
}

await program('fuzz', 'Random programs as JavaScript, in the interpreter and as Wasm, until one differs.')
  .argument('[seed]', 'of the programs', wholeFrom(0), 1)
  .option('--minutes <n>', 'go on for so long', positive)
  .option('--programs <n>', 'so many programs (default: 10000, or without end with --minutes)', wholeFrom(1))
  .option('--from <n>', 'the first program', wholeFrom(0), 0)
  .option('--batch <n>', 'programs compiled together', wholeFrom(1), 48)
  .addOption(
    new Option('--tier <name>', 'one tier alone, `offload` as users run them, `fast` math in scalar and vector code')
      .choices(TIERS)
      .default('all'),
  )
  .addHelpText('after', '\nExit codes: 0 none differs, 1 one differs, 2 wrong usage or a failure of the fuzzer itself.')
  .action(async (seed: number, flags: Flags) => {
    const options = optionsOf(seed, flags)
    try {
      process.exitCode = await (options.tier === 'offload' ? throughOffload(options) : throughTiers(options))
    } catch (error) {
      console.log(error)
      process.exitCode = 2
    }
  })
  .parseAsync()
