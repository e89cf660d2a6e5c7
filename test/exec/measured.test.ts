import { describe, expect, it } from 'vitest'
import type { CompileOptions } from '../../compiler/abi.ts'
import type { OffloadOptions } from '../../src/index.ts'
import { offloadOf } from '../../src/offload.ts'
import { poolOf } from '../../src/pool.ts'
import { inProcess, newEngine } from './support.ts'

const double = (x: Float64Array, out: Float64Array): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * 2
}

/** An engine on a virtual clock, that writes down what it compiles and which threads it borrows. */
async function rig(callNs: number) {
  const tiers: CompileOptions['tier'][] = []
  const failures: unknown[] = []
  // it stands still while the engine finds out what looking at it costs
  const clock = { now: 0, step: 0 }
  const compiler = {
    ...inProcess,
    compile: (request: Parameters<typeof inProcess.compile>[0]) => {
      tiers.push(request.options.tier)
      return inProcess.compile(request)
    },
  }
  const engine = await newEngine(compiler, 6, () => (clock.now += clock.step))
  poolOf(engine) // sets threads, which those below replace
  let asked = (): void => undefined
  const lent = { count: 0, fails: false, asked: new Promise<void>(resolve => (asked = resolve)) }
  engine.threads = {
    count: 4,
    lend: async () => {
      lent.count++
      asked()
      if (lent.fails) throw new Error('no threads today')
    },
    announce: () => undefined,
  }
  engine.events.subscribe((name, event) => void (name === 'defect' && failures.push(event)))
  const ready = async (options: OffloadOptions) => {
    const kernel = offloadOf(engine)(double, options)
    const [x, out] = [Float64Array.of(1, 2, 3), new Float64Array(3)]
    clock.step = 0
    await kernel.warmup(x, out)
    clock.step = callNs
    return async (): Promise<Readonly<Record<string, number>>> => {
      for (let i = 0; i < 60; i++) {
        kernel(x, out)
        await new Promise(setImmediate)
      }
      expect([...out]).toEqual([2, 4, 6])
      return { ...kernel.stats().calls }
    }
  }
  return { ready, tiers, lent, failures }
}

const LONG = 1e6
const SHORT = 100

describe('code for several threads', () => {
  it('is compiled, once, when calls are long, and then competes', async () => {
    const { ready, tiers, lent } = await rig(LONG)
    const run = await ready({})
    await run()
    await lent.asked
    const calls = await run()
    expect(tiers).toEqual(['simd', 'parallel'])
    expect(lent.count).toBe(1)
    expect(calls.parallel).toBeGreaterThan(0)
  })

  it('is not compiled for short calls, nor where it is forbidden', async () => {
    const short = await rig(SHORT)
    await (await short.ready({}))()
    expect(short.tiers).toEqual(['simd'])
    const forbidden = await rig(LONG)
    await (await forbidden.ready({ parallel: false }))()
    await (await forbidden.ready({ parallel: 1 }))()
    expect(forbidden.tiers).toEqual(['simd', 'simd'])
    expect(forbidden.lent.count).toBe(0)
  })

  it('is given up, and told, when threads cannot start', async () => {
    const { ready, lent, failures } = await rig(LONG)
    lent.fails = true
    const run = await ready({})
    await run()
    await lent.asked
    const calls = await run()
    expect(calls.parallel).toBe(0)
    expect(failures.length).toBe(1)
  })
})

describe('where JavaScript wins', () => {
  const shifted = (x: number): number => {
    let sum = 0
    for (let i = 0; i < 3; i++) sum += x * 2
    return sum
  }
  const CALLS = 20_000

  it.each([
    ['arrays', Float64Array.of(3)],
    ['numbers', 3],
  ])('arrays given for numbers are served for each element, after calls with %s', async (_, usual) => {
    const clock = { now: 0, step: 0 }
    const kernel = offloadOf(await newEngine(inProcess, 6, () => (clock.now += clock.step)))(shifted) as (
      x: unknown,
    ) => unknown
    await (kernel as unknown as { warmup(x: unknown): Promise<unknown> }).warmup(usual)
    clock.step = SHORT
    for (let i = 0; i < CALLS; i++) kernel(usual)
    const results = Array.from({ length: 64 }, () => kernel(Float64Array.of(3)))
    expect(results.every(result => result instanceof Float64Array && result[0] === 18)).toBe(true)
    const { js } = (kernel as unknown as { stats(): { calls: { js: number } } }).stats().calls
    expect(js).toBeGreaterThan(CALLS / 2)
  })
})
