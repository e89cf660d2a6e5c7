import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { builtPath } from '../../base/files.ts'
import type { Report } from './report.ts'

/** Every fourth function of each package: `npm run wild` runs them all. */
const SHARE = 4
const FLOOR = { hitRate: 0.8, hitRateByPackage: 0.65 }

async function runCorpus(): Promise<Report> {
  const main = builtPath('test/wild/main.js')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--json', '--every', String(SHARE)], {
    maxBuffer: 2 ** 28,
  }).catch((error: { stdout: string; code: number }) => {
    // exit code 1 tells of differences, which the report lists
    if (error.code !== 1) throw error
    return error
  })
  return JSON.parse(stdout) as Report
}

describe('the wild corpus', () => {
  it(`every ${SHARE}th function: never different, and mostly compiled`, { timeout: 600_000 }, async () => {
    const report = await runCorpus()
    expect(report.different).toEqual([])
    expect(report.functions).toBeGreaterThan(300)
    expect(report.packages.filter(row => row.functions > 0).length).toBeGreaterThan(50)
    expect(report.hitRate).toBeGreaterThan(FLOOR.hitRate)
    expect(report.hitRateByPackage).toBeGreaterThan(FLOOR.hitRateByPackage)
  })
})
