import type { RegionPlan } from '../../../compiler/abi.ts'
import { LoopCosts } from './loop-costs.ts'
import type { Chunk, TeamMember } from './team.ts'
import { MOST_PARTS, RESULTS } from './words.ts'

/** An instance with loops that can be shared. */
export interface SharedCode {
  readonly regions: readonly RegionPlan[]
  readonly chunks: readonly Chunk[]
  /** most threads that may work on one of its loops */
  readonly limit: number
  /** Number by which the threads know the code; undefined: they do not. */
  number(): number | undefined
}

/** Shares loops among threads, or does not. */
export interface LoopSharing {
  /**
   * Runs the rounds from lo to hi, in parts, whose results stand one after the other at the address that it writes into the
   * frame. Gives how many there are; 0: nothing was done, and the caller is to run the whole loop.
   */
  share(code: SharedCode, region: number, lo: number, hi: number, frame: number): number
}

export interface SharingSettings {
  /** Work below which a loop is not shared; microseconds. */
  readonly leastUs: number
  /** Rounds that one part has at least. */
  readonly leastRounds: number
  /** Parts for each thread: more even out rounds of different cost. */
  readonly partsPerThread: number
}

/** Waking a thread takes some 50 µs, so that a loop of less than twice that gains nothing. */
export const SHARING: SharingSettings = { leastUs: 80, leastRounds: 1, partsPerThread: 8 }

/** Parts of many rounds are cut so that vectors fill them. */
const VECTOR_ROUNDS = 64
/** A loop of unknown cost runs this part of its rounds alone first. */
const FIRST_PART = 16

interface Loop {
  readonly code: SharedCode
  readonly region: number
  readonly lo: number
  readonly hi: number
  readonly frame: number
  readonly rounds: number
  readonly costs: LoopCosts
}

/** Decides how loops of one thread are cut, by what their rounds have cost so far. */
export class Sharing implements LoopSharing {
  readonly #member: TeamMember
  readonly #settings: SharingSettings
  readonly #wanted: (() => void) | undefined
  readonly #costs = new WeakMap<SharedCode, LoopCosts[]>()
  /** loops that were shared */
  count = 0
  /** most threads in a loop, this one included */
  limit: number

  /** `wanted` is called when a loop is worth sharing and no thread runs. */
  constructor(member: TeamMember, limit: number, settings: SharingSettings = SHARING, wanted?: () => void) {
    this.#member = member
    this.limit = limit
    this.#settings = settings
    this.#wanted = wanted
  }

  /** What `env.fork` does. */
  share(code: SharedCode, region: number, lo: number, hi: number, frame: number): number {
    if (Math.min(this.limit, code.limit) < 2) return 0
    const { step, gathers } = code.regions[region]!
    const rounds = Math.ceil((hi - lo) / step)
    if (rounds < 2 || (gathers === 'rounds' && rounds > RESULTS)) return 0
    const loop: Loop = { code, region, lo, hi, frame, rounds, costs: this.#costsOf(code, region) }
    const { leastUs } = this.#settings
    switch (leastUs === 0 ? 'shared' : loop.costs.choose(rounds, leastUs * 1000)) {
      case 'short':
        return 0
      case 'alone':
        return this.#alone(loop, 0)
      case 'shared':
        return this.#together(loop, 0)
      case 'unknown':
        return this.#findOut(loop)
    }
  }

  /** Runs the first rounds alone, and the rest as they suggest. What is gathered would not be complete: it runs alone. */
  #findOut(loop: Loop): number {
    const { code, region, rounds, costs } = loop
    if (code.regions[region]!.gathers !== undefined || rounds < FIRST_PART) return this.#alone(loop, 0)
    const first = Math.ceil(rounds / FIRST_PART)
    this.#timedAlone(loop, 0, first)
    return costs.isWorth(rounds, this.#settings.leastUs * 1000) ? this.#together(loop, first) : this.#alone(loop, first)
  }

  /** On this thread, from round `done` on. */
  #alone(loop: Loop, done: number): number {
    this.#member.placeResults(loop.frame)
    this.#timedAlone(loop, done, loop.rounds)
    return loop.code.regions[loop.region]!.gathers === 'rounds' ? loop.rounds : 1
  }

  #timedAlone({ code, region, lo, hi, frame, costs }: Loop, from: number, to: number): void {
    const { step, gathers } = code.regions[region]!
    const chunk = code.chunks[region]!
    const end = Math.min(hi, lo + to * step)
    const span = gathers === 'rounds' ? step : end - lo
    const start = performance.now()
    let result = this.#member.results
    for (let at = lo + from * step; at < end; at += span, result += 8)
      chunk(at, Math.min(end, at + span), result, frame)
    costs.ranAlone((performance.now() - start) * 1e6, to - from)
  }

  /** With the threads that there are, from round `done` on. */
  #together(loop: Loop, done: number): number {
    const { code, region, lo, hi, frame, rounds, costs } = loop
    const threads = Math.min(this.limit, code.limit, 1 + this.#member.others)
    const number = threads > 1 ? code.number() : undefined
    if (number === undefined) {
      this.#wanted?.()
      return this.#alone(loop, done)
    }
    const { step, gathers } = code.regions[region]!
    const left = rounds - done
    const part = this.#roundsPerPart(left, threads)
    const span = part * step
    const resultSpan = gathers === 'rounds' ? step : span
    const parts = Math.ceil(left / part)
    const offer = { code: number, region, lo: lo + done * step, hi, frame, span, resultSpan, parts, threads }
    const start = performance.now()
    this.count++
    this.#member.run(offer, code.chunks[region]!)
    costs.ranShared((performance.now() - start) * 1e6, left)
    return gathers === 'rounds' ? rounds : parts
  }

  #roundsPerPart(rounds: number, threads: number): number {
    const { leastRounds, partsPerThread } = this.#settings
    const even = Math.max(leastRounds, Math.ceil(rounds / (threads * partsPerThread)), Math.ceil(rounds / MOST_PARTS))
    return even < VECTOR_ROUNDS ? even : Math.ceil(even / VECTOR_ROUNDS) * VECTOR_ROUNDS
  }

  #costsOf(code: SharedCode, region: number): LoopCosts {
    let all = this.#costs.get(code)
    if (!all) this.#costs.set(code, (all = code.regions.map(() => new LoopCosts())))
    return all[region]!
  }
}
