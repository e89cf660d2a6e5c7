import { describe, expect, it } from 'vitest'
import { type CheckOptions, check, newTally, type Tier } from './check.ts'
import { CORPUS } from './corpus.ts'
import { diagnose } from './diagnose.ts'
import { smaller } from './edits.ts'
import { Engine } from './engine.ts'
import { generate } from './program.ts'
import { Random } from './random.ts'
import { shrink } from './shrink.ts'

const ALL: CheckOptions = { tiers: ['lowered', 'optimised', 'wasm'], verify: true, optimize: 1, ms: 60_000 }
const LIMITS = { attempts: 500, ms: 20_000 }

/** One file runs on one core; the seed is fixed, so that a failure is the same everywhere. */
const SEED = 20_260
const PROGRAMS = 20_000
const BATCH = 50
/** Wasm runs every program; the interpreter and the verifier, which check the laws of the IR, one batch in so many. */
const THOROUGH = 8

describe('random programs', () => {
  it(`are the same as ${PROGRAMS} programs of JavaScript`, { timeout: 600_000 }, async () => {
    const tally = newTally()
    for (let index = 0; index < PROGRAMS; index += BATCH) {
      const samples = Array.from({ length: BATCH }, (_, i) => generate(SEED, index + i))
      const verify = index % (BATCH * THOROUGH) === 0
      const tiers: readonly Tier[] = verify ? ALL.tiers : ['wasm']
      const mismatch = await check(new Engine(), samples, { ...ALL, tiers, verify }, tally)
      if (mismatch) {
        const at = index + samples.indexOf(mismatch.sample)
        const text = await diagnose(mismatch, LIMITS)
        expect.fail(`${text}\nreplay: npm run fuzz -- ${SEED} --from ${at} --programs 1`)
      }
    }
    expect(tally.programs).toBe(PROGRAMS)
    // a generator whose programs are declined proves nothing
    expect(tally.compiled / tally.programs).toBeGreaterThan(0.9)
    expect(tally.kept / (tally.calls - tally.thrown)).toBeGreaterThan(0.7)
    expect(tally.thrown).toBeGreaterThan(0)
  })

  it('are the same for one seed and differ between seeds', () => {
    expect(generate(5, 7)).toEqual(generate(5, 7))
    expect(generate(5, 7).source).not.toBe(generate(6, 7).source)
    expect(generate(5, 7).source).not.toBe(generate(5, 8).source)
  })
})

describe('programs that were compiled wrong once', () => {
  it.each(CORPUS.map(one => [one.was, one] as const))('%s', async (_was, one) => {
    const tally = newTally()
    const mismatch = await check(
      new Engine(),
      [one, { ...one, speculateIntegers: !one.speculateIntegers }, { ...one, tier: 'simd' }],
      ALL,
      tally,
    )
    expect(mismatch && (await diagnose(mismatch, LIMITS))).toBeUndefined()
  })
})

describe('the shrinker', () => {
  it('finds the statement that matters', async () => {
    const sample = {
      source:
        '() => { function kernel(a, b) { let x = 1; for (let i = 0; i < 3; i++) { x += Math.sqrt(a) } return x * (b + 2) } return kernel }',
      calls: ['[1]', '[2]'],
      speculateIntegers: true,
      tier: 'scalar' as const,
    }
    const small = await shrink(sample, async ({ source }) => source.includes('Math.sqrt'), LIMITS)
    expect(small.source.length).toBeLessThan(60)
    expect(small.calls).toHaveLength(1)
  })

  it('gives smaller texts only', () => {
    const text = 'f([1, 2, 3], x ? y : z)'
    const all = smaller(text)
    expect(all).toContain('f([1, 3], x ? y : z)')
    expect(all).toContain('f([1, 2, 3], y)')
    for (const one of all) expect(one.length).toBeLessThanOrEqual(text.length)
  })
})

describe('random numbers', () => {
  it('repeat with the seed and cover their range', () => {
    const draw = (random: Random): number[] => Array.from({ length: 1000 }, () => random.below(10))
    expect(draw(new Random(1, 2))).toEqual(draw(new Random(1, 2)))
    expect(new Set(draw(new Random(3))).size).toBe(10)
    const heads = Array.from({ length: 10_000 }, (_, i) => new Random(i).chance(0.25)).filter(Boolean).length
    expect(heads).toBeGreaterThan(2300)
    expect(heads).toBeLessThan(2700)
  })
})
