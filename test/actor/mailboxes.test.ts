import { describe, expect, test } from 'vitest'
import type { OverflowPolicy, Pid } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

function full(policy: OverflowPolicy, capacity = 2) {
  const made = world()
  const { runtime } = made
  const got: unknown[] = []
  const spilled: unknown[] = []
  const target = runtime.spawn(message => void spilled.push(message))
  const needsTarget = policy === 'redirect' || policy === 'spill'
  const mailbox = { capacity, overflow: policy, ...(needsTarget && { target }) }
  const pid = runtime.spawn(message => void got.push(message), { mailbox })
  return { ...made, got, spilled, target, pid }
}

describe('overflow', () => {
  test('dropnew: false to the sender', async () => {
    const { runtime, pid, got, settle } = full('dropnew')
    expect([1, 2, 3].map(message => runtime.send(pid, message))).toEqual([true, true, false])
    await settle()
    expect(got).toEqual([1, 2])
  })

  test('dropold: evicts the oldest user message, never a system message', async () => {
    const { runtime, pid, got, settle } = full('dropold')
    const other = runtime.spawn(ignore)
    runtime.monitor(pid, other)
    runtime.kill(other)
    expect([1, 2, 3].map(message => runtime.send(pid, message))).toEqual([true, true, true])
    await settle()
    expect(got).toEqual([expect.objectContaining({ typeName: 'DOWN' }), 2, 3])
  })

  test('redirect: passes the message to the target', async () => {
    const { runtime, pid, got, spilled, settle } = full('redirect')
    runtime.sendMany(pid, [1, 2, 3])
    await settle()
    expect([got, spilled]).toEqual([[1, 2], [3]])
  })

  test('redirect: at most 8 hops', async () => {
    const { runtime } = world()
    const ring = Array.from({ length: 3 }, () => runtime.spawnBounded(ignore, 10, 1))
    ring.forEach((pid, i) => runtime.setOverflowPolicy(pid, 'redirect', ring[(i + 1) % 3]!))
    expect(runtime.sendMany(ring[0]!, [1, 2, 3, 4])).toBe(3)

    const chain = Array.from({ length: 10 }, () => runtime.spawnBounded(ignore, 10, 1))
    for (const [i, pid] of chain.entries()) {
      if (i < 9) runtime.setOverflowPolicy(pid, 'redirect', chain[i + 1]!)
    }
    expect(runtime.sendMany(chain[0]!, Array.from({ length: 20 }))).toBe(9)
    expect(chain.map(pid => runtime.mailboxSize(pid))).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
  })

  test('spill: copies to the target and enqueues, up to a hard cap of twice the capacity', async () => {
    const { runtime, pid, got, spilled, settle } = full('spill')
    expect(runtime.sendMany(pid, [1, 2, 3, 4, 5])).toBe(5)
    expect(runtime.mailboxSize(pid)).toBe(4)
    await settle()
    expect([got, spilled]).toEqual([
      [1, 2, 3, 4],
      [3, 4, 5],
    ])
  })

  test('block: a promise, resolved when the message is enqueued, in order', async () => {
    const { runtime, pid, got, settle } = full('block')
    const results = [1, 2, 3, 4].map(message => runtime.send(pid, message))
    expect(results.slice(0, 2)).toEqual([true, true])
    expect(results[2]).toBeInstanceOf(Promise)
    expect(runtime.mailboxSize(pid)).toBe(2)
    await settle()
    expect(await Promise.all(results)).toEqual([true, true, true, true])
    expect(got).toEqual([1, 2, 3, 4])
  })

  test('block: rejected when the target dies or after timeoutMs', async () => {
    const { runtime, pid, advance, settle } = full('block', 1)
    runtime.suspend(pid)
    runtime.send(pid, 1)
    const slow = runtime.send(pid, 2, { timeoutMs: 50 })
    const doomed = runtime.send(pid, 3)
    const rejected = expect(slow).rejects.toEqual(code('IRIS6013'))
    await advance(50)
    await rejected
    runtime.kill(pid)
    await expect(doomed).rejects.toThrow('the receiver exited')
    await settle()
  })

  test('block: an actor that blocks on itself is an immediate error', async () => {
    const { runtime, settle } = world()
    let error: unknown
    const pid: Pid = runtime.spawn(
      async (message, context) => {
        if (message !== 'go') return
        context.send(pid, 'fits')
        await Promise.resolve(context.send(pid, 'does not')).catch(caught => (error = caught))
      },
      { mailbox: { capacity: 1, overflow: 'block' } },
    )
    runtime.send(pid, 'go')
    await settle()
    expect(error).toEqual(code('IRIS6012'))
  })

  test('block: a cycle of blocked senders is an immediate error', async () => {
    const { runtime, settle } = world()
    const errors: unknown[] = []
    const others: Pid[] = []
    const spawn = (i: number): Pid =>
      runtime.spawn(
        async (_, context) => {
          for (let k = 0; k < 3; k++) {
            await Promise.resolve(context.send(others[1 - i]!, k)).catch(error => errors.push(error))
          }
          await gate().promise
        },
        { mailbox: { capacity: 1, overflow: 'block' } },
      )
    others.push(spawn(0), spawn(1))
    runtime.send(others[0]!, 'go')
    runtime.send(others[1]!, 'go')
    await settle()
    expect(errors).toContainEqual(code('IRIS6012'))
  })

  test('block: a sender that dies takes its waiting messages along', async () => {
    const { runtime, pid, settle, got } = full('block', 1)
    runtime.suspend(pid)
    runtime.send(pid, 'first')
    const sender = runtime.spawn(async (_, context) => {
      await Promise.resolve(context.send(pid, 'never')).catch(ignore)
    })
    runtime.send(sender, 'go')
    await settle()
    runtime.kill(sender)
    runtime.resume(pid)
    await settle()
    expect(got).toEqual(['first'])
  })

  test('an evicted message is counted and told', () => {
    const { runtime, pid } = full('dropold', 1)
    const causes: string[] = []
    runtime.on('deadLetter', letter => causes.push(`${letter.message} ${letter.cause}`))
    runtime.sendMany(pid, [1, 2])
    expect(causes).toEqual(['1 overflow'])
    expect(runtime.getMetrics()).toMatchObject({ deadLetters: 0, dropped: 1 })
  })

  test('a policy needs its target, and a bound', () => {
    const { runtime, pid } = full('dropnew')
    expect(() => runtime.setOverflowPolicy(pid, 'spill')).toThrow(code('IRIS5002'))
    expect(() => runtime.setOverflowPolicy(pid, 'dropall' as OverflowPolicy)).toThrow(code('IRIS5002'))
    expect(() => runtime.setOverflowPolicy(runtime.spawn(ignore), 'dropold')).toThrow(code('IRIS5002'))
  })
})

describe('backpressure', () => {
  test('NORMAL below 50 %, HIGH below 90 %, CRITICAL above', () => {
    const { runtime } = world()
    const pid = runtime.spawnObserved({ mailbox: { capacity: 100 } })
    const levels: string[] = []
    for (let i = 0; i < 95; i++) {
      const { level } = runtime.sendWithBackpressure(pid, i)
      if (level !== levels.at(-1)) levels.push(level!)
      if (i === 48) expect(level).toBe('NORMAL')
      if (i === 49) expect(level).toBe('HIGH')
      if (i === 89) expect(level).toBe('CRITICAL')
    }
    expect(levels).toEqual(['NORMAL', 'HIGH', 'CRITICAL'])
  })

  test('hysteresis: a level is left only well below where it was entered', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore, { budget: 1, mailbox: { capacity: 10 } })
    const take = async (): Promise<void> => {
      runtime.resume(pid)
      await settle()
    }
    const fill = (count: number): void => {
      runtime.suspend(pid)
      for (let i = 0; i < count; i++) runtime.send(pid, i)
    }
    fill(9)
    expect(runtime.mailboxBackpressure(pid)).toBe('CRITICAL')
    await take()
    fill(8)
    expect(runtime.mailboxBackpressure(pid)).toBe('CRITICAL')
    await take()
    fill(7)
    expect(runtime.mailboxBackpressure(pid)).toBe('HIGH')
    await take()
    fill(4)
    expect(runtime.mailboxBackpressure(pid)).toBe('HIGH')
    await take()
    fill(3)
    expect(runtime.mailboxBackpressure(pid)).toBe('NORMAL')
  })

  test('unbounded mailboxes use counts', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    runtime.sendMany(pid, Array.from({ length: 999 }))
    expect(runtime.mailboxBackpressure(pid)).toBe('NORMAL')
    runtime.send(pid, 1)
    expect(runtime.mailboxBackpressure(pid)).toBe('HIGH')
    runtime.sendMany(pid, Array.from({ length: 9000 }))
    expect(runtime.mailboxBackpressure(pid)).toBe('CRITICAL')
  })

  test('of a dead pid: null; sendWithBackpressure tells both', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    expect(runtime.sendWithBackpressure(pid, 1)).toEqual({ sent: true, level: 'NORMAL' })
    runtime.kill(pid)
    expect(runtime.mailboxBackpressure(pid)).toBeNull()
    expect(runtime.mailboxSize(pid)).toBeNull()
    expect(runtime.sendWithBackpressure(pid, 1)).toEqual({ sent: false, level: null })
  })
})

describe('load shedding', () => {
  test('over capacity: spawn is refused with a clear error', () => {
    const { runtime } = world()
    runtime.setSystemCapacity(2)
    const pids = [runtime.spawn(ignore), runtime.spawn(ignore)]
    expect(() => runtime.spawn(ignore)).toThrow(code('IRIS6014'))
    runtime.kill(pids[0]!)
    runtime.spawn(ignore)
    runtime.setLoadShedding(false)
    runtime.spawn(ignore)
  })

  test('over capacity: sends to CRITICAL mailboxes are refused; system messages always pass', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message), { mailbox: { capacity: 10 } })
    const other = runtime.spawn(ignore)
    runtime.monitor(pid, other)
    runtime.sendMany(pid, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(runtime.send(pid, 10)).toBe(true)
    runtime.setSystemCapacity(2)
    runtime.setOverflowPolicy(pid, 'dropold')
    expect(runtime.send(pid, 11)).toBe(false)
    expect(runtime.send(other, 'not critical')).toBe(true)
    runtime.kill(other)
    await settle()
    expect(got.at(-1)).toMatchObject({ typeName: 'DOWN' })
    expect(got).toHaveLength(11)
  })
})
