import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvariantError } from '../../base/invariant.ts'
import { CONTEXT, LIST_HEADER, STATUS_ARENA, STATUS_CANCELLED } from '../../compiler/abi.ts'
import { createInterpreter, ExitSignal, type InterpreterOptions, OutOfFuel } from '../../compiler/ir/interp.ts'
import { printModule, readModule } from '../../compiler/ir/text.ts'
import { modules } from './arbitrary.ts'
import { INPUTS, run } from './run.ts'

const ARENA = 1024

type Settings = Partial<Pick<InterpreterOptions, 'fuel' | 'hosts' | 'primitives'>> & { readonly arena?: number }

function machine(text: string, options: Settings = {}) {
  const view = new DataView(new ArrayBuffer(8192))
  view.setUint32(CONTEXT.arenaTop, ARENA, true)
  view.setUint32(CONTEXT.arenaEnd, ARENA + (options.arena ?? 4096), true)
  const source = `module main slots 4\nexit 0 "first"\nexit 1 "second"\n${text}`
  const { run } = createInterpreter(readModule(source), {
    memory: view.buffer,
    context: 0,
    hosts: options.hosts ?? {},
    ...(options.fuel !== undefined && { fuel: options.fuel }),
    ...(options.primitives && { primitives: options.primitives }),
  })
  return { run, view, status: () => view.getInt32(CONTEXT.status, true) }
}

describe('interpreter', () => {
  test('sums an array with a counted loop', () => {
    const { run, view } = machine(`func main(%a: arr.f64) -> f64 {
      local %i: i32
      local %sum: f64
      for top %i = 0 to (len %a) step 1 { %sum = (f64.add %sum (load.f64 %a %i)) }
      return (f64.add %sum (f64.from_i32_s %i))
    }`)
    for (const [index, value] of [1, 2, 4].entries()) view.setFloat64(512 + 8 * index, value, true)
    expect(run(512, 3)).toBe(10)
  })

  test('an exit writes its status and throws', () => {
    const { run, status } = machine('func main(%n: i32) -> void {\n if %n { exit 1 }\n}')
    expect(run(0)).toBeUndefined()
    expect(status()).toBe(0)
    expect(() => run(1)).toThrow(ExitSignal)
    expect(status()).toBe(2)
  })

  test('an exit inside a called function leaves the whole call', () => {
    const { run, status } = machine('func f() -> void {\n exit 0\n}\nfunc main() -> f64 {\n call f()\n return 1.0\n}')
    expect(() => run()).toThrow(ExitSignal)
    expect(status()).toBe(1)
  })

  test('a full arena is a status of its own', () => {
    const text = 'func main(%n: i32) -> void {\n local %a: arr.f64\n %a = newarray.f64 %n\n result 0 %a\n}'
    const { run, view, status } = machine(text, { arena: 64 })
    run(8)
    expect(view.getInt32(CONTEXT.slots, true)).toBe(ARENA)
    expect(view.getInt32(CONTEXT.slots + 4, true)).toBe(8)
    expect(() => run(1)).toThrow(ExitSignal)
    expect(status()).toBe(STATUS_ARENA)
    expect(() => run(2 ** 31 - 1)).toThrow(ExitSignal)
  })

  test('loops stop when the call is cancelled', () => {
    const { run, view, status } = machine('func main() -> void {\n loop top { }\n}')
    view.setInt32(CONTEXT.cancel, -1, true)
    expect(() => run()).toThrow(ExitSignal)
    expect(status()).toBe(STATUS_CANCELLED)
  })

  test('a run is bounded by its fuel', () => {
    const { run } = machine('func main() -> void {\n loop top { }\n}', { fuel: 1000 })
    expect(() => run()).toThrow(OutOfFuel)
  })

  test('a list grows by doubling and keeps its elements', () => {
    const { run, view } = machine(`func main(%n: i32) -> i32 {
      local %l: list.f64
      local %i: i32
      %l = newlist 1 2
      for top %i = 0 to %n step 1 { listpush %l (f64.from_i32_s %i) }
      result 0 %l
      return (listlen %l)
    }`)
    expect(run(9)).toBe(10)
    const handle = view.getInt32(CONTEXT.slots, true)
    const data = view.getInt32(handle + LIST_HEADER.data, true)
    expect(view.getInt32(handle + LIST_HEADER.capacity, true)).toBe(16)
    expect(Array.from({ length: 10 }, (_, i) => view.getFloat64(data + 8 * i, true))).toEqual([
      0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
    ])
  })

  test('lists of arrays and lists of lists', () => {
    const { run } = machine(`func main() -> f64 {
      local %rows: list.arr.f64
      local %row: arr.f64
      local %nested: list.list.arr.f64
      local %again: list.arr.f64
      %rows = newlist 0 0
      %nested = newlist 0 0
      listpush %nested %rows
      %row = newarray.f64 3
      listpush %rows %row
      store.f64 %row 2 7.5
      %again = (listget %nested 0)
      %row = (listget %again 0)
      return (f64.add (load.f64 %row 2) (f64.from_i32_s (len %row)))
    }`)
    expect(run()).toBe(10.5)
  })

  test('break, continue and nested labels', () => {
    const { run } = machine(`func main() -> f64 {
      local %i: f64
      local %s: f64
      block out {
        loop top {
          %i = (f64.add %i 1.0)
          if (f64.gt %i 10.0) { break out }
          block cont {
            if (f64.eq %i 3.0) { break cont }
            if (f64.eq %i 5.0) { continue top }
            %s = (f64.add %s %i)
          }
          %s = (f64.add %s 100.0)
        }
      }
      return %s
    }`)
    expect(run()).toBe(55 - 3 - 5 + 900)
  })

  test('host functions get and give numbers', () => {
    const { run } = machine(
      'func main(%x: f64) -> f64 {\n local %r: f64\n %r = hostcall Math.random()\n return (host Math.pow %x %r)\n}',
      { hosts: { 'Math.random': () => 0.5, 'Math.pow': Math.pow } },
    )
    expect(run(9)).toBe(3)
  })

  test('primitives get addresses and counts, and may write', () => {
    const text = `func main(%a: arr.f64, %x: f64) -> f64 {
  local %s: f64
  primitive vectors.mulNumber_f64(%a, %x, %a, (len %a))
  %s = primitive vectors.sum_f64(%a, (len %a))
  return %s
}`
    const calls: unknown[] = []
    const primitives: InterpreterOptions['primitives'] =
      ({ entry }) =>
      (...args) => {
        calls.push([entry, ...args])
        return 42
      }
    const { run } = machine(text, { primitives })
    expect(run(512, 3, 2.5)).toBe(42)
    expect(calls).toEqual([
      ['mulNumber_f64', 512, 2.5, 512, 3],
      ['sum_f64', 512, 3],
    ])
    expect(printModule(readModule(`module main slots 4\n${text}`))).toContain(text)
  })

  test.each([
    ['a load out of bounds', 'return (load.f64 %a (len %a))'],
    ['a load at -1', 'return (load.f64 %a -1)'],
    ['a store out of bounds', 'store.f64 %a 9 1.0'],
    ['a division by zero', 'return (f64.from_i32_s (i32.div_s 1 0))'],
    ['an overflowing division', 'return (f64.from_i32_s (i32.div_s -2147483648 -1))'],
    ['a subarray that ends before it begins', '%a = (subarray %a 2 1)'],
    ['a fill past the end', 'fill %a 0 4 0.0'],
    ['a copy past the end', 'copy %a 1 %a 0 3'],
    ['a list that was never set', 'listpush %l 1.0'],
    ['a counter that its loop sets', 'for top %i = 0 to 9 step 1 { %i = 3 }'],
    ['a bound that overflows', 'for top %i = 0 to 2147483647 step 2 { }'],
    ['a slot too many', 'result 4 1.0'],
    ['a missing result', '%i = 0'],
  ])('%s breaks a law', (_, stmt) => {
    const { run } = machine(`func main(%a: arr.f64) -> f64 {\n local %i: i32\n local %l: list.f64\n ${stmt}\n}`)
    expect(() => run(512, 3)).toThrow(InvariantError)
  })

  test('random modules keep every law and always end', () => {
    fc.assert(
      fc.property(modules(), module => {
        for (const inputs of INPUTS) run(module, inputs, 50_000)
      }),
      { numRuns: 200 },
    )
  })
})
