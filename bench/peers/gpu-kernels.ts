import type { Argument } from '../arguments.ts'

/**
 * The kernels that gpu.js can express: one function per cell of the output, which reads where it likes and writes its
 * own cell. Beyond it are scatters (histogram), recurrences (prefix sum, CRC-32), 32-bit integers (Monte-Carlo pi) and
 * early exits (find); softmax would be three kernels with passes between them.
 */
export interface GpuKernel {
  readonly cell: (this: Thread, ...args: never[]) => number
  /** cells along x, and along y */
  readonly output: (args: readonly Argument[]) => readonly [number] | readonly [number, number]
  readonly inputs: (args: readonly Argument[], rows: Rows) => readonly unknown[]
  readonly constants?: (args: readonly Argument[]) => Readonly<Record<string, number>>
  /** which argument the cells are; else the cells are partial results, and this makes one of them */
  readonly result: number | ((partial: Float32Array) => number)
}

export interface Thread {
  readonly thread: { readonly x: number; readonly y: number }
  readonly constants: Readonly<Record<string, number>>
}

/** The elements as a matrix, read by [y][x]. */
export type Rows = (elements: Argument | undefined, width: number, height: number) => unknown
type Vector = Float32Array
type Matrix = readonly Float32Array[]

const number = (arg: Argument | undefined): number => Number(arg)
const lengthOf = (arg: Argument | undefined): number => (typeof arg === 'object' ? arg.length : 0)
const all = (args: readonly Argument[]): readonly Argument[] => args
const butLast = (args: readonly Argument[]): readonly Argument[] => args.slice(0, -1)

/** Cells of a reduction; each takes every thousandth element. The bench has 100,000, a multiple. */
const PARTS = 1000
const parts = ([x]: readonly Argument[]) => ({ count: lengthOf(x) / PARTS, parts: PARTS })
const added = (partial: Float32Array): number => partial.reduce((a, b) => a + b)

const saxpy: GpuKernel = {
  cell: function (this: Thread, a: number, x: Vector, y: Vector) {
    return a * x[this.thread.x]! + y[this.thread.x]!
  },
  output: ([, x]) => [lengthOf(x)],
  inputs: all,
  result: 2,
}
const sum: GpuKernel = {
  cell: function (this: Thread, x: Vector) {
    let s = 0
    for (let k = 0; k < this.constants.count!; k++) s += x[k * this.constants.parts! + this.thread.x]!
    return s
  },
  output: () => [PARTS],
  inputs: all,
  constants: parts,
  result: added,
}
const dot: GpuKernel = {
  cell: function (this: Thread, x: Vector, y: Vector) {
    let s = 0
    for (let k = 0; k < this.constants.count!; k++) {
      const i = k * this.constants.parts! + this.thread.x
      s += x[i]! * y[i]!
    }
    return s
  },
  output: () => [PARTS],
  inputs: all,
  constants: parts,
  result: added,
}
const matmul: GpuKernel = {
  cell: function (this: Thread, a: Matrix, b: Matrix) {
    let s = 0
    for (let k = 0; k < this.constants.n!; k++) s += a[this.thread.y]![k]! * b[k]![this.thread.x]!
    return s
  },
  output: ([, , , n]) => [number(n), number(n)],
  inputs: ([a, b, , n], rows) => [rows(a, number(n), number(n)), rows(b, number(n), number(n))],
  constants: ([, , , n]) => ({ n: number(n) }),
  result: 2,
}

export const GPU_KERNELS: Readonly<Record<string, GpuKernel>> = {
  'saxpy f64': saxpy,
  'saxpy f32': saxpy,
  'sum f64': sum,
  'sum f32': sum,
  'dot f64': dot,
  'dot f32': dot,
  wave: {
    cell: function (this: Thread, x: Vector, y: Vector, z: Vector) {
      const i = this.thread.x
      return Math.sin(x[i]!) * Math.cos(y[i]!) + Math.sqrt(z[i]!) - 1.5
    },
    output: ([x]) => [lengthOf(x)],
    inputs: butLast,
    result: 3,
  },
  'Black-Scholes': {
    cell: function (this: Thread, spot: Vector, strike: number, years: number, rate: number, sigma: number) {
      const spread = sigma * Math.sqrt(years)
      const s = spot[this.thread.x]!
      const d1 = (Math.log(s / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
      const d2 = d1 - spread
      const t1 = 1 / (1 + 0.2316419 * Math.abs(d1))
      const t2 = 1 / (1 + 0.2316419 * Math.abs(d2))
      const p1 = t1 * (0.31938153 + t1 * (-0.356563782 + t1 * (1.781477937 + t1 * (-1.821255978 + t1 * 1.330274429))))
      const p2 = t2 * (0.31938153 + t2 * (-0.356563782 + t2 * (1.781477937 + t2 * (-1.821255978 + t2 * 1.330274429))))
      let cdf1 = 0.3989422804014327 * Math.exp(-0.5 * d1 * d1) * p1
      let cdf2 = 0.3989422804014327 * Math.exp(-0.5 * d2 * d2) * p2
      if (d1 >= 0) cdf1 = 1 - cdf1
      if (d2 >= 0) cdf2 = 1 - cdf2
      return s * cdf1 - strike * Math.exp(-rate * years) * cdf2
    },
    output: ([spot]) => [lengthOf(spot)],
    inputs: butLast,
    result: 5,
  },
  haversine: {
    cell: function (this: Thread, lat: Vector, lon: Vector, lat0: number, lon0: number) {
      const radians = Math.PI / 180
      const phi = lat[this.thread.x]! * radians
      const phi0 = lat0 * radians
      const a = Math.sin((phi - phi0) / 2)
      const b = Math.sin(((lon[this.thread.x]! - lon0) * radians) / 2)
      return 2 * 6371.0088 * Math.asin(Math.sqrt(a * a + Math.cos(phi) * Math.cos(phi0) * b * b))
    },
    output: ([lat]) => [lengthOf(lat)],
    inputs: butLast,
    result: 4,
  },
  'cosine similarity': {
    cell: function (this: Thread, rows: Matrix, query: Vector) {
      let both = 0
      let own = 0
      let other = 0
      for (let k = 0; k < this.constants.size!; k++) {
        const a = rows[this.thread.x]![k]!
        const b = query[k]!
        both += a * b
        own += a * a
        other += b * b
      }
      return both / Math.sqrt(own * other)
    },
    output: ([, , , count]) => [number(count)],
    inputs: ([x, query, , count, size], rows) => [rows(x, number(size), number(count)), query],
    constants: ([, , , , size]) => ({ size: number(size) }),
    result: 2,
  },
  'matmul 512 i-k-j': matmul,
  'matmul 256 i-j-k': matmul,
  'Mandelbrot 256²': {
    cell: function (this: Thread, limit: number) {
      const cx = (this.thread.x / this.constants.width!) * 3 - 2
      const cy = (this.thread.y / this.constants.height!) * 2 - 1
      let x = 0
      let y = 0
      let n = 0
      while (n < limit && x * x + y * y < 4) {
        const next = x * x - y * y + cx
        y = 2 * x * y + cy
        x = next
        n++
      }
      return n
    },
    output: ([, width, height]) => [number(width), number(height)],
    inputs: ([, , , limit]) => [limit],
    constants: ([, width, height]) => ({ width: number(width), height: number(height) }),
    result: 0,
  },
  'RGBA to grey': {
    cell: function (this: Thread, rgba: Vector) {
      const p = 4 * this.thread.x
      return Math.floor((rgba[p]! * 77 + rgba[p + 1]! * 150 + rgba[p + 2]! * 29) / 256)
    },
    output: ([, out]) => [lengthOf(out)],
    inputs: butLast,
    result: 1,
  },
  'alpha blend u8': {
    cell: function (this: Thread, a: Vector, b: Vector, alpha: Vector) {
      const i = this.thread.x
      return Math.floor((a[i]! * alpha[i]! + b[i]! * (255 - alpha[i]!) + 128) / 256)
    },
    output: ([a]) => [lengthOf(a)],
    inputs: butLast,
    result: 3,
  },
  'box blur 3×3 u8': {
    cell: function (this: Thread, src: Matrix) {
      const x = this.thread.x
      const y = this.thread.y
      if (x === 0 || y === 0 || x === this.constants.width! - 1 || y === this.constants.height! - 1) return 0
      let s = 0
      for (let j = -1; j < 2; j++) for (let i = -1; i < 2; i++) s += src[y + j]![x + i]!
      return Math.floor((s * 57) / 512)
    },
    output: ([, , width, height]) => [number(width), number(height)],
    inputs: ([src, , width, height], rows) => [rows(src, number(width), number(height))],
    constants: ([, , width, height]) => ({ width: number(width), height: number(height) }),
    result: 1,
  },
  'stencil 300²': {
    cell: function (this: Thread, src: Matrix) {
      const x = this.thread.x
      const y = this.thread.y
      if (x === 0 || y === 0 || x === this.constants.width! - 1 || y === this.constants.height! - 1) return 0
      return 0.2 * (src[y]![x]! + src[y]![x - 1]! + src[y]![x + 1]! + src[y - 1]![x]! + src[y + 1]![x]!)
    },
    output: ([, , width, height]) => [number(width), number(height)],
    inputs: ([src, , width, height], rows) => [rows(src, number(width), number(height))],
    constants: ([, , width, height]) => ({ width: number(width), height: number(height) }),
    result: 1,
  },
  'distances 2 k²': {
    cell: function (this: Thread, x: Vector, y: Vector, z: Vector) {
      const dx = x[this.thread.y]! - x[this.thread.x]!
      const dy = y[this.thread.y]! - y[this.thread.x]!
      const dz = z[this.thread.y]! - z[this.thread.x]!
      return Math.sqrt(dx * dx + dy * dy + dz * dz)
    },
    output: ([, , , , n]) => [number(n), number(n)],
    inputs: args => args.slice(0, 3),
    result: 3,
  },
  'polynomial, degree 9': {
    cell: function (this: Thread, x: Vector, coefficients: Vector) {
      let value = 0
      for (let k = 9; k >= 0; k--) value = value * x[this.thread.x]! + coefficients[k]!
      return value
    },
    output: ([x]) => [lengthOf(x)],
    inputs: butLast,
    result: 2,
  },
  'n-body 500²': {
    cell: function (this: Thread, x: Vector, y: Vector, z: Vector, m: Vector) {
      const i = this.thread.x
      let s = 0
      for (let j = 0; j < this.constants.n!; j++) {
        const dx = x[j]! - x[i]!
        const dy = y[j]! - y[i]!
        const dz = z[j]! - z[i]!
        const d = dx * dx + dy * dy + dz * dz + 0.01
        s += (m[j]! * dx) / (d * Math.sqrt(d))
      }
      return s
    },
    output: ([x]) => [lengthOf(x)],
    inputs: args => args.slice(0, 4),
    constants: ([x]) => ({ n: lengthOf(x) }),
    result: 4,
  },
  greatest: {
    cell: function (this: Thread, x: Vector) {
      let most = x[this.thread.x]!
      for (let k = 1; k < this.constants.count!; k++)
        most = Math.max(most, x[k * this.constants.parts! + this.thread.x]!)
      return most
    },
    output: () => [PARTS],
    inputs: all,
    constants: parts,
    result: partial => partial.reduce((a, b) => Math.max(a, b)),
  },
  'k-means step, k = 8': {
    cell: function (this: Thread, x: Vector, y: Vector, cx: Vector, cy: Vector) {
      let best = 0
      let least = 1e30
      for (let c = 0; c < 8; c++) {
        const dx = x[this.thread.x]! - cx[c]!
        const dy = y[this.thread.x]! - cy[c]!
        const d = dx * dx + dy * dy
        if (d < least) {
          least = d
          best = c
        }
      }
      return best
    },
    output: ([x]) => [lengthOf(x)],
    inputs: butLast,
    result: 4,
  },
  'moving average of 16': {
    cell: function (this: Thread, x: Vector) {
      let s = 0
      for (let k = 0; k < 16; k++) s += x[this.thread.x + k]!
      return s / 16
    },
    output: ([, out]) => [lengthOf(out)],
    inputs: ([x]) => [x],
    result: 1,
  },
}
