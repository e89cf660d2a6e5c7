import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasesOf } from '../../compiler/ir/alias.ts'
import * as b from '../../compiler/ir/build.ts'
import { neverEnds } from '../../compiler/ir/control.ts'
import { equalExpr, exprKey } from '../../compiler/ir/equal.ts'
import type { Expr, Module } from '../../compiler/ir/ir.ts'
import { renameLabels, renameLocals } from '../../compiler/ir/rename.ts'
import { localsSet, localsUsed, mapAllExprs, substitute, visitAllExprs } from '../../compiler/ir/rewrite.ts'
import { openScope, uniqueNames } from '../../compiler/ir/scope.ts'
import { readModule } from '../../compiler/ir/text.ts'
import { modules } from './arbitrary.ts'

const bodies = (module: Module) => module.funcs.map(func => func.body)

describe('traversal', () => {
  test('maps that change nothing give the same object', () => {
    fc.assert(
      fc.property(modules(), module => {
        for (const body of bodies(module)) {
          expect(mapAllExprs(body, expr => expr)).toBe(body)
          expect(renameLabels(body, label => label)).toBe(body)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('renaming there and back gives an equal body, and reaches every local', () => {
    fc.assert(
      fc.property(modules(), module => {
        for (const body of bodies(module)) {
          const moved = renameLocals(body, local => local + 1000)
          for (const local of [...localsSet(moved), ...localsUsed(moved)]) expect(local).toBeGreaterThanOrEqual(1000)
          expect(renameLocals(moved, local => local - 1000)).toEqual(body)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('keys and equality agree', () => {
    fc.assert(
      fc.property(modules(), module => {
        const byKey = new Map<string, Expr>()
        for (const body of bodies(module)) {
          visitAllExprs(body, expr => {
            const key = exprKey(expr)
            const known = byKey.get(key)
            if (known) expect(equalExpr(known, structuredClone(expr))).toBe(true)
            else for (const other of [...byKey.values()].slice(-5)) expect(equalExpr(other, expr)).toBe(false)
            byKey.set(key, expr)
          })
        }
      }),
      { numRuns: 50 },
    )
    expect(equalExpr(b.f64(0), b.f64(-0))).toBe(false)
    expect(equalExpr(b.f64(Number.NaN), b.f64(Number.NaN))).toBe(true)
    expect(exprKey(b.i32(1))).not.toBe(exprKey(b.f64(1)))
  })

  test('substitution replaces gets and leaves accesses', () => {
    const x = b.get(0, 'i32')
    const expr = b.op('i32.add', x, b.load('i32', 1, x))
    expect(substitute(expr, local => (local === 0 ? b.i32(5) : undefined))).toEqual(
      b.op('i32.add', b.i32(5), b.load('i32', 1, b.i32(5))),
    )
  })

  test('new names are unique', () => {
    const unique = uniqueNames(['x', 'x.1'])
    expect([unique('x'), unique('x.1'), unique('y'), unique('y')]).toEqual(['x.2', 'x.3', 'y', 'y.1'])
    const scope = openScope(b.func('f', [{ name: 'x', type: 'f64' }], [], 'void', [b.block('out', b.leave('out'))]))
    expect(scope.label('out')).toBe('out.1')
    expect(scope.local('x', 'i32')).toBe(1)
    expect(scope.finish([]).locals).toEqual([
      { name: 'x', type: 'f64' },
      { name: 'x.1', type: 'i32' },
    ])
  })

  test('control that never falls off the end', () => {
    const x = b.get(0, 'i32')
    expect(neverEnds([b.when(x, [b.ret()], [b.exit(0)])])).toBe(true)
    expect(neverEnds([b.when(x, [b.ret()])])).toBe(false)
    expect(neverEnds([b.loop('l', b.set(0, x))])).toBe(true)
    expect(neverEnds([b.loop('l', b.when(x, [b.leave('l')]))])).toBe(false)
    expect(neverEnds([b.block('b', b.when(x, [b.leave('b')]), b.ret())])).toBe(false)
  })
})

describe('aliases', () => {
  const classes = (text: string): (string | number)[][] => {
    const module = readModule(`module main slots 0\n${text}`)
    const func = module.funcs.at(-1)!
    const { classOf } = aliasesOf(module, func)
    const groups = new Map<number, string[]>()
    for (const [id, local] of func.locals.entries()) {
      if (local.type.includes('.')) groups.set(classOf(id), [...(groups.get(classOf(id)) ?? []), local.name])
    }
    return [...groups.values()]
  }

  test('groups of the entry, views, copies, elements of lists and calls', () => {
    expect(
      classes(`func f(%x: arr.f64, %y: arr.f64) -> void {
      }
      func main(%a: arr.f64 group 1, %b: arr.f64 group 1, %c: arr.f64 group 2, %d: arr.f64, %l: list.arr.f64) -> void {
        local %v: arr.f64
        local %w: arr.f64
        local %n: arr.f64
        local %e: arr.f64
        local %s: arr.f64
        local %t: arr.f64
        %v = (subarray %c 0 1)
        %w = %v
        %n = newarray.f64 3
        listpush %l %d
        %e = (listget %l 0)
        %s = newarray.f64 3
        %t = newarray.f64 3
        call f(%s, %t)
      }`),
    ).toEqual([['a', 'b'], ['c', 'v', 'w'], ['d', 'l', 'e'], ['n'], ['s', 't']])
  })

  test('of parameters of other functions nothing is known', () => {
    const text = 'func main() -> void {\n}\nfunc f(%a: arr.f64 group 1, %b: arr.i32 group 2) -> void {\n}'
    expect(classes(text)).toEqual([['a', 'b']])
  })
})
