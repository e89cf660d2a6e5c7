import { describe, expect, it } from 'vitest'
import { offload } from '../../src/index.ts'

interface Point {
  x: number
  y: number
}
const sum = (points: Point[]): number => {
  let total = 0
  for (const p of points) total += p.x * 10 + p.y
  return total
}
const kernelOf = async <F extends (...args: never[]) => unknown>(fn: F, ...args: Parameters<F>) => {
  const kernel = offload(fn, { tier: 'scalar' })
  const { profiles } = await kernel.warmup(...args)
  expect(profiles.map(({ status }) => status)).toEqual(['ready'])
  return kernel
}
const points = (): Point[] => [
  { x: 1, y: 2 },
  { x: 3, y: 4 },
]

describe('arrays of objects', () => {
  it('are read compiled', async () => {
    const kernel = await kernelOf(sum, points())
    expect(kernel(points())).toBe(46)
    expect(kernel([])).toBe(0)
    expect(kernel(Array.from({ length: 5000 }, (_, i) => ({ y: i, x: -i })))).toBe(-9 * ((4999 * 5000) / 2))
    expect(kernel.stats().calls).toMatchObject({ js: 0, scalar: 3 })
  })

  it('may hold one object twice', async () => {
    const kernel = await kernelOf(sum, points())
    const [p] = points()
    expect(kernel([p!, p!, p!])).toBe(36)
    expect(kernel.stats().calls.scalar).toBe(1)
  })

  it('run as JavaScript where a field is no number of its own, and no code of the user runs for nothing', async () => {
    const kernel = await kernelOf(sum, points())
    let reads = 0
    const getter = Object.defineProperty({ y: 1 }, 'x', { get: () => 5 + 0 * reads++ }) as Point
    expect(kernel([getter])).toBe(51)
    expect(reads).toBe(1)
    let traps = 0
    const proxy = new Proxy(
      { x: 1, y: 2 },
      {
        get: (target, key) => {
          traps++
          return Reflect.get(target, key) as unknown
        },
      },
    )
    expect(kernel([proxy])).toBe(12)
    expect(traps).toBe(2)
    expect(kernel([Object.create({ x: 2, y: 3 }) as Point])).toBe(23)
    expect(kernel([{ x: 1 } as Point])).toBeNaN()
    expect(kernel([{ x: '4', y: 1 } as unknown as Point])).toBe(41)
    expect(() => kernel([null as unknown as Point])).toThrow(TypeError)
    expect(() => kernel([...points(), undefined as unknown as Point])).toThrow(TypeError)
    expect(kernel.stats().calls.scalar).toBe(0)
  })

  it('throw beyond the end as JavaScript does', async () => {
    const kernel = await kernelOf((list: Point[], i: number) => list[i]!.x, points(), 1)
    expect(kernel(points(), 1)).toBe(3)
    expect(() => kernel(points(), 2)).toThrow(TypeError)
  })

  it('are not compiled when the kernel writes into them, stores or returns them', async () => {
    const writers: ((list: Point[]) => unknown)[] = [
      list => {
        list[0]!.x = 9
      },
      list => {
        for (const p of list) p.y++
      },
      list => list[0],
      list => list.slice(),
      list => list.filter(p => p.x > 1),
      list => [list[0]],
      list => ({ first: list[0] }),
      list => list.push({ x: 1, y: 1 }),
      list => list.sort((a, b) => b.x - a.x),
      list => list.reverse(),
      list => list.indexOf(list[0]!),
      list => {
        list[0] = list[1]!
      },
    ]
    for (const fn of writers) {
      const kernel = offload(fn, { tier: 'scalar' })
      await kernel.warmup(points())
      const [mine, other] = [points(), points()]
      expect(kernel(mine), String(fn)).toEqual(fn(other))
      expect(mine, String(fn)).toEqual(other)
      expect(kernel.stats().calls.scalar, String(fn)).toBe(0)
    }
  })

  it('run as JavaScript when an object in them is written under another name', async () => {
    const fn = (target: Point, list: Point[]): number => {
      target.x = 100
      return list[0]!.x
    }
    const kernel = await kernelOf(fn, { x: 0, y: 0 }, points())
    const [p] = points()
    expect(kernel(p!, [p!])).toBe(100)
    expect(kernel({ x: 0, y: 0 }, points())).toBe(1)
    expect(kernel.stats().calls).toMatchObject({ js: 1, scalar: 1 })
  })

  it('have a result that is the argument itself', async () => {
    const kernel = await kernelOf((list: Point[]) => (list[0]!.x > 0 ? list : null), points())
    const given = points()
    expect(kernel(given)).toBe(given)
    expect(kernel.stats().calls.scalar).toBe(1)
  })
})
