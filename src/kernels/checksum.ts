/** Checksums of the bytes of any typed array (its elements in the byte order of the machine). Time is O(n). */
import { run } from './call.ts'
import { ALL, kindOf, type Numbers, whole, wrongValue } from './checks.ts'
import { atOnce, type Entry, entry, recorder } from './library.ts'

const UINT32 = 2 ** 32 - 1

const unsigned = (word: number): number => word >>> 0

function bytes<V, R>(kernel: string, x: Numbers, hash: (at: number, length: number) => V, result: (value: V) => R): R {
  kindOf(kernel, 'x', x, ALL)
  return run(call => hash(call.in(x), x.byteLength), result)
}

const withTables = new WeakSet<Entry>()

/** The function, after its tables were made in the first page of kernel memory. */
function crcEntry(): Entry {
  const made = atOnce(() => {
    const crc = entry('checksum', 'crc32')
    if (!withTables.has(crc)) entry('checksum', 'crc32Tables')()
    withTables.add(crc)
    return crc
  })
  return recorder.current ? entry('checksum', 'crc32') : made
}

/**
 * CRC-32 as in zip, gzip and PNG, 0 to 2^32 - 1; `seed` is the checksum of what comes before, so that
 * `crc32(b, crc32(a))` is the checksum of a and b (M. Kounavis, F. Berry, IEEE Trans. Computers 57, 2008).
 * @throws IrisError IRIS4101, IRIS4104
 */
export function crc32(x: Numbers, seed = 0): number {
  whole('crc32', 'seed', seed, 0, UINT32)
  return bytes('crc32', x, (at, n) => crcEntry()(at, n, seed), unsigned)
}

/** Adler-32 (RFC 1950), continued from `seed` like {@link crc32}. @throws IrisError IRIS4101, IRIS4104 */
export function adler32(x: Numbers, seed = 1): number {
  whole('adler32', 'seed', seed, 0, UINT32)
  return bytes('adler32', x, (at, n) => entry('checksum', 'adler32')(at, n, seed), unsigned)
}

type Hash = (at: number, n: number, seed: bigint) => bigint

/** xxHash64 (Y. Collet), 0 to 2^64 - 1; `seed` picks one of 2^64 functions. @throws IrisError IRIS4101, IRIS4104 */
export function xxhash64(x: Numbers, seed = 0n): bigint {
  if (typeof seed !== 'bigint') throw wrongValue('xxhash64', 'seed', seed, 'a bigint')
  const hash = entry('checksum', 'xxhash64') as unknown as Hash
  return bytes(
    'xxhash64',
    x,
    (at, n) => hash(at, n, seed),
    value => BigInt.asUintN(64, value),
  )
}
