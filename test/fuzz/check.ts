import { completePlan } from '../../compiler/program/lower.ts'
import { type Batched, emitBatch } from './batch.ts'
import { isAlike, isSame, type Seen } from './compare.ts'
import { type Compiled, compileIr, type Engine, type Run } from './engine.ts'
import type { Sample } from './program.ts'
import { isTimeout, timed } from './timed.ts'
import { type Loaded, load, requestOf } from './world.ts'

export type Tier = 'compile' | 'lowered' | 'optimised' | 'wasm' | 'in place' | 'fast'

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
  /** time that one program may take before it counts as endless */
  readonly ms: number
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
  const loaded = samples.map(load)
  const references = referencesOf(engine, loaded, options.ms)
  for (const [i, one] of loaded.entries()) {
    tally.programs++
    const compiled = compileOne(one, options)
    if (typeof compiled === 'string') count(tally.misses, compiled)
    else if ('tier' in compiled) return compiled
    else {
      tally.compiled++
      prepared.push({ loaded: one, wanted: references[i]!, compiled })
    }
  }
  const interpreted = guarded('optimised', prepared, options, one => interpret(engine, one, options))
  if (interpreted || !options.tiers.includes('wasm') || prepared.length === 0) return interpreted
  const batch = await emitAll(engine, prepared, options)
  if ('tier' in batch) return batch
  return guarded(
    'wasm',
    prepared,
    options,
    ({ loaded, wanted }, i) =>
      compareCalls(engine, 'wasm', loaded, wanted, batch[i]!, tally) ??
      compareCalls(engine, 'in place', loaded, wanted, batch[i]!),
  )
}

/** @throws Error naming the program that does not end: the generator promises that all do */
function referencesOf(engine: Engine, loaded: readonly Loaded[], ms: number): Seen[][] {
  const references: Seen[][] = []
  try {
    timed(ms, () => {
      for (const one of loaded) references.push(one.calls.map((_, index) => engine.reference(one, index)))
    })
  } catch (error) {
    if (!isTimeout(error)) throw error
    throw new Endless(loaded[references.length]!.sample)
  }
  return references
}

/** The original itself takes too long. */
export class Endless extends Error {
  readonly sample: Sample
  constructor(sample: Sample) {
    super(`a program does not end:\n${sample.source}\n${sample.calls.join('\n')}`)
    this.sample = sample
  }
}

function compileOne(loaded: Loaded, options: CheckOptions): Compiled | Mismatch | string {
  const { sample } = loaded
  try {
    return compileIr(requestOf(sample, loaded.world(), loaded.calls[0]!()), options.verify)
  } catch (crash) {
    return { tier: 'compile', sample, call: 0, wanted: undefined, found: undefined, crash }
  }
}

/** Runs programs until one differs or does not end. */
function guarded(
  tier: Tier,
  prepared: readonly Prepared[],
  options: CheckOptions,
  run: (one: Prepared, index: number) => Mismatch | undefined,
): Mismatch | undefined {
  let at = 0
  const first = (): Mismatch | undefined => {
    for (; at < prepared.length; at++) {
      const mismatch = run(prepared[at]!, at)
      if (mismatch) return mismatch
    }
    return undefined
  }
  try {
    return timed(options.ms, first)
  } catch (crash) {
    if (!isTimeout(crash)) throw crash
    const late = prepared[at] // none: the time was up when the last had ended
    return late && { tier, sample: late.loaded.sample, call: 0, wanted: undefined, found: undefined, crash }
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
    const plan = completePlan(compiled.lowered.plan, module)
    const run = engine.interpreter(module, plan)
    const mismatch = compareCalls(engine, tier, loaded, wanted, { run, plan })
    if (mismatch) return mismatch
  }
  return undefined
}

async function emitAll(
  engine: Engine,
  prepared: readonly Prepared[],
  options: CheckOptions,
): Promise<Batched[] | Mismatch> {
  const programs = prepared.map(({ compiled }) => compiled)
  try {
    return await emitBatch(programs, engine.context, options.optimize)
  } catch (crash) {
    const { sample } = prepared[0]!.loaded
    return { tier: 'wasm', sample, call: 0, wanted: undefined, found: undefined, crash }
  }
}

export function compareCalls(
  engine: Engine,
  tier: Tier,
  loaded: Loaded,
  wanted: readonly Seen[],
  { run, plan }: Batched,
  tally?: Tally,
): Mismatch | undefined {
  const inPlace = tier === 'in place'
  for (const [index, expected] of wanted.entries()) {
    if (inPlace && (index > 0 || !loaded.calls[index]!().args.some(ArrayBuffer.isView))) continue
    const at = { tier, sample: loaded.sample, call: index, wanted: expected }
    try {
      const found = engine.run(loaded, index, plan, run, inPlace)
      if (tally) note(tally, expected, found)
      if (!agrees(engine, loaded, index, expected, found, inPlace ? isAlike : isSame)) return { ...at, found }
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
  else count(tally.declines, found.declined.replace(/,?"span".*/, ''))
}

/** A call that was declined has left everything as it was; one that was taken does what JavaScript does. */
function agrees(
  engine: Engine,
  loaded: Loaded,
  index: number,
  wanted: Seen,
  found: Run,
  equal: (a: unknown, b: unknown) => boolean,
): boolean {
  if (found.declined === undefined) return !('error' in wanted) && equal(seen(wanted), seen(found))
  const before = engine.untouched(loaded, index)
  return equal([before.args, before.self, before.captured], [found.args, found.self, found.captured])
}

const seen = ({ value, args, self, captured }: Seen): unknown[] => [value, args, self, captured]
