import { offload } from '../../src/index.ts'
import { formatTable } from '../format.ts'
import { interleaved } from '../measure.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { bareExport, type Norm } from './bare.ts'

export interface WrapperRow {
  readonly what: string
  readonly ns: number
  readonly against: string
  readonly limit: string
  readonly found: string
  readonly ok: boolean
}

const norm: Norm = (x, y, z) => Math.sqrt(x * x + y * y + z * z)
const normAsJs: Norm = (x, y, z) => Math.sqrt(x * x + y * y + z * z)

/** Calls per run of a loop: enough to hide its start, too few for on-stack replacement, whose code varies. */
const CALLS = 2_000

/**
 * One loop per callee, so that each call site sees one function only, as in a user's program. The texts differ, since
 * V8 gives equal texts one feedback vector.
 */
function loopOver(fn: Norm, index: number): () => number {
  const text = `let sum = 0; for (let i = 0; i < calls; i++) sum += fn(i, sum, 2); return sum // ${index}`
  const loop = new Function('fn', 'calls', text) as (fn: Norm, calls: number) => number
  return () => loop(fn, CALLS)
}

export const wrapperSuite: Suite<WrapperRow[]> = {
  name: 'wrapper',
  description: 'what the wrapper adds to one call of a scalar function',
  async run({ rounds, progress }: SuiteOptions) {
    progress('wrapper')
    const asJs = offload(normAsJs, { tier: 'js' })
    const asWasm = offload(norm, { tier: 'scalar' })
    await asWasm.warmup(1, 2, 3)
    const callees: readonly Norm[] = [
      (x, y, z) => Math.sqrt(x * x + y * y + z * z),
      asJs as Norm,
      bareExport(),
      asWasm as Norm,
    ]
    const timings = interleaved(callees.map(loopOver), rounds)
    const [bare = 0, js = 0, wasm = 0, iris = 0] = timings.map(({ ns }) => ns / CALLS)
    return [
      { what: 'bare function', ns: bare, against: '', limit: '', found: '', ok: true },
      {
        what: 'kernel that runs as JS',
        ns: js,
        against: 'bare function',
        limit: '≤ 1.3×',
        found: `${(js / bare).toFixed(2)}×`,
        ok: js / bare <= 1.3,
      },
      { what: 'bare Wasm export', ns: wasm, against: '', limit: '', found: '', ok: true },
      {
        what: 'kernel that runs as Wasm',
        ns: iris,
        against: 'bare Wasm export',
        limit: '≤ +2 ns',
        found: `+${(iris - wasm).toFixed(2)} ns`,
        ok: iris - wasm <= 2,
      },
    ]
  },
  print: rows =>
    formatTable(
      ['one call', 'ns', 'against', 'limit', 'found', ''],
      rows.map(row => [
        row.what,
        row.ns.toFixed(2),
        row.against,
        row.limit,
        row.found,
        row.limit === '' ? '' : row.ok ? 'ok' : 'MISSED',
      ]),
    ),
  ok: rows => rows.every(row => row.ok),
}
