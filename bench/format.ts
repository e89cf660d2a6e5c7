export type Cell = string | number

/** A plain table: the first column at the left, the others at the right. */
export function formatTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [headings, ...rows].map(row => row.map(String))
  const widths = headings.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  const [head = [], ...body] = cells
  return [line(head), widths.map(width => '-'.repeat(width)).join('--'), ...body.map(line)].join('\n')
}
