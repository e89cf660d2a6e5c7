/**
 * The kernel library, on one thread and in place, against NumPy, where python3 has it: node dist/bench/kernels/against-numpy.js
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { duration } from '../../base/duration.ts'
import { builtFile } from '../../base/files.ts'
import { alloc } from '../../src/kernels/index.ts'
import { formatTable } from '../format.ts'
import { geometricMean, interleaved } from '../measure.ts'
import { blockRows } from './block-rows.ts'
import type { Place } from './row.ts'
import { vectorRows } from './vector-rows.ts'

interface NumpyTimes {
  readonly version: string
  readonly rows: Readonly<Record<string, number>>
}

const script = fileURLToPath(new URL('../bench/kernels/numpy_times.py', builtFile('')))
const inMemory: Place = x => alloc(x.constructor as Float64ArrayConstructor, x as never) as unknown as typeof x

const { stdout } = await promisify(execFile)('python3', [script])
const numpy = JSON.parse(stdout) as NumpyTimes
const rows: (readonly [name: string, numpy: number, ours: number])[] = []
for (const row of [...vectorRows, ...blockRows]) {
  const theirs = numpy.rows[row.name]
  if (theirs === undefined) continue
  const { ours } = await row.prepare(inMemory)
  rows.push([row.name, theirs, interleaved([ours], 11)[0]?.ns ?? Number.NaN])
}
const cells = rows.map(([name, theirs, ours]) => [name, duration(theirs), duration(ours), (theirs / ours).toFixed(2)])
console.log(formatTable(['kernel', `NumPy ${numpy.version}`, 'ours', '×'], cells))
const ratios = rows.map(([, theirs, ours]) => theirs / ours)
console.log(
  `\n${ratios.filter(r => r >= 0.7).length} of ${ratios.length} rows at 0.7 or better; geometric mean ${geometricMean(ratios).toFixed(2)}`,
)
