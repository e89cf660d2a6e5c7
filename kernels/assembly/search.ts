/**
 * Exact nearest rows of a row-major matrix. A scan scores rows of a range and keeps the best k in a heap, which may go
 * through several scans. Scores are "larger is nearer", and ranked as they are told, in f32: equal ones keep the order of the
 * rows. NaN counts as -Infinity, and a distance is its negative.
 *
 * The heap: number of entries (i32, 16 bytes reserved), then entries of 16 bytes, score (f64) and row (i32); the worst entry
 * is the root, and of equal ones that of the largest row (J. W. J. Williams, "Heapsort", CACM 7, 1964).
 */

const DOT: i32 = 0
const COSINE: i32 = 1

// @ts-ignore: decorator
@inline function entry(heap: usize, i: i32): usize { return heap + 16 + (<usize>i << 4) }
// @ts-ignore: decorator
@inline function scoreOf(e: usize): f64 { return load<f64>(e) }
// @ts-ignore: decorator
@inline function rowOf(e: usize): u32 { return load<u32>(e, 8) }
/** Whether entry (s, r) ranks behind entry e. */
// @ts-ignore: decorator
@inline function behind(s: f64, r: u32, e: usize): bool {
  return s < scoreOf(e) || (s == scoreOf(e) && r > rowOf(e))
}

function up(heap: usize, i: i32, s: f64, r: u32): void {
  while (i > 0) {
    const parent = entry(heap, (i - 1) >> 1)
    if (!behind(s, r, parent)) break
    const e = entry(heap, i)
    store<f64>(e, scoreOf(parent))
    store<u32>(e, rowOf(parent), 8)
    i = (i - 1) >> 1
  }
  const e = entry(heap, i)
  store<f64>(e, s)
  store<u32>(e, r, 8)
}

function down(heap: usize, n: i32, s: f64, r: u32): void {
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= n) break
    const right = entry(heap, child + 1)
    if (child + 1 < n && behind(scoreOf(right), rowOf(right), entry(heap, child))) child++
    const c = entry(heap, child)
    if (scoreOf(c) > s || (scoreOf(c) == s && rowOf(c) < r)) break
    const e = entry(heap, i)
    store<f64>(e, scoreOf(c))
    store<u32>(e, rowOf(c), 8)
    i = child
  }
  const e = entry(heap, i)
  store<f64>(e, s)
  store<u32>(e, r, 8)
}

export function offer(heap: usize, k: i32, score: f64, row: u32): void {
  const s = score != score ? -Infinity : <f64><f32>score
  const n = load<i32>(heap)
  if (n < k) {
    store<i32>(heap, n + 1)
    up(heap, n, s, row)
  } else if (!behind(s, row, entry(heap, 0))) down(heap, n, s, row)
}

/** Takes the worst entry out, to place i of the results. */
// @ts-ignore: decorator
@inline function pop(heap: usize, scores: usize, rows: usize, i: i32): void {
  const n = load<i32>(heap) - 1
  const root = entry(heap, 0)
  store<f32>(scores + (<usize>i << 2), <f32>scoreOf(root))
  store<u32>(rows + (<usize>i << 2), rowOf(root))
  store<i32>(heap, n)
  const last = entry(heap, n)
  if (n > 0) down(heap, n, scoreOf(last), rowOf(last))
}

/** Offers every entry of another heap: what is kept is what one heap would have kept. */
export function absorb(heap: usize, other: usize, k: i32): void {
  const n = load<i32>(other)
  for (let i = 0; i < n; i++) offer(heap, k, scoreOf(entry(other, i)), rowOf(entry(other, i)))
}

/** Empties the heap into scores (f32) and rows (u32), the best first. */
export function drain(heap: usize, scores: usize, rows: usize): void {
  for (let i = load<i32>(heap) - 1; i >= 0; i--) pop(heap, scores, rows, i)
}

// @ts-ignore: decorator
@inline function across(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}
// @ts-ignore: decorator
@inline function mad(s: v128, x: v128, y: v128): v128 { return f32x4.add(s, f32x4.mul(x, y)) }

/** Sixteen lanes of products, then what is left in order: as in all scans below. */
export function dot_f32(x: usize, y: usize, d: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
  const last = x + (<usize>d << 2)
  const end = x + (<usize>(d & ~15) << 2)
  for (; x < end; x += 64, y += 64) {
    s0 = mad(s0, v128.load(x), v128.load(y))
    s1 = mad(s1, v128.load(x, 16), v128.load(y, 16))
    s2 = mad(s2, v128.load(x, 32), v128.load(y, 32))
    s3 = mad(s3, v128.load(x, 48), v128.load(y, 48))
  }
  let total = across(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  for (; x < last; x += 4, y += 4) total += load<f32>(x) * load<f32>(y)
  return total
}

/** x·y in the first lane and x·x in the second. */
function cosineTerms(x: usize, y: usize, d: i32): v128 {
  let s0 = f32x4.splat(0), s1 = s0, t0 = s0, t1 = s0, s2 = s0, s3 = s0, t2 = s0, t3 = s0
  const last = x + (<usize>d << 2)
  const end = x + (<usize>(d & ~15) << 2)
  for (; x < end; x += 64, y += 64) {
    const a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), e = v128.load(x, 48)
    s0 = mad(s0, a, v128.load(y))
    t0 = mad(t0, a, a)
    s1 = mad(s1, b, v128.load(y, 16))
    t1 = mad(t1, b, b)
    s2 = mad(s2, c, v128.load(y, 32))
    t2 = mad(t2, c, c)
    s3 = mad(s3, e, v128.load(y, 48))
    t3 = mad(t3, e, e)
  }
  let s = across(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  let t = across(f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3)))
  for (; x < last; x += 4, y += 4) {
    const a = load<f32>(x)
    s += a * load<f32>(y)
    t += a * a
  }
  return f32x4.replace_lane(f32x4.splat(s), 1, t)
}

function squaredDistance(x: usize, y: usize, d: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
  const last = x + (<usize>d << 2)
  const end = x + (<usize>(d & ~15) << 2)
  for (; x < end; x += 64, y += 64) {
    const a = f32x4.sub(v128.load(x), v128.load(y)), b = f32x4.sub(v128.load(x, 16), v128.load(y, 16))
    const c = f32x4.sub(v128.load(x, 32), v128.load(y, 32)), e = f32x4.sub(v128.load(x, 48), v128.load(y, 48))
    s0 = mad(s0, a, a)
    s1 = mad(s1, b, b)
    s2 = mad(s2, c, c)
    s3 = mad(s3, e, e)
  }
  let total = across(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
  for (; x < last; x += 4, y += 4) {
    const a = load<f32>(x) - load<f32>(y)
    total += a * a
  }
  return total
}

/** Scores rows [from, to) of the matrix at `matrix` against the query, whose norm is given. */
export function scan_f32(metric: i32, matrix: usize, from: i32, to: i32, d: i32, query: usize, norm: f64, heap: usize, k: i32): void {
  const bytes = <usize>d << 2
  let row = matrix + <usize>from * bytes
  for (let i = from; i < to; i++, row += bytes) {
    let score: f64
    if (metric == DOT) score = dot_f32(row, query, d)
    else if (metric == COSINE) {
      const terms = cosineTerms(row, query, d)
      score = <f64>f32x4.extract_lane(terms, 0) / (sqrt(<f64>f32x4.extract_lane(terms, 1)) * norm)
    } else score = -<f64>sqrt<f32>(squaredDistance(row, query, d))
    offer(heap, k, score, i)
  }
}

/** Below this a float is denormal, 2^-126. */
const LEAST_NORMAL: f32 = 1.1754943508222875e-38

/**
 * Rows of bytes: x ≈ scale · values, scale = greatest magnitude / 127, rounded to nearest even. Quotients are doubles: the
 * reciprocal of a small float may be none. A denormal scale may be short of bits, and is then the next one up.
 */
export function quantize(x: usize, rows: i32, d: i32, values: usize, scales: usize): void {
  for (let i = 0; i < rows; i++, scales += 4) {
    let greatest: f32 = 0
    const last = x + (<usize>d << 2)
    for (let p = x; p < last; p += 4) {
      const magnitude = abs(load<f32>(p))
      if (magnitude > greatest) greatest = magnitude
    }
    let scale = greatest / 127
    if (scale < LEAST_NORMAL && <f64>scale * 127 < <f64>greatest) scale = reinterpret<f32>(reinterpret<u32>(scale) + 1)
    store<f32>(scales, scale)
    const inverse = scale > 0 ? 1 / <f64>scale : 0
    for (; x < last; x += 4, values++) {
      const value = nearest(<f64>load<f32>(x) * inverse)
      store<i8>(values, <i8>(value > 127 ? 127 : value < -127 ? -127 : value == value ? <i32>value : 0))
    }
  }
}

/** The bytes of a row as 16-bit numbers, for scan_i8. */
export function widen(from: usize, d: i32, to: usize): void {
  for (let i = 0; i < d; i++) store<i16>(to + (<usize>i << 1), load<i8>(from + i))
}

// @ts-ignore: decorator
@inline function sumOf(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
}

/** Exact product of a row of bytes and a row of 16-bit numbers. */
function dot_i8(x: usize, y: usize, d: i32): i32 {
  let s0 = i32x4.splat(0), s1 = s0
  const last = x + <usize>d
  const end = x + <usize>(d & ~15)
  for (; x < end; x += 16, y += 32) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(x), v128.load(y)))
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load8x8_s(x, 8), v128.load(y, 16)))
  }
  let total = sumOf(i32x4.add(s0, s1))
  for (; x < last; x++, y += 2) total += <i32>load<i8>(x) * <i32>load<i16>(y)
  return total
}

function square_i8(x: usize, d: i32): i32 {
  let s0 = i32x4.splat(0)
  const last = x + <usize>d
  const end = x + <usize>(d & ~7)
  for (; x < end; x += 8) {
    const a = v128.load8x8_s(x)
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(a, a))
  }
  let total = sumOf(s0)
  for (; x < last; x++) total += <i32>load<i8>(x) * <i32>load<i8>(x)
  return total
}

/** Like scan_f32 over quantised rows; the query is widened, `scale` is its own, `norm` that of its whole numbers. */
export function scan_i8(
  metric: i32, matrix: usize, scales: usize, from: i32, to: i32, d: i32, query: usize, scale: f64, norm: f64, heap: usize, k: i32,
): void {
  let row = matrix + <usize>from * <usize>d
  for (let i = from; i < to; i++, row += d) {
    const rowScale = <f64>load<f32>(scales + (<usize>i << 2))
    const product = <f64>dot_i8(row, query, d)
    let score: f64
    if (metric == DOT) score = product * rowScale * scale
    else if (metric == COSINE) score = product / (sqrt(<f64>square_i8(row, d)) * norm)
    else {
      const squares = rowScale * rowScale * <f64>square_i8(row, d) + scale * scale * norm * norm
      score = -sqrt(max(0.0, squares - 2 * product * rowScale * scale))
    }
    offer(heap, k, score, i)
  }
}
