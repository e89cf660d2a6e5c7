import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { captureGraph } from '../../compiler/source/in-process.ts'
import { codeFrame, positionIn } from '../../compiler/source/position.ts'

const directory = mkdtempSync(join(tmpdir(), 'iris-position-'))
const load = createRequire(import.meta.url)
afterAll(() => rmSync(directory, { recursive: true }))

function kernelFrom(name: string, text: string): object {
  writeFileSync(join(directory, name), text)
  return load(join(directory, name)) as object
}

function showPart(fn: object, part: string): ReturnType<typeof positionIn> {
  const { graph, placeOf } = captureGraph(fn)
  const { text } = graph.functions[0]!
  const start = text.indexOf(part)
  return positionIn(text, { start, end: start + part.length }, placeOf(0))
}

describe('positions', () => {
  it('of plain files are those of the file', () => {
    const fn = kernelFrom('plain.cjs', 'const K = 2\n\nmodule.exports = function scale(x) {\n  return x * K\n}\n')
    const shown = showPart(fn, 'x * K')
    expect(shown).toMatchObject({ line: 4, column: 10 })
    expect(shown.file).toContain('plain.cjs')
    expect(shown.frame.split('\n')).toContain('> 4 |   return x * K')
    expect(shown.frame.split('\n')).toContain('    |          ^^^^^')
  })

  it('follow an inline source map', () => {
    // one mapping: generated 1:0 → original 3:0 of input.ts, and every line after it likewise
    const map = {
      version: 3,
      sources: ['input.ts'],
      sourcesContent: ['// a\n\nmodule.exports = x =>\n  x + 1\n'],
      names: [],
      mappings: 'AAEA;AACE',
    }
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`
    const fn = kernelFrom('inline.cjs', `module.exports = x =>\nx + 1\n//# sourceMappingURL=${url}\n`)
    const shown = showPart(fn, 'x + 1')
    expect(shown).toMatchObject({ line: 4, column: 3 })
    expect(shown.file).toContain('input.ts')
    expect(shown.frame).toContain('> 4 |   x + 1')
  })

  it('follow a source map file beside the script', () => {
    const map = { version: 3, sources: ['other.ts'], names: [], mappings: 'AAEA' }
    writeFileSync(join(directory, 'beside.cjs.map'), JSON.stringify(map))
    writeFileSync(join(directory, 'other.ts'), '\n\nconst f = x => x\n')
    const fn = kernelFrom('beside.cjs', 'module.exports = x => x\n//# sourceMappingURL=beside.cjs.map\n')
    const { file, line } = showPart(fn, 'x => x')
    expect(file).toContain('other.ts')
    expect(line).toBe(3)
  })

  it('of text without a script count from the text', () => {
    expect(positionIn('x =>\n  y', { start: 7, end: 8 }, undefined)).toMatchObject({ file: '', line: 2, column: 3 })
  })

  it('of minified lines are cut around the span', () => {
    const frame = codeFrame(`${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`, 1, 5001, 4)
    const [line, marks] = frame.split('\n') as [string, string]
    expect(line.length).toBeLessThan(200)
    expect(line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('HERE')
  })

  it('of code that vitest transformed are those of the source', () => {
    const factor = 3
    const { file, line } = showPart((x: number): number => x * factor, 'x * factor')
    expect(file).toContain('position.test.ts')
    const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
    expect(lines[line - 1]).toContain('x * factor')
  })
})
