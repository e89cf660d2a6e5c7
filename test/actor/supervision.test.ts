import { describe, expect, test } from 'vitest'
import type { ChildSpec, Pid, Runtime, SupervisorSpec } from '../../runtime/actor/index.ts'
import { gate, ignore, world } from './world.ts'

const code = (name: string) => expect.objectContaining({ code: name })

function crashing(runtime: Runtime, log: string[], id: string): ChildSpec {
  return {
    id,
    start: () => {
      log.push(`start ${id}`)
      const pid = runtime.spawn((message, context) => {
        if (message === 'crash') throw new Error(id)
        if (message === 'normal') context.stop()
      })
      void runtime.join(pid).then(({ reason }) => log.push(`${id} ${reason}`))
      return pid
    },
  }
}

function supervised(
  strategy: SupervisorSpec['strategy'],
  options: Partial<SupervisorSpec> = {},
  change: (spec: ChildSpec) => ChildSpec = spec => spec,
) {
  const made = world()
  const { runtime, settle } = made
  const log: string[] = []
  const children = ['a', 'b', 'c'].map(id => change(crashing(runtime, log, id)))
  const pid = runtime.supervise({ strategy: strategy!, children, ...options })
  const pids = (): (Pid | null)[] => runtime.supervisorChildren(pid).map(child => child.pid)
  const tell = async (index: number, message: string): Promise<void> => {
    runtime.send(pids()[index]!, message)
    await settle()
  }
  return { ...made, pid, pids, log, tell }
}

describe('supervisors', () => {
  test.each([
    ['one_for_one', [false, true, false]],
    ['one_for_all', [true, true, true]],
    ['rest_for_one', [false, true, true]],
  ] as const)('%s restarts those it should', async (strategy, restarted) => {
    const { pids, tell, runtime } = supervised(strategy)
    const before = pids()
    await tell(1, 'crash')
    expect(pids().map((pid, i) => pid !== before[i])).toEqual(restarted)
    expect(pids().every(pid => runtime.isAlive(pid!))).toBe(true)
  })

  test('children stop in reverse order, and start in order', async () => {
    const { runtime, pid, log, tell, settle } = supervised('one_for_all')
    await tell(0, 'crash')
    const starts = log.filter(line => line.startsWith('start'))
    expect(starts).toEqual(['start a', 'start b', 'start c', 'start a', 'start b', 'start c'])
    expect(log.filter(line => !line.startsWith('start'))).toEqual(['a Crash', 'c Shutdown', 'b Shutdown'])
    log.length = 0
    runtime.stop(pid, { reason: 'Shutdown' })
    await settle()
    expect(log).toEqual(['c Shutdown', 'b Shutdown', 'a Shutdown'])
  })

  test('the order of stopping is that of the specs, also after a restart', async () => {
    const { runtime, pid, log, tell, settle } = supervised('one_for_one')
    await tell(0, 'crash')
    log.length = 0
    runtime.stop(pid)
    await settle()
    expect(log).toEqual(['c Shutdown', 'b Shutdown', 'a Shutdown'])
  })

  test.each([
    ['permanent', 'normal', true],
    ['permanent', 'crash', true],
    ['transient', 'normal', false],
    ['transient', 'crash', true],
    ['temporary', 'normal', false],
    ['temporary', 'crash', false],
  ] as const)('%s after %s: restarted %s', async (restart, message, restarted) => {
    const { pids, tell } = supervised('one_for_one', {}, spec => ({ ...spec, restart }))
    const before = pids()[1]
    await tell(1, message)
    const after = pids()
    if (restarted) expect(after[1] !== before && after[1] !== null).toBe(true)
    else expect(restart === 'temporary' ? after.length : after[1]).toBe(restart === 'temporary' ? 2 : null)
  })

  test('more than `intensity` restarts (default 1) within `period` (5 s) end the supervisor with Shutdown', async () => {
    const { runtime, pid, pids, tell, advance } = supervised('one_for_one')
    const end = runtime.join(pid)
    await tell(0, 'crash')
    await advance(5001)
    await tell(0, 'crash')
    expect(runtime.isAlive(pid)).toBe(true)
    const last = pids()
    await advance(4999)
    await tell(0, 'crash')
    expect(await end).toMatchObject({ reason: 'Shutdown' })
    expect(last.slice(1).some(child => runtime.isAlive(child!))).toBe(false)
  })

  test('intensity 3 bears three', async () => {
    const { runtime, pid, tell } = supervised('one_for_one', { intensity: 3 })
    for (let i = 0; i < 3; i++) await tell(i, 'crash')
    expect(runtime.isAlive(pid)).toBe(true)
    await tell(0, 'crash')
    expect(runtime.isAlive(pid)).toBe(false)
  })

  test('a restart gives a new pid, an empty mailbox and the name bound again', async () => {
    const { runtime, settle } = world()
    const start = (): Pid =>
      runtime.spawn(() => {
        throw new Error('crash')
      })
    const supervisor = runtime.supervise({ children: [{ id: 'svc', start }] })
    const first = runtime.supervisorChildren(supervisor)[0]!.pid!
    runtime.register('svc', first)
    runtime.registerPath('/svc/one', first)
    runtime.sendMany(first, [1, 2, 3])
    await settle()
    const second = runtime.supervisorChildren(supervisor)[0]!.pid!
    expect(second).not.toBe(first)
    expect(runtime.mailboxSize(second)).toBe(0)
    expect(runtime.whereis('svc')).toBe(second)
    expect(runtime.whereisPath('/svc/one')).toBe(second)
    expect(runtime.deadLetters).toBe(2)
  })

  test('a factory that throws counts as a restart', async () => {
    const { runtime, settle } = world()
    let starts = 0
    const start = (): Pid => {
      if (++starts === 2) throw new Error('second start')
      return runtime.spawn(() => {
        throw new Error('crash')
      })
    }
    const supervisor = runtime.supervise({ intensity: 2, children: [{ id: 'svc', start }] })
    const tell = async (): Promise<void> => {
      runtime.send(runtime.supervisorChildren(supervisor)[0]!.pid!, 'go')
      await settle()
    }
    await tell()
    expect(starts).toBe(3)
    expect(runtime.isAlive(supervisor)).toBe(true)
    await tell()
    expect(runtime.isAlive(supervisor)).toBe(false)
  })

  test('a child that does not start at first fails supervise and stops those before it', () => {
    const { runtime } = world()
    const first = runtime.spawn(ignore)
    const children = [
      { id: 'a', start: () => first },
      {
        id: 'b',
        start: (): Pid => {
          throw new Error('no')
        },
      },
    ]
    expect(() => runtime.supervise({ children })).toThrow(code('IRIS6020'))
    expect(runtime.isAlive(first)).toBe(false)
    expect(() => runtime.supervise({ children: [{ id: 'x', start: () => first }] })).toThrow(code('IRIS6020'))
    expect(() => runtime.supervise({ children: [children[0]!, children[0]!] })).toThrow(code('IRIS5002'))
  })

  test('a child that takes its time is killed after its shutdownMs, then the rest follows', async () => {
    const { runtime, settle, advance } = world()
    const log: string[] = []
    const start = (id: string) => (): Pid => {
      const pid = runtime.spawn(() => gate().promise)
      void runtime.join(pid).then(({ reason }) => log.push(`${id} ${reason}`))
      return pid
    }
    const supervisor = runtime.supervise({
      children: [
        { id: 'a', start: start('a') },
        { id: 'b', start: start('b'), shutdownMs: 100 },
      ],
    })
    runtime.send(runtime.supervisorChildren(supervisor)[1]!.pid!, 'work')
    await settle()
    runtime.stop(supervisor, { reason: 'Shutdown' })
    await advance(99)
    expect(log).toEqual([])
    await advance(1)
    expect(log).toEqual(['b Killed', 'a Shutdown'])
  })

  test('restart waits for siblings that take their time (one_for_all)', async () => {
    const { runtime, settle } = world()
    const door = gate()
    let starts = 0
    const crash = (): Pid => {
      starts++
      return runtime.spawn(() => {
        throw new Error('crash')
      })
    }
    const slow = (): Pid => {
      starts++
      return runtime.spawn(() => door.promise)
    }
    const supervisor = runtime.supervise({
      strategy: 'one_for_all',
      children: [
        { id: 'a', start: crash },
        { id: 'b', start: slow },
      ],
    })
    const [a, b] = runtime.supervisorChildren(supervisor).map(child => child.pid!)
    runtime.send(b!, 'work')
    await settle()
    runtime.send(a!, 'go')
    await settle()
    expect(starts).toBe(2)
    door.open()
    await settle()
    expect(starts).toBe(4)
  })

  test('versions survive a crash-restart: a supervised replacement runs the swapped code', async () => {
    const { runtime, settle } = world()
    const log: string[] = []
    const handler = (name: string) => (message: unknown) => {
      if (message === 'crash') throw new Error('crash')
      log.push(name)
    }
    const supervisor = runtime.supervise({ children: [{ id: 'svc', start: () => runtime.spawn(handler('A')) }] })
    const child = (): Pid => runtime.supervisorChildren(supervisor)[0]!.pid!
    runtime.hotSwap(child(), handler('B'))
    runtime.send(child(), 'crash')
    await settle()
    expect(runtime.behaviorVersion(child())).toBe(2)
    runtime.send(child(), 'hello')
    runtime.rollbackBehavior(child())
    runtime.send(child(), 'hello')
    await settle()
    expect(log).toEqual(['B', 'A'])
  })

  test('supervisors supervise supervisors', async () => {
    const { runtime, settle } = world()
    const leaf = (): Pid =>
      runtime.spawn(() => {
        throw new Error('leaf')
      })
    const inner = (): Pid => runtime.supervise({ intensity: 0, children: [{ id: 'leaf', start: leaf }] })
    const outer = runtime.supervise({ children: [{ id: 'inner', start: inner }] })
    const innerPid = (): Pid => runtime.supervisorChildren(outer)[0]!.pid!
    const first = innerPid()
    runtime.send(runtime.supervisorChildren(first)[0]!.pid!, 'crash')
    await settle()
    expect(runtime.isAlive(first)).toBe(false)
    expect(runtime.isAlive(innerPid())).toBe(true)
    expect(runtime.getMetrics().restarts).toBe(1)
  })
})

describe('path supervisors', () => {
  const crash = (): never => {
    throw new Error('crash')
  }

  test("the seeds' example", () => {
    const { runtime } = world()
    const pid = runtime.spawnObserved({ budget: 10, path: '/svc/test/one' })
    runtime.createPathSupervisor('/svc/test')
    runtime.pathSupervisorWatch('/svc/test', pid)
    expect(runtime.pathSupervisorChildren('/svc/test')).toEqual([pid])
    expect([runtime.childPids(), runtime.childrenCount()]).toEqual([[pid], 1])
    expect(runtime.removePathSupervisor('/svc/test')).toBe(true)
    expect(runtime.isAlive(pid)).toBe(true)
    expect(() => runtime.pathSupervisorChildren('/svc/test')).toThrow(code('IRIS6016'))
  })

  test('the nearest supervisor wins, by whole segments', () => {
    const { runtime } = world()
    const pid = runtime.spawn(ignore)
    runtime.createPathSupervisor('/svc')
    runtime.createPathSupervisor('/svc/a')
    runtime.pathSupervisorWatch('/svc/a/x', pid)
    expect(runtime.pathSupervisorChildren('/svc/a')).toEqual([pid])
    expect(runtime.pathSupervisorChildren('/svc')).toEqual([])
    runtime.pathSupervisorWatch('/svc/ab', runtime.spawn(ignore))
    expect(runtime.pathSupervisorChildren('/svc')).toHaveLength(1)
    expect(() => runtime.createPathSupervisor('/svc')).toThrow(code('IRIS6023'))
    expect(() => runtime.pathSupervisorWatch('/other', pid)).toThrow(code('IRIS6016'))
  })

  test('restartone replaces the actor that crashed, with name and path', async () => {
    const { runtime, settle } = world()
    const make = (): Pid => runtime.spawn(crash)
    runtime.createPathSupervisor('/svc')
    const first = runtime.spawn(crash, { name: 'svc', path: '/svc/one' })
    const other = runtime.spawn(ignore)
    runtime.pathSuperviseWithFactory('/svc', first, make, 'restartone')
    runtime.pathSuperviseWithFactory('/svc', other, make, 'restartone')
    runtime.send(first, 'go')
    await settle()
    const second = runtime.whereis('svc')!
    expect(second).not.toBe(first)
    expect(runtime.whereisPath('/svc/one')).toBe(second)
    expect(runtime.isAlive(other)).toBe(true)
    expect(runtime.pathSupervisorChildren('/svc')).toEqual([other, second])
    runtime.send(second, 'again')
    await settle()
    expect(runtime.whereis('svc')).not.toBeNull()
  })

  test('restartall replaces every child that has a factory', async () => {
    const { runtime, settle } = world()
    runtime.createPathSupervisor('/svc')
    const make = (): Pid => runtime.spawn(crash)
    const pids = [make(), make(), make()]
    for (const pid of pids) runtime.pathSuperviseWithFactory('/svc', pid, make, 'restartall')
    const watched = runtime.spawn(ignore)
    runtime.pathSupervisorWatch('/svc', watched)
    runtime.send(pids[1]!, 'go')
    await settle()
    expect(pids.some(pid => runtime.isAlive(pid))).toBe(false)
    expect(runtime.pathSupervisorChildren('/svc')).toHaveLength(4)
    expect(runtime.isAlive(watched)).toBe(true)
  })

  test('a factory that fails is tried three times, 100 and 200 ms apart', async () => {
    const { runtime, settle, advance, host } = world()
    runtime.createPathSupervisor('/svc')
    const failures: unknown[] = []
    runtime.on('restartFailed', failure => failures.push(failure))
    const attempts: number[] = []
    const factory = async (): Promise<Pid> => {
      attempts.push(host.time)
      throw new Error('down')
    }
    const pid = runtime.spawn(crash)
    runtime.pathSuperviseWithFactory('/svc', pid, factory, 'restartone')
    runtime.send(pid, 'go')
    await settle()
    await advance(1000)
    expect(attempts).toEqual([0, 100, 300])
    expect(failures).toEqual([{ path: '/svc', pid, error: expect.objectContaining({ message: 'down' }) }])
  })

  test('removing a supervisor leaves its children running unsupervised', async () => {
    const { runtime, settle } = world()
    runtime.createPathSupervisor('/svc')
    let made = 0
    const pid = runtime.spawn(crash)
    runtime.pathSuperviseWithFactory(
      '/svc',
      pid,
      () => {
        made++
        return runtime.spawn(crash)
      },
      'restartone',
    )
    runtime.removePathSupervisor('/svc')
    expect(runtime.isAlive(pid)).toBe(true)
    runtime.send(pid, 'go')
    await settle()
    expect(made).toBe(0)
    expect(runtime.isAlive(pid)).toBe(false)
  })

  test('a normal exit is no reason to restart', async () => {
    const { runtime, settle } = world()
    runtime.createPathSupervisor('/svc')
    let made = 0
    const pid = runtime.spawn((_, context) => context.stop())
    runtime.pathSuperviseWithFactory('/svc', pid, () => {
      made++
      return runtime.spawn(ignore)
    })
    runtime.send(pid, 'go')
    await settle()
    expect(made).toBe(0)
  })

  test('watchPath enters the direct children once', () => {
    const { runtime } = world()
    const one = runtime.spawn(ignore, { path: '/system/service/one' })
    runtime.spawn(ignore, { path: '/system/service/one/deep' })
    runtime.watchPath('/system/service')
    expect(runtime.childPids()).toEqual([one])
    runtime.kill(one)
    expect(runtime.childrenCount()).toBe(0)
  })
})
