import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Param, Stmt } from '../../compiler/ir/ir.ts'
import { ELEM_BYTES, ELEMS, type Elem } from '../../compiler/ir/types.ts'
import {
  ARENA_AT,
  add,
  buildFunction,
  DATA_AT,
  entry,
  f64s,
  i,
  local,
  memory,
  readF64s,
  reset,
  view,
} from './machine.ts'

beforeEach(() => reset())
afterEach(() => {
  new Uint8Array(memory.buffer, ARENA_AT).fill(0xee)
})

describe.each([0, 1] as const)('arrays, optimize %d', optimize => {
  const compile = (func: Func) => buildFunction(func, { optimize })

  describe('arrays', () => {
    const VALUES: Readonly<Record<Elem, readonly number[]>> = {
      i8: [-128, 127, -1],
      u8: [0, 255, 7],
      u8c: [0, 255, 9],
      i16: [-32768, 32767, -1],
      u16: [0, 65535, 3],
      i32: [-(2 ** 31), 2 ** 31 - 1, 5],
      u32: [-1, 0, 2 ** 31 - 1],
      f32: [0.5, -0, Infinity],
      f64: [0.1, -0, -Infinity],
    }

    it.each(ELEMS)('loads and stores %s at constant, variable and mixed indices', async elem => {
      const type = b.load(elem, 0, b.i32(0)).type
      const source: Param = { name: 'source', type: `arr.${elem}` }
      const copyAt = (to: Expr, from: Expr): Stmt => b.store(elem, 1, to, b.load(elem, 0, from))
      const { run } = await compile(
        entry(
          [source, { ...source, name: 'target' }, { name: 'n', type: 'i32' }],
          [],
          type,
          copyAt(b.i32(0), add(i(2), b.i32(2))),
          copyAt(add(b.i32(1), i(2)), b.op('i32.sub', b.i32(1), i(2))),
          copyAt(b.op('i32.sub', i(2), b.i32(-2)), b.op('i32.sub', add(i(2), b.i32(5)), b.i32(5))),
          b.ret(b.load(elem, 1, b.i32(2))),
        ),
      )
      const size = ELEM_BYTES[elem]
      const sample = await compile(
        entry([source, local('v', type)], [], 'void', b.store(elem, 0, b.i32(0), b.get(1, type))),
      )
      VALUES[elem].forEach((value, index) => {
        sample.run(DATA_AT + index * size, 3, value)
      })
      const bytes = (at: number): number[] => [...new Uint8Array(memory.buffer, at, size)]
      const have = run(DATA_AT, 3, DATA_AT + 64, 3, 0)
      expect(have).toBe(VALUES[elem][0])
      expect([0, 1, 2].map(index => bytes(DATA_AT + 64 + index * size))).toEqual(
        [2, 1, 0].map(index => bytes(DATA_AT + index * size)),
      )
    })

    it('wraps an index that is below its constant part', async () => {
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: 'arr.f64' },
            { name: 'n', type: 'i32' },
          ],
          [],
          'f64',
          b.ret(b.load('f64', 0, add(i(1), b.i32(3)))),
        ),
      )
      f64s(DATA_AT, [1, 2, 3, 4])
      expect([-3, -2, -1, 0].map(n => run(DATA_AT, 4, n))).toEqual([1, 2, 3, 4])
    })

    it('keeps a large constant part out of the offset', async () => {
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: 'arr.u8' },
            { name: 'n', type: 'i32' },
          ],
          [],
          'i32',
          b.ret(b.load('u8', 0, add(i(1), b.i32(2 ** 30)))),
        ),
      )
      view.setUint8(DATA_AT + 5, 77)
      expect(run(DATA_AT, 8, 5 - 2 ** 30)).toBe(77)
    })

    it('sets one array from another, from a part of itself, and by choice', async () => {
      const arr = (id: number) => b.get(id, 'arr.f64')
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: 'arr.f64' },
            { name: 'b', type: 'arr.f64' },
            { name: 'n', type: 'i32' },
          ],
          [local('p', 'arr.f64')],
          'i32',
          b.set(3, b.cond(i(2), arr(0), b.subarray('arr.f64', 1, b.i32(1), b.len(1)))),
          b.set(3, b.subarray('arr.f64', 3, b.i32(1), b.op('i32.sub', b.len(3), b.i32(1)))),
          b.store('f64', 3, b.i32(0), b.f64(9)),
          b.ret(b.len(3)),
        ),
      )
      f64s(DATA_AT, [0, 0, 0, 0])
      f64s(DATA_AT + 64, [0, 0, 0, 0, 0])
      expect(run(DATA_AT, 4, DATA_AT + 64, 5, 1)).toBe(2)
      expect(run(DATA_AT, 4, DATA_AT + 64, 5, 0)).toBe(2)
      expect(readF64s(DATA_AT, 4)).toEqual([0, 9, 0, 0])
      expect(readF64s(DATA_AT + 64, 5)).toEqual([0, 0, 9, 0, 0])
    })

    it('reads the old array for both ends of the new one', async () => {
      const part = b.subarray('arr.i32', 0, b.load('i32', 0, b.i32(0)), b.load('i32', 0, b.i32(1)))
      const { run } = await compile(
        entry(
          [{ name: 'a', type: 'arr.i32' }],
          [],
          'i32',
          b.set(0, part),
          b.ret(b.op('i32.add', b.len(0), b.load('i32', 0, b.i32(0)))),
        ),
      )
      new Int32Array(memory.buffer, DATA_AT, 5).set([2, 5, 100, 0, 0])
      expect(run(DATA_AT, 5)).toBe(103)
    })

    it.each(ELEMS)('fills %s from begin to end, and nothing else', async elem => {
      const type = b.load(elem, 0, b.i32(0)).type
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: `arr.${elem}` },
            { name: 'begin', type: 'i32' },
            { name: 'end', type: 'i32' },
            { name: 'v', type },
          ],
          [],
          'void',
          { kind: 'fill', array: 0, begin: i(1), end: i(2), value: b.get(3, type) },
        ),
      )
      const Kind = {
        i8: Int8Array,
        u8: Uint8Array,
        u8c: Uint8Array,
        i16: Int16Array,
        u16: Uint16Array,
        i32: Int32Array,
        u32: Int32Array,
        f32: Float32Array,
        f64: Float64Array,
      }[elem]
      const array = new Kind(memory.buffer, DATA_AT, 80)
      for (const [begin, end] of [
        [0, 0],
        [3, 4],
        [1, 2],
        [5, 22],
        [0, 64],
        [7, 80],
      ] as const) {
        const want = array.fill(1).slice().fill(-2, begin, end)
        run(DATA_AT, 80, begin, end, -2)
        expect([...array]).toEqual([...want])
      }
    })

    it('fills with zero and minus zero', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'a', type: 'arr.f64' }],
          [],
          'void',
          { kind: 'fill', array: 0, begin: b.i32(0), end: b.i32(3), value: b.f64(0) },
          { kind: 'fill', array: 0, begin: b.i32(1), end: b.i32(2), value: b.f64(-0) },
        ),
      )
      f64s(DATA_AT, [1, 1, 1, 1])
      run(DATA_AT, 4)
      expect(readF64s(DATA_AT, 4)).toEqual([0, -0, 0, 1])
    })

    it('copies overlapping ranges as if through a buffer', async () => {
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: 'arr.f64' },
            { name: 'to', type: 'i32' },
            { name: 'from', type: 'i32' },
          ],
          [],
          'void',
          {
            kind: 'copy',
            target: 0,
            targetIndex: add(i(1), b.i32(1)),
            source: 0,
            sourceIndex: i(2),
            count: b.i32(3),
          },
        ),
      )
      f64s(DATA_AT, [1, 2, 3, 4, 5])
      run(DATA_AT, 5, 0, 0)
      expect(readF64s(DATA_AT, 5)).toEqual([1, 1, 2, 3, 5])
      run(DATA_AT, 5, -1, 1)
      expect(readF64s(DATA_AT, 5)).toEqual([1, 2, 3, 3, 5])
    })
  })
})
