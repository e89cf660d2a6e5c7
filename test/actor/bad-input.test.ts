import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { builtFile } from '../../base/files.ts'
import { type Pid, type PullHandler, Runtime } from '../../runtime/actor/index.ts'
import { ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })
const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  1n,
  '',
  '<0.0.1>',
  Symbol('pid'),
  {},
  [],
  { node: '0', index: 0, generation: 1 },
  Object.create(null),
  () => undefined,
  new Proxy({}, {}),
]

describe('garbage pids', () => {
  test.each(GARBAGE.map((value, i) => [i, value] as const))('garbage %i is a clear error everywhere', (_i, value) => {
    const { runtime } = world()
    const pid = value as Pid
    const calls: (() => unknown)[] = [
      () => runtime.send(pid, 1),
      () => runtime.sendMany(pid, [1]),
      () => runtime.stop(pid),
      () => runtime.kill(pid),
      () => runtime.exit(pid, 'Normal'),
      () => runtime.isAlive(pid),
      () => runtime.join(pid),
      () => runtime.mailboxSize(pid),
      () => runtime.mailboxBackpressure(pid),
      () => runtime.link(pid, runtime.spawn(ignore)),
      () => runtime.monitor(runtime.spawn(ignore), pid),
      () => runtime.monitor(pid, runtime.spawn(ignore)),
      () => runtime.register('name', pid),
      () => runtime.registerPath('/path', pid),
      () => runtime.hotSwap(pid, ignore),
      () => runtime.behaviorVersion(pid),
      () => runtime.rollbackBehavior(pid),
      () => runtime.suspend(pid),
      () => runtime.resume(pid),
      () => runtime.actorInfo(pid),
      () => runtime.getMessages(pid),
      () => runtime.setOverflowPolicy(pid, 'dropnew'),
      () => runtime.setActorHealth(pid, 'ok'),
      () => runtime.call(pid, 1),
    ]
    for (const call of calls) expect(call).toThrow(code('IRIS6001'))
    if (typeof value !== 'string') expect(() => runtime.sendAfter(pid, 1, 1)).toThrow(code('IRIS6001'))
    if (value !== undefined) expect(() => runtime.spawn(ignore, { parent: pid })).toThrow(code('IRIS6001'))
  })

  test('a pid of another runtime is used as what it is', async () => {
    const [one, other] = [world(), world()]
    const got: unknown[] = []
    const pid = one.runtime.spawn(message => void got.push(message))
    expect(other.runtime.isAlive(pid)).toBe(true)
    one.runtime.send(pid, 1)
    await one.settle()
    expect(got).toEqual([1])
  })
})

describe('wrong options', () => {
  const { runtime } = world()
  const spawn = (options: object) => () => runtime.spawn(ignore, options)
  test.each<[string, () => unknown]>([
    ['no handler', () => runtime.spawn(undefined as unknown as () => void)],
    ['a handler that is no function', () => runtime.spawnWithMailbox({} as PullHandler)],
    ['budget 0', spawn({ budget: 0 })],
    ['budget NaN', spawn({ budget: Number.NaN })],
    ['capacity 0', spawn({ mailbox: { capacity: 0 } })],
    ['capacity 1.5', spawn({ mailbox: { capacity: 1.5 } })],
    ['an unknown policy', spawn({ mailbox: { capacity: 1, overflow: 'explode' } })],
    ['redirect without target', spawn({ mailbox: { capacity: 1, overflow: 'redirect' } })],
    ['a negative idle timeout', () => runtime.spawnVirtual(ignore, { idleTimeoutMs: -1 })],
    ['a call timeout of NaN', () => runtime.call(runtime.spawn(ignore), 1, { timeoutMs: Number.NaN })],
    ['an unknown exit reason', () => runtime.stop(runtime.spawn(ignore), { reason: 'Boredom' as 'Normal' })],
    ['messages that are not iterable', () => runtime.sendMany(runtime.spawn(ignore), 5 as unknown as [])],
    ['rollback by half a version', () => runtime.rollbackBehavior(runtime.spawn(ignore), 0.5)],
    ['a buffer of -1 bytes', () => runtime.allocateBuffer(-1)],
    ['an unknown strategy', () => runtime.supervise({ strategy: 'none' as 'one_for_one', children: [] })],
    ['a negative capacity', () => runtime.setSystemCapacity(-1)],
  ])('%s', async (_name, call) => {
    await expect((async () => call())()).rejects.toEqual(code('IRIS5002'))
  })

  test('a refused spawn leaves nothing behind', () => {
    const { runtime } = world()
    expect(spawn({ mailbox: { capacity: 0 } })).toThrow()
    expect(runtime.getMetrics()).toMatchObject({ actors: 0, exited: 0 })
  })
})

describe('hostile messages and handlers', () => {
  const trap = {
    get(): never {
      throw new Error('trap')
    },
  }
  test.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['NaN', () => Number.NaN],
    ['a proxy that throws', () => new Proxy({}, trap)],
  ])('the message %s arrives as it is', async (_name, make) => {
    const { runtime, settle } = world()
    const message = make()
    const got: unknown[] = []
    const pid = runtime.spawn(each => void got.push(each))
    runtime.send(pid, message)
    await settle()
    expect(Object.is(got[0], message)).toBe(true)
  })

  test('a handler whose result throws on inspection is a crash, not an end of the process', async () => {
    const { runtime, settle } = world()
    const hostile = {
      get then(): never {
        throw new Error('getter')
      },
    }
    const pid = runtime.spawn(() => hostile)
    const end = runtime.join(pid)
    runtime.send(pid, 1)
    await settle()
    expect(await end).toMatchObject({ reason: 'Crash', metadata: { message: 'getter' } })
  })

  test('a handler that throws undefined crashes too', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(() => {
      throw undefined
    })
    const end = runtime.join(pid)
    runtime.send(pid, 1)
    await settle()
    expect(await end).toEqual({ reason: 'Crash', metadata: undefined })
  })

  test('a handler that kills itself, its parent and its children', async () => {
    const { runtime, settle } = world()
    const parent = runtime.spawn(ignore)
    const self: Pid = runtime.spawnChild(parent, () => {
      const child = runtime.spawnChild(self, ignore)
      runtime.kill(child)
      runtime.kill(parent)
      runtime.kill(self)
    })
    runtime.sendMany(self, [1, 2])
    await settle()
    expect(runtime.getMetrics().actors).toBe(0)
  })

  test('nothing is lost: sent = handled + queued + dead + dropped + blocked', async () => {
    const { runtime, settle } = world()
    const crash = runtime.spawn(() => {
      throw new Error('crash')
    })
    const bounded = runtime.spawnBounded(ignore, 10, 2)
    const blocked = runtime.spawn(ignore, { mailbox: { capacity: 1, overflow: 'block' } })
    runtime.suspend(bounded)
    runtime.suspend(blocked)
    runtime.sendMany(crash, [1, 2, 3])
    runtime.sendMany(bounded, [1, 2, 3, 4])
    runtime.sendMany(blocked, [1, 2])
    const call = runtime.call(runtime.spawn(ignore), 1)
    await settle()
    await call
    runtime.send(crash, 'late')
    const { sent, handled, queued, deadLetters, dropped, blocked: waiting } = runtime.getMetrics()
    expect({ sent, handled, queued, deadLetters, dropped, waiting }).toEqual({
      sent: 11,
      handled: 2,
      queued: 3,
      deadLetters: 3,
      dropped: 2,
      waiting: 1,
    })
  })
})

describe('a process with an idle runtime ends by itself', () => {
  const module = builtFile('runtime/actor/index.js').href
  const program = (body: string): { status: number | null; stdout: string } => {
    const source = `import { Runtime } from ${JSON.stringify(module)}; const runtime = new Runtime(); ${body}`
    return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', timeout: 20_000 })
  }

  test.each([
    [
      'with actors, names, monitors and links',
      `const a = runtime.spawn(() => 1, { name: 'a' }); const b = runtime.spawn(() => 2); runtime.link(a, b); runtime.monitor(a, b); console.log(await runtime.call(a, 1))`,
      '1',
    ],
    ['with pull actors that wait', `runtime.spawnWithMailbox(m => m.recv()); console.log('over')`, 'over'],
    [
      'with a supervisor',
      `runtime.supervise({ children: [{ id: 'a', start: () => runtime.spawn(() => 1) }] }); console.log('over')`,
      'over',
    ],
    ['after its timers', `const a = runtime.spawn(m => console.log(m)); runtime.sendAfter(a, 10, 'tick')`, 'tick'],
    [
      'with an actor on a thread',
      `const a = runtime.spawn(new URL(${JSON.stringify(new URL('./modules/echo.mjs', import.meta.url).href)})); console.log(await runtime.call(a, 'over'))`,
      'over',
    ],
    [
      'once the messages to a thread are handled',
      `const a = runtime.spawn(new URL(${JSON.stringify(new URL('./modules/printer.mjs', import.meta.url).href)})); runtime.send(a, 'printed')`,
      'printed',
    ],
  ])('%s', (_name, body, output) => {
    const { status, stdout } = program(body)
    expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: output })
  })

  test('await using leaves no handle, threads included', () => {
    const { status, stdout } = program(
      `const url = new URL(${JSON.stringify(new URL('./modules/echo.mjs', import.meta.url).href)});
       const other = new Runtime(); const a = other.spawn(url); await other.call(a, 1); other.spawn(url, { thread: true }); other.sendInterval(a, 1000, 1);
       await other[Symbol.asyncDispose]();
       const left = process.getActiveResourcesInfo().filter(name => !/TTY|Pipe|File|Immediate/.test(name));
       console.log(left.length)`,
    )
    expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: '0' })
  })

  test('a stack of runtimes does not leak listeners or timers', async () => {
    for (let i = 0; i < 50; i++) {
      await using runtime = new Runtime()
      runtime.sendInterval(runtime.spawn(ignore), 10, 1)
    }
    expect(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length).toBeLessThan(10)
  })
})
