import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvariantError } from '../../base/invariant.ts'
import * as b from '../../compiler/ir/build.ts'
import type { Expr, Module, Stmt } from '../../compiler/ir/ir.ts'
import { verify, verifyOrThrow } from '../../compiler/ir/verify.ts'
import { modules } from './arbitrary.ts'

const LOCALS = [
  { name: 'n', type: 'i32' },
  { name: 'x', type: 'f64' },
  { name: 'a', type: 'arr.f64' },
  { name: 'l', type: 'list.f64' },
  { name: 'c', type: 'arr.i32' },
] as const
const n = b.get(0, 'i32')
const x = b.get(1, 'f64')

const module = (...body: readonly Stmt[]): Module => ({
  funcs: [
    b.func('helper', [{ name: 'x', type: 'f64' }], [], 'void', []),
    b.func('entry', LOCALS, [], 'f64', [...body, b.ret(b.f64(0))]),
  ],
  entry: 'entry',
  exits: [{ reason: 'none' }],
  slots: 1,
})

const messages = (made: Module, stage: 'lowered' | 'optimised' = 'optimised'): string[] =>
  verify(made, stage).map(({ func, path, message }) => `${func} ${path}: ${message}`)

describe('verifier', () => {
  test('random modules are valid', () => {
    fc.assert(
      fc.property(modules(), made => {
        expect(messages(made)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  const wrongExprs: [string, Expr, string][] = [
    ['operand', b.op('f64.add', x, n), '.args[1]: f64 is wanted, this is i32'],
    ['arity', b.op('f64.neg', x, x), ': f64.neg takes 1 operands, not 2'],
    ['result', { kind: 'op', type: 'f64', op: 'f64.lt', args: [x, x] }, ': f64.lt gives i32, not f64'],
    ['unknown operator', { ...b.op('f64.neg', x), op: 'f64.nope' } as never, ': unknown operator f64.nope'],
    ['local type', b.get(0, 'f64'), ': local 0 is i32, not f64'],
    ['missing local', b.get(9, 'f64'), ': local 9 does not exist'],
    ['element', b.load('f64', 4, n), ': loads f64 from arr.i32'],
    ['no array', b.load('f64', 1, n), ': local 1 is f64, not an array'],
    ['index type', b.load('f64', 2, x), '.index: i32 is wanted, this is f64'],
    ['no list', b.listget('list.f64', 2, n), ': local 2 is arr.f64, not a list'],
    ['arms', b.cond(n, x, n), '.else: f64 is wanted, this is i32'],
    ['test', b.cond(x, x, x), '.test: i32 is wanted, this is f64'],
    ['host', b.host('Math.sin', x, x), ': Math.sin takes 1, not 2'],
    ['unknown host', b.host('Math.nope'), ': Math.nope takes no such function, not 0'],
    ['constant', { kind: 'const', type: 'f64', value: 1n }, ': 1 is no f64'],
  ]
  test.each(wrongExprs)('%s', (_, expr, message) => {
    expect(messages(module(b.set(1, expr)))).toContain(`entry body[0].set[0]${message}`)
  })

  test.each([
    [{ kind: 'const', type: 'i32', value: 2 ** 31 }, 'i32'],
    [{ kind: 'const', type: 'i32', value: -0 }, 'i32'],
    [{ kind: 'const', type: 'f32', value: 0.1 }, 'f32'],
    [{ kind: 'const', type: 'i64', value: 2n ** 63n }, 'i64'],
    [{ kind: 'const', type: 'box', value: -1n }, 'box'],
  ] as [Expr, string][])('a constant out of range: %o', (constant, type) => {
    const made = module(b.when(b.op('i32.eqz', n), [{ kind: 'result', slot: 0, value: constant }]))
    expect(messages(made)).toEqual([
      `entry body[0].then[0].result[0]: ${String((constant as { value: number }).value)} is no ${type}`,
    ])
  })

  const wrongStmts: [string, Stmt, string][] = [
    ['set', b.set(1, n), 'body[0].set[0]: f64 is wanted, this is i32'],
    ['store', b.store('f64', 4, n, x), 'body[0]: stores f64 to arr.i32'],
    ['stored value', b.store('i32', 4, n, x), 'body[0].store[1]: i32 is wanted, this is f64'],
    ['break', b.leave('nowhere'), 'body[0]: break to the unknown label nowhere'],
    ['continue', b.block('out', b.again('out')), 'body[0].body[0]: continue to out, which is no loop around it'],
    ['label', b.block('out', b.block('out')), 'body[0].body[0]: the label out hides another'],
    ['counter', b.counted('f', 0, n, n, 1, [b.set(0, n)]), 'body[0].body[0]: sets the counter of a loop, local 0'],
    ['step', b.counted('f', 0, n, n, 0, []), 'body[0]: the step is 0'],
    ['exit', b.exit(1), 'body[0]: exit 1 does not exist'],
    ['slot', { kind: 'result', slot: 1, value: x }, 'body[0]: slot 1 of 1'],
    ['return', b.ret(), 'body[0]: returns not what the function gives: f64'],
    ['return type', b.ret(n), 'body[0].return[0]: f64 is wanted, this is i32'],
    ['callee', b.call('nobody', []), 'body[0]: no function nobody'],
    ['arguments', b.call('helper', []), 'body[0]: helper takes 1 arguments, not 0'],
    ['argument', b.call('helper', [n]), 'body[0].call[0]: f64 is wanted, this is i32'],
    ['void result', b.call('helper', [x], 1), 'body[0]: helper has no result'],
    ['host call', { kind: 'hostcall', name: 'Math.sin', args: [x] }, 'body[0]: Math.sin takes no such function, not 1'],
    ['primitive', { kind: 'primitive', name: 'vectors.nope', args: [] }, 'body[0]: no primitive vectors.nope'],
    [
      'array of a primitive',
      { kind: 'primitive', name: 'vectors.sum_f64', args: [x, n] },
      'body[0]: argument 0 of vectors.sum_f64 is no array',
    ],
    [
      'result of a primitive',
      { kind: 'primitive', name: 'vectors.sum_f64', args: [b.get(2, 'arr.f64'), n], result: 0 },
      'body[0]: local 0 is i32, not f64',
    ],
    ['new array', { kind: 'newarray', local: 2, elem: 'i32', length: n }, 'body[0]: local 2 is arr.f64, not arr.i32'],
    ['pushed value', { kind: 'listpush', list: 3, value: n }, 'body[0].listpush[0]: f64 is wanted, this is i32'],
    [
      'copy',
      { kind: 'copy', target: 2, targetIndex: n, source: 4, sourceIndex: n, count: n },
      'body[0]: copies arr.i32 to arr.f64',
    ],
  ]
  test.each(wrongStmts)('%s', (_, stmt, message) => {
    expect(messages(module(stmt))).toContain(`entry ${message}`)
  })

  test('counted loops do not exist in lowered modules', () => {
    const made = module(b.counted('f', 0, n, n, 1, []))
    expect(messages(made)).toEqual([])
    expect(messages(made, 'lowered')).toEqual(['entry body[0]: counted loops do not exist at this stage'])
  })

  test('a function must end with its result', () => {
    const made = { ...module(), funcs: [b.func('entry', [], [], 'f64', [])] }
    expect(messages(made)).toEqual(['entry body: the function ends without its result of type f64'])
    const forever = { ...made, funcs: [b.func('entry', [], [], 'f64', [b.loop('top')])] }
    expect(messages(forever)).toEqual([])
  })

  test('the signature of an entry is what a host can pass', () => {
    const made = { ...module(), funcs: [b.func('entry', [{ name: 'z', type: 'box' }], [], 'i64', [b.ret(b.i64(0n))])] }
    expect(messages(made)).toEqual(['entry : an entry cannot return i64', 'entry : an entry cannot take %z: box'])
    expect(messages({ ...made, funcs: [] })).toEqual(['module : the entry entry does not exist'])
  })

  test('verifyOrThrow names the pass, the function and the path', () => {
    expect(() => verifyOrThrow(module(b.set(1, n)), 'optimised', 'fold')).toThrow(InvariantError)
    expect(() => verifyOrThrow(module(b.set(1, n)), 'optimised', 'fold')).toThrow(
      /after fold\n {2}entry body\[0\]\.set\[0\]/,
    )
    verifyOrThrow(module(), 'lowered')
  })
})
