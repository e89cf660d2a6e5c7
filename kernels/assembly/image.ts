/** Images of bytes, four channels a pixel (RGBA) unless stated. Rounding is exact: see each function. */

// @ts-ignore: decorator
@inline function low(x: v128): v128 { return i16x8.extend_low_i8x16_u(x) }
// @ts-ignore: decorator
@inline function high(x: v128): v128 { return i16x8.extend_high_i8x16_u(x) }
/** The four bytes at p as 32-bit lanes. */
// @ts-ignore: decorator
@inline function pixel(p: usize): v128 { return i32x4.extend_low_i16x8_u(low(v128.load32_zero(p))) }
/** 32-bit lanes as four bytes, saturated. */
// @ts-ignore: decorator
@inline function putPixel(p: usize, lanes: v128): void {
  const words = i16x8.narrow_i32x4_s(lanes, lanes)
  v128.store32_lane(p, i8x16.narrow_i16x8_u(words, words), 0)
}

/** Eight weighted sums of the pixels in a and b, in 16 bits: (77 R + 150 G + 29 B + 128) / 256. */
// @ts-ignore: decorator
@inline function gray8(a: v128, b: v128): v128 {
  const rg = i8x16.shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29)
  const blue = i8x16.shuffle(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30)
  const sum = i16x8.add(
    i16x8.add(i16x8.extmul_low_i8x16_u(rg, i8x16.splat(77)), i16x8.extmul_high_i8x16_u(rg, i8x16.splat(<i8>150))),
    i16x8.add(i16x8.extmul_low_i8x16_u(blue, i8x16.splat(29)), i16x8.splat(128)),
  )
  return i16x8.shr_u(sum, 8)
}

/** n pixels to n bytes. */
export function grayscale(x: usize, n: i32, out: usize): void {
  const end = out + <usize>(n & ~15)
  const last = out + <usize>n
  for (; out < end; out += 16, x += 64) {
    const first = gray8(v128.load(x), v128.load(x, 16))
    const second = gray8(v128.load(x, 32), v128.load(x, 48))
    v128.store(out, i8x16.narrow_i16x8_u(first, second))
  }
  for (; out < last; out++, x += 4) {
    store<u8>(out, (77 * <u32>load<u8>(x) + 150 * <u32>load<u8>(x, 1) + 29 * <u32>load<u8>(x, 2) + 128) >> 8)
  }
}

/** Sums of `size` pixels divided by it, to nearest, halves up: the quotient of floats is exact enough for size < 2^15. */
// @ts-ignore: decorator
@inline function mean(sum: v128, half: v128, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(i32x4.add(i32x4.add(sum, sum), half)), inverse))
}

/** Means of 2 r + 1 neighbours in each row; pixels outside are those of the edge. */
export function boxRows(x: usize, width: i32, height: i32, r: i32, out: usize): void {
  const size = 2 * r + 1
  const half = i32x4.splat(size), twice = f32x4.splat(<f32>size + <f32>size)
  for (let row = 0; row < height; row++) {
    const line = x + (<usize>(row * width) << 2)
    let sum = i32x4.mul(pixel(line), i32x4.splat(r + 1))
    for (let i = 1; i <= r; i++) sum = i32x4.add(sum, pixel(line + (<usize>min(i, width - 1) << 2)))
    for (let i = 0; i < width; i++, out += 4) {
      putPixel(out, mean(sum, half, twice))
      const enters = line + (<usize>min(i + r + 1, width - 1) << 2)
      const leaves = line + (<usize>max(i - r, 0) << 2)
      sum = i32x4.add(sum, i32x4.sub(pixel(enters), pixel(leaves)))
    }
  }
}

/** The same in columns; `sums` has room for 16 bytes a column. */
export function boxColumns(x: usize, width: i32, height: i32, r: i32, out: usize, sums: usize): void {
  const size = 2 * r + 1
  const half = i32x4.splat(size), twice = f32x4.splat(<f32>size + <f32>size)
  const line = <usize>width << 2
  for (let j = 0; j < width; j++) v128.store(sums + (<usize>j << 4), i32x4.mul(pixel(x + (<usize>j << 2)), i32x4.splat(r + 1)))
  for (let i = 1; i <= r; i++) {
    const from = x + <usize>min(i, height - 1) * line
    for (let j = 0; j < width; j++) {
      const at = sums + (<usize>j << 4)
      v128.store(at, i32x4.add(v128.load(at), pixel(from + (<usize>j << 2))))
    }
  }
  for (let i = 0; i < height; i++) {
    const enters = x + <usize>min(i + r + 1, height - 1) * line
    const leaves = x + <usize>max(i - r, 0) * line
    for (let j = 0; j < width; j++, out += 4) {
      const at = sums + (<usize>j << 4)
      const sum = v128.load(at)
      putPixel(out, mean(sum, half, twice))
      v128.store(at, i32x4.add(sum, i32x4.sub(pixel(enters + (<usize>j << 2)), pixel(leaves + (<usize>j << 2)))))
    }
  }
}

/** Weights are 14-bit fractions; half a unit is added before they are dropped. */
const FRACTION: i32 = 14
const HALF: i32 = 1 << (FRACTION - 1)

// @ts-ignore: decorator
@inline function twoWeights(w: usize): v128 { return v128.load32_splat(w) }

/**
 * Weighted sums along rows: output column j is Σ weights[j][t] · x[starts[j] + t], t < taps. starts: i32, weights: i16.
 */
export function resampleRows(x: usize, width: i32, height: i32, out: usize, columns: i32, taps: i32, starts: usize, weights: usize): void {
  for (let row = 0; row < height; row++) {
    const line = x + (<usize>(row * width) << 2)
    let w = weights
    for (let j = 0; j < columns; j++, out += 4) {
      let p = line + (<usize>load<i32>(starts + (<usize>j << 2)) << 2)
      let sum = i32x4.splat(HALF)
      let t = 0
      for (; t + 2 <= taps; t += 2, p += 8, w += 4) {
        const two = v128.load64_zero(p)
        const pairs = low(i8x16.shuffle(two, two, 0, 4, 1, 5, 2, 6, 3, 7, 0, 0, 0, 0, 0, 0, 0, 0))
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(pairs, twoWeights(w)))
      }
      if (t < taps) {
        sum = i32x4.add(sum, i32x4.mul(pixel(p), i32x4.splat(<i32>load<i16>(w))))
        w += 2
      }
      putPixel(out, i32x4.shr_s(sum, FRACTION))
    }
  }
}

/** The same along columns: output row i is Σ weights[i][t] · row starts[i] + t; four pixels at a time. */
export function resampleColumns(x: usize, width: i32, out: usize, rows: i32, taps: i32, starts: usize, weights: usize): void {
  const line = <usize>width << 2
  for (let i = 0; i < rows; i++) {
    const first = x + <usize>load<i32>(starts + (<usize>i << 2)) * line
    const w = weights + (<usize>(i * taps) << 1)
    let j: usize = 0
    for (; j + 16 <= line; j += 16) {
      let s0 = i32x4.splat(HALF), s1 = s0, s2 = s0, s3 = s0
      let p = first + j
      for (let t = 0; t < taps; t += 2, p += 2 * line) {
        const upper = v128.load(p)
        const single = t + 1 == taps
        const lower = single ? i32x4.splat(0) : v128.load(p + line)
        const two = single ? i32x4.splat(<i32>load<u16>(w + (<usize>t << 1))) : twoWeights(w + (<usize>t << 1))
        const a = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
        const b = i8x16.shuffle(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(low(a), two))
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(high(a), two))
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(low(b), two))
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(high(b), two))
      }
      const left = i16x8.narrow_i32x4_s(i32x4.shr_s(s0, FRACTION), i32x4.shr_s(s1, FRACTION))
      const right = i16x8.narrow_i32x4_s(i32x4.shr_s(s2, FRACTION), i32x4.shr_s(s3, FRACTION))
      v128.store(out + j, i8x16.narrow_i16x8_u(left, right))
    }
    for (; j < line; j += 4) {
      let sum = i32x4.splat(HALF)
      for (let t = 0; t < taps; t++) {
        sum = i32x4.add(sum, i32x4.mul(pixel(first + <usize>t * line + j), i32x4.splat(<i32>load<i16>(w + (<usize>t << 1)))))
      }
      putPixel(out + j, i32x4.shr_s(sum, FRACTION))
    }
    out += line
  }
}

/** √(gx² + gy²) to nearest. */
// @ts-ignore: decorator
@inline function magnitude(gx: v128, gy: v128): v128 {
  const roots = f32x4.nearest(f32x4.sqrt(f32x4.convert_i32x4_s(i32x4.add(i32x4.mul(gx, gx), i32x4.mul(gy, gy)))))
  return i32x4.trunc_sat_f32x4_s(roots)
}
// @ts-ignore: decorator
@inline function eight(p: usize): v128 { return v128.load8x8_u(p) }

/** Gray picture to gradients; pixels outside are those of the edge. */
export function sobel(x: usize, width: i32, height: i32, out: usize): void {
  for (let i = 0; i < height; i++) {
    const here = x + <usize>(i * width)
    const above = i > 0 ? here - width : here
    const below = i + 1 < height ? here + width : here
    let j = 0
    for (; j < width; ) {
      if (j > 0 && j + 9 <= width) {
        const a = eight(above + j - 1), b = eight(above + j), c = eight(above + j + 1)
        const d = eight(here + j - 1), f = eight(here + j + 1)
        const g = eight(below + j - 1), h = eight(below + j), k = eight(below + j + 1)
        const gx = i16x8.add(i16x8.sub(i16x8.add(c, k), i16x8.add(a, g)), i16x8.shl(i16x8.sub(f, d), 1))
        const gy = i16x8.add(i16x8.sub(i16x8.add(g, k), i16x8.add(a, c)), i16x8.shl(i16x8.sub(h, b), 1))
        const first = magnitude(i32x4.extend_low_i16x8_s(gx), i32x4.extend_low_i16x8_s(gy))
        const second = magnitude(i32x4.extend_high_i16x8_s(gx), i32x4.extend_high_i16x8_s(gy))
        const words = i16x8.narrow_i32x4_s(first, second)
        v128.store64_lane(out + j, i8x16.narrow_i16x8_u(words, words), 0)
        j += 8
        continue
      }
      const l = <usize>max(j - 1, 0), m = <usize>j, r = <usize>min(j + 1, width - 1)
      const a = <i32>load<u8>(above + l), c = <i32>load<u8>(above + r), g = <i32>load<u8>(below + l), k = <i32>load<u8>(below + r)
      const gx = c + k - a - g + 2 * (<i32>load<u8>(here + r) - <i32>load<u8>(here + l))
      const gy = g + k - a - c + 2 * (<i32>load<u8>(below + m) - <i32>load<u8>(above + m))
      store<u8>(out + j, min(255, <i32>nearest(sqrt(<f32>(gx * gx + gy * gy)))))
      j++
    }
    out += width
  }
}

/**
 * Porter and Duff's "over" for straight alpha (T. Porter, T. Duff, "Compositing digital images", SIGGRAPH 1984), in floats,
 * to nearest: a = at + ab (1 - at), c = (ct at + cb ab (1 - at)) / a. 0 where a is 0.
 */
export function over(top: usize, bottom: usize, n: i32, out: usize): void {
  const scale = f32x4.splat(255)
  for (const end = out + (<usize>n << 2); out < end; out += 4, top += 4, bottom += 4) {
    const t = f32x4.convert_i32x4_s(pixel(top)), b = f32x4.convert_i32x4_s(pixel(bottom))
    const at = i32x4.shuffle(t, t, 3, 3, 3, 3)
    const ab = i32x4.shuffle(b, b, 3, 3, 3, 3)
    // Alphas in units of 1/255, their products in 1/255².
    const rest = f32x4.mul(ab, f32x4.sub(scale, at))
    const alpha = f32x4.add(f32x4.mul(at, scale), rest)
    const colour = f32x4.div(f32x4.add(f32x4.mul(f32x4.mul(t, at), scale), f32x4.mul(b, rest)), alpha)
    const all = f32x4.replace_lane(colour, 3, f32x4.extract_lane(alpha, 0) / 255)
    putPixel(out, i32x4.trunc_sat_f32x4_s(f32x4.nearest(all)))
  }
}

/** out[i] = table[x[i]] */
export function lookUp(x: usize, n: i32, table: usize, out: usize): void {
  const last = x + <usize>n
  const end = x + <usize>(n & ~7)
  for (; x < end; x += 8, out += 8) {
    const w = load<u64>(x)
    const a = <u32>load<u8>(table + <usize>(w & 255)) | (<u32>load<u8>(table + <usize>((w >> 8) & 255)) << 8)
    const b = <u32>load<u8>(table + <usize>((w >> 16) & 255)) | (<u32>load<u8>(table + <usize>((w >> 24) & 255)) << 8)
    const c = <u32>load<u8>(table + <usize>((w >> 32) & 255)) | (<u32>load<u8>(table + <usize>((w >> 40) & 255)) << 8)
    const d = <u32>load<u8>(table + <usize>((w >> 48) & 255)) | (<u32>load<u8>(table + <usize>(w >> 56)) << 8)
    store<u64>(out, <u64>(a | (b << 16)) | (<u64>(c | (d << 16)) << 32))
  }
  for (; x < last; x++, out++) store<u8>(out, load<u8>(table + load<u8>(x)))
}

/** The same for pixels: four tables of 256 bytes, one a channel. */
export function lookUpChannels(x: usize, n: i32, tables: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, out += 4) {
    const w = load<u32>(x)
    const a = <u32>load<u8>(tables + (w & 255)) | (<u32>load<u8>(tables + ((w >> 8) & 255), 256) << 8)
    const b = <u32>load<u8>(tables + ((w >> 16) & 255), 512) | (<u32>load<u8>(tables + (w >> 24), 768) << 8)
    store<u32>(out, a | (b << 16))
  }
}
