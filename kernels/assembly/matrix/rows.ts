/** Operations on contiguous rows, of which the factorisations and gemv are made. */

/** y += a x */
export function addScaled<T>(a: T, x: usize, y: usize, n: i32): void {
  const aa = v128.splat<T>(a)
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~15)
  for (; x < end; x += 16, y += 16) v128.store(y, v128.add<T>(v128.load(y), v128.mul<T>(aa, v128.load(x))))
  for (; x < last; x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) + <T>(a * load<T>(x)))
}

// @ts-ignore: decorator
@inline export function across<T>(v: v128): T {
  if (sizeof<T>() == 8) return v128.extract_lane<T>(v, 0) + v128.extract_lane<T>(v, 1)
  return (v128.extract_lane<T>(v, 0) + v128.extract_lane<T>(v, 1)) + (v128.extract_lane<T>(v, 2) + v128.extract_lane<T>(v, 3))
}

/** x · y in two vectors of lanes. */
export function product<T>(x: usize, y: usize, n: i32): T {
  let s0 = v128.splat<T>(0), s1 = s0
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~31)
  for (; x < end; x += 32, y += 32) {
    s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x), v128.load(y)))
    s1 = v128.add<T>(s1, v128.mul<T>(v128.load(x, 16), v128.load(y, 16)))
  }
  let total = across<T>(v128.add<T>(s0, s1))
  for (; x < last; x += sizeof<T>(), y += sizeof<T>()) total += <T>(load<T>(x) * load<T>(y))
  return total
}

export function swapRows<T>(x: usize, y: usize, n: i32): void {
  const last = x + <usize>n * sizeof<T>()
  const end = x + (<usize>n * sizeof<T>() & ~15)
  for (; x < end; x += 16, y += 16) {
    const held = v128.load(x)
    v128.store(x, v128.load(y))
    v128.store(y, held)
  }
  for (; x < last; x += sizeof<T>(), y += sizeof<T>()) {
    const held = load<T>(x)
    store<T>(x, load<T>(y))
    store<T>(y, held)
  }
}

/** out = alpha A x + beta out, A of m rows of n: four rows share the loads of x; lanes as in {@link product}. */
// @ts-ignore: decorator
@inline function gemv<T>(m: i32, n: i32, alpha: T, a: usize, x: usize, beta: T, out: usize): void {
  const row = <usize>n * sizeof<T>()
  const whole = row & ~31
  let i = 0
  for (; i + 4 <= m; i += 4) {
    let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0
    const a1 = a + row, a2 = a1 + row, a3 = a2 + row
    for (let p: usize = 0; p < whole; p += 32) {
      const u = v128.load(x + p), v = v128.load(x + p, 16)
      s0 = v128.add<T>(s0, v128.mul<T>(v128.load(a + p), u))
      t0 = v128.add<T>(t0, v128.mul<T>(v128.load(a + p, 16), v))
      s1 = v128.add<T>(s1, v128.mul<T>(v128.load(a1 + p), u))
      t1 = v128.add<T>(t1, v128.mul<T>(v128.load(a1 + p, 16), v))
      s2 = v128.add<T>(s2, v128.mul<T>(v128.load(a2 + p), u))
      t2 = v128.add<T>(t2, v128.mul<T>(v128.load(a2 + p, 16), v))
      s3 = v128.add<T>(s3, v128.mul<T>(v128.load(a3 + p), u))
      t3 = v128.add<T>(t3, v128.mul<T>(v128.load(a3 + p, 16), v))
    }
    let r0 = across<T>(v128.add<T>(s0, t0)), r1 = across<T>(v128.add<T>(s1, t1))
    let r2 = across<T>(v128.add<T>(s2, t2)), r3 = across<T>(v128.add<T>(s3, t3))
    for (let p = whole; p < row; p += sizeof<T>()) {
      const u = load<T>(x + p)
      r0 += <T>(load<T>(a + p) * u)
      r1 += <T>(load<T>(a1 + p) * u)
      r2 += <T>(load<T>(a2 + p) * u)
      r3 += <T>(load<T>(a3 + p) * u)
    }
    put<T>(out, alpha, r0, beta)
    put<T>(out + sizeof<T>(), alpha, r1, beta)
    put<T>(out + 2 * sizeof<T>(), alpha, r2, beta)
    put<T>(out + 3 * sizeof<T>(), alpha, r3, beta)
    a += 4 * row
    out += 4 * sizeof<T>()
  }
  for (; i < m; i++) {
    put<T>(out, alpha, product<T>(a, x, n), beta)
    a += row
    out += sizeof<T>()
  }
}

// @ts-ignore: decorator
@inline function put<T>(out: usize, alpha: T, value: T, beta: T): void {
  store<T>(out, beta == <T>0 ? alpha * value : <T>(beta * load<T>(out)) + <T>(alpha * value))
}

/** out = alpha Aᵀ x + beta out: rows are added to out in order. */
// @ts-ignore: decorator
@inline function gevm<T>(m: i32, n: i32, alpha: T, a: usize, x: usize, beta: T, out: usize): void {
  for (let j = 0; j < n; j++) {
    const at = out + <usize>j * sizeof<T>()
    store<T>(at, beta == <T>0 ? <T>0 : beta * load<T>(at))
  }
  for (let i = 0; i < m; i++) {
    addScaled<T>(alpha * load<T>(x + <usize>i * sizeof<T>()), a, out, n)
    a += <usize>n * sizeof<T>()
  }
}

export function gemv_f64(m: i32, n: i32, alpha: f64, a: usize, x: usize, beta: f64, out: usize): void { gemv<f64>(m, n, alpha, a, x, beta, out) }
export function gemv_f32(m: i32, n: i32, alpha: f32, a: usize, x: usize, beta: f32, out: usize): void { gemv<f32>(m, n, alpha, a, x, beta, out) }
export function gevm_f64(m: i32, n: i32, alpha: f64, a: usize, x: usize, beta: f64, out: usize): void { gevm<f64>(m, n, alpha, a, x, beta, out) }
export function gevm_f32(m: i32, n: i32, alpha: f32, a: usize, x: usize, beta: f32, out: usize): void { gevm<f32>(m, n, alpha, a, x, beta, out) }
