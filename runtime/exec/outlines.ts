import type { Outline, TextReader, Unread } from '../../compiler/source/outline.ts'
import type { ParserLoader } from './engine.ts'

/** Programs that make functions without end must not fill the memory with what was known of them. */
const MOST_KNOWN = 4096

/**
 * What is known of function texts. The caller's thread does not parse: another one does, or did in an earlier run. The
 * parser comes to this thread only for questions about whole scripts, and for whoever cannot wait.
 */
export class Outlines implements TextReader {
  readonly #ask: (text: string) => Promise<Outline | undefined>
  readonly #loader: ParserLoader
  readonly #known = new Map<string, Outline>()
  #parser: TextReader | undefined

  /** `ask` gives undefined when whoever reads could not, and does not keep the process alive. */
  constructor(ask: (text: string) => Promise<Outline | undefined>, loader: ParserLoader) {
    this.#ask = ask
    this.#loader = loader
  }

  outline(text: string): Outline | undefined {
    const known = this.#known.get(text)
    if (known || !this.#parser) return known
    return this.#keep(text, this.#parser.outline(text))
  }

  #keep(text: string, outline: Outline | undefined): Outline | undefined {
    if (!outline) return undefined
    this.#known.set(text, outline)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
    return outline
  }

  program(text: string): ReturnType<TextReader['program']> {
    return this.#parser ? this.#parser.program(text) : 'unread'
  }

  /** Afterwards nothing of this is unread. */
  async read({ functions, needsParser }: Unread): Promise<void> {
    if (needsParser) await this.#loadParser()
    await Promise.all(functions.map(text => this.#readFunction(text)))
  }

  /** From now on everything is read at once, if the host can. */
  readNow(): void {
    this.#parser ??= this.#loader.loadNow()
  }

  async #readFunction(text: string): Promise<void> {
    if (!this.#keep(text, await this.#ask(text))) await this.#loadParser()
  }

  async #loadParser(): Promise<void> {
    this.#parser ??= await this.#loader.load()
  }
}
