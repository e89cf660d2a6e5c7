/** What the queue knows of a call. */
export interface Queued {
  /** larger runs earlier */
  readonly priority: number
  /** whose call it is: kernels take turns */
  readonly owner: object
}

/** First in, first out, without moving what remains. */
class Line<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  unshift(item: T): void {
    this.#items = [item, ...this.rest()]
    this.#head = 0
  }

  shift(): T | undefined {
    const item = this.#items[this.#head++]
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.rest()
      this.#head = 0
    }
    return item
  }

  remove(item: T): boolean {
    const at = this.#items.indexOf(item, this.#head)
    if (at >= 0) this.#items.splice(at, 1)
    return at >= 0
  }

  rest(): T[] {
    return this.#items.slice(this.#head)
  }
}

/**
 * Calls that wait: by priority; among equal priorities the kernels take turns, so that a thousand calls of one do not
 * keep another waiting (round robin by owner); the calls of one kernel stay in order.
 */
export class FairQueue<T extends Queued> {
  readonly #levels = new Map<number, Map<object, Line<T>>>()
  /** priorities in use, the highest first */
  #order: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    this.#lineOf(item).push(item)
    this.#size++
  }

  /** In front of the other calls of its owner, who is next in turn: a call that has to be begun again. */
  pushFirst(item: T): void {
    const line = this.#lineOf(item)
    line.unshift(item)
    this.#size++
    const level = this.#levels.get(item.priority)
    const others = [...(level ?? [])].filter(([owner]) => owner !== item.owner)
    this.#levels.set(item.priority, new Map([[item.owner, line], ...others]))
  }

  shift(): T | undefined {
    const level = this.#levels.get(this.#order[0] ?? Number.NaN)
    const [turn] = level ?? []
    if (!level || !turn) return undefined
    const [owner, line] = turn
    const item = line.shift()
    level.delete(owner)
    if (line.length > 0) level.set(owner, line)
    this.#size--
    this.#tidy(this.#order[0]!)
    return item
  }

  /** The one that gives way to a newer call: the oldest of the lowest priority's longest line. */
  shiftLeast(): T | undefined {
    const priority = this.#order.at(-1)
    const level = priority === undefined ? undefined : this.#levels.get(priority)
    if (!level || priority === undefined) return undefined
    const [owner, line] = [...level].reduce((most, each) => (each[1].length > most[1].length ? each : most))
    const item = line.shift()
    if (line.length === 0) level.delete(owner)
    this.#size--
    this.#tidy(priority)
    return item
  }

  /** False when it is not here (any more). */
  remove(item: T): boolean {
    const level = this.#levels.get(item.priority)
    const line = level?.get(item.owner)
    if (!level || !line?.remove(item)) return false
    if (line.length === 0) level.delete(item.owner)
    this.#size--
    this.#tidy(item.priority)
    return true
  }

  /** Takes everything out, in no particular order. */
  clear(): T[] {
    const all = [...this.#levels.values()].flatMap(level => [...level.values()].flatMap(line => line.rest()))
    this.#levels.clear()
    this.#order = []
    this.#size = 0
    return all
  }

  #lineOf({ priority, owner }: T): Line<T> {
    let level = this.#levels.get(priority)
    if (!level) {
      level = new Map()
      this.#levels.set(priority, level)
      this.#order = [...this.#levels.keys()].sort((a, b) => b - a)
    }
    let line = level.get(owner)
    if (!line) level.set(owner, (line = new Line()))
    return line
  }

  #tidy(priority: number): void {
    if ((this.#levels.get(priority)?.size ?? 0) > 0) return
    this.#levels.delete(priority)
    this.#order = this.#order.filter(each => each !== priority)
  }
}
