/**
 * C += alpha A B for matrices in any layout of rows and columns (strides in elements), after K. Goto and R. van de Geijn,
 * "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008: B is packed in slices of KC × NC, A in slices of
 * MC × KC, and a kernel multiplies MR rows by two vectors of columns in eight registers. Every element of C is added in
 * order of k within slices of KC, and the slices in order, whatever the sizes of the matrices.
 */

/** Rows in registers. */
const MR: i32 = 4
/** Depth of a slice; 4 packed rows of it fit the first-level cache beside 2 vectors of columns. */
export const KC: i32 = 256
/** Rows of A packed at a time: in the second-level cache. */
export const MC: i32 = 128
/** Columns of B packed at a time: in the third-level cache. */
export const NC: i32 = 1024

// @ts-ignore: decorator
@inline function lanesOf<T>(): i32 { return 16 / <i32>sizeof<T>() }

/** Panels of MR rows, for each k the MR elements of a column, zeros below the last row. */
function packA<T>(to: usize, a: usize, rows: i32, depth: i32, rowStride: i32, columnStride: i32): void {
  const step = <usize>columnStride * sizeof<T>()
  for (let i = 0; i < rows; i += MR) {
    const p0 = a + <usize>(i * rowStride) * sizeof<T>()
    const p1 = p0 + <usize>rowStride * sizeof<T>()
    const p2 = p1 + <usize>rowStride * sizeof<T>()
    const p3 = p2 + <usize>rowStride * sizeof<T>()
    const present = rows - i
    for (let k = 0; k < depth; k++) {
      const at = <usize>k * step
      store<T>(to, load<T>(p0 + at))
      store<T>(to, present > 1 ? load<T>(p1 + at) : <T>0, sizeof<T>())
      store<T>(to, present > 2 ? load<T>(p2 + at) : <T>0, 2 * sizeof<T>())
      store<T>(to, present > 3 ? load<T>(p3 + at) : <T>0, 3 * sizeof<T>())
      to += MR * sizeof<T>()
    }
  }
}

/** Panels of two vectors of columns, for each k a row of the panel, zeros right of the last column. */
function packB<T>(to: usize, b: usize, depth: i32, columns: i32, rowStride: i32, columnStride: i32): void {
  const NR = 2 * lanesOf<T>()
  for (let j = 0; j < columns; j += NR) {
    const from = b + <usize>(j * columnStride) * sizeof<T>()
    const present = min(NR, columns - j)
    for (let k = 0; k < depth; k++) {
      const row = from + <usize>(k * rowStride) * sizeof<T>()
      if (columnStride == 1 && present == NR) {
        v128.store(to, v128.load(row))
        v128.store(to, v128.load(row, 16), 16)
      } else {
        for (let c = 0; c < NR; c++) {
          const value = c < present ? load<T>(row + <usize>(c * columnStride) * sizeof<T>()) : <T>0
          store<T>(to + <usize>c * sizeof<T>(), value)
        }
      }
      to += 32
    }
  }
}

// @ts-ignore: decorator
@inline function splatAt<T>(p: usize, index: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_splat(p + index * 8)
  return v128.load32_splat(p + index * 4)
}

// @ts-ignore: decorator
@inline function mad<T>(sum: v128, x: v128, y: v128): v128 { return v128.add<T>(sum, v128.mul<T>(x, y)) }

/** c[0..3][two vectors] += alpha · packed A · packed B; `stride` in bytes. */
function tile<T>(depth: i32, a: usize, b: usize, alpha: T, c: usize, stride: usize): void {
  let s00 = v128.splat<T>(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00
  const end = b + (<usize>depth << 5)
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16)
    let x = splatAt<T>(a, 0)
    s00 = mad<T>(s00, x, b0)
    s01 = mad<T>(s01, x, b1)
    x = splatAt<T>(a, 1)
    s10 = mad<T>(s10, x, b0)
    s11 = mad<T>(s11, x, b1)
    x = splatAt<T>(a, 2)
    s20 = mad<T>(s20, x, b0)
    s21 = mad<T>(s21, x, b1)
    x = splatAt<T>(a, 3)
    s30 = mad<T>(s30, x, b0)
    s31 = mad<T>(s31, x, b1)
    a += MR * sizeof<T>()
    b += 32
  }
  const factor = v128.splat<T>(alpha)
  addRow<T>(c, factor, s00, s01)
  addRow<T>(c + stride, factor, s10, s11)
  addRow<T>(c + 2 * stride, factor, s20, s21)
  addRow<T>(c + 3 * stride, factor, s30, s31)
}

// @ts-ignore: decorator
@inline function addRow<T>(c: usize, alpha: v128, x: v128, y: v128): void {
  v128.store(c, mad<T>(v128.load(c), alpha, x))
  v128.store(c, mad<T>(v128.load(c, 16), alpha, y), 16)
}

/** A tile that reaches beyond the matrix: computed apart, of which the part inside is added. */
function edge<T>(depth: i32, a: usize, b: usize, alpha: T, c: usize, stride: usize, rows: i32, columns: i32, spare: usize): void {
  memory.fill(spare, 0, 4 * 32)
  tile<T>(depth, a, b, alpha, spare, 32)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = c + <usize>i * stride + <usize>j * sizeof<T>()
      store<T>(at, load<T>(at) + load<T>(spare + (<usize>i << 5) + <usize>j * sizeof<T>()))
    }
  }
}

/**
 * `work`: room for the packed slices and a tile (see workBytes in src/kernels/matrix.ts). C has rows of `ldc` elements.
 */
export function multiplyAdd<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, ra: i32, ca: i32, b: usize, rb: i32, cb: i32, c: usize, ldc: i32, work: usize,
): void {
  const NR = 2 * lanesOf<T>()
  const spare = work
  const packedA = work + 128
  const depthMost = min(k, KC)
  const packedB = packedA + <usize>((min(m, MC) + 3) & ~3) * depthMost * sizeof<T>()
  const stride = <usize>ldc * sizeof<T>()
  for (let j0 = 0; j0 < n; j0 += NC) {
    const columns = min(NC, n - j0)
    for (let k0 = 0; k0 < k; k0 += KC) {
      const depth = min(KC, k - k0)
      packB<T>(packedB, b + <usize>(k0 * rb + j0 * cb) * sizeof<T>(), depth, columns, rb, cb)
      for (let i0 = 0; i0 < m; i0 += MC) {
        const rows = min(MC, m - i0)
        packA<T>(packedA, a + <usize>(i0 * ra + k0 * ca) * sizeof<T>(), rows, depth, ra, ca)
        for (let j = 0; j < columns; j += NR) {
          const pb = packedB + <usize>(j * depth) * sizeof<T>()
          for (let i = 0; i < rows; i += MR) {
            const pa = packedA + <usize>(i * depth) * sizeof<T>()
            const at = c + <usize>(i0 + i) * stride + <usize>(j0 + j) * sizeof<T>()
            if (rows - i >= MR && columns - j >= NR) tile<T>(depth, pa, pb, alpha, at, stride)
            else edge<T>(depth, pa, pb, alpha, at, stride, min(MR, rows - i), min(NR, columns - j), spare)
          }
        }
      }
    }
  }
}

/** c = beta c, zero for beta = 0 whatever was there. */
function prepare<T>(m: i32, n: i32, beta: T, c: usize): void {
  const bytes = <usize>(m * n) * sizeof<T>()
  if (beta == <T>1) return
  if (beta == <T>0) memory.fill(c, 0, bytes)
  else for (let at = c; at < c + bytes; at += sizeof<T>()) store<T>(at, beta * load<T>(at))
}

export function gemm_f64(
  m: i32, n: i32, k: i32, alpha: f64, a: usize, ra: i32, ca: i32, b: usize, rb: i32, cb: i32, beta: f64, c: usize, work: usize,
): void {
  prepare<f64>(m, n, beta, c)
  multiplyAdd<f64>(m, n, k, alpha, a, ra, ca, b, rb, cb, c, n, work)
}
export function gemm_f32(
  m: i32, n: i32, k: i32, alpha: f32, a: usize, ra: i32, ca: i32, b: usize, rb: i32, cb: i32, beta: f32, c: usize, work: usize,
): void {
  prepare<f32>(m, n, beta, c)
  multiplyAdd<f32>(m, n, k, alpha, a, ra, ca, b, rb, cb, c, n, work)
}
