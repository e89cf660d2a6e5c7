import { type BenchKernel, u8 } from './kernel.ts'

const BYTES = 65_536

/** CRC-32 (IEEE 802.3) with a table. */
function crc32(bytes: Uint8Array, table: Uint32Array): number {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c >>> 0
  })
}

function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let i = 0; i < bytes.length; i++) {
    a = (a + bytes[i]!) % 65521
    b = (b + a) % 65521
  }
  return ((b << 16) | a) >>> 0
}

/** Sieve of Eratosthenes; returns how many primes there are below the length. */
function sieve(composite: Uint8Array): number {
  const n = composite.length
  for (let i = 0; i < n; i++) composite[i] = 0
  let count = 0
  for (let i = 2; i < n; i++) {
    if (composite[i]) continue
    count++
    for (let j = i * i; j < n; j += i) composite[j] = 1
  }
  return count
}

/** Edit distance of two byte strings with one row of memory (Wagner and Fischer). */
function levenshtein(a: Uint8Array, b: Uint8Array, row: Int32Array): number {
  for (let j = 0; j <= b.length; j++) row[j] = j
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(above + 1, row[j - 1]! + 1, diagonal + cost)
      diagonal = above
    }
  }
  return row[b.length]!
}

function collatz(limit: number): number {
  let longest = 0
  for (let start = 1; start < limit; start++) {
    let n = start
    let steps = 0
    while (n !== 1) {
      n = n % 2 === 0 ? n / 2 : 3 * n + 1
      steps++
    }
    if (steps > longest) longest = steps
  }
  return longest
}

/** Insertion into a binary heap kept in an array, then popping all: a heap sort. */
function heapSort(values: Float64Array): void {
  const n = values.length
  for (let start = (n >> 1) - 1; start >= 0; start--) siftDown(values, start, n)
  for (let end = n - 1; end > 0; end--) {
    const top = values[0]!
    values[0] = values[end]!
    values[end] = top
    siftDown(values, 0, end)
  }
}

function siftDown(values: Float64Array, start: number, end: number): void {
  let root = start
  const value = values[root]!
  for (let child = 2 * root + 1; child < end; child = 2 * root + 1) {
    if (child + 1 < end && values[child + 1]! > values[child]!) child++
    if (values[child]! <= value) break
    values[root] = values[child]!
    root = child
  }
  values[root] = value
}

export const integers: readonly BenchKernel[] = [
  { name: 'CRC-32', elements: BYTES, fn: crc32, args: () => [u8(BYTES), crcTable()] },
  { name: 'FNV-1a', elements: BYTES, fn: fnv1a, args: () => [u8(BYTES)] },
  { name: 'Adler-32', elements: BYTES, fn: adler32, args: () => [u8(BYTES)] },
  { name: 'sieve', elements: 100_000, fn: sieve, args: () => [new Uint8Array(100_000)] },
  {
    name: 'edit distance 300²',
    elements: 90_000,
    fn: levenshtein,
    args: () => [u8(300), u8(300, 2), new Int32Array(301)],
  },
  { name: 'Collatz', elements: 3000, fn: collatz, args: () => [3000] },
  {
    name: 'heap sort',
    elements: 20_000,
    fn: heapSort,
    args: () => [Float64Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_011)],
  },
]
