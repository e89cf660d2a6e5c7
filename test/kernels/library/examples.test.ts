import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { documentation, embed, neighbours, sectionsOf } from '../../../examples/kernels/neighbours.ts'
import { encodePng } from '../../../examples/kernels/png.ts'
import { picture, recording, spectrogram } from '../../../examples/kernels/spectrogram.ts'

describe('neighbours', () => {
  it('finds sections that share their words', () => {
    const sections = sectionsOf(documentation())
    expect(sections.length).toBeGreaterThan(20)
    const matrix = embed(sections)
    const found = sections.map((_, row) => neighbours(sections, matrix, row, 3))
    for (const near of found) {
      expect(near.length).toBe(3)
      expect(near[0]!.similarity).toBeLessThan(0.999) // not the section itself
      expect(near[0]!.similarity).toBeGreaterThanOrEqual(near[1]!.similarity)
    }
    // Sections about options are nearest to sections about options.
    const options = sections.findIndex(({ title }) => /^options$/i.test(title))
    const near = found[options]!.map(({ title }) => title).join(' | ')
    expect(near).toMatch(/option/i)
  })
})

describe('spectrogram', () => {
  it('shows the tones that are in the recording', () => {
    const { columns, bins } = spectrogram(recording())
    expect(bins).toBe(512)
    // At 3 s the rising tone has 200 + 2 · 250 · 3 Hz: bin 1700 / 15.625.
    const column = columns[Math.round((3 * 16_000 - 512) / 160)]!
    const from = 95
    const loudest = from + column.subarray(from, 125).reduce((best, v, i, all) => (v > all[best]! ? i : best), 0)
    expect(Math.abs(loudest - 1700 / 15.625)).toBeLessThan(2)
  })

  it('is a PNG whose rows come back', () => {
    const { pixels, width, height } = picture({ columns: [Float64Array.of(0, -60), Float64Array.of(-30, 0)], bins: 2 })
    expect([width, height]).toEqual([2, 2])
    expect([...pixels.subarray(8, 12)]).toEqual([252, 255, 164, 255]) // the loudest, lowest row first column
    const png = Buffer.from(encodePng(pixels, width, height))
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 2])
    const size = png.readUInt32BE(33)
    const rows = inflateSync(png.subarray(41, 41 + size))
    expect([...rows]).toEqual([0, ...pixels.subarray(0, 8), 0, ...pixels.subarray(8)])
  })
})
