import { afterEach, describe, expect, it } from 'vitest'
import { KernelMemory } from '../../runtime/exec/memory.ts'
import type { KernelPool } from '../../runtime/exec/pool/pool.ts'
import type { Code } from '../../runtime/exec/pool/work.ts'
import { POOL_CODES } from './pool-codes.ts'
import { call, DOUBLE, FOREVER, GATED, newCode, newPool, started, word } from './pool-support.ts'

/** IRIS_KILLS=1000 for the long version. */
const KILLS = Number(process.env.IRIS_KILLS ?? 40)

const memory = new KernelMemory({ initial: 1 << 20, maximum: 64 << 20 })
const double = await newCode(DOUBLE)
const forever = await newCode(FOREVER)
const gated = await newCode(GATED)

let pool: KernelPool
const open = (...given: Parameters<typeof newPool>): KernelPool => (pool = newPool(given[0], { memory, ...given[1] }))
const submit = (code: Code, params: readonly number[], settings = {}, owner: object = memory): Promise<unknown> =>
  pool.submit(owner, call(memory, code, ...params), settings)
const openGate = (gate: number): void => void Atomics.store(memory.heap.i32, gate >> 2, 1)
const failed = (promise: Promise<unknown>): Promise<{ code?: string } | undefined> =>
  promise.then(
    () => undefined,
    error => error,
  )

afterEach(() => pool.destroy())

describe('the offload pool', () => {
  it('runs many calls on its threads, each once', async () => {
    open()
    const all = await Promise.all(Array.from({ length: 2000 }, (_, i) => submit(double, [i])))
    expect(all).toEqual(Array.from({ length: 2000 }, (_, i) => 2 * i))
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 2000, replaced: 0 })
  })

  it('gives back what each call took, in order', async () => {
    const used = memory.usedBytes
    open()
    const work = call(memory, double, 4)
    expect(await pool.submit(memory, work)).toBe(8)
    expect(work.log).toEqual(['placed', 'finished', 'released'])
    await pool.destroy()
    expect(memory.usedBytes).toBe(used)
  })

  it('runs calls after memory has grown', async () => {
    const small = new KernelMemory({ initial: 1 << 20, maximum: 64 << 20 })
    open({}, { memory: small })
    expect(await pool.submit(small, call(small, double, 1))).toBe(2)
    small.take(8 << 20)
    expect(await pool.submit(small, call(small, double, 2))).toBe(4)
  })

  it('goes on when a listener throws', async () => {
    open({ threads: 1 })
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown: unknown[] = []
    process.on('uncaughtException', error => thrown.push(error))
    const onProgress = (): never => {
      throw new Error('a listener')
    }
    const runs = [submit(double, [1], { onProgress }), submit(double, [2])]
    const results = await Promise.all(runs)
    await pool.close()
    process.removeAllListeners('uncaughtException')
    for (const each of others) process.on('uncaughtException', each)
    expect(results).toEqual([2, 4])
    expect(thrown).toMatchObject([{ message: 'a listener' }])
  })

  it('begins urgent calls first', async () => {
    open({ threads: 1 })
    const order: number[] = []
    const gate = word(memory)
    const runs = [submit(gated, [gate, 0])]
    for (const priority of [1, 5, 3]) {
      runs.push(submit(double, [priority], { priority }).then(() => void order.push(priority)))
    }
    openGate(gate)
    await Promise.all(runs)
    expect(order).toEqual([5, 3, 1])
  })

  it('lets kernels take turns', async () => {
    open({ threads: 1 })
    const order: string[] = []
    const gate = word(memory)
    const [many, few] = [{}, {}]
    const runs = [submit(gated, [gate, 0])]
    for (let i = 0; i < 4; i++) runs.push(submit(double, [i], {}, many).then(() => void order.push(`many ${i}`)))
    for (let i = 0; i < 2; i++) runs.push(submit(double, [i], {}, few).then(() => void order.push(`few ${i}`)))
    openGate(gate)
    await Promise.all(runs)
    expect(order).toEqual(['many 0', 'few 0', 'many 1', 'few 1', 'many 2', 'many 3'])
  })

  it('closes when everything is done, and takes nothing more', async () => {
    open()
    const runs = Promise.all([1, 2, 3].map(x => submit(double, [x])))
    await pool.close()
    expect(await runs).toEqual([2, 4, 6])
    expect(await failed(submit(double, [1]))).toMatchObject({ code: 'IRIS5011' })
  })

  it('destroys at once: running calls stop, waiting ones are refused', async () => {
    open({ threads: 1 })
    const mark = word(memory)
    const running = failed(submit(forever, [mark]))
    const waiting = failed(submit(double, [1]))
    await started(memory, mark)
    await pool.destroy()
    expect(await running).toMatchObject({ code: 'IRIS5011' })
    expect(await waiting).toMatchObject({ code: 'IRIS5011' })
  })

  it('runs on the caller where threads cannot start', async () => {
    open({}, { file: '/nowhere/worker.js' })
    expect(await Promise.all([submit(double, [1]), submit(double, [2])])).toEqual(['here', 'here'])
  })

  it('passes on what placing throws, and goes on', async () => {
    open({ threads: 1 })
    const broken = { place: () => expect.fail('no'), runHere: () => 0 }
    await expect(pool.submit(memory, broken)).rejects.toThrow('no')
    expect(await submit(double, [3])).toBe(6)
  })
})

describe('a full queue', () => {
  /** One call runs until the gate opens, two wait, and then comes another. */
  const fill = async (
    overflow: 'dropnew' | 'dropold' | 'redirect' | 'spill' | 'block',
  ): Promise<(readonly [unknown, number])[]> => {
    open({ threads: 1, capacity: 2, overflow })
    const gate = word(memory)
    const first = submit(gated, [gate, 7])
    while (pool.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
    const runs = [first, ...[1, 2, 3, 4, 5].map(x => submit(double, [x]))]
    const ends = runs.map(run => failed(run).then(error => (error ? error.code : run)))
    openGate(gate)
    return (await Promise.all(ends)).map((end, i) => [end, i] as const)
  }
  const results = async (overflow: Parameters<typeof fill>[0]): Promise<unknown[]> =>
    (await fill(overflow)).map(([end]) => end)

  it('drops the new', async () => {
    expect(await results('dropnew')).toEqual([7, 2, 4, 'IRIS5008', 'IRIS5008', 'IRIS5008'])
  })
  it('drops the old', async () => {
    expect(await results('dropold')).toEqual([7, 'IRIS5009', 'IRIS5009', 'IRIS5009', 8, 10])
  })
  it('redirects to the caller', async () => {
    expect(await results('redirect')).toEqual([7, 2, 4, 'here', 'here', 'here'])
  })
  it('spills up to twice its capacity', async () => {
    expect(await results('spill')).toEqual([7, 2, 4, 6, 8, 'IRIS5008'])
  })
  it('lets callers wait', async () => {
    expect(await results('block')).toEqual([7, 2, 4, 6, 8, 10])
  })

  it('gives the place of a call that was aborted to the next one that waits for a place', async () => {
    open({ threads: 1, capacity: 1, overflow: 'block' })
    const gate = word(memory)
    const first = submit(gated, [gate, 7])
    while (pool.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
    const controller = new AbortController()
    const aborted = failed(submit(double, [1], { signal: controller.signal }))
    const last = submit(double, [2])
    controller.abort('no')
    openGate(gate)
    expect(await Promise.all([first, aborted, last])).toEqual([7, 'no', 4])
  })

  it('tells how full it is, with hysteresis', async () => {
    open({ threads: 1, capacity: 10, overflow: 'block' })
    const levels: string[] = []
    pool.onPressure(level => levels.push(level))
    const gate = word(memory)
    const runs = [submit(gated, [gate, 0]), ...Array.from({ length: 12 }, () => submit(double, [1]))]
    expect(pool.pressure).toBe('CRITICAL')
    openGate(gate)
    await Promise.all(runs)
    expect(levels).toEqual(['HIGH', 'CRITICAL', 'HIGH', 'NORMAL'])
  })
})

describe('stopping', () => {
  // how soon is measured by `npm run bench -- pool`
  it('stops a running call when it is aborted, on a thread that lives on', async () => {
    open({ threads: 1 })
    await submit(double, [1])
    for (let i = 0; i < 9; i++) {
      const controller = new AbortController()
      const mark = word(memory)
      const run = failed(submit(forever, [mark], { signal: controller.signal }))
      await started(memory, mark)
      controller.abort(new Error('enough'))
      expect(await run).toMatchObject({ message: 'enough' })
    }
    expect(pool.stats).toMatchObject({ threads: 1, replaced: 0 })
  })

  it('an abort storm loses nothing', async () => {
    open()
    const ends = Array.from({ length: 500 }, (_, i) => {
      const controller = new AbortController()
      const end = failed(submit(double, [i], { signal: controller.signal }))
      if (i % 3 === 0) controller.abort('first')
      if (i % 3 === 1) setImmediate(() => controller.abort('later'))
      return end
    })
    const found = await Promise.all(ends)
    expect(
      found.every((end, i) => (i % 3 === 0 ? end === ('first' as unknown) : end === undefined || i % 3 === 1)),
    ).toBe(true)
    expect(await submit(double, [21])).toBe(42)
    expect(pool.stats.replaced).toBe(0)
  })

  it('never stops the next call instead', async () => {
    open({ threads: 1 })
    for (let i = 0; i < 300; i++) {
      const controller = new AbortController()
      const one = failed(submit(double, [i], { signal: controller.signal }))
      const two = submit(double, [i])
      queueMicrotask(() => controller.abort())
      await one
      expect(await two).toBe(2 * i)
    }
  })

  it('ends a thread that does not stop when asked', async () => {
    open({ threads: 1 }, { graceMs: 20 })
    await submit(double, [1])
    const deaf = await newCode('(func (export "run") (result f64) (loop $top (br $top)) (unreachable))')
    expect(await failed(submit(deaf, [], { timeoutMs: 30 }))).toMatchObject({ code: 'IRIS5007' })
    expect(await submit(double, [2])).toBe(4)
    expect(pool.stats.replaced).toBe(1)
  })
})

describe('a thread that dies', () => {
  it('fails its own call alone', async () => {
    open()
    const marks = [word(memory), word(memory)]
    const gate = word(memory)
    const doomed = failed(submit(forever, [marks[0]!]))
    await started(memory, marks[0]!)
    const other = submit(gated, [gate, 5])
    await pool.killOne()
    expect(await doomed).toMatchObject({ code: 'IRIS5010' })
    openGate(gate)
    expect(await other).toBe(5)
    expect(await Promise.all([1, 2, 3].map(x => submit(double, [x])))).toEqual([2, 4, 6])
  })

  it('is not repeated unless asked', async () => {
    open({ threads: 1 })
    const mark = word(memory)
    const gate = word(memory)
    const work = call(memory, gated, gate, 9)
    const run = pool.submit(memory, work, { retry: 1 })
    while (pool.stats.running === 0) await new Promise(resolve => setImmediate(resolve))
    await pool.killOne()
    openGate(gate)
    expect(await run).toBe(9)
    expect(work.log.filter(step => step === 'placed')).toHaveLength(2)
    expect(mark).toBeGreaterThan(0)
  })

  it(`is replaced, ${KILLS} times in a row, while work goes on`, { timeout: 600_000 }, async () => {
    open({ threads: 2, overflow: 'block' })
    let kills = 0
    let done = 0
    let lost = 0
    const work = async (): Promise<void> => {
      while (kills < KILLS) {
        const error = await failed(submit(double, [1]))
        if (!error) done++
        else if (error.code === 'IRIS5010') lost++
        else throw error
      }
    }
    const kill = async (): Promise<void> => {
      for (; kills < KILLS; kills++) {
        while (pool.stats.threads === 0) await new Promise(resolve => setImmediate(resolve))
        await pool.killOne(seats => seats[kills % seats.length])
      }
    }
    await Promise.all([work(), work(), work(), kill()])
    expect(lost).toBeLessThanOrEqual(KILLS)
    expect(done).toBeGreaterThan(0)
    expect(await submit(double, [4])).toBe(8)
    expect(pool.stats).toMatchObject({ queued: 0, running: 0 })
  })

  it.each(['exit', 'throw', 'memory'])('dies by itself: %s', async how => {
    const file = new URL('./pool-dying.fixture.cjs', import.meta.url)
    const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }
    open({ threads: 1 }, { file: file.pathname, resourceLimits: limits })
    const dying = await newCode(`(func (export "${how}") (result f64) (f64.const 1))`)
    const error = await failed(submit({ ...dying, entry: how }, []))
    expect(error).toMatchObject({ code: 'IRIS5010' })
    expect(await submit(double, [1])).toBe(2)
  })
})

describe('the codes', () => {
  it.each(Object.entries(POOL_CODES))('%s', async (code, provoke) => {
    open()
    expect(await provoke()).toBe(code)
  })
})
