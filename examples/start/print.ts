import type { Lap } from './race.ts'

const count = (value: number): string => Math.round(value).toLocaleString('en-US')
const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1))

const HEADINGS = ['kernel', 'elements', 'JS ms', 'Iris ms', 'ratio', 'bits equal'] as const

const cells = (lap: Lap): string[] => [
  lap.kernel,
  count(lap.elements),
  ms(lap.jsMs),
  ms(lap.irisMs),
  (lap.jsMs / lap.irisMs).toFixed(2),
  lap.difference === undefined ? (lap.equal ? 'yes' : 'NO') : `within ${lap.difference.toExponential(0)}`,
]

/** The first column is text, the others are numbers and stand at the right. */
export function formatTable(laps: readonly Lap[]): string {
  const rows = [[...HEADINGS], ...laps.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')
  const [head = [], ...body] = rows
  return [line(head), widths.map(width => '─'.repeat(width)).join('───'), ...body.map(line)].join('\n')
}
