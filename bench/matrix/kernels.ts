import type { Argument } from '../arguments.ts'
/** Kernels whose work grows with the length of their arrays, as a user would write them. */

export interface SizedKernel {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  /** fresh arguments of this size */
  args(n: number): Argument[]
  /** sizes above are left out: the work grows faster than the length */
  readonly most?: number
  readonly math?: 'fast'
}

const f64 = (n: number, f: (i: number) => number = i => Math.sin(i) + 1.5): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => f(i))
const f32 = (n: number): Float32Array => Float32Array.from(f64(n))
const i32 = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => (i * 2654435761) | 0)
const u8 = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 167) & 255)

export const KERNELS: readonly SizedKernel[] = [
  {
    name: 'saxpy f64',
    fn(a: number, x: Float64Array, y: Float64Array) {
      for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
    },
    args: n => [1e-9, f64(n), f64(n)],
  },
  {
    name: 'saxpy f32',
    fn(a: number, x: Float32Array, y: Float32Array) {
      for (let i = 0; i < x.length; i++) y[i] = a * x[i]! + y[i]!
    },
    args: n => [1e-9, f32(n), f32(n)],
  },
  {
    name: 'sum f64',
    fn(x: Float64Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) sum += x[i]!
      return sum
    },
    args: n => [f64(n)],
  },
  {
    name: 'dot f64',
    fn(x: Float64Array, y: Float64Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
      return sum
    },
    args: n => [f64(n), f64(n)],
  },
  {
    name: 'scale',
    fn(x: Float64Array, k: number, out: Float64Array) {
      for (let i = 0; i < x.length; i++) out[i] = x[i]! * k
    },
    args: n => [f64(n), 3, new Float64Array(n)],
  },
  {
    name: 'clamp',
    fn(x: Float64Array, lo: number, hi: number) {
      for (let i = 0; i < x.length; i++) x[i] = Math.min(Math.max(x[i]!, lo), hi)
    },
    args: n => [f64(n), 0.6, 2.4],
  },
  {
    name: 'maximum',
    fn(x: Float64Array) {
      let most = -Infinity
      for (let i = 0; i < x.length; i++) if (x[i]! > most) most = x[i]!
      return most
    },
    args: n => [f64(n)],
  },
  {
    name: 'Euclidean distance',
    fn(x: Float64Array, y: Float64Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) {
        const d = x[i]! - y[i]!
        sum += d * d
      }
      return Math.sqrt(sum)
    },
    args: n => [f64(n), f64(n, i => Math.cos(i))],
  },
  {
    name: 'lengths of points',
    fn(x: Float64Array, y: Float64Array, z: Float64Array, out: Float64Array) {
      for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x[i]! * x[i]! + y[i]! * y[i]! + z[i]! * z[i]!)
    },
    args: n => [f64(n), f64(n), f64(n), new Float64Array(n)],
  },
  {
    name: 'polynomial',
    fn(x: Float64Array, out: Float64Array) {
      for (let i = 0; i < x.length; i++) {
        const t = x[i]!
        out[i] = ((((0.1 * t + 0.2) * t + 0.3) * t + 0.4) * t + 0.5) * t + 0.6
      }
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'wave',
    fn(x: Float64Array, out: Float64Array) {
      for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!) * Math.cos(x[i]!) + Math.sqrt(x[i]!)
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'wave, fast',
    math: 'fast',
    fn(x: Float64Array, out: Float64Array) {
      for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]!) * Math.cos(x[i]!) + Math.sqrt(x[i]!)
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'sum f64, fast',
    math: 'fast',
    fn(x: Float64Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) sum += x[i]!
      return sum
    },
    args: n => [f64(n)],
  },
  {
    name: 'dot f32, fast',
    math: 'fast',
    fn(x: Float32Array, y: Float32Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
      return sum
    },
    args: n => [f32(n), f32(n)],
  },
  {
    name: 'haversine, fast',
    math: 'fast',
    fn(lat: Float64Array, lon: Float64Array, out: Float64Array) {
      for (let i = 0; i < lat.length; i++) {
        const s = Math.sin(lat[i]! / 2)
        const t = Math.sin(lon[i]! / 2)
        out[i] = 2 * 6371 * Math.asin(Math.sqrt(s * s + Math.cos(lat[i]!) * t * t))
      }
    },
    args: n => [f64(n), f64(n), new Float64Array(n)],
  },
  {
    name: 'prefix sum',
    fn(x: Float64Array, out: Float64Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) {
        sum += x[i]!
        out[i] = sum
      }
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'moving average',
    fn(x: Float64Array, out: Float64Array) {
      for (let i = 2; i < x.length - 2; i++) out[i] = (x[i - 2]! + x[i - 1]! + x[i]! + x[i + 1]! + x[i + 2]!) / 5
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'differences',
    fn(x: Float64Array, out: Float64Array) {
      for (let i = 1; i < x.length; i++) out[i] = x[i]! - x[i - 1]!
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'biquad filter',
    fn(x: Float64Array, out: Float64Array) {
      let [a, b] = [0, 0]
      for (let i = 0; i < x.length; i++) {
        const w = x[i]! - 0.2 * a - 0.1 * b
        out[i] = 0.3 * w + 0.6 * a + 0.3 * b
        b = a
        a = w
      }
    },
    args: n => [f64(n), new Float64Array(n)],
  },
  {
    name: 'integer sum',
    fn(x: Int32Array) {
      let sum = 0
      for (let i = 0; i < x.length; i++) sum = (sum + x[i]!) | 0
      return sum
    },
    args: n => [i32(n)],
  },
  {
    name: 'xor shift hash',
    fn(x: Int32Array) {
      let h = 0x811c9dc5
      for (let i = 0; i < x.length; i++) h = Math.imul(h ^ x[i]!, 0x01000193)
      return h >>> 0
    },
    args: n => [i32(n)],
  },
  {
    name: 'population count',
    fn(x: Uint32Array) {
      let bits = 0
      for (let i = 0; i < x.length; i++) {
        let v = x[i]!
        v = v - ((v >>> 1) & 0x55555555)
        v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
        bits += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
      }
      return bits
    },
    args: n => [new Uint32Array(i32(n).buffer)],
  },
  {
    name: 'count of matches',
    fn(x: Int32Array, wanted: number) {
      let count = 0
      for (let i = 0; i < x.length; i++) if (x[i] === wanted) count++
      return count
    },
    args: n => [i32(n), 0],
  },
  {
    name: 'first above',
    fn(x: Float64Array, limit: number) {
      for (let i = 0; i < x.length; i++) if (x[i]! > limit) return i
      return -1
    },
    args: n => [f64(n), 9],
  },
  {
    name: 'histogram',
    fn(x: Uint8Array, counts: Uint32Array) {
      for (let i = 0; i < x.length; i++) counts[x[i]!]!++
    },
    args: n => [u8(n), new Uint32Array(256)],
  },
  {
    name: 'CRC-32',
    fn(x: Uint8Array, table: Uint32Array) {
      let crc = -1
      for (let i = 0; i < x.length; i++) crc = table[(crc ^ x[i]!) & 255]! ^ (crc >>> 8)
      return (crc ^ -1) >>> 0
    },
    args: n => [
      u8(n),
      Uint32Array.from({ length: 256 }, (_, k) => {
        let c = k
        for (let j = 0; j < 8; j++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
        return c >>> 0
      }),
    ],
  },
  {
    name: 'RGBA to gray',
    fn(rgba: Uint8Array, gray: Uint8Array) {
      for (let i = 0; i < gray.length; i++)
        gray[i] = (rgba[4 * i]! * 77 + rgba[4 * i + 1]! * 150 + rgba[4 * i + 2]! * 29) >> 8
    },
    args: n => [u8(4 * n), new Uint8Array(n)],
  },
  {
    name: 'alpha blend',
    fn(a: Uint8Array, b: Uint8Array, alpha: number) {
      for (let i = 0; i < a.length; i++) a[i] = (a[i]! * alpha + b[i]! * (256 - alpha)) >> 8
    },
    args: n => [u8(n), u8(n), 100],
  },
  {
    name: 'brightness, clamped',
    fn(pixels: Uint8ClampedArray, by: number) {
      for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! * by
    },
    args: n => [Uint8ClampedArray.from(u8(n)), 1.01],
  },
  {
    name: 'insertion sort of eights',
    fn(x: Float64Array) {
      for (let start = 0; start + 8 <= x.length; start += 8)
        for (let i = start + 1; i < start + 8; i++) {
          const value = x[i]!
          let j = i
          for (; j > start && x[j - 1]! > value; j--) x[j] = x[j - 1]!
          x[j] = value
        }
    },
    args: n => [f64(n)],
  },
  {
    name: 'Mandelbrot row',
    fn(out: Int32Array) {
      for (let i = 0; i < out.length; i++) {
        const cx = (3 * i) / out.length - 2
        let x = 0
        let y = 0
        let k = 0
        while (k < 64 && x * x + y * y < 4) {
          const t = x * x - y * y + cx
          y = 2 * x * y + 0.3
          x = t
          k++
        }
        out[i] = k
      }
    },
    args: n => [new Int32Array(n)],
    most: 100_000,
  },
  {
    name: 'matrix times vector',
    fn(a: Float64Array, x: Float64Array, y: Float64Array) {
      const n = x.length
      for (let i = 0; i < n; i++) {
        let sum = 0
        for (let j = 0; j < n; j++) sum += a[i * n + j]! * x[j]!
        y[i] = sum
      }
    },
    args: n => {
      const side = Math.max(1, Math.round(Math.sqrt(n)))
      return [f64(side * side), f64(side), new Float64Array(side)]
    },
  },
]
