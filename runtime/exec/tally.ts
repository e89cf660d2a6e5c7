import type { DiagnosticCode } from '../../base/diagnostic.ts'
import type { Tier, WrapperState } from './wrapper.ts'

/** Calls by the tier that ran them, and the reasons of those that ran as JavaScript without need. */
export type Totals = Readonly<Record<Tier, number>> & { readonly misses: Readonly<Record<string, number>> }

/** Counters of one kernel. The wrapper counts in its own state, since that is cheapest; here it is put together. */
export class Tally {
  readonly #state: WrapperState
  readonly #misses = new Map<string, number>()
  readonly #warned = new Set<string>()
  #js = 0
  #flushed = 0

  constructor(state: WrapperState) {
    this.#state = state
  }

  js(): void {
    this.#js++
  }

  miss(code: DiagnosticCode): void {
    this.#misses.set(code, (this.#misses.get(code) ?? 0) + 1)
  }

  isFirstWarning(code: DiagnosticCode): boolean {
    if (this.#warned.has(code)) return false
    this.#warned.add(code)
    return true
  }

  /** Puts the calls that the wrapper passed on since the last flush down to a miss, if there was one. */
  flush(code: DiagnosticCode | undefined): void {
    const passed = this.#state.js - this.#flushed
    this.#flushed = this.#state.js
    if (code && passed > 0) this.#misses.set(code, (this.#misses.get(code) ?? 0) + passed)
  }

  totals(): Totals {
    const { js, scalar, simd, parallel } = this.#state
    return { js: this.#js + js, scalar, simd, parallel, misses: Object.fromEntries(this.#misses) }
  }
}
