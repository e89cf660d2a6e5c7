import { expect, test } from 'vitest'
import { fairness } from '../../bench/actors/fairness.ts'
import type { Pid } from '../../runtime/actor/index.ts'
import { world } from './world.ts'

/** The promise is 5 ms on a quiet machine (bench/actors); a shared one gets room for its own pauses. */
test('a flooded actor delays neither a quiet one nor the I/O of the process', async () => {
  const { quietActor, tcpEcho, flooded } = await fairness({ senders: 1, messages: 3_000_000 })
  expect(flooded).toBe(3_000_000)
  expect(quietActor).toBeLessThan(50)
  expect(tcpEcho).toBeLessThan(50)
})

/** Sends a thousand messages to the sink for each one of its own, `rounds` times; returns the longest mailbox it saw. */
async function flood(rounds: number, bystanders: number): Promise<number> {
  const { runtime, settle } = world()
  const sink = runtime.spawn(() => undefined)
  let longest = 0
  let left = rounds
  const flooder: Pid = runtime.spawn(() => {
    longest = Math.max(longest, runtime.mailboxSize(sink)!)
    for (let i = 0; i < 1000; i++) runtime.send(sink, i)
    if (--left > 0) runtime.send(flooder, 0)
  })
  for (let i = 0; i < bystanders; i++) {
    const busy: Pid = runtime.spawn(() => void (left > 0 && runtime.send(busy, 0)))
    runtime.send(busy, 0)
  }
  runtime.send(flooder, 0)
  await settle()
  expect(runtime.getMetrics().handled).toBeGreaterThanOrEqual(rounds * 1001)
  return longest
}

test('who sends more than its budget misses turns, so that the receiver keeps up', async () => {
  expect(await flood(100, 0)).toBeLessThan(2000)
  expect(await flood(100, 5)).toBeLessThan(2000)
})

test('a debt is forgiven when nobody else wants the turn', async () => {
  const { runtime, host, settle } = world({ slice: { reductions: 1 } })
  let turns = 0
  const macrotask = host.macrotask.bind(host)
  host.macrotask = task => {
    turns++
    macrotask(task)
  }
  let left = 10
  const gone = runtime.spawn(() => undefined)
  runtime.kill(gone)
  const alone: Pid = runtime.spawn(() => {
    for (let i = 0; i < 1000; i++) runtime.send(gone, i)
    if (--left > 0) runtime.send(alone, 0)
  })
  runtime.send(alone, 0)
  await settle()
  expect(left).toBe(0)
  expect(turns).toBe(10)
})
