import type { RegionPlan } from '../../../compiler/abi.ts'
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
/** Share of a new measurement in the cost that is kept. */
const NEWS = 0.25
/** A loop of unknown cost runs this part of its rounds alone first. */
const FIRST_PART = 16
/** Loops that were too short are measured again after so many calls. */
const TRY_AGAIN = 64

interface Loop {
  readonly code: SharedCode
  readonly region: number
  readonly lo: number
  readonly hi: number
  readonly frame: number
  readonly rounds: number
}

/** Decides how loops of one thread are cut, by what their rounds have cost so far. */
export class Sharing implements LoopSharing {
  readonly #member: TeamMember
  readonly #settings: SharingSettings
  readonly #costs = new WeakMap<SharedCode, Map<number, number>>()
  readonly #wanted: (() => void) | undefined
  #skipped = 0
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

  /** What `env.fork` does: the number of results, or 0 when the caller is to run the whole loop by itself. */
  share(code: SharedCode, region: number, lo: number, hi: number, frame: number): number {
    const loop: Loop = { code, region, lo, hi, frame, rounds: Math.ceil((hi - lo) / code.regions[region]!.step) }
    if (Math.min(this.limit, code.limit) < 2 || !this.#canCut(loop)) return 0
    const done = this.#roundsToFindOut(loop)
    if (done === undefined) return 0
    if (done === loop.rounds) return 1
    const threads = Math.min(this.limit, code.limit, 1 + this.#member.others)
    const number = threads > 1 ? code.number() : undefined
    if (number !== undefined) return this.#cut(loop, done, number, threads)
    this.#wanted?.()
    return this.#alone(loop, done)
  }

  /** No thread is there (yet). */
  #alone({ code, region, lo, hi, frame }: Loop, done: number): number {
    if (done === 0) return 0
    code.chunks[region]!(lo + done * code.regions[region]!.step, hi, this.#member.results, frame)
    return 1
  }

  #canCut({ code, region, rounds }: Loop): boolean {
    return rounds >= 2 && !(code.regions[region]!.gathers === 'rounds' && rounds > RESULTS)
  }

  #cut({ code, region, lo, hi, frame, rounds }: Loop, done: number, number: number, threads: number): number {
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
    this.#learn(code, region, (((performance.now() - start) * 1e6) / left) * threads)
    return gathers === 'rounds' ? rounds : parts
  }

  /**
   * Undefined: the loop is not worth sharing. Else the number of rounds that were run already to find that out (all of them
   * when the loop turned out to be short). What has been too short is tried again now and then.
   */
  #roundsToFindOut({ code, region, lo, hi, frame, rounds }: Loop): number | undefined {
    const { leastUs } = this.#settings
    const known = this.#costs.get(code)?.get(region)
    if (leastUs === 0 || (known !== undefined && known * rounds >= leastUs * 1000)) return 0
    if (known !== undefined && ++this.#skipped % TRY_AGAIN !== 0) return undefined
    const { step, gathers } = code.regions[region]!
    if (gathers || rounds < FIRST_PART) return 0
    const first = lo + Math.ceil(rounds / FIRST_PART) * step
    const start = performance.now()
    const run = (from: number, to: number): unknown => code.chunks[region]!(from, to, this.#member.results, frame)
    run(lo, first)
    const cost = ((performance.now() - start) * 1e6 * step) / (first - lo)
    this.#learn(code, region, cost)
    if (cost * rounds >= leastUs * 1000) return (first - lo) / step
    run(first, hi)
    return rounds
  }

  #roundsPerPart(rounds: number, threads: number): number {
    const { leastRounds, partsPerThread } = this.#settings
    const even = Math.max(leastRounds, Math.ceil(rounds / (threads * partsPerThread)), Math.ceil(rounds / MOST_PARTS))
    return even < VECTOR_ROUNDS ? even : Math.ceil(even / VECTOR_ROUNDS) * VECTOR_ROUNDS
  }

  #learn(code: SharedCode, region: number, cost: number): void {
    let costs = this.#costs.get(code)
    if (!costs) this.#costs.set(code, (costs = new Map()))
    const before = costs.get(region)
    costs.set(region, before === undefined ? cost : before + NEWS * (cost - before))
  }
}
