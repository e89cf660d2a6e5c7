import { beforeAll, describe, expect, it } from 'vitest'
import { diagnostic } from '../../base/diagnostic.ts'
import type { CompileAnswer, CompiledKernel } from '../../compiler/abi.ts'
import { Dispatcher } from '../../runtime/exec/dispatch.ts'
import type { Engine } from '../../runtime/exec/engine.ts'
import { type OffloadOptions, resolveOptions } from '../../runtime/exec/options.ts'
import type { AnyFunction } from '../../runtime/exec/wrapper.ts'
import { newEngine, numberAt, ScriptedCompiler, typedAt, watKernel } from './support.ts'

interface Rig {
  readonly compiler: ScriptedCompiler
  readonly engine: Engine
  readonly kernel: AnyFunction
  readonly dispatcher: Dispatcher
  readonly events: string[]
}

async function rig(fn: unknown, options: OffloadOptions = {}, profileLimit = 6): Promise<Rig> {
  const compiler = new ScriptedCompiler()
  const engine = await newEngine(compiler, profileLimit)
  const events: string[] = []
  engine.events.subscribe(name => events.push(name))
  const dispatcher = new Dispatcher(fn as AnyFunction, resolveOptions(options), engine)
  return { compiler, engine, kernel: dispatcher.kernel, dispatcher, events }
}

/** Gives the answer and waits until the variant knows it. */
async function settle(
  { compiler, dispatcher }: Rig,
  answer: CompileAnswer,
  variant = dispatcher.variants.length - 1,
): Promise<void> {
  compiler.answer(answer)
  await dispatcher.variants[variant]!.settled
}

/** Answers that tell themselves apart from the original: doubled(x) is compiled as x * 2 + 1000. */
const doubled = (x: number): number => x * 2
let compiledDouble: CompiledKernel
let leaving: CompiledKernel
let trapping: CompiledKernel
const DOUBLE_PLAN = { inputs: [numberAt(0)], result: { kind: 'f64' as const } }
const total = (xs: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < xs.length; i++) sum += xs[i]!
  return sum
}
let compiledTotal: CompiledKernel

beforeAll(async () => {
  const run = (body: string): string => `(func (export "run") (param f64) (result f64) ${body})`
  compiledDouble = await watKernel(run('(f64.add (f64.mul (local.get 0) (f64.const 2)) (f64.const 1000))'), DOUBLE_PLAN)
  const exits = [{ reason: 'not an integer', speculation: 'integer' }]
  leaving = await watKernel(run('(i32.store (global.get $context) (i32.const 1)) (unreachable)'), {
    ...DOUBLE_PLAN,
    mayExit: true,
    exits,
  })
  trapping = await watKernel(run('(unreachable)'), DOUBLE_PLAN)
  compiledTotal = await watKernel('(func (export "run") (param i32 i32) (result f64) (f64.const -1))', {
    inputs: [typedAt(0, { writes: false })],
    result: { kind: 'f64' },
  })
})

describe('the life of a kernel', () => {
  it('runs JavaScript until the code is ready, then the code', async () => {
    const it = await rig(doubled)
    expect([it.kernel(4), it.kernel(5)]).toEqual([8, 10])
    expect(it.compiler.requests.length).toBe(1)
    await settle(it, compiledDouble)
    expect([it.kernel(4), it.kernel(5)]).toEqual([1008, 1010])
    expect(it.dispatcher.stats()).toEqual({ js: 2, scalar: 2, simd: 0, parallel: 0, misses: {} })
    expect(it.events).toEqual(['parse', 'compile', 'tier chosen'])
  })

  it('leaves a plain scalar function to JavaScript unless a tier is insisted on', async () => {
    const plain = { ...compiledDouble, plan: { ...compiledDouble.plan, hasLoops: false } }
    const auto = await rig(doubled)
    auto.kernel(1)
    await settle(auto, plain)
    expect(auto.kernel(4)).toBe(8)
    const insisting = await rig(doubled, { tier: 'scalar' })
    insisting.kernel(1)
    await settle(insisting, plain)
    expect(insisting.kernel(4)).toBe(1008)
    const js = await rig(doubled, { tier: 'js' })
    expect([js.kernel(1), js.compiler.requests.length]).toEqual([2, 0])
  })

  it('compiles each profile once, and serves several', async () => {
    const it = await rig(total)
    const { kernel } = it
    kernel(new Float64Array(1))
    kernel(new Float64Array(2))
    expect(it.compiler.requests.map(({ profile }) => profile.args[0])).toMatchObject([{ elem: 'f64' }])
    await settle(it, compiledTotal, 0)
    expect(kernel(Float64Array.of(3))).toBe(-1)
    expect(kernel(Float32Array.of(3))).toBe(3)
    expect(it.compiler.requests.map(({ profile }) => profile.args[0])).toMatchObject([{ elem: 'f64' }, { elem: 'f32' }])
    expect(kernel(Float64Array.of(3))).toBe(-1)
  })

  it('warms up without running the kernel', async () => {
    let calls = 0
    const it = await rig(function counting(x: number): number {
      calls++
      return x * 2
    })
    const warm = it.dispatcher.warmup(undefined, [1])
    await expect.poll(() => it.compiler.requests.length + it.dispatcher.subject.miss.length).toBe(1)
    await settle(it, compiledDouble)
    await warm
    expect([calls, it.kernel(1)]).toEqual([0, 1002])
  })

  it('stops at a number of profiles, with a diagnostic', async () => {
    const it = await rig(total, {}, 1)
    it.kernel(new Float64Array(1))
    await settle(it, compiledTotal)
    expect(it.kernel(Float32Array.of(5))).toBe(5)
    expect(it.dispatcher.variants.map(({ status, diagnostics }) => [status, diagnostics[0]?.code])).toEqual([
      ['ready', undefined],
      ['miss', 'IRIS4008'],
    ])
    expect(it.dispatcher.stats().misses).toEqual({ IRIS4008: 1 })
  })

  it('passes `this`, errors and new.target through', async () => {
    const it = await rig(function method(this: { k: number }, x: number): number {
      if (x < 0) throw new RangeError('negative')
      return this.k * x
    })
    expect(it.kernel.call({ k: 3 }, 2)).toBe(6)
    expect(() => it.kernel.call({ k: 3 }, -1)).toThrow(new RangeError('negative'))
    function Point(this: { x: number }, x: number): void {
      this.x = x
    }
    const { kernel } = await rig(Point)
    expect(new (kernel as unknown as new (x: number) => { x: number })(4).x).toBe(4)
    const arrow = await rig((x: number) => x)
    expect(() => new (arrow.kernel as unknown as new () => object)()).toThrow(TypeError)
  })

  it('keeps the number of arguments', async () => {
    const { kernel } = await rig(function count(this: unknown, ...args: unknown[]): number {
      // biome-ignore lint/complexity/noArguments: the number of arguments is what is tested
      return arguments.length + args.length
    })
    for (const n of [0, 1, 2, 20]) expect(kernel(...Array(n).fill(1))).toBe(2 * n)
    const withDefault = await rig((a: number, b = 5) => a + b)
    expect([withDefault.kernel(1), withDefault.kernel(1, 2)]).toEqual([6, 3])
  })

  it('runs JavaScript after it was disposed of', async () => {
    const it = await rig(doubled)
    it.kernel(1)
    await settle(it, compiledDouble)
    it.dispatcher.dispose()
    expect([it.kernel(4), it.kernel(4)]).toEqual([8, 8])
    expect(it.compiler.requests.length).toBe(1)
  })

  it('remembers so many shapes of calls and no more', async () => {
    const it = await rig((...xs: number[]) => xs.length)
    for (let n = 0; n < 600; n++) expect(it.kernel(...Array(n).fill(1))).toBe(n)
    expect(it.dispatcher.variants.length).toBeGreaterThan(6)
    expect(it.dispatcher.variants.length).toBeLessThan(300)
  })

  it('is not waited for, nor compiled, when it was disposed of meanwhile', async () => {
    const it = await rig(doubled)
    it.kernel(1)
    const waiting = [it.dispatcher.settled(), it.dispatcher.warmup(undefined, [1])]
    it.dispatcher.dispose()
    await settle(it, compiledDouble)
    expect(it.dispatcher.variants[0]!.status).toBe('miss')
    await Promise.all(waiting)
    expect(it.kernel(4)).toBe(8)
    expect(it.events).toEqual(['parse', 'miss'])
  })
})

describe('misses', () => {
  const miss: CompileAnswer = { ok: false, diagnostics: [diagnostic('IRIS2001', { what: 'a thing' })] }

  it('run as JavaScript, counted by code', async () => {
    const it = await rig(total)
    it.kernel(new Float64Array(1))
    await settle(it, miss)
    for (let i = 0; i < 1000; i++) expect(it.kernel(Float64Array.of(2))).toBe(2)
    expect(it.dispatcher.stats()).toEqual({ js: 1001, scalar: 0, simd: 0, parallel: 0, misses: { IRIS2001: 1000 } })
    expect(it.compiler.requests.length).toBe(1)
  })

  it('throw where that is wanted', async () => {
    const it = await rig(total, { onMiss: 'throw' })
    expect(it.kernel(Float64Array.of(2))).toBe(2)
    await settle(it, miss)
    expect(() => it.kernel(Float64Array.of(2))).toThrow(/IRIS2001: a thing is not supported.*fix:/)
    const native = await rig(Math.max, { onMiss: 'throw' })
    expect(() => native.kernel(1, 2)).toThrow(/IRIS1001/)
  })

  it('warn once where that is wanted', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    const it = await rig(total, { onMiss: 'warn', name: 'sum-of-all' })
    it.kernel(new Float64Array(1))
    await settle(it, miss)
    for (let i = 0; i < 5; i++) it.kernel(new Float64Array(1))
    await expect.poll(() => warnings.length).toBe(1)
    process.off('warning', listener)
    expect(warnings[0]!.message).toContain('sum-of-all runs as JavaScript: a thing is not supported')
  })

  it('of the source concern every call', async () => {
    const it = await rig(Math.max)
    for (let i = 0; i < 10; i++) expect(it.kernel(1, i)).toBe(Math.max(1, i))
    expect(it.dispatcher.subject.miss.map(({ code }) => code)).toEqual(['IRIS1001'])
    expect(it.dispatcher.stats()).toEqual({ js: 10, scalar: 0, simd: 0, parallel: 0, misses: { IRIS1001: 10 } })
  })
})

describe('exits', () => {
  it('rerun the call, then compile once more without speculation, then give up', async () => {
    const it = await rig(doubled)
    it.kernel(1)
    await settle(it, leaving)
    expect([1, 2, 3].map(x => it.kernel(x))).toEqual([2, 4, 6])
    expect(it.compiler.requests.length).toBe(1)
    expect(it.kernel(4)).toBe(8)
    expect(it.compiler.requests.map(({ options }) => options.speculateIntegers)).toEqual([true, false])
    await settle(it, leaving)
    for (let x = 0; x < 6; x++) expect(it.kernel(x)).toBe(2 * x)
    expect(it.dispatcher.variants[0]).toMatchObject({ status: 'miss', diagnostics: [{ code: 'IRIS4006' }] })
    expect(it.dispatcher.variants[0]!.diagnostics[0]!.message).toContain('not an integer')
    expect(it.compiler.requests.length).toBe(2)
    expect(it.dispatcher.stats().scalar).toBe(0)
    expect(it.dispatcher.stats().js).toBe(11)
  })

  it('that are rare are tolerated', async () => {
    const text = `(func (export "run") (param f64) (result f64)
      (if (f64.eq (local.get 0) (f64.const 7)) (then (i32.store (global.get $context) (i32.const 1)) (unreachable)))
      (f64.const -5))`
    const it = await rig(doubled)
    it.kernel(1)
    await settle(it, await watKernel(text, { ...DOUBLE_PLAN, mayExit: true, exits: [{ reason: 'seven' }] }))
    for (let i = 0; i < 3000; i++) expect(it.kernel(i % 300)).toBe(i % 300 === 7 ? 14 : -5)
    expect(it.dispatcher.variants[0]!.status).toBe('ready')
    for (let i = 0; i < 400; i++) it.kernel(i % 20)
    expect(it.dispatcher.variants[0]!.status).toBe('miss')
  })
})

describe('defects of Iris', () => {
  it('degrade to JavaScript, told once', async () => {
    const it = await rig(doubled)
    it.kernel(1)
    await settle(it, trapping)
    expect([it.kernel(3), it.kernel(4)]).toEqual([6, 8])
    expect(it.events.filter(name => name === 'defect')).toEqual(['defect'])
    expect(it.dispatcher.variants[0]!.diagnostics[0]!.code).toBe('IRIS5003')
  })

  it('surface where misses do', async () => {
    const it = await rig(doubled, { onMiss: 'throw' })
    it.kernel(1)
    await settle(it, trapping)
    expect(() => it.kernel(3)).toThrow(/compiled code trapped/)
  })

  it('in Wasm that does not load are misses', async () => {
    const it = await rig(doubled)
    it.kernel(1)
    await settle(it, { ...compiledDouble, wasm: Uint8Array.of(1, 2, 3) })
    expect(it.kernel(3)).toBe(6)
    expect(it.dispatcher.variants[0]).toMatchObject({ status: 'miss', diagnostics: [{ code: 'IRIS5003' }] })
  })
})

describe('arrays for scalar parameters', () => {
  const wave = (x: number, y: number): number => Math.sin(x) * y

  it('mean elementwise, before anything is compiled', async () => {
    const it = await rig(wave)
    const xs = Float32Array.of(1, 2, 3)
    const result = it.kernel(xs, 2)
    expect(result).toBeInstanceOf(Float64Array)
    expect([...(result as Float64Array)]).toEqual([...xs].map(x => wave(x, 2)))
    expect(it.compiler.requests[0]!.options.broadcast).toEqual([true, false])
  })

  it('must be of one length', async () => {
    const it = await rig(wave)
    expect(() => it.kernel(new Float64Array(2), new Float64Array(3))).toThrow(/IRIS4004.*2, 3/)
  })

  it('are ordinary arguments of functions of arrays', async () => {
    const it = await rig(total)
    expect(it.kernel(Float64Array.of(1, 2))).toBe(3)
  })

  it('work also where JavaScript is insisted on or chosen', async () => {
    const js = await rig(wave, { tier: 'js' })
    expect(js.kernel(1, 2)).toBe(wave(1, 2))
    expect([...(js.kernel(Float64Array.of(1), 2) as Float64Array)]).toEqual([wave(1, 2)])
    const auto = await rig(wave)
    auto.kernel(1, 2)
    await settle(auto, {
      ...compiledDouble,
      plan: { ...compiledDouble.plan, inputs: [numberAt(0), numberAt(1)], hasLoops: false },
    })
    for (let i = 0; i < 100; i++) auto.kernel(i, 2)
    expect([...(auto.kernel(Float64Array.of(1), 2) as Float64Array)]).toEqual([wave(1, 2)])
  })
})
