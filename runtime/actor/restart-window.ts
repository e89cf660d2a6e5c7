/** Counts restarts: more than `intensity` within `periodMs` is too many (OTP's `MaxR` and `MaxT`). */
export class RestartWindow {
  readonly #intensity: number
  readonly #periodMs: number
  #times: number[] = []

  constructor(intensity: number, periodMs: number) {
    this.#intensity = intensity
    this.#periodMs = periodMs
  }

  /** Notes one restart; false when it is one too many. */
  admit(now: number): boolean {
    this.#times = this.#times.filter(time => now - time <= this.#periodMs)
    this.#times.push(now)
    return this.#times.length <= this.#intensity
  }
}
