import { type Batched, emitBatch } from './batch.ts'
import { isSame, type Seen } from './compare.ts'
import { type Compiled, compileIr, type Engine, type Run } from './engine.ts'
import type { Sample } from './program.ts'
import { type Loaded, load, requestOf } from './world.ts'

export type Tier = 'compile' | 'lowered' | 'optimised' | 'wasm'

/** A program whose compiled form is not the original: the defect that the fuzzer looks for. */
export interface Mismatch {
  readonly tier: Tier
  readonly sample: Sample
  readonly call: number
  readonly wanted: Seen | undefined
  readonly found: Run | undefined
  /** an exception of the compiler, the interpreter or the marshalling */
  readonly crash?: unknown
}

export interface CheckOptions {
  /** Tiers that run; Wasm is always the last word, the interpreter also checks the laws of the IR. */
  readonly tiers: readonly Tier[]
  readonly verify: boolean
  readonly optimize: 0 | 1
}

/** What became of the programs: a generator whose programs are declined proves nothing. */
export interface Tally {
  programs: number
  compiled: number
  calls: number
  /** calls that ended in compiled code */
  kept: number
  /** calls in which the original throws: compiled code has to decline */
  thrown: number
  readonly misses: Map<string, number>
  readonly declines: Map<string, number>
}

export const newTally = (): Tally => ({
  programs: 0,
  compiled: 0,
  calls: 0,
  kept: 0,
  thrown: 0,
  misses: new Map(),
  declines: new Map(),
})

const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)

interface Prepared {
  readonly loaded: Loaded
  readonly wanted: readonly Seen[]
  readonly compiled: Compiled
}

/** Checks programs against JavaScript, all in one Wasm module; gives the first that differs. */
export async function check(
  engine: Engine,
  samples: readonly Sample[],
  options: CheckOptions,
  tally: Tally,
): Promise<Mismatch | undefined> {
  const prepared: Prepared[] = []
  for (const sample of samples) {
    tally.programs++
    const found = prepare(engine, sample, options)
    if ('tier' in found) return found
    if (!('compiled' in found)) count(tally.misses, found.miss)
    else {
      tally.compiled++
      prepared.push(found)
    }
  }
  for (const one of prepared) {
    const mismatch = interpret(engine, one, options)
    if (mismatch) return mismatch
  }
  return options.tiers.includes('wasm') ? runWasm(engine, prepared, options, tally) : undefined
}

function prepare(
  engine: Engine,
  sample: Sample,
  options: CheckOptions,
): Prepared | Mismatch | { readonly miss: string } {
  const loaded = load(sample)
  const wanted = loaded.calls.map((_, index) => engine.reference(loaded, index))
  try {
    const compiled = compileIr(requestOf(sample, loaded.world(), loaded.calls[0]!()), options.verify)
    return typeof compiled === 'string' ? { miss: compiled } : { loaded, wanted, compiled }
  } catch (crash) {
    return { tier: 'compile', sample, call: 0, wanted: undefined, found: undefined, crash }
  }
}

function interpret(
  engine: Engine,
  { loaded, wanted, compiled }: Prepared,
  options: CheckOptions,
): Mismatch | undefined {
  for (const tier of ['lowered', 'optimised'] as const) {
    if (!options.tiers.includes(tier)) continue
    const module = tier === 'lowered' ? compiled.lowered.module : compiled.module
    const plan = { ...compiled.plan, exits: module.exits }
    const run = engine.interpreter(module, plan)
    const mismatch = compareCalls(engine, tier, loaded, wanted, { run, plan })
    if (mismatch) return mismatch
  }
  return undefined
}

async function runWasm(
  engine: Engine,
  prepared: readonly Prepared[],
  options: CheckOptions,
  tally: Tally,
): Promise<Mismatch | undefined> {
  const first = prepared[0]?.loaded.sample
  if (!first) return undefined
  let batch: Batched[]
  try {
    batch = await emitBatch(
      prepared.map(({ compiled }) => compiled),
      engine.machine.context,
      options.optimize,
    )
  } catch (crash) {
    return { tier: 'wasm', sample: first, call: 0, wanted: undefined, found: undefined, crash }
  }
  for (const [i, { loaded, wanted }] of prepared.entries()) {
    const mismatch = compareCalls(engine, 'wasm', loaded, wanted, batch[i]!, tally)
    if (mismatch) return mismatch
  }
  return undefined
}

function compareCalls(
  engine: Engine,
  tier: Tier,
  loaded: Loaded,
  wanted: readonly Seen[],
  { run, plan }: Batched,
  tally?: Tally,
): Mismatch | undefined {
  for (const [index, expected] of wanted.entries()) {
    const at = { tier, sample: loaded.sample, call: index, wanted: expected }
    try {
      const found = engine.run(loaded, index, plan, run)
      if (tally) note(tally, expected, found)
      if (!agrees(engine, loaded, index, expected, found)) return { ...at, found }
    } catch (crash) {
      return { ...at, found: undefined, crash }
    }
  }
  return undefined
}

function note(tally: Tally, wanted: Seen, found: Run): void {
  tally.calls++
  if ('error' in wanted) tally.thrown++
  else if (found.declined === undefined) tally.kept++
  else count(tally.declines, found.declined)
}

/** A call that was declined has left everything as it was; one that was taken does what JavaScript does. */
function agrees(engine: Engine, loaded: Loaded, index: number, wanted: Seen, found: Run): boolean {
  if (found.declined === undefined) return !('error' in wanted) && isSame(seen(wanted), seen(found))
  const before = engine.untouched(loaded, index)
  return isSame([before.args, before.self, before.captured], [found.args, found.self, found.captured])
}

const seen = ({ value, args, self, captured }: Seen): unknown[] => [value, args, self, captured]
