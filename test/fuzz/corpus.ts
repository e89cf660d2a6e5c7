import type { Sample } from './program.ts'

/** Programs, as the shrinker left them, that have been compiled wrong once. */
export interface Found extends Sample {
  /** what went wrong */
  readonly was: string
}

const found = (was: string, body: string, calls: readonly string[], speculateIntegers = true): Found => ({
  was,
  source: `() => {\n${body}\n  return { kernel, functions: { ${helpersOf(body)} }, values: { ${valuesOf(body)} } }\n}`,
  calls: calls.map(args => `{ self: undefined, args: ${args} }`),
  speculateIntegers,
  tier: 'scalar',
})

const names = (text: string, pattern: RegExp): string => [...text.matchAll(pattern)].map(match => match[1]).join(', ')
const helpersOf = (text: string): string => names(text, /^ {2}function (?!kernel)(\w+)/gm)
const valuesOf = (text: string): string => names(text, /^ {2}const (?!kernel)(\w+)/gm)

export const CORPUS: readonly Found[] = [
  found(
    'lowering dropped the loop of findIndex, because both arms of the choice looked pure',
    `  function kernel(xs, x) {
    x &&= xs.findIndex(() => 1)
    return x
  }`,
    ['[[], 1]', '[[1], 1]', '[[1], 0]'],
    false,
  ),
  found(
    'lowering dropped an assignment in an arm of a choice',
    `  function kernel(x, y) {
    const r = x > 1 ? (y = 1, 2) : 3
    return r + 10 * y
  }`,
    ['[0, 5]', '[2, 5]'],
  ),
  found(
    'a typeof guard in a helper took NaN for undefined',
    `  function helper(x) {
    if (typeof x !== 'number') throw new TypeError('number wanted')
    return x
  }
  function kernel(xs, i) {
    return helper(xs[i])
  }`,
    ['[new Float64Array(3), 1]', '[new Float64Array(3), 7]'],
  ),
  found(
    'a helper that failed in a cold path was called elsewhere without a body',
    `  function helper(x) {
    return 0()
  }
  function kernel(x) {
    if (x > 9) helper(x)
    if (x > 8) helper(x)
    return x
  }`,
    ['[1]', '[2]'],
  ),
  found(
    'fill took an end that is undefined for 0',
    `  function kernel(xs) {
    xs.fill(7, 1, xs[9])
  }`,
    ['[new Float64Array(4)]', '[new Float64Array(12).fill(3)]'],
  ),
  found(
    "V8 ignores the end of a typed array's fill when the begin is undefined",
    `  function kernel(xs) {
    xs.fill(7, xs[9], 1)
  }`,
    ['[new Float64Array(4)]', '[new Float64Array(12)]'],
  ),
  found(
    'an assignment gave NaN for undefined, because its variable is only used as a number',
    `  function kernel(xs, x) {
    return { c: (x = xs[1]), d: x + 1 }
  }`,
    ['[[1], 1]', '[[1, 2], 1]'],
    false,
  ),
  found(
    "binaryen read a Uint32Array's element as signed where it is widened to i64",
    `  const c0 = 0
  function kernel(i, x, xs) {
    x = xs[i] ?? (c0 | x)
    return x
  }`,
    ['[3, 2e-308, new Uint32Array([1, 2, 3, -4])]', '[9, 2e300, new Uint32Array([1])]'],
  ),
  found(
    'a variable that holds one of two inputs was returned as the first of them',
    `  function kernel(a, b, x) {
    let t = a
    if (x > 1) t = b
    return t
  }`,
    ['[new Float64Array(1), new Float64Array(2), 0]', '[new Float64Array(1), new Float64Array(2), 3]'],
  ),
  found(
    'a counted loop with a bound computed in its test ran a round too few',
    `  function kernel(xs) {
    const f = () => Math.hypot(6, 0) / 7
    for (let i = 0; i < f(); i += 1) xs[0] ^= 8
  }`,
    ['[new Uint16Array(2)]'],
  ),
  found(
    'narrow used an i64 local as a double',
    `  function kernel(xs) {
    let v = 0
    for (let i = 0; i < 3; i++) {
      const k = xs.indexOf(xs[--v]) & 1
      for (let j = 0; j < 2; j++) v &= Math.pow(k, v + k)
    }
    return v
  }`,
    ['[new Float64Array([-5])]', '[new Float64Array([1, 2, 3])]'],
  ),
  {
    ...found(
      'vectorize gave 0 for a variable that no round of an inner loop set',
      `  function kernel(n, at) {
    for (let i = 0; i < n; i += 2) {
      while (0 > n) at.y = n
    }
  }`,
      ['[9, { y: -0 }]', '[9, { y: 5 }]'],
      false,
    ),
    tier: 'simd',
  },
  {
    ...found(
      'licm moved a vector load out of a loop that stores',
      `  function kernel(xs) {
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 7; j++) xs[i] /= j
    }
  }`,
      ['[new Uint8Array([14, 255, 20, 15, 0, 8])]'],
    ),
    tier: 'simd',
  },
  found(
    'the divisor 2^52 - 1 was taken for a power of two, because its logarithm rounds to 52',
    `  function kernel(x) {
    return x % 4503599627370495
  }`,
    ['[-1e300]', '[4503599627370497]', '[1]'],
  ),
  found(
    'of two views on the same elements the other one was returned',
    `  function kernel(xs, ys, n) {
    return n > 1 ? xs : ys
  }`,
    [
      '(b => [new Float64Array(b), new Float64Array(b, 8), 2])(new ArrayBuffer(16))',
      '(b => [new Float64Array(b), new Float64Array(b), 2])(new ArrayBuffer(16))',
      '(b => [new Float64Array(b), new Float64Array(b), 1])(new ArrayBuffer(16))',
    ],
  ),
  found(
    'the last view that a loop made before its test was not the one read after it',
    `  function kernel(a, n) {
    let i = 0, sum = 0, rest = a
    for (;;) {
      rest = a.subarray(i)
      if (!(i < n)) break
      sum += rest[0]
      i++
    }
    return sum * 1000 + rest[0]
  }`,
    ['[new Float64Array([1, 2, 3, 4, 5, 6]), 3]', '[new Float64Array([1, 2, 3]), 0]'],
  ),
  found(
    'what a loop sets before its test was not what its next run began with',
    `  function kernel(m, n) {
    let last = 0, before = 0, sum = 0
    for (let j = 0; j < m; j++) {
      let i = 0
      for (;;) {
        before = last
        last = i * 2
        if (!(i < n)) break
        sum = sum * 3 + before
        i++
      }
    }
    return sum
  }`,
    ['[3, 4]', '[2, 1]', '[5, 0]'],
  ),
  found(
    'that a bound fits 32 bits was tested before it was computed',
    `  function kernel(n) {
    let i = 2147483640, rounds = 0
    for (;;) {
      const end = n * 2
      if (!(i < end)) break
      rounds++
      i++
    }
    return rounds
  }`,
    ['[10]', '[1073741850]'],
  ),
  found(
    'an index that each round multiplies left the 64 bits that it was computed in',
    `  function kernel(a, n) {
    let z = 1
    for (let i = 0; i < n; i++) {
      z = z * 65536
      a[z] = 7
    }
    return a[0]
  }`,
    ['[new Float64Array(6), 9]', '[new Float64Array(6), 3]'],
  ),
  found(
    'a bounds check was proven by the arm that another check chooses, and dropped where that one stays',
    `  function kernel(src, n, m) {
    const before = new Int32Array(256), h = new Int32Array(256 + (m & 255))
    for (let i = 0; i < n; i++) h[src[i] * 1] = 1
    let sum = 0
    for (let i = 0; i < 256; i++) sum += before[i]
    return sum * 1000 + h[0] + h[3]
  }`,
    ['[new Uint8Array([1, 2, 3]), 3, 4]', '[new Uint8Array([1, 2, 3]), 5, 4]'],
    false,
  ),
  found(
    'that an index stays within 32 bits was tested before what it grows by was there',
    `  function kernel(out, m) {
    let step = 16777216
    for (let i = 0; i < 3; i++) {
      let at = 0
      for (let j = 0; j < m; j++) {
        out[at] = j
        at += step
      }
      step += 16777216
    }
    return out[0] + step
  }`,
    ['[new Float64Array(6), 3]', '[new Float64Array(6), 300]'],
  ),
]
