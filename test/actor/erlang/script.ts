import type { RestartType, SupervisorStrategy } from '../../../runtime/actor/supervisor.ts'
import { Random } from '../../fuzz/random.ts'

/** A process of a script: one of four free ones, or a supervisor's child; `s` is a supervisor itself. */
export type Slot = readonly ['p', number] | readonly ['c', supervisor: number, child: number] | readonly ['s', number]
export const REASONS = ['normal', 'crash', 'shutdown', 'kill', 'killed', 'timeout'] as const
export type Reason = (typeof REASONS)[number]
type Tag = 'a' | 'b'

/** What one process is told to do; the names are those of `scripts.erl`. */
export type Command =
  | { readonly do: 'send'; readonly to: Slot; readonly tag: Tag; readonly n: number }
  | { readonly do: 'link' | 'unlink' | 'monitor' | 'alive'; readonly to: Slot }
  | { readonly do: 'demonitor' | 'cancel'; readonly which: number }
  | { readonly do: 'trap'; readonly on: boolean }
  | { readonly do: 'exit'; readonly to: Slot; readonly reason: Reason }
  | { readonly do: 'die'; readonly reason: 'normal' | 'crash' | 'shutdown' }
  | { readonly do: 'recv'; readonly tag: Tag; readonly units: number }
  | { readonly do: 'register'; readonly to: Slot; readonly name: number }
  | { readonly do: 'unregister' | 'whereis'; readonly name: number }
  | { readonly do: 'send_named'; readonly name: number; readonly tag: Tag; readonly n: number }
  | { readonly do: 'send_after'; readonly to: Slot; readonly units: number; readonly tag: Tag; readonly n: number }
  | {
      readonly do: 'send_after_named'
      readonly name: number
      readonly units: number
      readonly tag: Tag
      readonly n: number
    }

export type Step =
  | { readonly step: 'do'; readonly who: Slot; readonly command: Command }
  | { readonly step: 'sleep'; readonly units: number }
  | {
      readonly step: 'supervise'
      readonly supervisor: number
      readonly strategy: SupervisorStrategy
      readonly intensity: number
      readonly children: readonly RestartType[]
    }
  | { readonly step: 'stop' | 'which'; readonly supervisor: number }

export interface Script {
  readonly seed: number
  readonly steps: readonly Step[]
}

/** Longer than every timer of a script. */
const SLEEP = 14
const STRATEGIES: readonly SupervisorStrategy[] = ['one_for_one', 'one_for_all', 'rest_for_one']

/** A random script. No two timers of it are due at one time: the BEAM does not say in which order they would fire. */
export function scriptOf(seed: number): Script {
  return new Generator(seed).script()
}

class Generator {
  readonly #random: Random
  readonly #seed: number
  /** Children of each supervisor there is. */
  readonly #supervisors: number[] = []
  readonly #timed: boolean
  #delays: number[] = []
  #lastMessage = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(0xe71, seed)
    this.#timed = this.#random.chance(0.3)
  }

  script(): Script {
    const steps: Step[] = []
    for (let left = this.#random.between(8, 30); left > 0; left--) steps.push(this.#step())
    if (this.#timed) steps.push({ step: 'sleep', units: SLEEP })
    this.#supervisors.forEach((_, supervisor) => void steps.push({ step: 'which', supervisor }))
    return { seed: this.#seed, steps }
  }

  #step(): Step {
    const random = this.#random
    const supervisor = this.#supervisors.length > 0 ? random.below(this.#supervisors.length) : undefined
    if (this.#supervisors.length < 2 && random.chance(0.06)) return this.#supervise()
    if (supervisor !== undefined && random.chance(0.05)) return { step: 'which', supervisor }
    if (supervisor !== undefined && random.chance(0.02)) return { step: 'stop', supervisor }
    if (this.#timed && random.chance(0.08)) {
      this.#delays = []
      return { step: 'sleep', units: SLEEP }
    }
    const who = this.#actor()
    return { step: 'do', who, command: this.#command(who) }
  }

  #supervise(): Step {
    const random = this.#random
    const children = Array.from({ length: random.between(1, 3) }, () =>
      random.pick<RestartType>(['permanent', 'permanent', 'transient', 'temporary']),
    )
    this.#supervisors.push(children.length)
    const supervisor = this.#supervisors.length - 1
    return { step: 'supervise', supervisor, strategy: random.pick(STRATEGIES), intensity: random.below(4), children }
  }

  /** Free processes mostly; a child sometimes. */
  #actor(): Slot {
    const random = this.#random
    if (this.#supervisors.length === 0 || random.chance(0.6)) return ['p', random.below(4)]
    const supervisor = random.below(this.#supervisors.length)
    return ['c', supervisor, random.below(this.#supervisors[supervisor]!)]
  }

  /** When two children of one supervisor die together, it may hear of either first: only the eldest has links. */
  #linkable(): Slot {
    const slot = this.#actor()
    return slot[0] === 'c' ? ['c', slot[1], 0] : slot
  }

  #watchable(): Slot {
    if (this.#supervisors.length === 0 || this.#random.chance(0.8)) return this.#actor()
    return ['s', this.#random.below(this.#supervisors.length)]
  }

  #message(): { readonly tag: Tag; readonly n: number } {
    return { tag: this.#random.pick(['a', 'b']), n: ++this.#lastMessage }
  }

  #name(): number {
    return this.#random.below(2)
  }

  /** Every delay once, until the script has slept. */
  #delay(): number | undefined {
    if (!this.#timed) return undefined
    const units = this.#random.between(3, SLEEP - 3)
    if (this.#delays.includes(units)) return undefined
    this.#delays.push(units)
    return units
  }

  #command(who: Slot): Command {
    const random = this.#random
    const child = who[0] === 'c'
    return random.choose<Command>([
      [6, () => ({ do: 'send', to: this.#actor(), ...this.#message() })],
      [who[0] === 'c' && who[2] > 0 ? 0 : 5, () => ({ do: 'link', to: this.#linkable() })],
      [1, () => ({ do: 'unlink', to: this.#actor() })],
      // A child that is told of a death races with its supervisor, which may end it for the same reason.
      [child ? 0 : 4, () => ({ do: 'monitor', to: this.#watchable() })],
      [2, () => ({ do: 'demonitor', which: random.below(4) })],
      [1, () => ({ do: 'alive', to: this.#watchable() })],
      [child ? 0 : 3, () => ({ do: 'trap', on: random.chance(0.8) })],
      [2, () => ({ do: 'exit', to: this.#actor(), reason: random.pick(REASONS) })],
      [3, () => ({ do: 'die', reason: random.pick(['normal', 'crash', 'crash', 'shutdown']) })],
      [
        2,
        () => ({ do: 'recv', tag: random.pick(['a', 'b']), units: random.chance(0.5) ? 0 : Number.POSITIVE_INFINITY }),
      ],
      [2, () => ({ do: 'register', to: ['p', random.below(4)], name: this.#name() })],
      [1, () => ({ do: 'unregister', name: this.#name() })],
      [1, () => ({ do: 'whereis', name: this.#name() })],
      [1, () => ({ do: 'send_named', name: this.#name(), ...this.#message() })],
      [this.#timed ? 5 : 0, () => this.#timer()],
      [this.#timed ? 2 : 0, () => ({ do: 'cancel', which: random.below(4) })],
    ])
  }

  #timer(): Command {
    const random = this.#random
    const units = this.#delay()
    if (units === undefined) return { do: 'alive', to: this.#actor() }
    if (random.chance(0.25)) return { do: 'recv', tag: random.pick(['a', 'b']), units }
    if (random.chance(0.3)) return { do: 'send_after_named', name: this.#name(), units, ...this.#message() }
    return { do: 'send_after', to: this.#actor(), units, ...this.#message() }
  }
}
