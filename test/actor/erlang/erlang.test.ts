import { describe, expect, it } from 'vitest'
import { compare, type Other } from './compare.ts'
import { Erlang } from './on-erlang.ts'
import { onIris } from './on-iris.ts'
import { scriptOf } from './script.ts'

const SCRIPTS = 300

describe('random scripts against Erlang/OTP', () => {
  it(`${SCRIPTS} scripts do in Iris what they do on the BEAM`, { timeout: 300_000 }, async () => {
    const erlang = Erlang.find()
    if (erlang === undefined) {
      console.warn('NOT COMPARED with Erlang: there is no `erl` on this machine (Debian: apt-get install erlang-base)')
      return
    }
    const { scripts, lines, differences } = await compare(erlang, 1, SCRIPTS)
    erlang.close()
    expect(differences).toEqual([])
    expect(scripts).toBe(SCRIPTS)
    expect(lines).toBeGreaterThan(5 * SCRIPTS)
  })

  it('one line more is a difference', async () => {
    const lines = await Promise.all(Array.from({ length: 20 }, (_, i) => onIris(scriptOf(i))))
    const same: Other = { run: () => new Map(lines.map((each, seed) => [seed, each])) }
    expect((await compare(same, 0, 20)).differences).toEqual([])
    const other: Other = {
      run: () => new Map(lines.map((each, seed) => [seed, seed === 7 ? [...each, '1 p0 EXIT p1 crash'] : each])),
    }
    expect((await compare(other, 0, 20)).differences.map(({ seed }) => seed)).toEqual([7])
  })

  it('scripts do everything there is to compare', () => {
    const steps = Array.from({ length: 300 }, (_, i) => scriptOf(i)).flatMap(script => script.steps)
    const done = new Set(steps.map(step => (step.step === 'do' ? step.command.do : step.step)))
    expect([...done].sort()).toEqual(
      [
        'alive',
        'cancel',
        'demonitor',
        'die',
        'exit',
        'link',
        'monitor',
        'recv',
        'register',
        'send',
        'send_after',
      ].concat([
        'send_after_named',
        'send_named',
        'sleep',
        'stop',
        'supervise',
        'trap',
        'unlink',
        'unregister',
        'whereis',
        'which',
      ]),
    )
  })
})
