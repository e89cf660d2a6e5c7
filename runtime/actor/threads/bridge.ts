import type { MessagePort } from 'node:worker_threads'
import { IrisError } from '../../../base/diagnostic.ts'
import { unreachable } from '../../../base/invariant.ts'
import { type Exit, exitOf, NO_PROCESS } from '../exit.ts'
import { Pid } from '../pid.ts'
import { DEAD, extrasOf, type Process } from '../process.ts'
import { CallSignal, Signal, TickSignal } from '../signal.ts'
import type { ActorSystem } from '../system.ts'
import { Addresses } from './addresses.ts'
import { Outbox } from './outbox.ts'
import { NUMBER, read } from './payload.ts'
import { HEADER_BYTES, RingReader } from './ring.ts'
import { BridgedCall, plainExit, StandIn } from './stand-in.ts'
import {
  type Address,
  CODE,
  errorFromWire,
  NOBODY,
  OPS,
  type Op,
  type Side,
  type SpawnRequest,
  type WireError,
  type WireExit,
  wireExit,
} from './wire.ts'

/** Records read before the event loop gets its turn. */
const READ_BATCH = 4096
/** The reader goes on looking for so long before it sleeps: to be woken costs the writer about as much. */
const POLL_MS = 0.5

/** Tells a `send` with a number among the records, whatever its side. */
const NUMBER_SEND_MASK = 0xff_00ff
const NUMBER_SEND = CODE.send | (NUMBER << 16)

export interface BridgeOptions {
  readonly system: ActorSystem
  readonly side: Side
  readonly input: SharedArrayBuffer
  readonly output: SharedArrayBuffer
  readonly port: MessagePort
  /** Wakes the other side's event loop. */
  readonly wake: () => void
  /** Makes an actor whose stand-in is on the other side. */
  readonly spawn: (request: SpawnRequest) => Process
}

/**
 * Joins the actor systems of two threads. Each side shows the other's actors as stand-ins with pids of its own;
 * messages, exits and signals cross in order, in batches. The same class serves both ends.
 */
export class Bridge {
  /** Called when the other side has worked everything off. */
  onQuiet: (() => void) | undefined = undefined
  readonly outbox: Outbox
  readonly #system: ActorSystem
  readonly #reader: RingReader
  readonly #port: MessagePort
  readonly #addresses: Addresses
  readonly #spawn: (request: SpawnRequest) => Process
  /** Calls from here that wait for their answer. */
  readonly #calls = new Map<number, CallSignal>()
  #lastCall = 0
  #lastAddress: Address = NOBODY
  #lastReceiver: Process | undefined = undefined
  /** Records read, modulo 2^32, and how many of them were reported as worked off. */
  #read = 0
  #reported = 0
  #lastRead = 0
  #looking = false
  #closed = false
  readonly #visit = (offset: number): void => this.#receive(offset)
  readonly #look = (): void => {
    this.#looking = false
    this.poll()
  }

  constructor(options: BridgeOptions) {
    const { system, side, input, output, port, wake, spawn } = options
    this.#system = system
    this.#reader = new RingReader(input)
    this.outbox = new Outbox(system.host, output, port, wake)
    this.#port = port
    this.#addresses = new Addresses(system, side, this)
    this.#spawn = spawn
  }

  /** Makes the stand-in's actor on the other side. */
  spawn(standIn: Process, request: SpawnRequest): void {
    const address = this.#addresses.ofPid(standIn.pid)
    extrasOf(standIn).remote = new StandIn(this, address)
    this.write('spawn', address, 0, request)
  }

  // ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Passes a mailbox entry on; false when the other side is gone. */
  forward(address: Address, entry: unknown): boolean {
    if (this.#closed) return false
    if (typeof entry === 'number' && this.outbox.writeNumber(address, entry)) return true
    if (entry instanceof CallSignal) {
      const id = (this.#lastCall + 1) | 0
      this.write('call', address, id, entry.message)
      this.#lastCall = id
      this.#calls.set(id, entry)
    } else {
      if (entry instanceof TickSignal) entry.taken()
      this.write('send', address, 0, entry instanceof Signal ? entry.message : entry)
    }
    return true
  }

  write(op: Op, address: Address, extra: number, message: unknown): void {
    this.outbox.write(op, address, extra, message, this.#addresses)
  }

  writeExit(op: 'signal' | 'linkExit' | 'stop' | 'exited', address: Address, exit: Exit, from?: Pid): void {
    try {
      this.write(op, address, 0, wireExit(exit, from))
    } catch (error) {
      if (!(error instanceof IrisError)) throw error
      this.write(op, address, 0, wireExit(plainExit(exit), from))
    }
  }

  /** Tells the other side that everything it has written so far is worked off. */
  reportIdle(): void {
    if (this.#read === this.#reported || !this.#reader.isEmpty) return
    this.#reported = this.#read
    this.write('idle', NOBODY, this.#read, undefined)
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads what is there; goes on looking for a while before it sleeps. */
  poll(): void {
    if (this.#closed) return
    const count = this.#reader.drain(this.#visit, READ_BATCH)
    const now = this.#system.clock.now()
    if (count > 0) {
      this.#lastRead = now
      this.#system.scheduler.settled()
    }
    if (now - this.#lastRead < POLL_MS || !this.#reader.sleep()) this.#lookAgain()
  }

  /**
   * Reads without the event loop: blocks up to `ms` when nothing is there. Afterwards the loop looks again, for the
   * writer takes the reader to be awake.
   */
  pollBlocking(ms: number): void {
    this.#lookAgain()
    if (this.#reader.drain(this.#visit, READ_BATCH) > 0) return
    this.reportIdle()
    this.outbox.flushNow()
    this.#reader.block(ms)
    this.#reader.drain(this.#visit, READ_BATCH)
  }

  #lookAgain(): void {
    if (this.#looking) return
    this.#looking = true
    this.#system.host.macrotask(this.#look)
  }

  #receive(offset: number): void {
    const { words } = this.#reader
    const at = offset >> 2
    const word = words[at + 1]!
    const side = (word >> 8) & 0xff
    if ((word & NUMBER_SEND_MASK) === NUMBER_SEND) {
      this.#receiveNumber(offset, side)
      return
    }
    const op = OPS[word & 0xff]!
    const address = { side, index: words[at + 2]!, generation: words[at + 3]! >>> 0 }
    const message = read(this.#reader, offset, word >> 16, this.#port, this.#addresses)
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
      this.#lastReceiver = this.#addresses.find(this.#lastAddress)
    }
    const receiver = this.#lastReceiver
    if (receiver === undefined || (receiver.flags & DEAD) !== 0) this.#deliver(this.#lastAddress, value)
    else this.#system.delivery.send(receiver.pid, value, undefined)
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
      case 'linkExit':
      case 'link':
      case 'unlink':
      case 'stop':
      case 'kill':
        return this.#control(op, address, message)
      default:
        return unreachable(op, 'bridge')
    }
  }

  #deliver(address: Address, entry: unknown): void {
    const process = this.#addresses.find(address)
    const { delivery } = this.#system
    if (process !== undefined) {
      void delivery.sendEntry(undefined, process, entry)
      return
    }
    const pid = new Pid(this.#system.table.node, address.index, address.generation)
    delivery.sendNowhere(String(pid), entry)
    if (entry instanceof Signal) entry.discard(() => new IrisError('IRIS6002', { pid: String(pid) }))
  }

  #takeCall(id: number): CallSignal | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    return call
  }

  #make(address: Address, request: SpawnRequest): void {
    const process = this.#spawn(request)
    this.#addresses.mirror(process, address)
    this.#report(process, address)
  }

  #watch(address: Address): void {
    const process = this.#addresses.find(address)
    if (process === undefined) this.writeExit('exited', address, NO_PROCESS)
    else this.#report(process, address)
  }

  #report(process: Process, address: Address): void {
    this.#system.lifecycle.afterExit(process, exit => {
      this.#addresses.forget(address, process)
      this.writeExit('exited', address, exit)
    })
  }

  #exited(address: Address, { reason, metadata, origin }: WireExit): void {
    const process = this.#addresses.find(address)
    if (process === undefined) return
    this.#addresses.forget(address, process)
    this.#end(process, exitOf(reason, metadata, origin))
  }

  #end(standIn: Process, exit: Exit): void {
    const remote = standIn.extras?.remote
    if (remote instanceof StandIn) remote.gone = true
    this.#system.lifecycle.exit(standIn, exit)
  }

  #control(op: 'signal' | 'linkExit' | 'link' | 'unlink' | 'stop' | 'kill', address: Address, message: unknown): void {
    const process = this.#addresses.find(address)
    if (process === undefined) return
    const { links, lifecycle } = this.#system
    if (op === 'kill') links.kill(process)
    else if (op === 'link') links.linkLocally(process, message as Pid)
    else if (op === 'unlink') links.unlinkLocally(process, message as Pid)
    else {
      const { reason, metadata, origin, from } = message as WireExit
      const exit = exitOf(reason, metadata, origin)
      if (op === 'stop') lifecycle.stop(process, exit)
      else if (op === 'linkExit') links.arrive(process, from!, exit)
      else links.signal(process, from!, exit)
    }
  }

  #otherIsIdle(read: number): void {
    this.outbox.workedOff(read)
    if (this.outbox.isQuiet) this.onQuiet?.()
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The other side is gone: its actors end here, each once, and its calls fail. */
  close(exit: Exit, error: () => unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.outbox.close()
    for (const call of this.#calls.values()) call.refuse(error())
    this.#calls.clear()
    for (const process of [...this.#system.table]) {
      const remote = process.extras?.remote
      if (remote instanceof StandIn && remote.bridge === this) this.#end(process, exit)
    }
    this.#port.close()
  }
}
