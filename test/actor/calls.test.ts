import { describe, expect, test } from 'vitest'
import type { Pid } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('call', () => {
  test('the return value answers, awaited when it is a promise', async () => {
    const { runtime, settle } = world()
    const sync = runtime.spawn((n: number) => n + 1)
    const late = runtime.spawn(async (n: number) => n * 2)
    const answers = Promise.all([runtime.call(sync, 1), runtime.call(late, 4)])
    await settle()
    expect(await answers).toEqual([2, 8])
  })

  test('context.reply answers first, and the return value is not used', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn((_, context) => {
      expect(context.reply('reply')).toBe(true)
      expect(context.reply('again')).toBe(false)
      return 'return'
    })
    const answer = runtime.call(pid, 1)
    await settle()
    expect(await answer).toBe('reply')
  })

  test('deferReply answers later, and fails with the actor', async () => {
    const { runtime, settle } = world()
    const replies: ((value: unknown) => boolean)[] = []
    const pid = runtime.spawn((_, context) => void replies.push(context.deferReply()))
    const first = runtime.call(pid, 1)
    const second = runtime.call(pid, 2)
    await settle()
    expect(replies[0]!('later')).toBe(true)
    expect(replies[0]!('twice')).toBe(false)
    expect(await first).toBe('later')
    runtime.kill(pid)
    await expect(second).rejects.toEqual(code('IRIS6005'))
    expect(replies[1]!('too late')).toBe(false)
  })

  test('default 5 s; a timeout means unknown outcome and says so', async () => {
    const { runtime, advance } = world()
    const pid = runtime.spawn(() => gate().promise)
    let error: { code: string; message: string } | undefined
    runtime.call(pid, 1).catch(caught => (error = caught))
    await advance(4999)
    expect(error).toBeUndefined()
    await advance(1)
    expect(error).toMatchObject({ code: 'IRIS6003' })
    expect(error!.message).toContain('outcome is unknown')
  })

  test('a late reply never reaches the mailbox', async () => {
    const { runtime, advance, settle } = world()
    const door = gate<string>()
    const server = runtime.spawn(() => door.promise)
    const got: unknown[] = []
    const client = runtime.spawn(async (message, context) => {
      got.push(message)
      await context.call(server, 1, { timeoutMs: 10 }).catch(ignore)
    })
    runtime.send(client, 'go')
    await advance(10)
    door.open('late')
    await settle()
    expect(got).toEqual(['go'])
  })

  test('calling oneself fails at once', async () => {
    const { runtime, settle } = world()
    const errors: unknown[] = []
    const sync: Pid = runtime.spawn(() => runtime.call(sync, 1).catch(error => errors.push(error)))
    const late: Pid = runtime.spawn(async (_, context) => {
      await undefined
      await context.call(late, 1).catch(error => errors.push(error))
    })
    runtime.send(sync, 1)
    runtime.send(late, 1)
    await settle()
    expect(errors).toEqual([code('IRIS6004'), code('IRIS6004')])
  })

  test('a dead target fails at once with NoProc', async () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    runtime.kill(pid)
    await expect(runtime.call(pid, 1)).rejects.toThrow(/IRIS6002.*NoProc/)
    expect(runtime.deadLetters).toBe(1)
  })

  test('a target that dies with the request queued, or in its handler, fails the call with the reason', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(() => {
      throw new Error('boom')
    })
    const handled = runtime.call(pid, 1)
    const queued = runtime.call(pid, 2)
    const errors = Promise.allSettled([handled, queued])
    await settle()
    for (const each of await errors) {
      expect(each).toMatchObject({ reason: { code: 'IRIS6005', cause: { message: 'boom' } } })
    }
  })

  test('abort by signal rejects with its reason', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(() => gate().promise)
    const controller = new AbortController()
    const call = runtime.call(pid, 1, { signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    await expect(runtime.call(pid, 1, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('a call that a full mailbox refuses or evicts fails', async () => {
    const { runtime } = world()
    const pid = runtime.spawnBounded(ignore, 10, 1)
    const first = runtime.call(pid, 1)
    await expect(runtime.call(pid, 2)).rejects.toEqual(code('IRIS6013'))
    runtime.setOverflowPolicy(pid, 'dropold')
    runtime.send(pid, 3)
    await expect(first).rejects.toEqual(code('IRIS6013'))
  })

  test('an answered call leaves no timer', async () => {
    const { runtime, settle, host } = world()
    const pid = runtime.spawn((n: number) => n)
    const answer = runtime.call(pid, 1)
    await settle()
    expect(await answer).toBe(1)
    await host.advance(10_000)
    expect(host.alarms).toBe(0)
  })
})
