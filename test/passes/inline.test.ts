import { describe, expect, test } from 'vitest'
import { readModule } from '../../compiler/ir/text.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { inline } from '../../compiler/passes/inline.ts'
import { silent } from '../../compiler/passes/pass.ts'
import { sameBehaviour } from './differential.ts'
import { goldenTests } from './golden.ts'

const names = (text: string): string[] => inline.run(readModule(text), silent).funcs.map(func => func.name)

describe('inline', () => {
  test('random modules behave alike', () => sameBehaviour([inline], 500))
  test('random modules behave alike after other passes', () => sameBehaviour([inline, fold, cse, fold, dce], 300))

  test('recursive functions stay, unused ones go', () => {
    expect(
      names(`module main slots 0
      func even(%n: i32) -> i32 {
        local %r: i32
        if (i32.eqz %n) { return 1 }
        %r = call odd((i32.sub %n 1))
        return %r
      }
      func odd(%n: i32) -> i32 {
        local %r: i32
        if (i32.eqz %n) { return 0 }
        %r = call even((i32.sub %n 1))
        return %r
      }
      func unused() -> void { call even(1) }
      func main(%n: i32) -> i32 {
        local %r: i32
        %r = call even(%n)
        return %r
      }`),
    ).toEqual(['even', 'odd', 'main'])
  })

  test('a large function is inlined when it is called once, not when it is called twice', () => {
    const large = Array.from({ length: 40 }, (_, i) => `%x = (f64.add %x ${i}.5)`).join('\n')
    const module = (calls: string): string => `module main slots 0
      func big(%x: f64) -> f64 {
        ${large}
        return %x
      }
      func main(%x: f64) -> f64 {
        ${calls}
        return %x
      }`
    expect(names(module('%x = call big(%x)'))).toEqual(['main'])
    expect(names(module('%x = call big(%x)\n%x = call big(%x)'))).toEqual(['big', 'main'])
  })

  test('a module without calls is unchanged', () => {
    const module = readModule('module main slots 0\nfunc main(%x: f64) -> f64 {\n return %x\n}')
    expect(inline.run(module, silent)).toBe(module)
  })
})

goldenTests('inline', [inline])
