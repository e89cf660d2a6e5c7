import { readFileSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Program } from './ast.ts'
import type { FunctionLocation, Inspection, RunningScript } from './inspector.ts'
import { type TextReader, Unread } from './outline.ts'
import type { Binding } from './scope.ts'

/**
 * The scripts around functions. V8 tells a script's number only; its text is found in the file that a caller or an
 * import names, where the function's own text must stand at the function's own position, and else asked of the
 * debugger domain, which costs more (transpiled code: what runs is not what the file says).
 */
export interface Script {
  readonly url: string
  readonly text: string
}

export interface ScriptProgram {
  readonly tree: Program
  readonly isModule: boolean
  /** Variables of which `eval` or `with` may write any. */
  readonly unsure: boolean
  readonly bindingAt: ReadonlyMap<number, Binding>
}

export interface FunctionPlace {
  readonly script: Script
  /** Offset of the function's text in the script. */
  readonly offset: number
  /** Of that offset, 1-based, in the script that runs. */
  readonly line: number
  readonly column: number
}

/** Functions of Node itself are written in JavaScript, too. */
export const isPartOfNode = (place: FunctionPlace | undefined): boolean =>
  place?.script.url.startsWith('node:') === true

/** Offset in a script of the function whose source text is `text` and whose parameters (or arrow) stand at `location`. */
function offsetIn(script: string, text: string, { line, column }: FunctionLocation): number | undefined {
  const at = lineStart(script, line) + column
  if (at < 0) return undefined
  for (let start = at; start >= 0 && at - start < Math.min(text.length, 1000); start--) {
    if (script.startsWith(text, start)) return start
  }
  return undefined
}

function placeIn(script: Script, text: string, location: FunctionLocation): FunctionPlace | undefined {
  const offset = offsetIn(script.text, text, location)
  if (offset === undefined) return undefined
  const until = lineStart(script.text, location.line) + location.column
  const lines = script.text.slice(offset, until).match(LINE_END)?.length ?? 0
  const column =
    offset - Math.max(...['\n', '\r', '\u2028', '\u2029'].map(end => script.text.lastIndexOf(end, offset - 1)))
  return { script, offset, line: location.line + 1 - lines, column: offset === 0 ? 1 : column }
}

/** V8 ends lines at \n, \r and \r\n, and at the separators U+2028 and U+2029. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g

function lineStart(script: string, line: number): number {
  LINE_END.lastIndex = 0
  for (let i = 0; i < line; i++) if (!LINE_END.exec(script)) return -1
  return line === 0 ? 0 : LINE_END.lastIndex
}

export class ScriptStore {
  readonly #byId = new Map<string, Script>()
  readonly #files = new Map<string, Script | undefined>()
  #running: RunningScript[] = []
  /** Files written after this moment are not what was loaded. */
  readonly #loadedBefore = Date.now() - process.uptime() * 1000
  readonly #programs = new WeakMap<Script, { readonly program: ScriptProgram | undefined }>()
  /** where function texts and whole scripts are read */
  readonly texts: TextReader

  constructor(texts: TextReader) {
    this.texts = texts
  }

  /** Undefined when the text does not parse or is too large. @throws Unread where that is not known yet */
  program(script: Script): ScriptProgram | undefined {
    const known = this.#programs.get(script)
    if (known) return known.program
    const program = this.texts.program(script.text)
    if (program === 'unread') throw new Unread([], true)
    this.#programs.set(script, { program })
    return program
  }

  /**
   * The place of a function. `near`: URLs of files that may hold it; `ask`: whether the debugger domain may be used
   * where they do not.
   */
  placeOf(
    text: string,
    location: FunctionLocation,
    inspection: Inspection,
    near: readonly string[],
    ask: boolean,
  ): FunctionPlace | undefined {
    const known = this.#byId.get(location.scriptId)
    const candidates = known ? [known] : near.map(url => this.#file(url)).filter(script => script !== undefined)
    for (const script of candidates) {
      const place = placeIn(script, text, location)
      if (!place) continue
      this.#byId.set(location.scriptId, script)
      return place
    }
    return ask ? this.#fromDebugger(text, location, inspection) : undefined
  }

  #fromDebugger(text: string, location: FunctionLocation, inspection: Inspection): FunctionPlace | undefined {
    const { scriptId } = location
    const url = this.#urlOf(scriptId, inspection)
    if (url.startsWith('node:')) return { script: { url, text: '' }, offset: 0, line: 1, column: 1 }
    const script = { url, text: inspection.scriptText(scriptId) }
    const place = placeIn(script, text, location)
    if (place) this.#byId.set(scriptId, script)
    return place
  }

  #urlOf(scriptId: string, inspection: Inspection): string {
    const find = (): RunningScript | undefined => this.#running.find(script => script.scriptId === scriptId)
    if (!find()) this.#running = inspection.scripts()
    return find()?.url ?? ''
  }

  #file(url: string): Script | undefined {
    if (!this.#files.has(url)) this.#files.set(url, readScript(url, this.#loadedBefore))
    return this.#files.get(url)
  }

  /** Scripts that `specifier` may mean when `from` imports it; undefined for what Node itself provides. */
  imported(specifier: string, from: Script): readonly Script[] | undefined {
    if (isBuiltin(specifier)) return undefined
    const url = resolveImport(specifier, from.url)
    const script = url === undefined ? undefined : this.#file(url)
    return script ? [script] : []
  }
}

function readScript(url: string, loadedBefore: number): Script | undefined {
  if (!url.startsWith('file:')) return undefined
  try {
    const path = fileURLToPath(url)
    const { mtimeMs } = statSync(path)
    return mtimeMs < loadedBefore ? { url, text: readFileSync(path, 'utf8') } : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined
    throw error
  }
}

/** URL of an imported file. Packages are resolved as require() does; the caller checks what the file exports. */
export function resolveImport(specifier: string, from: string): string | undefined {
  try {
    if (/^(\.{0,2}\/|file:)/.test(specifier) && /\.\w+$/.test(specifier)) return new URL(specifier, from).href
    return pathToFileURL(createRequire(from).resolve(specifier)).href
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined
    throw error
  }
}

const SPECIFIER = /(?:\bfrom|\bimport|\brequire\()\s*['"]([^'"\n]+)['"]/g

/** URLs of the files that a script imports or requires. */
export function importedFiles({ text, url }: Script): string[] {
  if (!url.startsWith('file:')) return []
  const found = [...text.matchAll(SPECIFIER)].map(([, specifier]) => specifier!)
  return [...new Set(found)].filter(name => !isBuiltin(name)).flatMap(name => resolveImport(name, url) ?? [])
}
