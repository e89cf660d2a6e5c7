import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/files.ts'
import type { Hunted } from './hunt.ts'
import { MUTANTS } from './mutants.ts'

export interface Outcome extends Hunted {
  readonly name: string
}

/** Programs within which a planted defect has to show. */
export const LIMIT = 16_000
const MINUTES = 4

/** Hunts one mutant in a process of its own; -1: no defect at all. */
export function huntMutant(index: number, limit = LIMIT): Promise<Outcome> {
  const name = MUTANTS[index]?.name ?? 'no defect'
  const child = fileURLToPath(builtFile('test/mutants/child.js'))
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [child, String(index), String(limit)],
      { timeout: MINUTES * 60_000 },
      (error, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1) ?? ''
        if (last.startsWith('{')) resolve({ name, ...(JSON.parse(last) as Hunted) })
        else if (error?.killed) resolve({ name, caught: 'a hang', programs: 0 })
        else if (/has the text of/.test(stderr)) reject(new Error(`${stderr}\nis dist/ up to date? (npm run build:ts)`))
        else resolve({ name, caught: 'an exception', programs: 0 })
      },
    )
  })
}

/** Runs tasks, `width` at a time, in order. */
export async function inParallel<T>(width: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const at = next++
      results[at] = await tasks[at]!()
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  return results
}
