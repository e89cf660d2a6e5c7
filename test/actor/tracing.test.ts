import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { ignore, world } from './world.ts'

test('spawn, send, exit, restart and swap are told on diagnostics channels', async () => {
  const { runtime, settle } = world()
  const seen: [string, unknown][] = []
  const listen = (message: unknown, name: string | symbol): void => void seen.push([String(name), message])
  const channels = ['spawn', 'send', 'exit', 'restart', 'swap'].map(name => `iris.actor.${name}`)
  for (const channel of channels) subscribe(channel, listen)
  try {
    const supervisor = runtime.supervise({ children: [{ id: 'a', start: () => runtime.spawn(ignore) }] })
    const pid = runtime.supervisorChildren(supervisor)[0]!.pid!
    runtime.hotSwap(pid, ignore)
    runtime.send(pid, 'before the first run')
    await settle()
    runtime.send(pid, 'traced')
    runtime.kill(pid)
    await settle()
    const kinds = seen.map(([name]) => name.split('.')[2])
    expect(kinds).toEqual(['spawn', 'spawn', 'swap', 'send', 'exit', 'spawn', 'restart'])
    expect(seen[3]![1]).toEqual({ from: undefined, to: pid, message: 'traced' })
    expect(seen[4]![1]).toMatchObject({ pid, reason: 'Killed' })
    expect(seen[6]![1]).toMatchObject({ supervisor, old: pid })
  } finally {
    for (const channel of channels) unsubscribe(channel, listen)
  }
})

test('listActors, actorInfo, setActorHealth and getMetrics tell what is there', async () => {
  const { runtime, settle } = world()
  const parent = runtime.spawn(ignore, { name: 'parent', path: '/a/b' })
  const child = runtime.spawnChild(parent, ignore, { budget: 7, mailbox: { capacity: 3 } })
  const pull = runtime.spawnWithMailbox(async mailbox => mailbox.recv())
  runtime.link(parent, pull)
  runtime.monitor(child, parent)
  runtime.setActorHealth(child, 'warm')
  runtime.send(child, 1)
  expect(runtime.listActors().map(info => info.kind)).toEqual(['push', 'push', 'pull'])
  expect(runtime.actorInfo(parent)).toMatchObject({
    name: 'parent',
    paths: ['/a/b'],
    children: [child],
    links: [pull],
    monitors: 1,
    parent: null,
  })
  expect(runtime.actorInfo(child)).toMatchObject({
    parent,
    budget: 7,
    capacity: 3,
    mailboxSize: 1,
    health: 'warm',
    backpressure: 'NORMAL',
  })
  await settle()
  expect(runtime.getMetrics()).toMatchObject({ actors: 3, spawned: 3, sent: 1, handled: 1, queued: 0 })
  runtime.kill(parent)
  expect(runtime.actorInfo(parent)).toBeNull()
  expect(runtime.getMetrics()).toMatchObject({ actors: 0, exited: 3 })
})
