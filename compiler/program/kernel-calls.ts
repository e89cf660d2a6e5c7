import { f64, get, i32, op } from '../ir/build.ts'
import type { Expr } from '../ir/ir.ts'
import { isPrimitive, primitiveOf } from '../ir/primitives.ts'
import { ELEM_BYTES, type Elem } from '../ir/types.ts'
import type { Node } from '../source/ast.ts'
import { constNumber, fromInt, number } from './convert.ts'
import type { Cursor } from './cursor.ts'
import {
  address,
  arrayArgument,
  asScalar,
  bytesOf,
  check,
  countField,
  flagField,
  type KernelCall,
  likeArgument,
  link,
  numberArgument,
  objectArgument,
  outputArgument,
  realArgument,
  realField,
  refused,
} from './kernel-arguments.ts'
import { lengthOf } from './member.ts'
import type { ArrayValue, Value } from './value.ts'

/**
 * Calls of the kernel library: the checks of the JavaScript function in src/kernels, then the WebAssembly behind it, linked
 * into the module. Each entry follows the function of its name there, in the order of its checks.
 */
export function kernelCall(c: Cursor, name: string, args: readonly Value[], node: Node): Value {
  const call: KernelCall = { c, name: name.replace(/^kernels\./, ''), args, node }
  const lower = Object.hasOwn(KERNELS, call.name) ? KERNELS[call.name] : undefined
  if (!lower) throw refused(call, reasonOf(call.name))
  return lower(call)
}

/** Why a function of the library is none of those below. */
function reasonOf(name: string): string {
  if (name.startsWith('async.')) return 'it gives a promise'
  if (name === 'xxhash64') return 'it gives a bigint'
  return 'it needs memory of its own or gives an object'
}

type Lower = (call: KernelCall) => Value

const KERNELS: Readonly<Record<string, Lower>> = {
  sum: call => number(reduced(call, 'sum')),
  mean: call => {
    const x = inputOf(call, 0, 'x', 'sum')
    return number(op('f64.div', link(call, named('sum', x.elem), [address(x), lengthOf(x)]), fromInt(lengthOf(x))))
  },
  variance: call => number(variance(call)),
  deviation: call => number(op('f64.sqrt', variance(call))),
  dot: call => number(reducedTwo(call, 'dot')),
  manhattan: call => number(reducedTwo(call, 'manhattan')),
  euclidean: call => number(op('f64.sqrt', reducedTwo(call, 'euclidean'))),
  cosine: call => number(reducedTwo(call, 'cosine')),
  hamming: call => {
    const x = arrayArgument(call, 0, 'x', () => true)
    const y = likeArgument(call, 1, 'y', x)
    return number(fromInt(link(call, `vectors.hamming_${BITS[x.elem]}`, [address(x), address(y), lengthOf(x)])))
  },
  hammingBits: call => {
    const x = arrayArgument(call, 0, 'x', elem => elem === 'u8')
    const y = likeArgument(call, 1, 'y', x)
    return number(link(call, 'vectors.hammingBits', [address(x), address(y), lengthOf(x)]))
  },
  norm,
  min: call => number(extreme(call, Number.POSITIVE_INFINITY)),
  max: call => number(extreme(call, Number.NEGATIVE_INFINITY)),
  argmin: call => number(extreme(call, -1)),
  argmax: call => number(extreme(call, -1)),
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  scale: call => {
    const x = inputOf(call, 1, 'x', 'mul')
    return withNumber(call, 'mul', x, numberArgument(call, 0, 'a'))
  },
  axpy: call => {
    const x = inputOf(call, 1, 'x', 'axpy')
    const a = asScalar(x.elem, numberArgument(call, 0, 'a'))
    const y = likeArgument(call, 2, 'y', x)
    const out = outputArgument(call, 3, x.elem, lengthOf(x), [x, y], true)
    link(call, named('axpy', x.elem), [a, address(x), address(y), address(out), lengthOf(x)])
    return out
  },
  clamp,
  cumsum: call => {
    const x = inputOf(call, 0, 'x', 'cumsum')
    const out = outputArgument(call, 1, x.elem, lengthOf(x), [x], true)
    link(call, named('cumsum', x.elem), [address(x), address(out), lengthOf(x)])
    return out
  },
  crc32: call => checksum(call, 0),
  adler32: call => checksum(call, 1),
  gemm,
  gemv,
}

/** Clamped bytes are bytes to a function that does not write beyond them. */
const plain = (elem: Elem): Elem => (elem === 'u8c' ? 'u8' : elem)
const named = (kernel: string, elem: Elem): string => `vectors.${kernel}_${plain(elem)}`

/** An array of a kind for which there is such a function. */
const inputOf = (call: KernelCall, index: number, name: string, kernel: string): ArrayValue =>
  arrayArgument(call, index, name, elem => isPrimitive(named(kernel, elem)))

function reduced(call: KernelCall, kernel: string): Expr {
  const x = inputOf(call, 0, 'x', kernel)
  return link(call, named(kernel, x.elem), [address(x), lengthOf(x)])
}

function reducedTwo(call: KernelCall, kernel: string): Expr {
  const x = inputOf(call, 0, 'x', kernel)
  const y = likeArgument(call, 1, 'y', x)
  return link(call, named(kernel, x.elem), [address(x), address(y), lengthOf(x)])
}

function variance(call: KernelCall): Expr {
  const x = inputOf(call, 0, 'x', 'variance')
  const freedom = realArgument(call, 1, 'freedom', 0)
  return link(call, named('variance', x.elem), [address(x), lengthOf(x), freedom])
}

/** Positions differ alike in kinds of one size. */
const BITS: Readonly<Record<Elem, Elem>> = {
  f64: 'f64',
  f32: 'f32',
  i32: 'i32',
  u32: 'i32',
  i16: 'i16',
  u16: 'i16',
  i8: 'i8',
  u8: 'i8',
  u8c: 'i8',
}

/** The value of functions that need an element, which an empty array lacks. */
function unlessEmpty({ c }: KernelCall, x: ArrayValue, empty: number, value: () => Expr): Expr {
  const local = c.tempLocal('found', 'f64')
  c.emit({ kind: 'set', local, value: f64(empty) })
  const then = c.capture(() => c.emit({ kind: 'set', local, value: value() }))
  c.emit({ kind: 'if', test: op('i32.ne', lengthOf(x), i32(0)), then, else: [] })
  return get(local, 'f64')
}

function extreme(call: KernelCall, empty: number): Expr {
  const x = inputOf(call, 0, 'x', call.name)
  const primitive = named(call.name, x.elem)
  return unlessEmpty(call, x, empty, () => {
    const found = link(call, primitive, [address(x), lengthOf(x)])
    const { result } = primitiveOf(primitive)
    if (result === 'f64') return found
    if (result === 'f32') return op('f64.from_f32', found)
    return x.elem === 'u32' && !call.name.startsWith('arg') ? op('f64.from_i32_u', found) : fromInt(found)
  })
}

function norm(call: KernelCall): Value {
  const x = inputOf(call, 0, 'x', 'norm')
  const order = call.args[1]
  const known = order === undefined || order.k === 'undefined' ? 2 : constNumber(order)
  const kernel = known === 1 ? 'magnitude' : known === 2 ? 'norm' : 'maxAbs'
  if (kernel === 'maxAbs' && known !== Number.POSITIVE_INFINITY)
    throw refused(call, '`order` must be the constant 1, 2 or Infinity')
  return number(unlessEmpty(call, x, 0, () => link(call, named(kernel, x.elem), [address(x), lengthOf(x)])))
}

/** add, sub, mul, div: by an array, or by one number. */
function elementwise(call: KernelCall): Value {
  const { name, args } = call
  const x = inputOf(call, 0, 'x', name)
  if (args[1]?.k !== 'array') return withNumber(call, name, x, numberArgument(call, 1, 'y'))
  const y = likeArgument(call, 1, 'y', x)
  const out = outputArgument(call, 2, x.elem, lengthOf(x), [x, y], true)
  link(call, named(name, x.elem), [address(x), address(y), address(out), lengthOf(x)])
  return out
}

function withNumber(call: KernelCall, kernel: string, x: ArrayValue, y: Expr): Value {
  const out = outputArgument(call, 2, x.elem, lengthOf(x), [x], true)
  link(call, named(`${kernel}Number`, x.elem), [address(x), asScalar(x.elem, y), address(out), lengthOf(x)])
  return out
}

const RANGES: Readonly<Partial<Record<Elem, readonly [number, number]>>> = {
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i8: [-128, 127],
  u8: [0, 255],
}

/** Bounds of integers are rounded inwards, to what the kind can hold. */
function clamp(call: KernelCall): Value {
  const { c } = call
  const x = inputOf(call, 0, 'x', 'clamp')
  const low = realArgument(call, 1, 'low')
  const high = realArgument(call, 2, 'high')
  check(call, op('f64.lt', high, low), '`high` is below `low`')
  const out = outputArgument(call, 3, x.elem, lengthOf(x), [x], true)
  const range = RANGES[plain(x.elem)]
  const from = range ? c.temp(op('f64.max', op('f64.ceil', low), f64(range[0])), 'from') : low
  const until = range ? c.temp(op('f64.min', op('f64.floor', high), f64(range[1])), 'until') : high
  if (range) check(call, op('f64.gt', from, until), 'the kind of `x` cannot hold the bounds')
  const bounds = [asScalar(x.elem, from), asScalar(x.elem, until)]
  link(call, named('clamp', x.elem), [address(x), ...bounds, address(out), lengthOf(x)])
  return out
}

/** Of the bytes of any array, from 0 to 2^32 - 1. */
function checksum(call: KernelCall, start: number): Value {
  const { c, name } = call
  const seed = numberArgument(call, 1, 'seed', start)
  const x = arrayArgument(call, 0, 'x', () => true)
  const whole = c.temp(op('i32.from_f64_js', seed), 'seed')
  check(call, op('f64.ne', op('f64.from_i32_u', whole), seed), '`seed` is no whole number from 0 to 2^32 - 1')
  const found = link(call, `checksum.${name}`, [address(x), bytesOf(x), whole])
  return number(op('f64.from_i32_u', found))
}

function gemv(call: KernelCall): Value {
  const a = arrayArgument(call, 0, 'a', elem => elem === 'f64' || elem === 'f32')
  const shape = objectArgument(call, 2, 'shape')
  const m = countField(call, shape, 'm')
  const n = countField(call, shape, 'n')
  const x = arrayArgument(call, 1, 'x', elem => elem === a.elem)
  const transpose = flagField(call, shape, 'transpose')
  check(call, op('f64.ne', fromInt(lengthOf(a)), op('f64.mul', m.number, n.number)), '`a` has another length')
  check(call, op('i32.ne', lengthOf(x), transpose ? m.count : n.count), '`x` has another length')
  const alpha = realField(call, shape, 'alpha', 1)
  const beta = realField(call, shape, 'beta', 0)
  const out = outputArgument(call, 3, a.elem, transpose ? n.count : m.count, [a, x], false)
  link(call, `matrix.${transpose ? 'gevm' : 'gemv'}_${a.elem}`, [
    m.count,
    n.count,
    asScalar(a.elem, alpha),
    address(a),
    address(x),
    asScalar(a.elem, beta),
    address(out),
  ])
  return out
}

function gemm(call: KernelCall): Value {
  const a = arrayArgument(call, 0, 'a', elem => elem === 'f64' || elem === 'f32')
  const shape = objectArgument(call, 2, 'shape')
  const m = countField(call, shape, 'm')
  const n = countField(call, shape, 'n')
  const k = countField(call, shape, 'k')
  const b = arrayArgument(call, 1, 'b', elem => elem === a.elem)
  check(call, op('f64.ne', fromInt(lengthOf(a)), op('f64.mul', m.number, k.number)), '`a` has another length')
  check(call, op('f64.ne', fromInt(lengthOf(b)), op('f64.mul', k.number, n.number)), '`b` has another length')
  const alpha = realField(call, shape, 'alpha', 1)
  const beta = realField(call, shape, 'beta', 0)
  const size = op('f64.mul', m.number, n.number)
  check(call, op('f64.gt', size, f64(2 ** 31 - 1)), 'the result is too large')
  const out = outputArgument(call, 3, a.elem, op('i32.trunc_sat_s', size), [a, b], false)
  const strides = (isTransposed: boolean, rows: Expr, columns: Expr): Expr[] =>
    isTransposed ? [i32(1), rows] : [columns, i32(1)]
  link(call, `matrix.gemm_${a.elem}`, [
    m.count,
    n.count,
    k.count,
    asScalar(a.elem, alpha),
    address(a),
    ...strides(flagField(call, shape, 'transposeA'), m.count, k.count),
    address(b),
    ...strides(flagField(call, shape, 'transposeB'), k.count, n.count),
    asScalar(a.elem, beta),
    address(out),
    address(workRoom(call, workBytes(a.elem, m.count, n.count, k.count))),
  ])
  return out
}

/** As in src/kernels/matrix.ts: the packed slices of both matrices. */
function workBytes(elem: Elem, m: Expr, n: Expr, k: Expr): Expr {
  const least = (x: Expr, most: number): Expr => op('i32.select', op('i32.lt_s', x, i32(most)), x, i32(most))
  const lines = op('i32.add', op('i32.add', least(m, 128), least(n, 1024)), i32(10))
  return op('i32.add', op('i32.mul', op('i32.mul', lines, least(k, 256)), i32(ELEM_BYTES[elem])), i32(256))
}

/** Memory of the call that nobody sees; made once, and again where more is wanted, so that a loop does not fill the arena. */
function workRoom({ c }: KernelCall, bytes: Expr): ArrayValue {
  const wanted = c.temp(bytes, 'bytes')
  const local = c.tempLocal('work', 'arr.u8')
  const room: ArrayValue = { k: 'array', local, elem: 'u8', origin: { from: 'some' } }
  const then = c.capture(() => c.emit({ kind: 'newarray', local, elem: 'u8', length: wanted }))
  c.emit({ kind: 'if', test: op('i32.lt_s', lengthOf(room), wanted), then, else: [] })
  return room
}
