import { afterEach, describe, expect, it } from 'vitest'
import { type CallPlan, CONTEXT, STATUS_ARENA } from '../../compiler/abi.ts'
import { BOX } from '../../compiler/ir/types.ts'
import type { Captured } from '../../runtime/exec/access.ts'
import { ABANDONED, NOT_TAKEN } from '../../runtime/exec/failure.ts'
import { compileModule, instantiate } from '../../runtime/exec/instance.ts'
import { PlanInvoker } from '../../runtime/exec/marshal.ts'
import type { KernelMemory } from '../../runtime/exec/memory.ts'
import { ThreadContext } from '../../runtime/exec/thread-context.ts'
import { Views } from '../../runtime/exec/views.ts'
import { arg, listAt, NOTHING_CAPTURED, newMemory, numberAt, typedAt, watKernel } from './support.ts'

interface Bench {
  readonly call: (...values: unknown[]) => unknown
  readonly callOn: (self: unknown, ...values: unknown[]) => unknown
  readonly invoker: PlanInvoker
  readonly views: Views
  readonly memory: KernelMemory
}

async function bench(
  body: string,
  plan: Partial<CallPlan>,
  captured: Captured = NOTHING_CAPTURED,
  memory = newMemory(),
): Promise<Bench> {
  const kernel = await watKernel(body, plan)
  const context = new ThreadContext(memory)
  const invoker = new PlanInvoker(
    kernel.plan,
    instantiate(await compileModule(kernel.wasm), kernel.plan, context),
    captured,
    context,
  )
  const callOn = (self: unknown, ...values: unknown[]): unknown => invoker.call(self, values.length, values)
  return { call: (...values) => callOn(undefined, ...values), callOn, invoker, views: new Views(memory), memory }
}

const run = (params: string, body: string): string => `(func (export "run") ${params} ${body})`
const LEAVE = `(i32.store (global.get $context) (i32.const 1)) (unreachable)`
const EXIT: Partial<CallPlan> = { mayExit: true, exits: [{ reason: 'a test', speculation: 'integer' }] }
/** out[0] = in[0] + 1 */
const INCREMENT = '(f64.store (local.get 2) (f64.add (f64.load (local.get 0)) (f64.const 1)))'
const TWO_ARRAYS = '(param i32 i32 i32 i32)'

describe('typed arrays inside plain arrays', () => {
  const ROWS = { kind: 'list', access: arg(0), param: true, element: { typed: 'f64' } } as const
  const inputs = [{ ...ROWS, reads: true, writes: true, resizes: false }] as const
  const row = (at: string): string => `(i32.load offset=${at} (i32.load (local.get 0)))`

  it('go back when they were written, and stay the same objects', async () => {
    const { call } = await bench(run('(param i32)', `(f64.store (i32.load (i32.load (local.get 0))) (f64.const 7))`), {
      inputs,
    })
    const rows = [Float64Array.of(1, 2), Float64Array.of(3)]
    const [first, second] = rows
    call(rows)
    expect(rows).toEqual([Float64Array.of(7, 2), Float64Array.of(3)])
    expect([rows[0] === first, rows[1] === second]).toEqual([true, true])
  })

  it('may change places, and become parts of each other', async () => {
    const part = `(i32.store (i32.load (local.get 0)) (i32.add ${row('8')} (i32.const 8)))`
    const { call } = await bench(run('(param i32)', part), { inputs })
    const rows = [Float64Array.of(1), Float64Array.of(3, 4)]
    call(rows)
    expect(rows).toEqual([Float64Array.of(4), Float64Array.of(3, 4)])
    expect(rows[0]?.buffer).toBe(rows[1]?.buffer)
  })

  it('must not overlap when they are written', async () => {
    const { call } = await bench(run('(param i32)', ''), { inputs })
    const one = new Float64Array(4)
    expect(call([one, one.subarray(1)])).toBe(NOT_TAKEN)
    expect(call([one, one])).toBe(NOT_TAKEN)
    expect(call([one, new Float64Array(4)])).toBe(undefined)
  })
})

describe('scalars', () => {
  it('passes numbers and booleans, and reads every kind of result', async () => {
    const body = run('(param f64 i32) (result f64)', '(f64.add (local.get 0) (f64.convert_i32_s (local.get 1)))')
    const inputs = [numberAt(0), { kind: 'boolean', access: arg(1), param: true } as const]
    const { call } = await bench(body, { inputs, result: { kind: 'f64' } })
    expect(call(1.5, true)).toBe(2.5)
    expect(call(1.5, 1)).toBe(NOT_TAKEN)
    expect(call('1', true)).toBe(NOT_TAKEN)
    expect(call(1.5)).toBe(NOT_TAKEN)
  })

  it('reads integers by their meaning', async () => {
    const body = run('(result i32)', '(i32.const -1)')
    for (const [kind, value] of [
      ['i32', -1],
      ['u32', 4294967295],
      ['bool', true],
    ] as const) {
      expect((await bench(body, { result: { kind } })).call()).toBe(value)
    }
  })

  it('compares constants by identity of the value', async () => {
    const body = run('', '(nop)')
    const is = (value: undefined | null | number | string) =>
      ({ kind: 'is', access: arg(0), param: false, value }) as const
    expect((await bench(body, { inputs: [is(undefined)] })).call()).toBe(undefined)
    expect((await bench(body, { inputs: [is(undefined)] })).call(null)).toBe(NOT_TAKEN)
    expect((await bench(body, { inputs: [is(-0)] })).call(0)).toBe(NOT_TAKEN)
    expect((await bench(body, { inputs: [is('a')] })).call('a')).toBe(undefined)
  })
})

describe('typed arrays', () => {
  it('copies in, and back what was written', async () => {
    const { call, memory } = await bench(run(TWO_ARRAYS, INCREMENT), {
      inputs: [typedAt(0, { writes: false }), typedAt(1)],
    })
    const source = Float64Array.of(1, 2)
    const target = Float64Array.of(5, 6)
    const before = memory.usedBytes
    expect(call(source, target)).toBe(undefined)
    expect([...target]).toEqual([2, 6])
    expect([...source]).toEqual([1, 2])
    call(source, target)
    expect(memory.usedBytes - before).toBeLessThanOrEqual(64 * 1024)
  })

  it('passes arrays of kernel memory as they are', async () => {
    const { call, views } = await bench(run(TWO_ARRAYS, INCREMENT), {
      inputs: [typedAt(0, { writes: false }), typedAt(1)],
    })
    const source = views.alloc(Float64Array, [1])
    const target = views.alloc(Float64Array, 3)
    call(source, target.subarray(1))
    expect([...target]).toEqual([0, 2, 0])
  })

  it('takes the wrong kind of array for no array of its own', async () => {
    const { call } = await bench(run(TWO_ARRAYS, INCREMENT), { inputs: [typedAt(0), typedAt(1)] })
    expect(call(new Float32Array(1), new Float64Array(1))).toBe(NOT_TAKEN)
    expect(call([1], new Float64Array(1))).toBe(NOT_TAKEN)
    expect(call(Object.create(Float64Array.prototype), new Float64Array(1))).toBe(NOT_TAKEN)
    expect(call(new (class extends Float64Array {})(1), new Float64Array(1))).toBe(NOT_TAKEN)
  })

  it('keeps the aliasing of views that overlap where the plan expects it', async () => {
    const { call } = await bench(
      run(TWO_ARRAYS, `${INCREMENT} (f64.store (i32.add (local.get 0) (i32.const 8)) (f64.const 9))`),
      {
        inputs: [typedAt(0, { group: 1 }), typedAt(1, { group: 1 })],
      },
    )
    const whole = Float64Array.of(1, 2, 3, 4)
    call(whole.subarray(0, 3), whole.subarray(1))
    expect([...whole]).toEqual([1, 9, 3, 4]) // [1] was written through both views, last through the first
  })

  it('keeps odd offsets of overlapping byte views', async () => {
    const { call } = await bench(run(TWO_ARRAYS, '(i32.store8 (local.get 2) (i32.load8_u (local.get 0)))'), {
      inputs: [typedAt(0, { elem: 'u8', group: 1, writes: false }), typedAt(1, { elem: 'u8', group: 1 })],
    })
    const whole = Uint8Array.from({ length: 20 }, (_, i) => i)
    call(whole.subarray(3, 12), whole.subarray(5, 9))
    expect(whole[5]).toBe(3)
  })

  it('refuses overlap that the plan does not expect, unless all only read', async () => {
    const plan = { inputs: [typedAt(0, { writes: false }), typedAt(1)] }
    const { call, invoker, views } = await bench(run(TWO_ARRAYS, INCREMENT), plan)
    const whole = Float64Array.of(1, 2, 3)
    expect(call(whole.subarray(0, 2), whole.subarray(1))).toBe(NOT_TAKEN)
    expect(invoker.failure.code).toBe('IRIS4002')
    expect([...whole]).toEqual([1, 2, 3])
    expect(call(whole.subarray(0, 1), whole.subarray(1))).toBe(undefined)
    const view = views.alloc(Float64Array, 4)
    expect(call(view.subarray(0, 2), view.subarray(1))).toBe(NOT_TAKEN)
    const reading = await bench(run(`${TWO_ARRAYS} (result f64)`, '(f64.load (local.get 2))'), {
      inputs: [typedAt(0, { writes: false }), typedAt(1, { writes: false })],
      result: { kind: 'f64' },
    })
    expect(reading.call(whole, whole.subarray(2))).toBe(3)
  })

  it('refuses detached, resizable and foreign shared buffers with a reason', async () => {
    const { call, invoker } = await bench(run('(param i32 i32)', '(nop)'), { inputs: [typedAt(0)] })
    const detached = new Float64Array(4)
    structuredClone(detached, { transfer: [detached.buffer] })
    const resizable = new Float64Array(
      new (ArrayBuffer as new (n: number, o: object) => ArrayBuffer)(16, { maxByteLength: 32 }),
    )
    for (const array of [detached, resizable, new Float64Array(new SharedArrayBuffer(16))]) {
      expect(call(array)).toBe(NOT_TAKEN)
      expect(invoker.failure.code).toBe('IRIS4003')
    }
    expect(call(new Float64Array(0))).toBe(undefined)
  })

  it('undoes writes in place, and copies nothing back, when the call leaves', async () => {
    const body = run(TWO_ARRAYS, `${INCREMENT} (f64.store (local.get 0) (f64.const 9)) ${LEAVE}`)
    const { call, invoker, views } = await bench(body, {
      ...EXIT,
      exitsAfterEffect: true,
      inputs: [typedAt(0), typedAt(1)],
    })
    const inPlace = views.alloc(Float64Array, [1, 2])
    const copied = Float64Array.of(3, 4)
    expect(call(inPlace, copied)).toBe(ABANDONED)
    expect([...inPlace, ...copied]).toEqual([1, 2, 3, 4])
    expect(invoker.failure).toMatchObject({ code: 'IRIS4006', values: { reason: 'a test' } })
    expect(invoker.speculation).toBe('integer')
  })

  it('rebuilds the result from the input, a new array, or both', async () => {
    const slots = `(i32.store offset=${CONTEXT.slots} (global.get $context) (local.get 0)) (i32.store offset=${CONTEXT.slots + 4} (global.get $context) (i32.const 2))`
    const typed = await bench(run('(param i32 i32)', slots), {
      inputs: [typedAt(0)],
      result: { kind: 'typed', elem: 'f64', slot: 0 },
      slots: 1,
    })
    const array = Float64Array.of(1, 2, 3)
    const result = typed.call(array) as Float64Array
    expect([result instanceof Float64Array, ...result, result.buffer instanceof ArrayBuffer]).toEqual([
      true,
      1,
      2,
      true,
    ])
    const same = await bench(run('(param i32 i32)', '(nop)'), {
      inputs: [typedAt(0)],
      result: { kind: 'input', access: arg(0) },
    })
    expect(same.call(array)).toBe(array)
  })
})

describe('lists', () => {
  const DATA = '(i32.load (local.get 0))'
  it('copies plain arrays in and back, with their length', async () => {
    const body = run(
      '(param i32)',
      `(f64.store offset=8 ${DATA} (f64.const 7)) (i32.store offset=4 (local.get 0) (i32.const 2))`,
    )
    const { call } = await bench(body, { inputs: [listAt(0, { resizes: true })] })
    const array = [1, 2, 3]
    call(array)
    expect(array).toEqual([1, 7])
  })

  it('refuses holes, other kinds, subclasses and frozen arrays', async () => {
    const { call, invoker } = await bench(run('(param i32)', '(nop)'), { inputs: [listAt(0)] })
    expect(call([1, 'a'])).toBe(NOT_TAKEN)
    expect(invoker.failure.code).toBe('IRIS4007')
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    expect(call([1, , 2])).toBe(NOT_TAKEN)
    expect(call(new (class extends Array {})(1))).toBe(NOT_TAKEN)
    expect(call(Object.freeze([1]))).toBe(NOT_TAKEN)
    expect(call(new Proxy([1], {}))).toBe(NOT_TAKEN)
    expect(call([1])).toBe(undefined)
  })

  it('refuses one array under two names when it is written', async () => {
    const array = [1]
    const writing = await bench(run('(param i32 i32)', '(nop)'), { inputs: [listAt(0), listAt(1, { writes: false })] })
    expect(writing.call(array, array)).toBe(NOT_TAKEN)
    expect(writing.invoker.failure.code).toBe('IRIS4009')
    const reading = await bench(run('(param i32 i32)', '(nop)'), {
      inputs: [listAt(0, { writes: false }), listAt(1, { writes: false })],
    })
    expect(reading.call(array, array)).toBe(undefined)
  })

  it('refuses one array, or one object, that two inputs take for different kinds', async () => {
    const { call, invoker } = await bench(run('(param i32 i32)', '(nop)'), {
      inputs: [listAt(0, { element: 'box', writes: false }), listAt(1, { writes: false })],
    })
    const mixed = [1, null]
    expect(call(mixed, mixed)).toBe(NOT_TAKEN)
    expect(invoker.failure.code).toBe('IRIS4009')
    const records = await bench(run('(param i32 i32)', '(nop)'), {
      inputs: [
        listAt(0, { element: { record: ['x'] }, writes: false }),
        listAt(1, { element: { record: ['y'] }, writes: false }),
      ],
    })
    const [p, q] = [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ]
    expect(records.call([p], [p])).toBe(NOT_TAKEN)
    expect(records.invoker.failure.code).toBe('IRIS4009')
    expect(records.call([p], [q])).toBe(undefined)
  })

  it('refuses to write where assignments might do more, or less, than store', async () => {
    const rows = await bench(run('(param i32)', '(nop)'), { inputs: [listAt(0, { element: { list: 'f64' } })] })
    expect(rows.call([[1], Object.freeze([2])])).toBe(NOT_TAKEN)
    expect(rows.call([[1], Object.defineProperty([2], 'length', { writable: false })])).toBe(NOT_TAKEN)
    expect(rows.call([[1], [2]])).toBe(undefined)
  })

  it('copies nothing back when the result cannot be made', async () => {
    const slots = `(i32.store offset=${CONTEXT.slots + 4} (global.get $context) (i32.const -1))`
    const { call, invoker } = await bench(
      run(
        '(param i32 i32 i32)',
        `(f64.store (i32.load (local.get 0)) (f64.const 7)) (f64.store (local.get 1) (f64.const 8)) ${slots}`,
      ),
      { inputs: [listAt(0), typedAt(1)], result: { kind: 'typed', elem: 'f64', slot: 0 }, slots: 1 },
    )
    const [list, array] = [[1], Float64Array.of(2)]
    expect(() => call(list, array)).toThrow(RangeError)
    expect([...list, ...array]).toEqual([1, 2])
    expect(invoker.isDirty).toBe(false)
    const kept = await bench(run('(param i32 i32)', `(f64.store (local.get 0) (f64.const 8)) ${slots}`), {
      inputs: [typedAt(0)],
      exitsAfterEffect: true,
      result: { kind: 'typed', elem: 'f64', slot: 0 },
      slots: 1,
    })
    const inPlace = kept.views.alloc(Float64Array, [2])
    expect(() => kept.call(inPlace)).toThrow(RangeError)
    expect([...inPlace]).toEqual([2])
    expect(kept.invoker.isDirty).toBe(false)
  })

  it('carries undefined, null, booleans and numbers through boxes', async () => {
    const inputs = [listAt(0, { element: 'box', writes: false })]
    const { call } = await bench(
      run('(param i32)', `(i32.store offset=${CONTEXT.slots} (global.get $context) (local.get 0))`),
      {
        inputs,
        result: { kind: 'list', element: 'box', slot: 0 },
        slots: 1,
      },
    )
    const array = [undefined, null, true, false, Number.NaN, -0, 1.5]
    expect(call(array)).toBe(array)
    const copy = await bench(
      run('(param i32)', `(i64.store offset=${CONTEXT.slots} (global.get $context) (i64.load offset=16 ${DATA}))`),
      { inputs, result: { kind: 'box', slot: 0 }, slots: 1 },
    )
    expect(copy.call(array)).toBe(true)
    expect(copy.call([1, 2, Number.NaN])).toBeNaN()
    expect(copy.call([1, 2, undefined])).toBe(undefined)
  })

  it('passes nested arrays, and gives rows back by identity', async () => {
    // the first element of row 1 is written; the result is row 1
    const row = `(i32.load offset=4 ${DATA})`
    const body = run(
      '(param i32)',
      `(f64.store (i32.load ${row}) (f64.const 5)) (i32.store offset=${CONTEXT.slots} (global.get $context) ${row})`,
    )
    const { call } = await bench(body, {
      inputs: [listAt(0, { element: { list: 'f64' } as never })],
      result: { kind: 'list', element: 'f64', slot: 0 },
      slots: 1,
    })
    const matrix = [
      [1, 2],
      [3, 4],
    ]
    expect(call(matrix)).toBe(matrix[1])
    expect(matrix).toEqual([
      [1, 2],
      [5, 4],
    ])
    const row0 = [1]
    expect(call([row0, row0])).toBe(NOT_TAKEN)
  })
})

describe('objects', () => {
  const SUM = run('(param f64 f64) (result f64)', '(f64.add (local.get 0) (local.get 1))')
  const FIELDS: Partial<CallPlan> = { inputs: [numberAt(0, 'x'), numberAt(0, 'y')], result: { kind: 'f64' } }

  it('reads own and inherited fields', async () => {
    const { call } = await bench(SUM, FIELDS)
    expect(call({ x: 1, y: 2 })).toBe(3)
    expect(call(Object.create({ x: 1 }, { y: { value: 2 } }))).toBe(3)
    expect(call({ x: 1 })).toBe(NOT_TAKEN)
    expect(call(undefined)).toBe(NOT_TAKEN)
  })

  it('never invokes a getter or a trap', async () => {
    const { call, invoker } = await bench(SUM, FIELDS)
    let invoked = 0
    const count = (): number => ++invoked
    class Inherited {
      y = 1
      get x(): number {
        return count()
      }
    }
    const hostile = [
      {
        get x() {
          return count()
        },
        y: 1,
      },
      new Inherited(),
      new Proxy(
        { x: 1, y: 2 },
        { get: count, getOwnPropertyDescriptor: () => void count(), getPrototypeOf: () => (count() ? null : null) },
      ),
      Object.create(new Proxy({}, { get: count, getOwnPropertyDescriptor: () => void count() })),
    ]
    for (const object of hostile) {
      expect(call(object)).toBe(NOT_TAKEN)
      expect(invoker.failure.code).toBe('IRIS4005')
    }
    expect(invoked).toBe(0)
  })

  it('writes fields back after success only, and refuses where that is no plain store', async () => {
    const writeBacks = [{ access: arg(0, 'x'), value: { kind: 'f64' as const } }]
    const { call, invoker } = await bench(SUM, { ...FIELDS, result: { kind: 'void' }, writeBacks })
    const object = { x: 1, y: 2 }
    call(object)
    expect(object.x).toBe(3)
    expect(call(Object.freeze({ x: 1, y: 2 }))).toBe(NOT_TAKEN)
    expect(invoker.failure.code).toBe('IRIS4005')
    const leaving = await bench(run('(param f64 f64) (result f64)', LEAVE), { ...FIELDS, ...EXIT, writeBacks })
    expect(leaving.call(object)).toBe(ABANDONED)
    expect(object.x).toBe(3)
  })

  it('takes `this`, captured values, and checks identity', async () => {
    const table = { x: 4 }
    const inputs: CallPlan['inputs'] = [
      { kind: 'number', access: { root: { this: true }, path: ['y'] }, param: true },
      { kind: 'number', access: { root: { func: 0, free: 'table' }, path: ['x'] }, param: true },
      { kind: 'same', access: arg(0), param: false, other: arg(1), same: false },
    ]
    const captured: Captured = {
      free: (func, name) => (func === 0 && name === 'table' ? table : undefined),
      func: () => undefined,
      isPristine: () => false,
    }
    const { callOn } = await bench(SUM, { inputs, result: { kind: 'f64' } }, captured)
    expect(callOn({ y: 1 }, 1, 2)).toBe(5)
    table.x = 10
    expect(callOn({ y: 1 }, 1, 2)).toBe(11)
    expect(callOn({ y: 1 }, 1, 1)).toBe(NOT_TAKEN)
  })

  it('builds objects, tuples and choices', async () => {
    const at = CONTEXT.slots
    const body = run(
      '(param f64)',
      `(f64.store offset=${at} (global.get $context) (local.get 0)) (i32.store offset=${at + 8} (global.get $context) (f64.gt (local.get 0) (f64.const 0)))`,
    )
    const x = { kind: 'slot', as: 'f64', slot: 0 } as const
    const options = [
      { kind: 'constant', value: null } as const,
      {
        kind: 'object',
        fields: [
          ['x', x],
          ['pair', { kind: 'tuple', items: [x, { kind: 'slot', as: 'bool', slot: 1 }] }],
        ],
      } as const,
    ]
    const { call } = await bench(body, {
      inputs: [numberAt(0)],
      result: { kind: 'choice', slot: 1, options },
      slots: 2,
    })
    expect(call(2)).toEqual({ x: 2, pair: [2, true] })
    expect(call(-2)).toBe(null)
  })
})

describe('the run', () => {
  it('repeats with a larger arena until it suffices, and undoes each attempt', async () => {
    // wants 1 MB: leaves with the arena status as long as there is less
    const body = run(
      '(param i32 i32) (result i32)',
      `(f64.store (local.get 0) (f64.add (f64.load (local.get 0)) (f64.const 1)))
       (if (i32.lt_s (i32.sub (i32.load offset=${CONTEXT.arenaEnd} (global.get $context)) (i32.load offset=${CONTEXT.arenaTop} (global.get $context))) (i32.const 1000000))
         (then (i32.store (global.get $context) (i32.const ${STATUS_ARENA})) (unreachable)))
       (i32.const 1)`,
    )
    const { call, views } = await bench(body, { inputs: [typedAt(0)], usesArena: true, result: { kind: 'bool' } })
    const inPlace = views.alloc(Float64Array, [1])
    expect(call(inPlace)).toBe(true)
    expect(inPlace[0]).toBe(2)
  })

  it('abandons the call when memory is full', async () => {
    const body = run('(param i32 i32)', `(i32.store (global.get $context) (i32.const ${STATUS_ARENA})) (unreachable)`)
    const { call, invoker } = await bench(body, { inputs: [typedAt(0)], usesArena: true })
    expect(call(new Float64Array(1))).toBe(ABANDONED)
    expect(invoker.failure.code).toBe('IRIS5001')
    expect(call(new Float64Array(4 << 20))).toBe(ABANDONED)
  })

  it('takes an exhausted stack for an exit, unless effects may remain', async () => {
    const body = '(func $f (export "run") (param i32 i32) (call $f (local.get 0) (local.get 1)))'
    const clean = await bench(body, { inputs: [typedAt(0)] })
    expect(clean.call(new Float64Array(1))).toBe(ABANDONED)
    expect(clean.invoker.failure.code).toBe('IRIS4006')
    expect(() => clean.call(clean.views.alloc(Float64Array, 1))).toThrow(RangeError)
  })

  it('lets a defect surface, and puts the arguments back first', async () => {
    const body = run('(param i32 i32)', '(f64.store (local.get 0) (f64.const 9)) (unreachable)')
    const { call, invoker, views } = await bench(body, { inputs: [typedAt(0)], exitsAfterEffect: true })
    const view = views.alloc(Float64Array, [1])
    expect(() => call(view)).toThrow(/trapped/)
    expect(invoker.isDirty).toBe(false)
    expect(view[0]).toBe(1)
  })

  it('does not nest', async () => {
    const memory = newMemory()
    const context = new ThreadContext(memory)
    expect([context.enter(), context.enter()]).toEqual([true, false])
    context.leave()
    expect(context.enter()).toBe(true)
  })
})

describe('replaced built-ins', () => {
  const sin = Math.sin
  afterEach(() => {
    Math.sin = sin
  })
  it('are a miss while they are replaced', async () => {
    const body =
      '(import "host" "Math.sin" (func $sin (param f64) (result f64)))' +
      run('(param f64) (result f64)', '(call $sin (local.get 0))')
    const { call, invoker } = await bench(body, { inputs: [numberAt(0)], result: { kind: 'f64' }, hosts: ['Math.sin'] })
    expect(call(1)).toBe(Math.sin(1))
    Math.sin = () => 0
    expect(call(1)).toBe(NOT_TAKEN)
    expect(invoker.failure.code).toBe('IRIS2007')
  })
})

it('boxes agree with the table of the compiler', () => {
  expect(Number(BOX.undefined >> 32n)).toBe(0xfff90000)
})
