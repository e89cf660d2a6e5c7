/**
 * Discrete Fourier transforms of interleaved complex doubles. Powers of two: Stockham's self-sorting algorithm in radix 4
 * (W. Cochran et al., "What is the fast Fourier transform?", Proc. IEEE 55, 1967; D. Takahashi, OTFFT), one complex number a
 * vector. Other lengths are made of these by src/kernels/signal.ts (Bluestein).
 */

// @ts-ignore: decorator
@inline function swap(x: v128): v128 { return i64x2.shuffle(x, x, 1, 0) }
/** The product with w, given as its real part twice and (-imaginary, imaginary). */
// @ts-ignore: decorator
@inline function times(x: v128, real: v128, imaginary: v128): v128 {
  return f64x2.add(f64x2.mul(x, real), f64x2.mul(swap(x), imaginary))
}
/** Signs that turn a swapped number into its product with i. */
// @ts-ignore: decorator
@inline function turned(): v128 { return i64x2(i64.MIN_VALUE, 0) }

// @ts-ignore: decorator
@inline function realOf(w: usize): v128 { return v128.load64_splat(w) }
// @ts-ignore: decorator
@inline function imaginaryOf(w: usize, sign: v128): v128 { return v128.xor(v128.load64_splat(w, 8), sign) }

/** One pass over n/4 groups of s butterflies, from x to y. `table`: exp(-2πi k / (n s)). */
function radix4(n: i32, s: i32, x: usize, y: usize, table: usize): void {
  const sign = turned()
  const quarter = <usize>(n >> 2) * s << 4
  const width = <usize>s << 4
  for (let p = 0; p < n >> 2; p++) {
    const w = <usize>(p * s) << 4
    const r1 = realOf(table + w), i1 = imaginaryOf(table + w, sign)
    const r2 = realOf(table + 2 * w), i2 = imaginaryOf(table + 2 * w, sign)
    const r3 = realOf(table + 3 * w), i3 = imaginaryOf(table + 3 * w, sign)
    let from = x + w
    let to = y + 4 * w
    for (const end = from + width; from < end; from += 16, to += 16) {
      const a = v128.load(from), b = v128.load(from + quarter)
      const c = v128.load(from + 2 * quarter), d = v128.load(from + 3 * quarter)
      const ac = f64x2.add(a, c), minus = f64x2.sub(a, c)
      const bd = f64x2.add(b, d), j = v128.xor(swap(f64x2.sub(b, d)), sign)
      v128.store(to, f64x2.add(ac, bd))
      v128.store(to + width, times(f64x2.sub(minus, j), r1, i1))
      v128.store(to + 2 * width, times(f64x2.sub(ac, bd), r2, i2))
      v128.store(to + 3 * width, times(f64x2.add(minus, j), r3, i3))
    }
  }
}

/** The last pass when all factors are 1 (n = 4). */
function last4(s: i32, x: usize, y: usize): void {
  const sign = turned()
  const width = <usize>s << 4
  for (const end = x + width; x < end; x += 16, y += 16) {
    const a = v128.load(x), b = v128.load(x + width), c = v128.load(x + 2 * width), d = v128.load(x + 3 * width)
    const ac = f64x2.add(a, c), minus = f64x2.sub(a, c)
    const bd = f64x2.add(b, d), j = v128.xor(swap(f64x2.sub(b, d)), sign)
    v128.store(y, f64x2.add(ac, bd))
    v128.store(y + width, f64x2.sub(minus, j))
    v128.store(y + 2 * width, f64x2.sub(ac, bd))
    v128.store(y + 3 * width, f64x2.add(minus, j))
  }
}

function last2(s: i32, x: usize, y: usize): void {
  const width = <usize>s << 4
  for (const end = x + width; x < end; x += 16, y += 16) {
    const a = v128.load(x), b = v128.load(x + width)
    v128.store(y, f64x2.add(a, b))
    v128.store(y + width, f64x2.sub(a, b))
  }
}

/** The transform of the n (a power of two) numbers at x into out; work has room for n; x stays, unless it is out or work. */
export function transform(n: i32, x: usize, out: usize, work: usize, table: usize): void {
  const bits = ctz(n)
  const passes = (bits + 1) >> 1
  if (passes == 0) {
    v128.store(out, v128.load(x))
    return
  }
  // Passes alternate between work and out so that the last one ends in out.
  let to = passes & 1 ? out : work
  if (to == x) {
    const spare = to == out ? work : out
    memory.copy(spare, x, <usize>n << 4)
    x = spare
  }
  let s = 1
  let from = x
  for (; n > 4; n >>= 2, s <<= 2) {
    radix4(n, s, from, to, table)
    from = to
    to = to == out ? work : out
  }
  if (n == 4) last4(s, from, to)
  else last2(s, from, to)
}

/** Parts exchanged and scaled: before and after a forward transform, this makes it the inverse one. */
export function exchange(x: usize, n: i32, out: usize, scale: f64): void {
  const factor = f64x2.splat(scale)
  for (const end = x + (<usize>n << 4); x < end; x += 16, out += 16) v128.store(out, f64x2.mul(swap(v128.load(x)), factor))
}

/** out = x · w, number by number. */
export function multiply(x: usize, w: usize, n: i32, out: usize): void {
  const sign = turned()
  for (const end = x + (<usize>n << 4); x < end; x += 16, w += 16, out += 16) {
    v128.store(out, times(v128.load(x), realOf(w), imaginaryOf(w, sign)))
  }
}

// @ts-ignore: decorator
@inline function conjugate(x: v128): v128 { return v128.xor(x, i64x2(0, i64.MIN_VALUE)) }

/**
 * The spectrum of 2m real numbers (m + 1 complex ones) from the transform z of the m pairs of neighbours (H. Sorensen et al.,
 * "Real-valued fast Fourier transform algorithms", IEEE Trans. ASSP 35, 1987). `table`: exp(-πi k / m). In place when out = z.
 */
export function unravel(z: usize, m: i32, table: usize, out: usize): void {
  const sign = turned()
  const half = f64x2.splat(0.5)
  const first = v128.load(z)
  const middle = conjugate(v128.load(z + (<usize>(m >> 1) << 4)))
  for (let k = 1; k <= (m - 1) >> 1; k++) {
    const at = <usize>k << 4
    const mirror = <usize>(m - k) << 4
    const a = v128.load(z + at), b = conjugate(v128.load(z + mirror))
    const even = f64x2.mul(half, f64x2.add(a, b))
    const odd = f64x2.mul(half, f64x2.sub(a, b))
    // -i w · odd
    const t = times(v128.xor(swap(odd), i64x2(0, i64.MIN_VALUE)), realOf(table + at), imaginaryOf(table + at, sign))
    v128.store(out + at, f64x2.add(even, t))
    v128.store(out + mirror, conjugate(f64x2.sub(even, t)))
  }
  if (!(m & 1) && m > 1) v128.store(out + (<usize>(m >> 1) << 4), middle)
  const re = f64x2.extract_lane(first, 0), im = f64x2.extract_lane(first, 1)
  v128.store(out, f64x2.replace_lane(f64x2.splat(0), 0, re + im))
  v128.store(out + (<usize>m << 4), f64x2.replace_lane(f64x2.splat(0), 0, re - im))
}

/** The inverse of {@link unravel}, times 2, with parts exchanged for the inverse transform that follows. */
export function ravel(x: usize, m: i32, table: usize, z: usize): void {
  for (let k = 0; k < m; k++) {
    const a = v128.load(x + (<usize>k << 4)), b = conjugate(v128.load(x + (<usize>(m - k) << 4)))
    const even = f64x2.add(a, b)
    const odd = f64x2.sub(a, b)
    const w = table + (<usize>k << 4)
    // i · conj(w) · odd
    const t = times(odd, realOf(w), v128.xor(v128.load64_splat(w, 8), i64x2(0, i64.MIN_VALUE)))
    v128.store(z + (<usize>k << 4), swap(f64x2.add(even, v128.xor(swap(t), turned()))))
  }
}

export function widen(x: usize, n: i32, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, out += 8) store<f64>(out, <f64>load<f32>(x))
}
export function narrow(x: usize, n: i32, out: usize): void {
  for (const end = x + (<usize>n << 3); x < end; x += 8, out += 4) store<f32>(out, <f32>load<f64>(x))
}
/** Real numbers as complex ones. */
export function complex(x: usize, n: i32, out: usize): void {
  for (const end = x + (<usize>n << 3); x < end; x += 8, out += 16) v128.store(out, v128.load64_zero(x))
}
/** The real parts of complex numbers. */
export function real(x: usize, n: i32, out: usize): void {
  for (const end = x + (<usize>n << 4); x < end; x += 16, out += 8) store<f64>(out, load<f64>(x))
}
/** The half spectrum of n real numbers as it must be: the parts that cannot be are 0. */
export function hermitian(x: usize, n: i32, out: usize): void {
  const half = n >> 1
  memory.copy(out, x, (<usize>half + 1) << 4)
  store<f64>(out, 0, 8)
  if (!(n & 1)) store<f64>(out + (<usize>half << 4), 0, 8)
}
/** All of a spectrum of which the first half is there (n odd). */
export function mirror(x: usize, n: i32): void {
  for (let k = 1; k <= (n - 1) >> 1; k++) v128.store(x + (<usize>(n - k) << 4), conjugate(v128.load(x + (<usize>k << 4))))
}
export function copy(x: usize, bytes: i32, out: usize): void { memory.copy(out, x, bytes) }
