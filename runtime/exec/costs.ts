import type { Tier } from './wrapper.ts'

/**
 * Which of several ways to run a call is the fastest, found by timing calls that are made anyway: no call runs twice.
 * Costs differ by size, so there is a decision for each class of sizes (class k: below 2^k). A class begins with a
 * trial: a first impression of every contender, then, for calls that are not long, some thousand of calls of each that
 * V8 needs to optimise them, and then the measurement, in which the lowest time counts, since whatever disturbs a
 * measurement makes it longer. Later trials come soon at first, while V8 may still be optimising, and then so rarely
 * that they take about one per cent of the time; a class whose calls have become much slower is tried again at once.
 * The policy is that of explore-then-commit bandits with restarts (Lattimore and Szepesvari, Bandit Algorithms, 2020,
 * chapters 6 and 31).
 */
export const SIZE_CLASSES = 33
/** Of calls that are not always timed, every so many-th is. */
export const SAMPLED_EVERY = 1024

/** Time that one contender gets in a trial, in nanoseconds: at first sight, and for the measurement. */
const GLANCE_NS = 50_000
const MEASURED_NS = 300_000
/** Before that a contender runs for so long, while V8 optimises it on other threads. */
const WARM_NS = 2e6
const MOST_SAMPLES = 24
const LONG_NS = 5e6
const CLEAR = 1.3
/** Shorter calls are let run some thousand times before they are measured: at first, and in later trials. */
const SHORT_NS = 20_000
const VERY_SHORT_NS = 1_000
const BURST = 2
/** Calls of this length and more are always timed; shorter ones now and then. */
const TIMED_NS = 50_000
/** Share of the time that later trials may take, once their distance has grown. */
const EXPLORED = 0.01
const FIRST_PATIENCE = 0.05
const MOST_PATIENCE = 64
/** A challenger has to be this much better. */
const MARGIN = 0.97
/**
 * What compiled code costs more than its measurement tells: V8 inlines a call of the original into the caller's loop,
 * and the way into WebAssembly it does not.
 */
const NOT_INLINED_NS = 10
/** So many timed calls in a row that are this much slower than the last trial found begin a new one. */
const SLOWER = 2
const STRIKES = 3

/** One contender's turn in a trial: timed calls, or (`bursts` > 0) so many times {@link SAMPLED_EVERY} untimed ones. */
interface Turn {
  readonly contender: number
  readonly bursts: number
  readonly budget: number
}

interface Trial {
  readonly turns: readonly Turn[]
  at: number
  /** timed calls or bursts that are left of this turn; -1: it has not begun */
  left: number
  /** nanoseconds of this turn that do not count yet */
  warm: number
  /** the turns are only a first impression */
  readonly isGlance: boolean
}

interface SizeClass {
  /** nanoseconds of a call by contender, as the last trial found it; NaN: never measured */
  readonly cost: number[]
  winner: number
  trial: Trial | undefined
  /** time spent since the last trial */
  spent: number
  patience: number
  strikes: number
}

/** Calls of this length are worth code that uses several threads, which is then asked for. */
const SHARED_NS = 200_000

/** What whoever binds the winner is told. */
export interface CostListener {
  /** Calls take long enough for a contender that is not there yet: {@link Costs.join} when it is. */
  wanted?(tier: Tier): void
  /** A class has a (new) winner, or is being tried. */
  changed(): void
  chosen(from: Tier | undefined, to: Tier, costs: Readonly<Partial<Record<Tier, number>>>): void
}

export interface Limits {
  /** Contenders that compete only after {@link Costs.join}. */
  readonly absent?: readonly Tier[]
  /** The original runs calls below this size only: larger ones have other bits in compiled code. 0: none. */
  readonly originalBelow?: number
}

/** Number of classes all of whose sizes are below a power of two. */
const classesBelow = (size: number): number => (size === 0 ? 0 : 32 - Math.clz32(size))

export class Costs {
  readonly contenders: readonly Tier[]
  /** By size class: 0 where calls are to be timed, else 1 + the contender that serves them. */
  readonly choices = new Uint8Array(SIZE_CLASSES)
  readonly #classes: (SizeClass | undefined)[] = []
  readonly #listener: CostListener
  /** of the last timed call */
  #last = { sizeClass: 0, contender: 0 }
  /** The first run of compiled code is in V8's baseline tier, and so tells nothing. */
  readonly #isCold: boolean[]
  readonly #absent: Set<Tier>
  /** classes in which the original may run: the first so many */
  readonly #originalClasses: number
  #asked = false

  constructor(contenders: readonly Tier[], listener: CostListener, { absent = [], originalBelow }: Limits = {}) {
    this.contenders = contenders
    this.#listener = listener
    this.#originalClasses = originalBelow === undefined ? SIZE_CLASSES : classesBelow(originalBelow)
    this.#isCold = contenders.map(tier => tier !== 'js')
    this.#absent = new Set(absent)
  }

  /** A contender that was absent competes from now on, for long calls. */
  join(tier: Tier): void {
    if (!this.#absent.delete(tier)) return
    this.#classes.forEach((one, sizeClass) => {
      if (!one || one.trial || !this.#isLong(one)) return
      this.#begin(one, sizeClass, this.#turns(one, sizeClass, MEASURED_NS, 0))
    })
  }

  /** The contenders that compete now. */
  get present(): readonly Tier[] {
    return this.contenders.filter(tier => !this.#absent.has(tier) && (tier !== 'js' || this.#originalClasses > 0))
  }

  /** Whether JavaScript may run any call, has won in every class met so far, and its calls are too short to be timed. */
  get prefersJs(): boolean {
    if (this.#classes.length === 0 || this.#originalClasses < SIZE_CLASSES) return false
    return this.#classes.every((one, k) => one === undefined || (!one.trial && this.choices[k] === 1))
  }

  /** The tier that serves calls like the last that was timed. */
  get current(): Tier {
    const { sizeClass, contender } = this.#last
    const one = this.#classes[sizeClass]
    return this.contenders[one && one.winner >= 0 ? one.winner : contender] as Tier
  }

  /** Costs in the class of the largest calls met so far, in nanoseconds. */
  get measured(): Readonly<Partial<Record<Tier, number>>> {
    const found = this.#classes.findLast(one => one !== undefined && one.winner >= 0)
    return found ? this.#named(found) : {}
  }

  /** The contender that is to serve a call of this class, which is then timed. */
  pick(sizeClass: number): number {
    const one = this.#classes[sizeClass] ?? this.#open(sizeClass)
    const { trial } = one
    if (!trial) return one.winner
    const turn = trial.turns[trial.at] as Turn
    if (turn.bursts > 0 && --trial.left <= 0) this.#next(one, trial, sizeClass)
    return one.trial ? (trial.turns[trial.at] as Turn).contender : one.winner
  }

  record(sizeClass: number, contender: number, ns: number): void {
    const one = this.#classes[sizeClass]
    if (!one) return
    this.#last = { sizeClass, contender }
    if (this.#isCold[contender]) this.#isCold[contender] = false
    else if (one.trial) this.#tried(one, one.trial, sizeClass, contender, ns)
    else if (contender === one.winner) this.#watch(one, sizeClass, ns)
  }

  #open(sizeClass: number): SizeClass {
    const one: SizeClass = {
      cost: this.contenders.map(() => Number.NaN),
      winner: -1,
      trial: undefined,
      spent: 0,
      patience: FIRST_PATIENCE,
      strikes: 0,
    }
    this.#classes[sizeClass] = one
    this.#begin(one, sizeClass, this.#turns(one, sizeClass, GLANCE_NS, 0), true)
    return one
  }

  /** A turn for each, compiled code first; bursts go before the measurements. */
  #turns(one: SizeClass, sizeClass: number, budget: number, bursts: number): Turn[] {
    const order = this.contenders.flatMap((tier, i) => (this.#competes(one, sizeClass, tier) ? [i] : []))
    // the original goes first through what takes long: it is what the caller had
    if (bursts === 0) order.reverse()
    return order.flatMap(contender => [
      ...(bursts > 0 ? [{ contender, bursts, budget: 0 }] : []),
      { contender, bursts: 0, budget },
    ])
  }

  #competes(one: SizeClass, sizeClass: number, tier: Tier): boolean {
    if (tier === 'js') return sizeClass < this.#originalClasses
    return !this.#absent.has(tier) && (tier !== 'parallel' || this.#isLong(one))
  }

  /** Long enough for threads; of what was never measured that is not known. */
  #isLong(one: SizeClass): boolean {
    const least = leastOf(one)
    return least >= SHARED_NS && least < Number.POSITIVE_INFINITY
  }

  #begin(one: SizeClass, sizeClass: number, turns: readonly Turn[], isGlance = false): void {
    one.trial = { turns, at: 0, left: -1, warm: 0, isGlance }
    this.#enter(one.trial, sizeClass)
    this.#listener.changed()
  }

  #enter(trial: Trial, sizeClass: number): void {
    const { contender, bursts, budget } = trial.turns[trial.at] as Turn
    trial.left = bursts > 0 ? bursts : -1
    const isWarm = trial.turns.some(turn => turn.bursts > 0) || budget < MEASURED_NS
    trial.warm = isWarm ? 0 : WARM_NS
    this.choices[sizeClass] = bursts > 0 ? contender + 1 : 0
  }

  #next(one: SizeClass, trial: Trial, sizeClass: number): void {
    trial.at++
    if (trial.at < trial.turns.length) this.#enter(trial, sizeClass)
    else if (trial.isGlance) this.#lookCloser(one, sizeClass)
    else this.#decide(one, sizeClass)
  }

  #lookCloser(one: SizeClass, sizeClass: number): void {
    // of long calls a clear difference at first sight is enough
    const least = leastOf(one)
    if (least >= LONG_NS && Math.max(...one.cost.filter(cost => cost >= 0)) > CLEAR * least)
      return this.#decide(one, sizeClass)
    const isShort = least < SHORT_NS
    this.#begin(one, sizeClass, this.#turns(one, sizeClass, MEASURED_NS, isShort ? BURST : 0))
  }

  #tried(one: SizeClass, trial: Trial, sizeClass: number, contender: number, ns: number): void {
    const turn = trial.turns[trial.at] as Turn
    if (turn.contender !== contender || turn.bursts > 0) return
    trial.warm -= ns
    if (trial.left < 0 && trial.warm > 0) return
    if (trial.left < 0) {
      // whoever was interrupted in its first call gets more of them
      const known = one.cost[contender] as number
      trial.left = samplesFor(known < ns ? known : ns, turn.budget)
      one.cost[contender] = ns
    } else one.cost[contender] = Math.min(one.cost[contender] as number, ns)
    if (--trial.left === 0) this.#next(one, trial, sizeClass)
  }

  #decide(one: SizeClass, sizeClass: number): void {
    const before = one.winner
    let best = before >= 0 ? before : one.cost.findIndex(cost => cost >= 0)
    one.cost.forEach((_, i) => {
      if (this.#steady(one, i) < this.#steady(one, best) * MARGIN) best = i
    })
    const patience = best === before ? Math.min(2 * one.patience, MOST_PATIENCE) : FIRST_PATIENCE
    Object.assign(one, { winner: best, trial: undefined, spent: 0, strikes: 0, patience })
    this.choices[sizeClass] = (one.cost[best] as number) < TIMED_NS ? best + 1 : 0
    if (best !== before) this.#listener.chosen(this.contenders[before], this.contenders[best] as Tier, this.#named(one))
    this.#listener.changed()
    this.#ask(one)
  }

  #ask(one: SizeClass): void {
    if (this.#asked || !this.#absent.has('parallel') || !this.#isLong(one)) return
    this.#asked = true
    this.#listener.wanted?.('parallel')
  }

  #steady(one: SizeClass, contender: number): number {
    return (one.cost[contender] as number) + (this.contenders[contender] === 'js' ? 0 : NOT_INLINED_NS)
  }

  /** A timed call of the winner between trials; of short calls one stands for many. */
  #watch(one: SizeClass, sizeClass: number, ns: number): void {
    const cost = one.cost[one.winner] as number
    const isShort = leastOf(one) < VERY_SHORT_NS
    one.strikes = ns > SLOWER * cost ? one.strikes + 1 : 0
    one.spent += this.choices[sizeClass] === 0 ? ns : SAMPLED_EVERY * cost
    const calls = (each: number): number => samplesFor(each, MEASURED_NS / 4) + (isShort ? BURST * SAMPLED_EVERY : 0)
    const losers = one.cost.filter((each, i) => i !== one.winner && each >= 0)
    if (losers.length === 0) return
    const price = losers.reduce((sum, each) => sum + each * calls(each), 0)
    const isSlower = one.strikes >= STRIKES
    if (!isSlower && one.spent * EXPLORED < price * one.patience) return
    if (isSlower) one.patience = FIRST_PATIENCE
    this.#begin(one, sizeClass, this.#turns(one, sizeClass, MEASURED_NS / 4, isShort ? BURST : 0))
  }

  #named(one: SizeClass): Partial<Record<Tier, number>> {
    return Object.fromEntries(this.contenders.flatMap((tier, i) => (one.cost[i]! >= 0 ? [[tier, one.cost[i]]] : [])))
  }
}

/** Of the contenders that were measured. */
const leastOf = ({ cost }: SizeClass): number => Math.min(...cost.filter(each => each >= 0))

/** At least two where that takes little, so that one interruption does not decide. */
const samplesFor = (ns: number, budget: number): number =>
  Math.min(Math.max(Math.ceil(budget / Math.max(ns, 1)), ns < LONG_NS ? 2 : 1), MOST_SAMPLES)
