import { geometricMean } from '../measure.ts'

export interface Bar {
  readonly kernel: string
  readonly ratio: number
}

const LEFT = 190
const WIDTH = 900
const ROW = 22
const TOP = 70

/** Horizontal bars of JS time / Iris time on a logarithmic axis: right of the line is faster than JavaScript. */
export function ratioChart(
  rows: readonly Bar[],
  title = 'JS time / Iris time, scalar Wasm, arrays in kernel memory',
): string {
  const sorted = [...rows].sort((a, b) => b.ratio - a.ratio)
  const height = TOP + sorted.length * ROW + 50
  const far = Math.log2(Math.max(4, ...sorted.map(row => row.ratio)))
  const near = Math.log2(Math.min(0.5, ...sorted.map(row => row.ratio)))
  const x = (ratio: number): number => LEFT + ((Math.log2(ratio) - near) / (far - near)) * (WIDTH - LEFT - 70)
  const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32].filter(
    tick => Math.log2(tick) >= near - 0.01 && Math.log2(tick) <= far + 0.01,
  )
  const mean = geometricMean(sorted.map(row => row.ratio))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="18" font-weight="bold" fill="#222222">${title}</text>`,
    `<text x="16" y="48" fill="#555555">geometric mean ${mean.toFixed(2)}; Node ${process.versions.node}, ${process.arch}; right of 1 Iris is faster</text>`,
    ...ticks.map(
      tick =>
        `<line x1="${x(tick)}" y1="${TOP - 8}" x2="${x(tick)}" y2="${height - 36}" stroke="${tick === 1 ? '#444444' : '#dddddd'}"/>`,
    ),
    ...ticks.map(tick => `<text x="${x(tick)}" y="${height - 20}" text-anchor="middle" fill="#555555">${tick}</text>`),
    ...sorted.map((row, i) => bar(row, TOP + i * ROW, x)),
    '</svg>',
    '',
  ].join('\n')
}

function bar(row: Bar, y: number, x: (ratio: number) => number): string {
  const [one, end] = [x(1), x(row.ratio)]
  const colour = row.ratio >= 1 ? '#2a788e' : '#c2553a'
  const label = row.ratio >= 1 ? end + 6 : one + 6
  return [
    `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end" fill="#222222">${row.kernel}</text>`,
    `<rect x="${Math.min(one, end).toFixed(1)}" y="${y + 2}" width="${Math.max(1, Math.abs(end - one)).toFixed(1)}" height="${ROW - 7}" fill="${colour}"/>`,
    `<text x="${label.toFixed(1)}" y="${y + 13}" fill="#222222">${row.ratio.toFixed(2)}</text>`,
  ].join('')
}
