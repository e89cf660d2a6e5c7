import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { get, op, ret } from '../../compiler/ir/build.ts'
import { createInterpreter } from '../../compiler/ir/interp.ts'
import type { Expr, Func, Param, Stmt } from '../../compiler/ir/ir.ts'
import { printModule, readModule } from '../../compiler/ir/text.ts'
import type { Elem } from '../../compiler/ir/types.ts'
import { VECTOR_OPS, type VectorOpName } from '../../compiler/ir/vector-ops.ts'
import { LANES, type Lane, type Lanes, type VectorType } from '../../compiler/ir/vector-types.ts'
import { verify } from '../../compiler/ir/verify.ts'
import { build, CONTEXT_AT, DATA_AT, memory, module, reset, view } from './machine.ts'

/** Arrays that carry vectors in and out: 64-bit lanes travel as pairs of 32 bits. */
const CARRIER: Readonly<Record<VectorType, Elem>> = {
  f64x2: 'f64',
  f32x4: 'f32',
  i64x2: 'i32',
  i32x4: 'i32',
  i16x8: 'i16',
  i8x16: 'i8',
}
const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3.7,
  1e10,
  -1e10,
  4294967295,
  2147483648,
  1e-320,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]
const INTS = [
  0n,
  1n,
  -1n,
  2n,
  127n,
  128n,
  255n,
  256n,
  -128n,
  32767n,
  32768n,
  65535n,
  -32768n,
  2147483647n,
  -2147483648n,
  0x7fffffffffffffffn,
  -0x8000000000000000n,
  123456789n,
]

function lanesOf(type: VectorType, shift: number): Lane[] {
  return Array.from({ length: LANES[type] }, (_, i) => {
    if (type === 'f64x2') return FLOATS[(i + shift) % FLOATS.length]!
    if (type === 'f32x4') return Math.fround(FLOATS[(i + shift) % FLOATS.length]!)
    const value = INTS[(i + shift) % INTS.length]!
    const bits = 128 / LANES[type]
    return bits === 64 ? value : Number(BigInt.asIntN(bits, value))
  })
}

function put(address: number, type: VectorType, lanes: Lanes): void {
  lanes.forEach((lane, i) => {
    if (type === 'f64x2') view.setFloat64(address + 8 * i, Number(lane), true)
    else if (type === 'f32x4') view.setFloat32(address + 4 * i, Number(lane), true)
    else if (type === 'i64x2') view.setBigInt64(address + 8 * i, BigInt(lane), true)
    else if (type === 'i32x4') view.setInt32(address + 4 * i, Number(lane), true)
    else if (type === 'i16x8') view.setInt16(address + 2 * i, Number(lane), true)
    else view.setInt8(address + i, Number(lane))
  })
}

function take(address: number, type: VectorType): Lane[] {
  return Array.from({ length: LANES[type] }, (_, i) => {
    if (type === 'f64x2') return view.getFloat64(address + 8 * i, true)
    if (type === 'f32x4') return view.getFloat32(address + 4 * i, true)
    if (type === 'i64x2') return view.getBigInt64(address + 8 * i, true)
    if (type === 'i32x4') return view.getInt32(address + 4 * i, true)
    return type === 'i16x8' ? view.getInt16(address + 2 * i, true) : view.getInt8(address + i)
  })
}

const isVectorType = (type: string): type is VectorType => Object.hasOwn(LANES, type)

function vectorAt(local: number, type: VectorType): Expr {
  const carrier: VectorType = type === 'i64x2' ? 'i32x4' : type
  const load: Expr = {
    kind: 'vload',
    type: carrier,
    elem: CARRIER[type],
    array: local,
    index: { kind: 'const', type: 'i32', value: 0 },
    count: LANES[carrier],
  }
  return type === 'i64x2' ? { kind: 'vmove', move: 'cast', type, lanes: [], args: [load] } : load
}

/** A function that applies one operator to vectors from arrays (and scalars), and stores or returns the result. */
function functionFor(name: VectorOpName): Func {
  const { params, result } = VECTOR_OPS[name]
  const own: Param[] = params.map((type, i) =>
    isVectorType(type)
      ? { name: `a${i}`, type: `arr.${CARRIER[type]}`, group: i }
      : { name: `a${i}`, type: type === 'i64' ? 'i32' : type },
  )
  const args = params.map(
    (type, i): Expr =>
      isVectorType(type) ? vectorAt(i, type) : type === 'i64' ? op('i64.from_i32_s', get(i, 'i32')) : get(i, type),
  )
  const value: Expr = { kind: 'vop', type: result, op: name, args }
  if (!isVectorType(result)) return { name: 'entry', params: own, locals: own, result: 'i32', body: [ret(value)] }
  const out: Param = { name: 'out', type: `arr.${CARRIER[result]}`, group: own.length }
  const stored: Expr =
    result === 'i64x2' ? { kind: 'vmove', move: 'cast', type: 'i32x4', lanes: [], args: [value] } : value
  const store: Stmt = {
    kind: 'vstore',
    elem: CARRIER[result],
    array: own.length,
    index: { kind: 'const', type: 'i32', value: 0 },
    count: result === 'i64x2' ? 4 : LANES[result],
    value: stored,
  }
  return { name: 'entry', params: [...own, out], locals: [...own, out], result: 'void', body: [store] }
}

// on Node 20 the relaxed ones exist behind a flag
setFlagsFromString('--experimental-wasm-relaxed-simd')

const names = Object.keys(VECTOR_OPS) as VectorOpName[]

describe('vector operators mean in Wasm and in the interpreter what the table says', () => {
  test.each(names)('%s', async name => {
    const { params, result } = VECTOR_OPS[name]
    const source = module(functionFor(name))
    expect(verify(source, 'optimised')).toEqual([])
    expect(printModule(readModule(printModule(source)))).toBe(printModule(source))
    const wasm = await build(source)
    const interpreter = createInterpreter(source, { memory: memory.buffer, context: CONTEXT_AT, hosts: {} })
    for (let round = 0; round < 20; round++) {
      const values = params.map((type, i) =>
        isVectorType(type)
          ? lanesOf(name.endsWith('.select') && i === 0 ? type : type, round * (i + 1) + i)
          : [3, -1, 7, 0.5, 300][round % 5]! * (type === 'f64' ? 1.5 : 1),
      )
      const inputs = values.map((value, i) =>
        name.endsWith('.select') && i === 0
          ? (value as Lane[]).map(lane =>
              Number(lane) > 0 ? (typeof lane === 'bigint' ? -1n : -1) : typeof lane === 'bigint' ? 0n : 0,
            )
          : scalarFor(params[i]!, value),
      )
      const wanted = (VECTOR_OPS[name].eval as (...args: unknown[]) => unknown)(...inputs)
      for (const run of [wasm.run, interpreter.run]) {
        reset()
        const flat = inputs.flatMap((value, i) => {
          const type = params[i]!
          if (!isVectorType(type)) return [Number(value)]
          put(DATA_AT + 64 * i, type, value as Lanes)
          return [DATA_AT + 64 * i, type === 'i64x2' ? 4 : LANES[type]]
        })
        const out = DATA_AT + 64 * inputs.length
        const given = isVectorType(result) ? [...flat, out, result === 'i64x2' ? 4 : LANES[result]] : flat
        const answer = run(...given)
        const found = isVectorType(result) ? take(out, result) : answer
        if (isRelaxed(name)) expectSum(found as Lanes, wanted as Lanes, inputs as Lanes[], result as VectorType)
        else expect(found, `${name}(${inputs.join(' | ')})`).toEqual(wanted)
      }
    }
  })
})

const isRelaxed = (name: VectorOpName): boolean => /\.n?madd$/.test(name)

/** The product may be rounded before the sum or not, so the sum may differ by that much. */
function expectSum(found: Lanes, wanted: Lanes, [a, b]: readonly Lanes[], type: VectorType): void {
  const epsilon = type === 'f64x2' ? 2 ** -52 : 2 ** -23
  found.forEach((each, i) => {
    const product = Math.abs(Number(a![i]) * Number(b![i]))
    const error = Math.abs(Number(each) - Number(wanted[i]))
    const isOverflow = !Number.isFinite(type === 'f64x2' ? product : Math.fround(product))
    const isNear = Object.is(each, wanted[i]) || error <= epsilon * Math.max(product, Math.abs(Number(wanted[i])))
    expect(isNear || isOverflow, `${Number(each)} is near ${Number(wanted[i])}`).toBe(true)
  })
}

function scalarFor(type: string, value: unknown): unknown {
  if (isVectorType(type)) return value
  if (type === 'f64') return value
  return type === 'f32'
    ? Math.fround(Number(value))
    : type === 'i64'
      ? BigInt(Math.trunc(Number(value)))
      : Math.trunc(Number(value))
}
