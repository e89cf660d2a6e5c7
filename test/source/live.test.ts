import { afterAll, describe, expect, it } from 'vitest'
import { offload } from '../../src/index.ts'

/** vitest's own transform, end to end: what is imported is an accessor of a namespace object there. */
type Numeric = (...args: never[]) => number
const url = new URL('../fixtures/source/input/kernels.ts', import.meta.url).href
const kernels = (await import(/* @vite-ignore */ url)) as Readonly<Record<string, Numeric>>

const calls: readonly [name: string, args: unknown[]][] = [
  ['polynomial', [2.5, 4]],
  ['wave', [3]],
  ['pick', [3, 3]],
  ['weighted', [new Float64Array([1, -2, 3]), 2]],
  ['factorial', [5]],
  ['spread', [[5, 3]]],
  ['flag', [3.5]],
  ['power', [3]],
]

const made: Disposable[] = []
afterAll(() => {
  for (const kernel of made) kernel[Symbol.dispose]()
})

describe('functions of modules that vitest transforms', () => {
  it.each(calls)('%s runs as WebAssembly', async (name, args) => {
    const original = kernels[name]!
    const kernel = offload(original, { tier: 'scalar', onMiss: 'throw' })
    made.push(kernel)
    await kernel.warmup(...(args as never[]))
    expect((kernel as (...given: never[]) => unknown)(...(args as never[]))).toBe(original(...(args as never[])))
    expect(kernel.stats().calls.scalar).toBe(1)
  })
})
