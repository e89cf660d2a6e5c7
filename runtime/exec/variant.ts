import type { Diagnostic } from '../../base/diagnostic.ts'
import type { CompiledKernel, Profile, SourceGraph } from '../../compiler/abi.ts'
import type { Costs } from './costs.ts'
import type { CallShape } from './front-end.ts'
import type { CompiledCall, Tier } from './wrapper.ts'

export type VariantStatus = 'compiling' | 'ready' | 'miss'

/** Calls that left compiled code are tolerated up to these bounds: three in a row, one per cent of a window. */
const MOST_IN_A_ROW = 3
const WINDOW = 1000
const MOST_IN_WINDOW = 10

/** One profile of a kernel and what became of it. */
export class Variant {
  readonly key: string
  /** coarse signature of the call that it was made for (shape-key.ts) */
  readonly shape: string
  readonly graph: SourceGraph
  readonly profile: Profile
  /** which arguments are arrays for scalar parameters; undefined: an ordinary call */
  readonly broadcast: readonly boolean[] | undefined
  status: VariantStatus = 'compiling'
  diagnostics: readonly Diagnostic[] = []
  compiled: CompiledKernel | undefined
  run: CompiledCall | undefined
  /** 'js': by rule; compiled code is not even tried */
  tier: Tier = 'scalar'
  /** where calls are measured: what is known of their costs */
  costs: Costs | undefined
  speculates = true
  /** settles when the status is no longer 'compiling' */
  settled: Promise<void> = Promise.resolve()
  exits = 0
  #inARow = 0
  #inWindow = 0
  #windowStart = 0
  #callsAtLastExit = -1

  constructor(key: string, shape: string, call: CallShape, broadcast: readonly boolean[] | undefined) {
    this.key = key
    this.shape = shape
    this.graph = call.graph
    this.profile = call.profile
    this.broadcast = broadcast
  }

  /** `calls`: successful compiled calls of the kernel so far. True when compiled code does not pay for this profile. */
  noteExit(calls: number): boolean {
    this.exits++
    this.#inARow = calls === this.#callsAtLastExit ? this.#inARow + 1 : 1
    this.#callsAtLastExit = calls
    if (calls - this.#windowStart >= WINDOW) this.#openWindow(calls)
    this.#inWindow++
    return this.#inARow > MOST_IN_A_ROW || this.#inWindow > MOST_IN_WINDOW
  }

  forgetExits(calls: number): void {
    this.#inARow = 0
    this.#openWindow(calls)
  }

  #openWindow(calls: number): void {
    this.#windowStart = calls
    this.#inWindow = 0
  }

  /** tiers in which calls of this profile can run */
  get tiers(): readonly Tier[] {
    if (this.status !== 'ready') return ['js']
    return this.costs?.present ?? ['js', this.tier]
  }

  miss(diagnostics: readonly Diagnostic[]): void {
    this.status = 'miss'
    this.diagnostics = diagnostics
    this.run = undefined
  }
}
