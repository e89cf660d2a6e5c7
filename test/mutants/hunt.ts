import { type CheckOptions, check, newTally } from '../fuzz/check.ts'
import { CORPUS } from '../fuzz/corpus.ts'
import { Engine } from '../fuzz/engine.ts'
import { generate } from '../fuzz/program.ts'
import { isTimeout } from '../fuzz/timed.ts'

/** What a defect shows itself by, and how many programs that took. */
export interface Hunted {
  readonly caught?: 'a different outcome' | 'an exception' | 'a hang'
  readonly tier?: string
  readonly programs: number
}

const SEED = 77
const BATCH = 40
const OPTIONS: CheckOptions = { tiers: ['lowered', 'optimised', 'wasm'], verify: true, optimize: 1, ms: 10_000 }

/** `library`: only programs that call the kernel library. */
export async function hunt(limit: number, library?: true): Promise<Hunted> {
  const tally = newTally()
  for (let index = 0; index < limit; index += BATCH) {
    const known = index === 0 ? CORPUS : []
    const samples = [...known, ...Array.from({ length: BATCH }, (_, i) => generate(SEED, index + i, library))]
    try {
      const found = await check(new Engine(), samples, OPTIONS, tally)
      if (found) {
        const caught = isTimeout(found.crash)
          ? 'a hang'
          : found.crash === undefined
            ? 'a different outcome'
            : 'an exception'
        return { caught, tier: found.tier, programs: tally.programs }
      }
    } catch {
      // the defect broke the engine itself
      return { caught: 'an exception', programs: tally.programs }
    }
  }
  return { programs: tally.programs }
}
