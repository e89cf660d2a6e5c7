import { sum } from '../../src/intrinsics.ts'
import type { Case } from './case.ts'

/**
 * When values are read: an array is the one that its variable held when it was evaluated, an element has the value that
 * it had then, and what a test says of a variable holds until the variable is assigned.
 */
type Fn = (...args: never[]) => unknown
const c = (
  name: string,
  fn: unknown,
  calls: () => readonly (readonly unknown[])[],
  extra: Partial<Case> = {},
): Case => ({ name: `order: ${name}`, fn: fn as Fn, calls, ...extra })

type Numbers = Float64Array | number[]
type Mixed = (number | boolean | null | undefined)[]
const f64 = (...values: number[]): Float64Array => Float64Array.from(values)
const made = (length: number, first: number): Float64Array => {
  let a: Float64Array
  a = new Float64Array(length)
  if (first > 1) a = new Float64Array(length + 1)
  a[0] = first
  return a
}
const MODE: string = 'fast'
const isFinite_ = (x: number | undefined): boolean => x === undefined
function firstIsMissing(x: number | undefined): number {
  return arguments[0] === undefined ? 1 : (x as number) * 2
}
const both = (): Numbers[][] => [
  [f64(1, 2, 3), f64(4, 5)],
  [
    [1, 2, 3],
    [4, 5],
  ],
]

export const ORDER_CASES: readonly Case[] = [
  // references
  c(
    'variables that hold arrays change places',
    (xs: Float64Array, ys: Float64Array, n: number) => {
      let a = xs
      let b = ys
      for (let i = 0; i < n; i++) [a, b] = [b, a]
      return a[0]! + 10 * b[0]!
    },
    () => [0, 1, 2, 3].map(n => [f64(1), f64(2), n]),
  ),
  c(
    'an array in a literal whose variable is assigned afterwards',
    (xs: Float64Array, ys: Float64Array) => {
      let a = xs
      const t = [a, ys] as const
      const o = { d: a }
      a = ys
      return t[0][0]! + o.d[0]! * 10 + a[0]! * 100
    },
    () => [[f64(1), f64(2)]],
  ),
  c(
    'arrays that one function makes',
    (n: number) => {
      const t = [made(2, 1), made(2, 2)] as const
      const o = { p: made(2, 3), q: made(2, 4) }
      return [t[0][0]!, t[1][0]!, o.p[0]!, o.q[0]!, n]
    },
    () => [[1]],
  ),
  c(
    'callbacks assign the variable whose array is walked',
    (xs: Numbers, ys: Numbers) => {
      let a = xs
      let s = 0
      a.forEach((v, i) => {
        a = ys
        s += v * (i + 1)
      })
      a = xs
      s += (a as number[]).reduce((t, v) => {
        a = ys
        return t * 10 + v
      }, 0)
      a = xs
      for (const v of a) {
        a = ys
        s = s * 10 + v
      }
      a = xs
      s += sum(a, v => {
        a = ys
        return v
      })
      return s + a[0]!
    },
    both,
  ),
  c(
    'arguments assign the variable whose method is called',
    (xs: Numbers, ys: Numbers) => {
      let a = xs
      const first = a.at(((a = ys), 0))! + a[0]! * 10
      a = xs
      a.fill(((a = ys), 7))
      return first * 100 + a[0]!
    },
    both,
  ),
  c(
    'rest parameters and arguments hold the arrays of the call',
    (xs: Float64Array, ys: Float64Array) => {
      let a = xs
      const rest = (...all: Float64Array[]): number => {
        a = ys
        return all[0]![0]!
      }
      return rest(a, a) * 10 + a[0]!
    },
    () => [[f64(1), f64(2)]],
  ),
  // elements
  c(
    'what filter and find were given stays, though the callback writes it',
    (xs: Numbers) => {
      const kept = (xs as number[]).filter((v, i) => {
        xs[i] = 0
        return v > 1
      })
      const found = (xs as number[]).find((v, i) => {
        xs[i] = 9
        return v < 1
      })
      return [kept[0], found]
    },
    () => [[[1, 2, 3]], [f64(1, 2, 3)]],
  ),
  c(
    'arrays that get shorter or longer while they are walked',
    (xs: number[], how: number) => {
      if (how === 0)
        return xs.filter(v => {
          xs.pop()
          return v > 0
        })
      if (how === 1)
        return Array.from(xs, v => {
          xs.pop()
          return v
        })
      if (how === 2)
        return Array.from(xs, v => {
          if (xs.length < 5) xs.push(v + 10)
          return v
        })
      return sum(xs, v => {
        if (xs.length < 5) xs.push(v + 10)
        return v
      })
    },
    () => [0, 1, 2, 3].map(how => [[1, 2, 3, 4], how]),
    { leaves: [0, 1, 2, 3] },
  ),
  c(
    'from reads the elements of a typed array before its callback writes them',
    (xs: Float64Array) =>
      Float64Array.from(xs, (v, i) => {
        xs[i + 1] = 50
        return v
      }),
    () => [[f64(1, 2, 3)]],
  ),
  c(
    'a spread array is read before the element after it writes it',
    (xs: Numbers, x: number) => [...xs, (xs[0] = x), ...xs],
    () => [
      [[1, 2], 9],
      [f64(1, 2), 9],
    ],
  ),
  c(
    'a spread array is read before its last element is taken',
    (xs: number[]) => [...xs, xs.pop()!],
    () => [[[1, 2]]],
  ),
  c(
    'the greatest of a spread array that an argument writes',
    (xs: Float64Array, x: number) => {
      let y = x
      return Math.max(...xs, ((xs[0] = 100), 1)) * 1000 + Math.max(y, ...xs, ((y = x * 500), 1))
    },
    () => [[f64(1, 2), 3]],
  ),
  c(
    'all arguments of push are evaluated before the first is pushed',
    (xs: number[]) => {
      xs.push(xs.length, xs.length)
      return xs.length
    },
    () => [[[1, 2, 3]]],
  ),
  c(
    'new Array and Array.of of variables and elements that are written afterwards',
    (x: number, a: Float64Array) => {
      let y = x
      const t = [y, a[0]]
      const u = Array.of(y, a[0])
      y = x * 50
      a[0] = 60
      return [t[0], t[1], u[0], u[1], y]
    },
    () => [[1, f64(2)]],
  ),
  c(
    'new Array of what is no number',
    (x: number) => new Array(null as unknown as number).length * 10 + new Array((x > 0) as unknown as number).length,
    () => [[5], [-1]],
  ),
  c(
    'a switch over an element that a case writes',
    (a: Float64Array) => {
      switch (a[0]) {
        case ((a[0] = 5), 1):
          return 10
        case 5:
          return 20
        case 3:
          return 30
        default:
          return 40
      }
    },
    () => [[f64(3)], [f64(1)], [f64(5)]],
  ),
  c(
    'a logical assignment that does not assign appends nothing',
    (xs: Mixed, n: number) => {
      const holes = new Array<number>(n)
      holes[holes.length] &&= 5
      xs[xs.length] &&= 5
      return xs.length * 10 + holes.length
    },
    () => [[[1, true, null], 3]],
  ),
  // tests
  c(
    'a test of a variable that a later part of it assigns',
    (xs: Mixed, i: number) => {
      let x = xs[i]
      if (x !== null && ((x = xs[i + 1]), true)) return x === null ? 1 : 2
      let y = xs[i]
      if (y && ((y = xs[i + 1]), true)) return y === null ? 3 : 4
      return 5
    },
    () => [
      [[1, null, true], 0],
      [[1, null, true], 1],
    ],
  ),
  c(
    'strings are ordered as strings',
    (x: number) => (MODE < 'slow' ? x : -x) + (MODE > 'a' ? 1 : 2),
    () => [[5]],
  ),
  c(
    'functions with the names of built-ins are themselves',
    (x: number, xs: Float64Array) => {
      let n = x
      // biome-ignore lint/suspicious/noShadowRestrictedNames: that is the point
      const isNaN = (v: number): number => {
        n = v * x
        return v
      }
      // biome-ignore lint/suspicious/noShadowRestrictedNames: that is the point
      const isFinite = isFinite_
      const y = xs[9]
      return n + isNaN(5) + (isFinite(y) ? 1000 : 2000)
    },
    () => [[3, f64(1)]],
    { leaves: [0] },
  ),
  c(
    'arguments tell undefined from NaN',
    (xs: Float64Array, i: number) => firstIsMissing(xs[i]),
    () => [
      [f64(1, 2), 5],
      [f64(1, 2), 1],
    ],
    { leaves: [0] },
  ),
  c(
    'a variable assigned before its declaration',
    (a: number) => {
      // @ts-expect-error TypeScript sees it, too
      // biome-ignore lint/correctness/noInvalidUseBeforeDeclaration: that is the point
      if (a > 0) y = 2
      let y = 1
      if (a > 5) y++
      return y
    },
    () => [[1], [0]],
  ),
]
