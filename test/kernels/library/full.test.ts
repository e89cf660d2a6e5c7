import { beforeAll, describe, expect, it } from 'vitest'

describe('kernel memory that is nearly full', () => {
  beforeAll(() => {
    process.env.IRIS_MEMORY_MAX = '64m'
  })

  it('is not taken by tables of transforms that nobody uses', async () => {
    const { alloc, free, kernels } = await import('../../../src/kernels/index.ts')
    for (let n = 100_001; n < 100_008; n++) {
      const spectrum = kernels.fft(new Float64Array(2 * n).fill(1))
      expect(Math.abs(spectrum[0]! / n - 1)).toBeLessThan(1e-12)
    }
    free(alloc(Float64Array, 3_000_000))
    const x = new Float64Array(6_000_000)
    expect(() => kernels.sort(x)).toThrow(/IRIS5001/)
    expect(kernels.fft(Float64Array.of(1, 2, 3, 4))).toEqual(Float64Array.of(4, 6, -2, -2))
  })
})
