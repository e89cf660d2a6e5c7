import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/kernels/index.ts'
import { LENGTHS, numbers, placed, randomOf } from './inputs.ts'

function slowCrc32(x: Uint8Array): number {
  let crc = -1
  for (const byte of x) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function slowAdler32(x: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of x) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}

/** xxHash64 as its specification has it, in BigInt. */
function slowXxhash64(x: Uint8Array, seed: bigint): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ]
  const cut = (v: bigint): bigint => BigInt.asUintN(64, v)
  const rotate = (v: bigint, by: bigint): bigint => cut((v << by) | (cut(v) >> (64n - by)))
  const read = (at: number, size: number): bigint => {
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(x[at + i]!)
    return value
  }
  const round = (lane: bigint, input: bigint): bigint => cut(rotate(cut(lane + input * p2), 31n) * p1)
  let at = 0
  let hash = cut(seed + p5)
  if (x.length >= 32) {
    const lanes = [cut(seed + p1 + p2), cut(seed + p2), cut(seed), cut(seed - p1)]
    for (; at + 32 <= x.length; at += 32) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, read(at + 8 * i, 8))
    hash = cut([1n, 7n, 12n, 18n].reduce((sum, by, i) => sum + rotate(lanes[i]!, by), 0n))
    for (const lane of lanes) hash = cut((hash ^ round(0n, lane)) * p1 + p4)
  }
  hash = cut(hash + BigInt(x.length))
  for (; at + 8 <= x.length; at += 8) hash = cut(rotate(hash ^ round(0n, read(at, 8)), 27n) * p1 + p4)
  for (; at + 4 <= x.length; at += 4) hash = cut(rotate(hash ^ cut(read(at, 4) * p1), 23n) * p2 + p3)
  for (; at < x.length; at++) hash = cut(rotate(hash ^ cut(BigInt(x[at]!) * p5), 11n) * p1)
  hash = cut((hash ^ (hash >> 33n)) * p2)
  hash = cut((hash ^ (hash >> 29n)) * p3)
  return hash ^ (hash >> 32n)
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('checksums', () => {
  it('have their published check values', () => {
    expect(kernels.crc32(ascii('123456789'))).toBe(0xcbf43926)
    expect(kernels.adler32(ascii('Wikipedia'))).toBe(0x11e60398)
    expect(kernels.xxhash64(ascii(''))).toBe(0xef46db3751d8e999n)
    expect(kernels.xxhash64(ascii('abc'))).toBe(0x44bc2cf5ad770999n)
  })

  it('agree with simple implementations at every length and place', () => {
    for (const n of [...LENGTHS, 5551, 5552, 5553, 12_000, 16_383, 16_384, 16_385, 40_007]) {
      const x = numbers('u8', n, randomOf(n + 3)) as Uint8Array
      for (let place = 0; place < (n > 70 ? 1 : 4); place++) {
        const y = placed(x, place)
        expect(kernels.crc32(y), `crc32 of ${n}`).toBe(slowCrc32(x))
        expect(kernels.adler32(y), `adler32 of ${n}`).toBe(slowAdler32(x))
        expect(kernels.xxhash64(y, 77n), `xxhash64 of ${n}`).toBe(slowXxhash64(x, 77n))
      }
    }
  })

  it('Adler-32 of the largest bytes does not overflow', () => {
    const x = new Uint8Array(100_000).fill(255)
    expect(kernels.adler32(x)).toBe(slowAdler32(x))
  })

  it('take the bytes of other arrays', () => {
    const x = Float64Array.of(1.5, -2, NaN)
    expect(kernels.crc32(x)).toBe(slowCrc32(new Uint8Array(x.buffer)))
  })

  it('continue', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (x, cut) => {
        const [a, b] = [x.subarray(0, cut), x.subarray(cut)]
        return (
          kernels.crc32(b, kernels.crc32(a)) === kernels.crc32(x) &&
          kernels.adler32(b, kernels.adler32(a)) === kernels.adler32(x)
        )
      }),
    )
  })
})
