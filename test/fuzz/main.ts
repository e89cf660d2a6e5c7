import { type CheckOptions, check, newTally, type Tally, type Tier } from './check.ts'
import { diagnose } from './diagnose.ts'
import { Engine } from './engine.ts'
import { runOffloaded } from './offloaded.ts'
import { generate } from './program.ts'

/**
 * `npm run fuzz -- <seed> [--minutes N] [--programs N] [--from N] [--tier lowered|optimised|wasm|offload]`: random
 * programs as JavaScript, in the interpreter and as Wasm (or, with `--tier offload`, as users run them), until one
 * differs (exit code 1) or the time is over.
 */
interface Options {
  readonly seed: number
  readonly from: number
  readonly programs: number
  readonly minutes: number
  readonly tiers: readonly Tier[]
  readonly throughOffload: boolean
  readonly batch: number
}

const USAGE =
  'usage: npm run fuzz -- <seed> [--minutes N] [--programs N] [--from N] [--batch N] [--tier lowered|optimised|wasm|offload]'

function parseArguments(args: readonly string[]): Options {
  const named = new Map<string, string>()
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const [name, value] = args[i]!.split('=', 2)
    if (!name!.startsWith('--')) rest.push(args[i]!)
    else named.set(name!.slice(2), value ?? args[++i] ?? '')
  }
  const number = (name: string, otherwise: number): number => {
    const text = named.get(name)
    if (text === undefined) return otherwise
    if (!(Number(text) >= 0)) throw new RangeError(`--${name} ${text} is not a number\n${USAGE}`)
    return Number(text)
  }
  const unknown = [...named.keys()].find(name => !['minutes', 'programs', 'from', 'batch', 'tier'].includes(name))
  if (unknown !== undefined) throw new RangeError(`unknown option --${unknown}\n${USAGE}`)
  const seed = Number(rest[0] ?? 1)
  if (!Number.isInteger(seed) || seed < 0) throw new RangeError(`the seed ${rest[0]} is not a whole number\n${USAGE}`)
  const programs = number('programs', named.has('minutes') ? Number.POSITIVE_INFINITY : 10_000)
  return {
    seed,
    from: number('from', 0),
    programs,
    minutes: number('minutes', Number.POSITIVE_INFINITY),
    tiers: tiersOf(named.get('tier') ?? 'all'),
    throughOffload: named.get('tier') === 'offload',
    batch: Math.max(1, Math.min(number('batch', 48), programs)),
  }
}

function tiersOf(name: string): Tier[] {
  switch (name) {
    case 'all':
    case 'offload':
      return ['lowered', 'optimised', 'wasm']
    case 'lowered':
    case 'optimised':
    case 'wasm':
      return [name]
    default:
      throw new RangeError(`unknown tier ${name}\n${USAGE}`)
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

async function main(options: Options): Promise<number> {
  if (options.throughOffload) return throughOffload(options)
  const { seed, from, batch } = options
  const tally = newTally()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const end = started + options.minutes * 60_000
  let engine = new Engine()
  let shown = started
  for (let index = from; index < from + options.programs && performance.now() < end; index += batch) {
    const size = Math.min(batch, from + options.programs - index)
    const samples = Array.from({ length: size }, (_, i) => generate(seed, index + i))
    const mismatch = await check(engine, samples, settingOf(options, index), tally)
    if (mismatch) {
      const at = index + samples.indexOf(mismatch.sample)
      console.log(progress(tally, started, cpu))
      console.log(`\nMISMATCH in program ${at} of seed ${seed} (${mismatch.tier}); shrinking…\n`)
      console.log(await diagnose(mismatch, { attempts: 4000, ms: 60_000 }))
      console.log(`\nreplay: npm run fuzz -- ${seed} --from ${at} --programs 1`)
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

main(parseArguments(process.argv.slice(2))).then(
  code => (process.exitCode = code),
  (error: unknown) => {
    console.log(error instanceof RangeError ? error.message : error)
    process.exitCode = 2
  },
)
