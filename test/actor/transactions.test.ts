import { describe, expect, test } from 'vitest'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('transactions', () => {
  test('staged effects become visible at commit, and only then', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    const door = gate()
    const done = runtime.transaction(pid, {
      async primary(tx) {
        tx.send(pid, 'staged')
        tx.register('svc', pid)
        tx.set('balance', 7)
        expect(tx.get('balance')).toBe(7)
        await door.promise
        return 'value'
      },
    })
    await settle()
    expect([got, runtime.whereis('svc'), runtime.committed(pid, 'balance')]).toEqual([[], null, undefined])
    door.open()
    await settle()
    expect(await done).toEqual({ winner: 'primary', value: 'value' })
    expect([got, runtime.whereis('svc'), runtime.committed(pid, 'balance')]).toEqual([['staged'], pid, 7])
  })

  test('exactly one of primary and ghost commits; the first safe point wins', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    const door = gate()
    const done = runtime.transaction(pid, {
      async primary(tx) {
        tx.send(pid, 'primary')
        await door.promise
        return 1
      },
      async ghost(tx) {
        tx.send(pid, 'ghost')
        return 2
      },
    })
    await settle()
    expect(await done).toEqual({ winner: 'ghost', value: 2 })
    door.open()
    await settle()
    expect(got).toEqual(['ghost'])
    expect(runtime.vortexGetAutoResolutionCounts()).toEqual([0, 1])
    expect(runtime.vortexGetAutoReplayCount()).toBe(0)
  })

  test('PreferPrimary waits for the primary', async () => {
    const { runtime, settle } = world()
    expect(runtime.vortexSetAutoGhostPolicy('PreferPrimary')).toBe(true)
    expect(runtime.vortexSetAutoGhostPolicy('Other' as 'PreferPrimary')).toBe(false)
    expect(runtime.vortexGetAutoGhostPolicy()).toBe('PreferPrimary')
    const pid = runtime.spawn(ignore)
    const door = gate()
    const done = runtime.transaction(pid, { primary: () => door.promise.then(() => 'p'), ghost: () => 'g' })
    await settle()
    door.open()
    await settle()
    expect(await done).toEqual({ winner: 'primary', value: 'p' })
    expect(runtime.vortexGetAutoResolutionCounts()).toEqual([1, 0])
  })

  test('the ghost stands in for a primary that fails, and the counters tell', async () => {
    const { runtime, settle } = world()
    runtime.vortexSetAutoGhostPolicy('PreferPrimary')
    const pid = runtime.spawn(ignore)
    const done = runtime.transaction(pid, { primary: () => Promise.reject(new Error('no')), ghost: () => 'g' })
    await settle()
    expect(await done).toEqual({ winner: 'ghost', value: 'g' })
    expect(runtime.vortexGetAutoReplayCount()).toBe(1)
    runtime.vortexResetAutoTelemetry()
    expect([runtime.vortexGetAutoResolutionCounts(), runtime.vortexGetAutoReplayCount()]).toEqual([[0, 0], 0])
  })

  test('when every run fails nothing is committed', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    const done = runtime.transaction(pid, {
      primary(tx) {
        tx.set('x', 1)
        throw new Error('primary')
      },
      ghost: () => Promise.reject(new Error('ghost')),
    })
    const failed = expect(done).rejects.toMatchObject({ code: 'IRIS6022', cause: { message: 'primary' } })
    await settle()
    await failed
    expect(runtime.committed(pid, 'x')).toBeUndefined()
  })

  test('crash before commit: no effect', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(ignore)
    const other = runtime.spawn(message => void got.push(message))
    const door = gate()
    const done = runtime.transaction(pid, {
      async primary(tx) {
        tx.send(other, 'staged')
        await door.promise
      },
    })
    const failed = expect(done).rejects.toEqual(code('IRIS6022'))
    runtime.kill(pid)
    door.open()
    await settle()
    await failed
    expect(got).toEqual([])
  })

  test('all or nothing: a name that is taken undoes the others', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore, { name: 'taken' })
    const other = runtime.spawn(ignore)
    const got: unknown[] = []
    const sink = runtime.spawn(message => void got.push(message))
    const done = runtime.transaction(pid, {
      primary(tx) {
        tx.send(sink, 'staged')
        tx.register('free', other)
        tx.register('taken', sink)
      },
    })
    const failed = expect(done).rejects.toEqual(code('IRIS6022'))
    await settle()
    await failed
    expect([runtime.whereis('free'), got]).toEqual([null, []])
  })

  test('of two that finish at once the primary is first', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    const done = runtime.transaction(pid, { primary: () => 1, ghost: () => 2 })
    await settle()
    expect(await done).toEqual({ winner: 'primary', value: 1 })
  })

  test('a primary that fails after the ghost has won is no replay', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    const door = gate()
    const done = runtime.transaction(pid, {
      async primary() {
        await door.promise
        throw new Error('late')
      },
      ghost: () => 2,
    })
    await settle()
    expect(await done).toEqual({ winner: 'ghost', value: 2 })
    door.open()
    await settle()
    expect(runtime.vortexGetAutoReplayCount()).toBe(0)
  })

  test('an actor that waits for its children to end commits nothing', async () => {
    const { runtime, settle } = world()
    const parent = runtime.spawn(ignore)
    const door = gate()
    const child = runtime.spawnChild(parent, () => door.promise)
    const other = runtime.spawnObserved()
    const commit = gate()
    const done = runtime.transaction(parent, {
      async primary(tx) {
        tx.send(other, 'staged')
        await commit.promise
      },
    })
    done.catch(ignore)
    runtime.send(child, 'work')
    await settle()
    runtime.stop(parent)
    commit.open()
    await settle()
    await expect(done).rejects.toEqual(code('IRIS6022'))
    expect(runtime.getMessages(other)).toEqual([])
    door.open()
  })

  test('a staged message that finds no room is a dead letter, not a rejection that nobody handles', async () => {
    const { runtime, settle, advance } = world()
    const pid = runtime.spawn(ignore)
    const full = runtime.spawnObserved({ mailbox: { capacity: 1, overflow: 'block', timeoutMs: 5 } })
    runtime.send(full, 'first')
    const rejected: unknown[] = []
    const note = (reason: unknown): void => void rejected.push(reason)
    process.on('unhandledRejection', note)
    try {
      const done = runtime.transaction(pid, { primary: tx => tx.send(full, 'second') })
      await settle()
      await done
      await advance(10)
      await new Promise(setImmediate)
      expect(runtime.getMetrics().dropped).toBe(1)
      expect(rejected).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
