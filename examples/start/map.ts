import { readFileSync } from 'node:fs'
import { type GeoProjection, geoAlbersUsa, geoEquirectangular, geoGraticule10, geoPath } from 'd3-geo'
import type { FeatureCollection, MultiLineString, MultiPoint } from 'geojson'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { Neighbours } from './geography.ts'
import { dataset } from './table.ts'

const WIDTH = 1200
const HEIGHT = 780
const MARGIN = { top: 92, right: 24, bottom: 112, left: 24 }
/** viridis (van der Walt and Smith), from near to far: readable in grey and for colour-blind eyes. */
const COLOURS = ['#fde725', '#a0da39', '#4ac16d', '#1fa187', '#277f8e', '#365c8d', '#46327e', '#440154']

export interface MapInput extends Neighbours {
  readonly title: string
  readonly subtitle: string
  readonly latitude: Float64Array
  readonly longitude: Float64Array
}

interface Frame {
  readonly projection: GeoProjection
  readonly land: string
  readonly borders: string
}

/** A map of the points, each coloured by the distance to its nearest neighbour, as SVG text. */
export function drawMap(input: MapInput): string {
  const points = Array.from(input.longitude, (lon, i) => [lon, input.latitude[i] ?? 0] as [number, number])
  const { projection, land, borders } = frameFor(points)
  const steps = thresholds(input.distance)
  const dots = points.map((point, i) => ({ at: projection(point), km: input.distance[i] ?? 0 }))
  const radius = Math.max(1.4, Math.min(4.5, 160 / Math.sqrt(points.length)))
  const left = dots.filter(dot => dot.at === null).length
  const circles = dots
    .sort((a, b) => a.km - b.km)
    .map(
      ({ at, km }) =>
        at &&
        `<circle cx="${at[0].toFixed(1)}" cy="${at[1].toFixed(1)}" r="${radius.toFixed(1)}" fill="${colourOf(km, steps)}"/>`,
    )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="Helvetica, Arial, sans-serif">`,
    `<title>${escapeXml(input.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<path d="${land}" fill="#eceae4"/>`,
    `<path d="${borders}" fill="none" stroke="#ffffff" stroke-width="1" stroke-linejoin="round"/>`,
    `<g stroke="#333333" stroke-opacity="0.35" stroke-width="0.4">`,
    ...circles.filter(circle => circle !== null),
    '</g>',
    `<text x="${MARGIN.left}" y="42" font-size="26" font-weight="bold" fill="#222222">${escapeXml(input.title)}</text>`,
    `<text x="${MARGIN.left}" y="68" font-size="15" fill="#555555">${escapeXml(input.subtitle)}</text>`,
    legend(steps, input.distance),
    left > 0 ? note(`${left} points lie outside this map`) : '',
    '</svg>',
    '',
  ].join('\n')
}

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
const note = (text: string): string =>
  `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 16}" font-size="12" text-anchor="end" fill="#777777">${text}</text>`

/** The United States with Alaska and Hawaii moved in, where nearly all points lie there; else the extent of the points. */
function frameFor(points: readonly [number, number][]): Frame {
  const usa = geoAlbersUsa()
  const inside = points.filter(point => usa(point) !== null).length
  return inside >= 0.95 * points.length ? frameOfUsa(usa) : frameOfExtent(points)
}

const topology = (file: string): Topology => JSON.parse(readFileSync(dataset(file), 'utf8')) as Topology
const extent: [[number, number], [number, number]] = [
  [MARGIN.left, MARGIN.top],
  [WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom],
]

function frameOfUsa(projection: GeoProjection): Frame {
  const us = topology('us-10m.json')
  const states = us.objects.states as GeometryCollection
  const land = feature(us, us.objects.land as GeometryCollection) as FeatureCollection
  projection.fitExtent(extent, land)
  const path = geoPath(projection).digits(1)
  const lines: MultiLineString = mesh(us, states, (a, b) => a !== b)
  return { projection, land: path(land) ?? '', borders: path(lines) ?? '' }
}

function frameOfExtent(points: readonly [number, number][]): Frame {
  const world = topology('world-110m.json')
  const cloud: MultiPoint = { type: 'MultiPoint', coordinates: [...points] }
  const projection = geoEquirectangular()
    .fitExtent(extent, cloud)
    .clipExtent([
      [0, MARGIN.top - 12],
      [WIDTH, HEIGHT - MARGIN.bottom + 12],
    ])
  const path = geoPath(projection).digits(1)
  const land = feature(world, world.objects.land as GeometryCollection)
  return { projection, land: path(land) ?? '', borders: path(geoGraticule10()) ?? '' }
}

const QUANTILES = [0.06, 0.2, 0.4, 0.6, 0.8, 0.93, 0.99]

/** Limits in kilometres at fixed shares of the points, rounded to two digits: as many colours near as far. */
function thresholds(km: Float64Array): number[] {
  const sorted = Float64Array.from(km).sort()
  const limits = QUANTILES.map(share => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toPrecision(2)))
  return [...new Set(limits)].filter(limit => limit > 0)
}

const binOf = (km: number, steps: readonly number[]): number => steps.filter(step => km >= step).length
const colourOf = (km: number, steps: readonly number[]): string => COLOURS[binOf(km, steps)] ?? '#000000'

/** One swatch per bin, its limits below, and how many points fall into it above. */
function legend(steps: readonly number[], km: Float64Array): string {
  const counts = Array.from({ length: steps.length + 1 }, (_, bin) =>
    km.reduce((sum, value) => sum + (binOf(value, steps) === bin ? 1 : 0), 0),
  )
  const [width, height, top] = [74, 14, HEIGHT - 52]
  const text = (x: number, y: number, content: string, anchor = 'middle'): string =>
    `<text x="${x}" y="${y}" font-size="12" text-anchor="${anchor}" fill="#444444">${content}</text>`
  const swatches = COLOURS.map(
    (colour, i) =>
      `<rect x="${MARGIN.left + i * width}" y="${top}" width="${width}" height="${height}" fill="${colour}"/>`,
  )
  return [
    text(MARGIN.left, top - 24, 'distance to the nearest neighbour, km (above each colour: how many points)', 'start'),
    ...swatches,
    ...counts.map((count, i) => text(MARGIN.left + (i + 0.5) * width, top - 5, count.toLocaleString('en-US'))),
    ...steps.map((step, i) => text(MARGIN.left + (i + 1) * width, top + height + 15, String(step))),
  ].join('\n')
}
