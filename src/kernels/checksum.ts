/** Checksums of the bytes of any typed array (its elements in the byte order of the machine). Time is O(n). */
import { nameKernels } from '../../base/library.ts'
import { ALL, kindOf, type Numbers, whole, wrongValue } from './checks.ts'
import { compute } from './ordinary.ts'

const UINT32 = 2 ** 32 - 1

const unsigned = (word: number): number => word >>> 0

function hashed<V, R>(name: string, x: Numbers, seed: number | bigint, result: (value: V) => R): R {
  kindOf(name, 'x', x, ALL)
  return compute('checksum', name, [x, x.byteLength, seed], result)
}

/**
 * CRC-32 as in zip, gzip and PNG, 0 to 2^32 - 1; `seed` is the checksum of what comes before, so that
 * `crc32(b, crc32(a))` is the checksum of a and b (M. Kounavis, F. Berry, IEEE Trans. Computers 57, 2008).
 * @throws IrisError IRIS4101, IRIS4104
 */
export function crc32(x: Numbers, seed = 0): number {
  whole('crc32', 'seed', seed, 0, UINT32)
  return hashed('crc32', x, seed, unsigned)
}

/** Adler-32 (RFC 1950), continued from `seed` like {@link crc32}. @throws IrisError IRIS4101, IRIS4104 */
export function adler32(x: Numbers, seed = 1): number {
  whole('adler32', 'seed', seed, 0, UINT32)
  return hashed('adler32', x, seed, unsigned)
}

/** xxHash64 (Y. Collet), 0 to 2^64 - 1; `seed` picks one of 2^64 functions. @throws IrisError IRIS4101, IRIS4104 */
export function xxhash64(x: Numbers, seed = 0n): bigint {
  if (typeof seed !== 'bigint') throw wrongValue('xxhash64', 'seed', seed, 'a bigint')
  return hashed('xxhash64', x, seed, (value: bigint) => BigInt.asUintN(64, value))
}

nameKernels({ crc32, adler32, xxhash64 })
