/**
 * Hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987): eight levels of
 * 64 slots of 1 ms, 64 ms, 4 s …, which reach 2^48 ms. Adding and cancelling cost the same for one timer and for a
 * million. A timer sits at the lowest level at which its deadline and the wheel's time fall into one turn; because a
 * slot is moved down before anything is added below it, timers of one deadline fire in the order they were added.
 */
const SLOTS = 64
const LEVELS = 8
const SPAN: readonly number[] = Array.from({ length: LEVELS + 1 }, (_, level) => SLOTS ** level)
const LAST_DEADLINE = SPAN[LEVELS]! - 1

/** What waits in the wheel; the wheel alone writes the fields. */
export interface TimerEntry {
  /** In whole milliseconds of the wheel's time. */
  deadline: number
  previous: TimerEntry | undefined
  next: TimerEntry | undefined
  /** Slot it waits in, or -1. */
  slot: number
  fire(): void
}

export abstract class TimerNode implements TimerEntry {
  deadline = 0
  previous: TimerEntry | undefined = undefined
  next: TimerEntry | undefined = undefined
  slot = -1
  abstract fire(): void
}

/** Below it levels and slots are found by bits: about 12 days. */
const SMALL = 2 ** 30
const SLOT_BITS = 6

export class TimerWheel {
  readonly #first: (TimerEntry | undefined)[] = new Array<TimerEntry | undefined>(SLOTS * LEVELS).fill(undefined)
  readonly #last: (TimerEntry | undefined)[] = new Array<TimerEntry | undefined>(SLOTS * LEVELS).fill(undefined)
  readonly #levelSizes: number[] = new Array<number>(LEVELS).fill(0)
  /** Nothing is due before this tick. */
  #time: number
  size = 0

  constructor(now: number) {
    this.#time = Math.floor(now)
  }

  /** Adds a timer that fires at the first tick that is not before `deadline`. */
  add(node: TimerEntry, deadline: number): void {
    node.deadline = Math.min(Math.max(Math.ceil(deadline), this.#time + 1), LAST_DEADLINE)
    this.#insert(node)
    this.size++
  }

  /** False when the timer has fired or was cancelled before. */
  cancel(node: TimerEntry): boolean {
    if (node.slot < 0) return false
    this.#unlink(node)
    this.size--
    return true
  }

  /** The tick at which the wheel wants to be advanced, or undefined when it is empty. */
  nextTick(): number | undefined {
    if (this.size === 0) return undefined
    const slot = this.#nextSlot()
    return this.#startOf(slot)
  }

  /** Fires what is due at `now`, at most `limit` timers. Returns whether more is due. */
  advance(now: number, limit: number): boolean {
    const tick = Math.floor(now)
    let fired = 0
    while (this.size > 0) {
      const slot = this.#nextSlot()
      const start = this.#startOf(slot)
      if (start > tick) break
      if (slot < SLOTS) {
        if (fired++ >= limit) return true
        this.#fireOne(slot, start)
      } else this.#moveDown(slot, start)
    }
    if (this.#time < tick) this.#time = tick
    return false
  }

  #fireOne(slot: number, start: number): void {
    const node = this.#first[slot]!
    this.#time = start
    this.#unlink(node)
    this.size--
    node.fire()
  }

  #moveDown(slot: number, start: number): void {
    const nodes: TimerEntry[] = []
    for (let node = this.#first[slot]; node !== undefined; node = node.next) nodes.push(node)
    for (const node of nodes) this.#unlink(node)
    this.#time = start
    for (const node of nodes) this.#insert(node)
  }

  #nextSlot(): number {
    let level = 0
    while (this.#levelSizes[level] === 0) level++
    const base = level * SLOTS
    let index = Math.floor(this.#time / SPAN[level]!) % SLOTS
    while (this.#first[base + index] === undefined) index = (index + 1) % SLOTS
    return base + index
  }

  #startOf(slot: number): number {
    const first = this.#first[slot]!
    const span = SPAN[Math.floor(slot / SLOTS)]!
    return Math.floor(first.deadline / span) * span
  }

  #insert(node: TimerEntry): void {
    const { deadline } = node
    const time = this.#time
    const slot = deadline < SMALL ? slotOfSmall(deadline, time) : slotOf(deadline, time)
    const last = this.#last[slot]
    node.slot = slot
    node.previous = last
    node.next = undefined
    if (last === undefined) this.#first[slot] = node
    else last.next = node
    this.#last[slot] = node
    this.#levelSizes[slot >>> SLOT_BITS]!++
  }

  #unlink(node: TimerEntry): void {
    const { slot, previous, next } = node
    if (previous === undefined) this.#first[slot] = next
    else previous.next = next
    if (next === undefined) this.#last[slot] = previous
    else next.previous = previous
    this.#levelSizes[slot >>> SLOT_BITS]!--
    node.slot = -1
    node.previous = node.next = undefined
  }
}

/** The lowest level at which deadline and time fall into one turn, and the slot there. */
function slotOf(deadline: number, time: number): number {
  let level = 0
  while (Math.floor(deadline / SPAN[level + 1]!) !== Math.floor(time / SPAN[level + 1]!)) level++
  return level * SLOTS + (Math.floor(deadline / SPAN[level]!) % SLOTS)
}

/** The same: the highest bit in which the two differ tells the level. */
function slotOfSmall(deadline: number, time: number): number {
  const level = Math.floor((31 - Math.clz32((deadline ^ time) | 1)) / SLOT_BITS)
  return level * SLOTS + ((deadline >>> (level * SLOT_BITS)) & (SLOTS - 1))
}
