import type { Case } from './case.ts'

/** Arrays of objects with numbers in them. */
interface Point {
  readonly x: number
  readonly y: number
}

const at = (x: number, y: number): Point => ({ x, y })
const SQUARE = [at(0, 0), at(4, 0), at(4, 3), at(-0, Number.NaN)]
const CAPTURED = [at(1, 2), at(3, 4)]
class Body {
  readonly mass: number
  readonly position: number
  constructor(mass: number, position: number) {
    this.mass = mass
    this.position = position
  }
  weight(): number {
    return this.mass * 9.81
  }
}
const norm = (p: Point): number => Math.hypot(p.x, p.y)
const dot = ({ x, y }: Point, q: Point): number => x * q.x + y * q.y

type Fn = (...args: never[]) => unknown
const c = (
  name: string,
  fn: unknown,
  calls: () => readonly (readonly unknown[])[],
  extra: Partial<Case> = {},
): Case => ({
  name: `records: ${name}`,
  fn: fn as Fn,
  calls,
  ...extra,
})
const squares = (): unknown[][] => [[SQUARE], [SQUARE.slice(1)]]

export const RECORD_CASES: readonly Case[] = [
  c(
    'fields by index',
    (points: Point[]) => {
      let area = 0
      for (let i = 0, j = points.length - 1; i < points.length; j = i++)
        area += points[i]!.x * points[j]!.y - points[j]!.x * points[i]!.y
      return area / 2
    },
    squares,
  ),
  c(
    'for of, destructuring, helpers',
    (points: Point[]) => {
      let sum = 0
      for (const { x, y } of points) sum += x - 2 * y
      for (const p of points) sum += norm(p) + dot(p, points[0]!)
      return sum
    },
    squares,
  ),
  c(
    'callbacks',
    (points: Point[]) => [
      points.reduce((sum, p) => sum + p.x, 0),
      points.some(p => p.y > 2),
      points.every(p => p.x >= 0),
      points.findIndex(({ x }) => x === 4),
      points.map(p => p.x * p.x).length,
    ],
    squares,
  ),
  c(
    'the nearest, kept in a variable',
    (points: Point[], x: number, y: number) => {
      let best = points[0]!
      for (const p of points) if ((p.x - x) ** 2 + (p.y - y) ** 2 < (best.x - x) ** 2 + (best.y - y) ** 2) best = p
      return best.x + 100 * best.y
    },
    () => [
      [SQUARE, 4, 1],
      [SQUARE, -1, -1],
      [SQUARE, Number.NaN, 0],
    ],
  ),
  c(
    'beyond the end',
    (points: Point[], i: number) => points[i]!.x,
    () => [
      [SQUARE, 1],
      [SQUARE, 3],
    ],
  ),
  c(
    'tests of objects',
    (points: Point[], out: Float64Array) => {
      const p = points[0]
      out[0] = p ? 1 : 2
      out[1] = typeof p === 'object' ? 1 : 2
      out[2] = p === null || p === undefined ? 1 : 2
      out[3] = points.length
      const q = p && p.x > 1 ? p : points[1]!
      return q.x
    },
    () => [
      [SQUARE, new Float64Array(4)],
      [SQUARE.slice(1), new Float64Array(4)],
    ],
  ),
  c(
    'captured, in two loops',
    (xs: Float64Array) => {
      let sum = 0
      for (let i = 0; i < CAPTURED.length; i++) for (const x of xs) sum += CAPTURED[i]!.x * x + CAPTURED[i]!.y
      return sum
    },
    () => [[Float64Array.of(1, 2, 3)]],
  ),
  c(
    'instances of a class',
    (bodies: Body[]) => {
      let [sum, mass] = [0, 0]
      for (const body of bodies) {
        sum += body.mass * body.position
        mass += body.mass
      }
      return sum / mass
    },
    () => [[[new Body(1, 2), new Body(3, 5)]], [[new Body(0, 0), new Body(0, 1)]]],
  ),
  c(
    'the array itself is returned',
    (points: Point[]) => (points.length > 1 ? points : null),
    () => [[SQUARE]],
  ),
  c(
    'new ones, pushed and read again',
    (n: number, rate: number) => {
      const schedule: { month: number; interest: number; balance: number }[] = []
      let balance = 1000
      for (let month = 1; month <= n; month++) {
        const interest = balance * rate
        balance -= 100 - interest
        schedule.push({ month, interest, balance })
      }
      let total = 0
      for (const { interest } of schedule) total += interest
      return { schedule, total, last: schedule[n - 1]?.balance ?? balance }
    },
    () => [
      [0, 0.1],
      [3, 0.01],
      [20, -0],
    ],
  ),
  c(
    'new ones of callbacks',
    (points: Point[], n: number) => [
      points.map(p => ({ x: p.y, y: p.x })),
      points.map(({ x }, i) => {
        const length = Math.abs(x)
        return { i, length }
      }),
      Array.from({ length: n }, (_, i) => ({ 1: i, 0: -i, b: i / n })),
    ],
    () => squares().map(args => [...args, 3]),
  ),
  c(
    'those of an argument, chosen and handed on',
    (points: Point[], limit: number) => {
      const kept = [points[0]!]
      for (const p of points) if (norm(p) > limit) kept.push(p)
      const high = points.filter(p => p.y > 1)
      return [kept, high, points.slice(-1), high.map(p => p.x), kept[0]]
    },
    () => [
      [SQUARE, 1],
      [SQUARE.slice(1), 5],
    ],
  ),
  c(
    'a stack of them, and of rows',
    (points: Point[]) => {
      const stack: { x: number; depth: number }[] = []
      for (const { x } of points) stack.push({ x, depth: 0 })
      const rows = [[0, 0]]
      let sum = 0
      while (stack.length > 0) {
        const { x, depth } = stack.pop()!
        sum += x * depth
        rows.push([depth, x])
        if (depth < 3) stack.push({ x: x / 2, depth: depth + 1 })
      }
      while (rows.length) {
        const [a, b] = rows.pop()!
        sum = sum * 0.75 + a! - b!
      }
      return sum
    },
    () => [[SQUARE.slice(0, 3)]],
  ),
]
