import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutFile } from './checkout.ts'
import { NATIVE, type Peer } from './peer.ts'

const FLAGS = ['-std=c11', '-O3', '-march=native', '-fopenmp']

/** C with OpenMP, compiled into a folder of its own. */
export const gcc = (name: string, flags: readonly string[] = [], compiler = 'gcc'): Peer => ({
  name,
  find() {
    const asked = spawnSync(compiler, ['-dumpfullversion'], { encoding: 'utf8' })
    if (asked.status !== 0) return { absent: `no ${compiler} on the path` }
    const folder = mkdtempSync(join(tmpdir(), 'iris-bench-'))
    const close = (): void => rmSync(folder, { recursive: true })
    const program = join(folder, 'kernels')
    const all = [...FLAGS, ...flags, checkoutFile('bench/peers/kernels.c'), '-o', program, '-lm']
    const compiled = spawnSync(compiler, all, { encoding: 'utf8' })
    if (compiled.status !== 0) {
      close()
      return { absent: `${compiler} does not compile C with OpenMP: ${compiled.stderr.split('\n')[0]}` }
    }
    const version = [compiler, asked.stdout.trim(), ...FLAGS.slice(1), ...flags].join(' ')
    return { version, command: [program], bound: NATIVE, close }
  },
})
