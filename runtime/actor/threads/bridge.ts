import type { MessagePort } from 'node:worker_threads'
import { unreachable } from '../../../base/invariant.ts'
import type { MailboxOptions } from '../bound.ts'
import { type Exit, exitOf, NO_PROCESS } from '../exit.ts'
import { Pid } from '../pid.ts'
import { DEAD, extrasOf, type Process, REMOTE } from '../process.ts'
import type { Remote } from '../remote.ts'
import { CallSignal, Signal, TickSignal } from '../signal.ts'
import type { ActorSystem } from '../system.ts'
import { type Encoded, encode, NUMBER, type PidCodec, read, type WirePid, write } from './payload.ts'
import { HEADER_BYTES, RingReader, RingWriter } from './ring.ts'

/** What a record asks for. The numbers are the wire. */
const OPS = [
  'padding',
  'send',
  'call',
  'reply',
  'fail',
  'spawn',
  'watch',
  'exited',
  'signal',
  'unlink',
  'stop',
  'kill',
  'idle',
] as const
type Op = (typeof OPS)[number]
const CODE = Object.fromEntries(OPS.map((op, code) => [op, code])) as Record<Op, number>

/** Records read before the event loop gets its turn. */
const READ_BATCH = 4096
/** Records written before they are published. */
const WRITE_BATCH = 256
/** The reader goes on looking for so long before it sleeps: to be woken costs the writer about as much. */
const POLL_MS = 0.5

/** In whose table an address is meant. */
export const MAIN = 0
export const THREAD = 1
export type Side = typeof MAIN | typeof THREAD

interface Address {
  readonly side: number
  readonly index: number
  readonly generation: number
}

interface WireExit {
  readonly reason: Exit['reason']
  readonly metadata: unknown
  readonly origin: Pid | undefined
  readonly from: Pid | undefined
}

interface Outgoing {
  readonly op: Op
  readonly address: Address
  readonly extra: number
  readonly encoded: Encoded
}

/** How an actor is to be made on the other side. */
export interface SpawnRequest {
  readonly url: string
  readonly kind: 'push' | 'pull'
  readonly budget: number | undefined
  readonly mailbox: MailboxOptions | undefined
}

export interface BridgeOptions {
  readonly system: ActorSystem
  readonly side: Side
  readonly input: SharedArrayBuffer
  readonly output: SharedArrayBuffer
  readonly port: MessagePort
  /** Wakes the other side's event loop. */
  readonly ring: () => void
  /** Makes an actor whose stand-in is on the other side. */
  readonly spawn: (request: SpawnRequest) => Process
}

const NUMBER_SEND_MASK = 0xff_00ff
const NUMBER_SEND = CODE.send | (NUMBER << 16)

const NOBODY: Address = { side: MAIN, index: 0, generation: 0 }

/** Stands in for an actor of the other side. */
class StandIn implements Remote {
  readonly address: Address
  gone = false
  readonly #bridge: Bridge

  belongsTo(bridge: Bridge): boolean {
    return this.#bridge === bridge
  }

  constructor(bridge: Bridge, address: Address) {
    this.#bridge = bridge
    this.address = address
  }

  send(entry: unknown): boolean {
    return this.#bridge.forward(this.address, entry)
  }

  signal(from: Pid, exit: Exit): void {
    this.#bridge.write('signal', this.address, 0, wireExit(exit, from))
  }

  unlinked(other: Pid): void {
    this.#bridge.write('unlink', this.address, 0, other)
  }

  stop(exit: Exit): void {
    this.#bridge.write('stop', this.address, 0, wireExit(exit, undefined))
  }

  kill(): void {
    if (!this.gone) this.#bridge.write('kill', this.address, 0, undefined)
  }
}

/** A call whose caller is on the other side. */
class BridgedCall extends CallSignal {
  override readonly message: unknown
  readonly #bridge: Bridge
  readonly #id: number
  #open = true

  constructor(bridge: Bridge, id: number, message: unknown) {
    super()
    this.#bridge = bridge
    this.#id = id
    this.message = message
  }

  override answer(value: unknown): boolean {
    return this.#settle(() => this.#bridge.write('reply', NOBODY, this.#id, value))
  }

  override refuse(error: unknown): boolean {
    return this.#settle(() => this.#bridge.write('fail', NOBODY, this.#id, wireError(error)))
  }

  #settle(write: () => void): boolean {
    if (!this.#open) return false
    this.#open = false
    write()
    return true
  }
}

/**
 * Joins the actor systems of two threads. Each side shows the other's actors as stand-ins with pids of its own;
 * messages, exits and signals cross in order, in batches. The same class serves both ends.
 */
export class Bridge implements PidCodec {
  /** Called when the other side has work again, and when it has worked everything off. */
  onBusy: (() => void) | undefined = undefined
  onQuiet: (() => void) | undefined = undefined
  readonly #system: ActorSystem
  readonly #side: Side
  readonly #reader: RingReader
  readonly #writer: RingWriter
  readonly #port: MessagePort
  readonly #ring: () => void
  readonly #spawn: (request: SpawnRequest) => Process
  /** Stand-ins for actors of the other side, by index there. */
  readonly #standIns = new Map<number, { readonly generation: number; readonly process: Process }>()
  /** Own actors that the other side has made, by the index of their stand-in there. */
  readonly #mirrors = new Map<number, { readonly generation: number; readonly process: Process }>()
  readonly #mirrorAddress = new Map<Process, Address>()
  readonly #calls = new Map<number, CallSignal>()
  #lastCall = 0
  #lastAddress: Address = NOBODY
  #lastReceiver: Process | undefined = undefined
  #backlog: Outgoing[] = []
  #unpublished = 0
  #flushing = false
  /** Records written, modulo 2^32; the other side reports how many it has worked off. */
  #written = 0
  #workedOff = 0
  #read = 0
  #reportedIdle = 0
  #lastRead = 0
  #looking = false
  #closed = false
  readonly #flushSoon = (): void => this.#flush()
  readonly #look = (): void => {
    this.#looking = false
    this.poll()
  }
  readonly #visit = (offset: number): void => this.#receive(offset)

  constructor(options: BridgeOptions) {
    this.#system = options.system
    this.#side = options.side
    this.#reader = new RingReader(options.input)
    this.#writer = new RingWriter(options.output)
    this.#port = options.port
    this.#ring = options.ring
    this.#spawn = options.spawn
  }

  /** Makes the stand-in's actor on the other side. */
  spawn(standIn: Process, request: SpawnRequest): void {
    const { index, generation } = standIn.pid
    const address = { side: this.#side, index, generation }
    extrasOf(standIn).remote = new StandIn(this, address)
    this.write('spawn', address, 0, request)
  }

  // ── pids ───────────────────────────────────────────────────────────────────────────────────────────────────────

  toWire(pid: Pid): WirePid {
    const { side, index, generation } = this.#addressOf(pid)
    return { irisPid: [side, index, generation, pid.node] }
  }

  fromWire({ irisPid: [side, index, generation, node] }: WirePid): Pid {
    const process = this.#processAt({ side, index, generation }) ?? this.#standInFor(side, index, generation)
    return process?.pid ?? new Pid(node, index, generation)
  }

  #addressOf(pid: Pid): Address {
    const process = Pid.process(pid)
    const remote = process?.extras?.remote
    if (remote instanceof StandIn) return remote.address
    const mirrored = process && this.#mirrorAddress.get(process)
    return mirrored ?? { side: this.#side, index: pid.index, generation: pid.generation }
  }

  /** The own process, or known stand-in, that an address means. */
  #processAt({ side, index, generation }: Address): Process | undefined {
    if (side === this.#side) return this.#system.table.at(index, generation)
    const mirror = this.#mirrors.get(index)
    if (mirror?.generation === generation) return mirror.process
    const standIn = this.#standIns.get(index)
    return standIn?.generation === generation ? standIn.process : undefined
  }

  /** Makes a stand-in for an actor that was not known; its death will be reported. */
  #standInFor(side: number, index: number, generation: number): Process | undefined {
    if (side === this.#side) return undefined
    const process = this.#system.spawner.standIn(new StandIn(this, { side, index, generation }))
    this.#standIns.set(index, { generation, process })
    this.write('watch', { side, index, generation }, 0, undefined)
    return process
  }

  // ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────

  forward(address: Address, entry: unknown): boolean {
    if (this.#closed) return false
    if (typeof entry === 'number' && this.#backlog.length === 0 && this.#putNumber(address, entry)) return true
    if (entry instanceof CallSignal) {
      const id = (this.#lastCall = (this.#lastCall + 1) | 0)
      this.write('call', address, id, entry.message)
      this.#calls.set(id, entry)
    } else {
      if (entry instanceof TickSignal) entry.taken()
      this.write('send', address, 0, entry instanceof Signal ? entry.message : entry)
    }
    return true
  }

  write(op: Op, address: Address, extra: number, message: unknown): void {
    if (this.#closed) return
    const encoded = encode(message, this.#port, this)
    if (op !== 'idle') this.#count()
    if (this.#backlog.length > 0 || !this.#put(op, address, extra, encoded)) {
      this.#backlog.push({ op, address, extra, encoded })
    }
    this.#afterWrite()
  }

  /** The record of `send` with a number, without the detours that other messages take. */
  #putNumber(address: Address, value: number): boolean {
    const offset = this.#writer.reserve(8)
    if (offset < 0) return false
    const { words, doubles } = this.#writer
    const at = offset >> 2
    words[at + 1] = CODE.send | (address.side << 8) | (NUMBER << 16)
    words[at + 2] = address.index
    words[at + 3] = address.generation
    doubles[(offset + HEADER_BYTES) >> 3] = value
    this.#count()
    this.#afterWrite()
    return true
  }

  #afterWrite(): void {
    if (++this.#unpublished >= WRITE_BATCH) this.#publish()
    if (this.#flushing) return
    this.#flushing = true
    this.#system.host.microtask(this.#flushSoon)
  }

  #count(): void {
    if (this.isQuiet) this.onBusy?.()
    this.#written = (this.#written + 1) | 0
  }

  #put(op: Op, address: Address, extra: number, encoded: Encoded): boolean {
    const offset = this.#writer.reserve(encoded.size)
    if (offset < 0) return false
    const { words } = this.#writer
    const at = offset >> 2
    words[at + 1] = CODE[op] | (address.side << 8) | (encoded.kind << 16)
    words[at + 2] = address.index
    words[at + 3] = address.generation
    words[at + 4] = extra
    write(this.#writer, offset, encoded)
    return true
  }

  /** While the ring is full the backlog is tried again at every turn of the event loop. */
  #flush(): void {
    this.#flushing = false
    let sent = 0
    for (const { op, address, extra, encoded } of this.#backlog) {
      if (!this.#put(op, address, extra, encoded)) break
      sent++
    }
    if (sent > 0) this.#backlog = this.#backlog.slice(sent)
    this.#publish()
    if (this.#backlog.length === 0 || this.#closed) return
    this.#flushing = true
    this.#system.host.macrotask(this.#flushSoon)
  }

  #publish(): void {
    this.#unpublished = 0
    if (this.#writer.unpublished && this.#writer.publish()) this.#ring()
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads what is there; goes on looking for a while before it sleeps. */
  poll(): void {
    if (this.#closed) return
    const count = this.#reader.drain(this.#visit, READ_BATCH)
    if (count > 0) this.#system.scheduler.settled()
    const now = this.#system.clock.now()
    if (count > 0) this.#lastRead = now
    if (now - this.#lastRead < POLL_MS || !this.#reader.sleep()) this.#lookAgain()
  }

  #lookAgain(): void {
    if (this.#looking) return
    this.#looking = true
    this.#system.host.macrotask(this.#look)
  }

  /** Reads without the event loop: blocks up to `ms` when nothing is there. Afterwards the loop looks again, for the writer takes the reader to be awake. */
  pollBlocking(ms: number): void {
    this.#lookAgain()
    if (this.#reader.drain(this.#visit, READ_BATCH) > 0) return
    this.reportIdle()
    this.#flush()
    this.#reader.block(ms)
    this.#reader.drain(this.#visit, READ_BATCH)
  }

  flushNow(): void {
    if (this.#unpublished > 0 || this.#backlog.length > 0) this.#flush()
  }

  /** Tells the other side that everything it has written so far is worked off. */
  reportIdle(): void {
    if (this.#read === this.#reportedIdle || !this.#reader.isEmpty) return
    this.#reportedIdle = this.#read
    this.write('idle', NOBODY, this.#read, undefined)
  }

  get isQuiet(): boolean {
    return this.#workedOff === this.#written
  }

  #receive(offset: number): void {
    const { words } = this.#reader
    const at = offset >> 2
    const word = words[at + 1]!
    if ((word & NUMBER_SEND_MASK) === NUMBER_SEND) {
      this.#receiveNumber(offset, (word >> 8) & 0xff)
      return
    }
    const op = OPS[word & 0xff]!
    const address = { side: (word >> 8) & 0xff, index: words[at + 2]!, generation: words[at + 3]! >>> 0 }
    const message = read(this.#reader, offset, word >> 16, this.#port, this)
    if (op !== 'idle') this.#read = (this.#read + 1) | 0
    this.#perform(op, address, words[at + 4]!, message)
  }

  /** The last receiver is remembered: numbers come in streams. */
  #receiveNumber(offset: number, side: number): void {
    const { words, doubles } = this.#reader
    const at = offset >> 2
    const index = words[at + 2]!
    const generation = words[at + 3]! >>> 0
    const value = doubles[(offset + HEADER_BYTES) >> 3]
    this.#read = (this.#read + 1) | 0
    const last = this.#lastAddress
    if (last.index !== index || last.generation !== generation || last.side !== side) {
      this.#lastAddress = { side, index, generation }
      this.#lastReceiver = this.#processAt(this.#lastAddress)
    }
    const receiver = this.#lastReceiver
    if (receiver !== undefined && (receiver.flags & DEAD) === 0)
      this.#system.delivery.send(receiver.pid, value, undefined)
    else this.#deliver(this.#lastAddress, value)
  }

  #perform(op: Op, address: Address, extra: number, message: unknown): void {
    switch (op) {
      case 'send':
        return this.#deliver(address, message)
      case 'call':
        return this.#deliver(address, new BridgedCall(this, extra, message))
      case 'reply':
        return void this.#takeCall(extra)?.answer(message)
      case 'fail':
        return void this.#takeCall(extra)?.refuse(errorFromWire(message as WireError))
      case 'spawn':
        return this.#make(address, message as SpawnRequest)
      case 'watch':
        return this.#watch(address)
      case 'exited':
        return this.#exited(address, message as WireExit)
      case 'idle':
        return this.#otherIsIdle(extra)
      case 'padding':
        return
      case 'signal':
      case 'unlink':
      case 'stop':
      case 'kill':
        return this.#control(op, address, message)
      default:
        return unreachable(op, 'bridge')
    }
  }

  #deliver(address: Address, entry: unknown): void {
    const process = this.#processAt(address)
    const { delivery } = this.#system
    if (process !== undefined) void delivery.sendEntry(undefined, process, entry)
    else {
      delivery.sendNowhere(String(new Pid('', address.index, address.generation)), entry)
      if (entry instanceof Signal) entry.discard(() => new Error('the actor is not alive (NoProc)'))
    }
  }

  #takeCall(id: number): CallSignal | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    return call
  }

  #make(address: Address, request: SpawnRequest): void {
    const process = this.#spawn(request)
    const { index, generation } = address
    this.#mirrors.set(index, { generation, process })
    this.#mirrorAddress.set(process, address)
    this.#report(process, address)
  }

  #watch(address: Address): void {
    const process = this.#processAt(address)
    if (process === undefined) this.write('exited', address, 0, wireExit(NO_PROCESS, undefined))
    else this.#report(process, address)
  }

  #report(process: Process, address: Address): void {
    this.#system.lifecycle.afterExit(process, exit => {
      if (this.#mirrors.get(address.index)?.process === process) this.#mirrors.delete(address.index)
      this.#mirrorAddress.delete(process)
      this.#reportExit(address, exit)
    })
  }

  /** An error that cannot be cloned crosses as its text. */
  #reportExit(address: Address, exit: Exit): void {
    try {
      this.write('exited', address, 0, wireExit(exit, undefined))
    } catch {
      this.write('exited', address, 0, wireExit({ ...exit, metadata: String(exit.metadata) }, undefined))
    }
  }

  #exited(address: Address, { reason, metadata, origin }: WireExit): void {
    const process = this.#processAt(address)
    if (process === undefined) return
    this.#standIns.delete(address.index)
    this.#end(process, exitOf(reason, metadata, origin))
  }

  #end(standIn: Process, exit: Exit): void {
    const remote = standIn.extras?.remote
    if (remote instanceof StandIn) remote.gone = true
    this.#system.lifecycle.exit(standIn, exit)
  }

  #control(op: 'signal' | 'unlink' | 'stop' | 'kill', address: Address, message: unknown): void {
    const process = this.#processAt(address)
    if (process === undefined) return
    const { links, lifecycle } = this.#system
    if (op === 'kill') links.kill(process)
    else if (op === 'unlink') links.unlinkLocally(process, message as Pid)
    else {
      const { reason, metadata, origin, from } = message as WireExit
      const exit = exitOf(reason, metadata, origin)
      if (op === 'stop') lifecycle.stop(process, exit)
      else links.arrive(process, from!, exit)
    }
  }

  #otherIsIdle(read: number): void {
    this.#workedOff = read
    if (this.isQuiet) this.onQuiet?.()
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The other side is gone: its actors end here, each once, and its calls fail. */
  close(exit: Exit, error: () => unknown): void {
    if (this.#closed) return
    this.#closed = true
    for (const call of this.#calls.values()) call.refuse(error())
    this.#calls.clear()
    for (const process of [...this.#system.table]) {
      const remote = process.extras?.remote
      if ((process.flags & REMOTE) !== 0 && remote instanceof StandIn && remote.belongsTo(this))
        this.#end(process, exit)
    }
    this.#port.close()
  }
}

interface WireError {
  readonly message: string
  readonly code: string | undefined
  readonly cause: unknown
}

/** What a caller needs of an error; the rest may not be clonable. */
function wireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, cause: undefined }
  const { cause } = error
  return {
    message: error.message,
    code: (error as { code?: string }).code,
    cause: cause instanceof Error ? cause.message : undefined,
  }
}

function errorFromWire({ message, code, cause }: WireError): Error {
  const error = new Error(message, cause === undefined ? {} : { cause: new Error(String(cause)) })
  return code === undefined ? error : Object.assign(error, { code })
}

function wireExit({ reason, metadata, origin }: Exit, from: Pid | undefined): WireExit {
  return { reason, metadata, origin, from }
}
