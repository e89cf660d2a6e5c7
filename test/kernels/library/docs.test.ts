import { readdirSync, readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { offload } from '../../../src/index.ts'
import * as library from '../../../src/kernels/index.ts'
import { pool } from '../../../src/pool.ts'

/** The example of every page under docs/kernels runs, and prints what its comments say. */
const folder = new URL('../../../docs/kernels/', import.meta.url)
const pages = readdirSync(folder).filter(name => name.endsWith('.md'))

const examplesOf = (page: string): string[] =>
  [...readFileSync(new URL(page, folder), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1]!)

const exported: Readonly<Record<string, unknown>> = { ...library, offload }

const AsyncFunction = (async () => undefined).constructor as new (
  ...parts: string[]
) => (...args: unknown[]) => Promise<void>

async function printed(example: string): Promise<string[]> {
  const imports = [...example.matchAll(/import \{(.*)\} from 'iris-fabric(?:\/kernels)?'/g)]
  const imported = imports.flatMap(([, names = '']) => names.split(',').map(name => name.trim()))
  const lines: string[] = []
  const log = (...values: unknown[]): void =>
    void lines.push(values.map(value => (typeof value === 'string' ? value : inspect(value))).join(' '))
  const body = example.replace(/^import.*$/gm, '')
  const values = imported.map(name => exported[name])
  await new AsyncFunction('console', ...imported, body)({ log }, ...values)
  return lines
}

afterAll(() => pool.close())

describe('examples of the pages', () => {
  const families = [
    'vectors',
    'search',
    'matrix',
    'order',
    'signal',
    'image',
    'random',
    'checksum',
    'async',
    'offload',
    'README',
  ]
  it.each(families)('%s', async name => {
    const examples = examplesOf(`${name}.md`)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const wanted = [...example.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(match => match[1]!)
      expect(wanted.length).toBeGreaterThan(2)
      expect(await printed(example)).toEqual(wanted)
    }
  })

  it('every page is in the list, and every primitive on a page', () => {
    const contents = readFileSync(new URL('README.md', folder), 'utf8')
    expect(pages.filter(page => page !== 'README.md' && !contents.includes(`(${page})`))).toEqual([])
    const all = pages.map(page => readFileSync(new URL(page, folder), 'utf8')).join('\n')
    const missing = Object.keys(library.kernels).filter(name => !new RegExp(`\\b${name}\\b`).test(all))
    expect(missing).toEqual([])
  })
})
