/**
 * A spectrogram as PNG: a synthesised recording (a rising tone, a bell with its partials, a siren, and noise) is cut into
 * overlapping windows, each is transformed, and the loudness of each frequency becomes the colour of a pixel.
 *
 *   node dist/examples/kernels/spectrogram.js [out.png]
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { kernels } from '../../src/kernels/index.ts'
import { encodePng } from './png.ts'

const RATE = 16_000
const SECONDS = 6
const WINDOW = 1024
const STEP = 160

/** Samples in [-1, 1], `RATE` a second. */
export function recording(): Float64Array {
  const n = RATE * SECONDS
  const sound = kernels.normal(n, { seed: 2024, deviation: 0.002 })
  for (let i = 0; i < n; i++) {
    const t = i / RATE
    const rising = Math.sin(2 * Math.PI * (200 * t + 250 * t * t))
    const siren = Math.sin(2 * Math.PI * 5000 * t + 300 * Math.sin(2 * Math.PI * 0.7 * t))
    sound[i]! += 0.3 * rising + 0.1 * siren + bell(t % 1.5)
  }
  return sound
}

/** Partials of a bell and how fast each dies away. */
const PARTIALS = [
  [440, 1.2],
  [880, 2],
  [1056, 2.5],
  [1320, 3.5],
  [1760, 5],
] as const
const bell = (t: number): number =>
  PARTIALS.reduce(
    (sum, [frequency, decay]) => sum + 0.1 * Math.sin(2 * Math.PI * frequency * t) * Math.exp(-decay * t),
    0,
  )

/** One column for each window: loudness in decibels of the frequencies from 0 to half the rate. */
export function spectrogram(sound: Float64Array): { columns: Float64Array[]; bins: number } {
  const bins = WINDOW / 2
  const hann = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW))
  const [piece, spectrum] = [new Float64Array(WINDOW), new Float64Array(WINDOW + 2)]
  const columns: Float64Array[] = []
  for (let from = 0; from + WINDOW <= sound.length; from += STEP) {
    kernels.rfft(kernels.mul(sound.subarray(from, from + WINDOW), hann, piece), spectrum)
    columns.push(
      Float64Array.from(
        { length: bins },
        (_, k) => 10 * Math.log10(spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2 + 1e-12),
      ),
    )
  }
  return { columns, bins }
}

/** Black over violet and orange to yellow. */
const STOPS = [
  [0, 0, 4],
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
] as const

function colour(value: number): readonly number[] {
  const place = Math.max(0, Math.min(1, value)) * (STOPS.length - 1)
  const i = Math.min(STOPS.length - 2, Math.floor(place))
  return STOPS[i]!.map((low, c) => low + (STOPS[i + 1]![c]! - low) * (place - i))
}

/** RGBA, the highest frequency at the top; 60 decibels from black to yellow. */
export function picture({ columns, bins }: { columns: readonly Float64Array[]; bins: number }): {
  pixels: Uint8Array
  width: number
  height: number
} {
  const width = columns.length
  const pixels = new Uint8Array(4 * width * bins).fill(255)
  const loudest = Math.max(...columns.map(column => kernels.max(column)))
  for (const [j, column] of columns.entries())
    for (let k = 0; k < bins; k++) pixels.set(colour(1 + (column[k]! - loudest) / 60), 4 * ((bins - 1 - k) * width + j))
  return { pixels, width, height: bins }
}

function main(path = 'spectrogram.png'): void {
  const drawn = picture(spectrogram(recording()))
  const { width, height } = drawn
  const half = { width, toWidth: Math.round(width / 2), toHeight: height / 2, filter: 'lanczos' } as const
  const pixels = kernels.resize(drawn.pixels, half)
  writeFileSync(path, encodePng(pixels, half.toWidth, half.toHeight))
  console.log(`${path}: ${half.toWidth} × ${half.toHeight} pixels, ${SECONDS} s of sound, 0 to ${RATE / 2000} kHz`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2])
