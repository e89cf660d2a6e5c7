import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { printFunc, printModule, readModule } from '../../compiler/ir/text.ts'
import { verifyOrThrow } from '../../compiler/ir/verify.ts'
import { type Pass, silent } from '../../compiler/passes/pass.ts'

/**
 * Golden tests: each file holds an input and, after a line of dashes, what the passes make of it. `UPDATE=1` writes
 * the second half anew. Files are `<pass>-<what>.ir` in test/golden/ir.
 */
const folder = fileURLToPath(new URL('../golden/ir/', import.meta.url))
const RULE = '---\n'

export function goldenTests(name: string, passes: readonly Pass[]): void {
  describe(`golden ${name}`, () => {
    const files = readdirSync(folder).filter(file => file.startsWith(`${name}-`) && file.endsWith('.ir'))
    test('there are some', () => expect(files).not.toEqual([]))
    test.each(files)('%s', file => {
      const path = join(folder, file)
      const [input = '', expected = ''] = readFileSync(path, 'utf8').split(RULE)
      const actual = transform(input, passes)
      if (process.env.UPDATE === '1') writeFileSync(path, input + RULE + actual)
      else expect(actual).toBe(expected)
    })
  })
}

function transform(input: string, passes: readonly Pass[]): string {
  const module = readModule(input)
  verifyOrThrow(module, 'optimised', 'reading')
  const after = passes.reduce((made, pass) => pass.run(made, silent), module)
  verifyOrThrow(after, 'optimised')
  if (after === module) return '(unchanged)\n'
  const same = after.funcs.length === module.funcs.length
  return same && after.funcs.length === 1 && after.funcs[0] ? `${printFunc(after.funcs[0])}\n` : printModule(after)
}
