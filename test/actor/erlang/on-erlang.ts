import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Script } from './script.ts'
import { termOf } from './terms.ts'

/** The source lies beside this file in the checkout; the compiled program runs from dist/. */
const SOURCE = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './scripts.erl' : '../../../../test/actor/erlang/scripts.erl',
    import.meta.url,
  ),
)
const LANES = 24

/** Erlang/OTP, when it is installed. */
export class Erlang {
  readonly #folder: string
  readonly release: string

  private constructor(folder: string, release: string) {
    this.#folder = folder
    this.release = release
  }

  /** Undefined when there is no `erl` and no `erlc`. */
  static find(): Erlang | undefined {
    const eval_ = 'io:format("~s",[erlang:system_info(otp_release)]),halt().'
    const { status, stdout } = spawnSync('erl', ['-noshell', '-eval', eval_], { encoding: 'utf8' })
    if (status !== 0) return undefined
    const folder = mkdtempSync(join(tmpdir(), 'iris-scripts-'))
    const compiled = spawnSync('erlc', ['-o', folder, SOURCE], { encoding: 'utf8' })
    if (compiled.status !== 0) throw new Error(`erlc: ${compiled.stdout}${compiled.stderr}`)
    return new Erlang(folder, stdout)
  }

  /** Runs all scripts in one process of the BEAM; the lines of each by its seed. */
  run(scripts: readonly Script[], unitMs: number): ReadonlyMap<number, string[]> {
    const file = join(this.#folder, 'scripts.txt')
    writeFileSync(file, scripts.map(script => termOf(script, unitMs)).join('\n'))
    const program = ['-run', 'scripts', 'main', file, String(LANES), '-s', 'init', 'stop']
    const options = ['-noshell', '+S', '1', '-kernel', 'logger_level', 'none', '-pa', this.#folder]
    const { status, stdout, stderr } = spawnSync('erl', [...options, ...program], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      timeout: 240_000,
    })
    if (status !== 0) throw new Error(`erl ended with ${status}: ${stderr}${stdout.slice(-2000)}`)
    return linesBySeed(stdout)
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

function linesBySeed(output: string): Map<number, string[]> {
  const found = new Map<number, string[]>()
  let lines: string[] = []
  for (const line of output.split('\n')) {
    if (line.startsWith('script ')) found.set(Number(line.slice(7)), (lines = []))
    else if (line !== 'end' && line !== '') lines.push(line)
  }
  return found
}
