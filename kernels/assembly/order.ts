/** Order: sorting, ranks, binary search, histograms, distinct values. Names are <primitive>_<element type>. */
import { fromKeys32, fromKeys64, key32, number64, put32, toKeys32, toKeys64, toPairs } from './order/keys'
import { selectKey, sortKeys } from './order/radix'

/** `keys` and `other` have room for n keys each. */
export function sort_f64(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void {
  toKeys64(x, n, keys)
  fromKeys64(sortKeys<u64>(keys, other, n, 0, 0, 0, counts) ? other : keys, n, out)
}
// @ts-ignore: decorator
@inline function sort32<T>(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void {
  toKeys32<T>(x, n, keys)
  fromKeys32<T>(sorted32(keys, other, n, counts), n, out)
}
function sorted32(keys: usize, other: usize, n: i32, counts: usize): usize {
  return sortKeys<u32>(keys, other, n, 0, 0, 0, counts) ? other : keys
}
export function sort_f32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { sort32<f32>(x, n, out, keys, other, counts) }
export function sort_i32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { sort32<i32>(x, n, out, keys, other, counts) }
export function sort_u32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { sort32<u32>(x, n, out, keys, other, counts) }

/** `places` and `otherPlaces` have room for n words each. */
export function argsort_f64(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize, places: usize, otherPlaces: usize): void {
  toKeys64(x, n, keys)
  for (let i = 0; i < n; i++) store<u32>(places + (<usize>i << 2), i)
  const moved = sortKeys<u64>(keys, other, n, 0, places, otherPlaces, counts)
  memory.copy(out, moved ? otherPlaces : places, <usize>n << 2)
}
/** Here keys and other have room for n pairs of 8 bytes. */
// @ts-ignore: decorator
@inline function argsort32<T>(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void {
  toPairs<T>(x, n, keys)
  unpair(sortedPairs(keys, other, n, counts), n, out)
}
function sortedPairs(keys: usize, other: usize, n: i32, counts: usize): usize {
  return sortKeys<u64>(keys, other, n, 32, 0, 0, counts) ? other : keys
}
function unpair(pairs: usize, n: i32, out: usize): void {
  for (let i = 0; i < n; i++) store<u32>(out + (<usize>i << 2), load<u32>(pairs + (<usize>i << 3)))
}
export function argsort_f32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { argsort32<f32>(x, n, out, keys, other, counts) }
export function argsort_i32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { argsort32<i32>(x, n, out, keys, other, counts) }
export function argsort_u32(x: usize, n: i32, out: usize, keys: usize, other: usize, counts: usize): void { argsort32<u32>(x, n, out, keys, other, counts) }

/** The element of rank k. */
export function select_f64(x: usize, n: i32, k: i32, keys: usize, counts: usize): f64 {
  toKeys64(x, n, keys)
  return number64(selectKey<u64>(keys, n, k, counts))
}
function selected32(keys: usize, n: i32, k: i32, counts: usize): u32 { return selectKey<u32>(keys, n, k, counts) }
export function select_f32(x: usize, n: i32, k: i32, keys: usize, counts: usize): f32 {
  toKeys32<f32>(x, n, keys)
  put32<f32>(keys, selected32(keys, n, k, counts))
  return load<f32>(keys)
}
export function select_i32(x: usize, n: i32, k: i32, keys: usize, counts: usize): i32 {
  toKeys32<i32>(x, n, keys)
  put32<i32>(keys, selected32(keys, n, k, counts))
  return load<i32>(keys)
}
export function select_u32(x: usize, n: i32, k: i32, keys: usize, counts: usize): u32 {
  toKeys32<u32>(x, n, keys)
  return selected32(keys, n, k, counts)
}

/** Whether a comes before b, NaN last. */
// @ts-ignore: decorator
@inline function before<T>(a: T, b: T): bool { return isFloat<T>() ? a < b || (b != b && a == a) : a < b }

/** Whether a value belongs behind the element, for values that are not NaN. */
// @ts-ignore: decorator
@inline function passes<T>(element: T, value: T, right: bool): bool { return right ? element <= value : element < value }

/** Elements of the sorted x that come before value (`right`: or are equal). */
function rank<T>(x: usize, n: i32, value: T, right: bool): u32 {
  let base = x
  let size = n
  while (size > 0) {
    const half = size >> 1
    const probe = load<T>(base + <usize>half * sizeof<T>())
    const goes = right ? !before<T>(value, probe) : before<T>(probe, value)
    base = goes ? base + <usize>(half + 1) * sizeof<T>() : base
    size = goes ? size - half - 1 : half
  }
  return <u32>((base - x) / sizeof<T>())
}

/**
 * Ranks of m values. Halving takes as many steps for one value as for another, so that four searches go side by side without
 * branches and wait for memory together (P. Khuong, P. Morin, "Array layouts for comparison-based searching", 2017).
 */
// @ts-ignore: decorator
@inline function ranks<T>(x: usize, n: i32, values: usize, m: i32, right: bool, out: usize): void {
  const S = sizeof<T>()
  let i = 0
  for (; i + 4 <= m; i += 4, values += 4 * S, out += 16) {
    const v0 = load<T>(values), v1 = load<T>(values, sizeof<T>()), v2 = load<T>(values, 2 * sizeof<T>()), v3 = load<T>(values, 3 * sizeof<T>())
    if (n == 0 || (isFloat<T>() && (v0 != v0 || v1 != v1 || v2 != v2 || v3 != v3))) {
      for (let j: usize = 0; j < 4; j++) store<u32>(out + (j << 2), rank<T>(x, n, load<T>(values + j * S), right))
      continue
    }
    let b0 = x, b1 = x, b2 = x, b3 = x
    for (let size = n; size > 1; ) {
      const half = size >> 1
      const offset = <usize>half * S
      b0 += select<usize>(offset, 0, passes<T>(load<T>(b0 + offset - S), v0, right))
      b1 += select<usize>(offset, 0, passes<T>(load<T>(b1 + offset - S), v1, right))
      b2 += select<usize>(offset, 0, passes<T>(load<T>(b2 + offset - S), v2, right))
      b3 += select<usize>(offset, 0, passes<T>(load<T>(b3 + offset - S), v3, right))
      size -= half
    }
    store<u32>(out, place<T>(b0, x) + u32(passes<T>(load<T>(b0), v0, right)))
    store<u32>(out, place<T>(b1, x) + u32(passes<T>(load<T>(b1), v1, right)), 4)
    store<u32>(out, place<T>(b2, x) + u32(passes<T>(load<T>(b2), v2, right)), 8)
    store<u32>(out, place<T>(b3, x) + u32(passes<T>(load<T>(b3), v3, right)), 12)
  }
  for (; i < m; i++, values += S, out += 4) store<u32>(out, rank<T>(x, n, load<T>(values), right))
}
// @ts-ignore: decorator
@inline function place<T>(at: usize, x: usize): u32 { return <u32>((at - x) / sizeof<T>()) }
export function ranks_f64(x: usize, n: i32, values: usize, m: i32, right: bool, out: usize): void { ranks<f64>(x, n, values, m, right, out) }
export function ranks_f32(x: usize, n: i32, values: usize, m: i32, right: bool, out: usize): void { ranks<f32>(x, n, values, m, right, out) }
export function ranks_i32(x: usize, n: i32, values: usize, m: i32, right: bool, out: usize): void { ranks<i32>(x, n, values, m, right, out) }
export function ranks_u32(x: usize, n: i32, values: usize, m: i32, right: bool, out: usize): void { ranks<u32>(x, n, values, m, right, out) }

/**
 * Counts of bins of one width; what is outside, and NaN, is not counted. `out` is zero before. Divided last: a product with
 * bins / (high - low), which is rounded, would put whole numbers on an edge into the bin below.
 */
// @ts-ignore: decorator
@inline function histogram<T>(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void {
  const count = <f64>bins, range = high - low
  const last = bins - 1
  for (const end = x + <usize>n * sizeof<T>(); x < end; x += sizeof<T>()) {
    const value = <f64>load<T>(x)
    if (!(value >= low && value <= high)) continue
    const at = out + (<usize>min(last, <i32>((value - low) * count / range)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
}
export function histogram_f64(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void { histogram<f64>(x, n, low, high, bins, out) }
export function histogram_f32(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void { histogram<f32>(x, n, low, high, bins, out) }
export function histogram_i32(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void { histogram<i32>(x, n, low, high, bins, out) }
export function histogram_u32(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void { histogram<u32>(x, n, low, high, bins, out) }
export function histogram_u8(x: usize, n: i32, low: f64, high: f64, bins: i32, out: usize): void { histogram<u8>(x, n, low, high, bins, out) }

/** Removes elements equal to the one before them from sorted x, in place; how many are left. NaN equals NaN, -0 equals 0. */
// @ts-ignore: decorator
@inline function distinct<T>(x: usize, n: i32): i32 {
  if (n == 0) return 0
  let kept = 1
  for (let i = 1; i < n; i++) {
    const value = load<T>(x + <usize>i * sizeof<T>())
    const previous = load<T>(x + <usize>(kept - 1) * sizeof<T>())
    if (value == previous || (value != value && previous != previous)) continue
    store<T>(x + <usize>kept * sizeof<T>(), value)
    kept++
  }
  return kept
}
export function distinct_f64(x: usize, n: i32): i32 { return distinct<f64>(x, n) }
export function distinct_f32(x: usize, n: i32): i32 { return distinct<f32>(x, n) }
export function distinct_i32(x: usize, n: i32): i32 { return distinct<i32>(x, n) }
export function distinct_u32(x: usize, n: i32): i32 { return distinct<u32>(x, n) }
