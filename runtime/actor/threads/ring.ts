/**
 * One direction between two threads: a single-producer single-consumer ring in shared memory (Lamport, "Proving the
 * Correctness of Multiprocess Programs", 1977). Records are contiguous and 8-byte aligned; a record that does not fit
 * before the end of the ring is preceded by padding. What is written becomes visible with `publish`, so a batch costs
 * one atomic store.
 */
const HEAD = 0
const TAIL = 1
const READER = 2
const CONTROL_BYTES = 64

/** What the reader does: it must be woken only when it sleeps. */
const AWAKE = 0
const SLEEPING = 1
const BLOCKED = 2

export const HEADER_WORDS = 6
export const HEADER_BYTES = HEADER_WORDS * 4
const PADDING = 0

/** Bytes of one direction. */
export const RING_BYTES = 1 << 22
/** Longer payloads take another way. */
export const LARGEST_PAYLOAD = RING_BYTES >> 6

export function newRingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + RING_BYTES)
}

abstract class RingEnd {
  protected readonly control: Int32Array
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Uint8Array

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4)
    this.words = new Int32Array(memory, CONTROL_BYTES)
    this.doubles = new Float64Array(memory, CONTROL_BYTES)
    this.bytes = new Uint8Array(memory, CONTROL_BYTES)
  }
}

/** Positions count bytes modulo 2^32; the ring is a power of two. */
export class RingWriter extends RingEnd {
  #tail = 0
  #published = 0
  #headSeen = 0

  /**
   * Reserves a record with `payload` bytes behind its header. Returns the byte offset of the header, or -1 when the
   * ring is full at the moment.
   */
  reserve(payload: number): number {
    const length = (HEADER_BYTES + payload + 7) & ~7
    const offset = this.#tail & (RING_BYTES - 1)
    const padding = offset + length > RING_BYTES ? RING_BYTES - offset : 0
    if (!this.#hasRoom(length + padding)) return -1
    if (padding > 0) {
      this.words[offset >> 2] = padding
      this.words[(offset >> 2) + 1] = PADDING
    }
    const start = padding > 0 ? 0 : offset
    this.#tail = (this.#tail + padding + length) | 0
    this.words[start >> 2] = length
    return start
  }

  get unpublished(): boolean {
    return this.#tail !== this.#published
  }

  /** Makes everything visible. Returns whether the reader has to be woken by a message to its event loop. */
  publish(): boolean {
    this.#published = this.#tail
    Atomics.store(this.control, TAIL, this.#tail)
    const reader = Atomics.load(this.control, READER)
    if (reader === AWAKE) return false
    if (reader === BLOCKED) {
      Atomics.store(this.control, READER, AWAKE)
      Atomics.notify(this.control, READER)
      return false
    }
    return Atomics.compareExchange(this.control, READER, SLEEPING, AWAKE) === SLEEPING
  }

  #hasRoom(length: number): boolean {
    if (((this.#tail - this.#headSeen) | 0) + length <= RING_BYTES) return true
    this.#headSeen = Atomics.load(this.control, HEAD)
    return ((this.#tail - this.#headSeen) | 0) + length <= RING_BYTES
  }
}

export class RingReader extends RingEnd {
  #head = 0

  /** Hands records to `visit` (byte offset of the header), at most `limit`. Returns how many there were. */
  drain(visit: (offset: number) => void, limit: number): number {
    const tail = Atomics.load(this.control, TAIL)
    let count = 0
    while (this.#head !== tail && count < limit) {
      const offset = this.#head & (RING_BYTES - 1)
      const length = this.words[offset >> 2]!
      if (this.words[(offset >> 2) + 1] !== PADDING) {
        count++
        visit(offset)
      }
      this.#head = (this.#head + length) | 0
    }
    Atomics.store(this.control, HEAD, this.#head)
    return count
  }

  get isEmpty(): boolean {
    return Atomics.load(this.control, TAIL) === this.#head
  }

  /** Announces sleep. False when something has come in the meantime. */
  sleep(): boolean {
    Atomics.store(this.control, READER, SLEEPING)
    if (this.isEmpty) return true
    Atomics.store(this.control, READER, AWAKE)
    return false
  }

  /** Blocks the thread until something is published or the time is over. */
  block(ms: number): void {
    Atomics.store(this.control, READER, BLOCKED)
    if (this.isEmpty) Atomics.wait(this.control, READER, BLOCKED, ms)
    Atomics.store(this.control, READER, AWAKE)
  }
}
