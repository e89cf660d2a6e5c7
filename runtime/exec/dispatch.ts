import { type Diagnostic, type DiagnosticCode, IrisError } from '../../base/diagnostic.ts'
import { arraysAmong, broadcastInJs, commonLength } from './broadcast.ts'
import type { Engine } from './engine.ts'
import { NOT_TAKEN } from './failure.ts'
import type { KernelOptions } from './options.ts'
import { shapeKey } from './shape-key.ts'
import { Subject } from './subject.ts'
import { Tally, type Totals } from './tally.ts'
import type { Variant } from './variant.ts'
import type { VariantHost } from './variant-call.ts'
import { Variants } from './variants.ts'
import { type AnyFunction, MODE, type Mode, makeWrapper, type Tier, type WrapperState } from './wrapper.ts'

/** Calls of one shape that are looked at again because no variant took them. */
const LOOKS_PER_SHAPE = 8
/** Shapes that are remembered: a call may have any number of arguments. */
const MOST_SHAPES = 256
/** Calls in a row that change which target the wrapper is bound to. */
const STREAK = 32
/** The longest that a timer can wait. */
const LONG = 0x7fff_ffff

type Target = Variant | 'primitives'

/**
 * One kernel: decides, for calls that the wrapper cannot serve by itself, which variant or whether the original runs,
 * and rebinds the wrapper so that the steady state does not come here.
 */
export class Dispatcher {
  readonly subject: Subject
  readonly kernel: AnyFunction
  readonly state: WrapperState = { mode: MODE.ask, run: () => NOT_TAKEN, js: 0, scalar: 0, simd: 0, parallel: 0 }
  /** How compiled code, also on other threads, reports back. */
  readonly host: VariantHost
  readonly #variants: Variants
  readonly #tally: Tally
  readonly #looks = new Map<string, number>()
  #bound: Target | undefined
  #streakOf: Target | undefined
  #streak = 0
  #isDisposed = false
  /** what the first calls wait for, never rejecting */
  #preparing: Promise<void> | undefined

  constructor(original: AnyFunction, options: KernelOptions, engine: Engine, near: () => readonly string[] = () => []) {
    this.subject = new Subject(original, options, engine, near)
    this.#tally = new Tally(this.state)
    this.host = this.#host()
    this.#variants = new Variants(this.subject, this.host, variant => this.#variantChanged(variant))
    this.kernel = makeWrapper(original, this.state, (self, values, target) =>
      this.#serve(self, Array.from(values), target),
    )
    this.#rebind()
  }

  get variants(): readonly Variant[] {
    return this.#variants.all
  }

  profileOf(variant: Variant): string {
    return this.#variants.profileOf(variant)
  }

  /** IR and Wasm as text; may take half a second. */
  textsOf(variant: Variant): { readonly ir?: string; readonly wat?: string } {
    return this.#variants.textsOf(variant)
  }

  /** Tier of the steady state, which is that of the last call but for rare ones. */
  get lastTier(): Tier {
    if (this.state.mode !== MODE.compiled || typeof this.#bound !== 'object') return 'js'
    const { costs, tier } = this.#bound
    return costs?.current ?? tier
  }

  /** Compiles for calls of this shape, without running the kernel; resolves when that is decided. */
  async warmup(self: unknown, values: readonly unknown[]): Promise<void> {
    const keepAlive = setInterval(() => undefined, LONG)
    try {
      const variant = await this.#requestRead(self, values)
      while (variant?.status === 'compiling') await variant.settled
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** Resolves when nothing of this kernel is being compiled any more. Does not keep the process alive. */
  async settled(): Promise<void> {
    await this.#preparing
    await this.#variants.settled()
  }

  /** Calls run as JavaScript from now on, and compiled code is let go. */
  dispose(): void {
    this.#isDisposed = true
    this.#bound = undefined
    this.#variants.close()
    this.#rebind()
  }

  /** Counts so far, including those that the wrapper made by itself. */
  stats(): Totals {
    this.#tally.flush(this.#passCode())
    return this.#tally.totals()
  }

  get #mayCompile(): boolean {
    return !this.#isDisposed && this.subject.options.tier !== 'js' && this.subject.miss.length === 0
  }

  #host(): VariantHost {
    return {
      name: this.subject.name,
      state: this.state,
      runOriginal: (self, values, isElementwise) => {
        this.#tally.js()
        const { original } = this.subject
        return isElementwise ? broadcastInJs(original, self, values) : original.apply(self, [...values])
      },
      noteExit: (variant, failure, speculation) => {
        if (failure.code) this.#tally.miss(failure.code)
        this.#variants.noteExit(variant, failure, speculation, compiledCalls(this.state))
      },
      noteRefusal: (variant, failure) => this.#variants.noteRefusal(variant, failure),
      abandon: (variant, error) => this.#variants.abandon(variant, error),
    }
  }

  #serve(self: unknown, values: readonly unknown[], target: AnyFunction | undefined): unknown {
    const { original } = this.subject
    if (target) return Reflect.construct(original, [...values], target)
    const arrays = this.#broadcastOf(values)
    if (arrays) commonLength(values)
    const result = this.#tryReady(self, values)
    if (result !== NOT_TAKEN) return result
    const missed = this.#observe(self, values)
    if (missed[0]) this.#report(missed[0])
    this.#tally.js()
    if (arrays) return broadcastInJs(original, self, values)
    if (values.every(value => typeof value !== 'object')) this.#noteStreak('primitives')
    return original.apply(self, [...values])
  }

  #tryReady(self: unknown, values: readonly unknown[]): unknown {
    for (const variant of this.variants) {
      if (!variant.run || variant.tier === 'js') continue
      const result = variant.run(self, values.length, ...values)
      if (result === NOT_TAKEN) continue
      this.#noteStreak(variant)
      return result
    }
    return NOT_TAKEN
  }

  /** The target that takes most calls which come here gets the wrapper. */
  #noteStreak(target: Target): void {
    if (target === this.#bound || this.#bound === undefined) return
    this.#streak = target === this.#streakOf ? this.#streak + 1 : 1
    this.#streakOf = target
    if (this.#streak < STREAK) return
    this.#bound = target
    this.#rebind()
  }

  /** Arrays given to a kernel of scalars: which arguments, or undefined when this is an ordinary call. */
  #broadcastOf(values: readonly unknown[]): boolean[] | undefined {
    const arrays = arraysAmong(values)
    if (!arrays) return undefined
    const known = this.subject.isScalar
    const isScalar = this.subject.findScalar()
    if (isScalar !== known) this.#rebind()
    return isScalar ? arrays : undefined
  }

  /** The same, once the texts have been read that are needed for it. */
  async #requestRead(self: unknown, values: readonly unknown[]): Promise<Variant | undefined> {
    for (;;) {
      const variant = this.#mayCompile ? this.#request(self, values) : undefined
      const { reading } = this.subject
      if (variant || !reading) return variant
      await reading
    }
  }

  #request(self: unknown, values: readonly unknown[]): Variant | undefined {
    const variant = this.#variants.request(self, values, this.#broadcastOf(values))
    if (!variant) this.#rebind() // the source cannot be read, or not yet
    return variant
  }

  /** Looks at a call that nothing took; gives the diagnostics when it is known to miss. */
  #observe(self: unknown, values: readonly unknown[]): readonly Diagnostic[] {
    const { options } = this.subject
    if (!this.#mayCompile) return this.subject.miss
    const key = shapeKey(self, values)
    const looks = this.#looks.get(key) ?? (this.#looks.size < MOST_SHAPES ? 0 : LOOKS_PER_SHAPE)
    if (looks >= LOOKS_PER_SHAPE && options.onMiss === 'js') {
      return this.variants.find(({ shape }) => shape === key)?.diagnostics ?? []
    }
    if (this.#preparing) return []
    const variant = this.#request(self, values)
    if (this.subject.reading) this.#prepare(self, values)
    else this.#looks.set(key, looks + 1)
    return variant?.diagnostics ?? this.subject.miss
  }

  /** Goes on, without the caller, as soon as everything is there that looking at this call takes. */
  #prepare(self: unknown, values: readonly unknown[]): void {
    this.#preparing = this.#requestRead(self, values)
      .catch((error: unknown) => this.subject.fail(error))
      .then(() => void (this.#preparing = undefined))
  }

  #report(missed: Diagnostic): void {
    this.#tally.miss(missed.code)
    const { onMiss } = this.subject.options
    if (onMiss === 'throw') throw errorOf(missed)
    if (onMiss !== 'warn' || !this.#tally.isFirstWarning(missed.code)) return
    const text = `${this.subject.name} runs as JavaScript: ${missed.message} (fix: ${missed.fix})`
    process.emitWarning(text, { type: 'IrisWarning', code: missed.code })
  }

  #variantChanged(variant: Variant): void {
    const isUsable = variant.run !== undefined && variant.tier !== 'js'
    if (isUsable) this.#bound ??= variant
    else if (this.#bound === variant) this.#bound = this.variants.find(each => each.run && each.tier !== 'js')
    this.#rebind()
  }

  #rebind(): void {
    this.#tally.flush(this.#passCode())
    if (typeof this.#bound === 'object' && this.#bound.run) this.state.run = this.#bound.run
    this.state.mode = this.#mode()
  }

  #mode(): Mode {
    if (this.#bound === 'primitives') return MODE.jsForPrimitives
    if (this.#bound?.run) return this.#boundMode(this.#bound)
    const { isScalar, miss, options } = this.subject
    const isLeft = options.tier === 'js' || this.#isDisposed || (miss.length > 0 && options.onMiss === 'js')
    if (isLeft) return isScalar === false ? MODE.js : MODE.jsForPrimitives
    if (miss.length > 0) return MODE.ask
    return this.variants.length > 0 ? this.#passMode() : MODE.ask
  }

  /** The original may be called as it is where arrays are its ordinary arguments; elsewhere they mean "elementwise". */
  #boundMode({ broadcast, costs }: Variant): Mode {
    if (broadcast || !costs?.prefersJs) return MODE.compiled
    return this.subject.findScalar() === false ? MODE.jsMostly : MODE.jsMostlyForPrimitives
  }

  /** While nothing is compiled: arrays given to scalar kernels must come here, and misses that are to be told. */
  #passMode(): Mode {
    const isCompiling = this.variants.some(({ status }) => status === 'compiling')
    if (this.subject.options.onMiss !== 'js' && !isCompiling) return MODE.ask
    return this.subject.isScalar === false ? MODE.jsSampled : MODE.jsForPrimitives
  }

  /** Code to which calls are put down that the wrapper passed on by itself. */
  #passCode(): DiagnosticCode | undefined {
    if (typeof this.#bound === 'object') return undefined
    const missed = this.subject.miss[0] ?? this.variants.find(({ status }) => status === 'miss')?.diagnostics[0]
    return missed?.code
  }
}

const compiledCalls = ({ scalar, simd, parallel }: WrapperState): number => scalar + simd + parallel

/** What `onMiss: 'throw'` throws. */
export function errorOf(what: Diagnostic): IrisError {
  const error = new IrisError(what.code)
  error.message = `${what.code}: ${what.message} (fix: ${what.fix})`
  return error
}
