import { beforeAll, describe, expect, it } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import { assemble, emit, loadBinaryen } from '../../compiler/target/emit.ts'
import { createUnit } from '../../compiler/target/frame.ts'
import { linkFunction, openFamily } from '../../compiler/target/link.ts'
import { add, buildFunction, entry, i, memory, module, type Run, x } from './machine.ts'

const remainder = entry(
  [
    { name: 'a', type: 'f64' },
    { name: 'b', type: 'f64' },
  ],
  [],
  'f64',
  b.ret(b.op('f64.rem', b.op('f64.rem', x(0), x(1)), x(1))),
)

/** xorshift32 (Marsaglia 2003): the same pairs in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

const scratch = new DataView(new ArrayBuffer(8))
function anyBits(next: () => number): number {
  scratch.setUint32(0, next())
  scratch.setUint32(4, next())
  return scratch.getFloat64(0)
}
/** Doubles whose exponents differ from 1's by at most a few tens. */
const moderate = (next: () => number): number => (next() / 2 ** 16 - 2 ** 15) * 2 ** ((next() % 60) - 30)
const whole = (next: () => number): number => (next() % 2001) - 1000
const large = (next: () => number): number => (next() * 2 ** 21 + (next() % 2 ** 21)) * (next() & 1 ? 1 : -1)
const KINDS = { anyBits, moderate, whole, large }

const HARD = [
  0,
  1,
  2,
  3,
  0.1,
  0.3,
  0.5,
  5e-324,
  1e-323,
  1.5e-323,
  2.2250738585072009e-308,
  2.2250738585072014e-308,
  4.4501477170144023e-308,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 52 + 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e300,
  1.7976931348623157e308,
  Infinity,
  NaN,
].flatMap(value => [value, -value])

describe('the linked fmod is %', () => {
  let run: Run
  beforeAll(async () => {
    run = (await buildFunction(remainder)).run
  })
  const wrong = (a: number, c: number): boolean => !Object.is(run(a, c), (a % c) % c)

  it('on pairs of hard values', () => {
    const pairs = HARD.flatMap(a => HARD.map(c => [a, c] as const))
    expect(pairs.filter(([a, c]) => wrong(a, c))).toEqual([])
  })

  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[]
  it.each(
    kinds.flatMap(left => kinds.map(right => [left, right] as const)),
  )('on random pairs %s %% %s', (left, right) => {
    const next = generator(kinds.indexOf(left) * 31 + kinds.indexOf(right) + 1)
    const bad: [number, number][] = []
    for (let count = 0; count < 20_000; count++) {
      const [a, c] = [KINDS[left](next), KINDS[right](next)]
      if (wrong(a, c)) bad.push([a, c])
    }
    expect(bad).toEqual([])
  })
})

const sum = entry([{ name: 'n', type: 'i32' }], [], 'i32', b.ret(add(i(0), b.i32(1))))

describe('linking', () => {
  it('carries what is called, once, and nothing else', async () => {
    const { wat } = await emit(module(remainder), { wat: true })
    expect(wat!.match(/\(func \$kernels\/assembly\/runtime\/fmod /g)).toHaveLength(1)
    expect((await emit(module(sum), { wat: true })).wat).not.toContain('fmod')
  })

  it('costs little in bytes', async () => {
    const [with_, without] = await Promise.all([emit(module(remainder)), emit(module(sum))])
    expect(with_.wasm.length - without.wasm.length).toBeLessThan(1000)
  })
})

describe('a family of several functions', () => {
  const TEXT = `(module
    (memory (import "env" "memory") 1 65536 shared)
    (data (i32.const 2048) "\\07")
    (func $deep (result i32) (i32.load8_u (i32.const 2048)))
    (func $"with space" (result i32) (i32.add (call $deep) (i32.const 1)))
    (func $unused (result i32) (i32.const 99))
    (func $top (export "top") (result i32) (i32.mul (call $"with space") (call $deep))))`

  it('brings its callees and its static data', async () => {
    const wasm = await loadBinaryen()
    const text = wasm.parseText(TEXT)
    text.setFeatures(wasm.Features.All)
    const unit = createUnit(wasm, new wasm.Module(), module(sum), { named: false, cancellable: false })
    const name = linkFunction(unit, openFamily(wasm, text.emitBinary()), 'top')
    expect([...unit.present]).toEqual(['top', 'with space', 'deep'])
    expect([...unit.data]).toEqual([{ offset: 2048, bytes: new Uint8Array([7]) }])
    assemble(unit)
    unit.out.addFunctionExport(name, 'top')
    expect(unit.out.validate()).toBe(1)
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unit.out.emitBinary()), {
      env: { memory, context: 65536 },
    })
    expect((exports.top as Run)()).toBe(56)
  })
})
