import { describe, expect, test } from 'vitest'
import { Runtime } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('timers', () => {
  test('sendAfter sends once', async () => {
    const { runtime, advance } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    runtime.sendAfter(pid, 200, 'tick')
    await advance(199)
    expect(got).toEqual([])
    await advance(1)
    expect(got).toEqual(['tick'])
    await advance(1000)
    expect(got).toEqual(['tick'])
  })

  test('cancel returns whether it was in time', async () => {
    const { runtime, advance } = world()
    const pid = runtime.spawn(ignore)
    const early = runtime.sendAfter(pid, 10, 1)
    expect(runtime.cancelTimer(early)).toBe(true)
    expect(runtime.cancelTimer(early)).toBe(false)
    const late = runtime.sendAfter(pid, 10, 1)
    await advance(10)
    expect(runtime.cancelTimer(late)).toBe(false)
  })

  test("a pid's timers die with it, and leave no alarm", async () => {
    const { runtime, advance, host } = world()
    const pid = runtime.spawn(ignore)
    runtime.sendInterval(pid, 10, 1)
    const timer = runtime.sendAfter(pid, 50, 1)
    runtime.kill(pid)
    expect(runtime.cancelTimer(timer)).toBe(false)
    await advance(1000)
    expect(runtime.deadLetters).toBe(0)
    expect(host.alarms).toBe(0)
  })

  test('a name resolves at expiry', async () => {
    const { runtime, advance } = world()
    const got: unknown[] = []
    runtime.sendAfter('later', 10, 'hello')
    runtime.sendAfter('nobody', 10, 'lost')
    await advance(5)
    runtime.spawn(message => void got.push(message), { name: 'later' })
    await advance(5)
    expect(got).toEqual(['hello'])
    expect(runtime.deadLetters).toBe(1)
  })

  test('sendInterval keeps its rhythm', async () => {
    const { runtime, advance, host } = world()
    const got: number[] = []
    const pid = runtime.spawn(() => void got.push(host.time))
    const timer = runtime.sendInterval(pid, 10, 'beat')
    await advance(35)
    expect(got).toEqual([10, 20, 30])
    expect(runtime.cancelTimer(timer)).toBe(true)
    await advance(100)
    expect(got).toHaveLength(3)
  })

  test('intervals do not pile up behind a slow actor', async () => {
    const { runtime, advance, settle } = world()
    const door = gate()
    let handled = 0
    const pid = runtime.spawn(async () => {
      handled++
      await door.promise
    })
    runtime.sendInterval(pid, 10, 'beat')
    await advance(1000)
    expect(handled).toBe(1)
    expect(runtime.mailboxSize(pid)).toBe(1)
    door.open()
    await settle()
    expect(handled).toBe(2)
  })

  test('delays past 2^31 ms work', async () => {
    const { runtime, advance } = world()
    const got: unknown[] = []
    const pid = runtime.spawn(message => void got.push(message))
    runtime.sendAfter(pid, 2 ** 31 + 1000, 'far')
    await advance(2 ** 31 + 999)
    expect(got).toEqual([])
    await advance(1)
    expect(got).toEqual(['far'])
  })

  test('1 million timers', async () => {
    const { runtime, advance } = world()
    let got = 0
    const pid = runtime.spawn(() => void got++)
    const timers = Array.from({ length: 1_000_000 }, (_, i) => runtime.sendAfter(pid, 1 + (i % 1000), i))
    for (let i = 0; i < timers.length; i += 2) runtime.cancelTimer(timers[i]!)
    await advance(1001)
    expect(got).toBe(500_000)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])('a delay of %s is refused', delay => {
    const { runtime } = world()
    expect(() => runtime.sendAfter(runtime.spawn(ignore), delay, 1)).toThrow(code('IRIS5002'))
  })

  test('under the real clock', async () => {
    const runtime = new Runtime()
    const door = gate<unknown>()
    const pid = runtime.spawn(message => door.open(message))
    const begin = performance.now()
    runtime.sendAfter(pid, 20, 'real')
    expect(await door.promise).toBe('real')
    expect(performance.now() - begin).toBeGreaterThanOrEqual(20)
  })
})

describe('virtual actors', () => {
  test('one activation; messages during it queue in order', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const pid = runtime.spawnVirtual(message => void got.push(message))
    expect(runtime.isAlive(pid)).toBe(true)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: false, activations: 0 })
    runtime.sendMany(pid, [1, 2, 3])
    expect(runtime.actorInfo(pid)).toMatchObject({ active: true, activations: 1 })
    await settle()
    expect(got).toEqual([1, 2, 3])
  })

  test('stop before activation frees the pid', () => {
    const { runtime } = world()
    const pid = runtime.spawnVirtual(ignore)
    expect(runtime.stop(pid)).toBe(true)
    expect(runtime.isAlive(pid)).toBe(false)
    expect(runtime.send(pid, 1)).toBe(false)
    expect(runtime.spawn(ignore).index).toBe(pid.index)
  })

  test('an idle activation is given up, and the next message makes a new one; the pid stays valid', async () => {
    const { runtime, settle, advance } = world()
    let handled = 0
    const pid = runtime.spawnVirtual(() => void handled++, { idleTimeoutMs: 500 })
    runtime.send(pid, 1)
    await advance(400)
    runtime.send(pid, 2)
    await advance(499)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: true, activations: 1 })
    await advance(1)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: false, activations: 1 })
    expect(runtime.isAlive(pid)).toBe(true)
    runtime.send(pid, 3)
    await settle()
    expect(handled).toBe(3)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: true, activations: 2 })
  })

  test('a send that races deactivation is handled', async () => {
    const { runtime, advance, settle } = world()
    let handled = 0
    const pid = runtime.spawnVirtual(() => void handled++, { idleTimeoutMs: 10 })
    const sender = runtime.spawn(() => void runtime.send(pid, 'race'))
    runtime.send(pid, 1)
    for (let i = 0; i < 20; i++) {
      runtime.sendAfter(sender, 10, 'go')
      await advance(10)
      await settle()
    }
    expect(handled).toBe(21)
  })

  test('a busy activation is not idle', async () => {
    const { runtime, advance, settle } = world()
    const door = gate()
    const pid = runtime.spawnVirtual(() => door.promise, { idleTimeoutMs: 10 })
    runtime.send(pid, 1)
    await settle()
    await advance(100)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: true })
    door.open()
    await advance(20)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: false })
  })
})

describe('hot swap', () => {
  test("in order: the seed's own example prints A, then B", async () => {
    const { runtime, settle } = world()
    const printed: string[] = []
    const pid = runtime.spawn(() => void printed.push('Logic A'))
    runtime.send(pid, 'test')
    expect(runtime.hotSwap(pid, () => void printed.push('Logic B (Upgraded!)'))).toBe(2)
    runtime.send(pid, 'test')
    expect(runtime.behaviorVersion(pid)).toBe(2)
    await settle()
    expect(printed).toEqual(['Logic A', 'Logic B (Upgraded!)'])
    expect(runtime.rollbackBehavior(pid, 1)).toBe(1)
    runtime.send(pid, 'test')
    await settle()
    expect(printed.at(-1)).toBe('Logic A')
  })

  test('the message in an async handler finishes on the old behaviour', async () => {
    const { runtime, settle } = world()
    const door = gate()
    const log: string[] = []
    const pid = runtime.spawn(async message => {
      await door.promise
      log.push(`old ${message}`)
    })
    runtime.sendMany(pid, [1, 2])
    await settle()
    runtime.hotSwap(pid, message => void log.push(`new ${message}`))
    runtime.send(pid, 3)
    door.open()
    await settle()
    expect(log).toEqual(['old 1', 'old 2', 'new 3'])
  })

  test('a failing migration keeps the old', async () => {
    const { runtime, settle } = world()
    const log: string[] = []
    const pid = runtime.spawn(() => void log.push('old'))
    const migrate = (): never => {
      throw new Error('no way')
    }
    runtime.hotSwap(pid, () => void log.push('new'), { migrate })
    runtime.send(pid, 1)
    await settle()
    expect(log).toEqual(['old'])
    expect(runtime.behaviorVersion(pid)).toBe(1)
    expect(() => runtime.rollbackBehavior(pid)).toThrow(code('IRIS6011'))
  })

  test('a migration sees the old behaviour at the point of the swap', async () => {
    const { runtime, settle } = world()
    const log: unknown[] = []
    const old = () => void log.push('old')
    const pid = runtime.spawn(old)
    runtime.send(pid, 1)
    runtime.hotSwap(pid, () => void log.push('new'), {
      migrate: (handler, self) => void log.push(handler === old, self === pid),
    })
    runtime.send(pid, 2)
    await settle()
    expect(log).toEqual(['old', true, true, 'new'])
  })

  test('history is bounded: 16 versions back, one more is an error', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    for (let i = 0; i < 20; i++) runtime.hotSwap(pid, () => i)
    expect(runtime.behaviorVersion(pid)).toBe(21)
    expect(() => runtime.rollbackBehavior(pid, 17)).toThrow(code('IRIS6011'))
    expect(runtime.rollbackBehavior(pid, 16)).toBe(5)
    expect(() => runtime.rollbackBehavior(pid, 1)).toThrow(code('IRIS6011'))
  })

  test('a rollback is in order too', async () => {
    const { runtime, settle } = world()
    const log: string[] = []
    const pid = runtime.spawn(() => void log.push('A'))
    runtime.send(pid, 1)
    runtime.hotSwap(pid, () => void log.push('B'))
    runtime.send(pid, 1)
    runtime.rollbackBehavior(pid)
    runtime.send(pid, 1)
    await settle()
    expect(log).toEqual(['A', 'B', 'A'])
  })

  test('a pull actor cannot be swapped', () => {
    const { runtime } = world()
    expect(() => runtime.hotSwap(runtime.spawnObserved(), ignore)).toThrow(code('IRIS6024'))
  })
})
