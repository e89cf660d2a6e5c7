import { beforeAll, describe, expect, it } from 'vitest'
import { get, op, ret } from '../../compiler/ir/build.ts'
import type { Func } from '../../compiler/ir/ir.ts'
import { OPS, type OpName, opInfo, type Value } from '../../compiler/ir/ops.ts'
import { BOX, type Scalar } from '../../compiler/ir/types.ts'
import { build, type Run } from './machine.ts'

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  7,
  -7,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  -2.5,
  3.5,
  0.49999999999999994,
  -0.49999999999999994,
  0.1,
  0.3,
  254.5,
  255,
  255.5,
  256,
  1e-7,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 31 + 0.5,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 5,
  -(2 ** 32) - 5,
  2 ** 51 + 0.5,
  2 ** 52 - 0.5,
  2 ** 52,
  2 ** 52 + 1,
  -(2 ** 52) - 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 62,
  2 ** 63,
  -(2 ** 63),
  2 ** 63 + 2048,
  3 * 2 ** 62,
  2 ** 64,
  2 ** 64 + 4096,
  2 ** 83 - 2 ** 31,
  2 ** 84,
  -(2 ** 83) - 2 ** 31,
  1e300,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
]
const INTS = [
  0,
  1,
  -1,
  2,
  -2,
  7,
  -7,
  31,
  32,
  33,
  127,
  128,
  255,
  256,
  -128,
  -129,
  32767,
  32768,
  65535,
  0x55555555,
  2 ** 31 - 1,
  -(2 ** 31),
]
const LONGS = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  -7n,
  63n,
  64n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
]
const SINGLES = [...new Set(NUMBERS.map(Math.fround))]
const BOXES = [
  ...Object.values(BOX),
  ...[0, -0, 1, -1, 2.5, Infinity].map(value => OPS['i64.bits_f64'].eval(value)),
].map(bits => BigInt.asUintN(64, bits))

const SAMPLES: Readonly<Record<Scalar, readonly Value[]>> = {
  i32: INTS,
  i64: LONGS,
  f32: SINGLES,
  f64: NUMBERS,
  box: BOXES,
}

/** Whether Wasm defines the result: the lowering guards the others, and the sign of a NaN is nobody's. */
function isDefined(name: OpName, args: readonly Value[]): boolean {
  if (name === 'f64.copysign') return !Number.isNaN(args[1])
  if (!opInfo(name).partial) return true
  const [a, b] = args
  const overflows = (b === -1 || b === -1n) && (a === -(2 ** 31) || a === -(2n ** 63n)) && name.includes('div_s')
  return b !== 0 && b !== 0n && !overflows
}

function product(params: readonly Scalar[]): Value[][] {
  return params.reduce<Value[][]>(
    (rows, type) => rows.flatMap(row => SAMPLES[type].map(value => [...row, value])),
    [[]],
  )
}

/** One function per operator; boxes come and go as the signed 64-bit integers that they are in Wasm. */
function functionOf(name: OpName): Func {
  const { params, result } = opInfo(name)
  const locals = params.map((type, index) => ({ name: `p${index}`, type }))
  return {
    name: 'entry',
    params: locals,
    locals,
    result,
    body: [ret(op(name, ...params.map((type, index) => get(index, type))))],
  }
}

const toWasm = (value: Value): Value => (typeof value === 'bigint' ? BigInt.asIntN(64, value) : value)
const fromWasm = (type: Scalar, value: Value): Value => (type === 'box' ? BigInt.asUintN(64, value as bigint) : value)

describe.each([0, 1] as const)('every operator means in Wasm what the op table says, optimize %d', optimize => {
  const runs = new Map<OpName, Run>()
  const names = Object.keys(OPS) as OpName[]
  beforeAll(async () => {
    for (const name of names) {
      const func = functionOf(name)
      const source = { funcs: [func], entry: 'entry', exits: [], slots: 0 }
      runs.set(name, (await build(source, { optimize })).run)
    }
  })

  it.each(names)('%s', name => {
    const { params, result } = opInfo(name)
    const evaluate = opInfo(name).eval as (...args: readonly Value[]) => Value
    const run = runs.get(name)!
    const wrong: string[] = []
    for (const args of product(params)) {
      if (!isDefined(name, args)) continue
      const want = evaluate(...args)
      const have = fromWasm(result, run(...args.map(toWasm)) as Value)
      if (!Object.is(want, have)) wrong.push(`${name}(${args.join(', ')}) is ${have}, not ${want}`)
    }
    expect(wrong).toEqual([])
  })
})
