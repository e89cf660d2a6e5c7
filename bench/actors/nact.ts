import { createRequire } from 'node:module'
import { ACTORS, heapAfterCollection, rate, timed, type Workloads } from './case.ts'

type Reference = object
type Behaviour = (message: unknown, context: { readonly sender: Reference }) => unknown

/** The part of nact that the workloads use; its own types are written for another compiler setting. */
interface Nact {
  start(): Reference
  spawnStateless(parent: Reference, behaviour: Behaviour, name?: string): Reference
  dispatch(actor: Reference, message: unknown, sender?: Reference): void
  query(actor: Reference, message: (sender: Reference) => unknown, timeoutMs: number): Promise<unknown>
  stop(actor: Reference): void
}

const { start, spawnStateless, dispatch, query, stop } = createRequire(import.meta.url)('nact') as Nact
const MESSAGES = 200_000

async function inSystem(work: (system: Reference, done: () => void) => void): Promise<void> {
  const system = start()
  await new Promise<void>(done => work(system, done))
  stop(system)
}

function sink(): Promise<void> {
  return inSystem((system, done) => {
    let left = MESSAGES
    const actor = spawnStateless(system, () => {
      if (--left === 0) done()
    })
    for (let i = 0; i < MESSAGES; i++) dispatch(actor, i)
  })
}

function pingPong(): Promise<void> {
  return inSystem((system, done) => {
    let left = MESSAGES / 2
    const ping: Reference = spawnStateless(system, () => dispatch(pong, 1))
    const pong: Reference = spawnStateless(system, () => {
      if (--left === 0) done()
      else dispatch(ping, 1)
    })
    dispatch(ping, 1)
  })
}

async function call(): Promise<void> {
  const system = start()
  const actor = spawnStateless(system, message => {
    const { sender, n } = message as { sender: Reference; n: number }
    dispatch(sender, n + 1)
  })
  for (let i = 0; i < 200; i++) {
    await Promise.all(Array.from({ length: 100 }, (_, n) => query(actor, sender => ({ sender, n }), 5000)))
  }
  stop(system)
}

const nothing = (): undefined => undefined

function spawn(count: number): Reference {
  const system = start()
  for (let i = 0; i < count; i++) spawnStateless(system, nothing, `actor-${i}`)
  return system
}

function idle(): number {
  const before = heapAfterCollection()
  const system = spawn(ACTORS)
  const bytes = (heapAfterCollection() - before) / ACTORS
  stop(system)
  return bytes
}

export const nact: Workloads = {
  sink: async () => rate(MESSAGES, await timed(sink)),
  pingPong: async () => rate(MESSAGES / 2, await timed(pingPong)),
  call: async () => rate(20_000, await timed(call)),
  spawn: async () => rate(ACTORS, await timed(() => void spawn(ACTORS))),
  idle: async () => idle(),
}
