import { describe, expect, test } from 'vitest'
import type { Pid } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

describe('delivery: at most once, FIFO per sender and receiver', () => {
  test('messages arrive in the order they were sent', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    for (let i = 0; i < 1000; i++) expect(runtime.send(pid, i)).toBe(true)
    await settle()
    expect(got).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  test('two senders keep their own order through actors of different speed', async () => {
    const { runtime, settle } = world()
    const got: [string, number][] = []
    const sink = runtime.spawn((message: [string, number]) => void got.push(message))
    const sender = (name: string, budget: number): Pid =>
      runtime.spawn((i: number) => void runtime.send(sink, [name, i]), { budget })
    const [a, b] = [sender('a', 3), sender('b', 7)]
    for (let i = 0; i < 100; i++) {
      runtime.send(a, i)
      runtime.send(b, i)
    }
    await settle()
    for (const name of ['a', 'b']) {
      expect(got.filter(each => each[0] === name).map(each => each[1])).toEqual(
        Array.from({ length: 100 }, (_, i) => i),
      )
    }
  })

  test('to a dead pid: false and a dead letter, never a throw', () => {
    const { runtime } = world()
    const letters: unknown[] = []
    runtime.on('deadLetter', letter => letters.push(letter))
    const pid = runtime.spawn(ignore)
    runtime.kill(pid)
    expect(runtime.send(pid, 'late')).toBe(false)
    expect(runtime.deadLetters).toBe(1)
    expect(letters).toEqual([{ target: pid, message: 'late', cause: 'noproc' }])
  })

  test('what a dead actor had not handled becomes dead letters', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    runtime.sendMany(pid, ['a', 'b', 'c'])
    runtime.kill(pid)
    await settle()
    expect(runtime.deadLetters).toBe(3)
  })

  test('to an unknown name: an error', () => {
    const { runtime } = world()
    expect(() => runtime.sendNamed('nobody', 1)).toThrow(expect.objectContaining({ code: 'IRIS6006' }))
  })

  test('a stale pid never reaches a newer actor in the same slot', async () => {
    const { runtime, settle } = world()
    const old = runtime.spawn(ignore)
    runtime.kill(old)
    const got: unknown[] = []
    const fresh = runtime.spawn(message => void got.push(message))
    expect(fresh.index).toBe(old.index)
    expect(fresh.generation).toBe(old.generation + 1)
    expect(runtime.send(old, 'ghost')).toBe(false)
    await settle()
    expect(got).toEqual([])
  })

  test('a pid prints as <node.index.generation>; the first is 0000000100000000 on the wire', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    expect(String(pid)).toBe('<0.0.1>')
    expect(JSON.stringify({ pid })).toBe('{"pid":"<0.0.1>"}')
    expect(pid.toBigInt()).toBe(0x0000000100000000n)
  })

  test('a listener of dead letters that throws does not harm the sender', () => {
    const { runtime, host } = world()
    const pid = runtime.spawn(ignore)
    runtime.kill(pid)
    runtime.on('deadLetter', () => {
      throw new Error('listener')
    })
    expect(runtime.send(pid, 1)).toBe(false)
    return expect(host.settle()).rejects.toThrow('listener')
  })

  test('sendMany counts what was accepted', () => {
    const { runtime } = world()
    const pid = runtime.spawnBounded(ignore, 10, 2)
    expect(runtime.sendMany(pid, [1, 2, 3, 4])).toBe(2)
  })

  test('a message sent by a handler to itself comes after those already queued', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid: Pid = runtime.spawn(message => {
      got.push(message)
      if (message === 1) runtime.send(pid, 'self')
    })
    runtime.sendMany(pid, [1, 2])
    await settle()
    expect(got).toEqual([1, 2, 'self'])
  })
})

describe('system and user messages', () => {
  test('stop acts ahead of queued user messages', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    runtime.sendMany(pid, [1, 2, 3])
    runtime.stop(pid)
    expect(runtime.isAlive(pid)).toBe(false)
    await settle()
    expect(got).toEqual([])
    expect(await runtime.join(pid)).toEqual({ reason: 'NoProc', metadata: undefined })
  })

  test('stop lets the handler that runs finish', async () => {
    const { runtime, settle } = world()
    const door = gate()
    const got: unknown[] = []
    const pid = runtime.spawn(async message => {
      await door.promise
      got.push(message)
    })
    runtime.sendMany(pid, [1, 2])
    await settle()
    const end = runtime.join(pid)
    runtime.stop(pid, { reason: 'Shutdown' })
    expect(runtime.isAlive(pid)).toBe(true)
    door.open()
    await settle()
    expect(got).toEqual([1])
    expect(await end).toMatchObject({ reason: 'Shutdown' })
  })

  test('kill does not wait for a handler', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(() => gate().promise)
    runtime.send(pid, 1)
    await settle()
    runtime.kill(pid)
    expect(runtime.isAlive(pid)).toBe(false)
  })

  test('suspend holds messages back, resume lets them go', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    runtime.send(pid, 1)
    runtime.suspend(pid)
    runtime.send(pid, 2)
    await settle()
    expect(got).toEqual([])
    runtime.resume(pid)
    await settle()
    expect(got).toEqual([1, 2])
  })

  test('EXIT and DOWN come after every message the dead actor had sent', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const watcher = runtime.spawn((message: { typeName?: string }) => void got.push(message.typeName ?? message))
    runtime.trapExit(watcher, true)
    const worker = runtime.spawn((_message, context) => {
      runtime.sendMany(watcher, ['a', 'b', 'c'])
      context.stop()
    })
    runtime.monitor(watcher, worker)
    runtime.link(watcher, worker)
    runtime.send(worker, 'go')
    await settle()
    expect(got.slice(0, 3)).toEqual(['a', 'b', 'c'])
    expect(got.slice(3).sort()).toEqual(['DOWN', 'EXIT'])
  })

  test('bounds concern user messages only', async () => {
    const { runtime, settle } = world()
    const types: unknown[] = []
    const watcher = runtime.spawn((message: { typeName?: string }) => void types.push(message.typeName ?? message), {
      mailbox: { capacity: 1 },
    })
    for (let i = 0; i < 5; i++) {
      const target = runtime.spawn(ignore)
      runtime.monitor(watcher, target)
      runtime.kill(target)
    }
    expect(runtime.mailboxSize(watcher)).toBe(0)
    expect(runtime.send(watcher, 'user')).toBe(true)
    expect(runtime.send(watcher, 'too many')).toBe(false)
    await settle()
    expect(types).toEqual(['DOWN', 'DOWN', 'DOWN', 'DOWN', 'DOWN', 'user'])
  })
})

describe('handlers', () => {
  test('one at a time, not re-entrant across await', async () => {
    const { runtime, settle } = world()
    const log: string[] = []
    const pid = runtime.spawn(async (message: string) => {
      log.push(`begin ${message}`)
      await undefined
      await undefined
      log.push(`end ${message}`)
    })
    runtime.sendMany(pid, ['a', 'b'])
    await settle()
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  test.each([
    [
      'a throw',
      () => {
        throw new Error('boom')
      },
    ],
    ['a rejection', () => Promise.reject(new Error('boom'))],
  ])('%s is a crash with the error as metadata', async (_name, handler) => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(handler)
    const end = runtime.join(pid)
    runtime.send(pid, 1)
    await settle()
    expect(await end).toMatchObject({ reason: 'Crash', metadata: { message: 'boom' } })
  })

  test('a stack overflow or a Wasm trap is a Panic', async () => {
    const { runtime, settle } = world()
    const dive = (): number => dive() + 1
    const trap = (): never => {
      throw new WebAssembly.RuntimeError('unreachable')
    }
    const pids = [runtime.spawn(dive), runtime.spawn(trap)]
    const ends = pids.map(pid => runtime.join(pid))
    for (const pid of pids) runtime.send(pid, 1)
    await settle()
    for (const end of ends) expect(await end).toMatchObject({ reason: 'Panic' })
  })

  test('a handler that never resolves keeps only its own actor', async () => {
    const { runtime, settle } = world()
    const stuck = runtime.spawn(() => gate().promise)
    const got: unknown[] = []
    const other = runtime.spawn(message => void got.push(message))
    runtime.sendMany(stuck, [1, 2])
    runtime.send(other, 'fine')
    await settle()
    expect(got).toEqual(['fine'])
    expect(runtime.mailboxSize(stuck)).toBe(1)
  })

  test('a hostile thenable settles once', async () => {
    const { runtime, settle } = world()
    const thenable = {
      then(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
        resolve('first')
        resolve('second')
        reject(new Error('third'))
      },
    }
    const pid = runtime.spawn(() => thenable)
    const answer = runtime.call(pid, 1)
    await settle()
    expect(await answer).toBe('first')
    expect(runtime.isAlive(pid)).toBe(true)
  })
})

describe('reductions', () => {
  test('at most `budget` messages per turn, then the actor goes to the back', async () => {
    const { runtime, settle } = world()
    runtime.sendMany(runtime.spawn(ignore), Array.from({ length: 1000 }))
    await settle()
    const log: string[] = []
    const pids = ['a', 'b'].map(name => runtime.spawn(() => void log.push(name), { budget: 3 }))
    for (const pid of pids) runtime.sendMany(pid, [1, 2, 3, 4])
    await settle()
    const runs = log.join('').match(/a+|b+/g)!
    expect(runs).toEqual(['aaa', 'bbb', 'a', 'b'])
  })

  test('sends cost reductions too', async () => {
    const { runtime, settle } = world({ slice: { ms: 1, reductions: 10_000 } })
    const log: string[] = []
    const sink = runtime.spawn(ignore)
    const sender = runtime.spawn(
      () => {
        log.push('sender')
        for (let i = 0; i < 9; i++) runtime.send(sink, i)
      },
      { budget: 10 },
    )
    const quiet = runtime.spawn(() => void log.push('quiet'))
    runtime.sendMany(sender, [1, 2])
    runtime.send(quiet, 1)
    await settle()
    expect(log).toEqual(['sender', 'quiet', 'sender'])
  })

  test('the scheduler yields to a macrotask when its slice is over', async () => {
    const { runtime, host } = world({ slice: { ms: Number.POSITIVE_INFINITY, reductions: 10 } })
    let turns = 0
    let macrotasks = 0
    const macrotask = host.macrotask.bind(host)
    host.macrotask = task => {
      macrotasks++
      macrotask(task)
    }
    const pid: Pid = runtime.spawn(() => {
      if (++turns < 100) runtime.send(pid, 1)
    })
    runtime.send(pid, 1)
    await host.settle()
    expect(turns).toBe(100)
    expect(macrotasks).toBeGreaterThanOrEqual(10)
  })
})
