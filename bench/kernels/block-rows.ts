import FFT from 'fft.js'
import { CholeskyDecomposition, LuDecomposition, Matrix, solve } from 'ml-matrix'
import { kernels } from '../../src/kernels/index.ts'
import { blurRows, grayLoop, ikj, topRows } from './loops.ts'
import { bytes, type KernelRow, near, noise } from './row.ts'

const SIDE = 512
const SQUARE = { m: SIDE, n: SIDE, k: SIDE }
const f64 = (n: number, seed?: number): Float64Array => noise(new Float64Array(n), seed)
const f32 = (n: number, seed?: number): Float32Array => noise(new Float32Array(n), seed)
const matrixOf = (x: Float64Array, columns: number): Matrix =>
  Matrix.from1DArray(x.length / columns, columns, Array.from(x))
const flat = (x: Matrix): number[] => x.to1DArray()

/** A matrix that is symmetric and positive definite. */
function definite(): Float64Array {
  const g = f64(SIDE * SIDE)
  const a = kernels.gemm(g, g, { ...SQUARE, transposeB: true })
  for (let i = 0; i < SIDE; i++) a[i * SIDE + i]! += SIDE
  return a
}

/** Linear algebra, Fourier transforms, search and images. */
export const blockRows: readonly KernelRow[] = [
  {
    name: 'gemm f64, 512²',
    peer: 'ml-matrix mmul',
    elements: SIDE * SIDE,
    prepare: place => {
      const [a, b] = [f64(SIDE * SIDE, 1), f64(SIDE * SIDE, 2)]
      const [A, B] = [matrixOf(a, SIDE), matrixOf(b, SIDE)]
      const [x, y, out] = [place(a), place(b), place(new Float64Array(a.length))]
      const close = near(1e-9)
      return {
        theirs: () => A.mmul(B),
        ours: () => kernels.gemm(x, y, SQUARE, out),
        agree: (o, t) => close(o, flat(t as Matrix)),
      }
    },
  },
  ...[Float64Array, Float32Array].map(
    (kind): KernelRow => ({
      name: `gemm ${kind === Float64Array ? 'f64' : 'f32'}, 512², plain`,
      peer: 'plain loop i-k-j',
      elements: SIDE * SIDE,
      prepare: place => {
        const [a, b] = [noise(new kind(SIDE * SIDE), 1), noise(new kind(SIDE * SIDE), 2)] as [
          Float64Array,
          Float64Array,
        ]
        const product = ikj(kind === Float64Array ? 'f64' : 'f32')
        const c = new kind(SIDE * SIDE) as Float64Array
        const [x, y, out] = [place(a.slice()), place(b.slice()), place(c.slice())]
        return {
          theirs: () => product(a, b, c, SIDE),
          ours: () => kernels.gemm(x, y, SQUARE, out),
          agree: near(kind === Float64Array ? 1e-9 : 1e-3),
        }
      },
    }),
  ),
  {
    name: 'gemv f64, 512²',
    peer: 'ml-matrix mmul',
    elements: SIDE * SIDE,
    prepare: place => {
      const [a, b] = [f64(SIDE * SIDE), f64(SIDE, 2)]
      const [A, B] = [matrixOf(a, SIDE), matrixOf(b, 1)]
      const [x, y, out] = [place(a), place(b), place(new Float64Array(SIDE))]
      const close = near(1e-9)
      return {
        theirs: () => A.mmul(B),
        ours: () => kernels.gemv(x, y, { m: SIDE, n: SIDE }, out),
        agree: (o, t) => close(o, flat(t as Matrix)),
      }
    },
  },
  {
    name: 'LU f64, 512²',
    peer: 'ml-matrix LuDecomposition',
    elements: SIDE * SIDE,
    prepare: place => {
      const a = f64(SIDE * SIDE)
      const [A, x] = [matrixOf(a, SIDE), place(a)]
      const out = place(new Float64Array(a.length))
      const close = near(1e-6)
      return {
        theirs: () => new LuDecomposition(A),
        ours: () => kernels.lu(x, out),
        agree: (o, t) =>
          close(
            Math.abs((o as { factors: Float64Array }).factors[SIDE * SIDE - 1]!),
            Math.abs((t as LuDecomposition).upperTriangularMatrix.get(SIDE - 1, SIDE - 1)),
          ),
      }
    },
  },
  {
    name: 'Cholesky f64, 512²',
    peer: 'ml-matrix CholeskyDecomposition',
    elements: SIDE * SIDE,
    prepare: place => {
      const a = definite()
      const [A, x] = [matrixOf(a, SIDE), place(a)]
      const out = place(new Float64Array(a.length))
      const close = near(1e-9)
      return {
        theirs: () => new CholeskyDecomposition(A),
        ours: () => kernels.cholesky(x, out),
        agree: (o, t) => close(o, flat((t as CholeskyDecomposition).lowerTriangularMatrix)),
      }
    },
  },
  {
    name: 'solve f64, 512², 1 right side',
    peer: 'ml-matrix solve',
    elements: SIDE * SIDE,
    prepare: place => {
      const [a, b] = [f64(SIDE * SIDE), f64(SIDE, 2)]
      const [A, B, x, y] = [matrixOf(a, SIDE), matrixOf(b, 1), place(a), place(b)]
      const close = near(1e-6)
      return {
        theirs: () => solve(A, B),
        ours: () => kernels.solve(x, y),
        agree: (o, t) => close(o, flat(t as Matrix)),
      }
    },
  },
  {
    name: 'FFT real, 2^16',
    peer: 'fft.js realTransform',
    elements: 65_536,
    prepare: place => {
      const n = 65_536
      const fft = new FFT(n)
      const [x, theirs] = [f64(n), fft.createComplexArray()]
      const [y, out] = [place(x.slice()), place(new Float64Array(n + 2))]
      const close = near(1e-9)
      return {
        theirs: () => fft.realTransform(theirs, x),
        ours: () => kernels.rfft(y, out),
        agree: o => close((o as Float64Array).slice(0, n), theirs.slice(0, n)),
      }
    },
  },
  {
    name: 'FFT complex, 2^16',
    peer: 'fft.js transform',
    elements: 65_536,
    prepare: place => {
      const n = 65_536
      const fft = new FFT(n)
      const [x, theirs] = [f64(2 * n), fft.createComplexArray()]
      const [y, out] = [place(x.slice()), place(new Float64Array(2 * n))]
      const close = near(1e-9)
      return { theirs: () => fft.transform(theirs, x), ours: () => kernels.fft(y, out), agree: o => close(o, theirs) }
    },
  },
  {
    name: 'top 10 of 100 k × 384 f32, cosine',
    peer: 'plain loop',
    elements: 38_400_000,
    prepare: place => {
      const [matrix, query] = [f32(38_400_000), f32(384, 2)]
      const x = place(matrix)
      return {
        theirs: () => topRows(matrix, query, 10),
        ours: () => kernels.topK(x, query, { k: 10 }).indices,
        agree: near(0),
      }
    },
  },
  {
    name: 'grayscale, 512²',
    peer: 'plain loop',
    elements: SIDE * SIDE,
    prepare: place => {
      const x = bytes(4 * SIDE * SIDE)
      const theirs = new Uint8Array(SIDE * SIDE)
      const [y, out] = [place(x.slice()), place(theirs.slice())]
      return { theirs: () => grayLoop(x, theirs), ours: () => kernels.grayscale(y, out), agree: near(0) }
    },
  },
  {
    name: 'box blur, 512², radius 8',
    peer: 'plain loop (running sums)',
    elements: SIDE * SIDE,
    prepare: place => {
      const x = bytes(4 * SIDE * SIDE)
      const [y, out] = [place(x.slice()), place(x.slice())]
      return {
        theirs: () => blurRows(x, SIDE, SIDE, 8),
        ours: () => kernels.boxBlur(y, { width: SIDE, radius: 8 }, out),
        agree: near(0),
      }
    },
  },
]
