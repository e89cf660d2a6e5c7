/**
 * Numbers as unsigned whole numbers in the same order: two's complement with the sign exchanged, floats with the sign
 * exchanged or, below 0, all bits (M. Herf, "Radix tricks", 2001). So -0 comes before 0; every NaN is the greatest key.
 */

// @ts-ignore: decorator
@inline export function key64(x: f64): u64 {
  if (x != x) return u64.MAX_VALUE
  const bits = reinterpret<u64>(x)
  return bits ^ (<u64>(<i64>bits >> 63) | 0x8000_0000_0000_0000)
}
// @ts-ignore: decorator
@inline export function number64(key: u64): f64 {
  return reinterpret<f64>(key ^ (<u64>(<i64>~key >> 63) | 0x8000_0000_0000_0000))
}
// @ts-ignore: decorator
@inline export function key32<T>(p: usize): u32 {
  if (isFloat<T>()) {
    const x = load<f32>(p)
    if (x != x) return u32.MAX_VALUE
    const bits = reinterpret<u32>(x)
    return bits ^ (<u32>(<i32>bits >> 31) | 0x8000_0000)
  }
  return isSigned<T>() ? load<u32>(p) ^ 0x8000_0000 : load<u32>(p)
}
// @ts-ignore: decorator
@inline export function put32<T>(p: usize, key: u32): void {
  if (isFloat<T>()) store<u32>(p, key ^ (<u32>(<i32>~key >> 31) | 0x8000_0000))
  else store<u32>(p, isSigned<T>() ? key ^ 0x8000_0000 : key)
}

export function toKeys64(x: usize, n: i32, keys: usize): void {
  for (const last = x + (<usize>n << 3); x < last; x += 8, keys += 8) store<u64>(keys, key64(load<f64>(x)))
}
export function fromKeys64(keys: usize, n: i32, out: usize): void {
  for (const last = keys + (<usize>n << 3); keys < last; keys += 8, out += 8) store<f64>(out, number64(load<u64>(keys)))
}
// @ts-ignore: decorator
@inline export function toKeys32<T>(x: usize, n: i32, keys: usize): void {
  for (const last = x + (<usize>n << 2); x < last; x += 4, keys += 4) store<u32>(keys, key32<T>(x))
}
// @ts-ignore: decorator
@inline export function fromKeys32<T>(keys: usize, n: i32, out: usize): void {
  for (const last = keys + (<usize>n << 2); keys < last; keys += 4, out += 4) put32<T>(out, load<u32>(keys))
}
/** Keys above the places they come from: sorting them sorts the places, stably. */
// @ts-ignore: decorator
@inline export function toPairs<T>(x: usize, n: i32, pairs: usize): void {
  for (let i = 0; i < n; i++, x += 4, pairs += 8) store<u64>(pairs, (<u64>key32<T>(x) << 32) | <u64>i)
}
