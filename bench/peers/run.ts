import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { duration } from '../../base/duration.ts'
import { type Bar, barChart } from '../../src/cli/chart.ts'
import { offload } from '../../src/index.ts'
import { agree, close } from '../agree.ts'
import { type Argument, type Callable, call, inKernelMemory, release } from '../arguments.ts'
import { formatTable } from '../format.ts'
import { geometricMean, interleaved, type Timing, timingOf } from '../measure.ts'
import { KERNELS as BASIC, type SimdKernel } from '../simd/kernels.ts'
import { MORE } from '../simd/more-kernels.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { PEERS } from './all.ts'
import { type Bound, type Found, isAbsent } from './peer.ts'
import { ask, failure } from './protocol.ts'

/** Those of the vector bench, in their sizes. */
export const KERNELS: readonly SimdKernel[] = [...BASIC, ...MORE]
const WARM_UP_CALLS = 50
const WARM_UP_MS = 1500
const MOST_LOAD = 0.5
const OWN: Bound = { f64: 1e-11, f32: 1e-5 }

export interface PeersResult {
  /** mean length of the machine's run queue in the minute before */
  readonly load: number
  /** those that took part, with their versions */
  readonly versions: Readonly<Record<string, string>>
  /** those that did not, and why */
  readonly absent: Readonly<Record<string, string>>
  readonly rows: readonly PeersRow[]
}

export interface PeersRow {
  readonly kernel: string
  readonly math: string
  readonly elements: number
  readonly jsNs: number
  /** the default dispatch over kernel memory, after its warm-up, and what it chose */
  readonly irisNs: number
  readonly tier: string
  readonly right: boolean
  /** by peer; those without the kernel are left out */
  readonly peers: Readonly<Record<string, PeerCell>>
}

export type PeerCell = { readonly ns: number; readonly spread: number; readonly right: boolean } | { failed: string }

/** What JavaScript gives for a kernel, once. */
interface Wanted {
  readonly value: unknown
  readonly args: readonly Argument[]
}

export function wantedOf({ fn, args }: SimdKernel): Wanted {
  const own = args()
  return { value: call(fn, own)(), args: own }
}

/** Whether a first call gave what JavaScript gives. */
export function isRight(wanted: Wanted, given: Wanted, { f64, f32 }: Bound, strays = 0): boolean {
  const bound = wanted.args.some(arg => arg instanceof Float32Array) ? f32 : f64
  const { value } = wanted
  return (
    (typeof value !== 'number' || close(given.value, value, bound)) && agree(wanted.args, given.args, bound, strays)
  )
}

/** Calls until the dispatch has made its choice. Code for several threads is compiled meanwhile: the event loop turns. */
async function settle(action: () => unknown): Promise<void> {
  const end = performance.now() + WARM_UP_MS
  for (let calls = 0; calls < WARM_UP_CALLS || performance.now() < end; calls++) {
    action()
    await setImmediate()
  }
}

type Own = Pick<PeersRow, 'jsNs' | 'irisNs' | 'tier' | 'right'>

/** JavaScript and Iris in turn, in this process. */
async function measureOwn(kernel: SimdKernel, wanted: Wanted, rounds: number): Promise<Own> {
  const { name, math, fn, args, strays } = kernel
  const inMemory = inKernelMemory(args())
  const iris = offload(fn as Callable, { name, math })
  await Reflect.apply(iris.warmup, iris, inMemory)
  await settle(call(iris, inMemory))
  const [js, own] = interleaved([call(fn, args()), call(iris, inMemory)], rounds)
  for (const [i, fresh] of args().entries()) if (typeof fresh !== 'number') (inMemory[i] as Float64Array).set(fresh)
  const right = isRight(wanted, { value: call(iris, inMemory)(), args: inMemory }, OWN, strays)
  const { tier } = iris.explain()
  release(inMemory)
  iris[Symbol.dispose]()
  return { jsNs: js?.ns ?? Number.NaN, irisNs: own?.ns ?? Number.NaN, tier, right }
}

async function measurePeer(
  { command, bound }: Found,
  { name: kernel, args, strays }: SimdKernel,
  wanted: Wanted,
  rounds: number,
): Promise<PeerCell | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'iris-bench-'))
  try {
    const result = await ask(command, { kernel, args: args(), rounds }, folder)
    if (!result) return undefined
    const timing: Timing = timingOf(result.samples)
    return { ...timing, right: isRight(wanted, result, bound, strays) }
  } catch (error) {
    return { failed: failure(error) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(kernel: SimdKernel, found: ReadonlyMap<string, Found>, rounds: number): Promise<PeersRow> {
  const { name, math, elements } = kernel
  const wanted = wantedOf(kernel)
  const own = await measureOwn(kernel, wanted, rounds)
  const peers: Record<string, PeerCell> = {}
  for (const [peer, program] of found) {
    const cell = await measurePeer(program, kernel, wanted, rounds)
    if (cell) peers[peer] = cell
  }
  return { kernel: name, math, elements, ...own, peers }
}

const isTimed = (cell: PeerCell | undefined): cell is Exclude<PeerCell, { failed: string }> =>
  cell !== undefined && !('failed' in cell) && cell.right

function cellsOf(row: PeersRow, peer: string): [time: string, ratio: string] {
  const cell = row.peers[peer]
  if (isTimed(cell)) return [duration(cell.ns), (cell.ns / row.irisNs).toFixed(2)]
  if (!cell) return ['', '']
  return ['failed' in cell ? 'failed' : 'WRONG', '']
}

/** How many times the time of Iris a peer takes, kernel by kernel. */
const ratiosOf = (rows: readonly PeersRow[], peer: string): Bar[] =>
  rows.flatMap(({ kernel, irisNs, peers }) => {
    const cell = peers[peer]
    return isTimed(cell) ? [{ label: kernel, value: cell.ns / irisNs }] : []
  })

function summary(rows: readonly PeersRow[], peer: string): string {
  const ratios = ratiosOf(rows, peer).map(({ value }) => value)
  if (ratios.length === 0) return 'no kernel'
  const ahead = ratios.filter(ratio => ratio > 1).length
  return `Iris ahead on ${ahead} of ${ratios.length} kernels, geometric mean ${geometricMean(ratios).toFixed(2)}`
}

/** Threads that wait for each other make peers slow on a busy machine, far beyond what their code takes. */
const warningsOf = (load: number): string[] =>
  load > MOST_LOAD ? [`the machine was busy (load ${load.toFixed(1)}): the peers' times mean little`] : []

const failuresOf = (rows: readonly PeersRow[]): string[] =>
  rows.flatMap(({ kernel, peers }) =>
    Object.entries(peers).flatMap(([peer, cell]) =>
      'failed' in cell ? [`${peer} failed at ${kernel}: ${cell.failed}`] : [],
    ),
  )

export const peersSuite: Suite<PeersResult> = {
  name: 'peers',
  description:
    'the default dispatch on all cores, arrays in kernel memory, against JavaScript and what compiles such loops elsewhere; × is the time of the peer over that of Iris',
  async run({ rounds, only, peers: chosen, progress }: SuiteOptions) {
    const [load = 0] = loadavg()
    const found = new Map<string, Found>()
    const absent: Record<string, string> = {}
    for (const peer of PEERS) {
      if (chosen && !chosen.includes(peer.name)) continue
      const program = peer.find()
      if (isAbsent(program)) absent[peer.name] = program.absent
      else found.set(peer.name, program)
    }
    const rows: PeersRow[] = []
    try {
      for (const kernel of KERNELS) {
        if (only && !kernel.name.includes(only)) continue
        progress(kernel.name)
        rows.push(await measure(kernel, found, rounds))
      }
    } finally {
      for (const program of found.values()) program.close()
    }
    const versions = Object.fromEntries([...found].map(([name, { version }]) => [name, version]))
    return { load, versions, absent, rows }
  },
  print({ load, versions, absent, rows }) {
    const peers = Object.keys(versions)
    const headings = ['kernel', 'math', 'JS', 'Iris', 'tier', 'JS/Iris', ...peers.flatMap(peer => [peer, '×']), 'right']
    const cells = rows.map(row => [
      row.kernel,
      row.math,
      duration(row.jsNs),
      duration(row.irisNs),
      row.tier,
      (row.jsNs / row.irisNs).toFixed(2),
      ...peers.flatMap(peer => cellsOf(row, peer)),
      row.right ? 'yes' : 'NO',
    ])
    return [
      formatTable(headings, cells),
      '',
      ...peers.map(peer => `${peer} (${versions[peer]}): ${summary(rows, peer)}`),
      ...Object.entries(absent).map(([peer, why]) => `${peer}: skipped, ${why}`),
      ...failuresOf(rows),
      ...warningsOf(load),
    ].join('\n')
  },
  svg({ versions, rows }) {
    const bars = Object.keys(versions).flatMap(peer =>
      ratiosOf(rows, peer).map(({ label, value }) => ({ label: `${peer}: ${label}`, value })),
    )
    const note = `Node ${process.versions.node}, ${process.arch}; right of 1 Iris is faster`
    return barChart('time of the peers / Iris time, all cores', bars, note)
  },
  ok: ({ rows }) =>
    rows.every(row => row.right && Object.values(row.peers).every(cell => 'failed' in cell || cell.right)),
}
