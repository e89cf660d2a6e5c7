import { duration } from '../../base/duration.ts'
import type { TypedArray } from '../../runtime/exec/elements.ts'
import { alloc, free } from '../../src/kernels/index.ts'
import { formatTable } from '../format.ts'
import { geometricMean, interleaved } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { blockRows } from './block-rows.ts'
import { type KernelRow, near, type Place } from './row.ts'
import { vectorRows } from './vector-rows.ts'

export interface Row {
  readonly kernel: string
  readonly peer: string
  readonly elements: number
  readonly peerNs: number
  /** ours over ordinary arrays, copied at each call */
  readonly copiedNs: number
  /** ours over arrays of alloc() */
  readonly inPlaceNs: number
  readonly spread: number
  readonly right: boolean
}

async function measure({ name, peer, elements, prepare }: KernelRow, rounds: number): Promise<Row> {
  const views: TypedArray[] = []
  const inMemory: Place = x => {
    const view = alloc(x.constructor as Float64ArrayConstructor, x as unknown as Float64Array)
    views.push(view)
    return view as unknown as typeof x
  }
  const copied = await prepare(x => x)
  const inPlace = await prepare(inMemory)
  const agree = inPlace.agree ?? near(1e-9)
  const right = agree(inPlace.ours(), inPlace.theirs()) && (copied.agree ?? agree)(copied.ours(), copied.theirs())
  const [theirs, ours, best] = interleaved([inPlace.theirs, copied.ours, inPlace.ours], rounds)
  for (const view of views) free(view)
  return {
    kernel: name,
    peer,
    elements,
    peerNs: theirs?.ns ?? Number.NaN,
    copiedNs: ours?.ns ?? Number.NaN,
    inPlaceNs: best?.ns ?? Number.NaN,
    spread: best?.spread ?? 0,
    right,
  }
}

const HEADINGS = ['kernel', 'against', 'peer', 'copied', 'in place', '× copied', '× in place', '±', 'right']

export const kernelSuite: Suite<Row[]> = {
  name: 'kernels',
  description: 'the kernel library on one thread against the package, or the loop, that a user would take instead',
  async run({ rounds, only, progress }: SuiteOptions) {
    const rows: Row[] = []
    for (const row of [...vectorRows, ...blockRows]) {
      if (only && !row.name.includes(only)) continue
      progress(row.name)
      rows.push(await measure(row, rounds))
    }
    return rows
  },
  print(rows) {
    const cells = rows.map(row => [
      row.kernel,
      row.peer,
      duration(row.peerNs),
      duration(row.copiedNs),
      duration(row.inPlaceNs),
      (row.peerNs / row.copiedNs).toFixed(2),
      (row.peerNs / row.inPlaceNs).toFixed(2),
      `${(row.spread * 100).toFixed(0)} %`,
      row.right ? 'yes' : 'NO',
    ])
    const mean = (ns: (row: Row) => number): string => geometricMean(rows.map(row => row.peerNs / ns(row))).toFixed(2)
    return `${formatTable(HEADINGS, cells)}\n\ngeometric mean: ${mean(row => row.copiedNs)} copied, ${mean(row => row.inPlaceNs)} in place`
  },
  ok: rows => rows.every(row => row.right),
}
