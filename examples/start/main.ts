import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { formatExplanation } from './explain.ts'
import { type GeographyResult, measureGeography } from './geography.ts'
import { drawMap } from './map.ts'
import { measurePricing } from './pricing.ts'
import { formatTable } from './print.ts'
import type { Lap } from './race.ts'
import { dataset, InputError, readColumns } from './table.ts'

interface Options {
  readonly csv?: string
  readonly lat: string
  readonly lon: string
  readonly out: string
  readonly json?: boolean
}

const NOTE = `JS runs on ordinary typed arrays, Iris on arrays in kernel memory (alloc), which it neither copies in nor out.
Times are medians of interleaved runs after warm-up; both sides ran the same functions. "fast" allows vector versions of
sin, exp and their kin (math: 'fast'), whose results differ in the last places; everything else has the same bits.`

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function saveMap(file: string, options: Options, points: readonly Float64Array[], found: GeographyResult): string {
  const [latitude = new Float64Array(), longitude = new Float64Array()] = points
  const path = resolve(file)
  const farthest = found.distance.reduce((best, km, i, all) => (km > (all[best] ?? 0) ? i : best), 0)
  const svg = drawMap({
    ...found,
    latitude,
    longitude,
    title: options.csv ? 'How far to the nearest neighbour?' : 'How far to the next airport?',
    subtitle: `${latitude.length.toLocaleString('en-US')} points, coloured by great-circle distance to the nearest other; the loneliest has ${Math.round(found.distance[farthest] ?? 0)} km to go`,
  })
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, svg)
  return path
}

async function run(options: Options): Promise<number> {
  const file = options.csv ?? dataset('airports.csv')
  const points = readColumns(file, [
    { name: options.lat, range: [-90, 90] },
    { name: options.lon, range: [-180, 180] },
  ])
  const [latitude = new Float64Array(), longitude = new Float64Array()] = points
  if (latitude.length < 2) throw new InputError(`${file}: at least two rows are wanted`)
  const geography = await measureGeography(latitude, longitude, progress)
  const pricing = options.csv ? { laps: [], explanations: [] } : await measurePricing(progress)
  progress('')
  const laps: Lap[] = [...geography.laps, ...pricing.laps]
  const explanations = [...geography.explanations, ...pricing.explanations]
  const map = saveMap(options.out, options, points, geography)
  if (options.json) console.log(JSON.stringify({ laps, explanations, map }, undefined, 2))
  else console.log([formatTable(laps), NOTE, ...explanations.map(formatExplanation), `map: ${map}`].join('\n\n'))
  return laps.every(lap => lap.equal) ? 0 : 1
}

const command = new Command('start')
  .description(
    'All great-circle distances between the airports of vega-datasets and each one’s nearest neighbour, then Black-Scholes prices over the S&P 500 since 2000: plain JavaScript against Iris.',
  )
  .option('--csv <file>', 'points of your own instead: a CSV file with a header (no option prices then)')
  .option('--lat <column>', 'its column of latitudes in degrees', 'latitude')
  .option('--lon <column>', 'its column of longitudes in degrees', 'longitude')
  .option('--out <file>', 'where to write the map', 'out/nearest.svg')
  .option('--json', 'print results and explanations as JSON')
  .addHelpText('after', '\nExit codes: 0 all bits equal, 1 some result differs, 2 wrong usage or input.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (options: Options) => {
    try {
      process.exitCode = await run(options)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      progress('')
      console.error(`error: ${error.message}`)
      process.exitCode = 2
    }
  })

await command.parseAsync()
