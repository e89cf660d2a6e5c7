import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { builtFile } from '../../base/files.ts'

/** Every program of the checkout that takes arguments. */
const PROGRAMS = [
  'bench/main',
  'bench/actors/main',
  'test/actor/erlang/main',
  'test/fuzz/main',
  'test/kernels/accuracy',
  'test/mutants/main',
  'test/sim/hunters',
  'test/sim/main',
  'test/soak/main',
  'test/wild/main',
]

function run(program: string, argument: string) {
  const file = fileURLToPath(builtFile(`${program}.js`))
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, argument], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe.each(PROGRAMS)('%s', program => {
  it('tells its usage', () => {
    expect(run(program, '--help')).toEqual({ status: 0, stdout: expect.stringMatching(/^Usage: /), stderr: '' })
  })

  it('tells in one line what is wrong with its options, then its usage', () => {
    const { status, stdout, stderr } = run(program, '--wrong')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^error: unknown option '--wrong'\n\nUsage: /)
  })
})
