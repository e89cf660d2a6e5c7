import { readFileSync } from 'node:fs'
import { findSourceMap, SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { FunctionPlace, Script } from './script.ts'

/** Where something stands for the eyes of the user: through source maps where there are some. Lines and columns are 1-based. */
export interface SourcePosition {
  /** Path, or URL where it is no file; empty when unknown. */
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface ShownPosition extends SourcePosition {
  /** A few lines of the source with a mark under the span. */
  readonly frame: string
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Position of a range of a function's text; without a place, as if the text were the whole file. */
export function positionIn(text: string, range: Range, place: FunctionPlace | undefined): ShownPosition {
  if (!place) return shown({ file: '', ...lineAndColumn(text, range.start) }, text, range.end - range.start)
  const { script, offset } = place
  const generated = lineAndColumn(script.text, offset + range.start)
  const original = originalPosition(script, generated)
  if (original?.text !== undefined) return shown(original, original.text, range.end - range.start)
  return shown({ file: pathOf(script.url), ...generated }, script.text, range.end - range.start)
}

/** Position of a function; without its frame this is cheap. */
export function positionOf({ script, line, column }: FunctionPlace): SourcePosition {
  const {
    file,
    line: row,
    column: at,
  } = originalPosition(script, { line, column }) ?? { file: pathOf(script.url), line, column }
  return { file, line: row, column: at }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

function shown(position: SourcePosition, text: string, length: number): ShownPosition {
  const { file, line, column } = position
  return { file, line, column, frame: codeFrame(text, line, column, length) }
}

const CONTEXT = 2
const WIDTH = 160

/** ```
 *   12 |   let s = 0
 * > 13 |   s += lookUp(x)
 *      |        ^^^^^^^^^
 * ``` */
export function codeFrame(text: string, line: number, column: number, length: number): string {
  const lines = text.split('\n')
  const first = Math.max(1, line - CONTEXT)
  const last = Math.min(lines.length, line + CONTEXT)
  const digits = String(last).length
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const { shownLine, shift } = cut(lines[number - 1]!.replace(/\r$/, ''), number === line ? column : 1)
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(digits)} | ${shownLine}`.trimEnd())
    if (number !== line) continue
    const width = Math.max(1, Math.min(length, shownLine.length - (column - shift) + 1))
    rows.push(`  ${' '.repeat(digits)} | ${' '.repeat(Math.max(0, column - shift - 1))}${'^'.repeat(width)}`)
  }
  return rows.join('\n')
}

/** Minified lines are cut around the column. */
function cut(line: string, column: number): { shownLine: string; shift: number } {
  if (line.length <= WIDTH) return { shownLine: line, shift: 0 }
  const shift = Math.max(0, column - WIDTH / 2)
  return { shownLine: line.slice(shift, shift + WIDTH), shift }
}

function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url
}

interface OriginalPosition extends SourcePosition {
  readonly text: string | undefined
}

const maps = new WeakMap<Script, SourceMap | null>()

function originalPosition(
  script: Script,
  { line, column }: { line: number; column: number },
): OriginalPosition | undefined {
  if (!maps.has(script)) maps.set(script, findSourceMap(pathOf(script.url)) ?? mapNamedIn(script) ?? null)
  const map = maps.get(script)
  const entry = map?.findEntry(line - 1, column - 1)
  if (!map || !entry || !('originalSource' in entry)) return undefined
  const { originalSource, originalLine, originalColumn } = entry
  const url = absolute(originalSource, script.url)
  return {
    file: pathOf(url),
    line: originalLine + 1,
    column: originalColumn + 1,
    text: contentOf(map, originalSource) ?? readText(url),
  }
}

const MAP_COMMENT = /^\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm
const INLINE_MAP = /^data:application\/json[^,]*?(;base64)?,(.*)$/

/** The map that the script names, inline or a file beside it. The last comment counts; vitest writes others after it. */
function mapNamedIn({ text, url }: Script): SourceMap | undefined {
  const named = [...text.matchAll(MAP_COMMENT)].at(-1)?.[1]
  if (named === undefined) return undefined
  const inline = INLINE_MAP.exec(named)
  const json = inline
    ? Buffer.from(decodeURIComponent(inline[2]!), inline[1] ? 'base64' : 'utf8').toString()
    : readText(absolute(named, url))
  return json === undefined ? undefined : parseMap(json)
}

function parseMap(json: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0])
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

function contentOf(map: SourceMap, source: string): string | undefined {
  const { sources, sourcesContent } = map.payload
  return (
    sourcesContent?.[
      sources.findIndex(name => source === name || source.endsWith(`/${name.replace(/^(\.\.?\/)+/, '')}`))
    ] ?? undefined
  )
}

function absolute(reference: string, base: string): string {
  return URL.canParse(reference) ? reference : URL.canParse(reference, base) ? new URL(reference, base).href : reference
}

function readText(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  try {
    return readFileSync(fileURLToPath(url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return undefined
    throw error
  }
}
