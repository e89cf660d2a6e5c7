import {
  all,
  allWhile,
  any,
  anyWhile,
  breakIf,
  continueIf,
  continueOnNaN,
  ifElse,
  range,
  sum,
  sumWhile,
} from '../../src/intrinsics.ts'
import type { Case } from './case.ts'
import { CHAIN_CASES } from './chains.ts'
import { ORDER_CASES } from './order.ts'
import { RECORD_CASES } from './records.ts'

export type { Case }

export const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  7,
  255,
  256,
  -128,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 32,
  2 ** 32 + 5,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  1e21,
  1e300,
  -1e300,
  5e-324,
  2.2250738585072014e-308,
  0.49999999999999994,
  4503599627370495.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]

const one = (): number[][] => NUMBERS.map(x => [x])
const pairs = (): number[][] => NUMBERS.flatMap(x => NUMBERS.map(y => [x, y]))
const f64 = (...values: number[]): Float64Array => Float64Array.from(values)
const ramp = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i * 1.25 - 3)

type Fn = (...args: never[]) => unknown
const c = (
  name: string,
  fn: unknown,
  calls: () => readonly (readonly unknown[])[],
  extra: Partial<Case> = {},
): Case => ({ name, fn: fn as Fn, calls, ...extra })

/** Calls itself with a missing argument, and gives a number or false. */
function mixed(k: number, n?: number): number | false {
  if (n === undefined) return k > 0 ? (mixed(k - 1, k) as number) + 1 : 0
  if (k !== Math.floor(k)) return false
  return k > n ? (mixed(k - 1) as number) : k
}
const square = (x: number): number => x * x
function hyp(a: number, b: number): number {
  return Math.sqrt(square(a) + square(b))
}
const lerp = (a: number, b: number, t: number): number => a + (b - a) * t

export const CASES: readonly Case[] = [
  // arithmetic
  c('add', (a: number, b: number) => a + b, pairs),
  c('sub mul', (a: number, b: number) => a - b * a, pairs),
  c('div', (a: number, b: number) => a / b, pairs),
  c('rem', (a: number, b: number) => a % b, pairs),
  c('power', (a: number, b: number) => a ** b, pairs),
  c('squares', (a: number) => a ** 2 + a ** 2, one),
  c('cube', (a: number) => a ** 3, one),
  c('root', (a: number) => a ** 0.5, one),
  c('negate', (a: number) => -a, one),
  c('bitwise', (a: number, b: number) => (a & b) ^ (a | b), pairs),
  c('shifts', (a: number, b: number) => (a << b) + (a >> b) + (a >>> b), pairs),
  c('unsigned', (a: number) => a >>> 0, one),
  c('toint', (a: number) => a | 0, one),
  c('notnot', (a: number) => ~~a, one),
  c('int product', (a: number, b: number) => (a * b) | 0, pairs),
  c('int sums', (a: number, b: number) => (a + b + 1) | 0, pairs),
  c('imul clz', (a: number, b: number) => Math.imul(a, b) + Math.clz32(a), pairs),
  c(
    'relations',
    (a: number, b: number) =>
      (a < b ? 1 : 0) + (a <= b ? 2 : 0) + (a > b ? 4 : 0) + (a >= b ? 8 : 0) + (a === b ? 16 : 0) + (a !== b ? 32 : 0),
    pairs,
  ),
  c('loose', (a: number, b: number) => a == b || a != b + 1, pairs),
  c('logic value', (a: number, b: number) => a || b, pairs),
  c('logic and', (a: number, b: number) => a && b, pairs),
  c('boolean result', (a: number, b: number) => a < b && !(b === 0), pairs),
  c('truthy', (a: number) => (a ? 1 : 2), one),
  c('comma', (a: number, b: number) => [a++, b].length && (b++, a), pairs),
  c('boolean arithmetic', (a: number) => Number(a > 1) + Number(a < 3), one),
  // Math
  c(
    'rounding',
    (a: number) => [
      Math.floor(a),
      Math.ceil(a),
      Math.trunc(a),
      Math.round(a),
      Math.sign(a),
      Math.abs(a),
      Math.fround(a),
      Math.sqrt(a),
    ],
    one,
  ),
  c(
    'minmax',
    (a: number, b: number) => [Math.min(a, b), Math.max(a, b), Math.min(a), Math.max(), Math.min(a, b, 1)],
    pairs,
  ),
  c(
    'transcendental',
    (a: number) => [
      Math.sin(a),
      Math.cos(a),
      Math.tan(a),
      Math.exp(a),
      Math.log(a),
      Math.atan(a),
      Math.cbrt(a),
      Math.log2(a),
      Math.log10(a),
      Math.expm1(a),
      Math.log1p(a),
    ],
    one,
  ),
  c(
    'inverse',
    (a: number) => [
      Math.asin(a),
      Math.acos(a),
      Math.sinh(a),
      Math.cosh(a),
      Math.tanh(a),
      Math.asinh(a),
      Math.acosh(a),
      Math.atanh(a),
    ],
    one,
  ),
  c('two arguments', (a: number, b: number) => [Math.atan2(a, b), Math.hypot(a, b), a ** b], pairs),
  c(
    'missing argument',
    ((a: number) => [(Math.sin as () => number)(), (Math.max as (x?: unknown) => number)(undefined), a]) as Fn,
    one,
  ),
  c(
    'predicates',
    (a: number) => [
      Number.isInteger(a),
      Number.isNaN(a),
      Number.isFinite(a),
      Number.isSafeInteger(a),
      isNaN(a),
      isFinite(a),
    ],
    one,
  ),
  c('object is', (a: number, b: number) => Object.is(a, b), pairs),
  c('constants', (a: number) => a * Math.PI + Number.EPSILON - Math.SQRT2 + Number.MAX_SAFE_INTEGER, one),
  // control
  c(
    'if chain',
    (a: number) => {
      if (a < 0) return -1
      else if (a > 100) return 1
      let r = 0
      if (a === 7) r = 7
      return r
    },
    one,
  ),
  c(
    'while',
    (a: number) => {
      let n = 0
      let x = Math.abs(a)
      while (x > 1 && n < 50) {
        x /= 3
        n++
      }
      return n + x
    },
    one,
  ),
  c(
    'do while',
    (a: number) => {
      let n = 0
      do {
        n += 2
        if (n === 6) continue
        if (n > 20) break
      } while (n < a)
      return n
    },
    one,
  ),
  c(
    'switch',
    (a: number) => {
      let r = 0
      switch (a) {
        case 0:
          r = 10
          break
        // @ts-expect-error: falls through on purpose
        case 1:
          r = 1
        case 3:
          r += 3
          break
        // @ts-expect-error: falls through on purpose
        default:
          r = -1
        case 7:
          r *= 2
      }
      return r
    },
    one,
  ),
  c(
    'switch return',
    (a: number) => {
      switch (a | 0) {
        case 1:
          return 'x'.length
        case 2:
          return 20
        default:
          return a > 0
      }
    },
    one,
  ),
  c(
    'labels',
    (n: number) => {
      let s = 0
      outer: for (let i = 0; i < 10; i++) {
        for (let j = 0; j < 10; j++) {
          if (j > i) continue outer
          if (i * j > n) break outer
          s += i * j
        }
      }
      return s
    },
    one,
  ),
  c(
    'label block',
    (n: number) => {
      let s = 1
      done: {
        if (n > 3) break done
        s = 2
      }
      return s
    },
    one,
  ),
  c(
    'mixed results',
    (a: number) => {
      if (a > 5) return false
      if (a < -5) return null
      if (a === 0) return undefined
      return a
    },
    one,
  ),
  c(
    'accumulator from undefined',
    (a: number) => {
      let best: number | undefined
      for (let i = 0; i < 5; i++) if (best === undefined || i * a > best) best = i * a
      return best
    },
    one,
  ),
  c(
    'typeof',
    (a: number) => (typeof a === 'number' ? 1 : 2) + (typeof a === 'undefined' ? 10 : 20),
    () => [[1], [undefined], [true]],
  ),
  c('default parameters', ((a: number, b = 2, k = a * b) => a + b + k) as Fn, () => [
    [1],
    [1, 5],
    [1, undefined, 3],
    [1, 2, 3],
  ]),
  c(
    'void zero default',
    ((a: number, b?: number) => {
      if (b === void 0) b = 7
      return a * b
    }) as Fn,
    () => [[2], [2, 3]],
  ),
  c(
    'arguments length',
    function (this: unknown, a: number, b?: number) {
      return arguments.length > 1 ? a + b! : a
    },
    () => [[2], [2, 3]],
  ),
  c(
    'update forms',
    (a: number) => {
      let i = a
      const p = i++ + ++i
      const q = i-- - --i
      return [p, q, i]
    },
    one,
  ),
  c(
    'evaluation order',
    (a: number) => {
      let x = a
      const r = x + (x = 3) * x + (x += 1)
      return [r, x]
    },
    one,
  ),
  c(
    'throw guard',
    (a: number) => {
      if (a < 0) throw new RangeError('negative')
      return Math.sqrt(a)
    },
    () => [[4], [0], [-1]],
    { leaves: [2] },
  ),
  c(
    'cold path',
    ((a: number) => {
      if (a > 1e308) {
        console.warn('huge')
      }
      return a * 2
    }) as Fn,
    () => [[4], [-3]],
  ),
  // functions
  c('helpers', (a: number, b: number) => hyp(a, b) + lerp(a, b, 0.25), pairs),
  c(
    'local closures',
    (a: number) => {
      let calls = 0
      const f = (x: number): number => {
        calls++
        return x * a
      }
      function g(x: number): number {
        return f(x) + f(x + 1)
      }
      return g(1) + calls
    },
    one,
  ),
  c(
    'fibonacci',
    function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2)
    },
    () => [[0], [1], [10], [-3], [2.5]],
  ),
  c(
    'early return in helper',
    (a: number) => {
      const clampTo = (x: number, lo: number, hi: number): number => {
        if (x < lo) return lo
        if (x > hi) return hi
        return x
      }
      return clampTo(a, -1, 1) + clampTo(a * 2, 0, 10)
    },
    one,
  ),
  // typed arrays
  c(
    'saxpy',
    (a: number, x: Float64Array, y: Float64Array) => {
      for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
    },
    () => [0, 1, 5, 64].map(n => [2.5, ramp(n), ramp(n)]),
  ),
  c(
    'saxpy short',
    (a: number, x: Float64Array, y: Float64Array) => {
      for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
    },
    () => [[2, ramp(5), ramp(3)]],
  ),
  c(
    'sum',
    (x: Float64Array) => {
      let s = 0
      for (const v of x) s += v
      return s
    },
    () => [[f64()], [f64(1, 2, Number.NaN)], [ramp(9)]],
  ),
  c(
    'maximum',
    (x: Float64Array) => {
      let m = x[0]
      for (let i = 1; i < x.length; i++) if (x[i]! > m!) m = x[i]
      return m
    },
    () => [[f64(1, 2, 3, -1)], [f64(5)], [f64()]],
    { leaves: [2] },
  ),
  c(
    'count parameter',
    (x: Float64Array, n: number) => {
      let s = 0
      for (let i = 0; i < n; i++) s += x[i]!
      return s
    },
    () => [
      [ramp(4), 3],
      [ramp(4), 6],
      [ramp(4), 0],
      [ramp(4), -2],
    ],
  ),
  c(
    'fraction as count',
    (x: Float64Array, n: number) => {
      let s = 0
      for (let i = 0; i < n; i++) s += x[i]!
      return s
    },
    () => [
      [ramp(4), 2.5],
      [ramp(4), Number.NaN],
      [ramp(4), -0],
    ],
    { leaves: [0, 1, 2] },
  ),
  c(
    'odd indices',
    (x: Float64Array, i: number) => [
      x[i] === undefined,
      x[i + 0.5] === undefined,
      x[-i] === undefined,
      x[i * 1e9] === undefined,
    ],
    () => [
      [ramp(4), 1],
      [ramp(4), 0],
    ],
  ),
  c(
    'an assignment to an element has the value that was read, also where that is undefined',
    (x: Float64Array, i: number) => {
      const u: number | undefined = (x[0] = x[i]!)
      return [u ?? 4, x[0]]
    },
    () => [
      [ramp(4), 1],
      [ramp(4), 4],
      [f64(), 0],
    ],
    { leaves: [1, 2] },
  ),
  c(
    'x ??= v tells undefined from NaN',
    (x: number[]) => {
      let _u: number | undefined
      let v = 0
      _u = x[1]
      _u ??= v = 7
      return v
    },
    () => [[[]], [[1]], [[1, Number.NaN]], [[1, 2]]],
    { leaves: [0, 1] },
  ),
  c(
    'what leaves in the first round leaves in the first round of a later run too',
    (rows: { x: number; y: number }[], counts: number[], from: number) => {
      let s = 0
      for (let i = from; i; i++) for (let k = 0; k < counts.length; k++) s += rows[k]!.y % rows[(i / 2) % 1]!.x
      return s
    },
    () => [
      [[{ x: -2, y: -11.75 }], [8], -2],
      [[{ x: -2, y: -11.75 }], [8], 0],
    ],
    { leaves: [0] },
  ),
  c(
    'writes out of bounds',
    (x: Float64Array) => {
      x[-1] = 5
      x[100] = 6
      x[1.5] = 7
      x[2 ** 32] = 8
      x[0] = 9
      return x.length
    },
    () => [[ramp(3)], [f64()]],
  ),
  ...(
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
    ] as const
  ).map(A =>
    c(
      `stores ${A.name}`,
      (x: Float64Array, values: Float64Array) => {
        for (let i = 0; i < values.length; i++) {
          x[i] = values[i]!
          x[i]! += 1
          x[i]!++
        }
      },
      () => [[new A(NUMBERS.length), Float64Array.from(NUMBERS)]],
    ),
  ),
  ...(
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array] as const
  ).map(A =>
    c(
      `loads ${A.name}`,
      (x: Float64Array) => {
        let s = 0
        let b = 0
        for (let i = 0; i < x.length; i++) {
          s += x[i]! / 3
          b ^= x[i]! << (i & 7)
        }
        return [s, b]
      },
      () => [[A.from(NUMBERS as number[])]],
    ),
  ),
  c(
    'matmul',
    (a: Float64Array, b: Float64Array, out: Float64Array, n: number) => {
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < n; k++) {
          const aik = a[i * n + k]!
          for (let j = 0; j < n; j++) out[i * n + j] = out[i * n + j]! + aik * b[k * n + j]!
        }
      }
    },
    () => [0, 1, 4].map(n => [ramp(n * n), ramp(n * n), new Float64Array(n * n), n]),
  ),
  c(
    'stencil',
    (src: Float64Array, dst: Float64Array, w: number, h: number) => {
      for (let y = 1; y < h - 1; y++)
        for (let x = 1; x < w - 1; x++) {
          const p = y * w + x
          dst[p] = 0.25 * (src[p - 1]! + src[p + 1]! + src[p - w]! + src[p + w]!)
        }
    },
    () => [
      [ramp(20), new Float64Array(20), 5, 4],
      [ramp(10), new Float64Array(10), 5, 4],
    ],
  ),
  c(
    'gray',
    (rgba: Uint8ClampedArray, gray: Uint8Array) => {
      for (let i = 0; i < gray.length; i++) {
        const p = i * 4
        gray[i] = (rgba[p]! * 77 + rgba[p + 1]! * 150 + rgba[p + 2]! * 29) >> 8
      }
    },
    () => [[Uint8ClampedArray.from({ length: 40 }, (_, i) => i * 6), new Uint8Array(10)]],
  ),
  c(
    'crc',
    (bytes: Uint8Array, table: Uint32Array) => {
      let crc = -1
      for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
      return (crc ^ -1) >>> 0
    },
    () => [[Uint8Array.of(1, 2, 3, 255), Uint32Array.from({ length: 256 }, (_, i) => Math.imul(i, 0x9e3779b1))]],
  ),
  c(
    'lcg',
    (seed: number, n: number) => {
      let s = seed
      for (let i = 0; i < n; i++) s = (s * 16807) % 2147483647
      return s
    },
    () => [
      [42, 10],
      [1, 0],
      [2147483646, 5],
      [-5, 3],
    ],
  ),
  c(
    'xorshift',
    (seed: number, n: number) => {
      let s = seed | 0
      let hits = 0
      for (let i = 0; i < n; i++) {
        s ^= s << 13
        s ^= s >>> 17
        s ^= s << 5
        hits += (s >>> 0) / 4294967296 < 0.5 ? 1 : 0
      }
      return hits + s
    },
    () => [
      [42, 10],
      [1, 100],
    ],
  ),
  c(
    'prefix sum',
    (x: Float64Array) => {
      for (let i = 1; i < x.length; i++) x[i] = x[i]! + x[i - 1]!
      return x
    },
    () => [[ramp(5)], [f64()]],
  ),
  c(
    'backwards',
    (x: Float64Array) => {
      let s = 0
      for (let i = x.length - 1; i >= 0; i--) s = s * 0.5 + x[i]!
      return s
    },
    () => [[ramp(5)], [f64()]],
  ),
  c(
    'while index',
    (x: Float64Array) => {
      let i = 0
      let s = 0
      while (i < x.length) s += x[i++]!
      return s
    },
    () => [[ramp(5)], [f64()]],
  ),
  c(
    'decrement',
    (x: Float64Array) => {
      let i = x.length
      let s = 0
      while (i--) s += x[i]! * i
      return s
    },
    () => [[ramp(5)], [f64()]],
  ),
  c(
    'same array twice',
    (a: Float64Array, b: Float64Array) => {
      for (let i = 0; i < a.length; i++) b[i] = a[a.length - 1 - i]! * 2
    },
    () => {
      const x = ramp(6)
      return [[x, x]]
    },
  ),
  c(
    'binary search',
    (x: Float64Array, v: number) => {
      let lo = 0
      let hi = x.length - 1
      while (lo <= hi) {
        const mid = (lo + hi) >> 1
        if (x[mid]! < v) lo = mid + 1
        else if (x[mid]! > v) hi = mid - 1
        else return mid
      }
      return -1
    },
    () => [
      [ramp(9), 2],
      [ramp(9), 100],
      [f64(), 1],
    ],
  ),
  c(
    'new typed array',
    (n: number) => {
      const out = new Float32Array(n)
      for (let i = 0; i < n; i++) out[i] = i / 3
      return out
    },
    () => [[0], [5]],
  ),
  c(
    'bad length',
    (n: number) => new Float64Array(n).length,
    () => [[3], [-1]],
    { leaves: [1] },
  ),
  c(
    'copies',
    (x: Float64Array) => {
      const y = new Float64Array(x)
      const z = x.slice(1, -1)
      const w = x.subarray(1)
      y.set(z, 1)
      w[0] = 42
      y.fill(7, -1)
      return [y, z, x]
    },
    () => [[ramp(5)], [ramp(3)]],
  ),
  c(
    'float32 from double',
    (x: Float64Array) => Float32Array.from(x),
    () => [[Float64Array.from(NUMBERS)]],
  ),
  c(
    'methods',
    (x: Float64Array) => {
      let n = 0
      x.forEach((v, i) => {
        n += v * i
      })
      const m = x.map(v => v * 2)
      const s = x.reduce((a, b) => a + b, 0)
      return [
        n,
        m,
        s,
        x.some(v => v > 2),
        x.every(v => v > -10),
        x.indexOf(-3),
        x.includes(Number.NaN),
        x.findIndex(v => v > 0),
      ]
    },
    () => [[ramp(5)], [f64()], [f64(Number.NaN)]],
  ),
  // plain arrays
  c(
    'plain sum',
    (x: number[]) => {
      let s = 0
      for (let i = 0; i < x.length; i++) s += x[i]!
      return s
    },
    () => [[[1, 2, 3.5]], [[1]]],
  ),
  c(
    'plain write',
    (x: number[]) => {
      for (let i = 0; i < x.length; i++) x[i]! *= 2
      x[x.length] = 99
      x.push(1, 2)
      return x.pop()
    },
    () => [[[1, 2, 3.5]]],
  ),
  c(
    'return plain',
    (n: number) => {
      const out: number[] = []
      for (let i = 0; i < n; i++) out.push(i * i)
      return out
    },
    () => [[0], [5]],
  ),
  c(
    'holes',
    (n: number) => {
      const a = new Array<number>(n)
      for (let i = 0; i < n; i += 2) a[i] = i
      let count = 0
      for (let i = 0; i < n; i++) if (a[i] === undefined) count++
      return count
    },
    () => [[5], [0]],
  ),
  c(
    'filled',
    (n: number) => {
      const a = new Array<number>(n).fill(1)
      for (let i = 1; i < n; i++) a[i] = a[i]! + a[i - 1]!
      return a
    },
    () => [[5], [0]],
  ),
  c(
    'array results',
    (a: number, b: number) => [a + b, a - b, [a, b]],
    () => [[1, 2]],
  ),
  c(
    'object results',
    (a: number, b: number) => ({ sum: a + b, ok: a > b, none: null, pair: [a, b] }),
    () => [[1, 2]],
  ),
  c(
    'null or array',
    (a: number) => (a > 0 ? [a, 1] : null),
    () => [[1], [-1]],
  ),
  c(
    'literal table',
    (i: number) => {
      const t = [10, 20, 30, 40]
      return t[i & 3]! + t[0]!
    },
    one,
  ),
  c(
    'destructuring',
    (p: { x: number; y: number }, [u, v = 5]: number[]) => {
      const { x, y: z } = p
      return x * z + u! * v
    },
    () => [
      [{ x: 2, y: 3 }, [4, 5]],
      [{ x: 2, y: 3 }, [4]],
    ],
  ),
  c(
    'object fields',
    (p: { x: number; y: number; n: number }) => {
      p.x += p.y
      p.n++
      if (p.x > 100) p.y = 0
      return p.x
    },
    () => [[{ x: 2, y: 3, n: 0 }], [{ x: 200, y: 3, n: 7 }]],
  ),
  c(
    'local object',
    (a: number) => {
      const v = { x: a, y: 1 }
      for (let i = 0; i < 3; i++) {
        v.x = v.x * 0.5 + v.y
        v.y += 1
      }
      return v.x - v.y
    },
    one,
  ),
  c(
    'nested arrays',
    (m: number[][]) => {
      let s = 0
      for (let i = 0; i < m.length; i++) for (let j = 0; j < m[i]!.length; j++) s += m[i]![j]! * (i + 1)
      return s
    },
    () => [
      [
        [
          [1, 2],
          [3, 4, 5],
        ],
      ],
      [[[1]]],
    ],
  ),
  c(
    'swap arrays',
    (x: Float64Array, n: number) => {
      let a = new Float64Array(x)
      let b = new Float64Array(x.length)
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < a.length; i++) b[i] = a[i]! * 0.5 + 1
        const t = a
        a = b
        b = t
      }
      return a
    },
    () => [
      [ramp(4), 3],
      [ramp(4), 0],
    ],
  ),
  c(
    'n-body step',
    (p: Float64Array, v: Float64Array, n: number, dt: number) => {
      for (let i = 0; i < n; i++) {
        for (let j = i + 1; j < n; j++) {
          const dx = p[i * 2]! - p[j * 2]!
          const dy = p[i * 2 + 1]! - p[j * 2 + 1]!
          const d = dx * dx + dy * dy + 0.01
          const m = dt / (d * Math.sqrt(d))
          v[i * 2]! -= dx * m
          v[i * 2 + 1]! -= dy * m
          v[j * 2]! += dx * m
          v[j * 2 + 1]! += dy * m
        }
      }
    },
    () => [[ramp(6), ramp(6), 3, 0.1]],
  ),
  c(
    'mandelbrot point',
    (cr: number, ci: number) => {
      let x = 0
      let y = 0
      let n = 0
      while (n < 100) {
        const xx = x * x
        const yy = y * y
        if (xx + yy > 4) break
        y = 2 * x * y + ci
        x = xx - yy + cr
        n++
      }
      return n
    },
    () => [
      [0.3, 0.5],
      [-1, 0],
      [2, 2],
      [-0.75, 0.1],
    ],
  ),
  c(
    'var of a helper called twice',
    (a: number) => {
      function f(x: number): number | undefined {
        var kept: number | undefined
        if (x > 2) kept = x
        return kept
      }
      const first = f(a)
      return [first, f(1), f(a)]
    },
    one,
  ),
  // intrinsics
  c(
    'sum of a range',
    (n: number) => sum(range(n), i => (i % 2 ? i : 0)),
    () => [[0], [7], [-3]],
  ),
  c(
    'sum of an array',
    (x: Float64Array) => sum(x) + sum(x, (v, i) => v * i),
    () => [[f64()], [ramp(5)]],
  ),
  c(
    'stepped range',
    (a: number, b: number, s: number) => sum(range(a, b, s)),
    () => [
      [0.5, 9, 1.25],
      [5, -5, -2],
      [0, 5, -1],
      [0, 1, Number.NaN],
    ],
  ),
  c(
    'any all',
    (x: Float64Array) => [any(x, v => v > 2), all(x, v => v > -100), any(x), all(x)],
    () => [[f64()], [ramp(5)], [f64(0, 1)]],
  ),
  c(
    'sum while',
    (n: number) =>
      sumWhile(
        0,
        i => i < n,
        i => i + 1,
        i => breakIf(i >= 4, i),
      ),
    () => [[2], [10], [0]],
  ),
  c(
    'continue',
    (x: Float64Array) => sum(x, v => continueIf(v < 0, v)) + sum(x, v => continueOnNaN(v)),
    () => [[ramp(6)], [f64(1, Number.NaN, 3)]],
  ),
  c(
    'any while',
    (n: number) => [
      anyWhile(
        1,
        i => i < n,
        i => i * 2,
        i => i === 64,
      ),
      allWhile(
        1,
        i => i < n,
        i => i * 2,
        i => i < 64,
      ),
    ],
    () => [[100], [10]],
  ),
  c('if else', (n: number) => ifElse(n > 2, n * 2, -n), one),
  c(
    'keys that are no numbers',
    (x: Float64Array, i: number | null | undefined) => x[i as number],
    () => [
      [ramp(4), 1],
      [ramp(4), undefined],
    ],
    { leaves: [1] },
  ),
  c(
    'keys that may be null',
    (x: Float64Array, n: number) => {
      const key = n > 1 ? n : null
      return x[key as number]
    },
    () => [
      [ramp(4), 2],
      [ramp(4), 0],
    ],
    { leaves: [1] },
  ),
  c(
    'elements written at missing keys',
    (x: Float64Array, at: Float64Array, n: number) => {
      for (let i = 0; i < n; i++) x[at[i]!]!++
      return x[0]
    },
    () => [
      [ramp(4), f64(0, 2, 0), 3],
      [ramp(4), f64(0, 2, 0.5, 9), 4],
      [ramp(4), f64(0), 2],
    ],
    { leaves: [2] },
  ),
  c(
    'arrays of rows that were never set',
    (labels: number[]) => {
      const groups: number[][] = new Array(3)
      for (let i = 0; i < labels.length; i++) groups[labels[i]!] = [labels[i]!]
      let sum = 0
      for (let i = 0; i < groups.length; i++) if (groups[i] === undefined) sum += 10
      return sum + groups[0]!.length
    },
    () => [[[0, 1, 2]], [[0, 2]]],
    { leaves: [1] },
  ),
  c(
    'new arrays with holes',
    (n: number, filled: number) => {
      const out = new Array(n)
      for (let i = 0; i < filled; i++) out[i] = i * 2
      return out
    },
    () => [
      [3, 3],
      [3, 2],
    ],
    { leaves: [1] },
  ),
  c(
    'new arrays of arrays with holes',
    (n: number, filled: number) => {
      const out = new Array(n)
      for (let i = 0; i < filled; i++) {
        out[i] = new Array(2)
        out[i][0] = i
        out[i][1] = -i
      }
      return out
    },
    () => [
      [3, 3],
      [3, 2],
    ],
    { leaves: [1] },
  ),
  c('parseFloat', (x: number) => Number.parseFloat(x as unknown as string), one),
  c('parseInt', (x: number) => Number.parseInt(x as unknown as string, 10), one, {
    leaves: NUMBERS.flatMap((x, i) => (/e/.test(String(x)) ? [i] : [])),
  }),
  c(
    'parseInt, the global',
    (x: number) => (x > -9 && x < 9 && Math.abs(x) > 1e-5 ? parseInt(x as unknown as string) : 1),
    one,
  ),
  c(
    'identity of arrays',
    (a: Float64Array, b: Float64Array) => (a === b ? 1 : 2) + (a !== new Float64Array(3) ? 10 : 20),
    () => [[f64(1), f64(2)]],
  ),
  c(
    'properties of numbers',
    (x: number) => {
      const any = x as unknown as number[]
      return any.length ? any[0] : any.length === undefined ? x + 1 : any[0]
    },
    one,
  ),
  c(
    'borrowed array methods',
    function (this: unknown, x: Float64Array, y: number) {
      const rest = Array.prototype.slice.call(arguments, 1) as number[]
      return [rest.length, rest[0], ...[Array.prototype.slice.call(x, 1).length], y]
    },
    () => [
      [ramp(4), 7],
      [ramp(1), -0],
    ],
  ),
  c(
    'plain arrays out of typed ones',
    (x: Float32Array) => Array.prototype.slice.call(x, 1, -1),
    () => [[new Float32Array([1, 2, 3.1, 4])], [new Float32Array(0)]],
  ),
  c(
    'tags',
    (x: unknown, y: number[]) =>
      (Object.prototype.toString.call(x) === '[object Array]' ? 1 : 0) +
      (Object.prototype.toString.call(y) === '[object Array]' ? 2 : 0),
    () => [
      [[1, 2], [3]],
      [5, [3]],
      [f64(1), [3]],
      [true, []],
      [null, [1]],
      [undefined, [1]],
    ],
  ),
  c(
    'concat',
    (a: number[], b: number[], x: number) => a.concat(b, [x, 1], x).concat(),
    () => [
      [[1, 2], [3], -0],
      [[], [], 5],
    ],
  ),
  c(
    'concat of rows',
    (rows: number[][]) => Array.prototype.concat.apply([], rows),
    () => [[[[1, 2], [], [3]]], [[]]],
  ),
  c(
    'push and maximum of arrays',
    (a: number[], b: number[]) => {
      Array.prototype.push.apply(a, b)
      return [a.length, Math.max.apply(null, a), Math.min(...a, 3)]
    },
    () => [
      [
        [1, -0],
        [3, 0],
      ],
      [[], []],
      [[1, Number.NaN], [2]],
    ],
  ),
  c(
    'sort of numbers',
    (x: number[]) => x.sort((a, b) => a - b),
    () => [
      [[3, 1, 2]],
      [[]],
      [[1]],
      [[0, -0, 0, -0, -1, Infinity, -Infinity, 1e308, -1e308]],
      [Array.from({ length: 100 }, (_, i) => (i * 7919) % 101)],
      [[1, Number.NaN, 0]],
    ],
    { leaves: [5] },
  ),
  c(
    'sort the other way, of a copy',
    (x: number[]) => {
      const sorted = x.slice().sort((a, b) => b - a)
      return sorted[0]! + 10 * x[0]!
    },
    () => [[[3, 1, 2]], [[5]], [Array.from({ length: 33 }, (_, i) => (i * 7) % 31)]],
  ),
  c(
    'sort of typed arrays',
    (x: Int16Array, y: Float32Array) => {
      x.sort()
      y.sort()
      return x[0]! + y[0]!
    },
    () => [
      [new Int16Array([5, -3, 7, 0]), new Float32Array([2.5, -1, 0])],
      [new Int16Array([5]), new Float32Array([0, -0])],
    ],
    { leaves: [1] },
  ),
  c(
    'a loop over arguments',
    function (this: unknown, _x: number, _y: Uint8Array) {
      let sum = 0
      for (let i = 0; i < arguments.length; i++) {
        const one: unknown = arguments[i]
        if (one instanceof Uint8Array) {
          sum += one.length
          continue
        }
        if (typeof one === 'number') sum += one
      }
      return sum
    },
    () => [[5, new Uint8Array(3)], [1], [1, new Uint8Array(1), new Uint8Array(2), 4]],
  ),
  c(
    'rows that are returned',
    (m: number[][], i: number) => (i > 0 ? m[i] : m.concat()[0]),
    () => [
      [[[1], [2]], 1],
      [[[1, 4], [2]], 0],
    ],
  ),
  c(
    'fields that are there or not',
    (p: { x: number; y?: number }) => ('y' in p ? p.x + p.y! : p.x) + ('x' in p ? 100 : 0),
    () => [[{ x: 1, y: 2 }], [{ x: 1 }]],
  ),
  c(
    'mathematics taken apart',
    (x: number) => {
      const { PI, floor } = Math
      return floor(x) * PI
    },
    one,
  ),
  c(
    'recursion through other kinds of arguments, with mixed results',
    (k: number, n: number) => mixed(k, n),
    () => [
      [3, 2],
      [-1, 2],
      [1.5, 0],
    ],
  ),
  c(
    'filter of typed arrays',
    (xs: Float32Array, bytes: Uint8Array, ids: Uint32Array) => [
      xs.filter(x => x > 0.5),
      bytes.filter((b, i) => (b ^ i) & 1).length,
      ids.filter(id => id >= 2 ** 31),
    ],
    () => [
      [Float32Array.of(1, 0.1, Number.NaN, 7.3), Uint8Array.of(1, 2, 3, 255), Uint32Array.of(1, 2 ** 32 - 1, 2 ** 31)],
      [new Float32Array(0), new Uint8Array(9), new Uint32Array(1)],
    ],
  ),
  c(
    'for of over a literal',
    (x: number, y: number) => {
      let sum = 0
      for (const [dx, dy] of [
        [1, 0],
        [-1, y],
        [0, x],
      ] as const)
        sum = sum * 2 + (x + dx!) * (y + dy!)
      for (const v of [x, y, 3]) sum -= v
      return sum
    },
    () => [
      [1.5, -2],
      [-0, 2 ** 31],
      [Number.NaN, 0],
    ],
  ),
  c(
    'set of a literal',
    (out: Float32Array, x: number, at: number) => {
      out.set([x, x * 2, x + at], at)
      out.set([at])
      out.set([], 4)
      return out
    },
    () => [
      [new Float32Array(4), 0.1, 1],
      [new Float32Array(5), 2 ** 31, 2.9],
      [new Float32Array(4), -0, -0.5],
      [new Float32Array(4), 1, 2],
      [new Float32Array(4), 1, -1],
      [new Float32Array(3), 1, Number.NaN],
    ],
  ),
  ...RECORD_CASES,
  ...CHAIN_CASES,
  ...ORDER_CASES,
]
