/** A piece of a queue: room for entries, and as the last element the link to the next piece. */
export type Chunk = unknown[]

export const FIRST_CAPACITY = 4
const GROWTH = 8
/**
 * Room for more than 128 KiB, so that V8 allocates the chunk as a large object: one that survives a scavenge changes
 * its generation where it lies. Smaller chunks of a backlog are copied twice, and that copying is what a flood's
 * pauses were made of.
 */
const LARGEST_CAPACITY = FIRST_CAPACITY * GROWTH ** 4
/** From here on an empty chunk is worth keeping for the next queue. */
const LEAST_POOLED = FIRST_CAPACITY * GROWTH ** 3

/**
 * Where the mailboxes of one runtime take large chunks from and bring them back to: a chunk that has been through the
 * collector's young generation once is not made again for the next flood. The spares are held weakly, so a major
 * collection frees them; until then they are no more than the garbage they would have been.
 */
export class Chunks {
  readonly #spares = new Map<number, WeakRef<Chunk[]>>()

  first(): Chunk {
    return newChunk(FIRST_CAPACITY)
  }

  /** The chunk to follow one that is full. */
  after(full: Chunk): Chunk {
    const capacity = Math.min((full.length - 1) * GROWTH, LARGEST_CAPACITY)
    return (capacity >= LEAST_POOLED ? this.#spares.get(capacity)?.deref()?.pop() : undefined) ?? newChunk(capacity)
  }

  /** Whether {@link giveBack} keeps a chunk of that size. */
  isPooled(chunk: Chunk): boolean {
    return chunk.length > LEAST_POOLED
  }

  /** Requires that every element is undefined again. */
  giveBack(chunk: Chunk): void {
    if (!this.isPooled(chunk)) return
    const capacity = chunk.length - 1
    const spares = this.#spares.get(capacity)?.deref()
    if (spares === undefined) this.#spares.set(capacity, new WeakRef([chunk]))
    else spares.push(chunk)
  }
}

function newChunk(capacity: number): Chunk {
  return new Array<unknown>(capacity + 1).fill(undefined)
}
