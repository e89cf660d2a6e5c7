import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutated } from '../mutants/plant.ts'
import { inParallel } from '../mutants/run.ts'
import { root } from '../project/sources.ts'
import { simulate } from './driver.ts'
import { hunt } from './hunt.ts'
import { MUTANTS } from './mutants.ts'

const STEPS = 5_000_000

describe('simulation of the actor runtime', () => {
  it(`${STEPS / 1e6} million steps keep every promise of the model`, { timeout: 300_000 }, async () => {
    expect(await hunt(-1, STEPS)).toMatchObject({ caught: undefined, steps: expect.toSatisfy(steps => steps >= STEPS) })
  })

  it('one seed is one history', async () => {
    const histories = await Promise.all(
      [1, 1, 2].map(async seed => {
        const lines: string[] = []
        await simulate(seed, 3000, line => lines.push(line))
        return lines.join('\n')
      }),
    )
    expect(histories[0]).toBe(histories[1])
    expect(histories[0]).not.toBe(histories[2])
  })

  it('a failing seed shows the same violation again', async () => {
    const index = MUTANTS.findIndex(({ name }) => name === 'double DOWN')
    const first = await hunt(index)
    const again = await hunt(index, first.step, first.seed)
    expect(first.caught).toBeDefined()
    expect(again).toMatchObject({ caught: first.caught, seed: first.seed, step: first.step })
  })
})

describe('planted defects of the runtime', () => {
  it('are at least 20, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  it.each(MUTANTS.map(one => [one.name, one] as const))('still has its place: %s', (_name, mutant) => {
    const text = readFileSync(join(root, mutant.file), 'utf8')
    expect(mutated(text, mutant)).not.toBe(text)
  })

  it('are all caught', { timeout: 600_000 }, async () => {
    const outcomes = await inParallel(
      2,
      MUTANTS.map((_, index) => () => hunt(index)),
    )
    expect(outcomes.filter(({ caught }) => caught === undefined).map(({ name }) => name)).toEqual([])
  })
})
