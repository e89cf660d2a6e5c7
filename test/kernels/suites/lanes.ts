import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtPath } from '../../../base/files.ts'
import { FUNCTIONS, type MathFunction } from '../catalogue.ts'
import { type Driver, type LaneArray, laneArray } from '../driver.ts'
import { seeded } from '../random.ts'

const ODD_NEIGHBOURS = [NaN, Infinity, -Infinity, 0, -0, 5e-324, -1e300, 1e22, 0.3]

const bitsOf = (x: LaneArray): readonly number[] => [...new Uint32Array(x.buffer, x.byteOffset, x.byteLength / 4)]
/** Every NaN alike. */
const canonical = <A extends LaneArray>(x: A): A => x.map(v => (Number.isNaN(v) ? NaN : v)) as A

function samples(fn: MathFunction, count: number): readonly (readonly number[])[] {
  const random = seeded(3)
  return Array.from({ length: count }, () => fn.sample(random))
}

type Scalar = (x: number, y?: number) => number

export function lanePlacement(driver: Driver): void {
  describe('the bits of a result depend on its own arguments alone', () => {
    for (const fn of FUNCTIONS)
      for (const lanes of ['f64x2', 'f32x4'] as const)
        test(`${lanes}_${fn.name}: at any place, beside any neighbour`, () => {
          const list = samples(fn, 400)
          const x = laneArray(
            lanes,
            list.map(a => a[0]!),
          )
          const y = laneArray(
            lanes,
            list.map(a => a[1] ?? 0),
          )
          const plain = canonical(driver.map(lanes, fn, x, y))
          for (const [i, neighbour] of ODD_NEIGHBOURS.entries()) {
            // Each value between two odd ones, so that it falls on every lane in turn.
            const spread = (v: LaneArray) =>
              laneArray(
                lanes,
                Array.from(v).flatMap((e, j) => [neighbour, e, ODD_NEIGHBOURS[(i + j) % 9]!]),
              )
            const mixed = driver.map(lanes, fn, spread(x), spread(y))
            const picked = canonical(mixed.filter((_, j) => j % 3 === 1))
            expect(bitsOf(picked)).toEqual(bitsOf(plain))
          }
        })
  })

  describe('the shipped module', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true })
    const bytes = readFileSync(builtPath('kernels/math.wasm'))
    const module = new WebAssembly.Module(bytes)
    const exported = new WebAssembly.Instance(module, { env: { memory } }).exports

    for (const fn of FUNCTIONS)
      test(`${fn.name}: scalar companions give the bits of a lane`, () => {
        const list = samples(fn, 500)
        for (const lanes of ['f64x2', 'f32x4'] as const) {
          expect(exported).toHaveProperty(`${lanes}_${fn.name}`)
          const x = laneArray(
            lanes,
            list.map(a => a[0]!),
          )
          const y = laneArray(
            lanes,
            list.map(a => a[1] ?? 0),
          )
          const scalar = exported[`${lanes.slice(0, 3)}_${fn.name}`] as Scalar
          expect(bitsOf(canonical(x.map((v, i) => scalar(v, y[i]!))))).toEqual(
            bitsOf(canonical(driver.map(lanes, fn, x, y))),
          )
        }
      })

    test('imports nothing but the memory, and is small', () => {
      expect(WebAssembly.Module.imports(module).map(({ kind }) => kind)).toEqual(['memory'])
      expect(bytes.length).toBeLessThan(64_000)
    })
  })
}
