import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../project/sources.ts'
import { MUTANTS } from './mutants.ts'
import { mutated } from './plant.ts'
import { huntMutant, inParallel } from './run.ts'

describe('planted defects', () => {
  it('are at least 30, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  it.each(MUTANTS.map(one => [one.name, one] as const))('still has its place: %s', (_name, mutant) => {
    const text = readFileSync(join(root, mutant.file), 'utf8')
    expect(mutated(text, mutant)).not.toBe(text)
  })

  it('are caught: one of each file', { timeout: 600_000 }, async () => {
    const first = MUTANTS.map(({ file }, index) => (MUTANTS.findIndex(one => one.file === file) === index ? index : -1))
    const chosen = first.filter(index => index >= 0)
    const outcomes = await inParallel(
      2,
      chosen.map(index => () => huntMutant(index)),
    )
    expect(outcomes.filter(({ caught }) => caught === undefined).map(({ name }) => name)).toEqual([])
  })

  it('are what is caught: without one there is nothing to find', { timeout: 120_000 }, async () => {
    expect(await huntMutant(-1, 200)).toMatchObject({ name: 'no defect', programs: expect.any(Number) })
    expect((await huntMutant(-1, 200)).caught).toBeUndefined()
    expect((await huntMutant(-2, 200)).caught).toBeUndefined()
  })
})
