import { IrisError } from '../../../base/diagnostic.ts'
import { InvariantError } from '../../../base/invariant.ts'
import { STATUS_CANCELLED } from '../../../compiler/abi.ts'
import type { Dispatcher } from '../dispatch.ts'
import { ABANDONED } from '../failure.ts'
import { shapeKey } from '../shape-key.ts'
import { type Ending, endingWith } from '../transaction.ts'
import type { Variant } from '../variant.ts'
import { codeTier, isElementwise } from '../variant-call.ts'
import { within } from './deadline.ts'
import { KernelCode, type Lane } from './kernel-code.ts'
import type { RunSettings } from './options.ts'
import type { KernelPool } from './pool.ts'
import { STATE } from './words.ts'
import { AGAIN, type Ended, type Placement, type Work } from './work.ts'

type Ready = readonly { readonly variant: Variant; readonly code: KernelCode }[]

/** Kernels on the pool: one for each kernel, made with its first run(). */
export class PooledKernel {
  readonly #kernel: Dispatcher
  readonly #codes = new WeakMap<object, KernelCode>()
  /** calls of which it is known whether compiled code takes them */
  readonly #decided = new Set<string>()
  #ready: Ready = []

  constructor(kernel: Dispatcher) {
    this.#kernel = kernel
  }

  /** Runs the call on the pool; on this thread, in a later turn, when it cannot run compiled. */
  run(pool: KernelPool, self: unknown, values: readonly unknown[], settings: RunSettings = {}): Promise<unknown> {
    const key = shapeKey(self, values)
    if (this.#decided.has(key) && this.#isCurrent()) return this.#submit(pool, self, values, settings)
    const ready = within(settings, this.#prepare(self, values, key))
    return ready.then(left => this.#submit(pool, self, values, left))
  }

  #submit(pool: KernelPool, self: unknown, values: readonly unknown[], settings: RunSettings): Promise<unknown> {
    return pool.submit(this.#kernel, new KernelCall(this.#kernel, this.#ready, self, values), settings)
  }

  /** Compiles for calls of this shape; the first call waits for that. */
  async #prepare(self: unknown, values: readonly unknown[], key: string): Promise<void> {
    if (!this.#decided.has(key)) await this.#kernel.warmup(self, values)
    const captured = this.#kernel.subject.read()?.captured
    const ready: { variant: Variant; code: KernelCode }[] = []
    for (const variant of captured ? this.#kernel.variants : []) {
      const { compiled } = variant
      if (!compiled || variant.status !== 'ready' || !captured) continue
      let code = this.#codes.get(compiled)
      if (!code)
        this.#codes.set(compiled, (code = new KernelCode(compiled, captured, this.#kernel.subject.engine.memory)))
      if (!code.code) await code.load()
      ready.push({ variant, code })
    }
    this.#ready = ready
    this.#decided.add(key)
  }

  /** Variants are compiled again, given up or let go at any time. */
  #isCurrent(): boolean {
    return this.#ready.every(({ variant, code }) => variant.run !== undefined && variant.compiled === code.compiled)
  }
}

/** One call: which compiled profile takes it, and the original where none does. */
class KernelCall implements Work {
  readonly #kernel: Dispatcher
  readonly #ready: Ready
  readonly #self: unknown
  readonly #values: readonly unknown[]

  constructor(kernel: Dispatcher, ready: Ready, self: unknown, values: readonly unknown[]) {
    this.#kernel = kernel
    this.#ready = ready
    this.#self = self
    this.#values = values
  }

  place(): Placement | undefined {
    for (const { variant, code } of this.#ready) {
      if (!this.#fits(variant)) continue
      const placed = this.#placeWith(variant, code)
      if (placed) return placed
    }
    return undefined
  }

  runHere(): unknown {
    return this.#kernel.kernel.apply(this.#self, [...this.#values])
  }

  #fits({ profile, broadcast, run }: Variant): boolean {
    if (!run || profile.count !== this.#values.length) return false
    return !broadcast || isElementwise(this.#values, broadcast)
  }

  #placeWith(variant: Variant, code: KernelCode): Placement | undefined {
    const lane = code.take()
    const { invoker, context } = lane
    const params = invoker.place(this.#self, this.#values.length, this.#values)
    if (!params || !code.code) {
      this.#kernel.host.noteRefusal(variant, invoker.failure)
      code.give(lane)
      return undefined
    }
    let isComplete = false
    return {
      code: code.code,
      params,
      context,
      slots: code.compiled.plan.slots,
      finish: ended => {
        const result = this.#completed(variant, lane, code, ended)
        isComplete = true
        return this.#accept(variant, lane, result)
      },
      release: () => {
        invoker.drop(isComplete)
        code.give(lane)
      },
    }
  }

  /** A defect of Iris on the thread: the variant is given up, and the original runs, unless it could meet its own effects. */
  #completed(variant: Variant, { invoker }: Lane, code: KernelCode, ended: Ended): unknown {
    if (ended.state !== STATE.defect) return invoker.complete(endingOfRun(ended, code))
    const error = new InvariantError(`on a thread of the pool: ${ended.message}`)
    if (invoker.isDirty) throw new IrisError('IRIS5003', { reason: error.message }, { cause: error })
    this.#kernel.host.abandon(variant, error)
    return ABANDONED
  }

  #accept(variant: Variant, { invoker }: Lane, result: unknown): unknown {
    if (result === 'again') return AGAIN
    if (result !== ABANDONED) {
      if (variant.compiled) this.#kernel.state[codeTier(variant.compiled.plan)]++
      return result
    }
    this.#kernel.host.noteExit(variant, invoker.failure, invoker.speculation)
    return this.#kernel.host.runOriginal(this.#self, this.#values, variant.broadcast !== undefined)
  }
}

/** @throws IrisError IRIS5012 when it was stopped, InvariantError for a trap that no exit explains */
function endingOfRun({ state, value, status }: Ended, { compiled }: KernelCode): Ending {
  switch (state) {
    case STATE.done:
      return { kind: 'done', value }
    case STATE.overflow:
      return { kind: 'overflow', error: new RangeError('Maximum call stack size exceeded') }
    case STATE.trapped:
      return endingWith(status, compiled.plan, 'trap')
    case STATE.stopped:
      return endingWith(STATUS_CANCELLED, compiled.plan, '')
    case STATE.bereft:
      throw new IrisError('IRIS5010', { reason: 'it ran a part of a parallel loop' })
    default:
      throw new InvariantError(`a run ended in state ${state}`)
  }
}
