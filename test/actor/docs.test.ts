import { readdirSync, readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { Runtime } from '../../runtime/actor/index.ts'
import { offload, pool } from '../../src/index.ts'

/** Every `js` block of docs/actors.md and docs/actors runs, and prints what its comments say. */
const docs = new URL('../../docs/', import.meta.url)
const pages = ['actors.md', ...readdirSync(new URL('actors/', docs)).map(name => `actors/${name}`)].filter(name =>
  name.endsWith('.md'),
)

const textOf = (page: string): string => readFileSync(new URL(page, docs), 'utf8')
const examplesOf = (page: string): string[] =>
  [...textOf(page).matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1]!)

const AsyncFunction = (async () => undefined).constructor as new (
  ...parts: string[]
) => (...args: unknown[]) => Promise<void>

/** Node 20 has no `await using`: there the runtime is given. */
async function printed(example: string): Promise<string[]> {
  const lines: string[] = []
  const log = (...values: unknown[]): void =>
    void lines.push(values.map(value => (typeof value === 'string' ? value : inspect(value))).join(' '))
  const body = example.replace(/^import.*$/gm, '').replace(/^await using runtime = .*$/m, '')
  await using runtime = new Runtime()
  await new AsyncFunction('console', 'runtime', 'offload', body)({ log }, runtime, offload)
  return lines
}

afterAll(() => pool.close())

describe('examples of the pages', () => {
  const withExamples = pages.filter(page => examplesOf(page).length > 0)

  it.each(withExamples)('%s', { timeout: 120_000 }, async page => {
    for (const example of examplesOf(page)) {
      const wanted = [...example.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(match => match[1]!)
      expect(wanted.length).toBeGreaterThan(0)
      expect(await printed(example)).toEqual(wanted)
    }
  })

  it('six pages have some, and actors.md names every page', () => {
    expect(withExamples.length).toBeGreaterThanOrEqual(6)
    const contents = textOf('actors.md')
    expect(pages.filter(page => page !== 'actors.md' && !contents.includes(`(${page})`))).toEqual([])
  })

  it('the migration table names only what exists', () => {
    const runtime = new Runtime()
    const names = [...textOf('actors/migration.md').matchAll(/\| `([a-z]\w+)\(/g)].map(match => match[1]!)
    const seeds = [...textOf('actors/migration.md').matchAll(/`(\w+)\([^`]*\)` \|$/gm)].map(match => match[1]!)
    expect(names.length + seeds.length).toBeGreaterThan(10)
    const ours = seeds.filter(name => name !== 'Runtime')
    expect(ours.filter(name => typeof Reflect.get(runtime, name) !== 'function')).toEqual([])
  })
})
