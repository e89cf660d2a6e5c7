/** Share of a new measurement in the cost that is kept. */
const NEWS = 0.25
/** Every so many-th time what was not chosen is tried again; sharing that loses little sooner: cores become free. */
const TRY_AGAIN = 64
const TRY_SHARING_AGAIN = 8
const LITTLE = 1.5

export type Choice = 'unknown' | 'short' | 'alone' | 'shared'

/** What rounds of one loop have cost on one thread and on several: moving averages, nanoseconds of the caller's time. */
export class LoopCosts {
  #alone: number | undefined
  #shared: number | undefined
  #turn = 0

  /**
   * 'short': less work than `leastNs`, not worth a measurement. Now and then the other way is chosen, since what else
   * the machine does changes.
   */
  choose(rounds: number, leastNs: number): Choice {
    if (this.#alone === undefined) return 'unknown'
    const turn = ++this.#turn % TRY_AGAIN
    if (turn === 0) return 'alone'
    if (this.#alone * rounds < leastNs) return 'short'
    return this.#isLost(turn) ? 'alone' : 'shared'
  }

  #isLost(turn: number): boolean {
    const loss = (this.#shared ?? 0) / (this.#alone ?? 1)
    return loss >= 1 && turn % (loss < LITTLE ? TRY_SHARING_AGAIN : TRY_AGAIN / 2) !== 0
  }

  ranAlone(ns: number, rounds: number): void {
    this.#alone = mixed(this.#alone, ns / rounds)
  }

  ranShared(ns: number, rounds: number): void {
    this.#shared = mixed(this.#shared, ns / rounds)
  }

  /** Whether so many rounds are worth sharing, by what one thread took. */
  isWorth(rounds: number, leastNs: number): boolean {
    return (this.#alone ?? 0) * rounds >= leastNs
  }
}

const mixed = (before: number | undefined, now: number): number =>
  before === undefined ? now : before + NEWS * (now - before)
