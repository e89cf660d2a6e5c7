import type { Verdict } from './examine.ts'

export interface PackageRow {
  readonly package: string
  readonly domain: string
  readonly functions: number
  readonly hits: number
  readonly excluded: number
}
export interface ReasonRow {
  readonly code: string
  readonly reason: string
  readonly count: number
  readonly packages: number
  readonly example: string
}
export interface Report {
  readonly packages: readonly PackageRow[]
  readonly functions: number
  readonly calls: number
  readonly compiledCalls: number
  readonly hits: number
  readonly hitRate: number
  /** mean of the hit rates of the packages */
  readonly hitRateByPackage: number
  readonly different: readonly { readonly function: string; readonly call: string; readonly what: string }[]
  readonly reasons: readonly ReasonRow[]
  readonly verdicts: readonly Verdict[]
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
const sum = <T>(rows: readonly T[], value: (row: T) => number): number =>
  rows.reduce((total, row) => total + value(row), 0)

export function summarise(verdicts: readonly Verdict[]): Report {
  const used = verdicts.filter(verdict => verdict.outcome !== 'excluded')
  const hits = used.filter(verdict => verdict.outcome === 'hit').length
  const packages = packageRows(verdicts)
  const counted = packages.filter(row => row.functions > 0)
  return {
    packages,
    functions: used.length,
    calls: sum(used, verdict => verdict.calls),
    compiledCalls: sum(used, verdict => verdict.compiledCalls),
    hits,
    hitRate: ratio(hits, used.length),
    hitRateByPackage: ratio(
      sum(counted, row => row.hits / row.functions),
      counted.length,
    ),
    different: used.flatMap(verdict =>
      verdict.differences.map(({ call, what }) => ({ function: `${verdict.package}/${verdict.path}`, call, what })),
    ),
    reasons: reasonRows(used),
    verdicts,
  }
}

function packageRows(verdicts: readonly Verdict[]): PackageRow[] {
  const names = [...new Set(verdicts.map(verdict => verdict.package))]
  return names.map(name => {
    const all = verdicts.filter(verdict => verdict.package === name)
    const used = all.filter(verdict => verdict.outcome !== 'excluded')
    return {
      package: name,
      domain: all[0]?.domain ?? '',
      functions: used.length,
      hits: used.filter(verdict => verdict.outcome === 'hit').length,
      excluded: all.length - used.length,
    }
  })
}

/** Misses with one cause have one row: names and numbers in the message do not tell causes apart. */
function reasonRows(used: readonly Verdict[]): ReasonRow[] {
  const groups = new Map<string, Verdict[]>()
  for (const verdict of used) {
    if (verdict.outcome !== 'miss') continue
    const key = `${verdict.code} ${(verdict.reason ?? '').replace(/`[^`]*`/g, '`…`')}`
    groups.set(key, [...(groups.get(key) ?? []), verdict])
  }
  const rows = [...groups.values()].map(group => ({
    code: group[0]?.code ?? '',
    reason: group[0]?.reason ?? '',
    count: group.length,
    packages: new Set(group.map(verdict => verdict.package)).size,
    example: `${group[0]?.package}/${group[0]?.path}`,
  }))
  return rows.sort((a, b) => b.count - a.count)
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`

export function printReport(report: Report): string {
  const lines = ['package                        domain              functions   hits   left out']
  for (const row of report.packages) {
    lines.push(
      `${row.package.padEnd(30)} ${row.domain.padEnd(18)} ${String(row.functions).padStart(10)} ${String(row.hits).padStart(6)} ${String(row.excluded).padStart(10)}`,
    )
  }
  lines.push('', 'misses by reason', ' count packages code      reason (example)')
  for (const row of report.reasons) {
    lines.push(
      `${String(row.count).padStart(6)} ${String(row.packages).padStart(8)} ${row.code}  ${row.reason.slice(0, 110)} (${row.example})`,
    )
  }
  lines.push('', `different results: ${report.different.length}`)
  for (const { function: name, call, what } of report.different.slice(0, 60)) lines.push(`  ${name} [${call}] ${what}`)
  lines.push(
    '',
    `${report.functions} functions of ${report.packages.filter(row => row.functions > 0).length} packages, ${report.calls} calls, ${report.compiledCalls} of them compiled`,
    `hit rate ${percent(report.hitRate)}, weighted by package ${percent(report.hitRateByPackage)}`,
  )
  return lines.join('\n')
}
