import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Pid, Runtime, type SystemMessage } from '../../runtime/actor/index.ts'
import { gate, ignore } from './world.ts'

const ECHO = new URL('./modules/echo.mjs', import.meta.url)
const BLOCKING = new URL('./modules/blocking.mjs', import.meta.url)

let runtime: Runtime
beforeEach(() => {
  runtime = new Runtime()
})
afterEach(() => runtime.shutdown({ drain: false }))

/** Collects messages, and waits for as many as a test wants. */
function inbox(wanted: number): { pid: Pid; got: unknown[]; all: Promise<void> } {
  const got: unknown[] = []
  const door = gate()
  const pid = runtime.spawn(message => {
    if (got.push(message) === wanted) door.open()
  })
  return { pid, got, all: door.promise }
}

describe('actors on other threads', () => {
  test('every kind of message crosses', async () => {
    const pid = runtime.spawn(ECHO)
    const values = [
      0,
      -0,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      false,
      null,
      undefined,
      '',
      'héllo €',
      'x'.repeat(100_000),
      new Uint8Array([1, 2, 3]),
      new Uint8Array(500_000),
      { a: [1, { b: 'c' }] },
      new Map([[1, 2]]),
      10n ** 30n,
      new Date(0),
      [],
    ]
    for (const value of values) expect(await runtime.call(pid, value)).toEqual(value)
  })

  test('messages keep their order, whatever their kind, also when the ring is full', async () => {
    const { pid, got, all } = inbox(30_000)
    const echo = runtime.spawn(ECHO)
    const messages = Array.from({ length: 30_000 }, (_, i) =>
      i % 7 === 0 ? { i } : i % 5 === 0 ? `s${i}` : i % 3 === 0 ? new Uint8Array(i % 300) : i,
    )
    runtime.send(echo, { sendTo: pid, messages })
    await all
    expect(got).toEqual(messages)
  })

  test('a pid in a message is used like any other', async () => {
    const echo = runtime.spawn(ECHO)
    const { pid, got, all } = inbox(2)
    runtime.send(echo, { sendTo: pid, messages: ['a', { nested: pid }] })
    await all
    expect(got).toEqual(['a', { nested: pid }])
    expect((got[1] as { nested: Pid }).nested).toBe(pid)
    expect(await runtime.call(echo, 'self')).toBe(echo)
    const other = runtime.spawn(ECHO)
    expect(await runtime.call(echo, { callTo: other, value: 'through' })).toBe('through')
  })

  test('a crash on the thread is one DOWN and one EXIT, with reason and metadata', async () => {
    const { pid, got, all } = inbox(2)
    runtime.trapExit(pid, true)
    const echo = runtime.spawn(ECHO)
    runtime.monitor(pid, echo)
    runtime.link(pid, echo)
    runtime.send(echo, 'crash')
    await all
    for (const message of got as SystemMessage[]) {
      expect(message).toMatchObject({
        reason: 'Crash',
        targetPid: echo,
        fromPid: echo,
        metadata: { message: 'crash on the thread' },
      })
    }
    expect(runtime.isAlive(echo)).toBe(false)
    expect(runtime.send(echo, 1)).toBe(false)
  })

  test('links and monitors cross from the thread to the main side', async () => {
    const echo = runtime.spawn(ECHO)
    const linked = runtime.spawn(ignore)
    await runtime.call(echo, { linkTo: linked })
    const gone = runtime.join(echo)
    runtime.exit(linked, 'Crash')
    expect(await gone).toMatchObject({ reason: 'Crash' })
  })

  test("a main actor's link takes the thread's actor along", async () => {
    const echo = runtime.spawn(ECHO)
    const main = runtime.spawn(ignore)
    runtime.link(main, echo)
    const gone = runtime.join(echo)
    runtime.exit(main, 'Crash')
    expect(await gone).toMatchObject({ reason: 'Crash' })
  })

  test("a thread's death is one DOWN per monitor, and fails the calls in flight", async () => {
    const { pid, got, all } = inbox(2)
    const echo = runtime.spawn(ECHO, { thread: true })
    runtime.monitor(pid, echo)
    runtime.monitor(pid, echo)
    await expect(runtime.call(echo, 'die')).rejects.toMatchObject({ code: 'IRIS6018' })
    await all
    expect(got).toMatchObject([{ reason: 'Disconnected' }, { reason: 'Disconnected' }])
    expect(runtime.isAlive(echo)).toBe(false)
  })

  test('the handler of a dedicated thread that loops for ever can be killed', async () => {
    const echo = runtime.spawn(ECHO, { thread: true })
    expect(await runtime.call(echo, 1)).toBe(1)
    runtime.send(echo, 'loop')
    runtime.kill(echo)
    expect(runtime.isAlive(echo)).toBe(false)
  })

  test('a parent takes its children on threads along', async () => {
    const parent = runtime.spawn(ignore)
    const child = runtime.spawnChild(parent, ECHO)
    await runtime.call(child, 1)
    const gone = runtime.join(child)
    runtime.stop(parent)
    expect(await gone).toMatchObject({ reason: 'Shutdown' })
  })

  test('stop asks; the thread answers with the exit', async () => {
    const echo = runtime.spawn(ECHO)
    const gone = runtime.join(echo)
    runtime.stop(echo, { reason: 'Normal' })
    expect(await gone).toMatchObject({ reason: 'Normal' })
  })

  test('a module without a handler is a crash that says so', async () => {
    const pid = runtime.spawn(new URL('./modules/no-handler.mjs', import.meta.url))
    const { reason, metadata } = await runtime.join(pid)
    expect(reason).toBe('Crash')
    expect(String(metadata)).toContain('IRIS6018')
  })

  test('a value that cannot be cloned is an error at the sender', () => {
    const pid = runtime.spawn(ECHO)
    expect(() => runtime.send(pid, ignore)).toThrow(expect.objectContaining({ code: 'IRIS6017' }))
  })

  test('a shared buffer crosses without a copy', async () => {
    const pid = runtime.spawn(ECHO)
    const { id, bytes } = runtime.allocateBuffer(16)
    bytes[3] = 7
    const { pid: sink, got, all } = inbox(1)
    runtime.send(pid, { sendTo: sink, messages: [bytes] })
    await all
    bytes[4] = 9
    expect((got[0] as Uint8Array)[4]).toBe(9)
    expect(runtime.sendBuffer(sink, id)).toBe(true)
    expect(() => runtime.sendBuffer(sink, id)).toThrow(expect.objectContaining({ code: 'IRIS5002' }))
  })
})

describe('pull actors on a thread of their own', () => {
  test('recvSync truly blocks, answers calls, and gives null after its timeout', async () => {
    const pid = runtime.spawnWithMailbox({ thread: BLOCKING })
    for (let i = 1; i <= 1000; i++) runtime.send(pid, i)
    expect(await runtime.call(pid, 'sum')).toBe(500_500)
    expect(await runtime.call(pid, 'brief')).toBeNull()
    const gone = runtime.join(pid)
    runtime.send(pid, 'end')
    expect(await gone).toMatchObject({ reason: 'Normal' })
  })

  test('a stop reaches a thread that blocks', async () => {
    const pid = runtime.spawnWithMailbox({ thread: BLOCKING })
    expect(await runtime.call(pid, 'sum')).toBe(0)
    const gone = runtime.join(pid)
    runtime.stop(pid, { reason: 'Shutdown' })
    expect(await gone).toMatchObject({ reason: 'Shutdown' })
  })

  test('threads beyond the limit are refused', () => {
    runtime.setReleaseGilLimits(1, 1)
    runtime.spawnWithMailbox({ thread: BLOCKING })
    expect(() => runtime.spawnWithMailbox({ thread: BLOCKING })).toThrow(expect.objectContaining({ code: 'IRIS6014' }))
    runtime.setReleaseGilStrict(true)
    expect(() => runtime.spawn(ECHO, { thread: true })).toThrow(expect.objectContaining({ code: 'IRIS6014' }))
    runtime.setReleaseGilStrict(false)
    expect(runtime.isAlive(runtime.spawn(ECHO, { thread: true }))).toBe(true)
  })
})
