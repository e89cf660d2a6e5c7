/**
 * Sorting of unsigned keys. Many: by digits of eleven bits from the last to the first, all counted in one pass, digits in
 * which all keys agree left out (LSD radix sort; P. McIlroy, K. Bostic, M. McIlroy, "Engineering radix sort", Computing
 * Systems 6, 1993). Few: by merging runs that were sorted by insertion. Both are stable.
 */

const DIGIT: i32 = 11
const BUCKETS: i32 = 1 << DIGIT
const MASK: u32 = BUCKETS - 1
/** Below this, counting costs more than comparing. */
const FEW: i32 = 500
const RUN: i32 = 16

/** Number of digits above bit `from` of a key of T. */
// @ts-ignore: decorator
@inline function digitsOf<T>(from: i32): i32 { return (<i32>sizeof<T>() * 8 - from + DIGIT - 1) / DIGIT }

/**
 * Sorts n keys, by their bits above `from`; `other` has room for as many, `counts` for 6 · 2048 words. `places` moves with
 * them unless it is 0 (u32 each, room at `otherPlaces`). 1 when the result lies in the other arrays.
 */
// @ts-ignore: decorator
@inline export function sortKeys<T>(keys: usize, other: usize, n: i32, from: i32, places: usize, otherPlaces: usize, counts: usize): i32 {
  if (n < FEW) return merged<T>(keys, other, n, places, otherPlaces)
  const digits = digitsOf<T>(from)
  memory.fill(counts, 0, <usize>(digits * BUCKETS) << 2)
  const last = keys + <usize>n * sizeof<T>()
  for (let p = keys; p < last; p += sizeof<T>()) {
    let rest = load<T>(p) >> <T>from
    for (let d = 0; d < digits; d++) {
      const at = counts + (<usize>(<u32>rest & MASK) << 2) + (<usize>d << (DIGIT + 2))
      store<u32>(at, load<u32>(at) + 1)
      rest >>= <T>DIGIT
    }
  }
  let moved = 0
  for (let d = 0; d < digits; d++) {
    const count = counts + (<usize>d << (DIGIT + 2))
    const shift = <T>(from + d * DIGIT)
    if (load<u32>(count + (<usize>(<u32>(load<T>(keys) >> shift) & MASK) << 2)) == <u32>n) continue
    starts(count)
    if (places == 0) scatter<T>(keys, other, n, shift, count)
    else scatterBoth<T>(keys, other, n, shift, count, places, otherPlaces)
    let held = keys
    keys = other
    other = held
    held = places
    places = otherPlaces
    otherPlaces = held
    moved ^= 1
  }
  return moved
}

/** Counts become the places of the first of each bucket. */
function starts(count: usize): void {
  let sum: u32 = 0
  for (const last = count + (BUCKETS << 2); count < last; count += 4) {
    const here = load<u32>(count)
    store<u32>(count, sum)
    sum += here
  }
}

function scatter<T>(keys: usize, other: usize, n: i32, shift: T, count: usize): void {
  for (const last = keys + <usize>n * sizeof<T>(); keys < last; keys += sizeof<T>()) {
    const key = load<T>(keys)
    const at = count + (<usize>(<u32>(key >> shift) & MASK) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<T>(other + <usize>place * sizeof<T>(), key)
  }
}

function scatterBoth<T>(keys: usize, other: usize, n: i32, shift: T, count: usize, places: usize, otherPlaces: usize): void {
  for (const last = keys + <usize>n * sizeof<T>(); keys < last; keys += sizeof<T>(), places += 4) {
    const key = load<T>(keys)
    const at = count + (<usize>(<u32>(key >> shift) & MASK) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<T>(other + <usize>place * sizeof<T>(), key)
    store<u32>(otherPlaces + (<usize>place << 2), load<u32>(places))
  }
}

function merged<T>(keys: usize, other: usize, n: i32, places: usize, otherPlaces: usize): i32 {
  for (let i = 0; i < n; i += RUN) insertion<T>(keys, i, min(n, i + RUN), places)
  let moved = 0
  for (let size = RUN; size < n; size <<= 1) {
    for (let i = 0; i < n; i += 2 * size) {
      merge<T>(keys, other, i, min(n, i + size), min(n, i + 2 * size), places, otherPlaces)
    }
    let held = keys
    keys = other
    other = held
    held = places
    places = otherPlaces
    otherPlaces = held
    moved ^= 1
  }
  return moved
}

function insertion<T>(keys: usize, begin: i32, end: i32, places: usize): void {
  for (let i = begin + 1; i < end; i++) {
    const key = load<T>(keys + <usize>i * sizeof<T>())
    const place = places ? load<u32>(places + (<usize>i << 2)) : 0
    let j = i
    for (; j > begin; j--) {
      const before = load<T>(keys + <usize>(j - 1) * sizeof<T>())
      if (before <= key) break
      store<T>(keys + <usize>j * sizeof<T>(), before)
      if (places) store<u32>(places + (<usize>j << 2), load<u32>(places + (<usize>(j - 1) << 2)))
    }
    store<T>(keys + <usize>j * sizeof<T>(), key)
    if (places) store<u32>(places + (<usize>j << 2), place)
  }
}

function merge<T>(keys: usize, other: usize, i: i32, middle: i32, end: i32, places: usize, otherPlaces: usize): void {
  let j = middle
  for (let k = i; k < end; k++) {
    const left = i < middle && (j >= end || load<T>(keys + <usize>i * sizeof<T>()) <= load<T>(keys + <usize>j * sizeof<T>()))
    const from = left ? i++ : j++
    store<T>(other + <usize>k * sizeof<T>(), load<T>(keys + <usize>from * sizeof<T>()))
    if (places) store<u32>(otherPlaces + (<usize>k << 2), load<u32>(places + (<usize>from << 2)))
  }
}

/**
 * The key of rank k (from 0): the keys that share the leading digits of the wanted one are gathered, digit by digit. The
 * keys are destroyed. Expected O(n); `counts` has room for 2048 words.
 */
// @ts-ignore: decorator
@inline export function selectKey<T>(keys: usize, n: i32, k: i32, counts: usize): T {
  let shift = <i32>sizeof<T>() * 8 - DIGIT
  for (;;) {
    memory.fill(counts, 0, BUCKETS << 2)
    const last = keys + <usize>n * sizeof<T>()
    for (let p = keys; p < last; p += sizeof<T>()) {
      const at = counts + (<usize>(<u32>(load<T>(p) >> <T>shift) & MASK) << 2)
      store<u32>(at, load<u32>(at) + 1)
    }
    let bucket: u32 = 0
    for (; ; bucket++) {
      const count = <i32>load<u32>(counts + (<usize>bucket << 2))
      if (k < count) break
      k -= count
    }
    let to = keys
    for (let p = keys; p < last; p += sizeof<T>()) {
      const key = load<T>(p)
      if ((<u32>(key >> <T>shift) & MASK) == bucket) {
        store<T>(to, key)
        to += sizeof<T>()
      }
    }
    n = <i32>((to - keys) / sizeof<T>())
    if (shift == 0 || n == 1) break
    shift = max(0, shift - DIGIT)
  }
  return load<T>(keys)
}
