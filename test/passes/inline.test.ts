import { describe, expect, test } from 'vitest'
import { createInterpreter } from '../../compiler/ir/interp.ts'
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

  test('an array that the callee may read before it sets it is empty at each call', () => {
    const module = readModule(`module main slots 0
      func rest(%x: arr.f64, %some: i32) -> f64 {
        local %v: arr.f64
        if %some { %v = (subarray %x 1 3) }
        return (f64.from_i32_s (len %v))
      }
      func main(%x: arr.f64 group 0, %n: i32) -> f64 {
        local %s: f64
        local %r: f64
        local %i: i32
        for top %i = 0 to %n step 1 {
          %r = call rest(%x, (i32.eqz %i))
          %s = (f64.add %s %r)
        }
        return %s
      }`)
    const memory = new ArrayBuffer(4096)
    const made = inline.run(module, silent)
    expect(made.funcs.map(func => func.name)).toEqual(['main'])
    expect(createInterpreter(made, { memory, context: 64, hosts: {}, fuel: 1000 }).run(1024, 8, 5)).toBe(2)
  })

  test('a module without calls is unchanged', () => {
    const module = readModule('module main slots 0\nfunc main(%x: f64) -> f64 {\n return %x\n}')
    expect(inline.run(module, silent)).toBe(module)
  })
})

goldenTests('inline', [inline])
