/**
 * Double-double arithmetic: an unevaluated sum of two doubles, about 106 significant bits. The reference functions are
 * written in it. Sources: T. J. Dekker, "A floating-point technique for extending the available precision" (1971);
 * Y. Hida, X. S. Li, D. H. Bailey, "Library for double-double and quad-double arithmetic" (2007).
 */
export type DD = readonly [high: number, low: number]

export const fromNumber = (x: number): DD => [x, 0]

/** a + b for |a| ≥ |b|. */
export function fastTwoSum(a: number, b: number): DD {
  const s = a + b
  return [s, b - (s - a)]
}

export function twoSum(a: number, b: number): DD {
  const s = a + b
  const t = s - a
  return [s, a - (s - t) + (b - t)]
}

const SPLITTER = 134217729 // 2^27 + 1

export function twoProduct(a: number, b: number): DD {
  const p = a * b
  const ta = SPLITTER * a
  const ah = ta - (ta - a)
  const al = a - ah
  const tb = SPLITTER * b
  const bh = tb - (tb - b)
  const bl = b - bh
  return [p, ah * bh - p + ah * bl + al * bh + al * bl]
}

export function add(a: DD, b: DD): DD {
  const [s, e] = twoSum(a[0], b[0])
  const [t, f] = twoSum(a[1], b[1])
  const [u, v] = fastTwoSum(s, e + t)
  return fastTwoSum(u, v + f)
}

export const negate = (a: DD): DD => [-a[0], -a[1]]
export const sub = (a: DD, b: DD): DD => add(a, negate(b))

export function mul(a: DD, b: DD): DD {
  const [p, e] = twoProduct(a[0], b[0])
  return fastTwoSum(p, e + (a[0] * b[1] + a[1] * b[0]))
}

/** Multiplication by a power of two. */
export const scale = (a: DD, power: number): DD => [a[0] * power, a[1] * power]

export function div(a: DD, b: DD): DD {
  const q = a[0] / b[0]
  const rest = sub(a, mul(b, [q, 0]))
  const r = rest[0] / b[0]
  const last = sub(rest, mul(b, [r, 0]))
  return add(fastTwoSum(q, r), [last[0] / b[0], 0])
}

export function sqrt(a: DD): DD {
  if (a[0] === 0) return a
  const root = Math.sqrt(a[0])
  const rest = sub(a, twoProduct(root, root))
  return fastTwoSum(root, rest[0] / (2 * root))
}

/** x · 2^n, also where 2^n alone is out of range. */
export function scaleBinary(x: number, n: number): number {
  const first = Math.max(-1000, Math.min(1000, n))
  const second = Math.max(-1000, Math.min(1000, n - first))
  return x * 2 ** first * 2 ** second * 2 ** (n - first - second)
}

/** c0 + c1 x + c2 x² + …, by Horner's rule. */
export function polynomial(coefficients: readonly DD[], x: DD): DD {
  let sum = coefficients[coefficients.length - 1]!
  for (let i = coefficients.length - 2; i >= 0; i--) sum = add(mul(sum, x), coefficients[i]!)
  return sum
}
