import { describe, expect, test } from 'vitest'
import { readModule } from '../../compiler/ir/text.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'

describe('dce', () => {
  test('random modules behave alike', () => sameBehaviour([dce], 600))
  test('random modules behave alike after other passes', () => sameBehaviour([fold, cse, dce, fold, dce], 300))

  test('where everything is needed, nothing changes', () => {
    const module = readModule(`module main slots 0
    func main(%n: f64) -> f64 {
      local %s: f64
      block out { loop top { if (f64.ge %s %n) { break out } %s = (f64.add %s 1.0) } }
      return %s
    }`)
    expect(dce.run(module, silent)).toBe(module)
  })
})

goldenTests('dce', [dce])
