import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { formatTable } from '../format.ts'
import type { Suite, SuiteOptions } from '../suite.ts'
import { CASES, type Case } from './case.ts'
import { chart } from './chart.ts'
import { Erlang } from './erlang.ts'

const IMPLEMENTATIONS = ['iris', 'plain', 'nact'] as const
type Implementation = (typeof IMPLEMENTATIONS)[number] | 'erlang'

export interface Result {
  readonly node: string
  readonly cpu: string
  readonly erlang: string | undefined
  /** By case and implementation. */
  readonly values: Readonly<Record<string, Partial<Record<Implementation, number>>>>
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))

/** Each case has a process to itself, so that none finds the compiler's or collector's state of another. */
function measure(implementation: string, name: string, rounds: number): number | undefined {
  const args = ['--expose-gc', WORKER, implementation, name, String(rounds)]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 180_000 })
  if (status !== 0) {
    process.stderr.write(`${implementation} ${name} failed: ${stderr}\n`)
    return undefined
  }
  const value = JSON.parse(stdout) as number | null
  return value ?? undefined
}

async function run({ rounds, only, progress }: SuiteOptions): Promise<Result> {
  const erlang = Erlang.find()
  const values: Record<string, Partial<Record<Implementation, number>>> = {}
  for (const { name, title } of CASES) {
    if (only !== undefined && !name.includes(only)) continue
    const row: Partial<Record<Implementation, number>> = {}
    for (const implementation of IMPLEMENTATIONS) {
      progress(`${title}: ${implementation}`)
      const value = measure(implementation, name, Math.min(rounds, 7))
      if (value !== undefined) row[implementation] = value
    }
    progress(`${title}: erlang`)
    const value = erlang?.measure(name)
    if (value !== undefined) row.erlang = value
    values[name] = row
  }
  erlang?.close()
  return { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', erlang: erlang?.release, values }
}

function cell(value: number | undefined): string {
  if (value === undefined) return '–'
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function rowsOf(result: Result): string[][] {
  return CASES.flatMap(row => {
    const values = result.values[row.name]
    if (values === undefined) return []
    const goal = `${row.unit === 'M/s' ? '≥' : '≤'} ${row.goal}`
    return [[row.title, row.unit, goal, cell(values.iris), cell(values.erlang), cell(values.nact), cell(values.plain)]]
  })
}

const HEADINGS = ['', 'unit', 'goal', 'Iris', 'Erlang/OTP', 'nact', 'plain JS without features']

export function markdown(result: Result): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...rowsOf(result).map(line)].join('\n')
}

function keepsGoal({ unit, goal }: Case, value: number | undefined): boolean {
  if (value === undefined) return true
  return unit === 'M/s' ? value >= goal : value <= goal
}

/** Actors against plain JS, nact and, when it is installed, Erlang/OTP. */
export const actorSuite: Suite<Result> = {
  name: 'actors',
  description: 'actors against plain JS without features, nact and Erlang/OTP; the best of several rounds',
  run,
  print: result => formatTable(HEADINGS, rowsOf(result)),
  svg: chart,
  ok: result => CASES.every(row => keepsGoal(row, result.values[row.name]?.iris)),
}
