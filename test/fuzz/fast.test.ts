import { expect, it } from 'vitest'
import { newTally } from './check.ts'
import { diagnoseFast } from './diagnose.ts'
import { Engine } from './engine.ts'
import { checkFast } from './fast.ts'
import { generate } from './program.ts'

const SEED = 20_260
const PROGRAMS = 1500
const BATCH = 50

it('random programs with fast math are the same in scalar and in vector code', { timeout: 600_000 }, async () => {
  const tally = newTally()
  for (let index = 0; index < PROGRAMS; index += BATCH) {
    const samples = Array.from({ length: BATCH }, (_, i) => generate(SEED, index + i))
    const mismatch = await checkFast(new Engine(), samples, 60_000, tally)
    if (mismatch) {
      const at = index + samples.indexOf(mismatch.sample)
      const text = await diagnoseFast(mismatch, { attempts: 500, ms: 20_000 })
      expect.fail(`${text}\nreplay: npm run fuzz -- ${SEED} --from ${at} --programs 1 --tier fast`)
    }
  }
  expect(tally.compiled / tally.programs).toBeGreaterThan(0.9)
  expect(tally.kept / tally.calls).toBeGreaterThan(0.7)
})
