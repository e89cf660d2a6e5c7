/**
 * A FIFO of messages as a list of chunks. Each chunk is an array whose last element links to the next chunk (the shape
 * of Node's own FixedQueue): no message is ever copied when the queue grows, so a flooded mailbox causes no pause. The
 * first chunk is small and comes with the first message, so an idle actor pays for none.
 *
 * Signals (`signal.ts`) travel in the same queue. The mailbox counts them, so that a reader looks for them only when
 * there are any, and counts those that are no user messages, so that bounds concern user messages only.
 */
const FIRST_CAPACITY = 4
const LARGEST_CAPACITY = 1024
const GROWTH = 8
const KEPT_CAPACITY = 256

type Chunk = unknown[]

function newChunk(capacity: number): Chunk {
  return new Array<unknown>(capacity + 1).fill(undefined)
}

export class Mailbox {
  /** Entries of every kind. */
  size = 0
  /** Entries that are signals. */
  signals = 0
  /** Entries that are no user messages. */
  uncounted = 0
  #head: Chunk | undefined = undefined
  #tail: Chunk | undefined = undefined
  #headIndex = 0
  #tailIndex = 0

  /** Number of user messages. */
  get userSize(): number {
    return this.size - this.uncounted
  }

  push(entry: unknown): void {
    let tail = this.#tail
    if (tail === undefined || this.#tailIndex === tail.length - 1) tail = this.#grow()
    tail[this.#tailIndex++] = entry
    this.size++
  }

  /** Requires `size > 0`. The caller uncounts a signal. */
  shift(): unknown {
    const head = this.#head!
    const entry = head[this.#headIndex]
    head[this.#headIndex++] = undefined
    if (--this.size === 0) this.#rewind()
    else if (this.#headIndex === head.length - 1) this.#nextHead()
    return entry
  }

  /** Position of the oldest entry from `from` on that satisfies the predicate, or -1. What the predicate throws is the caller's. */
  find(predicate: (entry: unknown) => boolean, from = 0): number {
    const cursor = new Cursor(this.#head, this.#headIndex)
    for (let position = 0; position < this.size; position++, cursor.advance()) {
      if (position >= from && predicate(cursor.entry)) return position
    }
    return -1
  }

  /** Takes the entry at a position out; the others keep their order. Costs as much as the scan that found it. */
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

  /** Empties the mailbox and gives its memory back. */
  clear(visit: (entry: unknown) => void): void {
    while (this.size > 0) visit(this.shift())
    this.release()
  }

  /** Gives the memory of an empty mailbox back. */
  release(): void {
    this.#head = this.#tail = undefined
    this.#headIndex = this.#tailIndex = 0
    this.signals = this.uncounted = 0
  }

  #grow(): Chunk {
    const last = this.#tail
    const capacity = last === undefined ? FIRST_CAPACITY : Math.min((last.length - 1) * GROWTH, LARGEST_CAPACITY)
    const chunk = newChunk(capacity)
    if (last === undefined) this.#head = chunk
    else last[last.length - 1] = chunk
    this.#tail = chunk
    this.#tailIndex = 0
    return chunk
  }

  /** Empty: begin again in the same chunk, unless a flood has left a large one. */
  #rewind(): void {
    const tail = this.#tail!
    this.#head = this.#tail = tail.length > KEPT_CAPACITY + 1 ? undefined : tail
    this.#headIndex = this.#tailIndex = 0
  }

  #nextHead(): void {
    const head = this.#head!
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
