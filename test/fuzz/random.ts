/** Deterministic random numbers: splitmix32 (Steele, Lea, Flood 2014, in its 32-bit form by Bryc). */
export class Random {
  #state: number

  constructor(...seeds: readonly number[]) {
    this.#state = 0x9e3779b9
    for (const seed of seeds) this.#state = mix(this.#state ^ (seed >>> 0)) ^ mix(Math.floor(seed / 2 ** 32) + 1)
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return mix(this.#state) >>> 0
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return this.next() % limit
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** Runs one of the alternatives, chosen by weight. */
  choose<T>(alternatives: readonly (readonly [weight: number, make: () => T])[]): T {
    const total = alternatives.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.below(Math.max(1, Math.round(total * 1000))) / 1000
    for (const [weight, make] of alternatives) if ((left -= weight) < 0) return make()
    return alternatives.at(-1)![1]()
  }
}

function mix(value: number): number {
  let z = value | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return z ^ (z >>> 15)
}
