import { type Diagnostic, type DiagnosticCode, diagnostic, IrisError, Miss } from '../../base/diagnostic.ts'
import { duration } from '../../base/duration.ts'
import type { CompiledKernel, CompileOptions, Profile } from '../../compiler/abi.ts'
import { type CostListener, Costs } from './costs.ts'
import type { JitEvents } from './events.ts'
import { type Failure, failureDiagnostic } from './failure.ts'
import { hasRelaxedMadd } from './features.ts'
import type { KernelOptions } from './options.ts'
import { profileText } from './profile-text.ts'
import { disagreement } from './returns.ts'
import { selectingCall } from './selector.ts'
import { shapeKey } from './shape-key.ts'
import type { Subject } from './subject.ts'
import { Variant } from './variant.ts'
import type { VariantHost } from './variant-call.ts'
import { bindVariant, codeTier } from './variant-call.ts'
import type { CompiledCall, Tier } from './wrapper.ts'

/** What the owner of the variants does when one of them has become ready, or can no longer be used. */
export type VariantListener = (variant: Variant) => void

/**
 * The profiles of one kernel and their compiled code: each profile is compiled once, once more without speculation
 * when its code leaves too often, and is then given up.
 */
export class Variants {
  readonly all: Variant[] = []
  readonly #subject: Subject
  readonly #host: VariantHost
  readonly #changed: VariantListener
  #isClosed = false

  constructor(subject: Subject, host: VariantHost, changed: VariantListener) {
    this.#subject = subject
    this.#host = host
    this.#changed = changed
  }

  /** The variant for a call of this shape; made, and sent to the compiler, when it is new. Undefined: see {@link Subject.read}. */
  request(self: unknown, values: readonly unknown[], broadcast: readonly boolean[] | undefined): Variant | undefined {
    const source = this.#subject.read()
    if (!source) return undefined
    const shape = shapeKey(self, values)
    const call = this.#subject.guarded(() => source.describe(self, values))
    if (!call) return undefined
    if (call instanceof Miss) return this.#missed(shape, call.diagnostic)
    const key = JSON.stringify([call.profile, broadcast, call.graph.functions.map(({ free }) => free)])
    const known = this.all.find(variant => variant.key === key)
    if (known) return known
    const limit = this.#subject.engine.profileLimit
    const requested = this.all.filter(({ graph }) => graph.functions.length > 0)
    if (requested.length >= limit) return this.#missed(shape, diagnostic('IRIS4008', { limit }))
    const variant = new Variant(key, shape, call, broadcast)
    this.all.push(variant)
    this.#compile(variant)
    return variant
  }

  /** Resolves when nothing is being compiled any more. Does not keep the process alive. */
  async settled(): Promise<void> {
    for (;;) {
      const compiling = this.all.find(({ status }) => status === 'compiling')
      if (!compiling) return
      await compiling.settled
    }
  }

  close(): void {
    this.#isClosed = true
    for (const variant of this.all) variant.run = undefined
  }

  profileOf(variant: Variant): string {
    return profileText(variant.profile, variant.broadcast)
  }

  /** Compiled code gave a call up; `calls`: successful compiled calls so far. */
  noteExit(variant: Variant, failure: Failure, speculation: string | undefined, calls: number): void {
    const why = failureDiagnostic(failure)
    this.#emit('deopt', variant, { reason: why?.message ?? 'unknown' })
    if (!variant.noteExit(calls) || variant.status !== 'ready') return
    if (variant.speculates && speculation !== undefined) this.#recompile(variant, calls)
    else this.#giveUp(variant, why ? [why] : [])
  }

  /** Guards refused a call for a reason that the user should know. */
  noteRefusal(variant: Variant, failure: Failure): void {
    const why = failureDiagnostic(failure)
    if (!why || variant.diagnostics.some(each => each.code === why.code)) return
    variant.diagnostics = [...variant.diagnostics, why]
  }

  /** After a defect the variant is not used again. */
  abandon(variant: Variant, error: unknown): void {
    variant.miss([this.#subject.defect(error).diagnostic])
    this.#announceMiss(variant)
  }

  /** Remembers a call that cannot be described; one entry per reason. */
  #missed(shape: string, why: Diagnostic): Variant {
    const key = `${shape}:${why.code}:${why.message}`
    const known = this.all.find(variant => variant.key === key)
    if (known) return known
    const variant = new Variant(key, shape, { graph: { functions: [] }, profile: { args: [], count: 0 } }, undefined)
    variant.miss([why])
    this.all.push(variant)
    this.#announceMiss(variant)
    return variant
  }

  #recompile(variant: Variant, calls: number): void {
    variant.speculates = false
    variant.forgetExits(calls)
    this.#compile(variant)
  }

  #giveUp(variant: Variant, why: readonly Diagnostic[]): void {
    variant.miss(why)
    this.#emit('demoted', variant, { from: 'scalar', to: 'js', reason: why[0]?.message ?? '' })
    this.#announceMiss(variant)
  }

  #announceMiss(variant: Variant): void {
    this.#emit('miss', variant, { diagnostics: variant.diagnostics })
    this.#changed(variant)
  }

  #compile(variant: Variant): void {
    variant.status = 'compiling'
    variant.run = undefined
    variant.settled = this.#build(variant).then(
      () => this.#settle(variant),
      (error: unknown) => {
        variant.miss([this.#failure(error)])
        this.#settle(variant)
      },
    )
    this.#changed(variant)
  }

  /** Without WebAssembly nothing compiles, which is no defect; everything else here is one. */
  #failure(error: unknown): Diagnostic {
    if (error instanceof IrisError) {
      const message = error.message.replace(/^IRIS\d+: | \(fix: .*\)$/g, '')
      return { code: error.code as DiagnosticCode, message, fix: error.fix }
    }
    this.#subject.engine.events.emit('defect', { kernel: this.#subject.name, error })
    return diagnostic('IRIS5003', { reason: error instanceof Error ? error.message : String(error) })
  }

  async #build(variant: Variant): Promise<void> {
    const { engine, options } = this.#subject
    const source = this.#subject.read()
    if (!source) return
    void engine.memory // fails early where there is none
    const { graph, profile } = variant
    const answer = await engine.compiler.compile({ graph, profile, options: this.#compileOptions(variant) })
    if (!answer.ok) {
      variant.miss([...unfitArguments(profile), ...answer.diagnostics])
      return
    }
    const wrong = variant.broadcast ? undefined : disagreement(options.returns, answer.plan.result)
    if (wrong) variant.miss([wrong])
    if (wrong || this.#isClosed) return
    const call = await bindVariant(variant, answer, source, this.#host, engine, {
      limit: threadLimit(options),
      isNow: options.tier === 'parallel',
    })
    if (this.#isClosed) return
    variant.compiled = answer
    variant.tier = options.tier === 'auto' && isPlainScalar(variant) ? 'js' : codeTier(answer.plan)
    variant.run = this.#measured(variant, call)
    variant.status = 'ready'
  }

  /** Lets the original compete, unless the user insists on a tier, a rule has decided, or the bits would differ. */
  #measured(variant: Variant, call: CompiledCall): CompiledCall {
    const { options, original, name, engine } = this.#subject
    const { profile, broadcast, tier } = variant
    const now = engine.clock
    const { isInexact, exactBelow = 0 } = variant.compiled?.plan ?? {}
    const mayShare = tier !== 'parallel' && Math.min(threadLimit(options), engine.threads?.count ?? 1) > 1
    if (!now || options.tier !== 'auto' || tier === 'js' || (isInexact && !mayShare && exactBelow === 0)) return call
    const late: Late = { run: call }
    const listener: CostListener = {
      changed: () => this.#changed(variant),
      chosen: (from, to, found) => this.#announceChoice(variant, from, to, found),
      wanted: () => void this.#addParallel(variant, late).catch((error: unknown) => this.#failure(error)),
    }
    const later: Tier[] = mayShare ? ['parallel'] : []
    const costs = new Costs(['js', tier, ...later], listener, {
      absent: later,
      ...(isInexact && { originalBelow: exactBelow }),
    })
    const { state } = this.#host
    const shared: CompiledCall = (self, count, ...values) => late.run(self, count, ...values)
    const compiled = mayShare ? [call, shared] : [call]
    const selecting = selectingCall({ original, profile, broadcast, costs, compiled, state, name, now })
    if (selecting) variant.costs = costs
    return selecting ?? call
  }

  /** Compiles once more, for several threads, when calls take long enough for that. */
  async #addParallel(variant: Variant, late: Late): Promise<void> {
    const { engine } = this.#subject
    const { graph, profile, costs } = variant
    const source = this.#subject.read()
    const options: CompileOptions = { ...this.#compileOptions(variant), tier: 'parallel' }
    const answer = await engine.compiler.compile({ graph, profile, options })
    if (!source || !answer.ok || !answer.plan.regions || this.#isClosed || variant.costs !== costs) return
    const limit = threadLimit(this.#subject.options)
    late.run = await bindVariant(variant, answer, source, this.#host, engine, { limit, isNow: true })
    if (!this.#isClosed && variant.costs === costs) costs?.join('parallel')
  }

  #announceChoice(variant: Variant, from: Tier | undefined, to: Tier, costs: Partial<Record<Tier, number>>): void {
    const reason = `measured: ${Object.entries(costs)
      .map(([tier, ns]) => `${tier} ${duration(ns)}`)
      .join(', ')}`
    if (from === undefined) this.#emit('tier chosen', variant, { tier: to, reason })
    else if (to === 'js') this.#emit('demoted', variant, { from, to, reason })
    else this.#emit('promoted', variant, { from, to })
  }

  #compileOptions({ speculates, broadcast }: Variant): CompileOptions {
    const { math, contract, returns, tier } = this.#subject.options
    return {
      math,
      contract: contract && hasRelaxedMadd(),
      tier: tier === 'scalar' ? 'scalar' : this.#wantsThreads ? 'parallel' : 'simd',
      speculateIntegers: speculates,
      ...(!this.#subject.engine.compileNow && { dump: TEXTS }),
      ...(returns && { returns }),
      ...(broadcast && { broadcast }),
    }
  }

  get #wantsThreads(): boolean {
    const { engine, options } = this.#subject
    const isAsked = options.tier === 'parallel' || (options.tier === 'auto' && options.parallel !== undefined)
    return isAsked && Math.min(threadLimit(options), engine.threads?.count ?? 1) > 1
  }

  /** The IR and the Wasm of a ready variant as text; made now if they were not made before. */
  textsOf(variant: Variant): Texts {
    const { compiled, graph, profile } = variant
    if (!compiled || compiled.ir !== undefined) return compiled ?? {}
    const options = { ...this.#compileOptions(variant), dump: TEXTS }
    const answer = this.#subject.engine.compileNow?.({ graph, profile, options })
    if (answer?.ok) variant.compiled = { ...compiled, ...textsIn(answer) }
    return variant.compiled ?? {}
  }

  #settle(variant: Variant): void {
    // what was let go while it was compiled must not be waited for any longer
    if (variant.status === 'compiling') variant.miss([])
    if (variant.status !== 'ready') {
      this.#announceMiss(variant)
      return
    }
    const { compiled, tier, costs } = variant
    const bytes = compiled?.wasm.byteLength ?? 0
    if (compiled?.fromCache) this.#emit('cache hit', variant, { bytes })
    else this.#emit('compile', variant, { bytes, ms: compiled?.compileMs ?? 0 })
    const reason = tier === 'js' ? 'a single scalar call does not pay for the way into WebAssembly' : 'compiled'
    if (!costs) this.#emit('tier chosen', variant, { tier, reason })
    this.#changed(variant)
  }

  #emit<N extends 'miss' | 'compile' | 'cache hit' | 'tier chosen' | 'promoted' | 'demoted' | 'deopt'>(
    name: N,
    variant: Variant,
    event: Omit<JitEvents[N], 'kernel' | 'profile'>,
  ): void {
    const { name: kernel, engine } = this.#subject
    engine.events.emit(name, { kernel, profile: this.profileOf(variant), ...event } as unknown as JitEvents[N])
  }
}

/** What the option `parallel` allows. */
const threadLimit = ({ parallel = true }: Pick<KernelOptions, 'parallel'>): number =>
  typeof parallel === 'number' ? parallel : parallel ? Number.POSITIVE_INFINITY : 1

/** The call of a contender that comes later. */
interface Late {
  run: CompiledCall
}

const TEXTS = { ir: true, wat: true } as const
type Texts = Pick<CompiledKernel, 'ir' | 'wat'>
const textsIn = ({ ir, wat }: CompiledKernel): Texts => ({
  ...(ir !== undefined && { ir }),
  ...(wat !== undefined && { wat }),
})

/** Arguments of kinds that no kernel takes: mostly why it does not compile. */
function unfitArguments({ args }: Profile): Diagnostic[] {
  return args.flatMap((shape, index) =>
    shape.k === 'opaque'
      ? [diagnostic(shape.code ?? 'IRIS4001', { index: index + 1, found: shape.what, name: `argument ${index + 1}` })]
      : [],
  )
}

const isPlainScalar = ({ compiled, broadcast }: Variant): boolean =>
  !broadcast &&
  compiled?.plan.hasLoops === false &&
  compiled.plan.inputs.every(({ kind }) => kind !== 'typed' && kind !== 'list')
