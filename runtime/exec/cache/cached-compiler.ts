import type { CompileAnswer, CompileRequest } from '../../../compiler/abi.ts'
import type { Outline } from '../../../compiler/source/outline.ts'
import type { Compiler } from '../compiler.ts'
import { decodeEntry, decodeOutline, encodeEntry, keyOf, keyOfText } from './entry.ts'
import type { Store } from './store.ts'

/**
 * A compiler that remembers its answers in files, so that the second start of a program needs neither binaryen nor a
 * thread for it. What is damaged counts as absent, and is replaced.
 */
export class CachedCompiler implements Compiler {
  readonly #inner: Compiler
  readonly #store: Store
  readonly #build: string

  /** `build` tells builds of the compiler apart. */
  constructor(inner: Compiler, store: Store, build: string) {
    this.#inner = inner
    this.#store = store
    this.#build = build
  }

  async compile(request: CompileRequest): Promise<CompileAnswer> {
    if (request.options.dump) return this.#inner.compile(request)
    const key = keyOf(request, this.#build)
    const bytes = await this.#store.read(key)
    const known = bytes && decodeEntry(bytes)
    if (known) return known.ok ? { ...known, fromCache: true } : known
    const answer = await this.#inner.compile(request)
    if (isLasting(answer)) void this.#store.write(key, encodeEntry(answer))
    return answer
  }

  async outline(text: string): Promise<Outline | undefined> {
    const key = keyOfText(text, this.#build)
    const bytes = await this.#store.read(key)
    const known = bytes && decodeOutline(bytes)
    if (known) return known
    const outline = await this.#inner.outline(text)
    if (outline) void this.#store.write(key, encodeEntry(outline))
    return outline
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

/** A defect, or a thread that died, is not an answer for ever. */
const isLasting = (answer: CompileAnswer): boolean =>
  answer.ok || answer.diagnostics.every(({ code }) => !code.startsWith('IRIS5'))
