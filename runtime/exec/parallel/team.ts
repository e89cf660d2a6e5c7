import { IrisError } from '../../../base/diagnostic.ts'
import { CONTEXT, STATUS_CANCELLED } from '../../../compiler/abi.ts'
import type { WasmFunction } from '../instance.ts'
import { ring, SEAT, STOP } from '../pool/words.ts'
import { CLOSED, FAILED, generationOf, helpToken, MEMBER, memberAt, partOf, resultsAt, stateOf } from './words.ts'

export interface TeamPlace {
  /** address of the members */
  readonly team: number
  /** how many there are */
  readonly members: number
  /** which one this thread is */
  readonly index: number
  /** context block of what runs on this thread */
  readonly context: number
}

/** One loop to be run in parts. */
export interface Offer {
  readonly code: number
  readonly region: number
  readonly lo: number
  readonly hi: number
  readonly frame: number
  /** counter per part, a multiple of `resultSpan` */
  readonly span: number
  /** counter per result */
  readonly resultSpan: number
  readonly parts: number
  /** most threads that are asked, this one included */
  readonly threads: number
}

/** Runs from lo to hi; the result goes to an address. */
export type Chunk = WasmFunction

/** How long a member that has nothing left to do looks for the end of the parts of others before it sleeps; ms. */
const SPIN_MS = 0.05
const NAP_MS = 2
const ROUNDS = 64

/**
 * A thread's part in the team: it offers its own loops and helps with those of others. Parts are taken by compare and
 * exchange of a word that also holds a generation, so that nobody takes a part of a loop that it has not read. Whoever
 * offers works, too, and waits only for parts that somebody has taken.
 */
export class TeamMember {
  readonly #place: TeamPlace
  readonly #slot: number
  readonly #words: () => Int32Array

  constructor(place: TeamPlace, words: () => Int32Array) {
    this.#place = place
    this.#slot = memberAt(place.team, place.index)
    this.#words = words
  }

  get results(): number {
    const { team, members, index } = this.#place
    return resultsAt(team, members, index)
  }

  /** Tells the caller's compiled code where results stand. */
  placeResults(frame: number): void {
    this.#words()[frame >> 2] = this.results
  }

  /** Threads other than this one that run. */
  get others(): number {
    const { team, members, index } = this.#place
    const i32 = this.#words()
    let count = 0
    for (let each = 1; each < members; each++)
      if (each !== index && i32[(memberAt(team, each) + MEMBER.alive) >> 2] === 1) count++
    return count
  }

  /**
   * Runs a loop together with whoever comes, and returns when all parts are over.
   * @throws what a part of this thread threw, or a trap with the status of another's in this thread's context
   */
  run(offer: Offer, chunk: Chunk): void {
    this.#open(offer)
    this.#ringOthers(Math.min(offer.parts, offer.threads) - 1)
    let error: unknown
    for (;;) {
      const part = this.#take(this.#slot)
      if (part < 0) break
      try {
        if (this.#load(MEMBER.failed) === 0) this.#runPart(chunk, this.#slot, this.results, part)
      } catch (thrown) {
        error ??= thrown
        this.#fail(this.#slot, this.#statusOf(thrown))
      }
      Atomics.add(this.#words(), (this.#slot + MEMBER.done) >> 2, 1)
    }
    this.#awaitOthers(offer.parts)
    this.#close()
    this.#throwFailure(error)
  }

  /** Takes one part of somebody's loop and runs it; false when there was none. */
  help(chunkOf: (code: number, region: number) => Chunk | undefined): boolean {
    const { team, members, index } = this.#place
    for (let each = 0; each < members; each++) {
      if (each === index) continue
      const slot = memberAt(team, each)
      if (partOf(Atomics.load(this.#words(), (slot + MEMBER.state) >> 2)) === CLOSED) continue
      if (this.#helpWith(slot, each, chunkOf)) return true
    }
    return false
  }

  #helpWith(slot: number, owner: number, chunkOf: (code: number, region: number) => Chunk | undefined): boolean {
    const i32 = this.#words()
    const at = (offset: number): number => (slot + offset) >> 2
    const state = Atomics.load(i32, at(MEMBER.state))
    const chunk = partOf(state) === CLOSED ? undefined : chunkOf(i32[at(MEMBER.code)]!, i32[at(MEMBER.region)]!)
    if (!chunk) return false
    const { team, members } = this.#place
    // from here on the owner's thread, or who buries it, knows that this one may write for that loop
    Atomics.store(i32, (this.#slot + MEMBER.helping) >> 2, slot)
    const part = this.#takeSeen(slot, state)
    if (part >= 0) {
      this.#guardedPart(chunk, slot, resultsAt(team, members, owner), part, helpToken(owner, state))
      Atomics.add(i32, at(MEMBER.done), 1)
      if (Atomics.load(i32, at(MEMBER.waiting)) !== 0) Atomics.notify(i32, at(MEMBER.done))
    }
    Atomics.store(i32, (this.#slot + MEMBER.helping) >> 2, 0)
    return part >= 0
  }

  #guardedPart(chunk: Chunk, slot: number, results: number, part: number, token: number): void {
    const i32 = this.#words()
    const cancel = (this.#place.context + CONTEXT.cancel) >> 2
    i32[(this.#place.context + CONTEXT.status) >> 2] = 0
    // who stops the loop sets `failed` first and then looks at the cancel words: one of the two is seen
    Atomics.store(i32, cancel, token)
    try {
      if (Atomics.load(i32, (slot + MEMBER.failed) >> 2) === 0) this.#runPart(chunk, slot, results, part)
    } catch (error) {
      this.#fail(slot, this.#statusOf(error))
    }
    Atomics.store(i32, cancel, 0)
  }

  #runPart(chunk: Chunk, slot: number, results: number, part: number): void {
    const i32 = this.#words()
    const at = (offset: number): number => i32[(slot + offset) >> 2]!
    const [span, resultSpan, end, frame] = [at(MEMBER.span), at(MEMBER.resultSpan), at(MEMBER.hi), at(MEMBER.frame)]
    const first = at(MEMBER.lo) + part * span
    const last = Math.min(end, first + span)
    let result = results + 8 * part * Math.round(span / resultSpan)
    for (let lo = first; lo < last; lo += resultSpan, result += 8)
      chunk(lo, Math.min(last, lo + resultSpan), result, frame)
  }

  // ---- taking parts

  #take(slot: number): number {
    return this.#takeSeen(slot, Atomics.load(this.#words(), (slot + MEMBER.state) >> 2))
  }

  /** The number of a part, or -1: all are taken, or this is another loop than the one that was seen. */
  #takeSeen(slot: number, seen: number): number {
    const i32 = this.#words()
    const at = (slot + MEMBER.state) >> 2
    for (let state = seen; ; ) {
      const part = partOf(state)
      if (part >= i32[(slot + MEMBER.total) >> 2]! || generationOf(state) !== generationOf(seen)) return -1
      const found = Atomics.compareExchange(i32, at, state, state + 1)
      if (found === state) return part
      state = found
    }
  }

  #open({ code, region, lo, hi, frame, span, resultSpan, parts }: Offer): void {
    const i32 = this.#words()
    const put = (offset: number, value: number): void => void (i32[(this.#slot + offset) >> 2] = value)
    put(MEMBER.total, parts)
    put(MEMBER.done, 0)
    put(MEMBER.failed, 0)
    put(MEMBER.code, code)
    put(MEMBER.region, region)
    put(MEMBER.lo, lo)
    put(MEMBER.hi, hi)
    put(MEMBER.span, span)
    put(MEMBER.resultSpan, resultSpan)
    put(MEMBER.frame, frame)
    this.placeResults(frame)
    const generation = generationOf(this.#load(MEMBER.state)) + 1
    Atomics.store(i32, (this.#slot + MEMBER.state) >> 2, stateOf(generation, 0))
  }

  #close(): void {
    const generation = generationOf(this.#load(MEMBER.state))
    Atomics.store(this.#words(), (this.#slot + MEMBER.state) >> 2, stateOf(generation, CLOSED))
  }

  /** Asks so many threads, those without a job of their own first. */
  #ringOthers(wanted: number): void {
    const { team, members, index } = this.#place
    const i32 = this.#words()
    let left = wanted
    for (const isBusy of [false, true])
      for (let each = 1; each < members && left > 0; each++) {
        const member = memberAt(team, each)
        if (each === index || i32[(member + MEMBER.alive) >> 2] !== 1) continue
        const seat = i32[(member + MEMBER.seat) >> 2]!
        if ((Atomics.load(i32, (seat + SEAT.mailbox) >> 2) !== 0) !== isBusy) continue
        ring(i32, seat)
        left--
      }
  }

  // ---- the end

  #awaitOthers(parts: number): void {
    const i32 = this.#words()
    const done = (this.#slot + MEMBER.done) >> 2
    if (Atomics.load(i32, done) === parts) return
    const end = performance.now() + SPIN_MS
    do for (let i = 0; i < ROUNDS; i++) if (Atomics.load(i32, done) === parts) return
    while (performance.now() < end)
    Atomics.store(i32, (this.#slot + MEMBER.waiting) >> 2, 1)
    for (;;) {
      const now = Atomics.load(i32, done)
      if (now === parts || this.#isAbandoned()) break
      Atomics.wait(i32 as Int32Array<SharedArrayBuffer>, done, now, NAP_MS)
      if (Atomics.load(i32, (this.#place.context + CONTEXT.cancel) >> 2) < 0) this.#fail(this.#slot, STATUS_CANCELLED)
    }
    Atomics.store(i32, (this.#slot + MEMBER.waiting) >> 2, 0)
  }

  /** A thread has died with a part of this loop, and no other works on it. */
  #isAbandoned(): boolean {
    if (this.#load(MEMBER.failed) !== FAILED.died) return false
    return !isHelped(this.#words(), this.#place, this.#slot)
  }

  #throwFailure(own: unknown): void {
    const failed = this.#load(MEMBER.failed)
    if (failed === 0) return
    if (failed === FAILED.overflow) throw own ?? new RangeError('Maximum call stack size exceeded')
    if (failed === FAILED.defect) throw own ?? new Error('a part of a parallel loop failed on another thread')
    if (failed === FAILED.died) throw new IrisError('IRIS5010', { reason: 'it ran a part of a parallel loop' })
    this.#words()[(this.#place.context + CONTEXT.status) >> 2] = failed
    throw own ?? new WebAssembly.RuntimeError('unreachable')
  }

  #statusOf(error: unknown): number {
    if (error instanceof RangeError) return FAILED.overflow
    const status = this.#words()[(this.#place.context + CONTEXT.status) >> 2]!
    return error instanceof WebAssembly.RuntimeError && status !== 0 ? status : FAILED.defect
  }

  #fail(slot: number, status: number): void {
    stopLoop(this.#words(), this.#place, slot, status)
  }

  #load(offset: number): number {
    return Atomics.load(this.#words(), (this.#slot + offset) >> 2)
  }
}

type Members = Pick<TeamPlace, 'team' | 'members'>

/** Marks a loop as failed, and stops all that run parts of it. The first reason stays. */
export function stopLoop(i32: Int32Array, { team, members }: Members, slot: number, status: number): void {
  Atomics.compareExchange(i32, (slot + MEMBER.failed) >> 2, 0, status)
  const owner = (slot - team) / MEMBER.bytes
  const token = helpToken(owner, Atomics.load(i32, (slot + MEMBER.state) >> 2))
  for (let each = 1; each < members; each++) {
    const member = memberAt(team, each)
    if (Atomics.load(i32, (member + MEMBER.helping) >> 2) !== slot) continue
    const cancel = (i32[(member + MEMBER.context) >> 2]! + CONTEXT.cancel) >> 2
    Atomics.compareExchange(i32, cancel, token, token | STOP)
  }
}

export function isHelped(i32: Int32Array, { team, members }: Members, slot: number): boolean {
  for (let each = 1; each < members; each++)
    if (Atomics.load(i32, (memberAt(team, each) + MEMBER.helping) >> 2) === slot) return true
  return false
}
