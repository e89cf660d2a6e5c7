import { describe, expect, test } from 'vitest'
import type { CompileOptions } from '../../compiler/abi.ts'
import { compile } from '../../compiler/compile.ts'
import { requestFor } from './support.ts'

type Wanted = NonNullable<CompileOptions['returns']>

async function answer(fn: (...args: never[]) => unknown, returns: Wanted): Promise<string> {
  const found = await compile(requestFor(fn, [1, 2], {}, { returns }))
  return found.ok ? 'ok' : found.diagnostics[0]!.code
}

const divide = (a: number, b: number): number => a / b
const mix = (a: number, b: number): number => (a ^ b) * 1
const unsigned = (a: number, b: number): number => (a ^ b) >>> 0
const less = (a: number, b: number): boolean => a < b
const nothing = (): void => undefined
const single = (a: number): number => Math.fround(a)

describe('the option `returns` is checked against inference', () => {
  test.each([
    [divide, 'f64', 'ok'],
    [divide, 'i32', 'IRIS3003'],
    [mix, 'i32', 'ok'],
    [mix, 'f64', 'ok'],
    [unsigned, 'u32', 'ok'],
    [unsigned, 'i32', 'IRIS3003'],
    [less, 'bool', 'ok'],
    [less, 'f64', 'IRIS3003'],
    [nothing, 'void', 'ok'],
    [divide, 'void', 'IRIS3003'],
    [single, 'f32', 'ok'],
  ] as const)('%o as %s: %s', async (fn, returns, wanted) => {
    expect(await answer(fn as (...args: never[]) => unknown, returns)).toBe(wanted)
  })
})

describe('results of many values', () => {
  const many = (count: number): ((...args: never[]) => unknown) => {
    const items = Array.from({ length: count }, (_, i) => `a + ${i}`)
    return new Function('a', `return [${items.join(', ')}]`) as (...args: never[]) => unknown
  }

  test.each([
    [192, 'ok'],
    [193, 'IRIS3005'],
  ])('%i: %s', async (count, wanted) => {
    const found = await compile(requestFor(many(count), [1]))
    expect(found.ok ? 'ok' : found.diagnostics[0]!.code).toBe(wanted)
  })
})
