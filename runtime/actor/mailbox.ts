import type { Chunk, Chunks } from './chunks.ts'

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
  /**
   * The others; until there are any, where their memory would come from. A field of its own for that, or a private
   * method, which costs a field, would make a process larger than two cache lines.
   */
  #rest: Queue | Chunks
  /** Entries that are no user messages. */
  uncounted = 0

  constructor(chunks: Chunks) {
    this.#rest = chunks
  }

  /** Number of user messages. */
  get userSize(): number {
    return this.size - this.uncounted
  }

  push(entry: unknown): void {
    if (this.size++ === 0) {
      this.#first = entry
      return
    }
    let rest = this.#rest
    if (!(rest instanceof Queue)) this.#rest = rest = new Queue(rest)
    rest.push(entry)
  }

  /** Requires `size > 0`. The caller uncounts a signal. */
  shift(): unknown {
    this.size--
    const first = this.#first
    if (first === NOTHING) return (this.#rest as Queue).shift()
    this.#first = NOTHING
    return first
  }

  /** Position of the oldest entry from `from` on that satisfies the predicate, or -1. What the predicate throws is the caller's. */
  find(predicate: (entry: unknown) => boolean, from = 0): number {
    const inside = this.#first === NOTHING ? 0 : 1
    if (inside > from && predicate(this.#first)) return 0
    if (this.size === inside) return -1
    const found = (this.#rest as Queue).find(predicate, from - inside, this.size - inside)
    return found < 0 ? -1 : found + inside
  }

  /** Takes the entry at a position out; the others keep their order. Costs as much as the scan that found it. */
  removeAt(position: number): unknown {
    if (position === 0) return this.shift()
    this.size--
    return (this.#rest as Queue).removeAt(this.#first === NOTHING ? position : position - 1)
  }

  /** Empties the mailbox and gives its memory back. */
  clear(visit: (entry: unknown) => void): void {
    while (this.size > 0) visit(this.shift())
    this.release()
  }

  /** Gives the memory of an empty mailbox back. */
  release(): void {
    const rest = this.#rest
    if (rest instanceof Queue) this.#rest = rest.chunks
    this.signals = this.uncounted = 0
  }
}

/** A chunk is sparse when this part of it has been taken out: then moving the rest costs a third of a step per entry. */
const SPARSE = 3 / 4

/**
 * A FIFO as a list of chunks. Each chunk is an array whose last element links to the next chunk (the shape of Node's
 * own FixedQueue): no entry is ever copied when the queue grows, so a flooded mailbox causes no pause.
 */
class Queue {
  readonly chunks: Chunks
  #head: Chunk
  #tail: Chunk
  #headIndex = 0
  #tailIndex = 0

  constructor(chunks: Chunks) {
    this.chunks = chunks
    this.#head = this.#tail = chunks.first()
  }

  push(entry: unknown): void {
    const tail = this.#tailIndex === this.#tail.length - 1 ? this.#makeRoom() : this.#tail
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

  /** The chunk with room for the next entry, at the tail's index. */
  #makeRoom(): Chunk {
    const last = this.#tail
    if (last === this.#head && this.#headIndex >= last.length * SPARSE) return this.#compact()
    const chunk = this.chunks.after(last)
    last[last.length - 1] = chunk
    this.#tail = chunk
    this.#tailIndex = 0
    return chunk
  }

  /** A few entries at the end of the only chunk move to its beginning: a queue that is short but never empty does not grow. */
  #compact(): Chunk {
    const chunk = this.#head
    const size = this.#tailIndex - this.#headIndex
    for (let i = 0; i < size; i++) chunk[i] = chunk[this.#headIndex + i]
    chunk.fill(undefined, size)
    this.#headIndex = 0
    this.#tailIndex = size
    return chunk
  }

  /** Empty: begin again in the same chunk, unless a flood has left a large one. */
  #rewind(): void {
    const chunk = this.#tail
    if (this.chunks.isPooled(chunk)) {
      this.#tail = this.chunks.first()
      this.chunks.giveBack(chunk)
    }
    this.#head = this.#tail
    this.#headIndex = this.#tailIndex = 0
  }

  /** A chunk without its link: an old one that nobody uses any more would keep all that came after it from the collector. */
  #nextHead(): void {
    const head = this.#head
    const link = head.length - 1
    this.#head = head[link] as Chunk
    this.#headIndex = 0
    head[link] = undefined
    this.chunks.giveBack(head)
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
