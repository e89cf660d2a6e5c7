import { describe, expect, expectTypeOf, it } from 'vitest'
import { offload as offloadOfProcess } from '../../src/index.ts'
import type { AnyFn, Kernel } from '../../src/kernel-types.ts'
import { offloadOf } from '../../src/offload.ts'
import { newEngine } from '../exec/support.ts'

const offload = offloadOf(await newEngine())
const RATE = 0.25

describe('a kernel', () => {
  it('has the name, length and properties of the original', () => {
    const original = Object.assign(
      function scale(x: number, y: number): number {
        return x * y
      },
      { unit: 'm' },
    )
    const kernel = offload(original)
    expect([kernel.name, kernel.length, kernel.unit]).toEqual(['scale', 2, 'm'])
    expect(kernel.original).toBe(original)
    expect(Object.keys(kernel)).toEqual(['unit'])
    class Base {}
    expect(
      Object.hasOwn(
        offload((x: number) => x),
        'prototype',
      ),
    ).toBe(false)
    expect(new (offload(function Thing() {} as unknown as AnyFn) as unknown as new () => object)()).toBeInstanceOf(
      Object,
    )
    expect(Base.name).toBe('Base')
  })

  it('warms up, runs compiled, and tells so', async () => {
    const kernel = offload((xs: Float64Array) => {
      let sum = 0
      for (let i = 0; i < xs.length; i++) sum += xs[i]! * RATE
      return sum
    })
    const before = kernel.explain()
    expect(before.profiles).toEqual([])
    const explanation = await kernel.warmup(new Float64Array(2))
    expect(explanation.profiles).toMatchObject([
      { profile: '(f64[])', status: 'ready', tiers: ['js', 'scalar'], diagnostics: [{ code: 'IRIS7002' }] },
    ])
    expect(explanation.profiles[0]!.bytes).toBeGreaterThan(8)
    expect(explanation.source.file).toContain('offload.test.ts')
    expect(kernel(Float64Array.of(1, 2, 3))).toBe(1.5)
    expect(kernel.stats()).toEqual({ calls: { js: 0, scalar: 1, simd: 0, parallel: 0 }, misses: {} })
    expect(kernel.explain().tier).toBe('scalar')
    const [profile] = kernel.explain({ ir: true, wat: true }).profiles
    expect(profile!.ir).toContain('func')
    expect(profile!.wat).toContain('(module')
    expect(JSON.parse(JSON.stringify(kernel.explain({ ir: true })))).toMatchObject({ name: 'kernel' })
  })

  it('explains a miss with its place', async () => {
    const kernel = offload(function broken(xs: Float64Array): string {
      return xs.join()
    })
    expect(kernel(Float64Array.of(1))).toBe('1')
    const { profiles } = await kernel.warmup(new Float64Array(1))
    expect(profiles).toMatchObject([
      {
        status: 'miss',
        diagnostics: [{ code: expect.stringMatching(/^IRIS2/), frame: expect.stringContaining('xs.join()') }],
      },
    ])
    expect(profiles[0]!.diagnostics[0]!.file).toContain('offload.test.ts')
  })

  it('takes a kernel for the function behind it', async () => {
    const inner = offload((x: number) => x * 2)
    const outer = offload((xs: Float64Array) => {
      let sum = 0
      for (let i = 0; i < xs.length; i++) sum += inner(xs[i]!)
      return sum
    })
    expect((await outer.warmup(new Float64Array(1))).profiles[0]!.status).toBe('ready')
    expect(outer(Float64Array.of(1, 2))).toBe(6)
    expect(offload(inner).original).toBe(inner.original)
  })

  it('runs later, unless it is aborted or too late', async () => {
    const kernel = offload((x: number) => x + 1)
    const pending = kernel.run([1])
    await expect(pending).resolves.toBe(2)
    const reason = new Error('no longer wanted')
    await expect(kernel.run([1], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const aborted = kernel.run([1], { signal: controller.signal })
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    await expect(kernel.run([1], { timeoutMs: 0 })).rejects.toThrow(/IRIS5006/)
    await expect(kernel.run([1], { timeoutMs: -1 })).rejects.toThrow(/IRIS5002.*timeoutMs/)
  })

  it('returns a promise with the strategy actor', async () => {
    const kernel = offload((x: number) => x + 1, { strategy: 'actor' })
    expectTypeOf(kernel).toBeCallableWith(1)
    expect(kernel(1)).toBeInstanceOf(Promise)
    await expect(kernel(1)).resolves.toBe(2)
  })

  it('runs as JavaScript after it was disposed of', async () => {
    let kernel: Kernel<(x: number) => number>
    {
      using scoped = offload((x: number) => x * 3)
      kernel = scoped
      await scoped.warmup(1)
    }
    expect(kernel(2)).toBe(6)
  })
})

describe('decorators', () => {
  it('of the legacy kind replace the value of the descriptor', () => {
    class Legacy {
      k = 2
      scaled(x: number): number {
        return x * this.k
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Legacy.prototype, 'scaled')!
    for (const decorate of [offload(), offload as unknown as ReturnType<typeof offload>]) {
      const decorated = decorate(Legacy.prototype, 'scaled', descriptor) as unknown as PropertyDescriptor
      Object.defineProperty(Legacy.prototype, 'scaled', decorated)
      expect(new Legacy().scaled(3)).toBe(6)
      expect('warmup' in decorated.value).toBe(true)
      expect(decorated.enumerable).toBe(false)
    }
  })

  it('refuse what is no method', () => {
    const context = {
      kind: 'getter',
      name: 'x',
      addInitializer: () => undefined,
    } as unknown as ClassMethodDecoratorContext
    expect(() => offload()((x: number) => x, context)).toThrow(/IRIS5002.*getter/)
  })

  it('wrap plain functions as well', () => {
    expect(offload({ name: 'plain' })((x: number) => x + 1)(1)).toBe(2)
  })
})

describe('options', () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ maths: 'fast' }, /IRIS5002.*`maths`.*did you mean `math`/],
    [{ math: 'fsat' }, /'fsat' is not one of 'strict', 'fast'.*did you mean 'fast'/],
    [{ tier: 'gpu' }, /'gpu' is not one of/],
    [{ onMiss: true }, /onMiss/],
    [{ contract: 1 }, /contract.*boolean/],
    [{ contract: true }, /contract.*math: 'fast'/],
    [{ captures: [1] }, /captures.*an array is not an object/],
    [{ parallel: 0 }, /parallel.*>= 1/],
    [{ name: 3 }, /name.*string/],
    [{ returns: 'f16' }, /returns/],
    [{ strategy: 'thread' }, /strategy/],
    [{ zzz: 1 }, /there is no such option.*the options are/],
  ]
  it.each(refused)('%j is refused at once', (options, message) => {
    expect(() => offload((x: number) => x, options as object)).toThrow(message)
    expect(() => offload(options as object)).toThrow(message)
  })

  it('that are undefined count as absent', () => {
    expect(offload((x: number) => x, { math: undefined as never })(1)).toBe(1)
  })

  it('need a function to go with', () => {
    for (const value of [3, 'f', null]) expect(() => offload(value as never)).toThrow(/IRIS5002.*is not a function/)
  })

  it('check `returns` against inference', async () => {
    const kernel = offload((x: number) => x > 1, { returns: 'f64', tier: 'scalar' })
    expect((await kernel.warmup(1)).profiles[0]!.diagnostics[0]!.code).toBe('IRIS3003')
    const right = offload((x: number) => x > 1, { returns: 'bool', tier: 'scalar' })
    expect((await right.warmup(1)).profiles[0]!.status).toBe('ready')
  })

  it('give captures that cannot be found', async () => {
    const kernel = offload(((x: number) => x * (globalThis as unknown as { factor: number }).factor) as AnyFn, {
      captures: {},
    })
    expect(kernel.name).toBe('')
    const text = new Function('return (x) => x * hidden')() as (x: number) => number
    const given = offload(text, { captures: { hidden: 3 }, tier: 'scalar' })
    expect((await given.warmup(1)).profiles[0]!.status).toBe('ready')
  })
})

describe('types', () => {
  it('follow the function', () => {
    const wave = offloadOfProcess((x: number, y: number) => x * y, { tier: 'js' })
    expectTypeOf(wave(1, 2)).toEqualTypeOf<number>()
    expectTypeOf(wave(new Float64Array(1), 2)).toEqualTypeOf<Float64Array>()
    expectTypeOf(wave.run([1, 2])).toEqualTypeOf<Promise<number>>()
    expectTypeOf(wave.run([new Float32Array(1), 2])).toEqualTypeOf<Promise<Float64Array>>()
    expectTypeOf(wave.original).toEqualTypeOf<(x: number, y: number) => number>()
    const sum = offloadOfProcess((xs: Float64Array) => xs.length, { tier: 'js' })
    expectTypeOf(sum).parameter(0).toEqualTypeOf<Float64Array>()
  })
})
