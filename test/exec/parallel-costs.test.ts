import { describe, expect, it } from 'vitest'
import { type Choice, LoopCosts } from '../../runtime/exec/parallel/loop-costs.ts'

const LEAST = 80_000
const choices = (costs: LoopCosts, calls: number, rounds = 1000): Record<Choice, number> => {
  const found: Record<Choice, number> = { unknown: 0, short: 0, alone: 0, shared: 0 }
  for (let i = 0; i < calls; i++) found[costs.choose(rounds, LEAST)]++
  return found
}

describe('what loops have cost', () => {
  it('is not known at first', () => {
    expect(new LoopCosts().choose(1e9, LEAST)).toBe('unknown')
  })

  it('keeps short loops alone, and looks again now and then', () => {
    const costs = new LoopCosts()
    costs.ranAlone(1000, 1000)
    expect(choices(costs, 640)).toEqual({ unknown: 0, short: 630, alone: 10, shared: 0 })
    expect(costs.choose(100_000, LEAST)).toBe('shared')
  })

  it('shares long ones while that wins', () => {
    const costs = new LoopCosts()
    costs.ranAlone(1_000_000, 1000)
    costs.ranShared(550_000, 1000)
    expect(choices(costs, 640)).toEqual({ unknown: 0, short: 0, alone: 10, shared: 630 })
  })

  it('stops where it loses, and notices when that has changed', () => {
    const costs = new LoopCosts()
    costs.ranAlone(1_000_000, 1000)
    costs.ranShared(1_600_000, 1000)
    expect(choices(costs, 640)).toEqual({ unknown: 0, short: 0, alone: 630, shared: 10 })
    costs.ranShared(500_000, 1000)
    expect(choices(costs, 640)).toEqual({ unknown: 0, short: 0, alone: 570, shared: 70 })
    for (let i = 0; i < 10; i++) costs.ranShared(500_000, 1000)
    expect(choices(costs, 640).shared).toBe(630)
  })
})
