import { describe, expect, test } from 'vitest'
import { isSystemMessage, type Pid, type Runtime, type SystemMessage } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

function recorder(runtime: Runtime, traps = true): { pid: Pid; got: SystemMessage[] } {
  const got: SystemMessage[] = []
  const pid = runtime.spawn((message: SystemMessage) => void got.push(message))
  runtime.trapExit(pid, traps)
  return { pid, got }
}

const crash = (): never => {
  throw new Error('boom')
}

describe('links', () => {
  test('an abnormal exit takes the linked actor along; symmetric', async () => {
    const { runtime, settle } = world()
    for (const first of [0, 1]) {
      const pids = [runtime.spawn(crash), runtime.spawn(crash)]
      runtime.link(pids[0]!, pids[1]!)
      runtime.send(pids[first]!, 1)
      await settle()
      expect(pids.map(pid => runtime.isAlive(pid))).toEqual([false, false])
    }
  })

  test('Normal is ignored unless exits are trapped', async () => {
    const { runtime, settle } = world()
    const plain = runtime.spawn(ignore)
    const trapping = recorder(runtime)
    const ends = runtime.spawn((_, context) => context.stop())
    runtime.link(plain, ends)
    runtime.link(trapping.pid, ends)
    runtime.send(ends, 1)
    await settle()
    expect(runtime.isAlive(plain)).toBe(true)
    expect(trapping.got).toMatchObject([{ typeName: 'EXIT', reason: 'Normal', targetPid: ends, fromPid: ends }])
  })

  test('one per pair: two links make one EXIT', async () => {
    const { runtime, settle } = world()
    const trapping = recorder(runtime)
    const other = runtime.spawn(crash)
    runtime.link(trapping.pid, other)
    runtime.link(other, trapping.pid)
    runtime.send(other, 1)
    await settle()
    expect(trapping.got).toHaveLength(1)
  })

  test('the structured EXIT message: from, target, reason, metadata', async () => {
    const { runtime, settle } = world()
    const trapping = recorder(runtime)
    const middle = runtime.spawn(ignore)
    const cause = runtime.spawn(crash)
    runtime.link(middle, cause)
    runtime.link(trapping.pid, middle)
    runtime.send(cause, 1)
    await settle()
    expect(trapping.got).toHaveLength(1)
    expect(isSystemMessage(trapping.got[0])).toBe(true)
    expect(trapping.got[0]).toMatchObject({
      typeName: 'EXIT',
      fromPid: cause,
      targetPid: middle,
      reason: 'Crash',
      metadata: { message: 'boom' },
    })
  })

  test('kill cannot be trapped and arrives at others as Killed', async () => {
    const { runtime, settle } = world()
    const victim = recorder(runtime)
    const witness = recorder(runtime)
    runtime.link(victim.pid, witness.pid)
    runtime.kill(victim.pid)
    await settle()
    expect(runtime.isAlive(victim.pid)).toBe(false)
    expect(victim.got).toEqual([])
    expect(witness.got).toMatchObject([{ reason: 'Killed', targetPid: victim.pid }])
  })

  test('an exit signal can be trapped, also one called Killed', async () => {
    const { runtime, settle } = world()
    const trapping = recorder(runtime)
    runtime.exit(trapping.pid, 'Killed')
    runtime.exit(trapping.pid, 'Normal')
    await settle()
    expect(trapping.got.map(each => each.reason)).toEqual(['Killed', 'Normal'])
    runtime.trapExit(trapping.pid, false)
    runtime.exit(trapping.pid, 'Normal')
    expect(runtime.isAlive(trapping.pid)).toBe(true)
    runtime.exit(trapping.pid, 'Shutdown')
    expect(runtime.isAlive(trapping.pid)).toBe(false)
  })

  test('link to a dead pid: EXIT NoProc', async () => {
    const { runtime, settle } = world()
    const dead = runtime.spawn(ignore)
    runtime.kill(dead)
    const trapping = recorder(runtime)
    runtime.link(trapping.pid, dead)
    const plain = runtime.spawn(ignore)
    runtime.link(plain, dead)
    await settle()
    expect(trapping.got).toMatchObject([{ typeName: 'EXIT', reason: 'NoProc', targetPid: dead }])
    expect(runtime.isAlive(plain)).toBe(false)
  })

  test('unlink stops the signal', () => {
    const { runtime } = world()
    const [a, b] = [runtime.spawn(ignore), runtime.spawn(ignore)]
    runtime.link(a, b)
    runtime.unlink(b, a)
    runtime.exit(a, 'Crash')
    expect(runtime.isAlive(b)).toBe(true)
  })

  test('cycles end', () => {
    const { runtime } = world()
    const pids = Array.from({ length: 10 }, () => runtime.spawn(ignore))
    for (let i = 0; i < 10; i++) runtime.link(pids[i]!, pids[(i + 1) % 10]!)
    runtime.exit(pids[0]!, 'Crash')
    expect(pids.some(pid => runtime.isAlive(pid))).toBe(false)
  })

  test.each(['star', 'chain'])('a storm of 100,000 linked actors in a %s does not overflow the stack', shape => {
    const { runtime } = world()
    const pids = Array.from({ length: 100_000 }, () => runtime.spawn(ignore))
    for (let i = 1; i < pids.length; i++) runtime.link(pids[shape === 'star' ? 0 : i - 1]!, pids[i]!)
    runtime.exit(pids[0]!, 'Crash')
    expect(pids.some(pid => runtime.isAlive(pid))).toBe(false)
  })
})

describe('monitors', () => {
  test('exactly one DOWN each', async () => {
    const { runtime, settle } = world()
    const { pid, got } = recorder(runtime)
    const target = runtime.spawn(crash)
    const references = [runtime.monitor(pid, target), runtime.monitor(pid, target)]
    runtime.send(target, 1)
    await settle()
    runtime.kill(target)
    await settle()
    expect(got.map(each => each.typeName)).toEqual(['DOWN', 'DOWN'])
    expect(got.map(each => each.reference)).toEqual(references)
    expect(got[0]).toMatchObject({ targetPid: target, fromPid: target, reason: 'Crash' })
  })

  test('names are free before DOWN is seen', async () => {
    const { runtime, settle } = world()
    const target = runtime.spawn(ignore, { name: 'svc', path: '/svc/one' })
    const seen: unknown[] = []
    const watcher = runtime.spawn(() => void seen.push(runtime.whereis('svc'), runtime.whereisPath('/svc/one')))
    runtime.monitor(watcher, target)
    runtime.kill(target)
    await settle()
    expect(seen).toEqual([null, null])
  })

  test('a dead pid: NoProc at once', async () => {
    const { runtime, settle } = world()
    const { pid, got } = recorder(runtime)
    const dead = runtime.spawn(ignore)
    runtime.kill(dead)
    runtime.monitor(pid, dead)
    await settle()
    expect(got).toMatchObject([{ typeName: 'DOWN', reason: 'NoProc', targetPid: dead }])
  })

  test('demonitor tells whether it was in time', async () => {
    const { runtime, settle } = world()
    const { pid, got } = recorder(runtime)
    const target = runtime.spawn(ignore)
    const given = runtime.monitor(pid, target)
    expect(runtime.demonitor(given)).toBe(true)
    expect(runtime.demonitor(given)).toBe(false)
    const kept = runtime.monitor(pid, target)
    runtime.kill(target)
    expect(runtime.demonitor(kept)).toBe(false)
    await settle()
    expect(got).toHaveLength(1)
  })

  test('a monitor does not outlive its watcher', () => {
    const { runtime } = world()
    const target = runtime.spawn(ignore)
    const { pid } = recorder(runtime)
    runtime.monitor(pid, target)
    runtime.kill(pid)
    runtime.kill(target)
    expect(runtime.isAlive(target)).toBe(false)
  })
})

describe('parent and child: ownership, not a link', () => {
  test.each([
    'Normal',
    'Crash',
    'Killed',
  ] as const)('exit %s of the parent stops the whole subtree, leaves first', async reason => {
    const { runtime, settle } = world()
    const root = runtime.spawn(ignore)
    const child = runtime.spawnChild(root, ignore)
    const leaf = runtime.spawnChild(child, ignore)
    const order: string[] = []
    const ends = Object.entries({ root, child, leaf }).map(([name, pid]) =>
      runtime.join(pid).then(({ reason }) => order.push(`${name} ${reason}`)),
    )
    runtime.stop(root, { reason })
    expect([root, child, leaf].some(pid => runtime.isAlive(pid))).toBe(false)
    await settle()
    await Promise.all(ends)
    expect(order).toEqual(['leaf Shutdown', 'child Shutdown', `root ${reason}`])
  })

  test('the exit of a child does not reach the parent', async () => {
    const { runtime, settle } = world()
    const parent = runtime.spawn(ignore)
    const child = runtime.spawnChild(parent, crash)
    runtime.send(child, 1)
    await settle()
    expect(runtime.isAlive(child)).toBe(false)
    expect(runtime.isAlive(parent)).toBe(true)
  })

  test('shutdown timeout, then kill', async () => {
    const { runtime, settle, advance } = world()
    const parent = runtime.spawn(ignore)
    const child = runtime.spawnChild(parent, () => gate().promise, { shutdownMs: 300 })
    runtime.send(child, 1)
    await settle()
    let ended: string | undefined
    void runtime.join(child).then(({ reason }) => (ended = reason))
    const parentEnd = runtime.join(parent)
    runtime.stop(parent)
    await advance(299)
    expect(ended).toBeUndefined()
    await advance(1)
    expect(ended).toBe('Killed')
    expect((await parentEnd).reason).toBe('Killed')
  })

  test('a busy child finishes its message before the parent is gone', async () => {
    const { runtime, settle } = world()
    const door = gate()
    const log: string[] = []
    const parent = runtime.spawn(ignore)
    const child = runtime.spawnChild(parent, async () => {
      await door.promise
      log.push('done')
    })
    runtime.send(child, 1)
    await settle()
    void runtime.join(parent).then(() => log.push('parent'))
    runtime.stop(parent)
    await settle()
    expect(log).toEqual([])
    door.open()
    await settle()
    expect(log).toEqual(['done', 'parent'])
  })

  test('a dead parent gets no children', () => {
    const { runtime } = world()
    const parent = runtime.spawn(ignore)
    runtime.kill(parent)
    expect(() => runtime.spawnChild(parent, ignore)).toThrow(expect.objectContaining({ code: 'IRIS6002' }))
  })

  test('a chain of 100,000 owners ends without a deep stack', () => {
    const { runtime } = world()
    const root = runtime.spawn(ignore)
    let last = root
    for (let i = 0; i < 100_000; i++) last = runtime.spawnChild(last, ignore)
    runtime.stop(root)
    expect(runtime.isAlive(last)).toBe(false)
  })

  test('recursive stops end', () => {
    const { runtime } = world()
    const root = runtime.spawn(ignore)
    const child = runtime.spawnChild(root, ignore)
    runtime.link(root, child)
    runtime.on('deadLetter', () => {
      runtime.stop(root)
      runtime.stop(child)
    })
    runtime.send(child, 1)
    runtime.send(root, 1)
    runtime.stop(root)
    expect(runtime.isAlive(child) || runtime.isAlive(root)).toBe(false)
  })

  test('a pool of children goes with its parent', () => {
    const { runtime } = world()
    const parent = runtime.spawn(ignore)
    const pool = runtime.spawnChildPool(parent, ignore, 4)
    expect(pool).toHaveLength(4)
    runtime.stop(parent)
    expect(pool.some(pid => runtime.isAlive(pid))).toBe(false)
  })
})
