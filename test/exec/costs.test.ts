import { describe, expect, it } from 'vitest'
import { Costs, type Limits, SAMPLED_EVERY } from '../../runtime/exec/costs.ts'
import type { Tier } from '../../runtime/exec/wrapper.ts'

/** Nanoseconds of a call: of a tier, at a moment (calls so far). */
type Model = (tier: Tier, call: number) => number

/** Calls as a selecting call makes them, on a virtual clock. */
class Rig {
  readonly costs: Costs
  readonly chosen: string[] = []
  readonly counts: Record<string, number> = { js: 0, scalar: 0, simd: 0, parallel: 0 }
  elapsed = 0
  calls = 0
  readonly #model: Model

  constructor(
    contenders: readonly Tier[],
    model: Model,
    wanted: (tier: Tier) => void = () => undefined,
    limits: Limits = {},
  ) {
    this.#model = model
    const chosen = (_: Tier | undefined, to: Tier): unknown => this.chosen.push(to)
    this.costs = new Costs(contenders, { changed: () => undefined, chosen, wanted }, limits)
  }

  run(times: number, sizeClass = 10): void {
    for (let i = 0; i < times; i++) this.#call(sizeClass)
  }

  share(tier: Tier, times: number): number {
    const before = this.counts[tier] as number
    this.run(times)
    return ((this.counts[tier] as number) - before) / times
  }

  #call(sizeClass: number): void {
    const choice = this.costs.choices[sizeClass] as number
    const steady = this.costs.contenders[choice - 1]
    const isSampled = steady === undefined || (this.counts[steady] as number) % SAMPLED_EVERY === SAMPLED_EVERY - 1
    const picked = isSampled ? this.costs.pick(sizeClass) : choice - 1
    const tier = this.costs.contenders[picked] as Tier
    const ns = this.#model(tier, this.calls++)
    ;(this.counts[tier] as number)++
    this.elapsed += ns
    if (isSampled) this.costs.record(sizeClass, picked, ns)
  }
}

const fixed =
  (costs: Partial<Record<Tier, number>>): Model =>
  tier =>
    costs[tier] as number

describe('costs of contenders', () => {
  it.each([
    ['short calls', { js: 400, scalar: 100 }, 'scalar'],
    ['short calls of which the original is the best', { js: 100, scalar: 120 }, 'js'],
    ['calls of some microseconds', { js: 30_000, scalar: 9_000 }, 'scalar'],
    ['long calls', { js: 9e6, scalar: 3e6 }, 'scalar'],
    ['long calls of which the original is the best', { js: 3e6, scalar: 9e6 }, 'js'],
    ['three contenders', { js: 3e6, scalar: 2e6, simd: 1e6 }, 'simd'],
  ] as const)('the fastest is found: %s', (_, ns, best) => {
    const rig = new Rig(Object.keys(ns) as Tier[], fixed(ns))
    rig.run(20_000)
    expect(rig.chosen.at(-1)).toBe(best)
    expect(rig.share(best, 20_000)).toBeGreaterThan(0.9)
  })

  it('exploring takes little of the time in the long run', () => {
    for (const ns of [
      { js: 50, scalar: 200 },
      { js: 2_000, scalar: 9_000 },
      { js: 300_000, scalar: 2_000_000 },
    ]) {
      const rig = new Rig(['js', 'scalar'], fixed(ns))
      rig.run(8_000_000 / Math.sqrt(ns.js))
      const [before, calls] = [rig.elapsed, rig.calls]
      rig.run(8_000_000 / Math.sqrt(ns.js))
      expect((rig.elapsed - before) / ((rig.calls - calls) * ns.js)).toBeLessThan(1.02)
    }
  })

  it('long calls: the loser is not called more than a few times at first', () => {
    const rig = new Rig(['js', 'simd'], fixed({ js: 200e6, simd: 10e6 }))
    rig.run(30)
    expect(rig.counts.js).toBeLessThanOrEqual(3)
  })

  it('code that V8 optimises late wins in the end', () => {
    let compiledCalls = 0
    const tiering: Model = tier => (tier === 'js' ? 300 : compiledCalls++ < 1500 ? 900 : 100)
    const short = new Rig(['js', 'scalar'], tiering)
    short.run(50_000)
    expect(short.share('scalar', 10_000)).toBeGreaterThan(0.9)
    compiledCalls = 0
    const late: Model = (tier, call) => (tier === 'js' ? 70_000 : call < 40 ? 240_000 : 30_000)
    const long = new Rig(['js', 'scalar'], late)
    long.run(400)
    expect(long.share('scalar', 100)).toBeGreaterThan(0.9)
  })

  it('a winner that becomes slow is found out', () => {
    let isBusy = false
    const rig = new Rig(['js', 'scalar'], tier => (tier === 'js' ? 100_000 : isBusy ? 900_000 : 60_000))
    rig.run(3_000)
    expect(rig.share('scalar', 100)).toBeGreaterThan(0.9)
    isBusy = true
    rig.run(50)
    expect(rig.share('js', 100)).toBeGreaterThan(0.9)
  })

  it('sizes are decided apart', () => {
    const rig = new Rig(['js', 'scalar'], fixed({ js: 500, scalar: 100 }))
    rig.run(10_000, 20)
    expect(rig.costs.choices[20]).toBe(2)
    expect(rig.costs.choices[3]).toBe(0)
  })

  it('prefers JavaScript only where it wins everywhere, and its calls are short', () => {
    const short = new Rig(['js', 'scalar'], fixed({ js: 20, scalar: 90 }))
    short.run(20_000)
    expect(short.costs.prefersJs).toBe(true)
    short.run(1, 20)
    expect(short.costs.prefersJs).toBe(false)
    const long = new Rig(['js', 'scalar'], fixed({ js: 2e6, scalar: 9e6 }))
    long.run(100)
    expect(long.costs.prefersJs).toBe(false)
  })

  it('asks once for threads, when calls are long; then they compete for such calls alone', () => {
    const ns = { js: 9e6, simd: 3e6, parallel: 1e6 }
    const asked: Tier[] = []
    const rig = new Rig(['js', 'simd', 'parallel'], fixed(ns), tier => asked.push(tier), { absent: ['parallel'] })
    rig.run(50)
    expect([asked, rig.chosen.at(-1)]).toEqual([['parallel'], 'simd'])
    rig.costs.join('parallel')
    rig.run(50)
    expect(rig.chosen.at(-1)).toBe('parallel')
    expect(asked.length).toBe(1)
    const short = new Rig(
      ['js', 'simd', 'parallel'],
      fixed({ js: 900, simd: 300, parallel: 100 }),
      () => expect.fail(),
      { absent: ['parallel'] },
    )
    short.run(20_000)
    short.costs.join('parallel')
    short.run(200_000)
    expect(short.counts.parallel).toBe(0)
  })

  it('never runs what is absent', () => {
    const rig = new Rig(['js', 'simd', 'parallel'], fixed({ js: 1e6, simd: 3e6, parallel: 2e6 }), () => undefined, {
      absent: ['parallel'],
      originalBelow: 0,
    })
    rig.run(300)
    rig.costs.join('parallel')
    rig.run(300)
    expect(rig.counts.js).toBe(0)
    expect(rig.chosen).toEqual(['simd', 'parallel'])
    expect(rig.costs.prefersJs).toBe(false)
  })

  it('runs the original below the size from which bits differ, and there alone', () => {
    const rig = new Rig(['js', 'simd'], fixed({ js: 10, simd: 500 }), undefined, { originalBelow: 32 })
    rig.run(100_000, 5)
    expect(rig.counts.simd).toBeLessThan(20_000)
    const before = rig.counts.js
    rig.run(100_000, 6)
    expect(rig.counts.js).toBe(before)
    expect(rig.costs.prefersJs).toBe(false)
    expect(rig.costs.present).toEqual(['js', 'simd'])
  })

  it('tells what it has measured', () => {
    const rig = new Rig(['js', 'simd'], fixed({ js: 3e6, simd: 1e6 }))
    rig.run(100)
    expect(rig.costs.measured).toEqual({ js: 3e6, simd: 1e6 })
  })
})
