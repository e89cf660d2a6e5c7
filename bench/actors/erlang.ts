import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The source lies beside this file in the checkout; the compiled bench runs from dist/. */
const SOURCE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './bench.erl' : '../../../bench/actors/bench.erl', import.meta.url),
)
const UNKNOWN: readonly string[] = ['recv', 'hotSwap', 'threads', 'fairPing', 'fairEcho', 'backlogPing', 'backlogEcho']

/** Runs cases on the BEAM. Undefined when Erlang is not installed. */
export class Erlang {
  readonly #folder: string
  readonly release: string

  private constructor(folder: string, release: string) {
    this.#folder = folder
    this.release = release
  }

  static find(): Erlang | undefined {
    const version = spawnSync(
      'erl',
      ['-noshell', '-eval', 'io:format("~s",[erlang:system_info(otp_release)]),halt().'],
      { encoding: 'utf8' },
    )
    if (version.status !== 0) return undefined
    const folder = mkdtempSync(join(tmpdir(), 'iris-bench-'))
    const compiled = spawnSync('erlc', ['-o', folder, SOURCE], { encoding: 'utf8' })
    if (compiled.status !== 0) throw new Error(`erlc: ${compiled.stdout}${compiled.stderr}`)
    return new Erlang(folder, version.stdout)
  }

  measure(name: string): number | undefined {
    if (UNKNOWN.includes(name)) return undefined
    const args = ['-noshell', '+P', '2000000', '-pa', this.#folder, '-s', 'bench', 'main', name, '-s', 'init', 'stop']
    const { stdout, status } = spawnSync('erl', args, { encoding: 'utf8', timeout: 120_000 })
    const value = Number(stdout.trim().split(' ')[1])
    return status === 0 && Number.isFinite(value) ? value : undefined
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
