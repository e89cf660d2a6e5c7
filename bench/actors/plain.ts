import { ACTORS, heapAfterCollection, rate, timed, type Workloads } from './case.ts'
import { echoBesideBusyLoop } from './fairness.ts'

/**
 * The ceiling: a mailbox, a run queue and nothing else. No exits, links, names, budgets, time slices or counters; a
 * throw would end the process.
 */
class PlainActor {
  readonly handler: (message: number) => void
  queue: number[] = []
  queued = false

  constructor(handler: (message: number) => void) {
    this.handler = handler
  }
}

class PlainSystem {
  #ready: PlainActor[] = []

  send(actor: PlainActor, message: number): void {
    actor.queue.push(message)
    if (actor.queued) return
    actor.queued = true
    this.#ready.push(actor)
  }

  run(): void {
    while (this.#ready.length > 0) {
      const ready = this.#ready
      this.#ready = []
      for (const actor of ready) {
        const { queue } = actor
        actor.queue = []
        actor.queued = false
        for (const message of queue) actor.handler(message)
      }
    }
  }
}

function produce(system: PlainSystem, count: number, batch: number, send: (i: number) => void): void {
  let sent = 0
  const producer: PlainActor = new PlainActor(() => {
    for (let i = 0; i < batch; i++) send(i)
    sent += batch
    if (sent < count) system.send(producer, 0)
  })
  system.send(producer, 0)
  system.run()
}

function sink(count: number): void {
  const system = new PlainSystem()
  let received = 0
  const actor = new PlainActor(() => void received++)
  produce(system, count, 100, i => system.send(actor, i))
}

async function roundRobin(): Promise<number> {
  const system = new PlainSystem()
  let received = 0
  const actors = Array.from({ length: ACTORS }, () => new PlainActor(() => void received++))
  const ms = await timed(() => produce(system, ACTORS * 20, ACTORS, i => system.send(actors[i]!, i)))
  return rate(received, ms)
}

function pingPong(trips: number): void {
  const system = new PlainSystem()
  let left = trips
  const ping: PlainActor = new PlainActor(() => system.send(pong, 1))
  const pong: PlainActor = new PlainActor(() => {
    if (--left > 0) system.send(ping, 1)
  })
  system.send(ping, 1)
  system.run()
}

const nothing = (): undefined => undefined

function spawn(): PlainActor[] {
  const actors: PlainActor[] = []
  for (let i = 0; i < 1_000_000; i++) actors.push(new PlainActor(nothing))
  return actors
}

function idle(): number {
  const before = heapAfterCollection()
  const actors = spawn()
  const bytes = (heapAfterCollection() - before) / 1_000_000
  return actors.length === 1_000_000 ? bytes : Number.NaN
}

export const plain: Workloads = {
  sink: async () => rate(4_000_000, await timed(() => sink(4_000_000))),
  roundRobin,
  pingPong: async () => rate(1_000_000, await timed(() => pingPong(1_000_000))),
  spawn: async () => rate(1_000_000, await timed(() => void spawn())),
  fairEcho: () => echoBesideBusyLoop(5000),
  backlogEcho: () => echoBesideBusyLoop(5000),
  idle: async () => idle(),
}
