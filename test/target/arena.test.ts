import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONTEXT, LIST_HEADER, STATUS_ARENA } from '../../compiler/abi.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Stmt } from '../../compiler/ir/ir.ts'
import { BOX, ELEM_BYTES, ELEMS, type Elem } from '../../compiler/ir/types.ts'
import {
  ARENA_AT,
  buildFunction,
  DATA_AT,
  entry,
  f64s,
  i,
  local,
  memory,
  outcome,
  plus,
  readF64s,
  reset,
  slotAt,
  view,
} from './machine.ts'

beforeEach(() => reset())
afterEach(() => {
  new Uint8Array(memory.buffer, ARENA_AT).fill(0xee)
})

describe.each([0, 1] as const)('arena, optimize %d', optimize => {
  const compile = (func: Func) => buildFunction(func, { optimize })

  describe('arena', () => {
    const newArray = (elem: Elem): Func =>
      entry(
        [{ name: 'n', type: 'i32' }],
        [local('p', `arr.${elem}`), local('q', `arr.${elem}`)],
        'void',
        { kind: 'newarray', local: 2, elem, length: b.i32(1) },
        { kind: 'newarray', local: 1, elem, length: i(0) },
        { kind: 'result', slot: 0, value: b.get(1, `arr.${elem}`) },
      )

    it.each(ELEMS)('gives aligned zeroed arrays of %s', async elem => {
      const { run } = await compile(newArray(elem))
      new Uint8Array(memory.buffer, ARENA_AT, 4096).fill(0xff)
      run(100)
      const [pointer, length] = [view.getInt32(slotAt(0), true), view.getInt32(slotAt(0) + 4, true)]
      expect([pointer % 16, length]).toEqual([0, 100])
      expect(pointer).toBeGreaterThan(ARENA_AT)
      expect(new Uint8Array(memory.buffer, pointer, 100 * ELEM_BYTES[elem]).every(byte => byte === 0)).toBe(true)
      expect(view.getInt32(CONTEXT.arenaTop + 65536, true)).toBe(pointer + 100 * ELEM_BYTES[elem])
    })

    it.each([
      [16 + 80, 10],
      [16 + 79, 10],
      [4096, 2 ** 31 - 1],
      [8, 0],
      [16, 0],
    ])('with %d bytes, %d elements', async (bytes, count) => {
      const { run } = await compile(newArray('f64'))
      reset(bytes)
      const fits = bytes >= 16 + 8 * count
      expect(outcome(() => run(count))).toEqual(fits ? undefined : { status: STATUS_ARENA })
    })
  })

  describe('lists', () => {
    const pushes = (elem: 'f64' | 'box', value: Expr): Func =>
      entry(
        [{ name: 'n', type: 'i32' }],
        [local('l', `list.${elem}`), local('k', 'i32'), local('o', 'list.f64')],
        'void',
        { kind: 'newlist', local: 1, length: b.i32(2), capacity: b.i32(0) },
        b.counted('L', 2, b.i32(0), i(0), 1, [
          { kind: 'listpush', list: 1, value },
          b.when(b.op('i32.eq', i(2), b.i32(9)), [
            { kind: 'newlist', local: 3, length: b.i32(0), capacity: b.i32(1) },
            { kind: 'listpush', list: 3, value: b.f64(5) },
          ]),
        ]),
        { kind: 'result', slot: 0, value: b.get(1, `list.${elem}`) },
      )
    const header = (handle: number) => ({
      data: view.getInt32(handle + LIST_HEADER.data, true),
      length: view.getInt32(handle + LIST_HEADER.length, true),
      capacity: view.getInt32(handle + LIST_HEADER.capacity, true),
    })

    it('grow in place and by moving, and keep their elements', async () => {
      const { run } = await compile(pushes('f64', b.op('f64.from_i32_s', i(2))))
      run(50)
      const { data, length, capacity } = header(view.getInt32(slotAt(0), true))
      expect(readF64s(data, length)).toEqual([0, 0, ...Array.from({ length: 50 }, (_, index) => index)])
      expect(capacity).toBeGreaterThanOrEqual(52)
      reset(300)
      expect(outcome(() => run(50))).toEqual({ status: STATUS_ARENA })
    })

    it.each([
      [7, 16 + 8 * 8],
      [8, 16 + 8 * 8],
      [17, 16 + 8 * 32],
    ])('of %d elements, alone, fit the arena when %d bytes do', async (count, bytes) => {
      const body: Stmt[] = [
        { kind: 'newlist', local: 1, length: b.i32(0), capacity: b.i32(0) },
        b.counted('L', 2, b.i32(0), i(0), 1, [{ kind: 'listpush', list: 1, value: b.f64(1) }]),
      ]
      const { run } = await compile(
        entry([{ name: 'n', type: 'i32' }], [local('l', 'list.f64'), local('k', 'i32')], 'void', ...body),
      )
      reset(bytes)
      expect(outcome(() => run(count))).toBeUndefined()
      reset(bytes - 1)
      expect(outcome(() => run(count))).toEqual({ status: STATUS_ARENA })
    })

    it('of boxes begin with undefined', async () => {
      const { run } = await compile(pushes('box', b.box(BOX.true)))
      run(1)
      const { data } = header(view.getInt32(slotAt(0), true))
      expect([0, 1, 2].map(index => view.getBigUint64(data + 8 * index, true))).toEqual([
        BOX.undefined,
        BOX.undefined,
        BOX.true,
      ])
    })

    it('of lists and of arrays hold handles and views', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'a', type: 'arr.f64' }],
          [local('ll', 'list.list.f64'), local('l', 'list.f64'), local('la', 'list.arr.f64'), local('p', 'arr.f64')],
          'f64',
          { kind: 'newlist', local: 1, length: b.i32(0), capacity: b.i32(0) },
          { kind: 'newlist', local: 2, length: b.i32(3), capacity: b.i32(0) },
          { kind: 'newlist', local: 3, length: b.i32(0), capacity: b.i32(0) },
          { kind: 'listset', list: 2, index: b.i32(1), value: b.f64(10) },
          { kind: 'listpush', list: 1, value: b.get(2, 'list.f64') },
          { kind: 'listpush', list: 1, value: b.get(2, 'list.f64') },
          { kind: 'listpush', list: 3, value: b.get(0, 'arr.f64') },
          { kind: 'listpush', list: 3, value: b.subarray('arr.f64', 0, b.i32(1), b.len(0)) },
          { kind: 'listset', list: 3, index: b.i32(0), value: b.subarray('arr.f64', 0, b.i32(2), b.len(0)) },
          b.set(2, b.listget('list.list.f64', 1, b.i32(1))),
          b.set(4, b.listget('list.arr.f64', 3, b.op('i32.sub', b.listlen(3), b.i32(2)))),
          b.ret(plus(b.listget('list.f64', 2, b.i32(1)), b.load('f64', 4, b.i32(0)))),
        ),
      )
      f64s(DATA_AT, [1, 2, 3])
      expect(run(DATA_AT, 3)).toBe(13)
    })

    it('shorten, and show their elements as an array', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'l', type: 'list.f64' }],
          [local('p', 'arr.f64')],
          'f64',
          { kind: 'listtruncate', list: 0, length: b.op('i32.sub', b.listlen(0), b.i32(1)) },
          b.set(1, b.listview(0)),
          b.ret(plus(b.op('f64.from_i32_s', b.len(1)), b.load('f64', 1, b.i32(1)))),
        ),
      )
      f64s(DATA_AT + 64, [5, 6, 7])
      new Int32Array(memory.buffer, DATA_AT, 3).set([DATA_AT + 64, 3, 3])
      expect(run(DATA_AT)).toBe(8)
      expect(view.getInt32(DATA_AT + LIST_HEADER.length, true)).toBe(2)
    })
  })
})
