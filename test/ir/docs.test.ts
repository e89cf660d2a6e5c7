import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createInterpreter } from '../../compiler/ir/interp.ts'
import { printModule, readModule } from '../../compiler/ir/text.ts'
import { verify } from '../../compiler/ir/verify.ts'

test('the example of docs/ir.md is a valid module and does what it says', () => {
  const text = readFileSync(new URL('../../docs/ir.md', import.meta.url), 'utf8')
  const [, example = ''] = /```\n(; [\s\S]*?)```/.exec(text) ?? []
  const module = readModule(example)
  expect(verify(module, 'lowered')).toEqual([])
  expect(printModule(module).trim()).toBe(example.replace(/^;.*\n/, '').trim())
  const memory = new ArrayBuffer(1024)
  new Float64Array(memory, 512, 3).set([1, 2, 4])
  const { run } = createInterpreter(module, { memory, context: 0, hosts: {} })
  expect(run(512, 3, 3)).toBe(7)
  expect(run(512, 3, 4)).toBeNaN()
  expect(() => run(512, 3, 0.5)).toThrow('status 1')
})
