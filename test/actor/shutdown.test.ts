import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { builtFile } from '../../base/files.ts'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('shutdown', () => {
  test('drains: what was sent is handled', async () => {
    const { runtime, settle } = world()
    const got: unknown[] = []
    const sink = runtime.spawn(async message => {
      await undefined
      got.push(message)
    })
    const relay = runtime.spawn(message => void runtime.send(sink, message))
    runtime.sendMany(relay, [1, 2, 3])
    const done = runtime.shutdown()
    await settle()
    await done
    expect(got).toEqual([1, 2, 3])
    expect(runtime.isAlive(sink)).toBe(false)
    expect(() => runtime.spawn(ignore)).toThrow(code('IRIS6015'))
  })

  test('kills at the deadline', async () => {
    const { runtime, settle, advance } = world()
    const stuck = runtime.spawn(() => gate().promise)
    runtime.send(stuck, 1)
    await settle()
    let over = false
    void runtime.shutdown({ deadlineMs: 100 }).then(() => (over = true))
    await advance(99)
    expect([over, runtime.isAlive(stuck)]).toEqual([false, true])
    await advance(1)
    expect([over, runtime.isAlive(stuck)]).toEqual([true, false])
  })

  test('without draining the mailboxes become dead letters', async () => {
    const { runtime, settle } = world()
    const pid = runtime.spawn(ignore)
    runtime.sendMany(pid, [1, 2])
    const done = runtime.shutdown({ drain: false })
    await settle()
    await done
    expect(runtime.deadLetters).toBe(2)
  })

  test('ends timers, pull actors that wait and observed actors', async () => {
    const { runtime, settle, host } = world()
    const log: string[] = []
    runtime.spawnWithMailbox(async mailbox => {
      for await (const _ of mailbox) log.push('message')
      log.push('end')
    })
    const observed = runtime.spawnObserved()
    runtime.sendInterval(observed, 10, 1)
    runtime.sendAfter('name', 10, 1)
    await settle()
    const done = runtime.shutdown()
    await settle()
    await done
    expect(log).toEqual(['end'])
    expect(host.alarms).toBe(0)
  })

  test('an idle runtime holds no handle, and await using leaves none', () => {
    // In a process of its own: the test runner has timers, too.
    const body = `
      import { Runtime } from ${JSON.stringify(builtFile('runtime/actor/index.js').href)}
      const held = async () => {
        await new Promise(resolve => setImmediate(resolve))
        return process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'Immediate').length
      }
      const counts = [await held()]
      const runtime = new Runtime()
      const pid = runtime.spawn(n => n + 1)
      await runtime.call(pid, 1)
      counts.push(await held())
      runtime.sendInterval(pid, 1000, 1)
      runtime.spawnVirtual(() => undefined, { idleTimeoutMs: 10_000 })
      counts.push(await held())
      await runtime[Symbol.asyncDispose]()
      counts.push(await held())
      console.log(counts.join(' '))`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', body], { encoding: 'utf8' })
    expect(stdout.trim()).toBe('0 0 1 0')
  })
})
