/** No message, and no user's value. */
const NOTHING: unique symbol = Symbol('nothing')

/**
 * The messages of one actor. The oldest sits in the mailbox itself when it met an empty one, as most messages of most
 * actors do: then there is no queue to be made and none to be touched. The others wait in `Queue`.
 *
 * Signals (`signal.ts`) travel with them. The mailbox counts them, so that a reader looks for them only when there are
 * any, and counts those that are no user messages, so that bounds concern user messages only.
 */
export class Mailbox {
  /** Entries of every kind. */
  size = 0
  /** Entries that are signals. */
  signals = 0
  #first: unknown = NOTHING
  #rest: Queue | undefined = undefined
  /** Entries that are no user messages. */
  uncounted = 0

  /** Number of user messages. */
  get userSize(): number {
    return this.size - this.uncounted
  }

  push(entry: unknown): void {
    if (this.size++ === 0) this.#first = entry
    else (this.#rest ??= new Queue()).push(entry)
  }

  /** Requires `size > 0`. The caller uncounts a signal. */
  shift(): unknown {
    this.size--
    const first = this.#first
    if (first === NOTHING) return this.#rest!.shift()
    this.#first = NOTHING
    return first
  }

  /** Position of the oldest entry from `from` on that satisfies the predicate, or -1. What the predicate throws is the caller's. */
  find(predicate: (entry: unknown) => boolean, from = 0): number {
    const inside = this.#first === NOTHING ? 0 : 1
    if (inside > from && predicate(this.#first)) return 0
    if (this.size === inside) return -1
    const found = this.#rest!.find(predicate, from - inside, this.size - inside)
    return found < 0 ? -1 : found + inside
  }

  /** Takes the entry at a position out; the others keep their order. Costs as much as the scan that found it. */
  removeAt(position: number): unknown {
    if (position === 0) return this.shift()
    this.size--
    return this.#rest!.removeAt(this.#first === NOTHING ? position : position - 1)
  }

  /** Empties the mailbox and gives its memory back. */
  clear(visit: (entry: unknown) => void): void {
    while (this.size > 0) visit(this.shift())
    this.release()
  }

  /** Gives the memory of an empty mailbox back. */
  release(): void {
    this.#rest = undefined
    this.signals = this.uncounted = 0
  }
}

/**
 * A FIFO as a list of chunks. Each chunk is an array whose last element links to the next chunk (the shape of Node's
 * own FixedQueue): no entry is ever copied when the queue grows, so a flooded mailbox causes no pause.
 */
const FIRST_CAPACITY = 4
const LARGEST_CAPACITY = 1024
const GROWTH = 8
const KEPT_CAPACITY = 256

type Chunk = unknown[]

function newChunk(capacity: number): Chunk {
  return new Array<unknown>(capacity + 1).fill(undefined)
}

class Queue {
  #head: Chunk
  #tail: Chunk
  #headIndex = 0
  #tailIndex = 0

  constructor() {
    this.#head = this.#tail = newChunk(FIRST_CAPACITY)
  }

  push(entry: unknown): void {
    const tail = this.#tailIndex === this.#tail.length - 1 ? this.#grow() : this.#tail
    tail[this.#tailIndex++] = entry
  }

  /** Requires that it is not empty. */
  shift(): unknown {
    const head = this.#head
    const entry = head[this.#headIndex]
    head[this.#headIndex++] = undefined
    if (this.#headIndex === this.#tailIndex && head === this.#tail) this.#rewind()
    else if (this.#headIndex === head.length - 1) this.#nextHead()
    return entry
  }

  /** Among the first `size` entries. */
  find(predicate: (entry: unknown) => boolean, from: number, size: number): number {
    const cursor = new Cursor(this.#head, this.#headIndex)
    for (let position = 0; position < size; position++, cursor.advance()) {
      if (position >= from && predicate(cursor.entry)) return position
    }
    return -1
  }

  removeAt(position: number): unknown {
    const cursor = new Cursor(this.#head, this.#headIndex)
    let carried: unknown
    for (let at = 0; ; at++, cursor.advance()) {
      const entry = cursor.entry
      cursor.replace(carried)
      if (at === position) {
        this.shift()
        return entry
      }
      carried = entry
    }
  }

  #grow(): Chunk {
    const last = this.#tail
    const chunk = newChunk(Math.min((last.length - 1) * GROWTH, LARGEST_CAPACITY))
    last[last.length - 1] = chunk
    this.#tail = chunk
    this.#tailIndex = 0
    return chunk
  }

  /** Empty: begin again in the same chunk, unless a flood has left a large one. */
  #rewind(): void {
    if (this.#tail.length > KEPT_CAPACITY + 1) this.#tail = newChunk(FIRST_CAPACITY)
    this.#head = this.#tail
    this.#headIndex = this.#tailIndex = 0
  }

  #nextHead(): void {
    const head = this.#head
    this.#head = head[head.length - 1] as Chunk
    this.#headIndex = 0
  }
}

class Cursor {
  #chunk: Chunk | undefined
  #index: number

  constructor(chunk: Chunk | undefined, index: number) {
    this.#chunk = chunk
    this.#index = index
  }

  get entry(): unknown {
    return this.#chunk![this.#index]
  }

  replace(entry: unknown): void {
    this.#chunk![this.#index] = entry
  }

  advance(): void {
    const chunk = this.#chunk!
    if (++this.#index < chunk.length - 1) return
    this.#chunk = chunk[chunk.length - 1] as Chunk | undefined
    this.#index = 0
  }
}
