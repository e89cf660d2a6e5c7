import { describe, expect, test } from 'vitest'
import { isSystemMessage, type PullMailbox } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

describe('pull actors', () => {
  test('recv gives message after message, null after the timeout', async () => {
    const { runtime, settle, advance } = world()
    const got: unknown[] = []
    const pid = runtime.spawnWithMailbox(async mailbox => {
      got.push(await mailbox.recv(), await mailbox.recv(5))
      got.push(await mailbox.recv(5))
    })
    runtime.sendMany(pid, ['one', 'two'])
    await settle()
    expect(got).toEqual(['one', 'two'])
    await advance(4999)
    expect(got).toHaveLength(2)
    await advance(1)
    expect(got).toEqual(['one', 'two', null])
    await settle()
    expect(runtime.isAlive(pid)).toBe(false)
  })

  test('return is Normal, a throw is a Crash', async () => {
    const { runtime, settle } = world()
    const ends = [
      runtime.join(runtime.spawnWithMailbox(async () => undefined)),
      runtime.join(
        runtime.spawnWithMailbox(() => {
          throw new Error('sync')
        }),
      ),
      runtime.join(
        runtime.spawnWithMailbox(async mailbox => {
          await mailbox.recv(0)
          throw new Error('late')
        }),
      ),
    ]
    await settle()
    expect((await Promise.all(ends)).map(end => end.reason)).toEqual(['Normal', 'Crash', 'Crash'])
  })

  test('for await ends when the actor is stopped, and its finally blocks run', async () => {
    const { runtime, settle } = world()
    const log: unknown[] = []
    const pid = runtime.spawnWithMailbox(async mailbox => {
      try {
        for await (const message of mailbox) log.push(message)
        log.push('end')
      } finally {
        log.push('clean')
      }
    })
    runtime.sendMany(pid, [1, 2])
    await settle()
    runtime.stop(pid)
    await settle()
    expect(log).toEqual([1, 2, 'end', 'clean'])
  })

  test('a stop reaches an actor that awaits something else at its next receive', async () => {
    const { runtime, settle } = world()
    const door = gate()
    const log: unknown[] = []
    const pid = runtime.spawnWithMailbox(async mailbox => {
      await door.promise
      await mailbox.recv().catch(error => log.push(error.code))
    })
    await settle()
    runtime.stop(pid)
    expect(runtime.isAlive(pid)).toBe(true)
    door.open()
    await settle()
    expect(log).toEqual(['IRIS6021'])
    expect(runtime.isAlive(pid)).toBe(false)
  })

  test('a call is answered by mailbox.reply', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawnWithMailbox(async mailbox => {
      for await (const message of mailbox) mailbox.reply(`echo ${message}`)
    })
    const answer = runtime.call(pid, 'hi')
    await settle()
    expect(await answer).toBe('echo hi')
  })

  test('system messages arrive in recv', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawnWithMailbox(async mailbox => {
      for await (const message of mailbox) got.push(isSystemMessage(message) && message.reason)
    })
    const other = runtime.spawn(ignore)
    runtime.monitor(pid, other)
    runtime.kill(other)
    await settle()
    expect(got).toEqual(['Killed'])
  })

  test('a busy pull actor does not starve others: its turn has a budget', async () => {
    const { runtime, settle } = world()
    const log: string[] = []
    const pull = runtime.spawnWithMailbox(
      async mailbox => {
        for await (const _ of mailbox) log.push('p')
      },
      { budget: 2 },
    )
    const push = runtime.spawn(() => void log.push('q'), { budget: 2 })
    runtime.sendMany(pull, [1, 2, 3, 4, 5, 6])
    runtime.sendMany(push, [1, 2, 3, 4, 5, 6])
    await settle()
    expect(log.indexOf('q')).toBeLessThan(log.lastIndexOf('p'))
    expect(log.filter(each => each === 'p')).toHaveLength(6)
  })

  test('100,000 pull actors wait at once', async () => {
    const { runtime, settle } = world()
    let got = 0
    const pids = Array.from({ length: 100_000 }, () =>
      runtime.spawnWithMailbox(async mailbox => {
        await mailbox.recv()
        got++
      }),
    )
    await settle()
    for (const pid of pids) runtime.send(pid, 1)
    await settle()
    expect(got).toBe(100_000)
  })
})

describe('selective receive', () => {
  const even = (message: unknown): boolean => Number(message) % 2 === 0
  const pulling = async (work: (mailbox: PullMailbox) => Promise<unknown>, messages: unknown[]) => {
    const { runtime, settle, advance } = world()
    let result: unknown
    const pid = runtime.spawnWithMailbox(async mailbox => {
      result = await work(mailbox)
      await gate().promise
    })
    runtime.sendMany(pid, messages)
    await settle()
    return { runtime, pid, settle, advance, result: () => result }
  }

  test('oldest match; the skipped keep their order', async () => {
    const { result } = await pulling(
      async mailbox => [
        await mailbox.recvMatching(even),
        await mailbox.recv(),
        await mailbox.recv(),
        await mailbox.recv(),
      ],
      [1, 3, 4, 5, 6],
    )
    expect(result()).toEqual([4, 1, 3, 5])
  })

  test('timeout 0 is one scan', async () => {
    const { result } = await pulling(
      async mailbox => [
        await mailbox.recvMatching(even, 0),
        await mailbox.recvMatching(m => m === 3, 0),
        await mailbox.recv(0),
        await mailbox.recv(0),
      ],
      [1, 3],
    )
    expect(result()).toEqual([null, 3, 1, null])
  })

  test('a match that comes later is found, without a second look at what was refused', async () => {
    const looked: unknown[] = []
    const { runtime, pid, settle, result } = await pulling(
      mailbox => mailbox.recvMatching(message => looked.push(message) > 0 && even(message)),
      [1, 3],
    )
    runtime.sendMany(pid, [5, 8])
    await settle()
    expect(result()).toBe(8)
    expect(looked).toEqual([1, 3, 5, 8])
  })

  test('a matcher that throws leaves the message', async () => {
    const { runtime, pid, result } = await pulling(
      async mailbox => {
        const error = await mailbox
          .recvMatching(() => {
            throw new Error('matcher')
          })
          .catch((caught: Error) => caught.message)
        return [error, await mailbox.recv()]
      },
      ['kept'],
    )
    expect(result()).toEqual(['matcher', 'kept'])
    expect(runtime.isAlive(pid)).toBe(true)
  })

  test('two receives at once are an error', async () => {
    const { result } = await pulling(async mailbox => {
      void mailbox.recv()
      return mailbox.recv().catch(error => error.code)
    }, [])
    expect(result()).toBe('IRIS6010')
  })

  test('an eviction during the wait does not make the scan miss a message', async () => {
    const { runtime, settle } = world()
    let got: unknown
    const pid = runtime.spawnWithMailbox(
      async mailbox => {
        got = await mailbox.recvMatching(even)
      },
      { mailbox: { capacity: 2, overflow: 'dropold' } },
    )
    runtime.sendMany(pid, [1, 3])
    await settle()
    runtime.send(pid, 5)
    runtime.send(pid, 6)
    await settle()
    expect(got).toBe(6)
  })

  test('system messages are matched too', async () => {
    const { runtime, pid, settle, result } = await pulling(mailbox => mailbox.recvMatching(isSystemMessage), [1])
    const other = runtime.spawn(ignore)
    runtime.monitor(pid, other)
    runtime.kill(other)
    await settle()
    expect(result()).toMatchObject({ typeName: 'DOWN' })
  })
})

describe('observed actors', () => {
  test('getMessages gives items with data or system, and empties the mailbox', () => {
    const { runtime } = world()
    const pid = runtime.spawnObserved({ path: '/svc/test/one' })
    const other = runtime.spawn(ignore)
    runtime.link(pid, other)
    runtime.send(pid, 'hello')
    runtime.exit(other, 'Crash', { code: 7 })
    expect(runtime.getMessages(pid)).toEqual([
      { data: 'hello' },
      {
        system: expect.objectContaining({
          typeName: 'EXIT',
          targetPid: other,
          fromPid: other,
          reason: 'Crash',
          metadata: { code: 7 },
        }),
      },
    ])
    expect(runtime.getMessages(pid)).toEqual([])
    expect(runtime.whereisPath('/svc/test/one')).toBe(pid)
  })

  test('selectiveRecv waits for a match', async () => {
    const { runtime, settle, advance } = world()
    const pid = runtime.spawnObserved()
    const wanted = runtime.selectiveRecv(pid, message => message === 'b', 1)
    runtime.sendMany(pid, ['a', 'b', 'c'])
    await settle()
    expect(await wanted).toBe('b')
    const never = runtime.selectiveRecv(pid, message => message === 'z', 1)
    await advance(1000)
    expect(await never).toBeNull()
    expect(runtime.getMessages(pid)).toEqual([{ data: 'a' }, { data: 'c' }])
  })

  test('other actors cannot be read from outside', () => {
    const { runtime } = world()
    expect(() => runtime.getMessages(runtime.spawn(ignore))).toThrow(expect.objectContaining({ code: 'IRIS6019' }))
  })
})
