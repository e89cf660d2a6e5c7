import { describe, expect, test } from 'vitest'
import { gate, ignore, world } from './world.ts'

/** Where two promises meet. Each of these was wrong once; the simulation (test/sim) found most of them. */
describe('an actor that has ended but waits for its children', () => {
  /** The parent has ended; its child is busy until the door opens. */
  async function leaving() {
    const { runtime, settle, advance } = world()
    const door = gate()
    const parent = runtime.spawn(ignore)
    const child = runtime.spawnChild(parent, () => door.promise)
    runtime.send(child, 1)
    await settle()
    runtime.stop(parent)
    return { runtime, settle, advance, door, parent, child }
  }

  test('is not alive, and takes no messages, names, paths, timers, calls and children', async () => {
    const { runtime, parent, settle, door } = await leaving()
    const dead = expect.objectContaining({ code: 'IRIS6002' })
    expect(runtime.isAlive(parent)).toBe(false)
    expect(runtime.send(parent, 1)).toBe(false)
    expect(() => runtime.register('name', parent)).toThrow(dead)
    expect(() => runtime.registerPath('/path', parent)).toThrow(dead)
    expect(() => runtime.spawnChild(parent, ignore)).toThrow(dead)
    await expect(runtime.call(parent, 1)).rejects.toEqual(dead)
    runtime.sendAfter(parent, 10, 'late')
    expect(runtime.getMetrics().timers).toBe(1)
    door.open()
    await settle()
    expect(runtime.getMetrics()).toMatchObject({ actors: 0, timers: 0 })
    expect(runtime.whereis('name')).toBeNull()
  })

  test('is gone only with its last child', async () => {
    const { runtime, parent, settle, door } = await leaving()
    const gone: string[] = []
    void runtime.join(parent).then(({ reason }) => gone.push(reason))
    await settle()
    expect(gone).toEqual([])
    door.open()
    await settle()
    expect(gone).toEqual(['Killed'])
  })
})

describe('supervisors', () => {
  test('a child that dies of itself while another takes its time to stop does not confuse the order', async () => {
    const { runtime, settle } = world()
    const door = gate()
    const order: string[] = []
    const start = (name: string, handler: () => unknown) => () => {
      const pid = runtime.spawn(handler)
      void runtime.join(pid).then(() => order.push(name))
      return pid
    }
    const supervisor = runtime.supervise({
      children: [
        { id: 'first', start: start('first', ignore) },
        { id: 'second', start: start('second', ignore) },
        { id: 'slow', start: start('slow', () => door.promise) },
      ],
    })
    const [first, , slow] = runtime.supervisorChildren(supervisor).map(({ pid }) => pid!)
    runtime.send(slow!, 1)
    await settle()
    runtime.stop(supervisor)
    runtime.kill(first!)
    await settle()
    expect(order).toEqual(['first'])
    door.open()
    await settle()
    expect(order).toEqual(['first', 'slow', 'second'])
    expect(runtime.getMetrics().actors).toBe(0)
  })

  test('temporary children that go down with others are forgotten', async () => {
    const { runtime, settle } = world()
    const supervisor = runtime.supervise({
      strategy: 'one_for_all',
      children: [
        { id: 'lasting', start: () => runtime.spawn(ignore) },
        { id: 'passing', start: () => runtime.spawn(ignore), restart: 'temporary' },
      ],
    })
    runtime.kill(runtime.supervisorChildren(supervisor)[0]!.pid!)
    await settle()
    expect(runtime.supervisorChildren(supervisor).map(({ id }) => id)).toEqual(['lasting'])
  })

  test('a rollback that is refused does not make the replacement run old code', async () => {
    const { runtime, settle } = world()
    let made = 0
    const answers: number[] = []
    const start = () => {
      const mine = ++made
      return runtime.spawn(() => void answers.push(mine), { name: 'worker' })
    }
    runtime.supervise({ children: [{ id: 'worker', start }] })
    expect(() => runtime.rollbackBehavior(runtime.whereis('worker')!)).toThrow(
      expect.objectContaining({ code: 'IRIS6011' }),
    )
    runtime.kill(runtime.whereis('worker')!)
    await settle()
    runtime.sendNamed('worker', 1)
    await settle()
    expect(answers).toEqual([2])
  })

  test('a child whose name is taken is refused with that reason, under any parent', () => {
    const { runtime } = world()
    runtime.register('taken', runtime.spawn(ignore))
    const parent = runtime.spawn(ignore)
    const again = () => runtime.spawnChild(parent, ignore, { name: 'taken' })
    expect(again).toThrow(expect.objectContaining({ code: 'IRIS6007' }))
    expect(runtime.actorInfo(parent)!.children).toEqual([])
  })
})

describe('mailboxes', () => {
  test('who blocked comes before who sends later, also when the policy has changed', async () => {
    const { runtime, settle } = world()
    const handled: unknown[] = []
    const pid = runtime.spawn(
      (message, context) => {
        handled.push(message)
        if (message === 1) expect(runtime.send(context.self, 3)).toBe(true)
      },
      { mailbox: { capacity: 1, overflow: 'block' } },
    )
    expect(runtime.send(pid, 1)).toBe(true)
    const blocked = runtime.send(pid, 2)
    runtime.setOverflowPolicy(pid, 'dropold')
    await settle()
    expect(await blocked).toBe(true)
    expect(handled).toEqual([1, 3])
    expect(runtime.getMetrics()).toMatchObject({ dropped: 1, blocked: 0, queued: 0 })
  })

  test('a system message that is received makes no room for two', async () => {
    const { runtime, settle } = world()
    const observer = runtime.spawnObserved({ mailbox: { capacity: 1, overflow: 'block' } })
    runtime.monitor(observer, runtime.spawn(ignore))
    runtime.kill(runtime.spawn(ignore))
    const target = runtime.spawn(ignore)
    runtime.monitor(observer, target)
    runtime.kill(target)
    expect(runtime.send(observer, 1)).toBe(true)
    void runtime.send(observer, 2)
    const down = runtime.selectiveRecv(observer, message => typeof message === 'object', 1)
    await settle()
    expect(await down).toMatchObject({ typeName: 'DOWN' })
    expect(runtime.mailboxSize(observer)).toBe(1)
    expect(runtime.getMetrics().blocked).toBe(1)
  })

  test('an interval whose tick found no room in time goes on', async () => {
    const { runtime, settle, advance } = world()
    const handled: unknown[] = []
    const pid = runtime.spawn(message => void handled.push(message), {
      name: 'slow',
      mailbox: { capacity: 1, overflow: 'block', timeoutMs: 5 },
    })
    runtime.suspend(pid)
    runtime.send(pid, 'first')
    runtime.sendInterval('slow', 100, 'tick')
    await advance(150)
    runtime.resume(pid)
    await advance(100)
    await settle()
    expect(handled).toEqual(['first', 'tick'])
  })

  test('getMessages during a selective receive does not make it miss what comes later', async () => {
    const { runtime, settle } = world()
    const observer = runtime.spawnObserved()
    const wanted = runtime.selectiveRecv(observer, message => message === 'wanted', 10)
    for (const message of [1, 2, 3]) runtime.send(observer, message)
    await settle()
    expect(runtime.getMessages(observer)).toHaveLength(3)
    runtime.send(observer, 'wanted')
    await settle()
    expect(await wanted).toBe('wanted')
  })
})

describe('suspended actors', () => {
  test('a pull actor that was suspended before its first turn begins when it is resumed', async () => {
    const { runtime, settle } = world()
    let begun = false
    const pid = runtime.spawnWithMailbox(async mailbox => {
      begun = true
      await mailbox.recv()
    })
    runtime.suspend(pid)
    await settle()
    expect(begun).toBe(false)
    runtime.resume(pid)
    await settle()
    expect(begun).toBe(true)
  })

  test('a pull actor that is at work takes no more messages', async () => {
    const { runtime, settle } = world()
    const seen: unknown[] = []
    const pid = runtime.spawnWithMailbox(async mailbox => {
      for await (const message of mailbox) {
        seen.push(message)
        if (message === 1) runtime.suspend(mailbox.self)
      }
    })
    runtime.sendMany(pid, [1, 2, 3])
    await settle()
    expect(seen).toEqual([1])
    runtime.resume(pid)
    await settle()
    expect(seen).toEqual([1, 2, 3])
  })
})

describe('time and versions', () => {
  test('an interval that comes late to the millisecond sends one tick, not two', async () => {
    const { runtime, host } = world()
    runtime.sendInterval('nobody', 2.5, 'tick')
    host.time = 1000
    await host.advance(0)
    expect(runtime.deadLetters).toBe(1)
  })

  test('behaviorVersion and rollback know the history that a failed migration leaves', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    for (let i = 0; i < 16; i++) runtime.hotSwap(pid, ignore)
    runtime.send(pid, 1)
    runtime.hotSwap(pid, ignore, {
      migrate: () => {
        throw new Error('no')
      },
    })
    await settle()
    expect(runtime.behaviorVersion(pid)).toBe(17)
    expect(runtime.rollbackBehavior(pid, 16)).toBe(1)
  })

  test('a system message activates a virtual actor as any other does', async () => {
    const { runtime, advance } = world()
    const seen: unknown[] = []
    const pid = runtime.spawnVirtual(message => void seen.push(message), { idleTimeoutMs: 10 })
    const target = runtime.spawn(ignore)
    runtime.monitor(pid, target)
    runtime.kill(target)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: true, activations: 1 })
    await advance(20)
    expect(seen).toHaveLength(1)
    expect(runtime.actorInfo(pid)).toMatchObject({ active: false })
  })
})

describe('as on the BEAM', () => {
  test('who monitors itself is never told', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    const reference = runtime.monitor(pid, pid)
    expect(runtime.demonitor(reference)).toBe(false)
    runtime.kill(pid)
    await settle()
    expect(runtime.getMetrics().deadLetters).toBe(0)
  })

  test('context.exit names the sender, and Normal to oneself is the end', async () => {
    const { runtime, settle } = world()
    const watcher = runtime.spawnObserved()
    const sender = runtime.spawnWithMailbox(async (mailbox, context) => {
      await mailbox.recv()
      context.exit(watcher, 'Crash', 'why')
      context.exit(context.self, 'Normal')
      await mailbox.recv()
    })
    const end = runtime.join(sender)
    runtime.send(sender, 'go')
    await settle()
    expect(runtime.getMessages(watcher)).toEqual([
      { system: expect.objectContaining({ typeName: 'EXIT', targetPid: sender, reason: 'Crash', metadata: 'why' }) },
    ])
    expect(await end).toMatchObject({ reason: 'Normal' })
  })
})
