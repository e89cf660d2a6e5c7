/** Convolution by its definition, moving averages and recursive filters. */

// @ts-ignore: decorator
@inline function splatAt<T>(p: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_splat(p)
  return v128.load32_splat(p)
}

/** Element i of the convolution of x (n elements) with h (m elements): Σ h[j] x[i - j] over the j for which both are there. */
function convolved<T>(x: usize, n: i32, h: usize, m: i32, i: i32): T {
  let s: T = <T>0
  const last = min(i, m - 1)
  for (let j = max(0, i - n + 1); j <= last; j++) {
    s += <T>(load<T>(h + <usize>j * sizeof<T>()) * load<T>(x + <usize>(i - j) * sizeof<T>()))
  }
  return s
}

/**
 * Elements from … from + size - 1 of the convolution of x with h, added in the order of j. Where all of h lies within x, four
 * vectors of outputs share each element of h.
 */
// @ts-ignore: decorator
@inline function convolve<T>(x: usize, n: i32, h: usize, m: i32, from: i32, size: i32, out: usize): void {
  const S = sizeof<T>()
  const lanes = 64 / <i32>S
  const end = from + size
  const hEnd = h + <usize>m * S
  let i = from
  for (; i < min(end, m - 1); i++, out += S) store<T>(out, convolved<T>(x, n, h, m, i))
  for (; i <= min(end, n) - lanes; i += lanes, out += 64) {
    let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0
    let p = x + <usize>i * S
    for (let q = h; q < hEnd; q += S, p -= S) {
      const c = splatAt<T>(q)
      s0 = v128.add<T>(s0, v128.mul<T>(c, v128.load(p)))
      s1 = v128.add<T>(s1, v128.mul<T>(c, v128.load(p, 16)))
      s2 = v128.add<T>(s2, v128.mul<T>(c, v128.load(p, 32)))
      s3 = v128.add<T>(s3, v128.mul<T>(c, v128.load(p, 48)))
    }
    v128.store(out, s0)
    v128.store(out, s1, 16)
    v128.store(out, s2, 32)
    v128.store(out, s3, 48)
  }
  for (; i < end; i++, out += S) store<T>(out, convolved<T>(x, n, h, m, i))
}
export function convolve_f64(x: usize, n: i32, h: usize, m: i32, from: i32, size: i32, out: usize): void { convolve<f64>(x, n, h, m, from, size, out) }
export function convolve_f32(x: usize, n: i32, h: usize, m: i32, from: i32, size: i32, out: usize): void { convolve<f32>(x, n, h, m, from, size, out) }

/**
 * out (rows × columns) = Σ h[r][c] x[i + r][j + c]: correlation of a padded picture, of `stride` elements a row, with h (hr ×
 * hc), added in the order of r and c.
 */
// @ts-ignore: decorator
@inline function correlate2<T>(x: usize, stride: i32, h: usize, hr: i32, hc: i32, out: usize, rows: i32, columns: i32): void {
  const line = <usize>stride * sizeof<T>()
  const width = <usize>columns * sizeof<T>()
  const whole = width & ~31
  for (let i = 0; i < rows; i++, x += line, out += width) {
    for (let j: usize = 0; j < whole; j += 32) {
      let s0 = v128.splat<T>(0), s1 = s0
      let q = h
      for (let r = 0; r < hr; r++) {
        let p = x + <usize>r * line + j
        for (let c = 0; c < hc; c++, p += sizeof<T>(), q += sizeof<T>()) {
          const f = splatAt<T>(q)
          s0 = v128.add<T>(s0, v128.mul<T>(f, v128.load(p)))
          s1 = v128.add<T>(s1, v128.mul<T>(f, v128.load(p, 16)))
        }
      }
      v128.store(out + j, s0)
      v128.store(out + j, s1, 16)
    }
    for (let j = whole; j < width; j += sizeof<T>()) {
      let s: T = <T>0
      let q = h
      for (let r = 0; r < hr; r++) {
        let p = x + <usize>r * line + j
        for (let c = 0; c < hc; c++, p += sizeof<T>(), q += sizeof<T>()) s += <T>(load<T>(q) * load<T>(p))
      }
      store<T>(out + j, s)
    }
  }
}
export function correlate2_f64(x: usize, stride: i32, h: usize, hr: i32, hc: i32, out: usize, rows: i32, columns: i32): void {
  correlate2<f64>(x, stride, h, hr, hc, out, rows, columns)
}
export function correlate2_f32(x: usize, stride: i32, h: usize, hr: i32, hc: i32, out: usize, rows: i32, columns: i32): void {
  correlate2<f32>(x, stride, h, hr, hc, out, rows, columns)
}

/**
 * Means of `window` neighbours. Sums from the start of each block of `window` elements and to its end make every window of two
 * parts (M. van Herk, "A fast algorithm for local minimum and maximum filters", 1992, with sums): nothing is subtracted, so
 * that nothing cancels and a NaN leaves with its element. `work` has room for n doubles.
 */
// @ts-ignore: decorator
@inline function movingAverage<T>(x: usize, n: i32, window: i32, out: usize, work: usize): void {
  // Sums to the end of each block.
  let s: f64 = 0
  for (let i = n - 1; i >= 0; i--) {
    const value = <f64>load<T>(x + <usize>i * sizeof<T>())
    s = (i + 1) % window == 0 ? value : s + value
    store<f64>(work + (<usize>i << 3), s)
  }
  s = 0
  let place = 0
  for (let i = 0; i < n; i++) {
    const value = <f64>load<T>(x + <usize>i * sizeof<T>())
    s = place == 0 ? value : s + value
    place = place + 1 == window ? 0 : place + 1
    const first = i - window + 1
    if (first < 0) continue
    const sum = place == 0 ? s : load<f64>(work + (<usize>first << 3)) + s
    store<T>(out + <usize>first * sizeof<T>(), <T>(sum / <f64>window))
  }
}
export function movingAverage_f64(x: usize, n: i32, window: i32, out: usize, work: usize): void { movingAverage<f64>(x, n, window, out, work) }
export function movingAverage_f32(x: usize, n: i32, window: i32, out: usize, work: usize): void { movingAverage<f32>(x, n, window, out, work) }

/**
 * One second-order section in transposed direct form II. `section`: b0 b1 b2 a1 a2 and the two states, which are updated.
 */
// @ts-ignore: decorator
@inline function biquad<T>(x: usize, n: i32, out: usize, section: usize): void {
  const b0 = load<f64>(section), b1 = load<f64>(section, 8), b2 = load<f64>(section, 16)
  const a1 = load<f64>(section, 24), a2 = load<f64>(section, 32)
  let z1 = load<f64>(section, 40), z2 = load<f64>(section, 48)
  for (const end = x + <usize>n * sizeof<T>(); x < end; x += sizeof<T>(), out += sizeof<T>()) {
    const u = <f64>load<T>(x)
    const v = b0 * u + z1
    z1 = b1 * u - a1 * v + z2
    z2 = b2 * u - a2 * v
    store<T>(out, <T>v)
  }
  store<f64>(section, z1, 40)
  store<f64>(section, z2, 48)
}
export function biquad_f64(x: usize, n: i32, out: usize, section: usize): void { biquad<f64>(x, n, out, section) }
export function biquad_f32(x: usize, n: i32, out: usize, section: usize): void { biquad<f32>(x, n, out, section) }
