import { describe, expect, test } from 'vitest'
import { readModule } from '../../compiler/ir/text.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'

describe('cse', () => {
  test('random modules behave alike', () => sameBehaviour([cse], 600))
  test('random folded modules behave alike', () => sameBehaviour([fold, cse, fold, cse], 300))

  test('what has nothing in common is unchanged', () => {
    const module = readModule(`module main slots 0
    func main(%a: arr.f64, %n: i32) -> f64 {
      local %i: i32
      local %s: f64
      for top %i = 0 to %n step 1 { %s = (f64.add %s (f64.sqrt (f64.from_i32_s %i))) }
      return %s
    }`)
    expect(cse.run(module, silent)).toBe(module)
  })
})

goldenTests('cse', [cse, fold])
