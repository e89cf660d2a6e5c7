import { afterEach, describe, expect, it } from 'vitest'
import { World } from './parallel-support.ts'

const scale = (x: Float64Array, out: Float64Array, k: number): void => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * k + 1
}
const count = (x: Float64Array): number => {
  let n = 0
  for (let i = 0; i < x.length; i++) if (x[i]! > 0.5) n++
  return n
}
const total = (x: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!
  return sum
}
const rows = (x: Float64Array, out: Float64Array, n: number, m: number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) {
    let row = 0
    for (let j = 0; j < m; j++) row += x[i * m + j]!
    out[i] = row
    sum += row
  }
  return sum
}
const steps = (x: Float64Array, y: Float64Array, times: number): void => {
  for (let t = 0; t < times; t++) {
    for (let i = 1; i < x.length - 1; i++) y[i] = (x[i - 1]! + x[i]! + x[i + 1]!) / 3
    for (let i = 1; i < x.length - 1; i++) x[i] = y[i]!
  }
}
/** Runs for as long as the limit says: rounds that do not end early. */
const slow = (out: Float64Array, limit: number): void => {
  for (let i = 0; i < out.length; i++) {
    let x = 0.5
    for (let k = 0; k < limit; k++) x = x * 3.7 * (1 - x)
    out[i] = x
  }
}

const LENGTH = 20_011
const numbers = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => Math.sin(i * 1.7) + 0.1)

const worlds: World[] = []
const open = (...given: ConstructorParameters<typeof World>): World => {
  const world = new World(...given)
  worlds.push(world)
  return world
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.pool.destroy()
})

const failed = (promise: Promise<unknown>): Promise<{ code?: string; message?: string } | undefined> =>
  promise.then(
    () => undefined,
    error => error,
  )

describe('parallel loops', () => {
  it.each([1, 2, 7])('the same bits on %i threads', async threads => {
    const world = open(threads)
    const x = world.views.alloc(Float64Array, numbers(LENGTH))
    const out = world.views.alloc(Float64Array, LENGTH)
    const wanted = new Float64Array(LENGTH)
    scale(x, wanted, 3)
    const scaled = await world.kernel(scale, [x, out, 3])
    const counted = await world.kernel(count, [x])
    const summed = await world.kernel(rows, [x, out, 100, 200])
    for (let round = 0; round < 20; round++) {
      out.fill(0)
      scaled.call(x, out, 3)
      expect(Buffer.compare(Buffer.from(out.slice().buffer), Buffer.from(wanted.buffer))).toBe(0)
      expect(counted.call(x)).toBe(count(x))
      expect(summed.call(x, out, 100, 200)).toBe(rows(x, wanted.slice(), 100, 200))
    }
    expect(world.shared).toBe(threads > 1 ? 60 : 0)
  })

  it('fast sums have the same bits with any number of threads', async () => {
    const found = new Set<unknown>()
    for (const threads of [1, 2, 5]) {
      const world = open(threads)
      const x = world.views.alloc(Float64Array, numbers(70_003))
      const kernel = await world.kernel(total, [x], { math: 'fast' })
      for (let round = 0; round < 10; round++) found.add(kernel.call(x))
      const one = await world.kernel(total, [x], { math: 'fast', tier: 'simd' })
      found.add(one.call(x))
    }
    expect(found.size).toBe(1)
  })

  it('loops one after the other, thousands of times', async () => {
    const world = open(3)
    const start = numbers(300)
    const x = world.views.alloc(Float64Array, start)
    const y = world.views.alloc(Float64Array, 300)
    const kernel = await world.kernel(steps, [x, y, 1])
    const wanted = start.slice()
    steps(wanted, new Float64Array(300), 3000)
    kernel.call(x, y, 3000)
    expect([...x]).toEqual([...wanted])
  })

  it('ordinary arrays are copied in and back', async () => {
    const world = open(2)
    const [x, out, wanted] = [numbers(LENGTH), new Float64Array(LENGTH), new Float64Array(LENGTH)]
    scale(x, wanted, -2)
    const kernel = await world.kernel(scale, [x, out, -2])
    kernel.call(x, out, -2)
    expect(out).toEqual(wanted)
  })

  it('several threads share their loops at once', async () => {
    const world = open(3)
    const arrays = Array.from({ length: 6 }, () => world.views.alloc(Float64Array, LENGTH))
    const x = world.views.alloc(Float64Array, numbers(LENGTH))
    const kernel = await world.kernel(scale, [x, arrays[0], 1])
    for (let round = 0; round < 10; round++) {
      const runs = arrays.slice(1).map((out, k) => world.pool.submit(out, kernel.work(x, out, k + round)))
      kernel.call(x, arrays[0], 99)
      await Promise.all(runs)
      for (const [index, out] of arrays.entries()) {
        const wanted = new Float64Array(LENGTH)
        scale(x, wanted, index === 0 ? 99 : index - 1 + round)
        expect(Buffer.compare(Buffer.from(out.slice().buffer), Buffer.from(wanted.buffer))).toBe(0)
      }
    }
  })

  it('a loop that leaves for JavaScript in one part leaves as a whole, and the next call is well', async () => {
    const world = open(2)
    const guarded = (x: Float64Array, out: Float64Array): void => {
      for (let i = 0; i < x.length; i++) {
        if (x[i]! > 1e6) throw new Error('too large')
        out[i] = x[i]! * 2
      }
    }
    const x = world.views.alloc(Float64Array, numbers(LENGTH))
    const out = world.views.alloc(Float64Array, LENGTH)
    const kernel = await world.kernel(guarded, [x, out])
    for (let round = 0; round < 10; round++) {
      out.fill(7)
      x[LENGTH - 3] = 1e9
      expect(kernel.call(x, out)).toMatch(/^left/)
      expect(out.every(value => value === 7)).toBe(true)
      x[LENGTH - 3] = 1
      expect(kernel.call(x, out)).toBeUndefined()
      expect(out[5]).toBe(x[5]! * 2)
    }
  })
})

describe('stopping a parallel loop', () => {
  it('ends all its parts, and kills no thread', async () => {
    const world = open(2)
    const out = world.views.alloc(Float64Array, 64)
    const kernel = await world.kernel(slow, [out, 10])
    for (let round = 0; round < 7; round++) {
      const controller = new AbortController()
      const run = failed(world.pool.submit(out, kernel.work(out, 2e9), { signal: controller.signal }))
      while (world.pool.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
      await new Promise(resolve => setImmediate(resolve))
      controller.abort(new Error('enough'))
      expect(await run).toMatchObject({ message: 'enough' })
      kernel.call(out, 3) // nobody was stopped by mistake
    }
    expect(world.pool.stats.replaced).toBe(0)
  })

  it('tells how far it is', async () => {
    const world = open(2)
    const out = world.views.alloc(Float64Array, 64)
    const kernel = await world.kernel(slow, [out, 10])
    const seen: (readonly [number, number])[] = []
    const onProgress = (done: number, total: number): void => void seen.push([done, total])
    await world.pool.submit(out, kernel.work(out, 1e6), { onProgress })
    expect(seen.length).toBeGreaterThan(1)
    for (const [i, [done, total]] of seen.entries()) {
      expect(done).toBeLessThanOrEqual(total)
      if (i > 0) expect(done / total).toBeGreaterThanOrEqual(seen[i - 1]![0] / seen[i - 1]![1])
    }
    expect(seen.at(-1)).toEqual([seen.at(-1)![1], seen.at(-1)![1]])
  })
})

describe('threads that die in a parallel loop', () => {
  it('whoever it was: the call fails or is done, memory is free of writers, and all goes on', async () => {
    const world = open(3)
    const out = world.views.alloc(Float64Array, 64)
    const kernel = await world.kernel(slow, [out, 10])
    for (let kill = 0; kill < 12; kill++) {
      const run = failed(world.pool.submit(out, kernel.work(out, 300_000)))
      while (world.pool.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
      await world.pool.killOne(seats => seats[kill % seats.length])
      const error = await run
      if (error) expect(error.code === 'IRIS5010' || /state 7/.test(error.message ?? '')).toBe(true)
      await world.pool.startThreads()
      out.fill(0)
      kernel.call(out, 20)
      const wanted = new Float64Array(64)
      slow(wanted, 20)
      expect(out.slice()).toEqual(wanted)
    }
    expect(world.pool.stats).toMatchObject({ threads: 3, replaced: 12 })
  })
})
