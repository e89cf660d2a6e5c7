import { printModule } from '../../compiler/ir/text.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { pipelineFor } from '../../compiler/pipeline.ts'
import { completePlan, lower } from '../../compiler/program/lower.ts'
import { type CheckOptions, check, compareCalls, Endless, type Mismatch, newTally, type Tier } from './check.ts'
import { showSeen } from './compare.ts'
import { Engine } from './engine.ts'
import { checkFast } from './fast.ts'
import type { Sample } from './program.ts'
import { type ShrinkLimits, shrink } from './shrink.ts'
import { load, requestOf } from './world.ts'

/** The cheapest way to see a defect. */
type Setting = Pick<CheckOptions, 'tiers' | 'optimize'>

const SETTINGS: readonly Setting[] = [
  { tiers: ['lowered'], optimize: 0 },
  { tiers: ['optimised'], optimize: 0 },
  { tiers: ['wasm'], optimize: 0 },
  { tiers: ['wasm'], optimize: 1 },
]

async function seenWith(sample: Sample, setting: Setting): Promise<Mismatch | undefined> {
  if (!isWhole(sample)) return undefined
  try {
    return await check(new Engine(), [sample], { ...setting, verify: true, ms: 1000 }, newTally())
  } catch (error) {
    if (error instanceof Endless) return undefined
    throw error
  }
}

/** The shrinker may have cut what makes the program or its arguments. */
function isWhole(sample: Sample): boolean {
  try {
    const loaded = load(sample)
    loaded.world()
    return loaded.calls.every(call => Array.isArray(call().args))
  } catch {
    return false
  }
}

const kindOf = ({ tier, crash, found }: Mismatch): string =>
  crash === undefined ? `${tier} ${found?.declined === undefined}` : `${tier} ${String(crash).slice(0, 40)}`

/** The smallest program whose scalar and vector code differ. */
export async function diagnoseFast(mismatch: Mismatch, limits: ShrinkLimits): Promise<string> {
  const seen = async (sample: Sample): Promise<Mismatch | undefined> =>
    isWhole(sample) ? checkFast(new Engine(), [sample], 1000, newTally()) : undefined
  const wanted = kindOf(mismatch)
  const small = await shrink(
    mismatch.sample,
    async candidate => {
      const found = await seen(candidate)
      return found !== undefined && kindOf(found) === wanted
    },
    limits,
  )
  const { sample, call, wanted: scalar, found, crash } = (await seen(small)) ?? mismatch
  return [
    sample.source.replace(/\n\s*(?=\n)/g, ''),
    `--- call ${call + 1} of ${sample.calls.length}`,
    ...sample.calls,
    ...(scalar ? ['--- scalar code', showSeen(scalar)] : []),
    ...(found ? ['--- vector code', showSeen(found)] : []),
    ...(crash === undefined ? [] : [crash instanceof Error ? String(crash.stack) : String(crash)]),
  ].join('\n')
}

/** The smallest program with this defect, and where it comes in. */
export async function diagnose(mismatch: Mismatch, limits: ShrinkLimits): Promise<string> {
  for (const setting of SETTINGS) {
    const first = await seenWith(mismatch.sample, setting)
    if (!first) continue
    const wanted = kindOf(first)
    const small = await shrink(
      mismatch.sample,
      async candidate => {
        const seen = await seenWith(candidate, setting)
        return seen !== undefined && kindOf(seen) === wanted
      },
      limits,
    )
    return report((await seenWith(small, setting)) ?? first, setting)
  }
  return [
    'the program alone shows no difference: it takes the programs of its batch',
    report(mismatch, { tiers: [mismatch.tier], optimize: 1 }),
  ].join('\n')
}

function report(mismatch: Mismatch, setting: Setting): string {
  const { sample, call, wanted, found, crash } = mismatch
  return [
    `--- program (${sample.tier}, integers ${sample.speculateIntegers ? 'are' : 'are not'} assumed)`,
    sample.source.replace(/\n\s*(?=\n)/g, ''),
    `--- call ${call + 1} of ${sample.calls.length}`,
    ...sample.calls,
    ...(wanted ? ['--- JavaScript', showSeen(wanted)] : []),
    ...(found ? [`--- ${mismatch.tier}${found.declined ? ` declined (${found.declined})` : ''}`, showSeen(found)] : []),
    ...(crash === undefined
      ? []
      : [`--- ${mismatch.tier} threw`, crash instanceof Error ? String(crash.stack) : String(crash)]),
    ...blame(mismatch, setting),
  ].join('\n')
}

function blame(mismatch: Mismatch, { tiers, optimize }: Setting): string[] {
  const [tier] = tiers as readonly [Tier]
  if (mismatch.tier === 'compile') return ['--- the compiler failed']
  if (tier === 'wasm')
    return [
      optimize === 0
        ? '--- the emitter is wrong: the interpreter agrees with JavaScript'
        : "--- only binaryen's optimiser differs",
    ]
  return firstWrong(mismatch.sample)
}

/** Bisects over the passes: the IR after the first one whose result is wrong. */
function firstWrong(sample: Sample): string[] {
  const engine = new Engine()
  const loaded = load(sample)
  const wanted = loaded.calls.map((_, i) => engine.reference(loaded, i))
  const request = requestOf(sample, loaded.world(), loaded.calls[0]!())
  const lowered = lower(request)
  let module = lowered.module
  for (const pass of [undefined, ...pipelineFor(request.options)]) {
    module = pass ? pass.run(module, silent) : module
    const plan = completePlan(lowered.plan, module)
    const run = engine.interpreter(module, plan)
    if (compareCalls(engine, 'optimised', loaded, wanted, { run, plan }))
      return [`--- wrong after ${pass ? `pass ${pass.name}` : 'lowering'}`, printModule(module)]
  }
  return ['--- no pass is to blame']
}
