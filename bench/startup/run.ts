import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { formatTable } from '../format.ts'
import type { Suite, SuiteOptions } from '../suite.ts'

export interface StartupRow {
  readonly what: string
  readonly median: number
  readonly limit: number
  readonly unit: string
}

const PROCESSES = 7
const execute = promisify(execFile)

/** Every figure comes from fresh processes: nothing is warm but the file cache, and the folder of kernels if there is one. */
async function measured(file: string, cache?: string): Promise<Record<string, number>[]> {
  const results: Record<string, number>[] = []
  const path = fileURLToPath(new URL(file, import.meta.url))
  const env = { ...process.env, IRIS_CACHE: cache ? 'on' : 'off', IRIS_CACHE_DIR: cache ?? '' }
  for (let i = 0; i < PROCESSES; i++) {
    const { stdout } = await execute(process.execPath, ['--expose-gc', path], { env })
    results.push(JSON.parse(stdout) as Record<string, number>)
  }
  return results
}

function median(results: readonly Record<string, number>[], key: string, scale = 1): number {
  const sorted = results.map(result => (result[key] ?? Number.NaN) * scale).sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export const startupSuite: Suite<StartupRow[]> = {
  name: 'startup',
  description: 'import, first compilation, pauses of the event loop: medians over fresh processes',
  async run({ progress }: SuiteOptions) {
    progress('import')
    const imports = await measured('./import-cost.js')
    progress('compile')
    const compiles = await measured('./compile-cost.js')
    progress('cache')
    const folder = mkdtempSync(join(tmpdir(), 'iris-bench-'))
    const warm = await measured('./compile-cost.js', folder)
    rmSync(folder, { recursive: true, force: true })
    return [
      { what: "import 'iris-fabric'", median: median(imports, 'ms'), limit: 30, unit: 'ms' },
      { what: 'memory of the import', median: median(imports, 'bytes', 2 ** -20), limit: 15, unit: 'MB' },
      { what: 'first kernel, cold', median: median(compiles, 'cold'), limit: 700, unit: 'ms' },
      { what: 'next kernel', median: median(compiles, 'next'), limit: 20, unit: 'ms' },
      { what: 'first kernel, from the cache', median: median(warm, 'cold'), limit: 15, unit: 'ms' },
      { what: 'longest pause of the event loop', median: median(compiles, 'pause'), limit: 5, unit: 'ms' },
    ]
  },
  print: rows =>
    formatTable(
      ['what', 'median', 'limit', ''],
      rows.map(row => [
        row.what,
        `${row.median.toFixed(1)} ${row.unit}`,
        `${row.limit} ${row.unit}`,
        row.median <= row.limit ? 'ok' : 'MISSED',
      ]),
    ),
  ok: rows => rows.every(row => row.median <= row.limit),
}
