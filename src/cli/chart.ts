export interface Bar {
  readonly label: string
  readonly value: number
}

const LEFT = 260
const WIDTH = 900
const ROW = 22
const TOP = 70

/** Horizontal bars of ratios on a logarithmic axis, as SVG: right of 1 is better. */
export function barChart(title: string, bars: readonly Bar[], note = ''): string {
  const height = TOP + bars.length * ROW + 40
  const values = bars.map(({ value }) => value)
  const [near, far] = [Math.log2(Math.min(0.5, ...values)), Math.log2(Math.max(4, ...values))]
  const x = (value: number): number => LEFT + ((Math.log2(value) - near) / (far - near)) * (WIDTH - LEFT - 70)
  const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32].filter(tick => Math.log2(tick) >= near && Math.log2(tick) <= far)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="18" font-weight="bold" fill="#222222">${escaped(title)}</text>`,
    ...(note === '' ? [] : [`<text x="16" y="48" fill="#555555">${escaped(note)}</text>`]),
    ...ticks.map(tick => axis(tick, x(tick), height)),
    ...bars.map((bar, i) => barOf(bar, TOP + i * ROW, x)),
    '</svg>',
    '',
  ].join('\n')
}

const axis = (tick: number, x: number, height: number): string =>
  `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height - 32}" stroke="${tick === 1 ? '#444444' : '#dddddd'}"/>` +
  `<text x="${x}" y="${height - 16}" text-anchor="middle" fill="#555555">${tick}</text>`

function barOf({ label, value }: Bar, y: number, x: (value: number) => number): string {
  const [one, end] = [x(1), x(value)]
  return [
    `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end" fill="#222222">${escaped(label)}</text>`,
    `<rect x="${Math.min(one, end).toFixed(1)}" y="${y + 2}" width="${Math.max(1, Math.abs(end - one)).toFixed(1)}" height="${ROW - 7}" fill="${value >= 1 ? '#2a788e' : '#c2553a'}"/>`,
    `<text x="${((value >= 1 ? end : one) + 6).toFixed(1)}" y="${y + 13}" fill="#222222">${value.toFixed(2)}</text>`,
  ].join('')
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
