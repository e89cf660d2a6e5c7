import { describe, expect, test } from 'vitest'
import { readModule } from '../../compiler/ir/text.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { inline } from '../../compiler/passes/inline.ts'
import { licm } from '../../compiler/passes/licm.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'

describe('licm', () => {
  test('random modules behave alike', () => sameBehaviour([licm], 500))
  test('random modules behave alike with the other passes', () =>
    sameBehaviour([inline, fold, cse, licm, fold, cse, dce, licm, cse, dce], 300))

  test('a loop in which everything changes is unchanged', () => {
    const module = readModule(`module main slots 0
    func main(%a: arr.f64, %n: i32) -> f64 {
      local %i: i32
      local %s: f64
      for top %i = 0 to %n step 1 { %s = (f64.add %s (f64.sqrt (f64.from_i32_s %i))) }
      return %s
    }`)
    expect(licm.run(module, silent)).toBe(module)
  })
})

goldenTests('licm', [licm])
