/** How full the queue is; the names are those of the mailboxes of actors. */
export const PRESSURE_LEVELS = ['NORMAL', 'HIGH', 'CRITICAL'] as const
export type PressureLevel = (typeof PRESSURE_LEVELS)[number]

const HIGH = 0.5
const CRITICAL = 0.9
/** A level is left only well below where it was entered, so that it does not flicker. */
const HYSTERESIS = 0.1

export class Pressure {
  readonly #capacity: number
  #level = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get level(): PressureLevel {
    return PRESSURE_LEVELS[this.#level]!
  }

  /** Gives the new level when it is another one. */
  judge(size: number): PressureLevel | undefined {
    const share = size / this.#capacity
    const isAbove = (limit: number, rank: number): boolean =>
      share >= limit || (this.#level >= rank && share >= limit - HYSTERESIS)
    const level = isAbove(CRITICAL, 2) ? 2 : isAbove(HIGH, 1) ? 1 : 0
    if (level === this.#level) return undefined
    this.#level = level
    return this.level
  }
}
