import type { Span } from '../../base/diagnostic.ts'
import type { SourceFunction } from '../../compiler/abi.ts'

/** A place in the user's program. Lines and columns count from 1. */
export interface Position {
  readonly file: string | undefined
  readonly line: number
  readonly column: number
}

/** Where a span of a function's text stands in its file; without a file, lines count from the function's start. */
export function positionOf(fn: SourceFunction, span: Span | undefined): Position {
  const before = fn.text.slice(0, span?.start ?? 0)
  const lines = before.split('\n')
  const last = lines.at(-1)!.length
  const isFirst = lines.length === 1
  return {
    file: fn.file,
    line: (fn.line ?? 1) + lines.length - 1,
    column: isFirst ? (fn.column ?? 1) + last : last + 1,
  }
}

const CONTEXT_LINES = 1
const WIDTH = 120

/** The lines around a span, numbered as in the file, with the span underlined. */
export function codeFrame(fn: SourceFunction, span: Span): string {
  const lines = fn.text.split('\n')
  const at = fn.text.slice(0, span.start).split('\n')
  const row = at.length - 1
  const column = at[row]!.length
  const first = fn.line ?? 1
  const from = Math.max(0, row - CONTEXT_LINES)
  const to = Math.min(lines.length - 1, row + CONTEXT_LINES)
  const gutter = String(first + to).length
  const shown: string[] = []
  for (let i = from; i <= to; i++) {
    const line = lines[i]!
    const skip = i === row && column > WIDTH - 20 ? column - 40 : 0
    shown.push(`${i === row ? '>' : ' '} ${String(first + i).padStart(gutter)} | ${line.slice(skip, skip + WIDTH)}`)
    if (i !== row) continue
    const length = Math.max(1, Math.min(span.end - span.start, line.length - column, WIDTH - (column - skip)))
    shown.push(`  ${' '.repeat(gutter)} | ${line.slice(skip, column).replace(/[^\t]/g, ' ')}${'^'.repeat(length)}`)
  }
  return shown.join('\n')
}
