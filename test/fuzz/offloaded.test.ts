import { describe, expect, it } from 'vitest'
import type { OffloadOptions } from '../../src/index.ts'
import { runOffloaded } from './offloaded.ts'
import { generate } from './program.ts'

const SEED = 60_311
/** Programs of each kind of options. */
const PROGRAMS = 100

describe('random programs through offload()', () => {
  it.each<[string, OffloadOptions, number]>([
    ['measured', {}, 12],
    ['scalar', { tier: 'scalar' }, 3],
    ['simd', { tier: 'simd' }, 3],
    ['parallel', { tier: 'parallel' }, 3],
  ])('do what JavaScript does: %s', { timeout: 240_000 }, async (name, options, rounds) => {
    const total: Record<string, number> = {}
    for (let i = 0; i < PROGRAMS; i++) {
      const { difference, calls } = await runOffloaded(generate(SEED, i), options, rounds)
      expect(difference, `program ${i} of seed ${SEED}`).toBeUndefined()
      for (const [tier, count] of Object.entries(calls)) total[tier] = (total[tier] ?? 0) + count
    }
    const compiled = (total.scalar ?? 0) + (total.simd ?? 0) + (total.parallel ?? 0)
    expect(compiled, JSON.stringify(total)).toBeGreaterThan(name === 'measured' ? PROGRAMS : 1.5 * PROGRAMS)
  })
})
