import { describe, expect, test } from 'vitest'
import { gate, ignore, world } from './world.ts'

const square = (x: number): number => x * x

describe('offload pool', () => {
  test('runs kernels by run and by call', async () => {
    const { runtime, settle } = world()
    const pool = runtime.offloadPool({ workers: 2 })
    const answers = Promise.all([pool.run(square, [3]), runtime.call(pool.pid, { kernel: square, args: [4] })])
    await settle()
    expect(await answers).toEqual([9, 16])
    expect(pool.workers).toHaveLength(2)
  })

  test('as many at once as there are workers, the rest in order', async () => {
    let running = 0
    const doors = Array.from({ length: 4 }, () => gate<number>())
    const most: number[] = []
    const kernels = {
      run: async (index: unknown) => {
        most.push(++running)
        const value = await doors[index as number]!.promise
        running--
        return value
      },
    }
    const { runtime, settle } = world({ kernels })
    const pool = runtime.offloadPool({ workers: 2 })
    const answers = doors.map((_, i) => pool.run(i, []))
    await settle()
    expect(running).toBe(2)
    for (const [i, door] of doors.entries()) door.open(i)
    await settle()
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3])
    expect(Math.max(...most)).toBe(2)
  })

  test("a kernel's error is the caller's and does not harm the worker", async () => {
    const { runtime, settle } = world()
    const pool = runtime.offloadPool({ workers: 1 })
    const before = pool.workers
    const failed = expect(
      pool.run(() => {
        throw new TypeError('bad shape')
      }, []),
    ).rejects.toThrow('bad shape')
    await settle()
    await failed
    expect(pool.workers).toEqual(before)
  })

  test('a worker that dies is replaced, and its request fails', async () => {
    const { runtime, settle } = world({ kernels: { run: () => gate().promise } })
    const pool = runtime.offloadPool({ workers: 1 })
    const [worker] = pool.workers
    const failed = expect(pool.run(square, [1])).rejects.toMatchObject({ code: 'IRIS6005' })
    await settle()
    runtime.kill(worker!)
    await settle()
    await failed
    expect(pool.workers).toHaveLength(1)
    expect(pool.workers[0]).not.toBe(worker)
  })

  test('close ends everything', async () => {
    const { runtime, settle } = world()
    const pool = runtime.offloadPool({ workers: 3 })
    await settle()
    pool.close()
    expect(runtime.getMetrics().actors).toBe(0)
    await expect(pool.run(square, [1])).rejects.toMatchObject({ code: 'IRIS6002' })
  })

  test('a full queue refuses', async () => {
    const { runtime } = world({ kernels: { run: () => gate().promise } })
    const pool = runtime.offloadPool({ workers: 1, mailbox: { capacity: 1 } })
    pool.run(square, [1]).catch(ignore)
    await expect(pool.run(square, [2])).rejects.toMatchObject({ code: 'IRIS6013' })
  })
})
