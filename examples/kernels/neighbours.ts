/**
 * Which sections of a documentation belong together? Embeddings without a model: every word of a section is hashed to a place
 * of a vector (the "hashing trick": K. Weinberger et al., ICML 2009), rare words count more, and the nearest vectors by
 * cosine are the sections that share their words. Text: the documentation of the npm package commander.
 *
 *   node dist/examples/kernels/neighbours.js [section]
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { kernels } from '../../src/kernels/index.ts'

const DIMENSIONS = 512

export interface Section {
  readonly title: string
  readonly words: readonly string[]
}

/** The text of each heading of a Markdown document. */
export function sectionsOf(markdown: string): Section[] {
  return markdown
    .split(/^#+ /m)
    .slice(1)
    .map(part => ({
      title: part.slice(0, part.indexOf('\n')).trim(),
      words: part.toLowerCase().match(/[a-z]{3,}/g) ?? [],
    }))
    .filter(({ words }) => words.length > 30)
}

const encoder = new TextEncoder()

/** Row r is section r: each word adds its weight, or takes it away, at the place that its hash says. */
export function embed(sections: readonly Section[]): Float32Array {
  const matrix = new Float32Array(sections.length * DIMENSIONS)
  const weights = rarity(sections)
  for (const [row, { words }] of sections.entries())
    for (const word of words) {
      const hash = kernels.xxhash64(encoder.encode(word))
      const place = row * DIMENSIONS + Number(hash % BigInt(DIMENSIONS))
      matrix[place]! += (hash >> 63n ? 1 : -1) * (weights.get(word) ?? 0)
    }
  return matrix
}

/** Logarithm of the inverse share of sections with this word (K. Spärck Jones, J. Documentation 28, 1972). */
function rarity(sections: readonly Section[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { words } of sections) for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].map(([word, count]) => [word, Math.log(sections.length / count)]))
}

export interface Neighbour {
  readonly title: string
  readonly similarity: number
}

/** The sections nearest to one, without itself. */
export function neighbours(sections: readonly Section[], matrix: Float32Array, row: number, k: number): Neighbour[] {
  const query = matrix.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)
  const { indices, scores } = kernels.topK(matrix, query, { k: k + 1, metric: 'cosine' })
  return Array.from(indices, (found, i) => ({ found, similarity: scores[i]! }))
    .filter(({ found }) => found !== row)
    .slice(0, k)
    .map(({ found, similarity }) => ({ title: sections[found]!.title, similarity }))
}

export function documentation(): string {
  const require = createRequire(import.meta.url)
  return readFileSync(join(dirname(require.resolve('commander')), 'Readme.md'), 'utf8')
}

function main(wanted = 'options'): void {
  const sections = sectionsOf(documentation())
  const matrix = embed(sections)
  const row = sections.findIndex(({ title }) => title.toLowerCase().includes(wanted.toLowerCase()))
  if (row < 0) {
    console.log(`No section is called "${wanted}". There are:\n${sections.map(({ title }) => `  ${title}`).join('\n')}`)
    process.exitCode = 1
    return
  }
  console.log(`${sections.length} sections in ${DIMENSIONS} dimensions. Nearest to "${sections[row]!.title}":\n`)
  for (const { title, similarity } of neighbours(sections, matrix, row, 6))
    console.log(`  ${similarity.toFixed(3)}  ${title}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2])
