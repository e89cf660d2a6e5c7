import { describe, expect, it } from 'vitest'
import type { Elem } from '../../../compiler/ir/types.ts'
import { CONSTRUCTORS, type TypedArray } from '../../../runtime/exec/elements.ts'
import { alloc, kernels } from '../../../src/kernels/index.ts'
import { numbers, randomOf, same } from './inputs.ts'

/**
 * Ordinary arrays are copied, in parts where that is possible, to a memory of their own; the bits are those of arrays in kernel
 * memory, which are used where they are.
 */
const PART_BYTES = 1 << 16
const ROOM_BYTES = 1 << 20

type Kernel = (x: TypedArray, y: TypedArray, out: TypedArray) => unknown
const any = kernels as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>

const KERNELS: readonly (readonly [string, readonly Elem[], Kernel])[] = [
  ['sum', ['f64', 'f32', 'u8'], x => any.sum!(x)],
  ['dot', ['f64', 'i32', 'i8'], (x, y) => any.dot!(x, y)],
  ['euclidean', ['f64', 'f32'], (x, y) => any.euclidean!(x, y)],
  ['hamming', ['f64', 'u16', 'u8c'], (x, y) => any.hamming!(x, y)],
  ['cosine', ['f64', 'f32'], (x, y) => any.cosine!(x, y)],
  ['variance', ['f64', 'i32'], x => any.variance!(x, 1)],
  ['norm', ['f64', 'f32'], x => any.norm!(x)],
  ['max', ['f64', 'u32', 'i16'], x => any.max!(x)],
  ['add', ['f64', 'f32', 'i32'], (x, y, out) => any.add!(x, y, out)],
  ['div in place', ['f64', 'f32'], (x, y) => any.div!(x, y, x)],
  ['scale', ['f64', 'i32'], (x, _y, out) => any.scale!(1.5, x, out)],
  ['axpy onto y', ['f64', 'f32'], (x, y) => any.axpy!(-0.5, x, y, y)],
  ['clamp', ['f64', 'u8', 'u8c', 'i8'], (x, _y, out) => any.clamp!(x, 3, 90, out)],
  ['cumsum', ['f64', 'f32', 'i32'], (x, _y, out) => any.cumsum!(x, out)],
  ['crc32', ['u8', 'f32'], x => any.crc32!(x, 5)],
  ['adler32', ['u8', 'i16'], x => any.adler32!(x)],
  ['xxhash64', ['u8', 'f64'], x => any.xxhash64!(x, 7n)],
]

const equal = (a: unknown, b: unknown): boolean =>
  ArrayBuffer.isView(a) ? same(a as unknown as TypedArray, b as TypedArray) : Object.is(a, b)

describe('ordinary arrays and those of kernel memory', () => {
  it.each(KERNELS)('%s', (name, kinds, kernel) => {
    for (const elem of kinds) {
      const part = PART_BYTES / CONSTRUCTORS[elem].BYTES_PER_ELEMENT
      for (const n of [1, 700, part - 1, part, part + 1, 3 * part + 517, 18 * part + 3]) {
        const [x, y, out] = [1, 2, 3].map(seed => numbers(elem, n, randomOf(seed), seed === 1 && n < 1000))
        const there = [x!, y!, out!].map(array =>
          alloc(array.constructor as typeof Float64Array, array as Float64Array),
        )
        const wanted = kernel(there[0]!, there[1]!, there[2]!)
        const found = kernel(x!, y!, out!)
        expect(equal(found, wanted), `${name} of ${n} ${elem}`).toBe(true)
        for (const [i, array] of [x, y, out].entries())
          expect(same(array!, there[i]!), `${name} ${elem} ${i}`).toBe(true)
      }
    }
    expect(18 * PART_BYTES).toBeGreaterThan(ROOM_BYTES)
  })

  it('may be mixed', () => {
    const [x, y] = [1, 2].map(seed => numbers('f64', 20_000, randomOf(seed))) as [Float64Array, Float64Array]
    expect(kernels.dot(x, alloc(Float64Array, y))).toBe(kernels.dot(x, y))
    const out = alloc(Float64Array, x.length)
    expect(kernels.add(x, y, out)).toBe(out)
    expect(same(out, kernels.add(x, y))).toBe(true)
  })
})
