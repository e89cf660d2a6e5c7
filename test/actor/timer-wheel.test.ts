import { describe, expect, test } from 'vitest'
import { TimerNode, TimerWheel } from '../../runtime/actor/timer-wheel.ts'

class Probe extends TimerNode {
  readonly id: number
  readonly wanted: number
  readonly #fired: (probe: Probe) => void

  constructor(id: number, wanted: number, fired: (probe: Probe) => void) {
    super()
    this.id = id
    this.wanted = wanted
    this.#fired = fired
  }

  fire(): void {
    this.#fired(this)
  }
}

describe('timer wheel', () => {
  test('fires by deadline, then by the order of adding, whatever the steps of time', () => {
    for (let seed = 1; seed <= 30; seed++) {
      let state = seed
      const random = (n: number): number => (state = (state * 48271) % 2147483647) % n
      const wheel = new TimerWheel(0)
      const fired: Probe[] = []
      const live = new Set<Probe>()
      let now = 0
      for (let i = 0; i < 400; i++) {
        const wanted = now + 1 + random([10, 100, 5000, 300_000][random(4)]!)
        const probe = new Probe(i, wanted, each => {
          expect(each.wanted).toBeLessThanOrEqual(now)
          live.delete(each)
          fired.push(each)
        })
        wheel.add(probe, wanted)
        live.add(probe)
        if (random(5) === 0) {
          const victim = [...live][random(live.size)]!
          expect(wheel.cancel(victim)).toBe(true)
          expect(wheel.cancel(victim)).toBe(false)
          live.delete(victim)
        }
        if (random(3) === 0) {
          now += random(2000)
          wheel.advance(now, Number.POSITIVE_INFINITY)
          for (const each of live) expect(each.wanted).toBeGreaterThan(now)
        }
      }
      now += 10_000_000
      wheel.advance(now, Number.POSITIVE_INFINITY)
      expect(wheel.size).toBe(0)
      const order = fired.map(each => [each.wanted, each.id] as const)
      const sorted = [...order].sort((a, b) => a[0] - b[0] || a[1] - b[1])
      expect(order).toEqual(sorted)
    }
  })

  test('delays past 2^31 ms', () => {
    const wheel = new TimerWheel(0)
    const fired: number[] = []
    const due = 2 ** 31 + 12_345
    wheel.add(new Probe(1, due, probe => fired.push(probe.id)), due)
    wheel.advance(due - 1, 10)
    expect(fired).toEqual([])
    wheel.advance(due, 10)
    expect(fired).toEqual([1])
  })

  test('the limit of one advance leaves the rest for the next', () => {
    const wheel = new TimerWheel(0)
    const fired: number[] = []
    for (let i = 0; i < 5; i++) wheel.add(new Probe(i, 3, probe => fired.push(probe.id)), 3)
    expect(wheel.advance(3, 2)).toBe(true)
    expect(fired).toEqual([0, 1])
    expect(wheel.advance(3, 10)).toBe(false)
    expect(fired).toEqual([0, 1, 2, 3, 4])
  })

  test('a timer that a timer adds for now fires at the next tick', () => {
    const wheel = new TimerWheel(0)
    const fired: string[] = []
    const second = new Probe(2, 0, () => fired.push('second'))
    wheel.add(new Probe(1, 5, () => wheel.add(second, 5)), 5)
    wheel.advance(5, 10)
    expect(fired).toEqual([])
    expect(wheel.nextTick()).toBe(6)
    wheel.advance(6, 10)
    expect(fired).toEqual(['second'])
  })
})
