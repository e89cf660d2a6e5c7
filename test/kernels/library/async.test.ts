import { afterAll, describe, expect, it } from 'vitest'
import type { Elem } from '../../../compiler/ir/types.ts'
import { defaultEngine } from '../../../src/engine.ts'
import { alloc, kernels } from '../../../src/kernels/index.ts'
import { pool, poolOf } from '../../../src/pool.ts'
import { sharedMemory } from '../../../src/shared-memory.ts'
import { numbers, randomOf, same } from './inputs.ts'

type AnyFunction = (...args: never[]) => unknown
const array = (elem: Elem, n: number, seed = 1): never => numbers(elem, n, randomOf(seed)) as never
/** The same numbers in kernel memory. */
const inMemory = (elem: Elem, n: number, seed = 1): never => {
  const x = array(elem, n, seed) as Float64Array
  return alloc(x.constructor as Float64ArrayConstructor, x) as never
}
const positive = (n: number): Float64Array => {
  const g = array('f64', n * n) as Float64Array
  const a = kernels.gemm(g, g, { m: n, n, k: n, transposeB: true })
  for (let i = 0; i < n; i++) a[i * n + i]! += n
  return a
}

/** The same bits; expect() takes its time over large arrays. */
function equal(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a)) return same(a as Float64Array, b as Float64Array)
  if (typeof a !== 'object' || a === null) return Object.is(a, b)
  return Object.entries(a).every(([name, value]) => equal(value, (b as Record<string, unknown>)[name]))
}

const N = 100_000
/** A call of every primitive that runs on threads, large enough to be cut where it can be. */
const CALLS: Readonly<Record<string, () => readonly unknown[]>> = {
  sum: () => [array('f64', N)],
  mean: () => [array('f32', N)],
  variance: () => [array('f64', N), 1],
  deviation: () => [array('f32', N)],
  norm: () => [array('f64', N)],
  cosine: () => [array('f64', N), inMemory('f64', N, 2)],
  dot: () => [array('f64', N), inMemory('f64', N, 2)],
  euclidean: () => [array('f32', N), array('f32', N, 2)],
  manhattan: () => [array('u8', N), array('u8', N, 2)],
  hamming: () => [array('i32', N), array('i32', N)],
  hammingBits: () => [array('u8', N), array('u8', N, 2)],
  min: () => [array('f64', N)],
  max: () => [array('u32', N)],
  argmin: () => [array('f32', N)],
  argmax: () => [inMemory('i16', N)],
  add: () => [array('f64', N), inMemory('f64', N, 2)],
  sub: () => [array('f32', N), 2.5],
  mul: () => [inMemory('i32', N), array('i32', N, 2)],
  div: () => [array('f64', N), array('f64', N, 2)],
  scale: () => [3, array('f64', N)],
  axpy: () => [0.5, array('f64', N), array('f64', N, 2)],
  clamp: () => [array('f32', N), -1, 1],
  cumsum: () => [array('f64', N)],
  crc32: () => [array('u8', N)],
  adler32: () => [array('u8', N)],
  gemm: () => [array('f64', 120 * 130), inMemory('f64', 130 * 90), { m: 120, n: 90, k: 130, alpha: 2 }],
  gemv: () => [array('f64', 300 * 200), array('f64', 200), { m: 300, n: 200 }],
  cholesky: () => [positive(40)],
  lu: () => [array('f64', 50 * 50)],
  triangularSolve: () => [positive(40), array('f64', 80)],
  topK: () => [array('f32', 20_000 * 8), array('f32', 16), { k: 9, metric: 'euclidean', dimensions: 8 }],
  quantize: () => [array('f32', 6400), 64],
  sort: () => [array('f64', N)],
  argsort: () => [array('f32', N)],
  select: () => [array('u32', N), 1000],
  searchSorted: () => [kernels.sort(array('f64', 1000) as Float64Array), array('f64', N)],
  histogram: () => [array('f64', N), { bins: 20, low: -5, high: 5 }],
  fft: () => [array('f64', 2 * 1000)],
  ifft: () => [array('f32', 2 * 1024)],
  rfft: () => [array('f64', 4095)],
  irfft: () => [array('f64', 4098), 4096],
  convolve: () => [array('f64', 5000), array('f64', 400)],
  correlate: () => [array('f32', 5000), array('f32', 30), 'same'],
  convolve2d: () => [array('f64', 100 * 90), array('f64', 9), { width: 100, kernelWidth: 3 }],
  correlate2d: () => [array('f32', 100 * 90), array('f32', 9), { width: 100, kernelWidth: 3, mode: 'valid' }],
  movingAverage: () => [array('f64', N), 31],
  grayscale: () => [array('u8', 4 * N)],
  boxBlur: () => [array('u8', 4 * 100 * 50), { width: 100, radius: 4 }],
  gaussianBlur: () => [array('u8', 4 * 100 * 50), { width: 100, sigma: 2 }],
  resize: () => [array('u8', 4 * 100 * 50), { width: 100, toWidth: 31, toHeight: 77, filter: 'lanczos' }],
  sobel: () => [array('u8', 100 * 50), { width: 100 }],
  alphaBlend: () => [array('u8', 4 * 500), inMemory('u8', 4 * 500, 2)],
  lookUp: () => [array('u8', N), array('u8', 256, 2)],
}

afterAll(() => pool.close())

describe('promise forms', () => {
  it.each(Object.keys(CALLS))('%s has the bits of the direct call, whole and in parts', async name => {
    const args = CALLS[name]!() as never[]
    const direct = (kernels as unknown as Record<string, AnyFunction>)[name]!(...args)
    const promised = kernels.async[name as 'sum']
    expect(equal(await promised(...(args as unknown as [Float64Array])), direct)).toBe(true)
    for (const parallel of [true, 3])
      expect(equal(await promised.run(args as unknown as [Float64Array], { parallel }), direct)).toBe(true)
  })

  it('exist for every primitive, also where they run on this thread', async () => {
    const missing = Object.keys(kernels).filter(name => !(name in kernels.async))
    expect(missing.sort()).toEqual(['alloc', 'async', 'designBiquad', 'free', 'tableOf'])
    expect(await kernels.async.uniform(5, { seed: 1 })).toEqual(kernels.uniform(5, { seed: 1 }))
    expect(await kernels.async.median(Float64Array.of(1, 2, 7))).toBe(2)
    expect(await kernels.async.xxhash64(new Uint8Array(0))).toBe(0xef46db3751d8e999n)
  })

  it('many at once do not disturb each other, nor direct calls between them', async () => {
    const xs = Array.from({ length: 12 }, (_, i) => array('f64', 20_000 + i, i + 1) as Float64Array)
    const wanted = xs.map(x => kernels.sort(x))
    const under = xs.map(x => kernels.async.sort(x))
    expect(
      equal(
        xs.map(x => kernels.sort(x)),
        wanted,
      ),
    ).toBe(true)
    expect(equal(await Promise.all(under), wanted)).toBe(true)
  })

  it('keep the tables of transforms under way, however many lengths there are', async () => {
    const xs = Array.from({ length: 14 }, (_, i) => array('f64', 2 * (997 + 601 * i), i + 1) as Float64Array)
    const wanted = xs.map(x => kernels.fft(x))
    const under = xs.map(x => kernels.async.fft(x))
    for (const x of xs) kernels.fft(x)
    expect(equal(await Promise.all(under), wanted)).toBe(true)
  })

  it('by the thousand take what they need of kernel memory, and give it back, failing or not', async () => {
    const x = array('f64', 50) as Float64Array
    await Promise.all(Array.from({ length: 3000 }, () => kernels.async.sum(x)))
    const { memory } = sharedMemory()
    const used = memory.usedBytes
    const calls = Array.from({ length: 3000 }, (_, i) =>
      i % 3 === 0
        ? kernels.async.sum(x)
        : i % 3 === 1
          ? kernels.async.fft(x)
          : kernels.async.cholesky(Float64Array.of(-1)),
    )
    const ended = await Promise.allSettled(calls as Promise<unknown>[])
    expect(ended.filter(one => one.status === 'rejected').length).toBe(1000)
    const tables = 16 * 25 + 2 * 16 * 64 + 4096 // of the transform
    expect(memory.usedBytes - used).toBeLessThan(tables)
  })

  it('begun again when their thread dies, begin with what the arrays were', async () => {
    const n = 900
    const a = alloc(Float64Array, array('f64', n * n) as Float64Array)
    const wanted = kernels.lu(a)
    const before = a[n]
    const threads = await poolOf(defaultEngine()).load()
    const run = kernels.async.lu.run([a, a], { retry: 1 })
    while (threads.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
    // a thread that wrote to the array itself would be seen at it
    for (let turn = 0; turn < 2000 && a[n] === before; turn++) await new Promise(resolve => setImmediate(resolve))
    await threads.killOne()
    expect(equal(await run, wanted)).toBe(true)
    expect(same(a, wanted.factors)).toBe(true)
  })

  it('give what nothing gives, where there is nothing to do', async () => {
    const none = new Float64Array(0)
    expect(await kernels.async.min(none)).toBe(Infinity)
    expect(await kernels.async.argmax(none)).toBe(-1)
    expect(await kernels.async.norm(none)).toBe(0)
    expect(await kernels.async.sum(none)).toBe(0)
  })

  it('write into the output given', async () => {
    const [x, out] = [array('f64', 1000) as Float64Array, new Float64Array(1000)]
    expect(await kernels.async.add(x, 1, out)).toBe(out)
    expect(out).toEqual(x.map(v => v + 1))
  })
})

describe('promise forms reject', () => {
  const x = new Float64Array(10)
  it.each([
    ['IRIS4101', () => kernels.async.sum([1] as never)],
    ['IRIS4102', () => kernels.async.dot(x, new Float64Array(3))],
    ['IRIS4105', () => kernels.async.cholesky(Float64Array.of(1, 2, 2, 1))],
    ['IRIS5002', () => kernels.async.sum.run([x], { parallel: 0 })],
    ['IRIS5002', () => kernels.async.sum.run([x], { signal: 5 as never })],
    ['IRIS5006', () => kernels.async.sum.run([x], { timeoutMs: 0 })],
    ['IRIS5006', () => kernels.async.median.run([x], { timeoutMs: 0 })],
  ])('%s', async (code, action) => {
    await expect(action()).rejects.toThrow(expect.objectContaining({ code }))
  })

  it('late, telling the time that they were given', async () => {
    const big = alloc(Float64Array, 3_000_000)
    kernels.uniform(big.length, { seed: 1 }, big)
    await expect(kernels.async.sort.run([big], { timeoutMs: 5 })).rejects.toThrow(/IRIS500[67].* 5 ms/)
  })

  it('with the reason of the signal, before and while they wait', async () => {
    const before = AbortSignal.abort(new Error('before'))
    await expect(kernels.async.sum.run([x], { signal: before })).rejects.toThrow('before')
    const controller = new AbortController()
    const big = array('f64', 1_000_000) as Float64Array
    const running = Array.from({ length: 4 }, () => kernels.async.sort.run([big], { signal: controller.signal }))
    setImmediate(() => controller.abort(new Error('meanwhile')))
    const ended = await Promise.allSettled(running)
    expect(ended.some(one => one.status === 'rejected' && one.reason.message === 'meanwhile')).toBe(true)
    expect(await kernels.async.sum(x)).toBe(0)
  })
})
