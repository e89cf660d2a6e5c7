/** Checksums of bytes. */

const CRC_POLYNOMIAL: u32 = 0xedb88320
/** Bytes that one step of crc32 takes, and tables of 256 words that it looks up. */
const SLICES: i32 = 16

/**
 * Where the tables lie: in the first page, which holds no arrays, behind the constants of the families (kernels/build.mjs). At
 * a fixed address a look-up is one load without an addition.
 */
const TABLES: usize = 49152
/** A word that is 1 once the tables are there, for all threads. */
const MADE: usize = TABLES - 16

/** Slice k holds the remainder of a byte followed by k zero bytes. 16 kB; every thread writes the same. */
function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >> 1) ^ (remainder & 1 ? CRC_POLYNOMIAL : 0)
    store<u32>(TABLES + (byte << 2), remainder)
  }
  for (let slice = 1; slice < SLICES; slice++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = load<u32>(TABLES + (((slice - 1) * 256 + byte) << 2))
      store<u32>(TABLES + ((slice * 256 + byte) << 2), (before >> 8) ^ load<u32>(TABLES + ((before & 255) << 2)))
    }
  }
  atomic.store<u32>(MADE, 1)
}

/** The remainder after sixteen more bytes. A byte comes out of its word as an offset of four times its value. */
// @ts-ignore: decorator
@inline function sixteen(crc: u32, x: usize): u32 {
  const w = load<u64>(x) ^ <u64>crc
  const v = load<u64>(x, 8)
  return (
    load<u32>(<usize>(w << 2) & 1020, TABLES + 15 * 1024) ^ load<u32>(<usize>(w >> 6) & 1020, TABLES + 14 * 1024) ^
    load<u32>(<usize>(w >> 14) & 1020, TABLES + 13 * 1024) ^ load<u32>(<usize>(w >> 22) & 1020, TABLES + 12 * 1024) ^
    load<u32>(<usize>(w >> 30) & 1020, TABLES + 11 * 1024) ^ load<u32>(<usize>(w >> 38) & 1020, TABLES + 10 * 1024) ^
    load<u32>(<usize>(w >> 46) & 1020, TABLES + 9 * 1024) ^ load<u32>(<usize>(w >> 54) & 1020, TABLES + 8 * 1024) ^
    load<u32>(<usize>(v << 2) & 1020, TABLES + 7 * 1024) ^ load<u32>(<usize>(v >> 6) & 1020, TABLES + 6 * 1024) ^
    load<u32>(<usize>(v >> 14) & 1020, TABLES + 5 * 1024) ^ load<u32>(<usize>(v >> 22) & 1020, TABLES + 4 * 1024) ^
    load<u32>(<usize>(v >> 30) & 1020, TABLES + 3 * 1024) ^ load<u32>(<usize>(v >> 38) & 1020, TABLES + 2 * 1024) ^
    load<u32>(<usize>(v >> 46) & 1020, TABLES + 1 * 1024) ^ load<u32>(<usize>(v >> 54) & 1020, TABLES + 0 * 1024)
  )
}

/** The product of polynomials a and b modulo that of the CRC, bit 31 the constant term (M. Adler, zlib's crc32.c). */
function multiply(a: u32, b: u32): u32 {
  let product: u32 = 0
  for (let bit: u32 = 0x8000_0000; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b
    b = (b >> 1) ^ (b & 1 ? CRC_POLYNOMIAL : 0)
  }
  return product
}

/** x to the power of 8 n, by squaring. */
function powerOf8(n: i32): u32 {
  let square = <u32>1 << 23 // x^8
  let power: u32 = 0x8000_0000
  for (; n > 0; n >>= 1) {
    if (n & 1) power = multiply(square, power)
    square = multiply(square, square)
  }
  return power
}

/** From here on two halves are computed side by side: the chain of look-ups of one leaves the processor waiting. */
const TWO_HALVES: i32 = 16384

/**
 * CRC-32 of ISO-HDLC (zip, PNG, Ethernet), sixteen bytes a step (M. Kounavis, F. Berry, "Novel table lookup-based
 * algorithms for high-performance CRC generation", IEEE Trans. Computers 57, 2008).
 */
export function crc32(x: usize, n: i32, seed: u32): u32 {
  if (atomic.load<u32>(MADE) == 0) makeTables()
  let crc = ~seed
  const last = x + <usize>n
  if (n >= TWO_HALVES) {
    const half = (n >> 1) & ~15
    const middle = x + <usize>half
    let second: u32 = 0
    for (; x < middle; x += 16) {
      crc = sixteen(crc, x)
      second = sixteen(second, x + half)
    }
    crc = multiply(powerOf8(half), crc) ^ second
    x += half
  }
  for (; <i32>(last - x) >= 16; x += 16) crc = sixteen(crc, x)
  for (; x < last; x++) crc = (crc >> 8) ^ load<u32>(((crc ^ load<u8>(x)) & 255) << 2, TABLES)
  return ~crc
}

const ADLER_BASE: u32 = 65521
/** Most bytes before the second sum can exceed 32 bits (zlib's NMAX), in whole vectors. */
const ADLER_CHUNK: i32 = 5552 & ~15

/**
 * Adler-32 (RFC 1950), sixteen bytes a step: the first sum adds the bytes, the second sixteen times the first sum and the
 * bytes weighted by 16 … 1.
 */
export function adler32(x: usize, n: i32, seed: u32): u32 {
  let a = seed & 0xffff
  let b = seed >> 16
  const last = x + <usize>n
  const ones = i16x8.splat(1)
  const weightsLow = i16x8(16, 15, 14, 13, 12, 11, 10, 9)
  const weightsHigh = i16x8(8, 7, 6, 5, 4, 3, 2, 1)
  while (<i32>(last - x) >= 16) {
    const steps = min(<i32>(last - x) & ~15, ADLER_CHUNK)
    const end = x + <usize>steps
    let sums = i32x4.splat(0)
    let prefix = i32x4.splat(0)
    let weighted = i32x4.splat(0)
    b += a * <u32>steps
    for (; x < end; x += 16) {
      const bytes = v128.load(x)
      const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes)
      prefix = i32x4.add(prefix, sums)
      sums = i32x4.add(sums, i32x4.add(i32x4.dot_i16x8_s(low, ones), i32x4.dot_i16x8_s(high, ones)))
      weighted = i32x4.add(weighted, i32x4.add(i32x4.dot_i16x8_s(low, weightsLow), i32x4.dot_i16x8_s(high, weightsHigh)))
    }
    a = (a + <u32>lanes(sums)) % ADLER_BASE
    b = <u32>((<u64>b + 16 * lanes(prefix) + lanes(weighted)) % ADLER_BASE)
  }
  for (; x < last; x++) {
    a += load<u8>(x)
    b += a
  }
  a %= ADLER_BASE
  return ((b % ADLER_BASE) << 16) | a
}

// @ts-ignore: decorator
@inline function lanes(v: v128): u64 {
  return (
    <u64><u32>i32x4.extract_lane(v, 0) + <u64><u32>i32x4.extract_lane(v, 1) +
    <u64><u32>i32x4.extract_lane(v, 2) + <u64><u32>i32x4.extract_lane(v, 3)
  )
}

// xxHash64 (Y. Collet, github.com/Cyan4973/xxHash, doc/xxhash_spec.md)
const P1: u64 = 0x9e3779b185ebca87
const P2: u64 = 0xc2b2ae3d27d4eb4f
const P3: u64 = 0x165667b19e3779f9
const P4: u64 = 0x85ebca77c2b2ae63
const P5: u64 = 0x27d4eb2f165667c5

// @ts-ignore: decorator
@inline function round(lane: u64, input: u64): u64 { return rotl(lane + input * P2, 31) * P1 }
// @ts-ignore: decorator
@inline function merge(hash: u64, lane: u64): u64 { return (hash ^ round(0, lane)) * P1 + P4 }

export function xxhash64(x: usize, n: i32, seed: u64): u64 {
  const last = x + <usize>n
  let hash: u64
  if (n >= 32) {
    let a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1
    const end = x + <usize>(n & ~31)
    for (; x < end; x += 32) {
      a = round(a, load<u64>(x))
      b = round(b, load<u64>(x, 8))
      c = round(c, load<u64>(x, 16))
      d = round(d, load<u64>(x, 24))
    }
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)
    hash = merge(merge(merge(merge(hash, a), b), c), d)
  } else hash = seed + P5
  hash += <u64>n
  for (; last - x >= 8; x += 8) hash = rotl(hash ^ round(0, load<u64>(x)), 27) * P1 + P4
  if (last - x >= 4) {
    hash = rotl(hash ^ (<u64>load<u32>(x) * P1), 23) * P2 + P3
    x += 4
  }
  for (; x < last; x++) hash = rotl(hash ^ (<u64>load<u8>(x) * P5), 11) * P1
  hash = (hash ^ (hash >> 33)) * P2
  hash = (hash ^ (hash >> 29)) * P3
  return hash ^ (hash >> 32)
}
