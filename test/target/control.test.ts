import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONTEXT, STATUS_CANCELLED } from '../../compiler/abi.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Func, Stmt } from '../../compiler/ir/ir.ts'
import { BOX } from '../../compiler/ir/types.ts'
import { emit } from '../../compiler/target/emit.ts'
import {
  ARENA_AT,
  add,
  build,
  buildFunction,
  CONTEXT_AT,
  DATA_AT,
  entry,
  f64s,
  i,
  local,
  memory,
  module,
  outcome,
  plus,
  reset,
  slotAt,
  view,
  x,
} from './machine.ts'

beforeEach(() => reset())
afterEach(() => {
  new Uint8Array(memory.buffer, ARENA_AT).fill(0xee)
})

describe.each([0, 1] as const)('control, optimize %d', optimize => {
  const compile = (func: Func) => buildFunction(func, { optimize })

  describe('control', () => {
    it('breaks and continues through nested labels, the innermost of a name', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'n', type: 'i32' }],
          [local('k', 'i32'), local('s', 'i32')],
          'i32',
          b.block(
            'out',
            b.loop(
              'L',
              b.set(1, add(i(1), b.i32(1))),
              b.when(b.op('i32.gt_s', i(1), i(0)), [b.leave('out')]),
              b.when(b.op('i32.and', i(1), b.i32(1)), [b.again('L')]),
              b.block('L', b.when(b.op('i32.eq', i(1), b.i32(4)), [b.leave('L')]), b.set(2, add(i(2), i(1)))),
            ),
          ),
          b.ret(i(2)),
        ),
      )
      expect(run(10)).toBe(2 + 6 + 8 + 10)
    })

    it.each([
      [0, 5, 1],
      [3, 3, 1],
      [5, 2, 1],
      [0, 7, 3],
      [-4, 4, 2],
    ])('counts from %d to %d by %d', async (from, to, step) => {
      const { run } = await compile(
        entry(
          [
            { name: 'from', type: 'i32' },
            { name: 'to', type: 'i32' },
          ],
          [local('k', 'i32'), local('s', 'i32')],
          'i32',
          b.counted('L', 2, i(0), i(1), step, [
            b.set(1, b.i32(0)),
            b.when(b.op('i32.eq', i(2), b.i32(2)), [b.again('L')]),
            b.set(3, add(b.op('i32.mul', i(3), b.i32(10)), add(i(2), b.i32(1)))),
          ]),
          b.ret(b.op('i32.sub', b.op('i32.mul', i(3), b.i32(100)), i(2))),
        ),
      )
      let [k, s] = [from, 0]
      for (; k < to; k += step) if (k !== 2) s = (Math.imul(s, 10) + k + 1) | 0
      expect(run(from, to)).toBe((Math.imul(s, 100) - k) | 0)
    })

    it('leaves a counted loop early and keeps its counter', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'n', type: 'i32' }],
          [local('k', 'i32')],
          'i32',
          b.counted('L', 1, b.i32(0), b.i32(100), 1, [b.when(b.op('i32.eq', i(1), i(0)), [b.leave('L')])]),
          b.ret(i(1)),
        ),
      )
      expect([run(7), run(-1)]).toEqual([7, 100])
    })

    it('reads the bound before it sets the counter', async () => {
      const { run } = await compile(
        entry(
          [{ name: 'n', type: 'i32' }],
          [local('s', 'i32')],
          'i32',
          b.counted('L', 0, b.i32(0), i(0), 1, [b.set(1, add(i(1), b.i32(1)))]),
          b.ret(i(1)),
        ),
      )
      expect(run(6)).toBe(6)
    })

    it('evaluates only the arm that cond chooses', async () => {
      const { run } = await compile(
        entry(
          [
            { name: 'n', type: 'i32' },
            { name: 'd', type: 'i32' },
          ],
          [],
          'i32',
          b.ret(b.cond(i(1), b.op('i32.div_s', i(0), i(1)), b.i32(-7))),
        ),
      )
      expect([run(9, 2), run(9, 0)]).toEqual([4, -7])
    })
  })

  describe('exits', () => {
    it('tells the site and traps, also from a helper', async () => {
      const helper = b.func('helper', [{ name: 'n', type: 'i32' }], [], 'void', [
        b.when(b.op('i32.eq', i(0), b.i32(2)), [b.exit(5)]),
      ])
      const main = entry(
        [{ name: 'n', type: 'i32' }],
        [],
        'i32',
        b.when(b.op('i32.eq', i(0), b.i32(1)), [b.exit(0)]),
        b.call('helper', [i(0)]),
        b.ret(i(0)),
      )
      const { run } = await build(module(main, helper), { optimize })
      expect([0, 1, 2].map(n => outcome(() => run(n)))).toEqual([0, { status: 1 }, { status: 6 }])
    })
  })

  describe('cancelling', () => {
    const count = (...loop: Stmt[]): Func =>
      entry([{ name: 'n', type: 'i32' }], [local('k', 'i32')], 'i32', ...loop, b.ret(i(1)))
    const forever = count(b.loop('L', b.set(1, add(i(1), i(0)))))
    const counted = count(b.counted('L', 1, b.i32(0), i(0), 1, []))

    it.each([
      ['loop', forever],
      ['for', counted],
    ] as const)('stops a %s when asked', async (_, func) => {
      const { run } = await buildFunction(func, { optimize, cancellable: true })
      view.setInt32(CONTEXT_AT + CONTEXT.cancel, -1, true)
      expect(outcome(() => run(5000))).toEqual({ status: STATUS_CANCELLED })
    })

    it('looks often enough: within 1025 rounds, and in every round around another loop', async () => {
      const both = entry(
        [
          { name: 'n', type: 'i32' },
          { name: 'm', type: 'i32' },
        ],
        [local('k', 'i32')],
        'i32',
        b.counted('O', 2, b.i32(0), i(0), 1, [b.counted('I', 3, b.i32(0), i(1), 1, [])]),
        b.ret(i(0)),
      )
      const nested = await buildFunction(
        { ...both, locals: [...both.locals, local('j', 'i32')] },
        { optimize, cancellable: true },
      )
      const single = await buildFunction(counted, { optimize, cancellable: true })
      view.setInt32(CONTEXT_AT + CONTEXT.cancel, -1, true)
      expect(outcome(() => nested.run(1, 1))).toEqual({ status: STATUS_CANCELLED })
      expect(outcome(() => single.run(1024))).toBe(1024)
      expect(outcome(() => single.run(1025))).toEqual({ status: STATUS_CANCELLED })
    })

    it.each([0, 1, 1023, 1024, 1025, 2048, 2049, 5000])('runs every round: %i', async n => {
      const func = entry(
        [{ name: 'n', type: 'i32' }],
        [local('k', 'i32'), local('sum', 'i32')],
        'i32',
        b.counted('L', 1, b.i32(3), i(0), 7, [b.set(2, add(i(2), b.i32(1)))]),
        b.ret(i(2)),
      )
      const { run } = await buildFunction(func, { optimize, cancellable: true })
      expect(run(n)).toBe(n <= 3 ? 0 : Math.ceil((n - 3) / 7))
    })

    it('lets a loop run when not asked', async () => {
      const { run } = await buildFunction(counted, { optimize, cancellable: true })
      expect(run(5)).toBe(5)
    })
  })

  describe('calls', () => {
    it('passes and returns every type, also recursively', async () => {
      const half = b.func(
        'half',
        [
          { name: 'a', type: 'arr.f64' },
          { name: 'n', type: 'i32' },
        ],
        [local('p', 'arr.f64')],
        'arr.f64',
        [
          b.when(i(1), [
            b.call('half', [b.subarray('arr.f64', 0, b.i32(1), b.len(0)), b.op('i32.sub', i(1), b.i32(1))], 2),
            b.ret(b.get(2, 'arr.f64')),
          ]),
          b.ret(b.get(0, 'arr.f64')),
        ],
      )
      const boxed = b.func(
        'boxed',
        [
          { name: 'v', type: 'box' },
          { name: 'k', type: 'i64' },
          { name: 'f', type: 'f32' },
        ],
        [],
        'box',
        [
          b.ret(
            b.cond(
              b.op('i64.eqz', b.get(1, 'i64')),
              b.get(0, 'box'),
              b.op('box.from_f64', b.op('f64.from_f32', b.get(2, 'f32'))),
            ),
          ),
        ],
      )
      const main = entry(
        [
          { name: 'a', type: 'arr.f64' },
          { name: 'n', type: 'i32' },
        ],
        [local('p', 'arr.f64'), local('z', 'box'), local('y', 'box')],
        'f64',
        b.call('half', [b.get(0, 'arr.f64'), i(1)], 2),
        b.call('half', [b.get(0, 'arr.f64'), i(1)]),
        b.call('boxed', [b.box(BOX.true), b.i64(0n), b.f32(1.5)], 3),
        b.call('boxed', [b.box(BOX.true), b.i64(1n), b.f32(1.5)], 4),
        b.ret(
          plus(
            plus(b.load('f64', 2, b.i32(0)), b.op('f64.from_i32_s', b.len(2))),
            plus(b.op('f64.from_box', b.get(3, 'box')), b.op('f64.from_box', b.get(4, 'box'))),
          ),
        ),
      )
      const { run } = await build(module(main, half, boxed), { optimize })
      f64s(DATA_AT, [100, 200, 300, 400])
      expect(run(DATA_AT, 4, 2)).toBe(300 + 2 + 1 + 1.5)
    })

    it('exports the functions asked for beside the entry', async () => {
      const helper = b.func('helper', [{ name: 'n', type: 'i32' }], [], 'i32', [b.ret(add(i(0), b.i32(1)))])
      const main = entry([{ name: 'n', type: 'i32' }], [], 'i32', b.ret(i(0)))
      const { wasm } = await emit(module(main, helper), { optimize, exports: ['helper'] })
      const names = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name)
      expect(names).toEqual(['run', 'helper'])
    })

    it('imports the host functions that are used, in order of use', async () => {
      const { run, hosts } = await compile(
        entry(
          [{ name: 'x', type: 'f64' }],
          [local('r', 'f64')],
          'f64',
          { kind: 'hostcall', name: 'Math.random', args: [], result: 1 },
          { kind: 'hostcall', name: 'Math.random', args: [] },
          b.ret(
            plus(
              x(1),
              plus(b.host('Math.pow', x(0), b.f64(2)), plus(b.host('Math.sin', x(0)), b.host('Math.pow', x(0), x(0)))),
            ),
          ),
        ),
      )
      expect(hosts).toEqual(['Math.random', 'Math.pow', 'Math.sin'])
      expect(run(3)).toBe(0.25 + (9 + (Math.sin(3) + 27)))
    })

    it('writes result slots of every kind', async () => {
      const slot = (index: number, value: Expr): Stmt => ({ kind: 'result', slot: index, value })
      const { run } = await compile(
        entry(
          [
            { name: 'a', type: 'arr.f64' },
            { name: 'l', type: 'list.f64' },
          ],
          [],
          'void',
          slot(0, b.f64(-0.5)),
          slot(1, b.i32(-3)),
          slot(2, b.i64(-(2n ** 40n))),
          slot(3, b.UNDEFINED),
          slot(4, b.subarray('arr.f64', 0, b.i32(1), b.i32(3))),
          slot(5, b.get(1, 'list.f64')),
          slot(6, b.f32(2.5)),
        ),
      )
      run(DATA_AT, 4, 4242)
      expect(view.getFloat64(slotAt(0), true)).toBe(-0.5)
      expect(view.getInt32(slotAt(1), true)).toBe(-3)
      expect(view.getBigInt64(slotAt(2), true)).toBe(-(2n ** 40n))
      expect(view.getBigUint64(slotAt(3), true)).toBe(BOX.undefined)
      expect([view.getInt32(slotAt(4), true), view.getInt32(slotAt(4) + 4, true)]).toEqual([DATA_AT + 8, 2])
      expect(view.getInt32(slotAt(5), true)).toBe(4242)
      expect(view.getFloat32(slotAt(6), true)).toBe(2.5)
    })
  })
})
