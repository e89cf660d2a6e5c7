import type { MessagePort } from 'node:worker_threads'
import type { Host } from '../host.ts'
import { type Encoded, encode, NUMBER, type PidCodec, write } from './payload.ts'
import { HEADER_BYTES, RingWriter } from './ring.ts'
import { type Address, CODE, type Op } from './wire.ts'

/** Records written before they are published. */
const BATCH = 256

interface Outgoing {
  readonly op: Op
  readonly address: Address
  readonly extra: number
  readonly encoded: Encoded
}

/** The writing half of a bridge. Records are published in batches, and wait in order while the ring is full. */
export class Outbox {
  /** Called when the other side, idle so far, gets work. */
  onBusy: (() => void) | undefined = undefined
  readonly #host: Host
  readonly #ring: RingWriter
  readonly #port: MessagePort
  readonly #wake: () => void
  #backlog: Outgoing[] = []
  #unpublished = 0
  #flushing = false
  #closed = false
  /** Records written, modulo 2^32; the other side reports how many it has worked off. */
  #written = 0
  #workedOff = 0
  readonly #flushSoon = (): void => this.#flush()

  constructor(host: Host, memory: SharedArrayBuffer, port: MessagePort, wake: () => void) {
    this.#host = host
    this.#ring = new RingWriter(memory)
    this.#port = port
    this.#wake = wake
  }

  /** Nothing of what was written is still to be done on the other side. */
  get isQuiet(): boolean {
    return this.#workedOff === this.#written
  }

  /** Throws IRIS6017 when the message cannot cross. */
  write(op: Op, address: Address, extra: number, message: unknown, pids: PidCodec): void {
    if (this.#closed) return
    const encoded = encode(message, this.#port, pids)
    if (op !== 'idle') this.#count()
    if (this.#backlog.length > 0 || !this.#put(op, address, extra, encoded)) {
      this.#backlog.push({ op, address, extra, encoded })
    }
    this.#afterWrite()
  }

  /** A `send` of a number without the detours of other messages; false when the ring is full. */
  writeNumber(address: Address, value: number): boolean {
    if (this.#backlog.length > 0) return false
    const offset = this.#ring.reserve(8)
    if (offset < 0) return false
    const { words, doubles } = this.#ring
    const at = offset >> 2
    words[at + 1] = CODE.send | (address.side << 8) | (NUMBER << 16)
    words[at + 2] = address.index
    words[at + 3] = address.generation
    doubles[(offset + HEADER_BYTES) >> 3] = value
    this.#count()
    this.#afterWrite()
    return true
  }

  /** For a thread that is about to block, where no later turn of the event loop would flush. */
  flushNow(): void {
    if (this.#unpublished > 0 || this.#backlog.length > 0) this.#flush()
  }

  workedOff(records: number): void {
    this.#workedOff = records
  }

  close(): void {
    this.#closed = true
    this.#backlog = []
  }

  #count(): void {
    if (this.isQuiet) this.onBusy?.()
    this.#written = (this.#written + 1) | 0
  }

  #put(op: Op, address: Address, extra: number, encoded: Encoded): boolean {
    const offset = this.#ring.reserve(encoded.size)
    if (offset < 0) return false
    const { words } = this.#ring
    const at = offset >> 2
    words[at + 1] = CODE[op] | (address.side << 8) | (encoded.kind << 16)
    words[at + 2] = address.index
    words[at + 3] = address.generation
    words[at + 4] = extra
    write(this.#ring, offset, encoded)
    return true
  }

  #afterWrite(): void {
    if (++this.#unpublished >= BATCH) this.#publish()
    if (this.#flushing) return
    this.#flushing = true
    this.#host.microtask(this.#flushSoon)
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
    if (this.#backlog.length === 0) return
    this.#flushing = true
    this.#host.macrotask(this.#flushSoon)
  }

  #publish(): void {
    this.#unpublished = 0
    if (this.#ring.unpublished && this.#ring.publish()) this.#wake()
  }
}
