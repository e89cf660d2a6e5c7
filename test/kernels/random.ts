/** Reproducible random numbers (xorshift128+, S. Vigna 2014) and the distributions the tests draw from. */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number
  /** Magnitude log-uniform in [low, high), positive. */
  logarithmic(low: number, high: number): number
  /** Any finite double, all encodings equally likely. */
  anyDouble(): number
  /** Any finite float. */
  anyFloat(): number
  integer(limit: number): number
  pick<T>(list: readonly T[]): T
}

const view = new DataView(new ArrayBuffer(8))

export function seeded(seed: number): Random {
  const state = new BigUint64Array([BigInt(seed) * 0x9e3779b97f4a7c15n + 1n, BigInt(seed) ^ 0xbf58476d1ce4e5b9n])
  const words = new Uint32Array(state.buffer)
  // The generator in 32-bit halves: BigInt arithmetic would dominate the run.
  const next = (): readonly [number, number] => {
    let [s1l, s1h, s0l, s0h] = [words[0]!, words[1]!, words[2]!, words[3]!]
    words[0] = s0l
    words[1] = s0h
    s1h ^= (s1h << 23) | (s1l >>> 9)
    s1l ^= s1l << 23
    const l = s1l ^ s0l ^ ((s1l >>> 18) | (s1h << 14)) ^ ((s0l >>> 5) | (s0h << 27))
    const h = s1h ^ s0h ^ (s1h >>> 18) ^ (s0h >>> 5)
    words[2] = l
    words[3] = h
    const low = (l >>> 0) + s0l
    return [(h + s0h + (low > 0xffffffff ? 1 : 0)) >>> 0, low >>> 0]
  }
  const unit = (): number => {
    const [h, l] = next()
    return (h * 2 ** 21 + (l >>> 11)) * 2 ** -53
  }
  const random: Random = {
    unit,
    uniform: (low, high) => low + (high - low) * unit(),
    logarithmic: (low, high) => 2 ** random.uniform(Math.log2(low), Math.log2(high)),
    anyDouble: () => {
      const [h, l] = next()
      view.setUint32(0, h)
      view.setUint32(4, l)
      const x = view.getFloat64(0)
      return Number.isFinite(x) ? x : random.anyDouble()
    },
    anyFloat: () => {
      view.setUint32(0, next()[0])
      const x = view.getFloat32(0)
      return Number.isFinite(x) ? x : random.anyFloat()
    },
    integer: limit => Math.floor(unit() * limit),
    pick: list => list[Math.floor(unit() * list.length)]!,
  }
  for (let i = 0; i < 16; i++) next()
  return random
}
