/** A seeded generator (mulberry32), so that a failure replays. */
export interface Random {
  unit(): number
  /** In [0, count). */
  int(count: number): number
  chance(oneIn: number): boolean
  pick<T>(items: readonly T[]): T
}

export function random(seed: number): Random {
  let state = seed | 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const int = (count: number): number => Math.floor(unit() * count)
  return { unit, int, chance: oneIn => int(oneIn) === 0, pick: items => items[int(items.length)] as never }
}
