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

export abstract class TimerNode {
  /** In whole milliseconds of the wheel's time. */
  deadline = 0
  previous: TimerNode | undefined = undefined
  next: TimerNode | undefined = undefined
  /** Slot it waits in, or -1. */
  slot = -1
  abstract fire(): void
}

export class TimerWheel {
  readonly #first: (TimerNode | undefined)[] = new Array<TimerNode | undefined>(SLOTS * LEVELS).fill(undefined)
  readonly #last: (TimerNode | undefined)[] = new Array<TimerNode | undefined>(SLOTS * LEVELS).fill(undefined)
  readonly #levelSizes: number[] = new Array<number>(LEVELS).fill(0)
  /** Nothing is due before this tick. */
  #time: number
  size = 0

  constructor(now: number) {
    this.#time = Math.floor(now)
  }

  /** Adds a timer that fires at the first tick that is not before `deadline`. */
  add(node: TimerNode, deadline: number): void {
    node.deadline = Math.min(Math.max(Math.ceil(deadline), this.#time + 1), LAST_DEADLINE)
    this.#insert(node)
    this.size++
  }

  /** False when the timer has fired or was cancelled before. */
  cancel(node: TimerNode): boolean {
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
    const nodes: TimerNode[] = []
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

  #insert(node: TimerNode): void {
    const { deadline } = node
    const time = this.#time
    let level = 0
    while (Math.floor(deadline / SPAN[level + 1]!) !== Math.floor(time / SPAN[level + 1]!)) level++
    const slot = level * SLOTS + (Math.floor(deadline / SPAN[level]!) % SLOTS)
    const last = this.#last[slot]
    node.slot = slot
    node.previous = last
    node.next = undefined
    if (last === undefined) this.#first[slot] = node
    else last.next = node
    this.#last[slot] = node
    this.#levelSizes[level]!++
  }

  #unlink(node: TimerNode): void {
    const { slot, previous, next } = node
    if (previous === undefined) this.#first[slot] = next
    else previous.next = next
    if (next === undefined) this.#last[slot] = previous
    else next.previous = previous
    this.#levelSizes[Math.floor(slot / SLOTS)]!--
    node.slot = -1
    node.previous = node.next = undefined
  }
}
