/**
 * Linear algebra over dense row-major matrices in typed arrays, f64 or f32: element (i, j) of a matrix of n columns is
 * x[i · n + j]. Computed in the kind of the arrays, without fused operations; the order of additions depends on the shape
 * alone.
 */
import { nameKernels } from '../../base/library.ts'
import { run } from './call.ts'
import {
  FLOATS,
  type Floats,
  kindOf,
  like,
  number,
  outputOf,
  whole,
  wrongLength,
  wrongMatrix,
  wrongValue,
} from './checks.ts'
import { entry } from './library.ts'

const FLAG = (value: boolean | undefined): number => (value ? 1 : 0)
const sizeOf = (elem: 'f64' | 'f32'): number => (elem === 'f64' ? 8 : 4)

/** Room that the multiplication of m × k by k × n needs: its packed slices (kernels/assembly/matrix/multiply.ts; also compiler/program/kernel-calls.ts). */
function workBytes(elem: 'f64' | 'f32', m: number, n: number, k: number): number {
  const depth = Math.min(k, 256)
  const rows = Math.min(m, 128) + 3
  const columns = Math.min(n, 1024) + 7
  return 256 + (rows + columns) * depth * sizeOf(elem)
}

export interface GemmShape {
  /** rows of the result */
  readonly m: number
  /** columns of the result */
  readonly n: number
  /** columns of op(A), rows of op(B) */
  readonly k: number
  /** `a` holds A transposed: k × m */
  readonly transposeA?: boolean
  /** `b` holds B transposed: n × k */
  readonly transposeB?: boolean
  /** default 1 */
  readonly alpha?: number
  /** what is in `out` is multiplied by this and kept; default 0: it is overwritten */
  readonly beta?: number
}

/**
 * alpha op(A) op(B) + beta out, m × n, in O(m n k), blocked for registers and caches (K. Goto, R. van de Geijn, ACM TOMS 34,
 * 2008). For k ≤ 256 every element has the bits of the plain i-k-j loop in this kind.
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103 when out overlaps a or b, IRIS4104
 */
export function gemm<T extends Floats>(a: T, b: T, shape: GemmShape, out?: T): T {
  const elem = kindOf('gemm', 'a', a, FLOATS)
  const m = whole('gemm', 'm', shape?.m, 0)
  const n = whole('gemm', 'n', shape.n, 0)
  const k = whole('gemm', 'k', shape.k, 0)
  like('gemm', 'a', a, elem, m * k)
  like('gemm', 'b', b, elem, k * n)
  const alpha = number('gemm', 'alpha', shape.alpha ?? 1)
  const beta = number('gemm', 'beta', shape.beta ?? 0)
  const inputs = [['a', a] as const, ['b', b] as const]
  const to = outputOf('gemm', out, elem, m * n, inputs)
  const [ra, ca] = shape.transposeA ? [1, m] : [k, 1]
  const [rb, cb] = shape.transposeB ? [1, k] : [n, 1]
  return run(
    call => {
      const work = call.room(workBytes(elem, m, n, k))
      const c = beta === 0 ? call.out(to) : call.inOut(to)
      return entry('matrix', `gemm_${elem}`)(m, n, k, alpha, call.in(a), ra, ca, call.in(b), rb, cb, beta, c, work)
    },
    () => to,
  )
}

export interface GemvShape {
  /** rows of A as it lies in `a` */
  readonly m: number
  /** columns of A as it lies in `a` */
  readonly n: number
  /** multiply by A transposed: x has m elements, the result n */
  readonly transpose?: boolean
  readonly alpha?: number
  readonly beta?: number
}

/** alpha op(A) x + beta out, in O(m n). @throws IrisError IRIS4101, IRIS4102, IRIS4103 when out overlaps a or x, IRIS4104 */
export function gemv<T extends Floats>(a: T, x: T, shape: GemvShape, out?: T): T {
  const elem = kindOf('gemv', 'a', a, FLOATS)
  const m = whole('gemv', 'm', shape?.m, 0)
  const n = whole('gemv', 'n', shape.n, 0)
  like('gemv', 'a', a, elem, m * n)
  like('gemv', 'x', x, elem, shape.transpose ? m : n)
  const alpha = number('gemv', 'alpha', shape.alpha ?? 1)
  const beta = number('gemv', 'beta', shape.beta ?? 0)
  const inputs = [['a', a] as const, ['x', x] as const]
  const to = outputOf('gemv', out, elem, shape.transpose ? n : m, inputs)
  const kernel = entry('matrix', `${shape.transpose ? 'gevm' : 'gemv'}_${elem}`)
  return run(
    call => kernel(m, n, alpha, call.in(a), call.in(x), beta, beta === 0 ? call.out(to) : call.inOut(to)),
    () => to,
  )
}

/** Side of the square matrix. @throws IrisError IRIS4102 */
function sideOf(kernel: string, name: string, a: Floats): number {
  const n = Math.round(Math.sqrt(a.length))
  if (n * n !== a.length) throw wrongLength(kernel, name, a.length, 'a square number')
  return n
}

/** A copy of `a` in `out`, or `a` itself where it is the output. */
function startFrom<T extends Floats>(kernel: string, a: T, elem: 'f64' | 'f32', out: T | undefined): T {
  const to = outputOf(kernel, out, elem, a.length, [['a', a]], true)
  if (to !== a) to.set(a)
  return to
}

/**
 * Lower triangular L with A = L Lᵀ, zeros above the diagonal; only the lower triangle of A is read. `out` may be a. O(n³ / 3).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4105 when A is not positive definite (out is then unspecified)
 */
export function cholesky<T extends Floats>(a: T, out?: T): T {
  const elem = kindOf('cholesky', 'a', a, FLOATS)
  const n = sideOf('cholesky', 'a', a)
  const to = startFrom('cholesky', a, elem, out)
  return run(
    call => {
      const work = call.room(workBytes(elem, n, n, 64))
      return entry('matrix', `cholesky_${elem}`)(n, call.inOut(to), work)
    },
    row => {
      if (row >= 0) throw wrongMatrix('cholesky', `the matrix is not positive definite (row ${row})`)
      return to
    },
  )
}

export interface LuFactors<T extends Floats = Floats> {
  /** U with its diagonal, below it L without its unit diagonal; n × n */
  readonly factors: T
  /** row pivots[i] was exchanged with row i, for i in order */
  readonly pivots: Int32Array
  /** of the permutation: 1 or -1 */
  readonly sign: number
}

/**
 * P A = L U with partial pivoting, blocked (LAPACK getrf). `out`, which may be a, takes the factors. A singular matrix has a
 * zero on the diagonal of U, at which {@link solve} and {@link inverse} fail. O(2 n³ / 3).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function lu<T extends Floats>(a: T, out?: T): LuFactors<T> {
  const elem = kindOf('lu', 'a', a, FLOATS)
  const n = sideOf('lu', 'a', a)
  const factors = startFrom('lu', a, elem, out)
  const pivots = new Int32Array(n)
  return run(
    call => {
      const work = call.room(workBytes(elem, n, n, 64))
      return entry('matrix', `lu_${elem}`)(n, call.inOut(factors), call.out(pivots), work)
    },
    sign => ({ factors, pivots, sign }),
  )
}

export interface TriangularOptions {
  /** the triangle of A that is read; default true */
  readonly lower?: boolean
  /** take the diagonal as ones */
  readonly unit?: boolean
  /** solve Aᵀ X = B */
  readonly transpose?: boolean
}

/**
 * X with op(A) X = B, A triangular n × n, B n × r (r = b.length / n). `out` may be b. O(n² r). A zero on the diagonal gives
 * infinities and NaN as division does. @throws IrisError IRIS4101, IRIS4102, IRIS4103
 */
export function triangularSolve<T extends Floats>(a: T, b: T, options: TriangularOptions = {}, out?: T): T {
  const elem = kindOf('triangularSolve', 'a', a, FLOATS)
  const n = sideOf('triangularSolve', 'a', a)
  const to = rightSide('triangularSolve', a, b, elem, n, out)
  const upper = FLAG(Boolean(options.lower ?? true) === Boolean(options.transpose))
  const [ra, ca] = options.transpose ? [1, n] : [n, 1]
  if (n === 0) return to
  const r = b.length / n
  return run(
    call => {
      const work = call.room(workBytes(elem, 64, r, n))
      const unit = FLAG(options.unit)
      return entry('matrix', `solve_${elem}`)(upper, unit, n, r, call.in(a), ra, ca, call.inOut(to), work)
    },
    () => to,
  )
}

function checkRight(kernel: string, b: Floats, elem: 'f64' | 'f32', n: number): void {
  kindOf(kernel, 'b', b, [elem])
  if (n === 0 ? b.length !== 0 : b.length % n !== 0) throw wrongLength(kernel, 'b', b.length, `a multiple of ${n}`)
}

/** The right-hand side, copied to where the solution goes. */
function rightSide<T extends Floats>(kernel: string, a: T, b: T, elem: 'f64' | 'f32', n: number, out?: T): T {
  checkRight(kernel, b, elem, n)
  const to = outputOf(kernel, out, elem, b.length, [['b', b]], true)
  outputOf(kernel, to, elem, b.length, [['a', a]])
  if (to !== b) to.set(b)
  return to
}

/**
 * X with A X = B from the factors of {@link lu}. `out` may be b. O(n² r).
 * @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4104 for pivots that lu() does not give, IRIS4105 when the matrix is singular
 */
export function luSolve<T extends Floats>(of: LuFactors<T>, b: T, out?: T): T {
  const elem = kindOf('luSolve', 'factors', of?.factors, FLOATS)
  const { factors, pivots } = of
  const n = sideOf('luSolve', 'factors', factors)
  like('luSolve', 'pivots', pivots, 'i32', n)
  const stray = pivots.findIndex((pivot, i) => pivot < i || pivot >= n)
  if (stray >= 0)
    throw wrongValue('luSolve', `pivots[${stray}]`, pivots[stray], `a whole number from ${stray} to ${n - 1}`)
  checkRight('luSolve', b, elem, n)
  for (let i = 0; i < n; i++)
    if (factors[i * n + i] === 0) throw wrongMatrix('luSolve', `the matrix is singular (column ${i})`)
  const to = rightSide('luSolve', factors, b, elem, n, out)
  if (n === 0) return to
  const r = b.length / n
  return run(
    call => {
      const work = call.room(workBytes(elem, 64, r, n))
      const [a, x] = [call.in(factors), call.inOut(to)]
      entry('matrix', `permute_${elem}`)(n, r, call.in(pivots), x)
      entry('matrix', `solve_${elem}`)(0, 1, n, r, a, n, 1, x, work)
      return entry('matrix', `solve_${elem}`)(1, 0, n, r, a, n, 1, x, work)
    },
    () => to,
  )
}

/** X with A X = B, A n × n, B n × r, by {@link lu}. `out` may be b. @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4105 */
export function solve<T extends Floats>(a: T, b: T, out?: T): T {
  kindOf('solve', 'b', b, [kindOf('solve', 'a', a, FLOATS)])
  return luSolve(lu(a), b, out)
}

/** X with A X = B from the factor of {@link cholesky}. `out` may be b. @throws IrisError IRIS4101, IRIS4102, IRIS4103 */
export function choleskySolve<T extends Floats>(factor: T, b: T, out?: T): T {
  const y = triangularSolve(factor, b, { lower: true }, out)
  return triangularSolve(factor, y, { lower: true, transpose: true }, y)
}

/** A⁻¹ by {@link lu}; `out` may not be a. Prefer {@link solve}. O(2 n³). @throws IrisError IRIS4101, IRIS4102, IRIS4103, IRIS4105 */
export function inverse<T extends Floats>(a: T, out?: T): T {
  const elem = kindOf('inverse', 'a', a, FLOATS)
  const n = sideOf('inverse', 'a', a)
  const to = outputOf('inverse', out, elem, a.length, [['a', a]])
  to.fill(0)
  for (let i = 0; i < n; i++) to[i * n + i] = 1
  return luSolve(lu(a), to, to)
}

/** Determinant by {@link lu}; 1 for the empty matrix. @throws IrisError IRIS4101, IRIS4102 */
export function determinant(a: Floats): number {
  kindOf('determinant', 'a', a, FLOATS)
  const n = sideOf('determinant', 'a', a)
  const { factors, sign } = lu(a)
  let product = sign
  for (let i = 0; i < n; i++) product *= factors[i * n + i]!
  return product
}

nameKernels({ gemm, gemv, cholesky, lu, triangularSolve, luSolve, solve, choleskySolve, inverse, determinant })
