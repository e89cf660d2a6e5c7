/**
 * Random numbers from a counter: Philox4x32-10 (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Word w of a stream is a function of key, stream and w alone, so that any part of it can be made anywhere. Four blocks of
 * four words are made at a time, in lanes, into a buffer; the functions below turn words into numbers.
 */
import { f64x2_cos, f64x2_sin } from './math-trigonometric'
import { f64x2_log } from './math-logarithm'

const M0: u32 = 0xd2511f53
const M1: u32 = 0xcd9e8d57
const W0: u32 = 0x9e3779b9
const W1: u32 = 0xbb67ae85

/** Words made at a time; the buffer holds these. */
const CHUNK: i32 = 2048

// @ts-ignore: decorator
@inline function lowHalves(a: v128, b: v128): v128 { return i32x4.shuffle(a, b, 0, 2, 4, 6) }
// @ts-ignore: decorator
@inline function highHalves(a: v128, b: v128): v128 { return i32x4.shuffle(a, b, 1, 3, 5, 7) }

/** Blocks block … block + 3 to `out`, block by block. */
function fourBlocks(key: u64, stream: u64, block: u64, out: usize): void {
  const first = i64x2.add(i64x2.splat(block), i64x2(0, 1)), second = i64x2.add(i64x2.splat(block), i64x2(2, 3))
  let c0 = lowHalves(first, second), c1 = highHalves(first, second)
  let c2 = i32x4.splat(<i32>stream), c3 = i32x4.splat(<i32>(stream >> 32))
  const m0 = i32x4.splat(M0), m1 = i32x4.splat(M1)
  let k0 = <u32>key, k1 = <u32>(key >> 32)
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0)
    const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1)
    c0 = v128.xor(v128.xor(highHalves(c, d), c1), i32x4.splat(k0))
    c2 = v128.xor(v128.xor(highHalves(a, b), c3), i32x4.splat(k1))
    c1 = lowHalves(c, d)
    c3 = lowHalves(a, b)
    k0 += W0
    k1 += W1
  }
  const p = i32x4.shuffle(c0, c1, 0, 4, 1, 5), q = i32x4.shuffle(c0, c1, 2, 6, 3, 7)
  const r = i32x4.shuffle(c2, c3, 0, 4, 1, 5), s = i32x4.shuffle(c2, c3, 2, 6, 3, 7)
  v128.store(out, i64x2.shuffle(p, r, 0, 2))
  v128.store(out, i64x2.shuffle(p, r, 1, 3), 16)
  v128.store(out, i64x2.shuffle(q, s, 0, 2), 32)
  v128.store(out, i64x2.shuffle(q, s, 1, 3), 48)
}

/** Words [word, word + n) of the stream, n ≤ CHUNK - 16, somewhere in the buffer: their address. */
function words(key: u64, stream: u64, word: u64, n: i32, buffer: usize): usize {
  const skipped = <i32>(word & 15)
  let block = (word - skipped) >> 2
  for (let done = 0; done < n + skipped; done += 16, block += 4) fourBlocks(key, stream, block, buffer + (<usize>done << 2))
  return buffer + (<usize>skipped << 2)
}

/** Elements made at a time, of two words each. */
const PIECE: i32 = (CHUNK - 16) / 2

/** 52 bits of each pair of words, in [0, 1). */
// @ts-ignore: decorator
@inline function unit(w: v128): v128 {
  return f64x2.sub(v128.or(i64x2.shr_u(w, 12), i64x2.splat(0x3ff0_0000_0000_0000)), f64x2.splat(1))
}

/** out[i] = low + width · uniform, of words 2 i and 2 i + 1 from element `offset` on. */
export function uniform_f64(key: u64, stream: u64, offset: u64, n: i32, low: f64, width: f64, out: usize, buffer: usize): void {
  const ll = f64x2.splat(low), ww = f64x2.splat(width)
  for (; n > 0; n -= PIECE, offset += PIECE) {
    const count = min(n, PIECE)
    const from = words(key, stream, 2 * offset, 2 * count, buffer)
    let i: usize = 0
    const bytes = <usize>count << 3
    for (; i + 16 <= bytes; i += 16) v128.store(out + i, f64x2.add(ll, f64x2.mul(ww, unit(v128.load(from + i)))))
    if (i < bytes) store<f64>(out + i, low + width * f64x2.extract_lane(unit(v128.load64_zero(from + i)), 0))
    out += bytes
  }
}

/** 24 bits of word i, in [0, 1), scaled. */
export function uniform_f32(key: u64, stream: u64, offset: u64, n: i32, low: f32, width: f32, out: usize, buffer: usize): void {
  const ll = f32x4.splat(low), ww = f32x4.splat(width), tiny = f32x4.splat(5.9604644775390625e-8)
  for (; n > 0; n -= 2 * PIECE, offset += 2 * PIECE) {
    const count = min(n, 2 * PIECE)
    const from = words(key, stream, offset, count, buffer)
    const bytes = <usize>count << 2
    let i: usize = 0
    for (; i + 16 <= bytes; i += 16) {
      const u = f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(from + i), 8)), tiny)
      v128.store(out + i, f32x4.add(ll, f32x4.mul(ww, u)))
    }
    for (; i < bytes; i += 4) store<f32>(out + i, low + width * (<f32>(load<u32>(from + i) >> 8) * <f32>5.9604644775390625e-8))
    out += bytes
  }
}

export function bits_u32(key: u64, stream: u64, offset: u64, n: i32, out: usize, buffer: usize): void {
  for (; n > 0; n -= 2 * PIECE, offset += 2 * PIECE) {
    const count = min(n, 2 * PIECE)
    memory.copy(out, words(key, stream, offset, count, buffer), <usize>count << 2)
    out += <usize>count << 2
  }
}

/** ⌊u · range⌋ for the 64 bits u (as a fraction) at p: even to 2^-32 (D. Lemire, "Fast random integer generation in an interval", 2019). */
// @ts-ignore: decorator
@inline function below(p: usize, range: u64): u64 {
  return (<u64>load<u32>(p, 4) * range + ((<u64>load<u32>(p) * range) >> 32)) >> 32
}

/** low + a whole number below range ≤ 2^32. */
export function integers(key: u64, stream: u64, offset: u64, n: i32, low: i32, range: u64, out: usize, buffer: usize): void {
  for (; n > 0; n -= PIECE, offset += PIECE) {
    const count = min(n, PIECE)
    let p = words(key, stream, 2 * offset, 2 * count, buffer)
    for (const end = out + (<usize>count << 2); out < end; out += 4, p += 8) store<i32>(out, low + <i32>below(p, range))
  }
}

/**
 * Normal numbers by the polar angle and radius of pairs (G. Box, M. Muller, "A note on the generation of random normal
 * deviates", 1958): elements 2 p and 2 p + 1 come from words 4 p to 4 p + 3.
 */
export function normal_f64(key: u64, stream: u64, offset: u64, n: i32, mean: f64, deviation: f64, out: usize, buffer: usize): void {
  let pair = offset >> 1
  let skip = <i32>(offset & 1)
  while (n > 0) {
    const pairs = min((n + skip + 1) >> 1, PIECE / 2)
    let from = words(key, stream, 4 * pair, 4 * pairs, buffer)
    pair += pairs
    for (let i = 0; i < pairs; i += 2, from += 32) {
      // Behind the last pair lies another, or what was made before: it is computed, and not stored.
      const a = unit(v128.load(from)), b = unit(v128.load(from, 16))
      const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), f64x2_log(f64x2.sub(f64x2.splat(1), i64x2.shuffle(a, b, 0, 2)))))
      const angle = f64x2.mul(f64x2.splat(6.283185307179586), i64x2.shuffle(a, b, 1, 3))
      const scaled = f64x2.mul(f64x2.splat(deviation), radius)
      const x = f64x2.add(f64x2.splat(mean), f64x2.mul(scaled, f64x2_cos(angle)))
      const y = f64x2.add(f64x2.splat(mean), f64x2.mul(scaled, f64x2_sin(angle)))
      for (let j = skip; j < 4; j++) {
        if (n == 0 || (i + 1 == pairs && j > 1)) break
        const pairOf = j < 2 ? i64x2.shuffle(x, y, 0, 2) : i64x2.shuffle(x, y, 1, 3)
        store<f64>(out, j & 1 ? f64x2.extract_lane(pairOf, 1) : f64x2.extract_lane(pairOf, 0))
        out += 8
        n--
      }
      skip = 0
    }
  }
}

/** Exchanges elements of 2^log bytes (R. Fisher, F. Yates; R. Durstenfeld, CACM 7, 1964): draw i decides the place of element n - 1 - i. */
export function shuffle(key: u64, stream: u64, n: i32, x: usize, log: i32, buffer: usize): void {
  let drawn: u64 = 0
  for (let i = n - 1; i > 0; ) {
    const count = min(i, PIECE)
    let p = words(key, stream, 2 * drawn, 2 * count, buffer)
    drawn += count
    for (let c = 0; c < count; c++, i--, p += 8) {
      const a = x + (<usize>i << log), b = x + (<usize>below(p, <u64>i + 1) << log)
      if (log == 3) exchange<u64>(a, b)
      else if (log == 2) exchange<u32>(a, b)
      else if (log == 1) exchange<u16>(a, b)
      else exchange<u8>(a, b)
    }
  }
}
// @ts-ignore: decorator
@inline function exchange<T>(a: usize, b: usize): void {
  const held = load<T>(a)
  store<T>(a, load<T>(b))
  store<T>(b, held)
}
