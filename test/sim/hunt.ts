import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/files.ts'
import type { Report } from './driver.ts'
import { FIRST_SEEDS, MUTANTS } from './mutants.ts'

export interface Hunted {
  readonly name: string
  /** What showed it; undefined when nothing did. */
  readonly caught: string | undefined
  readonly steps: number
  /** Where it showed. */
  readonly seed?: number | undefined
  readonly step?: number | undefined
}

/** Steps within which a planted defect has to show. */
export const LIMIT = 1_000_000
const LONGEST_MS = 300_000

/** Simulates with one defect in a process of its own; -1: without. */
export function hunt(index: number, steps = LIMIT, first?: number): Promise<Hunted> {
  const name = MUTANTS[index]?.name ?? 'no defect'
  const seed = first ?? FIRST_SEEDS[name] ?? 1
  const child = fileURLToPath(builtFile('test/sim/child.js'))
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [child, String(index), String(steps), String(seed)],
      { timeout: LONGEST_MS },
      (error, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1) ?? ''
        if (last.startsWith('{')) {
          const { violation, ...rest } = JSON.parse(last) as Report
          resolve({ name, caught: violation?.split('\n')[0], ...rest })
        } else if (error?.killed) resolve({ name, caught: 'a hang', steps: 0 })
        else if (/has the text of/.test(stderr)) reject(new Error(`${stderr}\nis dist/ up to date? (npm run build:ts)`))
        else resolve({ name, caught: `an exception: ${stderr.slice(0, 200)}`, steps: 0 })
      },
    )
  })
}
