import { type BenchKernel, u8 } from './kernel.ts'

const SIDE = 256
const PIXELS = SIDE * SIDE

function gray(rgba: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = (rgba[4 * i]! * 77 + rgba[4 * i + 1]! * 150 + rgba[4 * i + 2]! * 29) >> 8
  }
}

/** Blends a over b by a's alpha channel, as canvas does with bytes. */
function alphaBlend(a: Uint8Array, b: Uint8Array, out: Uint8ClampedArray): void {
  for (let i = 0; i < a.length; i += 4) {
    const alpha = a[i + 3]! / 255
    out[i] = a[i]! * alpha + b[i]! * (1 - alpha)
    out[i + 1] = a[i + 1]! * alpha + b[i + 1]! * (1 - alpha)
    out[i + 2] = a[i + 2]! * alpha + b[i + 2]! * (1 - alpha)
    out[i + 3] = 255
  }
}

/** Horizontal box blur of a grey image with a running sum. */
function boxBlur(src: Uint8Array, dst: Uint8Array, width: number, height: number, radius: number): void {
  const window = 2 * radius + 1
  for (let y = 0; y < height; y++) {
    let sum = 0
    for (let x = -radius; x <= radius; x++) sum += src[y * width + Math.min(width - 1, Math.max(0, x))]!
    for (let x = 0; x < width; x++) {
      dst[y * width + x] = Math.round(sum / window)
      sum += src[y * width + Math.min(width - 1, x + radius + 1)]! - src[y * width + Math.max(0, x - radius)]!
    }
  }
}

function sobel(src: Uint8Array, dst: Uint8ClampedArray, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const gx =
        src[i - width + 1]! +
        2 * src[i + 1]! +
        src[i + width + 1]! -
        src[i - width - 1]! -
        2 * src[i - 1]! -
        src[i + width - 1]!
      const gy =
        src[i + width - 1]! +
        2 * src[i + width]! +
        src[i + width + 1]! -
        src[i - width - 1]! -
        2 * src[i - width]! -
        src[i - width + 1]!
      dst[i] = Math.sqrt(gx * gx + gy * gy)
    }
  }
}

function histogram(bytes: Uint8Array, counts: Uint32Array): void {
  for (let i = 0; i < counts.length; i++) counts[i] = 0
  for (let i = 0; i < bytes.length; i++) counts[bytes[i]!]!++
}

function mandelbrot(out: Uint8Array, width: number, height: number, limit: number): void {
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const cx = (px / width) * 3 - 2
      const cy = (py / height) * 2 - 1
      let x = 0
      let y = 0
      let n = 0
      while (n < limit && x * x + y * y < 4) {
        const next = x * x - y * y + cx
        y = 2 * x * y + cy
        x = next
        n++
      }
      out[py * width + px] = n
    }
  }
}

function life(src: Uint8Array, dst: Uint8Array, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const around =
        src[i - width - 1]! +
        src[i - width]! +
        src[i - width + 1]! +
        src[i - 1]! +
        src[i + 1]! +
        src[i + width - 1]! +
        src[i + width]! +
        src[i + width + 1]!
      dst[i] = around === 3 || (around === 2 && src[i] === 1) ? 1 : 0
    }
  }
}

const cells = (): Uint8Array => u8(PIXELS).map(value => value & 1)

export const images: readonly BenchKernel[] = [
  { name: 'RGBA to grey', elements: PIXELS, fn: gray, args: () => [u8(4 * PIXELS), u8(PIXELS)] },
  {
    name: 'alpha blend',
    elements: PIXELS,
    fn: alphaBlend,
    args: () => [u8(4 * PIXELS), u8(4 * PIXELS, 2), new Uint8ClampedArray(4 * PIXELS)],
  },
  { name: 'box blur', elements: PIXELS, fn: boxBlur, args: () => [u8(PIXELS), u8(PIXELS), SIDE, SIDE, 5] },
  { name: 'Sobel', elements: PIXELS, fn: sobel, args: () => [u8(PIXELS), new Uint8ClampedArray(PIXELS), SIDE, SIDE] },
  { name: 'histogram', elements: PIXELS, fn: histogram, args: () => [u8(PIXELS), new Uint32Array(256)] },
  {
    name: 'Mandelbrot 128², 256',
    elements: 128 ** 2,
    fn: mandelbrot,
    args: () => [new Uint8Array(128 ** 2), 128, 128, 255],
  },
  { name: 'game of life', elements: PIXELS, fn: life, args: () => [cells(), new Uint8Array(PIXELS), SIDE, SIDE] },
]
