import { afterAll, describe, expect, test } from 'vitest'
import { Runtime } from '../../runtime/actor/index.ts'
import { kernelExecutor, offload, pool } from '../../src/index.ts'

const hypotenuse = offload((a: number, b: number) => Math.sqrt(a * a + b * b))
const spin = offload((rounds: number) => {
  let x = 0.5
  for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < 1_000_000; j++) x = 3.9 * x * (1 - x)
  }
  return x
})
/** The first call compiles, and the machine may be busy. */
const PATIENT = { timeoutMs: 60_000 }
/** Rounds that take longer than any of these tests: about a minute. */
const LONG = 20_000

afterAll(() => pool.destroy())

describe('offload pool with kernels on threads', () => {
  test.each([
    ['by their own run', {}],
    ['by the executor that is handed in', { kernels: kernelExecutor }],
  ])('%s', async (_name, options) => {
    await using runtime = new Runtime(options)
    const offloading = runtime.offloadPool({ workers: 2 })
    const before = pool.stats().completed
    const answers = await Promise.all([
      offloading.run(hypotenuse, [3, 4]),
      runtime.call(offloading.pid, { kernel: hypotenuse, args: [5, 12] }, PATIENT),
      offloading.run((a: number) => a + 1, [1]),
    ])
    expect(answers).toEqual([5, 13, 2])
    expect(pool.stats().completed - before).toBe(2)
  })

  test('the event loop goes on while kernels run, and a handler may use one', async () => {
    await using runtime = new Runtime()
    const offloading = runtime.offloadPool({ workers: 1 })
    const worker = runtime.spawn(async (rounds: number, context) => {
      const slow = context.call<number>(offloading.pid, { kernel: spin, args: [rounds] }, PATIENT)
      return { fast: hypotenuse(rounds, 0), slow: await slow }
    })
    const rounds = 5
    let turns = 0
    const beat = setInterval(() => turns++, 1)
    const { fast, slow } = await runtime.call<{ fast: number; slow: number }>(worker, rounds, PATIENT)
    clearInterval(beat)
    expect(fast).toBe(rounds)
    expect(slow).toBe(spin.original(rounds))
    expect(turns).toBeGreaterThan(0)
  })

  test('an abort stops the kernel, and the worker goes on', async () => {
    await using runtime = new Runtime()
    const offloading = runtime.offloadPool({ workers: 1 })
    await offloading.run(spin, [1])
    const controller = new AbortController()
    const failed = expect(offloading.run(spin, [LONG], { signal: controller.signal })).rejects.toThrow('enough')
    await expect.poll(() => pool.stats().running, { timeout: 20_000 }).toBe(1)
    controller.abort(new Error('enough'))
    await failed
    expect(await offloading.run(spin, [1])).toBe(spin.original(1))
  })

  test('a worker that is killed takes its kernel along, and is replaced', async () => {
    await using runtime = new Runtime()
    const offloading = runtime.offloadPool({ workers: 1 })
    await offloading.run(spin, [1])
    const failed = expect(offloading.run(spin, [LONG])).rejects.toMatchObject({ code: 'IRIS6005' })
    await expect.poll(() => pool.stats().running, { timeout: 20_000 }).toBe(1)
    runtime.kill(offloading.workers[0]!)
    await failed
    expect(await offloading.run(spin, [1])).toBe(spin.original(1))
    await expect.poll(() => pool.stats().running, { timeout: 20_000 }).toBe(0)
  })
})
