import { describe, expect, it } from 'vitest'
import type { AnyNode } from '../../compiler/source/ast.ts'
import { memberNames } from '../../compiler/source/member-names.ts'
import { parseFunction, readFunction } from '../../compiler/source/parse.ts'
import { type Binding, resolveScopes } from '../../compiler/source/scope.ts'
import { walk } from '../../compiler/source/walk.ts'

/** Text of a tree as far as these tests need it: node types and names in order. */
function outline(root: AnyNode): string {
  const words: string[] = []
  walk(root, node => {
    if (node.type === 'Identifier') words.push(node.name)
    else if (node.type === 'Literal') words.push(String(node.value))
    else if (node.type === 'UnaryExpression') words.push(node.operator)
    return undefined
  })
  return words.join(' ')
}

const read = (text: string): string => outline(readFunction(text, 0))

describe('types are taken away', () => {
  it.each([
    ['annotations', 'function f(a: number, b?: Float64Array): number { const c: number = a; return c }', 'f a b c a c'],
    ['as, satisfies and !', 'function f(a: unknown) { return (a as number) + (a satisfies number) + a! }', 'f a a a a'],
    ['angle brackets', 'function f(a: unknown) { return <number>a }', 'f a a'],
    ['generics', 'function f<T extends number>(a: T): T { return g<T>(a) }', 'f a g a'],
    ['this parameters', 'function f(this: Vector, a: number) { return a }', 'f a a'],
    ['arrows', '(a: number): number => a', 'a a'],
    ['methods', 'norm(a: number): number { return a }', 'a a'],
    ['local enums', 'function f(a: number) { enum E { A, B = 5, C, D = -1 } return a + E.C + E["D"] }', 'f a a 6 -1'],
    [
      'local types',
      'function f(a: number) { type T = number; interface I { b: T } const c: T = a; return c }',
      'f a c a c',
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it('an enum whose members are computed is refused', () => {
    expect(() => readFunction('function f(a: number) { enum E { A = g() } return E.A }', 0)).toThrow(/IRIS2001/)
  })
})

describe('tools leave no trace', () => {
  it.each([
    ['esbuild names', 'function f() { const g = __name(x => x, "g"); __name(g, "h"); return g(1) }', 'f g x x g 1'],
    ['detached calls', 'x => (0, lib.f)(x) + (0, g)(x) + Object(lib.f)(x)', 'x lib f x g x lib f x'],
    ['detached values', 'x => (0, lib.K)', 'x lib K'],
    [
      'istanbul counters',
      'function f(a = (cov_1a().b[0][0]++, 1)) { cov_1a().f[0]++; cov_1a().s[0]++; if (a) { cov_1a().b[1][0]++; return (cov_1a().s[2]++, a) } else { cov_1a().b[1][1]++ } }',
      'f a 1 a a',
    ],
    ['older istanbul counters', "x => { __cov_a.s['3']++; cov_a.s[3]++; return x }", 'x x'],
    [
      'counters in loops',
      'n => { for (cov_1a().s[0]++, i = 0; i < n; cov_1a().s[1]++, i++) cov_1a().s[2]++ }',
      'n i 0 i n i',
    ],
    ['minified booleans', 'x => x ? !0 : !1', 'x x true false'],
    ['typeof helpers', 'x => _typeof(x) === "number"', 'x typeof x number'],
    [
      'destructuring helpers',
      'p => { var _q = _slicedToArray(p, 2), r = (0, h._)(p, 2), _s = _sliced_to_array._(p, 2), x = _q[0], y = _s[1] }',
      'p _q p r h _ p 2 _s p x _q 0 y _s 1',
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it('but what people write stays', () => {
    const text = 'x => { cov_x(); cov_x().t[1]++; a.s[3]++; !2; return (1, x) }'
    expect(read(text)).toBe('x cov_x cov_x t 1 a s 3 ! 2 x')
  })

  it('a detached call knows that it is one', () => {
    const calls: unknown[] = []
    walk(readFunction('x => (0, lib.f)(x) + lib.g(x)', 0), node => {
      if (node.type === 'CallExpression') calls.push(node.detached)
      return undefined
    })
    expect(calls).toEqual([true, undefined])
  })
})

describe('scopes', () => {
  function bindings(text: string): Record<string, Binding> {
    const { bindingOf } = resolveScopes(parseFunction(text, 0))
    return Object.fromEntries([...bindingOf.values()].map(binding => [binding.name, binding]))
  }

  it('tell the kind of each variable', () => {
    const found = bindings(
      'function f(p) { var v = 1; let l = 2; const c = 3; function g() {} try {} catch (e) { e } return arguments + free }',
    )
    const kinds = Object.fromEntries(Object.values(found).map(({ name, kind }) => [name, kind]))
    expect(kinds).toEqual({
      p: 'param',
      v: 'var',
      l: 'let',
      c: 'const',
      g: 'function',
      e: 'catch',
      arguments: 'arguments',
      free: 'free',
    })
  })

  it('count writes besides the initialiser', () => {
    const found = bindings(
      '(p) => { let a = 1; let b; b = 2; b = 3; var c = 1; var c = 2; p++; for (const d of p) { var e = d } ; [f] = p }',
    )
    const counts = Object.fromEntries(
      Object.values(found).map(({ name, assignments, rewrites }) => [name, [assignments, rewrites]]),
    )
    expect(counts).toEqual({ a: [0, 0], b: [2, 1], c: [1, 1], d: [0, 0], e: [1, 1], p: [1, 1], f: [1, 1] })
  })

  it('see what inner functions capture', () => {
    const found = bindings('(a, b) => { const g = () => a; return g() + b }')
    expect([found.a!.capturedByInner, found.b!.capturedByInner]).toEqual([true, false])
  })

  it('keep default values apart from the body', () => {
    const info = resolveScopes(parseFunction('function f(a = y) { var y = 1; return a + y }', 0))
    expect([...info.free.keys()]).toEqual(['y'])
    expect(() => resolveScopes(parseFunction('function f(a, g = () => a) { var a = 1; return g() }', 0))).toThrow(
      /IRIS2001/,
    )
  })

  it('know this and arguments, through arrows', () => {
    const flags = (text: string): boolean[] => {
      const { usesThis, usesArguments } = resolveScopes(parseFunction(text, 0))
      return [usesThis, usesArguments]
    }
    expect(flags('function f() { return () => this.x + arguments.length }')).toEqual([true, true])
    expect(flags('function f() { return function () { return this.x + arguments.length } }')).toEqual([false, false])
    expect(flags('() => this')).toEqual([true, false])
  })

  it('give the own name of the kernel to the surroundings', () => {
    expect([...resolveScopes(parseFunction('function f(n) { return f(n - 1) }', 0)).free.keys()]).toEqual(['f'])
    expect([...resolveScopes(parseFunction('n => (function g(m) { return g(m) })(n)', 0)).free.keys()]).toEqual([])
  })
})

it('member names are those that the text mentions', () => {
  const names = memberNames(
    parseFunction("({ a, b: { c } }) => a.d + a['e'] + a[f] + a?.g + ('h' in a) + a[`i`] + a[0]", 0),
  )
  expect([...names].sort()).toEqual(['0', 'a', 'b', 'c', 'd', 'e', 'g', 'h', 'i'])
})
