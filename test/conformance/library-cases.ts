import type { Elem } from '../../compiler/ir/types.ts'
import { CONSTRUCTORS, type TypedArray } from '../../runtime/exec/elements.ts'
import { kernels } from '../../src/kernels/index.ts'
import { numbers, randomOf } from '../kernels/library/inputs.ts'

/** Kernels that call the library, and the calls of each: right ones, and every kind of wrong one. */
export interface LibraryCase {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  /** each gives fresh arguments */
  readonly calls: readonly (() => readonly unknown[])[]
  /** has a loop whose rounds are shared among threads */
  readonly shares?: true
}

type Fn = (...args: never[]) => unknown
type Array64 = Float64Array
type Call = () => readonly unknown[]

const KINDS = Object.keys(CONSTRUCTORS) as Elem[]
/** Across the ends of vectors and of the blocks in which reductions are added. */
const LENGTHS = [0, 1, 3, 16, 33, 70, 1100]

const array = (elem: Elem, n: number, seed: number, awkward = false): TypedArray =>
  numbers(elem, n, randomOf(seed), awkward)

const AWKWARD = [0, -0, 1.5, -2, 3e9, 2 ** 40, NaN, Infinity, -Infinity, 0.1]
const NO_NUMBERS = [undefined, null, true]

/** One array of every kind at every length. */
const ones = (...more: readonly unknown[]): Call[] =>
  KINDS.flatMap(elem =>
    LENGTHS.flatMap(n => [false, true].map(awkward => () => [array(elem, n, n + 1, awkward), ...more])),
  )

/** Two arrays: alike, the same, of different lengths, of different kinds, and no second. */
const twos = (kinds: readonly Elem[] = KINDS): Call[] =>
  kinds.flatMap((elem, i) => [
    ...LENGTHS.flatMap(n =>
      [false, true].map(awkward => () => [array(elem, n, n + 1, awkward), array(elem, n, n + 2, awkward)]),
    ),
    () => {
      const x = array(elem, 20, 5)
      return [x, x]
    },
    () => [array(elem, 20, 5), array(elem, 21, 6)],
    () => [array(elem, 20, 5), array(kinds[(i + 1) % kinds.length]!, 20, 6)],
    () => [array(elem, 20, 5)],
  ])

/** What an output can be to an input `x`: apart, it itself, shifted against it, too short, of another kind. */
const outputs = (elem: Elem, x: TypedArray): readonly unknown[] => {
  const other = elem === 'f64' ? 'f32' : 'f64'
  return [
    new CONSTRUCTORS[elem](x.length),
    x,
    new CONSTRUCTORS[elem](x.buffer, x.BYTES_PER_ELEMENT, x.length),
    new CONSTRUCTORS[elem](x.buffer, 0, x.length - 1),
    new CONSTRUCTORS[elem](x.length + 1),
    new CONSTRUCTORS[other](x.length),
    undefined,
  ]
}

const OUTPUTS = 7

/** An array of `n` in a buffer that has room for one more element. */
function roomy(elem: Elem, n: number, seed: number): TypedArray {
  const room = new CONSTRUCTORS[elem](n + 1)
  room.set(array(elem, n, seed))
  return room.subarray(0, n)
}

/** Inputs by `make`, and each kind of output to the input at `at`. */
const written = (make: (elem: Elem, n: number) => unknown[], at: number): Call[] =>
  KINDS.flatMap(elem =>
    Array.from({ length: OUTPUTS }, (_, which) => () => {
      const inputs = make(elem, 19)
      return [...inputs, outputs(elem, inputs[at] as TypedArray)[which]]
    }),
  )

const twoAndOut = [0, 1].flatMap(at => written((elem, n) => [roomy(elem, n, 3), roomy(elem, n, 4)], at))
const oneAndOut = written((elem, n) => [roomy(elem, n, 3)], 0)
const numberAndOut = AWKWARD.flatMap(a => written((elem, n) => [a, roomy(elem, n, 3)], 1))

/** gemv: shapes that fit and some that do not. */
const systems: Call[] = (['f64', 'f32', 'i32'] as const).flatMap(elem =>
  [
    [5, 7],
    [7, 5],
    [0, 3],
    [3, 0],
    [4, 8],
    [5.5, 7],
    [-1, 7],
    [NaN, 7],
  ].flatMap(([m = 0, n = 0]) => {
    const [rows, columns] = [Math.max(0, Math.trunc(m) || 0), Math.max(0, Math.trunc(n) || 0)]
    return [columns, rows, columns + 1].map(length => () => [
      array(elem, rows * columns, 1),
      array(elem, length, 2),
      array(elem, rows, 3),
      m,
      n,
    ])
  }),
)

/** gemm: shapes that fit, some transposed, and some that do not. */
const products: Call[] = (['f64', 'f32'] as const).flatMap(elem =>
  [
    [3, 4, 5, 0],
    [1, 1, 1, 0],
    [0, 3, 2, 0],
    [3, 2, 0, 0],
    [9, 33, 270, 0],
    [3, 4, 5, 1],
    [-1, 4, 5, 0],
  ].map(([m = 0, n = 0, k = 0, more = 0]) => () => [
    array(elem, Math.max(0, m) * k + more, 1),
    array(elem, k * n, 2),
    array(elem, Math.max(0, m) * n, 3),
    m,
    n,
    k,
  ]),
)

const of = (name: string, fn: Fn, calls: readonly Call[]): LibraryCase => ({ name, fn, calls })
const sharing = (...given: Parameters<typeof of>): LibraryCase => ({ ...of(...given), shares: true })

export const LIBRARY_CASES: readonly LibraryCase[] = [
  of('sum', (x: Array64) => kernels.sum(x), ones()),
  of('mean', (x: Array64) => kernels.mean(x), ones()),
  of('variance', (x: Array64) => kernels.variance(x), ones()),
  of('variance of a sample', (x: Array64, freedom: number) => kernels.variance(x, freedom), [
    ...ones(1),
    ...[...AWKWARD, ...NO_NUMBERS].map(freedom => () => [array('f64', 3, 1), freedom]),
  ]),
  of('deviation', (x: Array64) => kernels.deviation(x, 1), ones()),
  of('dot', (x: Array64, y: Array64) => kernels.dot(x, y), twos()),
  of('euclidean', (x: Array64, y: Array64) => kernels.euclidean(x, y), twos()),
  of('manhattan', (x: Array64, y: Array64) => kernels.manhattan(x, y), twos()),
  of('cosine', (x: Array64, y: Array64) => kernels.cosine(x, y), twos()),
  of('hamming', (x: Array64, y: Array64) => kernels.hamming(x, y), twos()),
  of('hammingBits', (x: Uint8Array, y: Uint8Array) => kernels.hammingBits(x, y), twos()),
  of('norm', (x: Array64) => kernels.norm(x), [
    ...ones(),
    () => [Float64Array.of(3e200, 4e200)],
    () => [Float64Array.of(3e-200, 4e-200)],
    () => [Float64Array.of(3e-320, -0)],
  ]),
  of('norm 1', (x: Array64) => kernels.norm(x, 1), ones()),
  of('norm Infinity', (x: Array64) => kernels.norm(x, Infinity), ones()),
  of('min', (x: Array64) => kernels.min(x), ones()),
  of('max', (x: Array64) => kernels.max(x), ones()),
  of('argmin', (x: Array64) => kernels.argmin(x), ones()),
  of('argmax', (x: Array64) => kernels.argmax(x), ones()),
  of('add', (x: Array64, y: Array64) => kernels.add(x, y), twos()),
  of('add to out', (x: Array64, y: Array64, out: Array64) => kernels.add(x, y, out), twoAndOut),
  of('sub to out', (x: Array64, y: Array64, out: Array64) => kernels.sub(x, y, out), twoAndOut),
  of('mul to out', (x: Array64, y: Array64, out: Array64) => kernels.mul(x, y, out), twoAndOut),
  of('div to out', (x: Array64, y: Array64, out: Array64) => kernels.div(x, y, out), twoAndOut),
  of('add a number', (a: number, x: Array64, out: Array64) => kernels.add(x, a, out), numberAndOut),
  of('sub a number', (a: number, x: Array64, out: Array64) => kernels.sub(x, a, out), numberAndOut),
  of('mul by a number', (a: number, x: Array64, out: Array64) => kernels.mul(x, a, out), numberAndOut),
  of('div by a number', (a: number, x: Array64, out: Array64) => kernels.div(x, a, out), numberAndOut),
  of('scale', (a: number, x: Array64, out: Array64) => kernels.scale(a, x, out), numberAndOut),
  of('scale by what is none', (a: number, x: Array64) => kernels.scale(a, x), [
    ...NO_NUMBERS.map(a => () => [a, array('f64', 3, 1)]),
  ]),
  of(
    'axpy',
    (x: Array64, y: Array64, out: Array64) => {
      kernels.axpy(-1.1, x, y, out)
    },
    twoAndOut,
  ),
  of('axpy by an element', (x: Array64, y: Array64, i: number) => kernels.axpy(x[i]!, x, y, y), [
    ...[0, 2, 3, -1, 0.5].map(i => () => [array('f64', 3, 1), array('f64', 3, 2), i]),
  ]),
  of('clamp', (x: Array64, out: Array64) => kernels.clamp(x, -1.5, 3.25, out), oneAndOut),
  of('clamp between any bounds', (x: Array64, low: number, high: number) => kernels.clamp(x, low, high), [
    ...KINDS.flatMap(elem =>
      AWKWARD.flatMap(low => AWKWARD.map(high => () => [array(elem, 20, 1, true), low, high] as const)),
    ),
  ]),
  of('cumsum', (x: Array64, out: Array64) => kernels.cumsum(x, out), oneAndOut),
  of('crc32', (x: Uint8Array) => kernels.crc32(x), ones()),
  of('crc32 continued', (x: Uint8Array, seed: number) => kernels.crc32(x, seed), [
    ...[...AWKWARD, 2 ** 32 - 1, 2 ** 32, undefined].map(seed => () => [array('u8', 40, 1), seed]),
  ]),
  of('adler32', (x: Uint8Array) => kernels.adler32(x), ones()),
  of(
    'gemv',
    (a: Array64, x: Array64, out: Array64, m: number, n: number) =>
      kernels.gemv(a, x, { m, n, alpha: 1.5, beta: -0.5 }, out),
    systems,
  ),
  of(
    'gemm',
    (a: Array64, b: Array64, out: Array64, m: number, n: number, k: number) =>
      kernels.gemm(a, b, { m, n, k, alpha: 0.5, beta: 2 }, out),
    products,
  ),
  of(
    'gemm of transposed matrices, in a loop',
    (a: Array64, b: Array64, out: Array64, m: number, n: number, k: number) => {
      for (let i = 1; i <= 3; i++)
        kernels.gemm(a, b, { m, n, k, transposeA: true, transposeB: true, alpha: i, beta: 1 }, out)
    },
    products,
  ),
  of('gemm to an input', (a: Array64, b: Array64, n: number) => kernels.gemm(a, b, { m: n, n, k: n }, b), [
    () => [array('f64', 9, 1), array('f64', 9, 2), 3],
    () => [new Float64Array(0), new Float64Array(0), 0],
  ]),
  of(
    'gemv of the transposed matrix',
    (a: Array64, x: Array64, _out: Array64, m: number, n: number) => kernels.gemv(a, x, { m, n, transpose: true }),
    systems,
  ),
  sharing(
    'rows of a matrix',
    (rows: Array64, x: Array64, out: Array64) => {
      const n = x.length
      for (let i = 0; i < out.length; i++) out[i] = kernels.dot(rows.subarray(i * n, (i + 1) * n), x)
      return kernels.argmax(out)
    },
    [
      ...[1, 5, 40].map(n => () => [array('f64', 7 * n, 1), array('f64', n, 2), new Float64Array(7)]),
      () => [array('f32', 70, 1), array('f32', 10, 2), new Float32Array(7)],
      () => [array('f64', 69, 1), array('f64', 10, 2), new Float64Array(7)],
      () => {
        const x = array('f64', 7, 1)
        return [array('f64', 49, 2), x, x]
      },
    ],
  ),
  sharing(
    'a sum over rows, in order',
    (rows: Array64, x: Array64) => {
      const n = x.length
      const m = Math.floor(rows.length / n)
      let total = 0
      for (let i = 0; i < m; i++) total += kernels.cosine(rows.subarray(i * n, (i + 1) * n), x)
      return total
    },
    [1, 5, 40].map(n => () => [array('f64', 7 * n, 1), array('f64', n, 2)]),
  ),
  of(
    'rows that are written',
    (rows: Array64, x: Array64) => {
      const n = x.length
      const m = Math.floor(rows.length / n)
      for (let i = 1; i < m; i++) {
        const row = rows.subarray(i * n, (i + 1) * n)
        kernels.add(row, rows.subarray((i - 1) * n, i * n), row)
        rows[0] = kernels.sum(row)
      }
    },
    [1, 5, 40].map(n => () => [array('f64', 7 * n, 1), array('f64', n, 2)]),
  ),
  of(
    'one element through moving views',
    (x: Array64) => {
      for (let i = 0; i < x.length; i++) {
        const view = x.subarray(x.length - 1 - i)
        view[i] = view[i]! * 0.5 + i
      }
    },
    [0, 1, 9].map(n => () => [array('f64', n, 1)]),
  ),
  of(
    'the power method',
    (a: Array64, v: Array64, w: Array64, rounds: number) => {
      const n = v.length
      let length = 0
      for (let round = 0; round < rounds; round++) {
        kernels.gemv(a, v, { m: n, n }, w)
        length = kernels.norm(w)
        kernels.scale(1 / length, w, v)
      }
      return length
    },
    [2, 9].map(n => () => [array('f64', n * n, 1), array('f64', n, 2), new Float64Array(n), 5]),
  ),
  of(
    'a helper that calls the library',
    (x: Array64, y: Array64) => {
      const apart = (a: Array64, b: Array64): number => kernels.euclidean(a, b) / (kernels.norm(a) + kernels.norm(b))
      return apart(x, y) + apart(y, x)
    },
    twos(['f64', 'f32']),
  ),
]
