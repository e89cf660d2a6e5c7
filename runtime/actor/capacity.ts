import { IrisError } from '../../base/diagnostic.ts'
import { checkNumber } from './check.ts'
import type { Delivery } from './delivery.ts'
import type { ProcessTable } from './table.ts'

/** The bound of the whole system. System messages always pass. */
export class Capacity {
  readonly #table: ProcessTable
  readonly #delivery: Delivery
  #capacity = Number.POSITIVE_INFINITY
  #sheds = true
  #closed = false
  /** True when spawning needs a look at the rest. */
  #limited = false

  constructor(table: ProcessTable, delivery: Delivery) {
    this.#table = table
    this.#delivery = delivery
  }

  setCapacity(actors: number): void {
    this.#capacity = checkNumber('capacity', actors, 0, Number.POSITIVE_INFINITY)
    this.#refresh()
  }

  setShedding(on: boolean): void {
    this.#sheds = on
    this.#refresh()
  }

  /** After shutdown nothing is spawned any more. */
  close(): void {
    this.#closed = true
    this.#limited = true
  }

  get isOver(): boolean {
    return this.#sheds && this.#table.live >= this.#capacity
  }

  /** Throws when there is no room for another actor. */
  admit(): void {
    if (!this.#limited) return
    if (this.#closed) throw new IrisError('IRIS6015')
    if (this.isOver) throw new IrisError('IRIS6014', { live: this.#table.live, capacity: this.#capacity })
  }

  /** Sends are looked at one by one only while a capacity is set. */
  #refresh(): void {
    this.#limited = this.#closed || (this.#sheds && this.#capacity !== Number.POSITIVE_INFINITY)
    this.#delivery.limits = this.#limited ? this : undefined
    this.#delivery.refreshGuard()
  }
}
