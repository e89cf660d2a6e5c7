import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as b from '../../compiler/ir/build.ts'
import type { Module } from '../../compiler/ir/ir.ts'
import { printModule, readModule, TextError } from '../../compiler/ir/text.ts'
import { modules } from './arbitrary.ts'

const returning = (value: ReturnType<typeof b.i32>): Module => ({
  funcs: [b.func('entry', [], [], value.type, [b.ret(value)])],
  entry: 'entry',
  exits: [],
  slots: 0,
})

describe('text form', () => {
  test('any module is read back as it was', () => {
    fc.assert(
      fc.property(modules(), module => {
        expect(readModule(printModule(module))).toEqual(module)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    b.f64(-0),
    b.f64(0),
    b.f64(Number.NaN),
    b.f64(Number.NEGATIVE_INFINITY),
    b.f64(5e-324),
    b.f64(1e21),
    b.f64(0.1 + 0.2),
    b.f32(0.1),
    b.f32(Number.POSITIVE_INFINITY),
    b.i32(-(2 ** 31)),
    b.i64(-(2n ** 63n)),
    b.UNDEFINED,
    b.NULL,
    b.box(0x8000_0000_0000_0000n),
    b.box(0x7ff8_0000_0000_0000n),
    b.box(0xfff9_0000_0000_0009n),
  ])('the constant $value:$type is exact', constant => {
    const module = returning(constant)
    const [stmt] = readModule(printModule(module)).funcs[0]?.body ?? []
    expect(stmt).toStrictEqual(b.ret(constant))
  })

  test('spans, exits and odd names survive', () => {
    const span = { source: 1, start: 2, end: 30 }
    const module: Module = {
      funcs: [
        b.func('my func', [{ name: 'a b', type: 'arr.f64', group: 3 }], [{ name: 'é', type: 'i32' }], 'void', [
          { kind: 'set', local: 1, value: b.len(0), span },
          { kind: 'loop', label: 'a:b', body: [b.leave('a:b')], span },
          b.ret(),
          b.exit(0),
        ]),
      ],
      entry: 'my func',
      exits: [{ reason: 'a "quoted"\nreason', speculation: 'n is an integer', span }],
      slots: 4,
    }
    const read = readModule(printModule(module, { spans: true }))
    expect(read.funcs[0]?.body).toEqual(module.funcs[0]?.body)
    expect(read.exits).toEqual(module.exits)
    expect(read.funcs[0]?.locals.map(local => local.name)).toEqual(['a_b', 'é'])
    expect(printModule(read, { spans: true })).toBe(printModule(module, { spans: true }))
  })

  test('locals of one name are told apart', () => {
    const same = { name: 'x', type: 'f64' } as const
    const module: Module = {
      ...returning(b.f64(1)),
      funcs: [b.func('entry', [same], [same], 'f64', [b.ret(b.get(1, 'f64'))])],
    }
    expect(printModule(module)).toContain('return %x.1')
    expect(readModule(printModule(module)).funcs[0]?.body).toEqual(module.funcs[0]?.body)
  })

  test.each([
    ['module m slots 0\nfunc m() -> f64 {\n  return (f64.plus 1.0 2.0)\n}', 'line 3: unknown expression f64.plus'],
    ['module m slots 0\nfunc m() -> f64 {\n  return %x\n}', 'line 3: unknown local %x'],
    ['module m slots 0\nfunc m() -> f64 {\n  return 1.5g\n}', 'line 3: no constant: 1.5g'],
    ['module m slots 0\nfunc m() -> f65 {\n}', 'line 2: unknown type f65'],
    ['module m slots 0\nfunc m() -> void {\n', 'line 2: the text ends too early'],
  ])('a mistake is named with its line: %#', (text, message) => {
    expect(() => readModule(text)).toThrow(new TextError(message.replace(/^line \d+: /, ''), Number(message[5])))
  })
})
