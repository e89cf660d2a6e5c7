import { describe, expect, it } from 'vitest'
import { breakIf, range, sum, sumWhile } from '../../src/index.ts'
import type { AnyFn } from '../../src/kernel-types.ts'
import { offloadOf } from '../../src/offload.ts'
import { newEngine } from './support.ts'

/** The whole way from a call to its result, with the real front end and compiler, for every kind of argument and result. */
const engine = await newEngine()
const offload = offloadOf(engine)
const TABLE = Float64Array.of(3, 1, 2)
const IN_PLACE = engine.views.alloc(Float64Array, [5, 6, 7])
const view = (...values: number[]): Float64Array => engine.views.alloc(Float64Array, values)

interface Point {
  x: number
  y: number
}
interface Row {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  readonly args: () => unknown[]
  readonly self?: () => object
}
const row = (name: string, fn: unknown, args: () => unknown[], self?: () => object): Row => ({
  name,
  fn: fn as AnyFn,
  args,
  ...(self && { self }),
})

const ROWS: readonly Row[] = [
  row(
    'numbers',
    (a: number, b: number) => a * b - 1,
    () => [2, 3.5],
  ),
  row(
    'a boolean',
    (a: number, up: boolean) => (up ? a + 1 : a - 1),
    () => [1, true],
  ),
  row(
    'undefined',
    (a: number, b?: number) => (b === undefined ? a : a * b),
    () => [1, undefined],
  ),
  row(
    'a default',
    (a: number, b = 2) => a * b,
    () => [4],
  ),
  row(
    'a comparison',
    (a: number) => a > 2,
    () => [4],
  ),
  row(
    'unsigned',
    (a: number) => a >>> 0,
    () => [-4],
  ),
  row(
    'null as a result',
    (a: number) => (a < 0 ? null : Math.sqrt(a)),
    () => [-4],
  ),
  row(
    'a typed array',
    (a: Float64Array) => a[0]! + a.length,
    () => [TABLE.slice()],
  ),
  row(
    'a view',
    (a: Float64Array) => a[0]! + a.length,
    () => [view(1, 2)],
  ),
  row('a swap', swap, () => [Float64Array.of(1, 2, 3), 0, 2]),
  row('a swap in place', swap, () => [view(1, 2, 3), 0, 2]),
  row(
    'clamped bytes',
    (a: Uint8ClampedArray) => {
      for (let i = 0; i < a.length; i++) a[i] = a[i]! * 1.5
    },
    () => [Uint8ClampedArray.of(1, 200, 33)],
  ),
  row(
    'a Buffer',
    (a: Uint8Array) => {
      let h = 0
      for (let i = 0; i < a.length; i++) h = (h * 31 + a[i]!) >>> 0
      return h
    },
    () => [Buffer.from('hello')],
  ),
  row(
    'an array',
    (a: number[]) => {
      let s = 0
      for (const x of a) s += x
      return s
    },
    () => [[1, 2, 3.5]],
  ),
  row(
    'an array that grows',
    (a: number[]) => {
      for (let i = 0; i < a.length; i++) a[i]! *= 2
      a.push(9)
      return a
    },
    () => [[1, 2, 3.5]],
  ),
  row(
    'nested arrays',
    (m: number[][]) => {
      let s = 0
      for (let i = 0; i < m.length; i++) for (let j = 0; j < m[i]!.length; j++) s += m[i]![j]!
      return s
    },
    () => [
      [
        [1, 2],
        [3, 4, 5],
      ],
    ],
  ),
  row(
    'a new array',
    (n: number) => {
      const r: number[] = []
      for (let i = 0; i < n; i++) r.push(i * i)
      return r
    },
    () => [5],
  ),
  row(
    'a new typed array',
    (n: number) => {
      const r = new Float64Array(n)
      for (let i = 0; i < n; i++) r[i] = i * i
      return r
    },
    () => [5],
  ),
  row(
    'a slice',
    (a: Float64Array) => a.slice(1),
    () => [TABLE.slice()],
  ),
  row(
    'a map',
    (a: number[]) => a.map(x => x * 2),
    () => [[1, 2, 3]],
  ),
  row(
    'a tuple',
    (a: number, b: number) => [a + b, a * b],
    () => [4, 5],
  ),
  row(
    'an object',
    (p: Point) => p.x * p.y,
    () => [{ x: 2, y: 3 }],
  ),
  row(
    'an object that is written',
    (p: Point) => {
      p.x += p.y
      return p
    },
    () => [{ x: 2, y: 3 }],
  ),
  row(
    'a new object',
    (a: number, b: number) => ({ x: a + b, y: a - b }),
    () => [2, 3],
  ),
  row(
    'this',
    function scaled(this: { k: number; calls: number }, x: number): number {
      this.calls++
      return x * this.k
    },
    () => [3],
    () => ({ k: 2, calls: 0 }),
  ),
  row(
    'a captured table',
    (i: number) => TABLE[i]! * 2,
    () => [1],
  ),
  row(
    'a captured view',
    (i: number) => IN_PLACE[i]! * TABLE[i]!,
    () => [1],
  ),
  row(
    'recursion',
    function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2)
    },
    () => [12],
  ),
  row(
    'reductions',
    (n: number) => sum(range(n), i => (i % 2 ? i : 0)),
    () => [10],
  ),
  row(
    'loops with controls',
    (n: number) =>
      sumWhile(
        0,
        i => i < n,
        i => i + 1,
        i => breakIf(i >= 4, i),
      ),
    () => [10],
  ),
]

function swap(a: Float64Array, i: number, j: number): void {
  const t = a[i]!
  a[i] = a[j]!
  a[j] = t
}

describe('a compiled call is the original call', () => {
  it.each(ROWS)('with $name', async ({ fn, args, self }) => {
    const kernel = offload(fn, { tier: 'scalar' })
    const explanation = await kernel.warmup.call(self?.() ?? kernel, ...(args() as never[]))
    expect(explanation.profiles.map(({ status, diagnostics }) => [status, ...diagnostics])).toEqual([['ready']])
    for (let i = 0; i < 3; i++) {
      const [given, expected] = [args(), args()]
      const [me, other] = [self?.(), self?.()]
      expect(kernel.call(me as never, ...(given as never[]))).toEqual(fn.call(other as never, ...(expected as never[])))
      expect(given.map(plain)).toEqual(expected.map(plain))
      expect(me).toEqual(other)
    }
    expect(kernel.stats()).toMatchObject({ calls: { js: 0, scalar: 3 }, misses: {} })
  })
})

/** Views carry properties of their own, which are not compared. */
const plain = (value: unknown): unknown => (value instanceof Float64Array ? [...value] : value)

describe('arrays for scalar parameters', () => {
  it('run compiled with the bits of the original', async () => {
    const kernel = offload((x: number, y: number, z: number) => Math.sin(x) * Math.cos(y) + Math.sqrt(z) - 1.5)
    const xs = Float64Array.from({ length: 100 }, (_, i) => i / 7)
    const ys = Float32Array.from(xs, x => x * x)
    await kernel.warmup(xs, ys, 2)
    const expected = Float64Array.from(xs, (x, i) => kernel.original(x, ys[i]!, 2))
    expect(kernel(xs, ys, 2)).toEqual(expected)
    expect(kernel.stats().calls.scalar).toBe(1)
    expect(() => kernel(xs, new Float64Array(3), 2)).toThrow(/IRIS4004/)
  })
})

describe('errors and effects', () => {
  it('an exit reruns the original, which throws as it does', async () => {
    const kernel = offload(
      (a: Float64Array, i: number) => {
        if (i < 0) throw new RangeError('negative index')
        a[i] = a[i]! + 1
        return a[i]
      },
      { tier: 'scalar' },
    )
    const array = view(1, 2)
    await kernel.warmup(array, 1)
    expect(kernel(array, 1)).toBe(3)
    expect(() => kernel(array, -1)).toThrow(new RangeError('negative index'))
    expect([...array]).toEqual([1, 3])
    expect(kernel.stats().misses).toEqual({ IRIS4006: 1 })
  })

  it('arrays that overlap at a later call run as their own profile', async () => {
    const shift = offload((to: Float64Array, from: Float64Array) => {
      for (let i = 0; i < from.length; i++) to[i] = from[i]! * 2
    })
    await shift.warmup(new Float64Array(2), new Float64Array(2))
    for (const make of [(): Float64Array => Float64Array.of(1, 2, 3, 4), (): Float64Array => view(1, 2, 3, 4)]) {
      const [mine, other] = [make(), Float64Array.of(1, 2, 3, 4)]
      shift(mine.subarray(1), mine.subarray(0, 3))
      shift.original(other.subarray(1), other.subarray(0, 3))
      expect([...mine]).toEqual([...other])
      await shift.warmup(mine.subarray(1), mine.subarray(0, 3))
    }
    expect(shift.explain().profiles.length).toBe(2)
    const codes = shift.explain().profiles[0]!.diagnostics.map(({ code }) => code)
    expect(codes).toContain('IRIS4002')
  })

  it('an object that inherits from one that is written sees what is written', async () => {
    const kernel = offload(
      (heir: Point, from: Point) => {
        from.x = 5
        return heir.x
      },
      { tier: 'scalar' },
    )
    await kernel.warmup({ x: 1, y: 1 }, { x: 2, y: 2 })
    expect(kernel({ x: 1, y: 1 }, { x: 2, y: 2 })).toBe(1)
    const from = { x: 2, y: 2 }
    expect(kernel(Object.create(from) as Point, from)).toBe(5)
    await kernel.warmup(Object.create(from) as Point, from)
    from.x = 2
    expect(kernel(Object.create(Object.create(from) as Point) as Point, from)).toBe(5)
    expect(kernel.stats().calls).toMatchObject({ js: 2, scalar: 1 })
  })

  it('a built-in that hangs on a function may be replaced there', async () => {
    const wave = Object.assign((x: number) => x, { shape: Math.sin })
    const kernel = offload((xs: Float64Array) => wave.shape(xs[0]!), { tier: 'scalar' })
    const xs = view(0)
    await kernel.warmup(xs)
    expect(kernel(xs)).toBe(0)
    wave.shape = Math.cos
    expect(kernel(xs)).toBe(1)
    expect(kernel.stats().calls).toMatchObject({ js: 1, scalar: 1 })
  })

  it.each(['isNaN', 'Math'] as const)('a global %s that is replaced is not called for the old one', async name => {
    // biome-ignore lint/suspicious/noGlobalIsNan: the global is what is tested
    const kernel = offload((n: number) => (isNaN(Math.sqrt(n)) ? 2 : 1), { tier: 'scalar' })
    await kernel.warmup(4)
    expect(kernel(4)).toBe(1)
    const replacements = { isNaN: () => true, Math: { sqrt: () => Number.NaN } }
    const before: unknown = Reflect.get(globalThis, name)
    Reflect.set(globalThis, name, replacements[name])
    let result: unknown
    try {
      result = kernel(4)
    } finally {
      Reflect.set(globalThis, name, before)
    }
    expect(result).toBe(2)
    expect(kernel.stats().calls).toMatchObject({ js: 1, scalar: 1 })
  })

  it('a view that was made in another memory is copied', async () => {
    const foreign = (await newEngine()).views.alloc(Float64Array, [1, 2])
    const kernel = offload((a: Float64Array) => a[0]! + a[1]!)
    await kernel.warmup(view(1, 2))
    expect(kernel(foreign)).toBe(3)
  })

  it('arguments of kinds that no kernel takes are told by number', async () => {
    const kernel = offload((a: number, b: unknown) => a + (b as number[])[0]!)
    const { profiles } = await kernel.warmup(1, new BigInt64Array(1) as never)
    expect(profiles[0]!.diagnostics[0]).toMatchObject({
      code: 'IRIS4001',
      message: expect.stringContaining('argument 2'),
    })
    const proxied = await kernel.warmup(1, new Proxy([1], {}) as never)
    expect(proxied.profiles[1]!.diagnostics[0]!.code).toBe('IRIS4005')
  })
})
