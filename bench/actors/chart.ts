import { CASES, type Case } from './case.ts'
import type { Result } from './run.ts'

const WIDTH = 760
const BAR = 14
const LABELS = 300
const COLORS: Readonly<Record<string, string>> = {
  iris: '#2b6cb0',
  plain: '#a0aec0',
  erlang: '#a90533',
  nact: '#d69e2e',
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function figure(value: number, unit: Case['unit']): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`
}

/** Bars of one row, on its own logarithmic scale: the largest fills the width. */
function rowOf(
  row: Case,
  values: Readonly<Record<string, number | undefined>>,
  y: number,
): { svg: string; height: number } {
  const entries = Object.entries(COLORS).flatMap(([name, color]) => {
    const value = values[name]
    return value === undefined ? [] : [{ name, color, value }]
  })
  const largest = Math.max(...entries.map(entry => entry.value))
  const bars = entries.map(({ name, color, value }, i) => {
    const length = Math.max(2, (1 + Math.log10(value / largest) / 3) * (WIDTH - LABELS - 130))
    const top = y + i * (BAR + 2)
    return (
      `<rect x="${LABELS}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" fill="${color}"/>` +
      `<text x="${(LABELS + length + 5).toFixed(1)}" y="${top + BAR - 3}">${figure(value, row.unit)} ${name}</text>`
    )
  })
  const better = row.unit === 'M/s' ? '' : ' (lower is better)'
  const title = `<text x="10" y="${y + BAR - 3}" font-weight="bold">${escapeXml(row.title + better)}</text>`
  return { svg: title + bars.join(''), height: entries.length * (BAR + 2) + 12 }
}

/** The table as a picture. Each row has its own scale. */
export function chart(result: Result): string {
  let y = 40
  const rows = CASES.map(row => {
    const { svg, height } = rowOf(row, result.values[row.name] ?? {}, y)
    y += height
    return svg
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 60}" height="${y + 10}" font-family="sans-serif" font-size="11">` +
    `<rect width="100%" height="100%" fill="white"/>` +
    `<text x="10" y="22" font-size="14">Actors, Node ${escapeXml(result.node)}: each row on its own logarithmic scale</text>` +
    `${rows.join('\n')}</svg>\n`
  )
}
