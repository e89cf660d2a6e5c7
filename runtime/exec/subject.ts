import { types } from 'node:util'
import { type Diagnostic, Miss, type Span } from '../../base/diagnostic.ts'
import { Unread } from '../../compiler/source/outline.ts'
import { usesParametersAsArrays } from './array-use.ts'
import type { Engine } from './engine.ts'
import type { KernelSource, Place } from './front-end.ts'
import type { KernelOptions } from './options.ts'
import type { AnyFunction } from './wrapper.ts'

/** The function behind a kernel, and what is known of its source; read once, when it is first needed. */
export class Subject {
  readonly original: AnyFunction
  readonly options: KernelOptions
  readonly engine: Engine
  /** for logs */
  readonly name: string
  /** why nothing of this kernel can be compiled */
  miss: readonly Diagnostic[] = []
  /** Resolves when texts have been read that were asked for; undefined when none are awaited. Never rejects. */
  reading: Promise<void> | undefined
  readonly #near: () => readonly string[]
  readonly #givenName: string
  #source: KernelSource | undefined
  #isScalar: boolean | undefined

  /** `near`: files that may hold the function. */
  constructor(original: AnyFunction, options: KernelOptions, engine: Engine, near: () => readonly string[]) {
    this.original = original
    this.options = options
    this.engine = engine
    this.#near = near
    this.#givenName = options.name ?? ownName(original)
    this.name = this.#givenName || 'anonymous'
  }

  /** The name that the user gave, or else the name of the variable that holds the kernel. */
  get displayName(): string {
    return this.#givenName || (this.#source?.variable() ?? this.name)
  }

  /** Undefined when a text is awaited ({@link reading}), or nothing can be read ({@link miss}). */
  read(): KernelSource | undefined {
    if (this.#source || this.miss.length > 0) return this.#source
    const start = performance.now()
    const source = this.guarded(() => this.engine.frontEnd.read(this.original, this.options.captures, this.#near()))
    if (source instanceof Miss) return this.#noteMiss(source)
    this.#source = source
    const functions = source?.graph.functions.length ?? 0
    if (source) this.engine.events.emit('parse', { kernel: this.name, functions, ms: performance.now() - start })
    return source
  }

  #noteMiss({ diagnostic }: Miss): undefined {
    this.miss = [diagnostic]
    this.engine.events.emit('miss', { kernel: this.name, profile: '', diagnostics: this.miss })
  }

  /** The same, with all texts read at once where that is possible: for who cannot wait. */
  readNow(): KernelSource | undefined {
    if (!this.#source) this.engine.outlines.readNow()
    return this.read()
  }

  /** Whether arrays given for its parameters mean "elementwise"; undefined as long as that is not known. */
  get isScalar(): boolean | undefined {
    return this.#isScalar
  }

  /** Brings the parser here for that, unless a look at the text says that arrays are its ordinary arguments. */
  findScalar(): boolean | undefined {
    if (this.#isScalar !== undefined) return this.#isScalar
    const { engine } = this
    const text = Function.prototype.toString.call(this.original)
    if (!engine.outlines.outline(text) && !usesParametersAsArrays(text)) engine.outlines.readNow()
    // what is never compiled is never read: there the look at the text decides
    const unread = this.options.tier === 'js' || this.miss.length > 0 ? false : undefined
    this.#isScalar = engine.outlines.outline(text)?.takesOnlyScalars ?? unread
    return this.#isScalar
  }

  /** Where a span of this kernel, or of a helper, stands. */
  locate(span: Span): Place {
    if (this.#source) return this.#source.locate(span.source, span)
    return this.engine.frontEnd.locate(this.original, span, this.#near())
  }

  /** Misses are results, and unread texts are awaited; everything else that is thrown is a defect of ours. */
  guarded<T>(action: () => T): T | Miss | undefined {
    try {
      return action()
    } catch (error) {
      if (error instanceof Miss) return error
      if (error instanceof Unread) return this.#await(error)
      return this.defect(error)
    }
  }

  #await(unread: Unread): undefined {
    const done = (): void => void (this.reading = undefined)
    this.reading = this.engine.outlines
      .read(unread)
      .catch((error: unknown) => this.fail(error))
      .then(done)
  }

  /** After a defect nothing of this kernel is compiled. */
  fail(error: unknown): void {
    this.#noteMiss(this.#missOf(error))
  }

  /** A defect of Iris: it surfaces where misses do, else the call goes on as JavaScript. */
  defect(error: unknown): Miss {
    if (this.options.onMiss === 'throw') throw error
    return this.#missOf(error)
  }

  #missOf(error: unknown): Miss {
    this.engine.events.emit('defect', { kernel: this.name, error })
    return new Miss('IRIS5003', { reason: error instanceof Error ? error.message : String(error) })
  }
}

/** A function's `name` may be anything, an accessor too. */
function ownName(fn: AnyFunction): string {
  const name: unknown = types.isProxy(fn) ? undefined : Object.getOwnPropertyDescriptor(fn, 'name')?.value
  return typeof name === 'string' ? name : ''
}
