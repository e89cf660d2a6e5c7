import { type Diagnostic, type DiagnosticCode, diagnostic, IrisError, Miss, type Span } from '../../base/diagnostic.ts'
import type { CompileOptions } from '../../compiler/abi.ts'
import { arraysAmong, broadcastInJs, commonLength } from './broadcast.ts'
import type { Engine } from './engine.ts'
import { type Failure, failureDiagnostic, NOT_TAKEN } from './failure.ts'
import type { KernelSource, Place } from './front-end.ts'
import type { KernelOptions } from './options.ts'
import { profileText } from './profile-text.ts'
import { disagreement } from './returns.ts'
import { shapeKey } from './shape-key.ts'
import { Tally } from './tally.ts'
import { Variant } from './variant.ts'
import { type AnyFunction, MODE, type Mode, makeWrapper, type WrapperState } from './wrapper.ts'

/** Calls of one shape that are looked at again because no variant took them. */
const LOOKS_PER_SHAPE = 8
/** Calls in a row that change which target the wrapper is bound to. */
const STREAK = 32

type Target = Variant | 'primitives'

/**
 * One kernel: decides, for calls that the wrapper cannot serve by itself, which variant or whether the original runs,
 * has profiles compiled, and rebinds the wrapper so that the steady state does not come here.
 */
export class Dispatcher {
  readonly name: string
  readonly options: KernelOptions
  readonly original: AnyFunction
  readonly kernel: AnyFunction
  readonly state: WrapperState = { mode: MODE.ask, run: () => NOT_TAKEN, js: 0, scalar: 0 }
  readonly variants: Variant[] = []
  readonly tally: Tally
  /** why nothing of this kernel can be compiled */
  sourceMiss: readonly Diagnostic[] = []
  readonly #engine: Engine
  readonly #near: () => readonly string[]
  readonly #looks = new Map<string, number>()
  #source: KernelSource | undefined
  #isScalar: boolean | undefined
  #bound: Target | undefined
  #streakOf: Target | undefined
  #streak = 0
  #isDisposed = false

  constructor(original: AnyFunction, options: KernelOptions, engine: Engine, near: () => readonly string[] = () => []) {
    this.#near = near
    this.original = original
    this.options = options
    this.name = options.name ?? (original.name || 'anonymous')
    this.#engine = engine
    this.tally = new Tally(this.state)
    this.kernel = makeWrapper(original, this.state, (self, values, target) =>
      this.#serve(self, Array.from(values), target),
    )
    this.#rebind()
  }

  /** What was read of the function; reads it now if that has not happened. */
  readSource(): KernelSource | undefined {
    if (!this.#source) this.#engine.loadFrontEndNow()
    return this.#read()
  }

  /** Where a span of this kernel, or of a helper, stands; undefined before the front end is loaded. */
  locate(span: Span): Place | undefined {
    if (this.#source) return this.#source.locate(span.source, span)
    return this.#engine.frontEnd?.locate(this.original, span, this.#near())
  }

  /** The name that the user gave, or else the name of the variable that holds the kernel. */
  get displayName(): string {
    const isNamed = this.options.name !== undefined || this.original.name !== ''
    return (isNamed ? undefined : this.#source?.variable()) ?? this.name
  }

  /** Tier of the steady state, which is that of the last call but for rare ones. */
  get lastTier(): 'js' | 'scalar' {
    return this.state.mode === MODE.compiled ? 'scalar' : 'js'
  }

  /** Compiles for calls of this shape, without running the kernel; resolves when that is decided. */
  async warmup(self: unknown, values: readonly unknown[]): Promise<void> {
    if (!this.#mayCompile) return
    const keepAlive = setInterval(() => undefined, 0x7fff_ffff)
    try {
      await this.#engine.loadFrontEnd()
      const variant = this.#request(self, values)
      while (variant?.status === 'compiling') await variant.settled
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** Resolves when nothing of this kernel is being compiled any more. Does not keep the process alive. */
  async settled(): Promise<void> {
    for (;;) {
      const compiling = this.variants.find(({ status }) => status === 'compiling')
      if (!compiling) return
      await compiling.settled
    }
  }

  /** Calls run as JavaScript from now on, and compiled code is let go. */
  dispose(): void {
    this.#isDisposed = true
    this.#bound = undefined
    for (const variant of this.variants) variant.run = undefined
    this.#rebind()
  }

  get #mayCompile(): boolean {
    return !this.#isDisposed && this.options.tier !== 'js' && this.sourceMiss.length === 0
  }

  #serve(self: unknown, values: readonly unknown[], target: AnyFunction | undefined): unknown {
    if (target) return Reflect.construct(this.original, [...values], target)
    const arrays = this.#broadcastOf(values)
    if (arrays) commonLength(values)
    const result = this.#tryReady(self, values)
    if (result !== NOT_TAKEN) return result
    const missed = this.#observe(self, values)
    if (missed.length > 0) this.#report(missed)
    this.tally.js()
    if (arrays) return broadcastInJs(this.original, self, values)
    this.#noteStreak(
      'primitives',
      values.every(value => typeof value !== 'object'),
    )
    return this.original.apply(self, [...values])
  }

  #tryReady(self: unknown, values: readonly unknown[]): unknown {
    for (const variant of this.variants) {
      if (!variant.run || variant.tier === 'js') continue
      const result = variant.run(self, values.length, ...values)
      if (result === NOT_TAKEN) continue
      this.#noteStreak(variant, true)
      return result
    }
    return NOT_TAKEN
  }

  /** The target that takes most calls which come here gets the wrapper. */
  #noteStreak(target: Target, fits: boolean): void {
    if (!fits || target === this.#bound) return
    this.#streak = target === this.#streakOf ? this.#streak + 1 : 1
    this.#streakOf = target
    if (this.#streak < STREAK || this.#bound === undefined) return
    this.#bound = target
    this.#rebind()
  }

  /** Arrays given to a kernel of scalars: which arguments, or undefined when this is an ordinary call. */
  #broadcastOf(values: readonly unknown[]): boolean[] | undefined {
    const arrays = arraysAmong(values)
    if (!arrays || !this.#knowsScalar()) return undefined
    return this.#isScalar ? arrays : undefined
  }

  #knowsScalar(): boolean {
    if (this.#isScalar === undefined) {
      const frontEnd = this.#engine.loadFrontEndNow()
      if (frontEnd) {
        this.#isScalar = frontEnd.isScalar(this.original)
        this.#rebind()
      }
    }
    return this.#isScalar !== undefined
  }

  /** Looks at a call that nothing took; gives the diagnostics when it is known to miss. */
  #observe(self: unknown, values: readonly unknown[]): readonly Diagnostic[] {
    if (!this.#mayCompile) return this.sourceMiss
    const key = shapeKey(self, values)
    const looks = this.#looks.get(key) ?? 0
    if (looks >= LOOKS_PER_SHAPE && this.options.onMiss === 'js')
      return this.variants.find(({ shape }) => shape === key)?.diagnostics ?? []
    if (!this.#engine.frontEnd) {
      void this.#engine.loadFrontEnd()
      return []
    }
    this.#looks.set(key, looks + 1)
    const variant = this.#request(self, values, key)
    return variant ? variant.diagnostics : this.sourceMiss
  }

  #read(): KernelSource | undefined {
    if (this.#source || this.sourceMiss.length > 0) return this.#source
    const start = performance.now()
    const source = this.#guarded(() => this.#engine.frontEnd?.read(this.original, this.options.captures, this.#near()))
    if (source instanceof Miss) {
      this.sourceMiss = [source.diagnostic]
      this.#engine.events.emit('miss', { kernel: this.name, profile: '', diagnostics: this.sourceMiss })
      this.#rebind()
      return undefined
    }
    this.#source = source
    if (source)
      this.#engine.events.emit('parse', {
        kernel: this.name,
        functions: source.graph.functions.length,
        ms: performance.now() - start,
      })
    return source
  }

  #guarded<T>(action: () => T): T | Miss {
    try {
      return action()
    } catch (error) {
      if (error instanceof Miss) return error
      return this.defect(error)
    }
  }

  /** A defect of Iris: it surfaces where misses do, else the call goes on as JavaScript. */
  defect(error: unknown): Miss {
    if (this.options.onMiss === 'throw') throw error
    this.#engine.events.emit('defect', { kernel: this.name, error })
    return new Miss('IRIS5003', { reason: error instanceof Error ? error.message : String(error) })
  }

  /** The variant for a call of this shape, made and sent to the compiler when it is new. */
  #request(self: unknown, values: readonly unknown[], shape = shapeKey(self, values)): Variant | undefined {
    const source = this.#read()
    if (!source) return undefined
    const broadcast = this.#broadcastOf(values)
    const call = this.#guarded(() => source.describe(self, values))
    if (call instanceof Miss) return this.#missed(shape, call.diagnostic)
    const key = JSON.stringify([call.profile, broadcast, call.graph.functions.map(({ free }) => free)])
    const known = this.variants.find(variant => variant.key === key)
    if (known) return known
    if (this.variants.length >= this.#engine.profileLimit)
      return this.#missed(shape, diagnostic('IRIS4008', { limit: this.#engine.profileLimit }))
    return this.#start(new Variant(key, shape, call, broadcast))
  }

  /** Remembers a call that cannot be described; one entry per reason. */
  #missed(shape: string, why: Diagnostic): Variant {
    const key = `${shape}:${why.code}:${why.message}`
    const known = this.variants.find(variant => variant.key === key)
    if (known) return known
    const variant = new Variant(key, shape, { graph: { functions: [] }, profile: { args: [], count: 0 } }, undefined)
    variant.miss([why])
    this.variants.push(variant)
    this.#announceMiss(variant)
    return variant
  }

  #announceMiss(variant: Variant): void {
    this.#engine.events.emit('miss', {
      kernel: this.name,
      profile: this.profileOf(variant),
      diagnostics: variant.diagnostics,
    })
    this.#rebind()
  }

  profileOf(variant: Variant): string {
    return profileText(variant.profile, variant.broadcast)
  }

  #start(variant: Variant): Variant {
    this.variants.push(variant)
    this.#compile(variant)
    this.#rebind()
    return variant
  }

  #compile(variant: Variant): void {
    variant.status = 'compiling'
    variant.run = undefined
    variant.settled = this.#build(variant).then(
      () => this.#settle(variant),
      (error: unknown) => {
        variant.miss([diagnostic('IRIS5003', { reason: error instanceof Error ? error.message : String(error) })])
        this.#engine.events.emit('defect', { kernel: this.name, error })
        this.#settle(variant)
      },
    )
  }

  async #build(variant: Variant): Promise<void> {
    const source = this.#source
    if (!source) return
    const answer = await this.#engine.compiler.compile({
      graph: source.graph,
      profile: variant.profile,
      options: this.#compileOptions(variant),
    })
    if (!answer.ok) return variant.miss(answer.diagnostics)
    const wrong = variant.broadcast ? undefined : disagreement(this.options.returns, answer.plan.result)
    if (wrong) return variant.miss([wrong])
    if (this.#isDisposed) return
    variant.compiled = answer
    const { bindVariant } = await import('./variant-call.ts')
    variant.run = await bindVariant(variant, answer, source, this, this.#engine)
    variant.status = 'ready'
    variant.tier = this.options.tier === 'auto' && isPlainScalar(variant) ? 'js' : 'scalar'
  }

  #compileOptions(variant: Variant): CompileOptions {
    const { math, contract, returns } = this.options
    return {
      math,
      contract,
      tier: 'scalar',
      speculateIntegers: variant.speculates,
      dump: { ir: true, wat: true },
      ...(returns && { returns }),
      ...(variant.broadcast && { broadcast: variant.broadcast }),
    }
  }

  #settle(variant: Variant): void {
    if (variant.status !== 'ready') return this.#announceMiss(variant)
    const { compiled, tier } = variant
    const profile = this.profileOf(variant)
    this.#engine.events.emit('compile', {
      kernel: this.name,
      profile,
      bytes: compiled?.wasm.byteLength ?? 0,
      ms: compiled?.compileMs ?? 0,
    })
    const reason = tier === 'js' ? 'a single scalar call does not pay for the way into WebAssembly' : 'compiled'
    this.#engine.events.emit('tier chosen', { kernel: this.name, profile, tier, reason })
    if (tier !== 'js') this.#bound ??= variant
    this.#rebind()
  }

  /** Compiled code gave this call up: counts it, and stops compiling what does not pay. */
  noteExit(variant: Variant, failure: Failure, speculation: string | undefined): void {
    const why = failureDiagnostic(failure)
    if (why) this.tally.miss(why.code)
    this.#engine.events.emit('deopt', {
      kernel: this.name,
      profile: this.profileOf(variant),
      reason: why?.message ?? 'unknown',
    })
    if (!variant.noteExit(this.state.scalar) || variant.status !== 'ready') return
    if (variant.speculates && speculation !== undefined) this.#recompile(variant)
    else this.#giveUp(variant, why ? [why] : [])
  }

  #recompile(variant: Variant): void {
    variant.speculates = false
    variant.forgetExits(this.state.scalar)
    this.#unbind(variant)
    this.#compile(variant)
    this.#rebind()
  }

  #giveUp(variant: Variant, why: readonly Diagnostic[]): void {
    variant.miss(why)
    this.#unbind(variant)
    this.#engine.events.emit('demoted', {
      kernel: this.name,
      profile: this.profileOf(variant),
      from: 'scalar',
      to: 'js',
      reason: why[0]?.message ?? '',
    })
    this.#announceMiss(variant)
  }

  /** Guards refused a call for a reason that the user should know. */
  noteRefusal(variant: Variant, failure: Failure): void {
    const why = failureDiagnostic(failure)
    if (!why || variant.diagnostics.some(each => each.code === why.code)) return
    variant.diagnostics = [...variant.diagnostics, why]
  }

  /** After a defect the variant is not used again. */
  abandon(variant: Variant, error: unknown): void {
    variant.miss([this.defect(error).diagnostic])
    this.#unbind(variant)
    this.#announceMiss(variant)
  }

  #unbind(variant: Variant): void {
    if (this.#bound === variant)
      this.#bound = this.variants.find(each => each !== variant && each.run && each.tier !== 'js')
  }

  #report(missed: readonly Diagnostic[]): void {
    const first = missed[0]!
    this.tally.miss(first.code)
    if (this.options.onMiss === 'throw') throw errorOf(first)
    if (this.options.onMiss === 'warn' && this.tally.isFirstWarning(first.code)) {
      process.emitWarning(`${this.name} runs as JavaScript: ${first.message} (fix: ${first.fix})`, {
        type: 'IrisWarning',
        code: first.code,
      })
    }
  }

  #rebind(): void {
    this.tally.flush(this.#passCode())
    const { state } = this
    if (typeof this.#bound === 'object' && this.#bound.run) state.run = this.#bound.run
    state.mode = this.#mode()
  }

  #mode(): Mode {
    if (this.#bound === 'primitives') return MODE.jsForPrimitives
    if (this.#bound?.run) return MODE.compiled
    if (this.options.tier === 'js' || this.#isDisposed) return this.#isScalar === false ? MODE.js : MODE.jsForPrimitives
    if (this.sourceMiss.length > 0) return this.#passMode(MODE.js)
    return this.variants.length > 0 ? this.#passMode(MODE.jsSampled) : MODE.ask
  }

  /** Arrays given to scalar kernels must come here even when JavaScript runs, and so must misses that are to be told. */
  #passMode(mode: Mode): Mode {
    const isTold = this.options.onMiss === 'js' || this.variants.some(({ status }) => status === 'compiling')
    if (!isTold) return MODE.ask
    return this.#isScalar === false || this.sourceMiss.length > 0 ? mode : MODE.jsForPrimitives
  }

  /** Code to which calls are put down that the wrapper passed on by itself. */
  #passCode(): DiagnosticCode | undefined {
    if (typeof this.#bound === 'object') return undefined
    const missed = this.sourceMiss[0] ?? this.variants.find(({ status }) => status === 'miss')?.diagnostics[0]
    return missed?.code
  }

  /** Counts so far, including those that the wrapper made by itself. */
  stats(): { readonly js: number; readonly scalar: number; readonly misses: Readonly<Record<string, number>> } {
    this.tally.flush(this.#passCode())
    return this.tally.totals()
  }
}

const isPlainScalar = ({ compiled, broadcast }: Variant): boolean =>
  !broadcast &&
  compiled?.plan.hasLoops === false &&
  compiled.plan.inputs.every(({ kind }) => kind !== 'typed' && kind !== 'list')

/** What `onMiss: 'throw'` throws. */
export function errorOf(what: Diagnostic): IrisError {
  const error = new IrisError(what.code)
  error.message = `${what.code}: ${what.message} (fix: ${what.fix})`
  return error
}
