import { type Pid, Runtime } from '../../runtime/actor/index.ts'
import { ACTORS, heapAfterCollection, rate, timed, type Workloads } from './case.ts'
import { type Flood, fairness } from './fairness.ts'

const MESSAGES = 4_000_000
const ROUNDS = 20
/** As many as the receiver takes in one turn: the mailbox stays short. */
const BATCH = 100
const FLOOD: Flood = { messages: 10_000_000, senders: 1 }
const BACKLOG: Flood = { messages: 10_000_000, senders: 10 }
const FLOOD_MS = 5000
const nothing = (): undefined => undefined

/**
 * An actor that sends batches of `batch` with `send`, until `count` are sent; it takes turns with the receivers, and
 * with that budget a turn is one batch.
 */
function produce(runtime: Runtime, count: number, batch: number, send: (i: number) => void): void {
  let sent = 0
  const handler = (): void => {
    for (let i = 0; i < batch; i++) send(i)
    sent += batch
    if (sent < count) runtime.send(producer, 0)
  }
  const producer: Pid = runtime.spawn(handler, { budget: batch })
  runtime.send(producer, 0)
}

function sink(): Promise<void> {
  const runtime = new Runtime()
  return new Promise(done => {
    let left = MESSAGES
    const pid = runtime.spawn(() => {
      if (--left === 0) done()
    })
    produce(runtime, MESSAGES, BATCH, i => runtime.send(pid, i))
  })
}

async function roundRobin(): Promise<number> {
  const runtime = new Runtime()
  let left = ACTORS * ROUNDS
  let done!: () => void
  const over = new Promise<void>(resolve => {
    done = resolve
  })
  const pids = Array.from({ length: ACTORS }, () =>
    runtime.spawn(() => {
      if (--left === 0) done()
    }),
  )
  const ms = await timed(() => {
    produce(runtime, ACTORS * ROUNDS, ACTORS, i => runtime.send(pids[i]!, i))
    return over
  })
  return rate(ACTORS * ROUNDS, ms)
}

function pingPong(trips: number): Promise<void> {
  const runtime = new Runtime()
  return new Promise(done => {
    let left = trips
    const ping: Pid = runtime.spawn(() => void runtime.send(pong, 1))
    const pong: Pid = runtime.spawn(() => {
      if (--left === 0) done()
      else runtime.send(ping, 1)
    })
    runtime.send(ping, 1)
  })
}

async function call(rounds: number, inFlight: number): Promise<void> {
  const runtime = new Runtime()
  const pid = runtime.spawn((n: number) => n + 1)
  const calls: Promise<unknown>[] = new Array(inFlight)
  for (let i = 0; i < rounds; i++) {
    for (let k = 0; k < inFlight; k++) calls[k] = runtime.call(pid, k)
    await Promise.all(calls)
  }
}

function spawn(count: number): Runtime {
  const runtime = new Runtime()
  for (let i = 0; i < count; i++) runtime.spawn(nothing)
  return runtime
}

function recv(count: number): Promise<void> {
  const runtime = new Runtime()
  return new Promise(done => {
    const pid = runtime.spawnWithMailbox(async mailbox => {
      for (let i = 0; i < count; i++) await mailbox.recv()
      done()
    })
    produce(runtime, count, BATCH, i => runtime.send(pid, i))
  })
}

/** A swap meets a queued message each time, so it goes through the mailbox. */
function hotSwap(count: number): Promise<void> {
  const runtime = new Runtime()
  return new Promise(done => {
    let left = count
    const behaviours = [0, 1].map(() => () => {
      if (--left === 0) done()
    })
    const pid = runtime.spawn(behaviours[0]!)
    produce(runtime, count, BATCH / 2, i => {
      runtime.send(pid, i)
      runtime.hotSwap(pid, behaviours[i & 1]!)
    })
  })
}

async function threads(count: number): Promise<number> {
  await using runtime = new Runtime()
  const pid = runtime.spawn(new URL('./thread-sink.js', import.meta.url))
  await runtime.call(pid, 'count')
  const ms = await timed(async () => {
    for (let sent = 0; sent < count; sent += 1000) {
      for (let i = 0; i < 1000; i++) runtime.send(pid, i)
      await new Promise(setImmediate)
    }
    await runtime.call(pid, 'count', { timeoutMs: 60_000 })
  })
  return rate(count, ms)
}

function death(): Promise<number> {
  const runtime = new Runtime()
  const center = runtime.spawn(nothing)
  for (let i = 0; i < ACTORS; i++) runtime.link(center, runtime.spawn(nothing))
  return timed(() => void runtime.exit(center, 'Crash'))
}

function idle(): number {
  const before = heapAfterCollection()
  const runtime = spawn(1_000_000)
  const bytes = (heapAfterCollection() - before) / 1_000_000
  return runtime.getMetrics().actors === 1_000_000 ? bytes : Number.NaN
}

function million(): number {
  const runtime = spawn(1_000_000)
  heapAfterCollection()
  return runtime.getMetrics().actors === 1_000_000 ? process.memoryUsage().rss / 1e6 : Number.NaN
}

export const iris: Workloads = {
  sink: async () => rate(MESSAGES, await timed(sink)),
  roundRobin,
  pingPong: async () => rate(1_000_000, await timed(() => pingPong(1_000_000))),
  call: async () => rate(400_000, await timed(() => call(4000, 100))),
  spawn: async () => rate(1_000_000, await timed(() => void spawn(1_000_000))),
  recv: async () => rate(1_000_000, await timed(() => recv(1_000_000))),
  hotSwap: async () => rate(1_000_000, await timed(() => hotSwap(1_000_000))),
  threads: () => threads(4_000_000),
  death,
  fairPing: async () => (await fairness(FLOOD, FLOOD_MS)).quietActor,
  fairEcho: async () => (await fairness(FLOOD, FLOOD_MS)).tcpEcho,
  backlogPing: async () => (await fairness(BACKLOG, FLOOD_MS)).quietActor,
  backlogEcho: async () => (await fairness(BACKLOG, FLOOD_MS)).tcpEcho,
  idle: async () => idle(),
  million: async () => million(),
}
