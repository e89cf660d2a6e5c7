import type { Case } from './case.ts'

/** Optional chaining: over what may be missing as a whole, rows outside of an array, and calls. */
type Grid = readonly (readonly number[])[]
interface Options {
  readonly scale?: number
  readonly inner?: { readonly shift: number }
}

type Fn = (...args: never[]) => unknown
const c = (name: string, fn: unknown, calls: () => readonly (readonly unknown[])[]): Case => ({
  name: `chains: ${name}`,
  fn: fn as Fn,
  calls,
})

const GRID: Grid = [[1, 0, 2], [-0], [Number.NaN, 1, 1]]
const twice = (x: number): number => x * 2
const LIBRARY: { readonly absent?: (x: number) => number } = {}

export const CHAIN_CASES: readonly Case[] = [
  c(
    'options that may be missing',
    (xs: Float64Array, options?: Options | null) => {
      const scale = options?.scale ?? 1
      let sum = 0
      for (const x of xs) sum += x * scale + (options?.inner?.shift ?? 0.5)
      return sum
    },
    () => {
      const xs = Float64Array.of(1, -2.5, 1e300)
      return [[xs], [xs, null], [xs, {}], [xs, { scale: 3 }], [xs, { scale: -0, inner: { shift: 2 } }]]
    },
  ),
  c(
    'an array or nothing, with a key that has an effect',
    (xs?: number[] | null) => {
      let i = 0
      const a = xs?.[i++] ?? -1
      const b = xs?.[i++] ?? -2
      return [a, b, i, xs?.length]
    },
    () => [[[5, 6, 7]], [[5]], [[]], [undefined], [null]],
  ),
  c(
    'rows outside of the array',
    (grid: Grid, y: number, x: number) => [grid[y]?.[x], grid[y]?.length, grid[y]?.[x] ?? -1, grid[y]?.[x] === 1],
    () => [-1, 0, 1, 2, 3].flatMap(y => [0, 1, 3, -1].map(x => [GRID, y, x])),
  ),
  c(
    'neighbours in a grid',
    (grid: Grid) =>
      grid.map((row, y) =>
        row.map((_, x) => {
          let count = 0
          for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) count += grid[y + dy]?.[x + dx] ?? 0
          return count
        }),
      ),
    () => [[GRID], [GRID.slice(1)]],
  ),
  c(
    'objects of an array',
    (points: readonly { x: number }[], i: number) => (points[i]?.x ?? 9) + (points[i + 1]?.x ?? 100),
    () => [-1, 0, 1, 2].map(i => [[{ x: 1 }, { x: -0 }], i]),
  ),
  c(
    'the rest of the chain is not evaluated',
    (grid: Grid, y: number) => {
      let calls = 0
      const key = (): number => calls++
      const value = grid[y]?.slice(key()).map(v => v + key())[key()] ?? -1
      return [value, calls]
    },
    () => [
      [GRID, 0],
      [GRID, 1],
      [GRID, 7],
    ],
  ),
  c(
    'parentheses end a chain',
    (options: Options | undefined, xs: readonly number[]) => [
      (options?.scale ?? 0) + 1,
      xs?.[9] ?? 4,
      xs[7]?.toFixed ?? 5,
    ],
    () => [
      [undefined, [1]],
      [{ scale: 2 }, []],
    ],
  ),
  c(
    'functions and methods that may be missing',
    (x: number, shape: { k: number; area?: (r: number) => number }) => [
      LIBRARY.absent?.(x) ?? -1,
      twice?.(x),
      shape.area?.(x) ?? shape.k,
      shape?.area?.(x),
    ],
    () => [[3, { k: 2 }]],
  ),
]
