import { spawnSync } from 'node:child_process'
import { program, wholeFrom } from '../../src/cli/command.ts'
import { offload } from '../../src/index.ts'
import { collect } from './collect.ts'
import { examine, type Offload, type Verdict } from './examine.ts'
import { installCorpus } from './install.ts'
import { PACKAGES } from './packages/index.ts'
import { printReport, summarise } from './report.ts'
import type { Subject } from './spec.ts'

interface Options {
  readonly only?: string[]
  readonly match?: string
  readonly every: number
  readonly json?: boolean
}

const scalar: Offload = fn =>
  offload(fn as (...args: never) => unknown, { tier: 'scalar', onMiss: 'js' }) as unknown as ReturnType<Offload>

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

async function run(options: Options): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const spec of PACKAGES) {
    if (options.only && !options.only.includes(spec.name)) continue
    const { subjects, excluded } = await collect(spec)
    for (const { package: name, path, reason } of excluded) {
      verdicts.push({
        package: name,
        domain: spec.domain,
        path,
        outcome: 'excluded',
        reason,
        calls: 0,
        compiledCalls: 0,
        differences: [],
      })
    }
    for (const subject of chosen(subjects, options)) {
      progress(`${verdicts.length} ${subject.package}/${subject.path}`)
      verdicts.push(await examine(subject, scalar))
    }
  }
  progress('')
  return verdicts
}

/** Some packages print while they work. */
async function withoutOutput<T>(action: () => Promise<T>): Promise<T> {
  const { stdout } = process
  const { write } = stdout
  stdout.write = () => true
  try {
    return await action()
  } finally {
    stdout.write = write
  }
}

const chosen = (subjects: readonly Subject[], options: Options): Subject[] =>
  subjects.filter(
    (subject, i) => i % options.every === 0 && (options.match === undefined || subject.path === options.match),
  )

function again(): void {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' })
  process.exitCode = status ?? 1
}

await program(
  'wild',
  'Offloads the numeric functions of npm packages, unchanged, and compares them with the originals.',
)
  .option('--only <packages...>', 'these packages only')
  .option('--match <path>', 'functions of this path only')
  .option('--every <n>', 'every n-th function of each package', wholeFrom(1), 1)
  .option('--json', 'print the whole report as JSON')
  .action(async (options: Options) => {
    // files that are younger than the process may not be what it has loaded, and are not taken for its source
    if (installCorpus()) return again()
    const report = summarise(await withoutOutput(() => run(options)))
    console.log(options.json ? JSON.stringify(report) : printReport(report))
    process.exitCode = report.different.length > 0 ? 1 : 0
  })
  .parseAsync()
