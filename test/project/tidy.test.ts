import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRODUCT, root, sources, withoutComments } from './sources.ts'

/** What the code of the product does not say, and what it says instead. */
const BANNED: readonly (readonly [what: string, pattern: RegExp, instead: string, except?: RegExp])[] = [
  ['new Function, eval', /\bnew Function\s*\(|(?<![\w.'"`])eval\s*\(/, 'nothing: content security policies forbid it'],
  ['any', /:\s*any\b|<any>|\bas any\b/, 'unknown, and a check'],
  ['ts-ignore', /@ts-(ignore|expect-error|nocheck)/, 'a type that is right'],
  ['console', /\bconsole\.\w+\(/, 'jit events; only the command line prints', /^src\/cli\//],
  ['process.exit', /\bprocess\.exit\(/, 'process.exitCode', /^src\/cli\//],
  ['an empty catch', /catch\s*(\([^)]*\))?\s*\{\s*\}/, 'a handler that says what is expected'],
  ['enum, namespace', /^\s*(export\s+)?(const\s+)?(enum|namespace)\s+\w+/m, 'unions of literals, modules'],
  ['a default export', /^export default\b/m, 'a named export'],
  [
    'top-level await',
    /^await\b/m,
    'a function: nothing that users import waits at its top level',
    /^src\/cli\/|worker|thread/,
  ],
]

/** Words of unfinished work, in any text of the repository. */
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|\bnot implemented\b/

const MAX_LINES = 450

describe('tidiness', () => {
  const files = sources()
  for (const [what, pattern, instead, except] of BANNED) {
    it(`there is no ${what} (instead: ${instead})`, () => {
      const found = files.filter(({ path, text }) => !except?.test(path) && pattern.test(withoutComments(text)))
      expect(found.map(file => file.path)).toEqual([])
    })
  }

  it('nothing is unfinished', () => {
    const all = sources([...PRODUCT, 'bench', 'examples'])
    expect(all.filter(file => UNFINISHED.test(file.text)).map(file => file.path)).toEqual([])
  })

  it(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = files.filter(file => file.text.split('\n').length > MAX_LINES).map(file => file.path)
    expect(long).toEqual([])
  })
})

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>
    dependencies: Record<string, string>
  }

  it('puts types first in every export', () => {
    const entries = Object.values(manifest.exports).filter(entry => typeof entry === 'object')
    expect(entries.map(entry => Object.keys(entry)[0])).toEqual(entries.map(() => 'types'))
  })

  it('justifies every runtime dependency in docs/dependencies.md', () => {
    const text = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    expect(Object.keys(manifest.dependencies).filter(name => !text.includes(`\`${name}\``))).toEqual([])
  })

  it('uses every runtime dependency, and names every package it imports', () => {
    const imported = new Set(
      sources()
        .flatMap(file => file.imports)
        .map(({ specifier }) => specifier)
        .filter(specifier => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(specifier =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect([...imported].sort()).toEqual(Object.keys(manifest.dependencies).sort())
  })
})
