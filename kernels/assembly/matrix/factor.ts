/**
 * Cholesky and LU factors and triangular solves, in blocks whose bulk is matrix multiplication (J. Dongarra et al., "A set
 * of level 3 basic linear algebra subprograms", ACM TOMS 16, 1990; LAPACK's potrf and getrf). Matrices are square, of n
 * rows of n elements.
 */
import { multiplyAdd } from './multiply'
import { addScaled, product, swapRows } from './rows'

const BLOCK: i32 = 32

// @ts-ignore: decorator
@inline function at<T>(a: usize, n: i32, i: i32, j: i32): usize { return a + <usize>(i * n + j) * sizeof<T>() }

/** The lower factor L of A = L Lᵀ in place (what is above the diagonal becomes 0), or the number of the row at which A is not positive definite. -1: done. */
// @ts-ignore: decorator
@inline function cholesky<T>(n: i32, a: usize, work: usize): i32 {
  for (let j0 = 0; j0 < n; j0 += BLOCK) {
    const j1 = min(n, j0 + BLOCK)
    // The block column, row by row: each element is a dot product of two rows of the block.
    for (let i = j0; i < n; i++) {
      const row = at<T>(a, n, i, j0)
      const last = min(i, j1 - 1)
      for (let j = j0; j <= last; j++) {
        const value = load<T>(at<T>(a, n, i, j)) - product<T>(row, at<T>(a, n, j, j0), j - j0)
        if (i != j) store<T>(at<T>(a, n, i, j), value / load<T>(at<T>(a, n, j, j)))
        else {
          if (!(value > <T>0) || value == <T>Infinity) return i
          store<T>(at<T>(a, n, i, i), sqrt<T>(value))
        }
      }
    }
    for (let i = j1; i < n; i += 4 * BLOCK) {
      const rows = min(4 * BLOCK, n - i)
      multiplyAdd<T>(
        rows, i + rows - j1, j1 - j0, <T>-1, at<T>(a, n, i, j0), n, 1, at<T>(a, n, j1, j0), 1, n, at<T>(a, n, i, j1), n, work,
      )
    }
  }
  for (let i = 0; i < n; i++) memory.fill(at<T>(a, n, i, i + 1), 0, <usize>(n - i - 1) * sizeof<T>())
  return -1
}

/** P A = L U in place (L without its unit diagonal); pivots[i] is the row exchanged with row i. The sign of the permutation. */
// @ts-ignore: decorator
@inline function lu<T>(n: i32, a: usize, pivots: usize, work: usize): i32 {
  let sign = 1
  for (let j0 = 0; j0 < n; j0 += BLOCK) {
    const j1 = min(n, j0 + BLOCK)
    for (let j = j0; j < j1; j++) {
      const pivot = largestBelow<T>(n, a, j)
      store<i32>(pivots + (<usize>j << 2), pivot)
      if (pivot != j) {
        swapRows<T>(at<T>(a, n, j, 0), at<T>(a, n, pivot, 0), n)
        sign = -sign
      }
      eliminate<T>(n, a, j, j1)
    }
    if (j1 == n) break
    for (let i = j0 + 1; i < j1; i++) {
      for (let p = j0; p < i; p++) addScaled<T>(-load<T>(at<T>(a, n, i, p)), at<T>(a, n, p, j1), at<T>(a, n, i, j1), n - j1)
    }
    multiplyAdd<T>(
      n - j1, n - j1, j1 - j0, <T>-1, at<T>(a, n, j1, j0), n, 1, at<T>(a, n, j0, j1), n, 1, at<T>(a, n, j1, j1), n, work,
    )
  }
  return sign
}

function largestBelow<T>(n: i32, a: usize, j: i32): i32 {
  let best = j
  let magnitude = abs<T>(load<T>(at<T>(a, n, j, j)))
  for (let i = j + 1; i < n; i++) {
    const candidate = abs<T>(load<T>(at<T>(a, n, i, j)))
    if (candidate > magnitude) {
      magnitude = candidate
      best = i
    }
  }
  return best
}

/** Column j below the diagonal becomes factors, and columns up to `end` what is left. A zero pivot leaves its column: it is zero. */
function eliminate<T>(n: i32, a: usize, j: i32, end: i32): void {
  const pivot = load<T>(at<T>(a, n, j, j))
  if (pivot == <T>0) return
  for (let i = j + 1; i < n; i++) {
    const factor = load<T>(at<T>(a, n, i, j)) / pivot
    store<T>(at<T>(a, n, i, j), factor)
    addScaled<T>(-factor, at<T>(a, n, j, j + 1), at<T>(a, n, i, j + 1), end - j - 1)
  }
}

/**
 * Solves op(A) X = B in place, B of n rows of r elements. `upper`: op(A) is upper triangular; element (i, j) of op(A) lies
 * at i · ra + j · ca, so that the transpose is the same matrix with the strides exchanged.
 */
// @ts-ignore: decorator
@inline function solve<T>(upper: bool, unit: bool, n: i32, r: i32, a: usize, ra: i32, ca: i32, b: usize, work: usize): void {
  for (let done = 0; done < n; done += BLOCK) {
    const size = min(BLOCK, n - done)
    const first = upper ? n - done - size : done
    const block = b + <usize>(first * r) * sizeof<T>()
    // What the rows solved so far contribute to this block.
    if (done > 0) {
      const from = upper ? first + size : 0
      multiplyAdd<T>(
        size, r, done, <T>-1, a + <usize>(first * ra + from * ca) * sizeof<T>(), ra, ca,
        b + <usize>(from * r) * sizeof<T>(), r, 1, block, r, work,
      )
    }
    for (let s = 0; s < size; s++) {
      const i = upper ? size - 1 - s : s
      const row = block + <usize>(i * r) * sizeof<T>()
      for (let t = 0; t < s; t++) {
        const p = upper ? size - 1 - t : t
        const factor = load<T>(a + <usize>((first + i) * ra + (first + p) * ca) * sizeof<T>())
        addScaled<T>(-factor, block + <usize>(p * r) * sizeof<T>(), row, r)
      }
      if (!unit) divideRow<T>(row, load<T>(a + <usize>((first + i) * (ra + ca)) * sizeof<T>()), r)
    }
  }
}

function divideRow<T>(x: usize, by: T, n: i32): void {
  const last = x + <usize>n * sizeof<T>()
  for (; x < last; x += sizeof<T>()) store<T>(x, load<T>(x) / by)
}

export function cholesky_f64(n: i32, a: usize, work: usize): i32 { return cholesky<f64>(n, a, work) }
export function cholesky_f32(n: i32, a: usize, work: usize): i32 { return cholesky<f32>(n, a, work) }
export function lu_f64(n: i32, a: usize, pivots: usize, work: usize): i32 { return lu<f64>(n, a, pivots, work) }
export function lu_f32(n: i32, a: usize, pivots: usize, work: usize): i32 { return lu<f32>(n, a, pivots, work) }
export function solve_f64(upper: bool, unit: bool, n: i32, r: i32, a: usize, ra: i32, ca: i32, b: usize, work: usize): void {
  solve<f64>(upper, unit, n, r, a, ra, ca, b, work)
}
export function solve_f32(upper: bool, unit: bool, n: i32, r: i32, a: usize, ra: i32, ca: i32, b: usize, work: usize): void {
  solve<f32>(upper, unit, n, r, a, ra, ca, b, work)
}

/** Exchanges the rows of B (of r elements) as lu exchanged those of A. */
export function permute_f64(n: i32, r: i32, pivots: usize, b: usize): void {
  for (let i = 0; i < n; i++) swapRows<f64>(b + <usize>(i * r) * 8, b + <usize>(load<i32>(pivots + (<usize>i << 2)) * r) * 8, r)
}
export function permute_f32(n: i32, r: i32, pivots: usize, b: usize): void {
  for (let i = 0; i < n; i++) swapRows<f32>(b + <usize>(i * r) * 4, b + <usize>(load<i32>(pivots + (<usize>i << 2)) * r) * 4, r)
}
