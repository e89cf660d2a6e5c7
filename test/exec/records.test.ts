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

/** A value with the objects of `list` replaced by their places, so that equality tells one from its like. */
function sharing(list: readonly Point[], value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const at = list.indexOf(value as Point)
  if (at >= 0) return `object ${at}`
  if (Array.isArray(value)) return value.map(item => sharing(list, item))
  return Object.entries(value).map(([name, item]) => [name, sharing(list, item)])
}

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

  it('hand on the objects themselves', async () => {
    const givers: ((list: Point[]) => unknown)[] = [
      list => list[0],
      list => list.slice(),
      list => list.filter(p => p.x > 1),
      list => [list[0]],
      list => ({ first: list[0], rest: list.slice(1), all: list }),
      list => {
        const kept: Point[] = []
        for (const p of list) if (p.x > 0) kept.push(p, p)
        return kept
      },
      list => list.pop(),
    ]
    for (const fn of givers) {
      const kernel = offload(fn, { tier: 'scalar' })
      await kernel.warmup(points())
      const list = points()
      const [mine, other] = [[...list], [...list]]
      expect(sharing(list, kernel(mine)), String(fn)).toEqual(sharing(list, fn(other)))
      expect(sharing(list, mine), String(fn)).toEqual(sharing(list, other))
      expect(kernel.stats().calls.scalar, String(fn)).toBe(1)
    }
  })

  it('are made as JavaScript makes them, each of its own', async () => {
    const kernel = await kernelOf((list: Point[]) => {
      const made = list.map(p => ({ y: p.y, x: -p.x }))
      return [made, made.slice(1), made[0]]
    }, points())
    const [made, rest, first] = kernel(points()) as [Point[], Point[], Point]
    expect(first).toBe(made[0])
    expect(rest[0]).toBe(made[1])
    expect(rest[0]).not.toBe(first)
    expect(Object.entries(first)).toEqual([
      ['y', points()[0]!.y],
      ['x', -points()[0]!.x],
    ])
    expect(kernel.stats().calls.scalar).toBe(1)
  })

  it('are not compiled when somebody else holds a new object, too', async () => {
    const holders: ((list: Point[]) => unknown)[] = [
      list => {
        const p = { x: 0, y: 0 }
        const made: Point[] = []
        for (let i = 0; i < list.length; i++) {
          p.x = i
          made.push(p)
        }
        return made
      },
      list => {
        let last = { x: 0, y: 0 }
        const made = list.map(p => (last = { x: p.x, y: 1 }))
        last.x = 77
        return made
      },
      list => {
        let last = { x: 0, y: 0 }
        const made = list.map(p => {
          const own = { x: p.x, y: 1 }
          last = own
          return own
        })
        last.x = 77
        return made
      },
    ]
    for (const fn of holders) {
      const kernel = offload(fn, { tier: 'scalar' })
      await kernel.warmup(points())
      expect(kernel(points()), String(fn)).toEqual(fn(points()))
      expect(kernel.stats().calls.scalar, String(fn)).toBe(0)
    }
  })

  it('are not compiled when the kernel writes into them', async () => {
    const writers: ((list: Point[]) => unknown)[] = [
      list => {
        list[0]!.x = 9
      },
      list => {
        for (const p of list) p.y++
      },
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
